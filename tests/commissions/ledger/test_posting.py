"""The books: every fact once, balanced, never edited."""

from typing import Any

import pytest

from commissions import ledger
from commissions.ledger import AccountCode, IdempotencyConflict
from commissions.models import JournalKind
from core.database import session

EXPENSE = AccountCode.vendor("expense:commission", "EUR")


def _post(partner: Any, amount: int = 100, key: str = "fact:1", **about: Any) -> Any:
    lines = [(EXPENSE, amount), (AccountCode.payable(partner.id, "EUR"), -amount)]
    return ledger.post(key=key, kind=JournalKind.CORRECTION, source="test:1", lines=lines, by=None, **about)


def test_a_fact_is_owed_from_the_moment_it_is_posted(acme: Any) -> None:
    _post(acme, 12_345)
    assert ledger.balance_of(acme.id, "EUR") == 12_345
    assert not ledger.audit()


def test_the_same_fact_twice_changes_nothing(acme: Any) -> None:
    assert _post(acme).id == _post(acme).id
    assert ledger.balance_of(acme.id, "EUR") == 100
    assert not ledger.audit()


def test_a_key_that_comes_back_with_other_content_is_refused(acme: Any) -> None:
    _post(acme, 100)
    with pytest.raises(IdempotencyConflict):
        _post(acme, 101)


def test_what_does_not_balance_is_not_posted(acme: Any) -> None:
    lines = [(EXPENSE, 100), (AccountCode.payable(acme.id, "EUR"), -99)]
    with pytest.raises(ValueError, match="does not balance"):
        ledger.post(key="fact:1", kind=JournalKind.CORRECTION, source="test:1", lines=lines, by=None)


@pytest.mark.parametrize("amount", [True, 1.0, "1"])
def test_an_amount_is_a_whole_number_and_nothing_like_one(acme: Any, amount: Any) -> None:
    with pytest.raises(TypeError):
        _post(acme, amount)


def test_two_currencies_never_balance_each_other(acme: Any) -> None:
    lines = [(EXPENSE, 100), (AccountCode.payable(acme.id, "USD"), -100)]
    with pytest.raises(ValueError, match="does not balance"):
        ledger.post(key="fact:1", kind=JournalKind.CORRECTION, source="test:1", lines=lines, by=None)


def test_a_reversal_mirrors_the_whole_entry(acme: Any) -> None:
    entry = _post(acme, 700)
    ledger.reverse(entry, key="fact:1:undone", by=None)
    assert ledger.balance_of(acme.id, "EUR") == 0
    assert not ledger.audit()


def test_an_entry_is_reversed_once(acme: Any) -> None:
    from sqlalchemy.exc import IntegrityError

    entry = _post(acme)
    ledger.reverse(entry, key="fact:1:undone", by=None)
    with pytest.raises(IntegrityError), session.begin_nested():
        ledger.reverse(entry, key="fact:1:undone again", by=None)


def test_a_payout_takes_no_more_than_is_owed(acme: Any) -> None:
    from sqlalchemy.exc import IntegrityError

    _post(acme, 100)
    lines = [(AccountCode.payable(acme.id, "EUR"), 101), (AccountCode.in_run(acme.id, "EUR"), -101)]
    with pytest.raises(IntegrityError, match="no more than is owed"), session.begin_nested():
        ledger.post(key="p", kind=JournalKind.PAYOUT_RESERVED, source="payout:1", lines=lines, by=None)


def test_no_more_is_paid_than_was_set_aside(acme: Any) -> None:
    from sqlalchemy.exc import IntegrityError

    _post(acme, 100)
    lines = [(AccountCode.in_run(acme.id, "EUR"), 1), (AccountCode.vendor("asset:sepa", "EUR"), -1)]
    with pytest.raises(IntegrityError, match="set aside"), session.begin_nested():
        ledger.post(key="p", kind=JournalKind.PAYOUT_PAID, source="payout:1", lines=lines, by=None)


def test_a_refund_may_leave_a_partner_owing(acme: Any) -> None:
    _post(acme, 100)
    _post(acme, -150, key="fact:2")
    assert ledger.balance_of(acme.id, "EUR") == -50
    assert not ledger.audit()


def test_a_balance_is_known_as_of_any_moment(acme: Any, time: Any) -> None:
    _post(acme, 100)
    monday = time.moment
    time.move(days=1)
    _post(acme, 50, key="fact:2")
    assert ledger.balance_of(acme.id, "EUR", as_of=monday) == 100
    assert ledger.balance_of(acme.id, "EUR", as_of=time.moment) == 150


def test_a_balance_costs_the_same_however_many_postings_there_are(acme: Any) -> None:
    drafts = [
        ledger.Draft(
            f"fact:{number}",
            JournalKind.CORRECTION,
            "test:1",
            ((EXPENSE, 1), (AccountCode.payable(acme.id, "EUR"), -1)),
            acme.created_at,
        )
        for number in range(2_000)
    ]
    ledger.post_many(drafts, by=None)
    assert ledger.balance_of(acme.id, "EUR") == 2_000
    assert not ledger.audit()
