"""Customers who asked to be called come first; a claim made by mistake is undone without a trace in any figure."""

from datetime import timedelta

import pytest

from core import clock
from core.database import session
from core.errors import Refusal
from referrals.models import ContactKind, DealStatus, LeadStatus
from referrals.models.deals import Deal
from referrals.operations import accept_offer, claim_lead, log_contact, undo_claim
from referrals.queries.claims import active_claim
from referrals.queries.figures import lead_figures
from referrals.queries.leads import held_leads_visible_to
from referrals.queries.lists import countries_of_leads, status_counts
from referrals.queries.pool import pool_visible_to
from tests.referrals.leads.cast import a_lead, a_pooled_lead, the_offer


def test_who_asked_to_be_called_stands_first_and_has_a_clock_of_its_own(acme, ada):
    quiet, eager = a_pooled_lead("Globex"), a_pooled_lead("Initech", call_at="soon")
    assert session.scalars(pool_visible_to(ada)).all() == [eager, quiet]
    for lead in (quiet, eager):
        claim_lead(lead, by=ada)
    assert session.scalars(held_leads_visible_to(ada)).all() == [eager, quiet]
    assert eager.call_due_at == acme.calendar.add_working_hours(clock.now(), 4)
    assert quiet.call_due_at is None
    log_contact(eager, kind=ContactKind.NOTE, text="Nobody answered.", by=ada)
    assert eager.call_due_at is not None
    log_contact(eager, kind=ContactKind.CALL, text="Reached them.", by=ada)
    assert eager.call_due_at is None


def test_a_moment_that_the_customer_named_is_the_clock(acme, ada):
    moment = clock.now() + timedelta(hours=30)
    lead = a_pooled_lead(call_at=moment.isoformat())
    claim_lead(lead, by=ada)
    assert lead.call_due_at == moment


def test_a_claim_by_mistake_leaves_no_trace_in_figures_and_may_be_made_again(acme, ada):
    lead = a_pooled_lead()
    claim_lead(lead, by=ada)
    undo_claim(lead, by=ada)
    assert (lead.status, lead.partner_id, active_claim(lead)) == (LeadStatus.AVAILABLE, None, None)
    assert (lead_figures(acme).received, lead_figures(acme).taken) == (0, 0)
    assert session.query(Deal).one().status is DealStatus.WITHDRAWN
    claim_lead(lead, by=ada)
    with pytest.raises(Refusal, match="too late"):
        undo_claim(lead, by=ada)


def test_an_acceptance_by_mistake_is_offered_anew(acme, ada):
    lead = a_lead()
    accept_offer(the_offer(lead), by=ada)
    undo_claim(lead, by=ada)
    assert the_offer(lead).partner is acme


def test_a_partner_undoes_it_soon_and_before_it_wrote_anything_a_manager_always(acme, ada, rex, mona):
    lead, other = a_pooled_lead("Globex"), a_pooled_lead("Initech")
    claim_lead(lead, by=ada)
    claim_lead(other, by=ada)
    with pytest.raises(Refusal, match="not with you"):
        undo_claim(lead, by=rex)
    log_contact(other, kind=ContactKind.NOTE, text="Read their site.", by=ada)
    with pytest.raises(Refusal, match="too late"):
        undo_claim(other, by=ada)
    with clock.frozen_at(clock.now() + timedelta(minutes=16)):
        with pytest.raises(Refusal, match="too late"):
            undo_claim(lead, by=ada)
        undo_claim(lead, by=mona)
    assert lead.status is LeadStatus.AVAILABLE


def test_a_seller_undoes_a_claim_on_its_page(browser, ada, acme):
    lead = a_pooled_lead()
    browser.sign_in(ada).open(f"/leads/{lead.id}")
    browser.press("Claim the lead", expect=200)
    browser.press("Undo the claim", expect=200)
    assert browser.sees("The claim is undone.")
    assert lead.status is LeadStatus.AVAILABLE


def test_tabs_count_to_a_thousand_and_filters_know_every_country(acme, monkeypatch):
    monkeypatch.setattr("referrals.queries.lists.MOST_COUNTED", 2)
    for number, country in enumerate(("DE", "AT", "DE", "DE", "DE")):
        a_pooled_lead(f"Firm{number}", country=country)
    assert status_counts()["available"] == 3
    assert countries_of_leads() == ["AT", "DE"]
