"""Claiming what an event cost: receipts that count once, the vendor's decision, the money that is owed."""

from datetime import timedelta

import pytest

from core import exchange
from core.database import session
from core.errors import InvalidInput, Refusal
from core.settings import change_setting
from core.signals import _receivers
from core.uploads import check_file
from events import operations
from events.models import ClaimStatus, EventStatus, ProofKind
from events.operations.claims import WRITTEN
from events.queries.claims import computed, missing
from events.queries.receipts import look_alikes
from events.settings import TWO_PEOPLE_ABOVE
from events.signals import FundingClaimApproved
from tests.events import cast

ONCE = "This receipt is in a claim already. A receipt can be claimed once."


@pytest.fixture
def announced():
    """What is announced about approved claims."""
    heard: list[FundingClaimApproved] = []
    _receivers[FundingClaimApproved].append(heard.append)
    yield heard
    _receivers[FundingClaimApproved].remove(heard.append)


def test_half_of_the_net_cost_is_approved_and_announced(acme, mona, time, announced):
    claim = cast.a_submitted_claim(acme, time)
    allocation = claim.request.allocation
    cast.approve(claim, by=mona)
    assert claim.status is ClaimStatus.APPROVED
    assert claim.amount_minor == 100_000
    assert [(signal.subject, signal.amount_minor, signal.currency) for signal in announced] == [
        (claim, 100_000, "EUR")
    ]
    assert (allocation.reserved_minor, allocation.paid_minor, allocation.available_minor) == (
        0,
        100_000,
        900_000,
    )


def test_a_claim_can_begin_only_once_the_event_is_over(acme):
    request = cast.an_approved_request(acme)
    with pytest.raises(Refusal, match="once the event is over"):
        operations.start_claim(request, by=None)


def test_starting_the_claim_says_that_the_event_took_place(acme, time):
    request = cast.a_held_request(acme, time)
    claim = operations.start_claim(request, by=None)
    assert request.event.status is EventStatus.HELD
    assert operations.start_claim(request, by=None) is claim


def test_what_is_missing_is_said_before_submitting(acme, time):
    claim = operations.start_claim(cast.a_held_request(acme, time), by=None)
    assert missing(claim) == ["Add at least one cost.", "Add the proof “Agenda”.", "Add the proof “Photos”."]
    cast.a_line(claim, receipt=False)
    assert "Add the receipt of “Hall”." in missing(claim)
    with pytest.raises(Refusal, match="Add the receipt of “Hall”"):
        operations.submit_claim(claim, by=None)


def test_check_ins_are_the_list_of_attendees(acme, time):
    claim = cast.a_complete_claim(acme, time)
    assert missing(claim) == []


def test_the_same_file_is_refused_across_partners(acme, rival, time):
    cast.a_complete_claim(acme, time)
    theirs = operations.start_claim(cast.a_held_request(rival, time), by=None)
    with pytest.raises(InvalidInput) as refused:
        cast.a_line(theirs, number="other", supplier="Other", supplier_tax_id="", shade=11)
    assert refused.value.problems == {"receipt": ONCE}


@pytest.mark.parametrize(
    "said",
    [
        {"supplier": "Adler Hotel GmbH", "supplier_tax_id": "DE 811 907 980"},
        {"supplier": "hotel adler", "supplier_tax_id": ""},
    ],
)
def test_the_same_document_is_refused_across_partners_however_it_is_written(acme, rival, time, said):
    mine = cast.a_complete_claim(acme, time)
    theirs = operations.start_claim(cast.a_held_request(rival, time), by=None)
    with pytest.raises(InvalidInput) as refused:
        cast.a_line(theirs, number="r 1", shade=99, dated_on=mine.lines[0].dated_on, **said)
    assert refused.value.problems == {"number": ONCE}


def test_the_database_itself_refuses_the_same_receipt_twice(acme, rival, time):
    import sqlalchemy as sa

    mine = cast.a_complete_claim(acme, time)
    theirs = operations.start_claim(cast.a_held_request(rival, time), by=None)
    line = cast.a_line(theirs, number="X-9", shade=77)
    with pytest.raises(sa.exc.IntegrityError), session.begin_nested():
        session.execute(
            sa.text("UPDATE events_claim_line SET file_key = :key WHERE id = :id"),
            {"key": mine.lines[0].file_key, "id": line.id},
        )
    session.expire_all()


