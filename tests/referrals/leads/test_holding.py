"""What a partner does with a lead it holds, and what the clocks do when it does nothing."""

import pytest

from core.errors import InvalidInput, Refusal
from partners.operations import suspend_partner
from referrals.models import ContactKind, LeadStatus
from referrals.operations import claim_lead, extend_lead, log_contact, merge_leads
from referrals.receivers.leads import (
    ask_where_leads_stand,
    move_the_clocks_of_offers,
    move_the_clocks_of_the_pool,
    take_idle_leads_back,
)
from tests.referrals.leads.cast import a_lead, a_pooled_lead, the_asked, the_offer


def test_after_a_fortnight_without_a_word_the_partner_is_asked_once(acme, sam, mails, time):
    lead = claim_lead(a_pooled_lead(), by=sam)
    log_contact(lead, kind=ContactKind.CALL, text="Yes.", is_working=True, by=sam)
    time.move(days=15)
    for _turn in range(2):
        ask_where_leads_stand({})
    assert [mail["subject"] for mail in mails(to=sam.email)] == ["How is it going with Globex?"]


def test_a_lead_that_has_not_moved_on_by_day_21_is_asked_about(acme, sam, mails, time):
    lead = claim_lead(a_pooled_lead(), by=sam)
    for _week in range(3):
        time.move(days=7)
        log_contact(lead, kind=ContactKind.NOTE, text="Called again.", by=sam)
    ask_where_leads_stand({})
    [mail] = mails(to=sam.email)
    assert "has not yet said" in mail["text"]


def test_more_time_is_granted_once_and_keeps_the_lead(acme, sam, time):
    lead = claim_lead(a_pooled_lead(), by=sam)
    with pytest.raises(InvalidInput):
        extend_lead(lead, reason=" ", by=sam)
    extend_lead(lead, reason="Their budget round is in May.", by=sam)
    with pytest.raises(Refusal, match="once already"):
        extend_lead(lead, reason="And again.", by=sam)
    time.move(days=31)
    take_idle_leads_back({})
    assert lead.status is LeadStatus.CLAIMED
    time.move(days=14)
    take_idle_leads_back({})
    assert not lead.is_held
    assert lead.extended_until is None


def test_what_nobody_claims_for_days_goes_to_a_manager(acme, rival, time):
    lead = a_pooled_lead()
    time.move(days=4)
    move_the_clocks_of_the_pool({})
    assert lead.status is LeadStatus.AVAILABLE
    time.move(days=2)
    move_the_clocks_of_the_pool({})
    assert (lead.status, lead.reason) == (LeadStatus.TRIAGE, "nobody_claimed")


def test_when_nobody_of_the_pool_is_left_a_manager_decides_at_once(acme, rival):
    lead = a_pooled_lead()
    for firm in (acme, rival):
        suspend_partner(firm, reason="Debts", by=None)
    move_the_clocks_of_the_pool({})
    assert lead.status is LeadStatus.TRIAGE


def test_what_a_suspended_partner_is_being_asked_goes_to_the_next_at_once(acme, rival):
    lead = a_lead()
    assert the_asked(lead) is acme
    suspend_partner(acme, reason="Debts", by=None)
    assert the_asked(lead) is rival


def test_merged_leads_are_one_that_knows_what_both_knew(acme, mona):
    lead = a_lead("Globex", phone=None, city=None)
    other = a_lead("Globex Group", email="paul@globex-group.example", phone="+49 40 1234567", city="Hamburg")
    merge_leads(lead, other, by=mona)
    assert (other.status, other.duplicate_of_id) == (LeadStatus.DUPLICATE, lead.id)
    assert (lead.phone, lead.city, lead.email) == ("+49401234567", "Hamburg", "wilma@globex.example")
    with pytest.raises(InvalidInput):
        merge_leads(lead, lead, by=mona)


def test_a_lead_a_partner_works_on_is_not_merged_away(acme, ada, mona):
    from referrals.operations import accept_offer

    lead, other = a_lead("Globex"), a_lead("Initech")
    accept_offer(the_offer(other), by=ada)
    with pytest.raises(Refusal):
        merge_leads(lead, other, by=mona)


def test_the_outcome_of_a_call_is_one_tap(browser, acme, sam):
    lead = claim_lead(a_pooled_lead(), by=sam)
    browser.sign_in(sam).open(f"/leads/{lead.id}").press("No answer", expect=200)
    assert browser.sees("Called, nobody answered.")
    assert (lead.status, lead.contact_due_at is None) == (LeadStatus.CLAIMED, False)
    browser.press("They want to go on", expect=200)
    assert lead.status is LeadStatus.WORKING


def test_the_pool_is_narrowed_in_the_address_and_renewed_only_when_it_changed(browser, acme, sam):
    a_pooled_lead("Globex", city="Hamburg")
    a_pooled_lead("Initech", city="Munich")
    browser.sign_in(sam).open("/leads?tab=pool&q=hamb")
    assert browser.sees("Globex")
    assert not browser.sees("Initech")
    seen = next(part.get("data-refresh") for part in browser.page.iter("div") if part.get("data-refresh"))
    assert browser._ask(seen).status_code == 204
    a_pooled_lead("Hamburg Works", city="Hamburg")
    browser.open(seen)
    assert browser.sees("Hamburg Works")


def test_a_manager_merges_two_leads(browser, acme, mona):
    lead, other = a_lead("Globex"), a_lead("Globex Group", email="paul@globex-group.example")
    browser.sign_in(mona).open(f"/staff/leads/{lead.id}").fill("The other lead", "nonsense")
    browser.press("Merge it into this one", expect=422)
    browser.fill("The other lead", other.number).press("Merge it into this one", expect=200)
    assert other.status is LeadStatus.DUPLICATE


def test_clocks_of_offers_do_not_touch_what_was_withdrawn(acme, rival, time):
    lead = a_lead()
    suspend_partner(acme, reason="Debts", by=None)
    time.move(days=2)
    move_the_clocks_of_offers({})
    assert lead.status in {LeadStatus.OFFERED, LeadStatus.TRIAGE}
