"""Two at the same instant: real threads, real commits."""

from collections import Counter
from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Role
from core.activity import Activity
from core.database import session, transaction
from core.errors import Refusal
from partners.models import Partner
from partners.operations import set_up_programme
from referrals.models import Lead, LeadClaim, LeadStatus, Offer, RoutingPolicy
from referrals.operations import accept_offer, claim_lead
from referrals.operations.answering import lapse_offer
from tests.cast import a_member, a_partner
from tests.referrals.leads.cast import a_lead, a_pooled_lead, the_offer

ROUNDS = 5


def _at_once(app: Any, deeds: list[Callable[[], Any]]) -> list[Any]:
    """Carries the deeds out in threads of their own, each in a transaction; answers what came of each."""
    barrier = Barrier(len(deeds))
    outcomes: list[Any] = [None] * len(deeds)

    def run(place: int, deed: Callable[[], Any]) -> None:
        with app.app_context():
            barrier.wait()
            try:
                with transaction():
                    outcomes[place] = deed()
            except Refusal as refusal:
                outcomes[place] = refusal

    threads = [Thread(target=run, args=(place, deed)) for place, deed in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.fixture
def people(own_app: Any) -> list[int]:
    """Sellers of four partners, by their numbers."""
    with own_app.app_context(), transaction():
        set_up_programme(by=None)
        firms = [a_partner(name) for name in ("Acme", "Rival", "Third", "Fourth")]
        found = [a_member(firm, "Sally", Role.SELLER).id for firm in firms]
        a_lead("Warmup")
    return found


def _claim(lead_id: int, user_id: int) -> Callable[[], Any]:
    return lambda: claim_lead(session.get_one(Lead, lead_id), by=session.get_one(User, user_id)).id


def test_of_all_who_claim_at_once_one_wins_and_the_others_read_a_sentence(
    own_app: Any, people: list[int]
) -> None:
    for number in range(ROUNDS):
        with own_app.app_context(), transaction():
            lead_id = a_pooled_lead(f"Globex{number}").id
        outcomes = _at_once(own_app, [_claim(lead_id, user_id) for user_id in people])
        losers = [outcome for outcome in outcomes if isinstance(outcome, Refusal)]
        assert len(losers) == len(people) - 1
        assert {refusal.sentence for refusal in losers} == {f"Globex{number} has already been claimed."}
        with own_app.app_context(), transaction():
            claims = session.scalars(sa.select(LeadClaim).where(LeadClaim.lead_id == lead_id)).all()
            assert [claim.partner_id for claim in claims] == [session.get_one(Lead, lead_id).partner_id]
            deeds = session.scalars(
                sa.select(Activity).where(Activity.verb == "lead claimed", Activity.subject_id == lead_id)
            ).all()
            assert len(deeds) == 1


def test_equal_leads_at_once_are_one_lead_and_duplicates(own_app: Any, people: list[int]) -> None:
    for number in range(ROUNDS):
        company = f"Initech{number}"
        _at_once(own_app, [lambda company=company: a_lead(company).id for _caller in range(4)])
        with own_app.app_context(), transaction():
            rows = session.execute(
                sa.select(Lead.id, Lead.status, Lead.duplicate_of_id).where(Lead.company == company)
            )
            found = rows.all()
        assert Counter(status for _id, status, _of in found) == {
            LeadStatus.OFFERED: 1,
            LeadStatus.DUPLICATE: 3,
        }
        [first] = [lead_id for lead_id, status, _of in found if status is LeadStatus.OFFERED]
        assert {of for _id, status, of in found if status is LeadStatus.DUPLICATE} == {first}


def test_an_answer_and_the_clock_at_once_are_one_of_them(own_app: Any, people: list[int], time: Any) -> None:
    with own_app.app_context(), transaction():
        lead = a_lead("Umbrella")
        offer = the_offer(lead)
        lead_id, offer_id = lead.id, offer.id
        offer.due_at = offer.offered_at
        seller = session.scalar(
            sa.select(User.id).where(User.id.in_(people), User.email.contains(offer.partner.name.lower()))
        )

    def accept() -> Any:
        return accept_offer(session.get_one(Offer, offer_id), by=session.get_one(User, seller)).id

    def lapse() -> None:
        lapse_offer(session.get_one(Offer, offer_id))

    accepted, _lapsed = _at_once(own_app, [accept, lapse])
    with own_app.app_context(), transaction():
        lead = session.get_one(Lead, lead_id)
        holders = session.scalars(sa.select(LeadClaim).where(LeadClaim.lead_id == lead_id)).all()
        if isinstance(accepted, Refusal):
            assert (lead.status, holders) == (LeadStatus.OFFERED, [])
        else:
            assert lead.status is LeadStatus.ACCEPTED
            assert [claim.partner_id for claim in holders] == [lead.partner_id]


def test_the_first_leads_of_an_installation_write_one_policy(own_app: Any) -> None:
    with own_app.app_context(), transaction():
        set_up_programme(by=None)
        a_partner("Acme")
    _at_once(own_app, [lambda name=name: a_lead(name).id for name in ("One", "Two", "Three")])
    with own_app.app_context(), transaction():
        assert session.scalar(sa.select(sa.func.count()).select_from(RoutingPolicy)) == 1
        assert session.scalar(sa.select(sa.func.count()).select_from(Partner)) == 1
