"""The books: accounts, journal entries with their lines and seals, cached balances, and the chain over all of it.

The database itself refuses what must not be, on SQLite and on PostgreSQL:

- A journal entry cannot be committed without its seal (a deferred foreign key), and a seal only goes on an entry that
  has at least two lines and balances in every currency. Nothing is added to a sealed entry.
- A line stands in the currency of its account (a foreign key over both).
- Journal, lines, seals and chain are append-only; an undo is a new entry that mirrors the old one, once.
- A guarded account has a cached balance, moved by its lines alone. A payout may not overdraw it.
"""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base
from core.money import LIMIT
from core.triggers import append_only, of_each, on_postgresql, on_sqlite, refuse_rows_when, refuse_when


class AccountType(StrEnum):
    """The five kinds of account that double entry knows."""

    ASSET = "asset"
    LIABILITY = "liability"
    EXPENSE = "expense"
    INCOME = "income"
    EQUITY = "equity"


class JournalKind(StrEnum):
    """Why something was posted."""

    ACCRUAL = "accrual"
    SPLIT = "split"
    BONUS = "bonus"
    ADJUSTMENT = "adjustment"
    REVERSAL = "reversal"
    REIMBURSEMENT = "reimbursement"
    SET_OFF = "set_off"
    PAYOUT_RESERVED = "payout_reserved"
    PAYOUT_PAID = "payout_paid"
    PAYOUT_RELEASED = "payout_released"
    PAYOUT_REVERSED = "payout_reversed"
    CORRECTION = "correction"


class Account(Base):
    """A place money is owed to or comes from, named by a code such as ``partner:17:payable:eur``; one currency each."""

    __tablename__ = "commissions_account"
    __table_args__ = (
        sa.UniqueConstraint("id", "currency"),
        sa.CheckConstraint("type IN ('asset', 'liability', 'expense', 'income', 'equity')", name="type"),
        sa.CheckConstraint("length(currency) = 3 AND currency = upper(currency)", name="currency"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    type: Mapped[AccountType]
    currency: Mapped[str]
    partner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("partners_partner.id"), index=True)
    #: Whether it has a cached balance, which no payout may overdraw.
    guarded: Mapped[bool] = mapped_column(default=False)


class JournalSeal(Base):
    """What closes a journal entry: it balances, and it is whole."""

    __tablename__ = "commissions_journal_seal"

    journal_entry_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    lines: Mapped[int]

    @property
    def id(self) -> int:
        return self.journal_entry_id


class JournalEntry(Base):
    """One business fact in the books, posted once under its ``key``."""

    __tablename__ = "commissions_journal_entry"

    id: Mapped[int] = mapped_column(
        sa.ForeignKey(
            "commissions_journal_seal.journal_entry_id",
            deferrable=True,
            initially="DEFERRED",
            name="fk_journal_entry_sealed",
        ),
        primary_key=True,
        autoincrement=True,
    )
    key: Mapped[str] = mapped_column(unique=True)
    request_digest: Mapped[str]
    kind: Mapped[JournalKind]
    #: What it stems from: ``entry:12``, ``payout:7``.
    source: Mapped[str] = mapped_column(index=True)
    reverses_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("commissions_journal_entry.id"), unique=True
    )
    actor_id: Mapped[int | None]
    actor_name: Mapped[str]
    occurred_at: Mapped[datetime] = mapped_column(index=True)
    posted_at: Mapped[datetime]

    lines: Mapped[list["JournalLine"]] = relationship(viewonly=True, order_by="JournalLine.id")


