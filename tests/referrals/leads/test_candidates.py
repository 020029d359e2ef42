"""The filters asked in SQL and the rules asked one partner at a time give one and the same decision."""

from dataclasses import replace
from random import Random

import pytest

from accounts.permissions import Role
from core.database import session
from partners.operations import pause_partner, suspend_partner
from referrals.models import DeclineReason, LeadStatus
from referrals.operations import decline_offer
from referrals.operations.routing import (
    lead_facts,
    network_facts,
    overrides_for,
    policy_for,
    policy_in_force,
    ranking_of,
    read_policy,
    rows_of,
)
from referrals.queries.decisions import answers_to, chosen_by, latest_decision
from referrals.queries.pool import pool_visible_to
from referrals.routing import SizeBand, route
from tests.academy.cast import a_certificate, a_course
from tests.cast import a_member, a_partner
from tests.referrals.leads.cast import a_lead, a_pooled_lead, make_product, the_offer

COUNTRIES, LANGUAGES = ("DE", "AT", "FR"), ("de", "en", "fr")
PLACES = ("DE", "AT", "DE-HH", "DE-NI", "FR-IDF", "AT-9")
SERVICES = ("training", "support", "integration")


@pytest.fixture
def network(programme):
    """Thirty firms that differ in everything filters and scores ask."""
    chance = Random(5)
    make_product("cloud")
    course = a_course("cloud-course", products=("cloud",))
    firms = []
    for number in range(30):
        firm = a_partner(
            f"Firm{number}",
            country=chance.choice(COUNTRIES),
            tier=chance.choice(("registered", "silver", "gold")),
            regions=chance.sample(PLACES, chance.randrange(3)),
            languages=chance.sample(LANGUAGES, chance.randrange(3)),
            services=chance.sample(SERVICES, chance.randrange(4)),
            products=["cloud"] if chance.random() < 0.5 else [],
            industries=["logistics"] if chance.random() < 0.5 else [],
            city=chance.choice(("Hamburg", "Berlin", "")),
        )
        firm.open_lead_cap = chance.randrange(1, 4)
        firm.daily_lead_cap = chance.randrange(1, 4)
        firms.append(firm)
        if chance.random() < 0.5:
            a_certificate(a_member(firm, "Cora", Role.ENGINEER), course)
    for firm in firms[:3]:
        pause_partner(firm, by=None)
    suspend_partner(firms[3], reason="Debts", by=None)
    return firms


def the_same_by_the_rules(lead):
    """The decision about ``lead`` by the pure rules over every partner, before the lead was given to anybody."""
    policy, queues = read_policy(policy_in_force())
    declined, lapsed = answers_to(lead)
    everybody = [
        replace(
            facts, has_declined=int(facts.partner_id) in declined, has_lapsed=int(facts.partner_id) in lapsed
        )
        for facts in network_facts()
    ]
    return route(lead_facts(lead), everybody, policy_for(lead, policy, queues), 1, overrides_for(lead))


LEADS = [
    {},
    {"language": "de", "region": "DE-HH", "city": "Hamburg"},
    {"country": "FR", "region": "FR-ARA"},
    {"country": None, "products": ("cloud",)},
    {"products": ("cloud",), "services": ("training", "support"), "industry": "logistics"},
    {"employees": 5000, "language": "en"},
    {"country": "AT", "services": ("integration",)},
]


@pytest.mark.parametrize("about", LEADS)
def test_who_passes_who_does_not_and_every_figure_are_the_same(network, about, monkeypatch):
    for number in range(6):
        a_lead(f"Before{number}", country=COUNTRIES[number % 3])
    expected = []
    from referrals.operations import intake

    monkeypatch.setattr(
        intake,
        "route_lead",
        lambda lead, by: (expected.append(the_same_by_the_rules(lead)), original(lead, by=by, seed=1)),
    )
    from referrals.operations.routing import route_lead as original

    lead = a_lead("Globex", **about)
    found = {row.partner_id: row for row in rows_of(latest_decision(lead))}
    [decision] = expected
    assert found.keys() == {row.partner_id for row in decision.candidates}
    for row in decision.candidates:
        mine = found[row.partner_id]
        assert (mine.eligible, mine.rank, mine.points, mine.chosen) == (
            row.eligible, row.rank, row.points, row.chosen,
        )  # fmt: skip
        assert mine.filtered_by == row.filtered_by
        assert [(one.factor, one.value, one.params) for one in mine.factors] == [
            (one.factor, one.value, one.params) for one in row.factors
        ]


def test_who_declined_is_out_for_that_and_the_table_says_so(acme, ada, rival):
    lead = a_lead()
    decline_offer(the_offer(lead), reason=DeclineReason.NO_CAPACITY, by=ada)
    rows = {row.partner_id: row for row in rows_of(latest_decision(lead))}
    assert [entry.filter.value for entry in rows[str(acme.id)].filtered_by] == ["declined"]
    assert rows[str(rival.id)].chosen


def test_a_partner_named_by_the_sender_goes_past_its_filters_and_is_not_among_the_left_out(acme, rival):
    far = a_partner("Tokyo Trading", country="JP")
    decision = latest_decision(a_lead(partner_id=far.id))
    rows = {row.partner_id: row for row in rows_of(decision)}
    first = ranking_of(decision)[0]
    assert (first.partner_id, first.chosen) == (str(far.id), True)
    assert [entry.filter.value for entry in first.waived] == ["country"]
    assert rows[str(far.id)].eligible


def test_a_policy_knows_the_least_tier_for_a_company():
    policy, _queues = read_policy(policy_in_force())
    bands = (SizeBand(50, 1, "silver"), SizeBand(1000, 2, "gold"))
    assert replace(policy, tier_minimums=bands).least_tier(1500) == bands[1]
    assert replace(policy, tier_minimums=bands).least_tier(None) is None


def test_everybody_of_the_pool_is_written_down_as_one_who_may_claim(acme, rival):
    lead = a_pooled_lead()
    assert lead.status is LeadStatus.AVAILABLE
    assert chosen_by(latest_decision(lead)) == {acme.id, rival.id}


def test_leads_that_the_same_partners_may_claim_share_their_circle(acme, rival, ada, rex):
    first, second = (latest_decision(a_pooled_lead(name)) for name in ("Globex", "Initech"))
    assert first.circle_id == second.circle_id is not None
    pause_partner(rival, by=None)
    third = latest_decision(a_pooled_lead("Umbrella"))
    assert chosen_by(third) == {acme.id}
    assert [lead.company for lead in session.scalars(pool_visible_to(rex))] == ["Globex", "Initech"]
    assert [lead.company for lead in session.scalars(pool_visible_to(ada))] == [
        "Globex", "Initech", "Umbrella",
    ]  # fmt: skip