def test_a_removed_or_finally_rejected_receipt_is_free_again(acme, rival, mona, time):
    mine = cast.a_submitted_claim(acme, time)
    reserved_in = mine.request.allocation
    theirs = operations.start_claim(cast.a_held_request(rival, time), by=None)
    operations.reject_claim(mine, "The photos show another event.", by=mona)
    with pytest.raises(InvalidInput):
        cast.a_line(theirs, number="other", supplier="Other", supplier_tax_id="", shade=11)
    assert reserved_in.reserved_minor == 150_000
    time.move(days=20)
    operations.close_what_is_over()
    assert mine.status is ClaimStatus.DECIDED
    assert reserved_in.reserved_minor == 0
    line = cast.a_line(theirs, number="other", supplier="Other", supplier_tax_id="", shade=11)
    operations.remove_line(line, by=None)
    cast.a_line(theirs, number="again", supplier="Again", supplier_tax_id="", shade=11)


def test_correcting_a_line_keeps_its_own_receipt(acme, time):
    claim = cast.a_complete_claim(acme, time)
    line = claim.lines[0]
    values = {name: getattr(line, name) for name in ("kind", "supplier", "number", "dated_on", "currency")}
    operations.save_line(claim, {**values, "gross_minor": 50_000, "tax_minor": 0}, line=line, by=None)
    assert line.gross_minor == 50_000
    assert line.receipt is not None


def test_a_claim_after_its_day_is_refused(acme, time):
    claim = cast.a_complete_claim(acme, time)
    time.move(days=60)
    with pytest.raises(Refusal, match="could be claimed until"):
        operations.submit_claim(claim, by=None)


def test_a_cut_and_a_refused_line_lower_the_amount_with_their_reason(acme, mona, time):
    claim = cast.a_submitted_claim(acme, time)
    operations.judge_line(claim.lines[0], cut_minor=20_000, note="The bar.", by=mona)
    operations.judge_line(claim.lines[1], is_refused=True, note="Another event.", by=mona)
    assert computed(claim).amount_minor == 40_000
    with pytest.raises(InvalidInput):
        operations.judge_line(claim.lines[1], is_refused=True, by=mona)


def test_an_approval_of_what_has_changed_since_is_refused(acme, mona, time):
    claim = cast.a_submitted_claim(acme, time)
    seen = claim.version
    operations.judge_line(claim.lines[0], cut_minor=20_000, note="The bar.", by=mona)
    with pytest.raises(Refusal, match="has changed since"):
        operations.approve_claim(claim, version=seen, amount_minor=100_000, by=mona)


def test_what_has_to_be_mended_stands_at_the_line_and_comes_back(acme, mona, time):
    claim = cast.a_submitted_claim(acme, time)
    operations.judge_line(claim.lines[0], note="The second page is missing.", by=mona)
    operations.ask_about_claim(claim, "", by=mona)
    assert claim.status is ClaimStatus.INFO_REQUESTED
    assert computed(claim).amount_minor == 100_000
    assert missing(claim) == ["Mend “Hall”, or answer what is noted there."]
    line = claim.lines[0]
    written = {name: getattr(line, name) for name in WRITTEN}
    operations.save_line(claim, {**written, "answer": "It is on the back of the first."}, line=line, by=None)
    operations.submit_claim(claim, by=None)
    assert claim.status is ClaimStatus.SUBMITTED
    assert (line.vendor_note, line.answer) == (
        "The second page is missing.",
        "It is on the back of the first.",
    )


def test_a_large_claim_needs_two_people(acme, mona, pia, time, announced):
    change_setting(TWO_PEOPLE_ABOVE, "999", by=pia)
    claim = cast.a_submitted_claim(acme, time)
    cast.approve(claim, by=mona)
    assert claim.status is ClaimStatus.PROPOSED
    assert not announced
    with pytest.raises(Refusal, match="second person"):
        cast.approve(claim, by=mona)
    cast.approve(claim, by=pia)
    assert claim.status is ClaimStatus.APPROVED
    assert len(announced) == 1


def test_changing_a_line_starts_the_approvals_again(acme, mona, pia, time):
    change_setting(TWO_PEOPLE_ABOVE, "10", by=pia)
    claim = cast.a_submitted_claim(acme, time)
    cast.approve(claim, by=mona)
    operations.judge_line(claim.lines[0], cut_minor=1, note="A cent.", by=pia)
    assert claim.status is ClaimStatus.SUBMITTED
    cast.approve(claim, by=pia)
    assert claim.status is ClaimStatus.PROPOSED


