"""Registering a deal: what is said at once, what is limited, what protects, and what ends it."""

from datetime import timedelta
from typing import Any

import pytest

from core.errors import InvalidInput, Refusal
from core.settings import change_setting
from referrals.models import DealStatus, LeadStatus, LostReason, RejectionCode
from referrals.operations import claim_lead, deals
from referrals.operations.deals import DealData
from referrals.receivers import deals as receivers
from referrals.receivers.deals import remind_partners_of_protection_that_ends
from referrals.settings import LATE_DECISION, MOST_OPEN_DEALS
from tests.referrals.deals.cast import a_deal, a_registration, a_sale, a_won_deal


def test_a_company_nobody_has_is_clear_and_gets_a_genuine_receipt(acme: Any) -> None:
    deal = a_registration(acme)
    assert (deal.status, deal.conflict) == (DealStatus.SUBMITTED, "clear")
    assert deal.receipt is not None
    assert deals.is_receipt_genuine(deal.receipt)
    assert not deals.is_receipt_genuine(deal.receipt.replace("Globex", "Initech"))


def test_the_vendor_has_three_working_days(acme: Any) -> None:
    deal = a_registration(acme)
    assert deal.decide_by is not None
    assert deal.decide_by.strftime("%A %H:%M") == "Thursday 09:00"


def test_what_another_partner_has_registered_is_a_conflict_that_never_says_whose(
    acme: Any, rival: Any
) -> None:
    a_deal(acme, website="globex.example")
    later = a_registration(rival, "Globex GmbH", website="https://www.globex.example/shop")
    assert later.conflict == "conflict"
    [finding] = later.conflict_findings
    assert finding["class"] == "registration"
    assert "partner" not in "".join(finding)
    assert "Acme" not in str(finding)


def test_a_similar_name_is_for_a_person_to_look_at(acme: Any, rival: Any) -> None:
    a_deal(acme, "Globex Logistics", website="globex.example")
    assert a_registration(rival, "Globex Logistic").conflict == "needs_review"


def test_the_same_partner_stands_in_nobodys_way(acme: Any) -> None:
    a_deal(acme, website="globex.example")
    assert a_registration(acme, website="globex.example").conflict == "clear"


def test_a_customer_is_a_conflict(acme: Any, rival: Any) -> None:
    a_sale(partner_id=str(acme.id))
    deal = a_registration(rival, "Globex", website="globex.example")
    assert deal.conflict == "conflict"
    assert deal.conflict_findings[0]["class"] == "existing_customer"


def test_a_company_the_vendor_talks_to_itself_is_a_conflict_for_as_long_as_a_protection(
    acme: Any, rival: Any, time: Any
) -> None:
    first = a_registration(acme, website="globex.example")
    deals.reject_deal(first, RejectionCode.VENDOR_OPPORTUNITY, "Our own people talk to them.", by=None)
    time.move(days=1)
    for partner in (acme, rival):
        deal = a_registration(partner, "Globex GmbH", website="globex.example")
        [finding] = [one for one in deal.conflict_findings if one["class"] == "vendor_opportunity"]
        assert (deal.conflict, finding["protected_until"][:10]) == ("conflict", "2026-05-31")
        deals.withdraw_deal(deal, by=None)
    time.move(days=90)
    assert a_registration(rival, website="globex.example").conflict == "clear"


def test_other_rejections_stand_in_nobodys_way(acme: Any, rival: Any) -> None:
    deal = a_registration(acme, website="globex.example")
    deals.reject_deal(deal, RejectionCode.NOT_ENOUGH_EVIDENCE, "Tell us more.", by=None)
    assert a_registration(rival, website="globex.example").conflict == "clear"


def test_protection_that_has_ended_is_no_conflict_any_more(acme: Any, rival: Any, time: Any) -> None:
    deal = a_deal(acme, website="globex.example")
    time.move(days=91)
    deals.expire_deal(deal)
    assert deal.status is DealStatus.EXPIRED
    assert a_registration(rival, website="globex.example").conflict == "clear"


def test_open_registrations_are_limited(acme: Any) -> None:
    change_setting(MOST_OPEN_DEALS, "2", by=None)
    a_registration(acme, "One")
    a_deal(acme, "Two")
    with pytest.raises(Refusal, match="2 open registrations"):
        a_registration(acme, "Three")


def test_the_company_is_needed_and_the_rest_must_make_sense(acme: Any) -> None:
    with pytest.raises(InvalidInput) as problem:
        a_registration(acme, " ", email="nobody", country="ZZ", products=("nothing",))
    assert set(problem.value.problems) == {"company", "email", "country", "products"}


