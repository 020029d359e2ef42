"""A partner questions a line; the vendor answers in time, and corrects the line or says why it stays."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from commissions import ledger
from commissions.models import Dispute, DisputeStatus, Entry, EntryKind
from commissions.operations import disputes
from commissions.operations.proofs import check_proofs
from commissions.operations.statements import issue_due_statements
from commissions.queries.disputes import disputes_by_rule
from commissions.queries.earnings import balances
from commissions.settings import DISPUTE_DAYS
from core.database import session
from core.errors import InvalidInput, Refusal
from core.settings import change_setting
from tests.commissions.cast import a_live_plan, given_back, sold
from tests.commissions.earnings import an_entry


@pytest.fixture
def plan(programme: None) -> Any:
    return a_live_plan()


def the_line(sale: Any) -> Entry:
    return (
        session.scalars(sa.select(Entry).where(Entry.sale_id == sale.id).order_by(Entry.id)).first()
        or pytest.fail()
    )


def a_dispute(entry: Entry, by: Any, text: str = "We are Platinum since May.", **about: Any) -> Dispute:
    return disputes.open_dispute(entry, text, by=by, **about)


def amounts(partner: Any) -> tuple[int, int]:
    """(held, payable)"""
    [balance] = balances(partner)
    return balance.held_minor, balance.payable_minor


# The line waits


def test_a_disputed_line_waits_and_is_payable_again_when_it_is_decided(
    acme: Any, ada: Any, finn: Any
) -> None:
    entry = an_entry(acme, 10_000)
    assert amounts(acme) == (0, 10_000)
    dispute = a_dispute(entry, ada)
    assert amounts(acme) == (10_000, 0)
    disputes.reject_dispute(dispute, "The tier changed after the sale.", by=finn)
    assert amounts(acme) == (0, 10_000)


def test_the_vendors_clock_counts_its_working_days(acme: Any, ada: Any, time: Any) -> None:
    dispute = a_dispute(an_entry(acme), ada)
    assert dispute.answer_due_at is not None
    # Five working days from Monday morning is the next Monday morning.
    assert (dispute.answer_due_at - time.moment).days == 7


def test_an_answer_stops_the_clock_and_a_reply_starts_it_anew(acme: Any, ada: Any, finn: Any) -> None:
    dispute = a_dispute(an_entry(acme), ada)
    disputes.answer_dispute(dispute, "The tier before the sale counts.", by=finn)
    assert (dispute.status, dispute.answer_due_at) == (DisputeStatus.ANSWERED, None)
    disputes.reply_to_answer(dispute, "The sale was in June.", by=ada)
    assert dispute.status is DisputeStatus.OPEN
    assert dispute.answer_due_at is not None
    assert amounts(acme)[0] == 10_000


def test_a_partner_that_understands_takes_it_back(acme: Any, ada: Any, finn: Any) -> None:
    entry = an_entry(acme)
    dispute = a_dispute(entry, ada)
    disputes.answer_dispute(dispute, "The tier before the sale counts.", by=finn)
    disputes.withdraw_dispute(dispute, by=ada)
    assert amounts(acme) == (0, 10_000)
    assert a_dispute(entry, ada).is_undecided, "what was withdrawn may be asked again"


# Who, and until when


def test_only_the_partner_whose_line_it_is_disputes_it(acme: Any, ada: Any, rex: Any, finn: Any) -> None:
    entry = an_entry(acme)
    for stranger in (rex, finn):
        with pytest.raises(Refusal, match="Only the partner"):
            a_dispute(entry, stranger)


def test_a_line_is_disputed_once(acme: Any, ada: Any, finn: Any) -> None:
    entry = an_entry(acme)
    dispute = a_dispute(entry, ada)
    with pytest.raises(Refusal, match="disputed already"):
        a_dispute(entry, ada)
    disputes.reject_dispute(dispute, "It is right.", by=finn)
    with pytest.raises(Refusal, match="final"):
        a_dispute(entry, ada)


def test_the_database_refuses_a_second_dispute_about_a_line(acme: Any, ada: Any, time: Any) -> None:
    first = a_dispute(an_entry(acme), ada)
    session.add(
        Dispute(
            entry_id=first.entry_id,
            partner_id=acme.id,
            status=DisputeStatus.OPEN,
            opened_at=time.moment,
            opened_by_id=ada.id,
            answer_due_at=time.moment,
        )
    )
    with pytest.raises(DBAPIError):
        session.flush()
    session.rollback()


def test_it_can_be_disputed_until_thirty_days_after_its_statement(acme: Any, ada: Any, time: Any) -> None:
    early, late = an_entry(acme), an_entry(acme)
    time.move(days=60)
    issue_due_statements()
    time.move(days=DISPUTE_DAYS.value())
    a_dispute(early, ada)
    time.move(seconds=1)
    with pytest.raises(Refusal, match="could be disputed until"):
        a_dispute(late, ada)


def test_the_days_are_a_setting(acme: Any, ada: Any, time: Any) -> None:
    entry = an_entry(acme)
    time.move(days=60)
    issue_due_statements()
    change_setting(DISPUTE_DAYS, "10", by=None)
    time.move(days=11)
    with pytest.raises(Refusal):
        a_dispute(entry, ada)


def test_a_dispute_says_something(acme: Any, ada: Any) -> None:
    with pytest.raises(InvalidInput):
        a_dispute(an_entry(acme), ada, text="  ")


def test_what_is_decided_stays_decided(acme: Any, ada: Any, finn: Any) -> None:
    dispute = a_dispute(an_entry(acme), ada)
    disputes.reject_dispute(dispute, "It is right.", by=finn)
    for deed in (
        lambda: disputes.answer_dispute(dispute, "More", by=finn),
        lambda: disputes.correct_line(dispute, should_be_minor=1, reason="Why", by=finn),
        lambda: disputes.withdraw_dispute(dispute, by=ada),
        lambda: disputes.reply_to_answer(dispute, "More", by=ada),
    ):
        with pytest.raises(Refusal, match="decided"):
            deed()
    with pytest.raises(DBAPIError, match="decided"):
        session.execute(sa.update(Dispute).values(status=DisputeStatus.WITHDRAWN))
    session.rollback()


# Corrections


def test_a_correction_is_a_line_of_its_own_with_the_difference(
    plan: Any, acme: Any, ada: Any, finn: Any
) -> None:
    sale = sold(acme)
    entry = the_line(sale)
    dispute = a_dispute(entry, ada, expected_minor=50_000)
    correction = disputes.correct_line(dispute, should_be_minor=50_000, reason="You are right.", by=finn)
    assert (correction.kind, correction.amount_minor) == (EntryKind.ADJUSTMENT, 10_000)
    assert correction.corrects_id == entry.id
    assert correction.available_at == entry.available_at, "it waits as long as the line it corrects"
    assert entry.amount_minor == 40_000, "the old line stays as it is"
    assert ledger.audit() == []
    assert check_proofs(by=None, everything=True).differing == []


def test_a_correction_may_take_back_and_counts_at_once(plan: Any, acme: Any, ada: Any, finn: Any) -> None:
    sale = sold(acme)
    dispute = a_dispute(the_line(sale), ada)
    correction = disputes.correct_line(dispute, should_be_minor=30_000, reason="Another rule.", by=finn)
    assert correction.amount_minor == -10_000
    assert amounts(acme) == (40_000, -10_000)


def test_no_difference_is_no_correction(plan: Any, acme: Any, ada: Any, finn: Any) -> None:
    dispute = a_dispute(the_line(sold(acme)), ada)
    with pytest.raises(Refusal, match="already"):
        disputes.correct_line(dispute, should_be_minor=40_000, reason="So it is.", by=finn)


@pytest.mark.parametrize(
    ("refunds", "comes_to"),
    [([50_000], 37_500), ([50_000, 100_000], 12_500), ([66_667, 66_667, 66_666], 0)],
)
def test_a_correction_follows_its_sale(
    plan: Any, acme: Any, ada: Any, finn: Any, refunds: list[int], comes_to: int
) -> None:
    """400.00 was corrected to 500.00; of 2,000.00 something is given back, and the same part of the 500.00 goes."""
    sale = sold(acme)
    dispute = a_dispute(the_line(sale), ada)
    disputes.correct_line(dispute, should_be_minor=50_000, reason="You are right.", by=finn)
    for number, minor in enumerate(refunds):
        given_back(sale, minor, name=f"re_{number}")
    [balance] = balances(acme)
    assert balance.total_minor == comes_to
    assert check_proofs(by=None, everything=True).differing == []
    assert ledger.audit() == []


def test_a_correction_after_a_refund_starts_from_what_was_left(
    plan: Any, acme: Any, ada: Any, finn: Any
) -> None:
    sale = sold(acme)
    given_back(sale, 100_000)
    disputes.correct_line(a_dispute(the_line(sale), ada), should_be_minor=30_000, reason="Yes.", by=finn)
    given_back(sale, 50_000, name="re_2")
    [balance] = balances(acme)
    assert balance.total_minor == 15_000


def test_who_was_right_is_counted_by_rule(plan: Any, acme: Any, ada: Any, finn: Any) -> None:
    first, second, third = (the_line(sold(acme, name=f"inv_{number}")) for number in range(3))
    disputes.correct_line(a_dispute(first, ada), should_be_minor=50_000, reason="Yes.", by=finn)
    disputes.reject_dispute(a_dispute(second, ada), "No.", by=finn)
    a_dispute(third, ada)
    [counted] = disputes_by_rule(plan)
    assert (counted.rule, counted.corrected, counted.rejected, counted.open) == (first.rule, 1, 1, 1)


# Mail


def test_both_sides_hear_of_it_by_mail(acme: Any, ada: Any, finn: Any, mails: Any) -> None:
    dispute = a_dispute(an_entry(acme), ada)
    [asked] = mails(to=finn.email)
    assert "Acme disputes a line" in asked["subject"]
    assert "We are Platinum since May." in asked["text"]
    disputes.answer_dispute(dispute, "The tier before the sale counts.", by=finn)
    disputes.correct_line(dispute, should_be_minor=12_000, reason="Still, you are right.", by=finn)
    subjects = [mail["subject"] for mail in mails(to=ada.email)]
    assert subjects == ["Your question about €100.00 was answered", "Your line was corrected by €20.00"]


def test_finance_is_reminded_once_when_the_time_is_over(
    acme: Any, ada: Any, finn: Any, mails: Any, time: Any
) -> None:
    from commissions.receivers.disputes import remind_of_late_answers

    a_dispute(an_entry(acme), ada)
    remind_of_late_answers({})
    time.move(days=8)
    remind_of_late_answers({})
    remind_of_late_answers({})
    assert [mail["subject"].split(":")[0] for mail in mails(to=finn.email)][1:] == ["Overdue"]
