"""No lead is ever lost, doubled or stuck, whatever partners, managers and the clock do.

A machine of Hypothesis lets leads come in, partners answer, decline, give back, win and lose, managers suspend, assign
and sort, and time pass, in an order of its choosing. After every step each lead stands in exactly one place, and
somebody is responsible for it: a partner who is asked or holds it, the partners of the pool, or a manager.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from accounts.permissions import Role
from core import clock
from core.database import session
from core.errors import InvalidInput, Refusal
from partners.operations import (
    pause_partner,
    reinstate_partner,
    resume_partner,
    set_up_programme,
    suspend_partner,
)
from referrals.models import (
    ContactKind,
    Deal,
    DeclineReason,
    Lead,
    LeadClaim,
    LeadStatus,
    LostReason,
    Offer,
    OfferStatus,
    OwnOpportunity,
)
from referrals.models.leads import HELD, OPEN
from referrals.operations import (
    accept_offer,
    assign_lead,
    claim_lead,
    decline_offer,
    log_contact,
    lose_deal,
    put_into_pool,
    return_lead,
    sort_lead,
    win_deal,
)
from referrals.operations.opportunities import (
    OpportunityData,
    end_opportunity,
    keep_opportunity,
    own_opportunity_of_lead,
)
from referrals.queries.decisions import chosen_by, latest_decision
from referrals.queries.offers import open_offers_of
from referrals.receivers.leads import (
    end_own_opportunities,
    move_the_clocks_of_offers,
    move_the_clocks_of_the_pool,
    take_idle_leads_back,
)
from tests.cast import a_member, a_partner, a_user
from tests.conftest import MONDAY_MORNING
from tests.referrals.leads.cast import a_lead

COMPANIES = ("Globex", "Initech", "Umbrella", "Hooli", "Stark")
LONGEST_CLOCK = timedelta(days=31)


class Life(RuleBasedStateMachine):
    """One life of a small network, inside a savepoint of its own."""

    @initialize()
    def begin(self) -> None:
        self.savepoint = session.begin_nested()
        self.moment = MONDAY_MORNING
        clock._frozen.set(self.moment)
        set_up_programme(by=None)
        self.firms = [a_partner(name) for name in ("Acme", "Rival", "Third")]
        self.mona = a_user("Mona", Role.PARTNER_MANAGER)
        self.sellers = {firm.id: a_member(firm, "Sally", Role.SELLER) for firm in self.firms}

    def attempt(self, deed: Callable[[], Any]) -> None:
        """Does it, or is refused and changes nothing."""
        with suppress(Refusal, InvalidInput), session.begin_nested():
            deed()
        session.flush()

    def a_lead_of(self, place: int, *states: LeadStatus) -> Lead | None:
        leads = session.scalars(sa.select(Lead).where(Lead.status.in_(states)).order_by(Lead.id)).all()
        return leads[place % len(leads)] if leads else None

    @rule(
        company=st.sampled_from(COMPANIES),
        source=st.sampled_from(("site", "shop")),
        country=st.sampled_from(("DE", "DE", "JP")),
    )
    def come_in(self, company: str, source: str, country: str) -> None:
        self.attempt(lambda: a_lead(company, source=source, country=country))

    @rule(place=st.integers(0, 9), takes=st.booleans(), reason=st.sampled_from(DeclineReason))
    def answer(self, place: int, takes: bool, reason: DeclineReason) -> None:
        lead = self.a_lead_of(place, LeadStatus.OFFERED)
        if lead is not None:
            offer = open_offers_of(lead)[0]
            seller = self.sellers[offer.partner_id]
            self.attempt(
                lambda: (
                    accept_offer(offer, by=seller)
                    if takes
                    else decline_offer(offer, reason=reason, note="No.", by=seller)
                )
            )

    @rule(place=st.integers(0, 9), firm=st.integers(0, 2))
    def claim(self, place: int, firm: int) -> None:
        lead = self.a_lead_of(place, LeadStatus.AVAILABLE, LeadStatus.CLAIMED)
        if lead is not None:
            self.attempt(lambda: claim_lead(lead, by=self.sellers[self.firms[firm].id]))

    @rule(place=st.integers(0, 9), deed=st.sampled_from(("talk", "work", "return", "win", "lose")))
    def hold(self, place: int, deed: str) -> None:
        lead = self.a_lead_of(place, *HELD)
        if lead is None or lead.partner_id is None:
            return
        seller = self.sellers[lead.partner_id]
        deal = session.scalars(
            sa.select(Deal)
            .where(Deal.lead_id == lead.id, Deal.partner_id == lead.partner_id)
            .order_by(Deal.id.desc())
        ).first()
        assert deal is not None
        deeds: dict[str, Callable[[], Any]] = {
            "talk": lambda: log_contact(lead, kind=ContactKind.CALL, text="Hello.", by=seller),
            "work": lambda: log_contact(lead, kind=ContactKind.CALL, text="Yes.", is_working=True, by=seller),
            "return": lambda: return_lead(lead, reason="Too far.", by=seller),
            "win": lambda: win_deal(deal, order="PO-1", by=None),
            "lose": lambda: lose_deal(deal, LostReason.PRICE, "", by=seller),
        }
        self.attempt(deeds[deed])

    @rule(firm=st.integers(0, 2), deed=st.sampled_from(("suspend", "reinstate", "pause", "resume")))
    def partner(self, firm: int, deed: str) -> None:
        one = self.firms[firm]
        deeds: dict[str, Callable[[], Any]] = {
            "suspend": lambda: suspend_partner(one, reason="Debts", by=None),
            "reinstate": lambda: reinstate_partner(one, reason="Paid", by=None),
            "pause": lambda: pause_partner(one, by=None),
            "resume": lambda: resume_partner(one, by=None),
        }
        self.attempt(deeds[deed])

    @rule(
        place=st.integers(0, 9),
        firm=st.integers(0, 2),
        deed=st.sampled_from(("assign", "pool", "genuine", "spam", "unqualified")),
    )
    def manager(self, place: int, firm: int, deed: str) -> None:
        lead = self.a_lead_of(place, *LeadStatus)
        if lead is None:
            return
        deeds: dict[str, Callable[[], Any]] = {
            "assign": lambda: assign_lead(lead, self.firms[firm], reason="They know them.", by=None),
            "pool": lambda: put_into_pool(lead, by=None),
        }
        self.attempt(deeds.get(deed, lambda: sort_lead(lead, deed, reason="So it is.", by=None)))

    @rule(company=st.sampled_from(COMPANIES), days=st.sampled_from((1, 20)), ends=st.booleans())
    def talk_to_it_ourselves(self, company: str, days: int, ends: bool) -> None:
        domain = f"{company.lower()}.example"
        row = session.scalar(
            sa.select(OwnOpportunity).where(
                OwnOpportunity.domain == domain, OwnOpportunity.ended_at.is_(None)
            )
        )
        until = (self.moment + timedelta(days=days)).date()
        data = OpportunityData(company=company, website=domain, responsible=self.mona, until=until)
        if row is None or not ends:
            self.attempt(lambda: keep_opportunity(data, by=None))
        else:
            self.attempt(lambda: end_opportunity(row, by=None))

    @rule(hours=st.sampled_from((1, 5, 9, 30, 100, 300, 800)))
    def wait(self, hours: int) -> None:
        self.moment += timedelta(hours=hours)
        clock._frozen.set(self.moment)
        self.run_the_clocks()

    def run_the_clocks(self) -> None:
        for work in (
            end_own_opportunities,
            move_the_clocks_of_offers,
            move_the_clocks_of_the_pool,
            take_idle_leads_back,
        ):
            work({})
        session.flush()

    @invariant()
    def every_lead_stands_in_one_place(self) -> None:
        session.expire_all()
        for lead in session.scalars(sa.select(Lead)):
            asked = session.scalar(
                sa.select(sa.func.count()).where(
                    Offer.lead_id == lead.id, Offer.status == OfferStatus.OFFERED
                )
            )
            claims = session.scalars(
                sa.select(LeadClaim).where(LeadClaim.lead_id == lead.id, LeadClaim.ended_at.is_(None))
            ).all()
            assert (lead.status is LeadStatus.OFFERED) == bool(asked), lead.status
            if lead.status in HELD:
                assert [claim.partner_id for claim in claims] == [lead.partner_id]
            elif lead.status in OPEN:
                assert (claims, lead.partner_id) == ([], None)
                assert lead.status in {LeadStatus.OFFERED, LeadStatus.AVAILABLE, LeadStatus.TRIAGE}, (
                    lead.status
                )
            if lead.status is LeadStatus.AVAILABLE:
                decision = latest_decision(lead)
                assert decision is not None
                assert chosen_by(decision)
            if lead.status is LeadStatus.TRIAGE:
                assert lead.reason
            if lead.reason == "own_opportunity":
                own = own_opportunity_of_lead(lead)
                assert own is None or own.responsible is not None
                assert lead.status is LeadStatus.TRIAGE
            if lead.status is LeadStatus.OFFERED and own_opportunity_of_lead(lead) is not None:
                assert lead.explicit_partner_id is not None, "only by hand to a partner"
            if lead.status is LeadStatus.DUPLICATE:
                assert lead.duplicate_of_id is not None

    def teardown(self) -> None:
        """Left alone, nothing lies longer than its clock: in the end a person of the vendor has what is still open."""
        if not hasattr(self, "savepoint"):
            return
        for _day in range(40):
            self.moment += timedelta(days=1)
            clock._frozen.set(self.moment)
            self.run_the_clocks()
            self.every_lead_stands_in_one_place()
        for lead in session.scalars(
            sa.select(Lead).where(Lead.status.in_(HELD | {LeadStatus.OFFERED, LeadStatus.AVAILABLE}))
        ):
            assert self.moment - lead.last_activity_at < LONGEST_CLOCK, lead.status
        self.savepoint.rollback()
        session.expunge_all()


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_every_lead_is_always_in_one_place_with_somebody_responsible() -> None:
    full = os.environ.get("SOAK") == "full"
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=300 if full else 12,
            stateful_step_count=60 if full else 25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
