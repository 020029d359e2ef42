"""An advance comes before the event through the common books, and is taken off the claim or off what is earned."""

import pytest
import sqlalchemy as sa

from commissions import ledger
from commissions.models import Entry
from commissions.operations.payouts import execute_file, start_sending
from commissions.queries.earnings import balances
from commissions.queries.payouts import files_of_run
from core.database import session
from core.errors import InvalidInput
from core.settings import change_setting
from events import operations
from events.models import AdvanceStatus
from events.settings import ADVANCE_PERCENT
from tests.browser import Browser
from tests.commissions.earnings import a_profile, an_account_to_pay_from, an_approved_run
from tests.events import cast


def advanced(acme, amount=40_000, **about):
    """An approved request of 1,500.00 with an advance."""
    request = cast.a_submitted_request(acme, **about)
    operations.approve_request(
        request, cast.an_allocation(), amount_minor=150_000, advance_minor=amount, by=None
    )
    return request


def owed(acme) -> int:
    return sum(balance.payable_minor for balance in balances(acme))


def test_an_advance_is_owed_at_once_and_reserves_no_more(acme):
    request = advanced(acme)
    assert owed(acme) == 40_000
    assert (request.allocation.reserved_minor, request.allocation.paid_minor) == (150_000, 0)


def test_an_advance_is_at_most_the_programmes_share(acme, pia):
    request = cast.a_submitted_request(acme)
    allocation = cast.an_allocation()
    change_setting(ADVANCE_PERCENT, "20", by=pia)
    with pytest.raises(InvalidInput) as refused:
        operations.approve_request(request, allocation, amount_minor=150_000, advance_minor=30_001, by=None)
    assert refused.value.problems == {"advance_minor": "An advance is at most €300.00 here."}
    operations.approve_request(request, allocation, amount_minor=150_000, advance_minor=30_000, by=None)


def complete(request, time):
    """The claim of the request, handed in: 1,000.00 at 50 %."""
    time.move_to(request.starts_at)
    operations.check_in(cast.a_guest(request.event), by=None)
    time.move(days=1)
    claim = operations.start_claim(request, by=None)
    cast.a_line(claim, number="R-1", shade=11)
    cast.a_line(claim, number="R-2", shade=12)
    for kind in ("agenda", "photos"):
        kept = cast.check_file(cast.a_picture(40), "proof.png")
        operations.add_proof(claim, cast.ProofKind(kind), file=kept, by=None)
    operations.submit_claim(claim, by=None)
    return claim


def test_an_advance_is_set_off_in_the_claim(acme, time):
    request = advanced(acme)
    claim = complete(request, time)
    cast.approve(claim)
    assert claim.amount_minor == 100_000
    assert request.advance.status is AdvanceStatus.SET_OFF
    assert owed(acme) == 100_000
    lines = session.execute(sa.select(Entry.rule, Entry.amount_minor).order_by(Entry.id)).all()
    assert [tuple(line) for line in lines] == [
        ("event advance", 40_000),
        ("event reimbursement", 100_000),
        ("event advance set off", -40_000),
    ]
    assert not ledger.audit()


def test_an_advance_that_was_paid_leaves_the_rest_to_come(acme, finn, mona, time, run_jobs):
    an_account_to_pay_from()
    a_profile(acme)
    request = advanced(acme)
    run = an_approved_run(finn, mona)
    start_sending(run, by=finn)
    execute_file(files_of_run(run)[0], reference="B-1", by=finn)
    assert request.advance.paid_at is not None
    claim = complete(request, time)
    cast.approve(claim)
    assert owed(acme) == 60_000
    assert not ledger.audit()


def test_more_in_advance_than_the_claim_comes_to_is_owed_back(acme, time):
    request = advanced(acme, amount=45_000)
    claim = complete(request, time)
    for line in claim.lines:
        operations.judge_line(line, cut_minor=80_000, note="Another day.", by=None)
    cast.approve(claim)
    assert claim.amount_minor == 20_000
    assert owed(acme) == 20_000
    assert sum(session.scalars(sa.select(Entry.amount_minor))) == 20_000


@pytest.mark.parametrize("end", ["expired", "withdrawn", "decided"])
def test_without_proof_the_advance_comes_out_of_what_is_earned(acme, mona, time, mails, end):
    request = advanced(acme)
    if end == "withdrawn":
        operations.withdraw_request(request, by=None)
    elif end == "expired":
        time.move(days=120)
        operations.close_what_is_over()
    else:
        claim = complete(request, time)
        operations.reject_claim(claim, "The photos show another event.", by=mona)
        time.move(days=30)
        operations.close_what_is_over()
    assert request.advance.status is AdvanceStatus.TAKEN_BACK
    assert owed(acme) == 0
    assert request.allocation.reserved_minor == 0
    operations.close_what_is_over()
    assert session.scalar(sa.select(sa.func.count()).select_from(Entry)) == 2
    assert not ledger.audit()


def test_asked_for_and_granted_through_the_pages(app, acme, ada, mona, time):
    cast.an_allocation()
    request = cast.a_draft(acme, by=ada)
    partner = Browser(app).sign_in(ada).open(f"/funding/requests/{request.id}/edit")
    partner.fill("We need a part of the money before the event.", True).press("Hand in the request")
    manager = Browser(app).sign_in(mona).open(f"/funding/requests/{request.id}")
    assert manager.sees("An advance is asked for.")
    manager.fill("Of it in advance", "9000").press("Approve and reserve", expect=422)
    assert manager.sees("An advance is at most €450.00 here.")
    manager.fill("Of it in advance", "450").press("Approve and reserve")
    assert partner.open(f"/funding/requests/{request.id}").sees("€450.00")
