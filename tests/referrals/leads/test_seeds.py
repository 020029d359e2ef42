"""Seeds of routing: nobody foresees them, but the demo is told twice alike."""

import random
from typing import Any

from core.database import session
from referrals.models import RoutingDecision
from referrals.operations.routing.seeds import MOST, fresh_seed, seeds_from
from tests.referrals.leads.cast import a_lead


def test_a_story_told_twice_draws_the_same_seeds() -> None:
    told = []
    for _time in range(2):
        with seeds_from(random.Random(7)):
            told.append([fresh_seed() for _lead in range(3)])
    assert told[0] == told[1] and len(set(told[0])) == 3
    assert all(0 <= seed < MOST for seed in told[0])
    assert [fresh_seed() for _lead in range(3)] != told[0], "outside they are nobody's to know"


def test_a_decision_keeps_the_seed_it_was_made_with(acme: Any) -> None:
    with seeds_from(random.Random(7)):
        wanted = fresh_seed()
    with seeds_from(random.Random(7)):
        a_lead("Globex")
    assert session.query(RoutingDecision).one().seed == wanted
