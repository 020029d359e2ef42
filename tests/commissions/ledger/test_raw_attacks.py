"""What the database itself refuses, whoever writes to it: each attack in plain SQL, on whichever database runs."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from commissions import ledger
from commissions.ledger import AccountCode
from commissions.models import Account, JournalEntry, JournalKind
from core.database import current_database, session


@pytest.fixture
def posted(acme: Any) -> JournalEntry:
    lines = [
        (AccountCode.vendor("expense:commission", "EUR"), 500),
        (AccountCode.payable(acme.id, "EUR"), -500),
    ]
    return ledger.post(key="fact:1", kind=JournalKind.CORRECTION, source="test:1", lines=lines, by=None)


def _refused(statement: str, **values: Any) -> None:
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(sa.text(statement), values)


def _new_entry(key: str = "raw", reverses: int | None = None) -> int:
    """A journal entry by plain SQL, not sealed yet."""
    session.execute(
        sa.text(
            "INSERT INTO commissions_journal_entry (key, request_digest, kind, source, reverses_id, actor_name, "
            "occurred_at, posted_at) VALUES (:key, '', 'correction', 'raw', :reverses, '', '2026-03-02', '2026-03-02')"
        ),
        {"key": key, "reverses": reverses},
    )
    return int(session.scalar(sa.select(JournalEntry.id).where(JournalEntry.key == key)) or 0)


def _line(entry: int, account: str, amount: Any, currency: str = "EUR") -> None:
    account_id = session.scalar(sa.select(Account.id).where(Account.code == account))
    session.execute(
        sa.text(
            "INSERT INTO commissions_journal_line (journal_entry_id, account_id, currency, amount_minor) "
            "VALUES (:entry, :account, :currency, :amount)"
        ),
        {"entry": entry, "account": account_id, "currency": currency, "amount": amount},
    )


def _seal(entry: int, lines: int) -> None:
    session.execute(
        sa.text("INSERT INTO commissions_journal_seal (journal_entry_id, lines) VALUES (:entry, :lines)"),
        {"entry": entry, "lines": lines},
    )


TABLES = ("journal_entry", "journal_line", "journal_seal")


@pytest.mark.parametrize("table", TABLES)
def test_nothing_posted_is_changed(posted: JournalEntry, table: str) -> None:
    column = {
        "journal_entry": "source = 'x'",
        "journal_line": "amount_minor = 1",
        "journal_seal": "lines = 3",
    }[table]
    _refused(f"UPDATE commissions_{table} SET {column}")


@pytest.mark.parametrize("table", TABLES)
def test_nothing_posted_is_removed(posted: JournalEntry, table: str) -> None:
    _refused(f"DELETE FROM commissions_{table}")


def test_nothing_is_replaced_or_truncated(posted: JournalEntry) -> None:
    if current_database().is_sqlite:
        _refused(
            "INSERT OR REPLACE INTO commissions_journal_seal (journal_entry_id, lines) VALUES (:id, 3)",
            id=posted.id,
        )
    else:
        _refused("TRUNCATE commissions_journal_line CASCADE")


def test_a_line_is_not_slipped_into_a_sealed_entry(posted: JournalEntry) -> None:
    with pytest.raises(DBAPIError, match="sealed"), session.begin_nested():
        _line(posted.id, "vendor:expense:commission:eur", 1)


def test_an_entry_that_does_not_balance_is_not_sealed(posted: JournalEntry, acme: Any) -> None:
    entry = _new_entry()
    _line(entry, "vendor:expense:commission:eur", 100)
    _line(entry, f"partner:{acme.id}:payable:eur", -99)
    with pytest.raises(DBAPIError, match="balances"), session.begin_nested():
        _seal(entry, 2)


def test_an_entry_of_one_line_is_not_sealed(posted: JournalEntry) -> None:
    with pytest.raises(DBAPIError, match="at least two"), session.begin_nested():
        _seal(_new_entry(), 0)


def test_a_seal_that_miscounts_is_refused(posted: JournalEntry, acme: Any) -> None:
    entry = _new_entry()
    _line(entry, "vendor:expense:commission:eur", 100)
    _line(entry, f"partner:{acme.id}:payable:eur", -100)
    with pytest.raises(DBAPIError, match="at least two"), session.begin_nested():
        _seal(entry, 3)


def test_a_line_in_another_currency_than_its_account_cannot_exist(posted: JournalEntry) -> None:
    entry = _new_entry()
    with pytest.raises(DBAPIError), session.begin_nested():
        _line(entry, "vendor:expense:commission:eur", 100, currency="USD")


@pytest.mark.parametrize("amount", [0, 10**15, -(10**15)])
def test_an_amount_out_of_range_is_refused(posted: JournalEntry, amount: int) -> None:
    entry = _new_entry()
    with pytest.raises(DBAPIError), session.begin_nested():
        _line(entry, "vendor:expense:commission:eur", amount)


def test_half_a_cent_is_never_booked(posted: JournalEntry, acme: Any) -> None:
    """SQLite would keep a fraction, PostgreSQL rounds it; neither becomes half a cent in the books."""
    entry = _new_entry()
    if current_database().is_sqlite:
        with pytest.raises(DBAPIError, match="whole"), session.begin_nested():
            _line(entry, "vendor:expense:commission:eur", 1.5)
    else:
        _line(entry, "vendor:expense:commission:eur", 1.5)
        assert session.scalar(sa.text("SELECT SUM(amount_minor % 1) FROM commissions_journal_line")) == 0


def test_a_reversal_that_does_not_mirror_is_not_sealed(posted: JournalEntry, acme: Any) -> None:
    entry = _new_entry(reverses=posted.id)
    _line(entry, "vendor:expense:commission:eur", -400)
    _line(entry, f"partner:{acme.id}:payable:eur", 400)
    with pytest.raises(DBAPIError, match="mirrors"), session.begin_nested():
        _seal(entry, 2)


@pytest.mark.parametrize(
    "change", ["currency = 'USD'", "type = 'income'", "code = 'x'", "partner_id = NULL", "id = id + 1000"]
)
def test_an_account_stays_what_it_is(posted: JournalEntry, change: str) -> None:
    _refused(f"UPDATE commissions_account SET {change} WHERE partner_id IS NOT NULL")


def test_an_account_is_never_removed(posted: JournalEntry) -> None:
    _refused("DELETE FROM commissions_account")


@pytest.mark.parametrize(
    "change", ["amount_minor = 0", "amount_minor = amount_minor + 1, lines = lines + 1", "lines = 9"]
)
def test_a_cached_balance_is_moved_by_its_lines_alone(posted: JournalEntry, change: str) -> None:
    _refused(f"UPDATE commissions_balance SET {change}")


def test_a_cached_balance_is_never_removed(posted: JournalEntry) -> None:
    _refused("DELETE FROM commissions_balance")


def test_no_key_stands_twice(posted: JournalEntry) -> None:
    with pytest.raises(DBAPIError), session.begin_nested():
        _new_entry("fact:1")


def test_an_entry_without_a_seal_cannot_be_committed(own_app: Any) -> None:
    with own_app.app_context():
        engine = current_database().engine
        insert = sa.text(
            "INSERT INTO commissions_journal_entry (id, key, request_digest, kind, source, actor_name, occurred_at, "
            "posted_at) VALUES (1, 'raw', '', 'correction', 'raw', '', '2026-03-02', '2026-03-02')"
        )
        with pytest.raises(DBAPIError), engine.begin() as connection:
            connection.execute(insert)
        with engine.connect() as connection:
            assert connection.scalar(sa.text("SELECT COUNT(*) FROM commissions_journal_entry")) == 0


def _seal_all(*seals: tuple[int, int]) -> None:
    rows = ", ".join(f"({entry}, {lines})" for entry, lines in seals)
    session.execute(sa.text(f"INSERT INTO commissions_journal_seal (journal_entry_id, lines) VALUES {rows}"))


def _of_two(key: str, acme: Any, amount: int, against: int, reverses: int | None = None) -> int:
    entry = _new_entry(key, reverses)
    _line(entry, "vendor:expense:commission:eur", amount)
    _line(entry, f"partner:{acme.id}:payable:eur", against)
    return entry


@pytest.mark.parametrize("place", range(3))
def test_one_wrong_seal_among_many_refuses_them_all(posted: JournalEntry, acme: Any, place: int) -> None:
    """Many rows of one statement are asked together; the wrong one is found wherever it stands."""
    seals = [(_of_two(f"right {number}", acme, 5, -5), 2) for number in range(2)]
    seals.insert(place, (_of_two("wrong", acme, 5, -4), 2))
    with pytest.raises(DBAPIError, match="balances in every currency"), session.begin_nested():
        _seal_all(*seals)
    del seals[place]
    _seal_all(*seals)


def test_a_miscount_or_a_crooked_reversal_is_found_among_many(posted: JournalEntry, acme: Any) -> None:
    right = (_of_two("right", acme, 5, -5), 2)
    miscounted = (_of_two("miscounted", acme, 5, -5), 3)
    with pytest.raises(DBAPIError, match="has all its lines"), session.begin_nested():
        _seal_all(right, miscounted)
    crooked = (_of_two("crooked", acme, -499, 499, posted.id), 2)
    with pytest.raises(DBAPIError, match="mirrors what it reverses"), session.begin_nested():
        _seal_all(right, crooked)


def test_one_line_among_many_for_a_sealed_entry_refuses_them_all(posted: JournalEntry, acme: Any) -> None:
    open_, account = _new_entry(), posted.lines[0].account_id
    rows = ", ".join(f"({entry}, {account}, 'EUR', 1)" for entry in (open_, open_, posted.id))
    with pytest.raises(DBAPIError, match="sealed"), session.begin_nested():
        session.execute(
            sa.text(
                "INSERT INTO commissions_journal_line (journal_entry_id, account_id, currency, amount_minor) "
                f"VALUES {rows}"
            )
        )


def test_posting_never_walks_through_the_books(posted: JournalEntry, acme: Any) -> None:
    """Whatever PostgreSQL believes of sizes, here that all is empty: new rows find theirs by an index."""
    drafts = [
        ledger.Draft(
            f"fact:many:{number}",
            JournalKind.CORRECTION,
            "test:1",
            (
                (AccountCode.vendor("expense:commission", "EUR"), 1),
                (AccountCode.payable(acme.id, "EUR"), -1),
            ),
            acme.created_at,
        )
        for number in range(300)
    ]
    before = _rows_walked()
    ledger.post_new(drafts, by=None)
    assert _rows_walked() == before
    assert ledger.audit() == []


def _rows_walked() -> int:
    """How many lines and seals the running transaction has read other than by an index; SQLite does not tell."""
    if current_database().is_sqlite:
        return 0
    query = (
        "SELECT sum(seq_tup_read) FROM pg_stat_xact_user_tables "
        "WHERE relname IN ('commissions_journal_line', 'commissions_journal_seal')"
    )
    return int(session.scalar(sa.text(query)) or 0)
