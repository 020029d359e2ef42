"""An appeal against a rejection, or against what an approval took off: decided once, and paid when it is right."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from commissions import ledger
from commissions.models import Entry
from core.database import session
from core.errors import Refusal
from core.settings import change_setting
from events import operations
from events.models import ClaimStatus
from events.queries.claims import appeal_is_open
from events.settings import TWO_PEOPLE_ABOVE
from tests.browser import Browser
from tests.events import cast

WHY = "The bar was rented with the hall."


@pytest.fixture
def cut(acme, mona, time):
    """A claim of 1,000.00 of which 900.00 was approved: 200.00 of cost was taken off one line."""
    claim = cast.a_submitted_claim(acme, time)
    operations.judge_line(claim.lines[0], cut_minor=20_000, note="The bar.", by=mona)
    cast.approve(claim, by=mona)
    return claim


def entries() -> list[int]:
    return list(session.scalars(sa.select(Entry.amount_minor).order_by(Entry.id)))


def test_what_was_taken_off_stays_reserved_until_the_time_to_appeal_is_over(cut, time):
    allocation = cut.request.allocation
    assert (cut.amount_minor, allocation.paid_minor, allocation.reserved_minor) == (90_000, 90_000, 10_000)
    assert appeal_is_open(cut)
    time.move(days=20)
    operations.close_what_is_over()
    assert (allocation.paid_minor, allocation.reserved_minor) == (90_000, 0)
    with pytest.raises(Refusal, match="time to appeal is over"):
        operations.appeal_claim(cut, WHY, by=None)


def test_without_a_cut_there_is_nothing_to_appeal_against(acme, time):
    claim = cast.a_submitted_claim(acme, time)
    cast.approve(claim)
    assert not appeal_is_open(claim)
    assert claim.request.allocation.reserved_minor == 0


def test_an_upheld_appeal_pays_the_difference(cut, pia, time):
    operations.appeal_claim(cut, WHY, by=None)
    with pytest.raises(Refusal, match="No more than before"):
        cast.approve(cut, by=pia)
    operations.judge_line(cut.lines[0], by=pia)
    cast.approve(cut, by=pia)
    assert (cut.status, cut.amount_minor) == (ClaimStatus.APPROVED, 100_000)
    assert entries() == [90_000, 10_000]
    allocation = cut.request.allocation
    assert (allocation.paid_minor, allocation.reserved_minor) == (100_000, 0)
    with pytest.raises(Refusal):
        operations.appeal_claim(cut, WHY, by=None)
    assert not ledger.audit()


def test_a_dismissed_appeal_leaves_what_was_approved(cut, pia, mails, acme):
    operations.appeal_claim(cut, WHY, by=None)
    operations.dismiss_appeal(cut, "The bar is on the invoice by itself.", by=pia)
    assert (cut.status, cut.granted_minor) == (ClaimStatus.DECIDED, 90_000)
    assert cut.request.allocation.reserved_minor == 0
    assert all(line.is_live for line in cut.lines)
    assert entries() == [90_000]


def test_money_may_arrive_while_the_appeal_goes_on(cut, pia):
    operations.appeal_claim(cut, WHY, by=None)
    operations.mark_reimbursed(cut, by=None)
    operations.mark_reimbursed(cut, by=None)
    assert cut.status is ClaimStatus.APPEALED
    operations.dismiss_appeal(cut, "The bar is on the invoice by itself.", by=pia)
    assert cut.status is ClaimStatus.REIMBURSED


def test_a_reimbursed_claim_can_still_be_appealed(cut, pia):
    operations.mark_reimbursed(cut, by=None)
    operations.appeal_claim(cut, WHY, by=None)
    operations.judge_line(cut.lines[0], by=pia)
    cast.approve(cut, by=pia)
    assert cut.status is ClaimStatus.APPROVED
    operations.mark_reimbursed(cut, by=None)
    assert cut.status is ClaimStatus.REIMBURSED


def test_a_large_appeal_needs_two_people_and_goes_back_to_being_an_appeal(cut, mona, pia):
    operations.appeal_claim(cut, WHY, by=None)
    change_setting(TWO_PEOPLE_ABOVE, "1", by=pia)
    operations.judge_line(cut.lines[0], by=mona)
    cast.approve(cut, by=mona)
    assert (cut.status, cut.amount_minor, cut.granted_minor) == (ClaimStatus.PROPOSED, 100_000, 90_000)
    operations.judge_line(cut.lines[0], cut_minor=10_000, note="Half of the bar.", by=pia)
    assert (cut.status, cut.amount_minor) == (ClaimStatus.APPEALED, 90_000)
    cast.approve(cut, by=mona)
    cast.approve(cut, by=pia)
    assert cut.amount_minor == 95_000
    assert entries() == [90_000, 5_000]


def test_a_rejection_is_appealed_once(acme, mona, pia, time):
    claim = cast.a_submitted_claim(acme, time)
    operations.reject_claim(claim, "The photos show another hall.", by=mona)
    operations.appeal_claim(claim, WHY, by=None)
    with pytest.raises(Refusal, match="Turn the appeal down"):
        operations.reject_claim(claim, "Still.", by=pia)
    operations.dismiss_appeal(claim, "Still another hall.", by=pia)
    assert claim.status is ClaimStatus.DECIDED
    assert not any(line.is_live for line in claim.lines)
    time.move_to(time.moment + timedelta(days=1))
    assert not appeal_is_open(claim)


def test_appealed_through_the_pages(app, cut, ada, pia):
    partner = Browser(app).sign_in(ada).open(f"/funding/claims/{cut.id}")
    assert partner.sees("Appeal by") and partner.sees("Hall: €200.00 was taken off: The bar.")
    partner.fill("What should be looked at again", WHY).press("Send the appeal")
    admin = Browser(app).sign_in(pia).open(f"/funding/claims/{cut.id}")
    assert admin.sees(WHY)
    admin.fill("Reason", "It stands by itself on the invoice.").press("Turn the appeal down")
    partner.open(f"/funding/claims/{cut.id}")
    assert partner.sees("Approved: €900.00") and partner.sees("It stands by itself on the invoice.")


def _with_a_refused_line(acme, mona, time):
    claim = cast.a_submitted_claim(acme, time)
    operations.judge_line(claim.lines[0], is_refused=True, note="It belongs to another event.", by=mona)
    cast.approve(claim, by=mona)
    return claim


def test_a_refused_receipt_is_free_once_the_time_to_appeal_is_over(acme, ada, mona, time, app):
    claim = _with_a_refused_line(acme, mona, time)
    assert all(line.is_live for line in claim.lines)
    page = Browser(app).sign_in(ada).open(f"/funding/claims/{claim.id}")
    assert page.sees("Until the time to appeal is over")
    time.move(days=20)
    operations.close_what_is_over()
    assert [line.is_live for line in claim.lines] == [False, True]
    page = Browser(app).sign_in(ada).open(f"/funding/claims/{claim.id}")
    assert page.sees("This receipt is free")
    assert operations.close_what_is_over() == 0


def test_a_refused_receipt_is_free_when_the_appeal_is_turned_down(acme, mona, pia, time):
    claim = _with_a_refused_line(acme, mona, time)
    operations.appeal_claim(claim, WHY, by=None)
    assert all(line.is_live for line in claim.lines)
    operations.dismiss_appeal(claim, "It still belongs there.", by=pia)
    assert [line.is_live for line in claim.lines] == [False, True]


def test_a_freed_receipt_can_stand_in_the_claim_where_it_belongs(acme, rival, mona, time):
    claim = _with_a_refused_line(acme, mona, time)
    time.move(days=20)
    operations.close_what_is_over()
    other = operations.start_claim(cast.a_held_request(rival, time), by=None)
    assert cast.a_line(other, number="R-1", shade=11).is_live
    assert claim.lines[0].receipt_id is not None
