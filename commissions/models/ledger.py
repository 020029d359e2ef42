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
from core.triggers import append_only, on_postgresql, on_sqlite, refuse_when


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

refuse_when(
    _LINE,
    "INSERT",
    "before_the_seal",
    [
        (
            "nothing is added to a sealed journal entry",
            "EXISTS (SELECT 1 FROM commissions_journal_seal WHERE journal_entry_id = NEW.journal_entry_id)",
        )
    ],
)
on_sqlite(
    _LINE,
    "CREATE TRIGGER commissions_journal_line_whole BEFORE INSERT ON commissions_journal_line "
    "WHEN typeof(NEW.amount_minor) <> 'integer' "
    "BEGIN SELECT RAISE(ABORT, 'an amount is a whole number of minor units'); END",
)

refuse_when(
    _SEAL,
    "INSERT",
    "balances",
    [
        (
            "a journal entry has all its lines, at least two",
            f"NEW.lines < 2 OR NEW.lines <> (SELECT COUNT(*) {_OF_ENTRY})",
        ),
        (
            "a journal entry balances in every currency",
            f"EXISTS (SELECT 1 {_OF_ENTRY} GROUP BY currency HAVING SUM(amount_minor) <> 0)",
        ),
        (
            "a reversal mirrors what it reverses",
            "EXISTS (SELECT 1 FROM commissions_journal_line AS line JOIN commissions_journal_entry AS entry "
            "ON entry.id = NEW.journal_entry_id AND line.journal_entry_id IN (entry.id, entry.reverses_id) "
            "WHERE entry.reverses_id IS NOT NULL GROUP BY line.account_id HAVING SUM(line.amount_minor) <> 0)",
        ),
        (
            "a payout takes no more than is owed",
            "EXISTS (SELECT 1 FROM commissions_journal_line AS line "
            "JOIN commissions_journal_entry AS entry ON entry.id = line.journal_entry_id "
            "JOIN commissions_account AS account ON account.id = line.account_id "
            "JOIN commissions_balance AS balance ON balance.account_id = line.account_id "
            "WHERE line.journal_entry_id = NEW.journal_entry_id AND entry.kind = 'payout_reserved' "
            "AND ((account.type = 'liability' AND line.amount_minor > 0 AND balance.amount_minor > 0) "
            "OR (account.type = 'asset' AND line.amount_minor < 0 AND balance.amount_minor < 0)))",
        ),
        (
            "no more is paid or released than was set aside",
            "EXISTS (SELECT 1 FROM commissions_journal_line AS line "
            "JOIN commissions_account AS account ON account.id = line.account_id AND account.code LIKE '%%:in_run:%%' "
            "JOIN commissions_balance AS balance ON balance.account_id = line.account_id "
            "WHERE line.journal_entry_id = NEW.journal_entry_id AND balance.amount_minor > 0)",
        ),
    ],
)

# The cached balance follows the lines.
_MOVE = (
    "INSERT INTO commissions_balance (account_id, amount_minor, lines, last_line_id) "
    "SELECT NEW.account_id, NEW.amount_minor, 1, NEW.id FROM commissions_account "
    "WHERE id = NEW.account_id AND guarded "
    "ON CONFLICT (account_id) DO UPDATE SET amount_minor = commissions_balance.amount_minor + excluded.amount_minor, "
    "lines = commissions_balance.lines + 1, last_line_id = excluded.last_line_id"
)
on_sqlite(
    _LINE,
    "CREATE TRIGGER commissions_journal_line_moves_balance AFTER INSERT ON commissions_journal_line "
    f"BEGIN {_MOVE}; END",
)
on_postgresql(
    _LINE,
    "CREATE OR REPLACE FUNCTION commissions_journal_line_moves_balance() RETURNS trigger LANGUAGE plpgsql "
    f"SECURITY DEFINER SET search_path = public, pg_temp AS $$ BEGIN {_MOVE}; RETURN NULL; END $$",
)
on_postgresql(
    _LINE,
    "CREATE TRIGGER commissions_journal_line_moves_balance AFTER INSERT ON commissions_journal_line "
    "FOR EACH ROW EXECUTE FUNCTION commissions_journal_line_moves_balance()",
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