class JournalLine(Base):
    """One side of a journal entry: a debit is positive, a credit negative."""

    __tablename__ = "commissions_journal_line"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["account_id", "currency"],
            ["commissions_account.id", "commissions_account.currency"],
            name="fk_journal_line_currency_of_account",
        ),
        sa.CheckConstraint(
            f"amount_minor <> 0 AND amount_minor > -{LIMIT} AND amount_minor < {LIMIT}",
            name="amount_in_range",
        ),
        sa.Index("ix_commissions_journal_line_account", "account_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    journal_entry_id: Mapped[int] = mapped_column(sa.ForeignKey("commissions_journal_entry.id"), index=True)
    account_id: Mapped[int]
    currency: Mapped[str]
    amount_minor: Mapped[int]

    account: Mapped[Account] = relationship(
        primaryjoin="foreign(JournalLine.account_id) == Account.id", viewonly=True, lazy="joined"
    )


class CachedBalance(Base):
    """The sum of a guarded account's lines. Its lines move it, nothing else; the audit compares."""

    __tablename__ = "commissions_balance"

    account_id: Mapped[int] = mapped_column(
        sa.ForeignKey("commissions_account.id"), primary_key=True, autoincrement=False
    )
    amount_minor: Mapped[int]
    lines: Mapped[int]
    last_line_id: Mapped[int]

    @property
    def id(self) -> int:
        return self.account_id


class ChainBatch(Base):
    """Journal entries ``first_id`` to ``last_id`` under one digest, which includes the digest before it."""

    __tablename__ = "commissions_journal_chain"

    id: Mapped[int] = mapped_column(primary_key=True)
    first_id: Mapped[int] = mapped_column(unique=True)
    last_id: Mapped[int] = mapped_column(unique=True)
    entries: Mapped[int]
    previous_digest: Mapped[str] = mapped_column(unique=True)
    digest: Mapped[str]
    sealed_at: Mapped[datetime]


_ACCOUNT: sa.Table = Account.__table__  # type: ignore[assignment]
_ENTRY: sa.Table = JournalEntry.__table__  # type: ignore[assignment]
_LINE: sa.Table = JournalLine.__table__  # type: ignore[assignment]
_SEAL: sa.Table = JournalSeal.__table__  # type: ignore[assignment]
_BALANCE: sa.Table = CachedBalance.__table__  # type: ignore[assignment]
_CHAIN: sa.Table = ChainBatch.__table__  # type: ignore[assignment]

for _table in (_ENTRY, _LINE, _SEAL, _CHAIN):
    append_only(_table)

refuse_when(
    _ACCOUNT,
    "UPDATE",
    "stays_what_it_is",
    [
        (
            "an account keeps its code, type, currency and guard",
            "NEW.id <> OLD.id OR NEW.code <> OLD.code OR NEW.type <> OLD.type OR NEW.currency <> OLD.currency "
            "OR NEW.guarded <> OLD.guarded OR NEW.partner_id IS DISTINCT FROM OLD.partner_id",
        )
    ],
)
refuse_when(_ACCOUNT, "DELETE", "stays", [("an account is never removed", "TRUE")])

_OF_ENTRY = "FROM commissions_journal_line WHERE journal_entry_id = NEW.journal_entry_id"
# What a line's account is, and what stands on it: looked up line by line. Joined, a database that knows little of its
# tables yet would begin with the accounts, and walk through all their lines at each seal.
_TYPE, _CODE, _STANDS = (
    f"(SELECT {column} FROM commissions_{table} AS its WHERE its.{key} = commissions_journal_line.account_id)"  # noqa: S608
    for table, key, column in (
        ("account", "id", "its.type"),
        ("account", "id", "its.code"),
        ("balance", "account_id", "its.amount_minor"),
    )
)

# On PostgreSQL: what belongs to the journal entries whose lines, or seals, are new.
_FRESH_SEALS = of_each(
    "fresh", "commissions_journal_seal", "seal", "its.journal_entry_id = fresh.journal_entry_id"
)
_FRESH_LINES = of_each(
    "fresh", "commissions_journal_line", "line", "its.journal_entry_id = fresh.journal_entry_id"
)
_FRESH_REVERSALS = of_each(
    "fresh",
    "commissions_journal_entry",
    "entry",
    "its.id = fresh.journal_entry_id AND its.reverses_id IS NOT NULL",
)
_RESERVED = of_each(
    "fresh",
    "commissions_journal_entry",
    "entry",
    "its.id = fresh.journal_entry_id AND its.kind = 'payout_reserved'",
)
_RESERVED_LINES = of_each(_RESERVED, "commissions_journal_line", "line", "its.journal_entry_id = entry.id")
_OF_RESERVED_LINES = of_each(
    of_each(_RESERVED_LINES, "commissions_account", "account", "its.id = line.account_id"),
    "commissions_balance",
    "stands",
    "its.account_id = line.account_id AND its.amount_minor <> 0",
)
_TOUCHED = f"(SELECT DISTINCT line.account_id FROM {_FRESH_LINES}) AS touched"  # noqa: S608
_TOUCHED_IN_RUN = of_each(
    of_each(
        _TOUCHED,
        "commissions_account",
        "account",
        "its.id = touched.account_id AND its.code LIKE '%%:in_run:%%'",
    ),
    "commissions_balance",
    "stands",
    "its.account_id = touched.account_id AND its.amount_minor > 0",
)

refuse_rows_when(
    _LINE,
    "before_the_seal",
    [
        (
            "nothing is added to a sealed journal entry",
            "EXISTS (SELECT 1 FROM commissions_journal_seal WHERE journal_entry_id = NEW.journal_entry_id)",
            f"EXISTS (SELECT 1 FROM {_FRESH_SEALS})",  # noqa: S608
        )
    ],
)
on_sqlite(
    _LINE,
    "CREATE TRIGGER commissions_journal_line_whole BEFORE INSERT ON commissions_journal_line "
    "WHEN typeof(NEW.amount_minor) <> 'integer' "
    "BEGIN SELECT RAISE(ABORT, 'an amount is a whole number of minor units'); END",
)

refuse_rows_when(
    _SEAL,
    "balances",
    [
        (
            "a journal entry has all its lines, at least two",
            f"NEW.lines < 2 OR NEW.lines <> (SELECT COUNT(*) {_OF_ENTRY})",
            "EXISTS (SELECT 1 FROM fresh WHERE fresh.lines < 2 OR fresh.lines <> (SELECT COUNT(*) "
            "FROM commissions_journal_line AS line WHERE line.journal_entry_id = fresh.journal_entry_id))",
        ),
        (
            "a journal entry balances in every currency",
            f"EXISTS (SELECT 1 {_OF_ENTRY} GROUP BY currency HAVING SUM(amount_minor) <> 0)",
            f"EXISTS (SELECT 1 FROM {_FRESH_LINES} GROUP BY line.journal_entry_id, line.currency "  # noqa: S608
            "HAVING SUM(line.amount_minor) <> 0)",
        ),
        (
            "a reversal mirrors what it reverses",
            # One entry is looked up first; joined the other way round, each seal would walk through all lines.
            "EXISTS (SELECT 1 FROM commissions_journal_entry AS entry WHERE entry.id = NEW.journal_entry_id "
            "AND entry.reverses_id IS NOT NULL AND EXISTS (SELECT 1 FROM commissions_journal_line AS line "
            "WHERE line.journal_entry_id IN (entry.id, entry.reverses_id) "
            "GROUP BY line.account_id HAVING SUM(line.amount_minor) <> 0))",
            f"EXISTS (SELECT 1 FROM {_FRESH_REVERSALS} "  # noqa: S608
            "WHERE EXISTS (SELECT 1 FROM commissions_journal_line AS line "
            "WHERE line.journal_entry_id IN (entry.id, entry.reverses_id) "
            "GROUP BY line.account_id HAVING SUM(line.amount_minor) <> 0))",
        ),
        (
            "a payout takes no more than is owed",
            f"EXISTS (SELECT 1 {_OF_ENTRY} AND (SELECT entry.kind FROM commissions_journal_entry AS entry "  # noqa: S608
            "WHERE entry.id = NEW.journal_entry_id) = 'payout_reserved' "
            f"AND (({_TYPE} = 'liability' AND amount_minor > 0 AND {_STANDS} > 0) "
            f"OR ({_TYPE} = 'asset' AND amount_minor < 0 AND {_STANDS} < 0)))",
            f"EXISTS (SELECT 1 FROM {_OF_RESERVED_LINES} "  # noqa: S608
            "WHERE (account.type = 'liability' AND line.amount_minor > 0 AND stands.amount_minor > 0) "
            "OR (account.type = 'asset' AND line.amount_minor < 0 AND stands.amount_minor < 0))",
        ),
        (
            "no more is paid or released than was set aside",
            f"EXISTS (SELECT 1 {_OF_ENTRY} AND {_CODE} LIKE '%%:in_run:%%' AND {_STANDS} > 0)",
            f"EXISTS (SELECT 1 FROM {_TOUCHED_IN_RUN})",  # noqa: S608
        ),
    ],
)

# The cached balance follows the lines. PostgreSQL moves it once a statement: a row that is updated a thousand times in
# one transaction leaves a thousand dead versions to walk through, which makes posting in bulk quadratic.
_MOVED = (
    "ON CONFLICT (account_id) DO UPDATE SET amount_minor = commissions_balance.amount_minor + excluded.amount_minor, "
    "lines = commissions_balance.lines + excluded.lines, last_line_id = excluded.last_line_id"
)
on_sqlite(
    _LINE,
    "CREATE TRIGGER commissions_journal_line_moves_balance AFTER INSERT ON commissions_journal_line "  # noqa: S608
    "BEGIN INSERT INTO commissions_balance (account_id, amount_minor, lines, last_line_id) "
    "SELECT NEW.account_id, NEW.amount_minor, 1, NEW.id FROM commissions_account "
    "WHERE id = NEW.account_id AND guarded " + _MOVED + "; END",
)
on_postgresql(
    _LINE,
    "CREATE OR REPLACE FUNCTION commissions_journal_line_moves_balance() RETURNS trigger LANGUAGE plpgsql "  # noqa: S608
    "SECURITY DEFINER SET search_path = public, pg_temp AS $$ BEGIN "
    "INSERT INTO commissions_balance (account_id, amount_minor, lines, last_line_id) "
    "SELECT fresh.account_id, SUM(fresh.amount_minor), COUNT(*), MAX(fresh.id) FROM fresh "
    "JOIN commissions_account AS account ON account.id = fresh.account_id AND account.guarded "
    "GROUP BY fresh.account_id ORDER BY fresh.account_id " + _MOVED + "; RETURN NULL; END $$",
)
on_postgresql(
    _LINE,
    "CREATE TRIGGER commissions_journal_line_moves_balance AFTER INSERT ON commissions_journal_line "
    "REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT "
    "EXECUTE FUNCTION commissions_journal_line_moves_balance()",
)

# Nobody else does. SQLite has one writer, so that line ids rise; PostgreSQL knows whether a trigger is writing.
on_sqlite(
    _BALANCE,
    "CREATE TRIGGER commissions_balance_by_its_lines BEFORE UPDATE ON commissions_balance "
    "WHEN NEW.account_id <> OLD.account_id OR NEW.lines <> OLD.lines + 1 OR NEW.last_line_id <= OLD.last_line_id "
    "OR NOT EXISTS (SELECT 1 FROM commissions_journal_line WHERE id = NEW.last_line_id "
    "AND account_id = NEW.account_id AND amount_minor = NEW.amount_minor - OLD.amount_minor) "
    "BEGIN SELECT RAISE(ABORT, 'a balance is moved by its lines alone'); END",
)
on_sqlite(
    _BALANCE,
    "CREATE TRIGGER commissions_balance_from_a_line BEFORE INSERT ON commissions_balance "
    "WHEN NOT EXISTS (SELECT 1 FROM commissions_journal_line WHERE id = NEW.last_line_id "
    "AND account_id = NEW.account_id) "
    "BEGIN SELECT RAISE(ABORT, 'a balance is moved by its lines alone'); END",
)
on_postgresql(
    _BALANCE,
    "CREATE OR REPLACE FUNCTION commissions_balance_by_its_lines() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "IF pg_trigger_depth() < 2 THEN RAISE EXCEPTION 'a balance is moved by its lines alone' "
    "USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$",
)
on_postgresql(
    _BALANCE,
    "CREATE TRIGGER commissions_balance_by_its_lines BEFORE INSERT OR UPDATE ON commissions_balance "
    "FOR EACH ROW EXECUTE FUNCTION commissions_balance_by_its_lines()",
)
refuse_when(_BALANCE, "DELETE", "stays", [("a balance is never removed", "TRUE")])
refuse_when(
    _CHAIN,
    "INSERT",
    "continues",
    [
        (
            "a batch continues the chain where it ends",
            "EXISTS (SELECT 1 FROM commissions_journal_chain WHERE last_id >= NEW.first_id) "
            "OR (EXISTS (SELECT 1 FROM commissions_journal_chain) AND NEW.previous_digest <> "
            "(SELECT digest FROM commissions_journal_chain ORDER BY id DESC LIMIT 1))",
        )
    ],
)