def test_approval_protects_for_ninety_days_and_one_extension_adds_to_it(acme: Any, time: Any) -> None:
    deal = a_deal(acme)
    assert deal.protected_until == time.moment + timedelta(days=90)
    deals.extend_deal(deal, "Pilot signed on 1 March", by=None)
    assert deal.protected_until == time.moment + timedelta(days=180)
    with pytest.raises(Refusal, match="once"):
        deals.extend_deal(deal, "Once more", by=None)


def test_a_question_stops_the_vendors_clock_and_the_answer_starts_it_anew(acme: Any, time: Any) -> None:
    deal = a_registration(acme)
    deals.question_deal(deal, "Who decides there?", by=None)
    assert deal.decide_by is None
    time.move(days=7)
    deals.answer_question(deal, "Ms Park", by=None)
    assert deal.status is DealStatus.IN_REVIEW
    assert deal.decide_by is not None
    assert deal.decide_by > time.moment


def test_a_late_decision_is_escalated_once_or_made_by_the_programmes_rule(acme: Any, time: Any) -> None:
    first, second = a_registration(acme, "One"), a_registration(acme, "Two")
    time.move(days=4)
    deals.decide_late_deal(first)
    assert first.status is DealStatus.SUBMITTED
    assert first.escalated_at == time.moment
    change_setting(LATE_DECISION, "approve", by=None)
    deals.decide_late_deal(second)
    assert second.status is DealStatus.APPROVED


def test_a_rejection_says_why(acme: Any) -> None:
    deal = a_registration(acme)
    with pytest.raises(InvalidInput):
        deals.reject_deal(deal, RejectionCode.OTHER, " ", by=None)
    deals.reject_deal(deal, RejectionCode.EXISTING_CUSTOMER, "They buy from us since 2019.", by=None)
    assert deal.status is DealStatus.REJECTED
    with pytest.raises(Refusal):
        deals.approve_deal(deal, by=None)


def test_a_suspended_partner_registers_nothing(acme: Any) -> None:
    acme.suspend("unpaid")
    with pytest.raises(Refusal, match="not active"):
        deals.draft_deal(acme, DealData(company="Globex"), by=None)


def test_a_partners_word_for_an_order_waits_for_the_vendor(acme: Any, ada: Any) -> None:
    deal = a_deal(acme)
    deals.win_deal(deal, order="R-5", by=ada)
    assert deal.status is DealStatus.APPROVED
    assert deal.waits_for_confirmation
    deals.refuse_order(deal, "No such invoice.", by=None)
    assert not deal.waits_for_confirmation
    deals.win_deal(deal, order="R-6", by=ada)
    deals.confirm_order(deal, by=None)
    assert (deal.status, deal.order_reference) == (DealStatus.WON, "R-6")
    assert deal.customer is not None
    assert deal.customer.partner_id == acme.id


def test_the_sale_of_the_very_company_is_order_enough(acme: Any, ada: Any) -> None:
    sale = a_sale("inv_1")
    deal = a_deal(acme, website="globex.example")
    deals.win_deal(deal, order="inv_1", by=ada)
    assert deal.status is DealStatus.WON
    assert (sale.partner_id, sale.deal_id) == (acme.id, deal.id)


def test_another_partners_sale_is_no_order(acme: Any, ada: Any, rival: Any) -> None:
    a_sale("inv_1", partner_id=str(rival.id))
    with pytest.raises(Refusal, match="partner manager"):
        deals.win_deal(a_deal(acme), order="inv_1", by=ada)


def test_one_order_wins_one_deal(acme: Any) -> None:
    a_sale("inv_1", deal_id=str(a_deal(acme, "One").id))
    with pytest.raises(Refusal, match="another deal"):
        deals.win_deal(a_deal(acme, "Two"), order="inv_1", by=None)


def test_a_deal_whose_order_is_being_confirmed_does_not_expire(acme: Any, ada: Any, time: Any) -> None:
    deal = a_deal(acme)
    deals.win_deal(deal, order="R-5", by=ada)
    time.move(days=100)
    deals.expire_deal(deal)
    assert deal.status is DealStatus.APPROVED


def test_a_won_deal_stays_won(acme: Any) -> None:
    deal = a_won_deal(acme)
    for deed in (
        lambda: deals.lose_deal(deal, LostReason.PRICE, "", by=None),
        lambda: deals.withdraw_deal(deal, by=None),
        lambda: deals.win_deal(deal, order="x", by=None),
    ):
        with pytest.raises(Refusal):
            deed()


def test_a_claimed_lead_opens_an_approved_deal_and_follows_it(sam: Any) -> None:
    from tests.referrals.leads.cast import a_pooled_lead

    lead = a_pooled_lead()
    if lead.status is not LeadStatus.AVAILABLE:
        from referrals.operations import put_into_pool

        put_into_pool(lead, by=None)
    claim_lead(lead, by=sam)
    from referrals.queries.deals import deal_of_lead

    deal = deal_of_lead(lead.id)
    assert deal is not None
    assert (deal.status, deal.origin, deal.owner_id) == (DealStatus.APPROVED, "routed", sam.id)
    deals.win_deal(deal, order="R-5", by=None)
    assert lead.status is LeadStatus.WON