def test_nobody_decides_for_their_own_firm(acme, ada, time):
    claim = cast.a_submitted_claim(acme, time)
    with pytest.raises(Refusal, match="your own firm"):
        cast.approve(claim, by=ada)


def test_an_appeal_is_upheld_by_approving(acme, mona, time):
    claim = cast.a_submitted_claim(acme, time)
    operations.reject_claim(claim, "No photos.", by=mona)
    operations.appeal_claim(claim, "The photos are on the second page.", by=None)
    cast.approve(claim, by=mona)
    assert claim.status is ClaimStatus.APPROVED
    assert claim.request.allocation.paid_minor == 100_000


def test_an_appeal_too_late_is_refused(acme, mona, time):
    claim = cast.a_submitted_claim(acme, time)
    operations.reject_claim(claim, "No photos.", by=mona)
    time.move(days=30)
    with pytest.raises(Refusal, match="time to appeal is over"):
        operations.appeal_claim(claim, "The photos are on the second page.", by=None)


def test_a_dismissed_appeal_ends_it_and_releases(acme, mona, time):
    claim = cast.a_submitted_claim(acme, time)
    operations.reject_claim(claim, "No photos.", by=mona)
    operations.appeal_claim(claim, "The photos are on the second page.", by=None)
    operations.dismiss_appeal(claim, "They show another hall.", by=mona)
    assert claim.status is ClaimStatus.DECIDED
    assert claim.request.reserved_minor == 0


def test_reimbursed_is_said_once(acme, mona, time):
    claim = cast.a_submitted_claim(acme, time)
    cast.approve(claim, by=mona)
    operations.mark_reimbursed(claim, by=None)
    operations.mark_reimbursed(claim, by=None)
    assert claim.status is ClaimStatus.REIMBURSED


def test_a_claim_that_was_not_approved_is_not_reimbursed(acme, time):
    claim = cast.a_submitted_claim(acme, time)
    with pytest.raises(Refusal):
        operations.mark_reimbursed(claim, by=None)


def test_a_foreign_receipt_uses_the_rate_of_its_day_and_keeps_it(acme, mona, time):
    from decimal import Decimal

    claim = cast.a_complete_claim(acme, time)
    day = claim.lines[0].dated_on
    exchange.set_rate(day - timedelta(days=2), "EUR", "USD", Decimal("1.25"), source="typed", by=mona)
    line = cast.a_line(claim, number="US-1", shade=55, currency="USD", gross_minor=10_000, tax_minor=0)
    assert line.rate == "0.8"
    exchange.set_rate(day, "EUR", "USD", Decimal("2"), source="typed", by=mona)
    operations.submit_claim(claim, by=None)
    assert line.rate == "0.8"
    assert computed(claim).amount_minor == 104_000


def test_a_receipt_without_a_rate_can_be_handed_in_but_not_approved(acme, mona, time):
    claim = cast.a_complete_claim(acme, time)
    line = cast.a_line(claim, number="US-1", shade=55, currency="USD", gross_minor=10_000, tax_minor=0)
    assert line.rate is None
    operations.submit_claim(claim, by=None)
    with pytest.raises(Refusal, match="exchange rate"):
        cast.approve(claim, by=mona)


def test_receipts_that_look_alike_are_shown_to_whoever_decides(acme, rival, time):
    mine = operations.start_claim(cast.a_held_request(acme, time), by=None)
    theirs = operations.start_claim(cast.a_held_request(rival, time), by=None)
    about = {"kind": "room", "currency": "EUR", "gross_minor": 5_000}
    day = mine.request.starts_at.date()
    photo = check_file(cast.a_photo("PNG", (600, 400)), "receipt.png")
    operations.save_line(
        mine, {**about, "supplier": "Inn", "number": "7", "dated_on": day}, file=photo, by=None
    )
    again = check_file(cast.a_photo("JPEG", (300, 200)), "again.jpg")
    line = operations.save_line(
        theirs,
        {**about, "supplier": "Pub", "number": "8", "dated_on": day - timedelta(days=1)},
        file=again,
        by=None,
    )
    assert [match.line.claim for match in look_alikes(theirs)[line.id]] == [mine]


def test_a_link_that_is_none_is_refused(acme, time):
    claim = cast.a_complete_claim(acme, time)
    with pytest.raises(InvalidInput):
        operations.add_proof(claim, ProofKind.LINK, url="javascript:alert(1)", by=None)