def test_the_end_of_protection_is_told_14_7_and_1_days_before_once_each(
    acme: Any, ada: Any, mails: Any, time: Any
) -> None:
    deal = a_deal(acme)
    assert deal.protected_until is not None

    def told_within(days: int) -> int:
        before = len(mails(to=ada.email))
        time.move_to(deal.protected_until - timedelta(days=days))
        remind_partners_of_protection_that_ends({})
        remind_partners_of_protection_that_ends({})
        return len(mails(to=ada.email)) - before

    assert [told_within(days) for days in (20, 14, 10, 7, 5, 1)] == [0, 1, 0, 1, 0, 1]
    deals.extend_deal(deal, "Pilot signed on 1 March", by=None)
    assert told_within(14) == 1, "what is extended is told anew"


def test_however_many_protections_end_on_a_day_each_is_told(
    acme: Any, ada: Any, mails: Any, run_jobs: Any, time: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(receivers, "_AT_ONCE", 2)
    made = [a_deal(acme, f"Firm {number}", website=f"firm-{number}.example") for number in range(5)]
    assert made[0].protected_until is not None
    time.move_to(made[0].protected_until - timedelta(days=1))
    remind_partners_of_protection_that_ends({})
    run_jobs()
    assert {deal.reminded_days for deal in made} == {1}


def test_after_an_answer_the_vendors_new_clock_can_run_out_too(
    acme: Any, mona: Any, mails: Any, time: Any
) -> None:
    deal = a_registration(acme)

    def told_of_lateness() -> int:
        time.move(days=7)
        receivers.move_the_clocks_of_deals({})
        receivers.move_the_clocks_of_deals({})
        return sum("decision is late" in mail["subject"] for mail in mails(to=mona.email))

    assert told_of_lateness() == 1
    deals.question_deal(deal, "Who decides there?", by=None)
    deals.answer_question(deal, "Ms Park", by=None)
    assert told_of_lateness() == 2


def test_orders_that_wait_keep_no_other_protection_from_ending(
    acme: Any, ada: Any, time: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(receivers, "_AT_ONCE", 1)
    waiting, ended = a_deal(acme, "One"), a_deal(acme, "Two")
    deals.win_deal(waiting, order="R-5", by=ada)
    time.move(days=100)
    receivers.move_the_clocks_of_deals({})
    assert (waiting.status, ended.status) == (DealStatus.APPROVED, DealStatus.EXPIRED)


def test_what_is_said_later_does_not_go_before_what_others_completed_meanwhile(
    acme: Any, rival: Any, time: Any
) -> None:
    deal = a_registration(acme, "Initech", website="initech.example")
    first_receipt = deal.receipt
    deals.question_deal(deal, "Which company is it?", by=None)
    time.move(hours=1)
    a_registration(rival, website="globex.example")
    time.move(hours=1)
    both = DealData(company="Initech", website="initech.example", tax_id="DE136695976", country="DE")
    deals.change_deal(deal, both, by=None)
    assert (deal.conflict, deal.receipt) == ("clear", first_receipt), "what it has added is nobody's"
    deals.change_deal(deal, DealData(company="Globex", website="globex.example", country="DE"), by=None)
    assert (deal.conflict, deal.submitted_at) == ("conflict", time.moment)
    assert deal.receipt is not None and deal.receipt != first_receipt
    assert deals.is_receipt_genuine(deal.receipt)


def test_who_came_later_does_not_stand_in_the_way_of_what_was_said_from_the_beginning(
    acme: Any, rival: Any, time: Any
) -> None:
    deal = a_registration(acme, website="globex.example")
    deals.question_deal(deal, "Who decides there?", by=None)
    time.move(hours=1)
    a_registration(rival, "Globex", website="globex.example", phone="+49 40 1234567")
    time.move(hours=1)
    deals.change_deal(
        deal, DealData(company="Globex", website="globex.example", country="DE", city="Hamburg"), by=None
    )
    assert deal.conflict == "clear"


def test_a_lead_that_a_rival_works_on_is_told_as_a_lead_with_the_end_of_its_protection(
    sam: Any, rival: Any
) -> None:
    from tests.referrals.leads.cast import a_pooled_lead

    claim_lead(a_pooled_lead(), by=sam)
    deal = a_registration(rival, "Globex GmbH", website="globex.example")
    [finding] = deal.conflict_findings
    assert (finding["class"], finding["outcome"]) == ("claimed_lead", "conflict")
    assert finding["protected_until"] is not None
