"""What partners earn, line by line: each with its proof, its hold, and the fact it stems from. Never edited."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base
from core.i18n import lazy_gettext
from core.money import LIMIT
from core.triggers import append_only, on_postgresql, on_sqlite, refuse_when
from partners.models import Partner
from referrals.models import Sale


class EntryKind(StrEnum):
    """What a line of earnings is."""

    COMMISSION = "commission"
    SPLIT = "split"
    REVERSAL = "reversal"
    BONUS = "bonus"
    ADJUSTMENT = "adjustment"
    REIMBURSEMENT = "reimbursement"
    SET_OFF = "set_off"


class BeneficiaryType(StrEnum):
    """Whose it is."""

    PARTNER = "partner"
    VENDOR = "vendor"


# What lines are booked as that no rule of a plan grants.
_WITHOUT_A_PLAN: dict[str, Any] = {
    "event reimbursement": lazy_gettext("Event reimbursement"),
    "event advance": lazy_gettext("Event advance"),
    "event advance set off": lazy_gettext("Event advance set off"),
    "set-off": lazy_gettext("Set off in a later payout"),
    "merged firms": lazy_gettext("Moved between firms that were merged"),
}


def said_rule(rule: str) -> str:
    """A rule by its own name; what no plan grants, in the reader's words."""
    return str(_WITHOUT_A_PLAN.get(rule, rule))


class Entry(Base):
    """One line of earnings. A negative amount is owed by the partner.

    ``received_at`` is when its cause reached the vendor; from ``available_at`` on it is payable, and no later policy
    moves that. ``key`` says (sale, line, rule, beneficiary, cause) and so makes each line unique.
    """

    __tablename__ = "commissions_entry"
    __table_args__ = (
        sa.CheckConstraint(
            f"amount_minor <> 0 AND amount_minor > -{LIMIT} AND amount_minor < {LIMIT}",
            name="amount_in_range",
        ),
        sa.CheckConstraint("(beneficiary_type = 'partner') = (partner_id IS NOT NULL)", name="beneficiary"),
        sa.Index("ix_commissions_entry_partner", "partner_id", "currency", "received_at"),
        sa.Index("ix_commissions_entry_available", "currency", "available_at"),
        sa.Index("ix_commissions_entry_partner_available", "partner_id", "currency", "available_at"),
        sa.Index("ix_commissions_entry_sale", "sale_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    sale_id: Mapped[int | None] = mapped_column(sa.ForeignKey("referrals_sale.id"))
    line: Mapped[int | None]
    kind: Mapped[EntryKind]
    beneficiary_type: Mapped[BeneficiaryType] = mapped_column(default=BeneficiaryType.PARTNER)
    partner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("partners_partner.id"))
    amount_minor: Mapped[int]
    currency: Mapped[str]
    plan_version_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("commissions_plan_version.id"), index=True
    )
    rule: Mapped[str]
    cause: Mapped[str] = mapped_column(index=True)
    received_at: Mapped[datetime]
    available_at: Mapped[datetime]
    proof: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: The line that this one takes back or adds to, where there is one.
    corrects_id: Mapped[int | None] = mapped_column(sa.ForeignKey("commissions_entry.id"), index=True)
    created_at: Mapped[datetime]

    partner: Mapped[Partner | None] = relationship()
    sale: Mapped[Sale | None] = relationship()

    @property
    def beneficiary(self) -> str:
        """``partner:17`` or ``vendor``."""
        return "vendor" if self.beneficiary_type is BeneficiaryType.VENDOR else f"partner:{self.partner_id}"

    @property
    def said_rule(self) -> str:
        """The rule by its own name; what no plan grants, in the reader's words."""
        return said_rule(self.rule)

    def say_key(self) -> str:
        """What makes this line unique."""
        return entry_key(self.sale_id, self.line, self.rule, self.beneficiary, self.cause)


def entry_key(sale_id: int | None, line: int | None, rule: str, beneficiary: str, cause: str) -> str:
    """``12|0|Gold: licence|partner:17|sale:12``: what makes a line of earnings unique."""
    return f"{sale_id or ''}|{'' if line is None else line}|{rule}|{beneficiary}|{cause}"


class EarnedDay(Base):
    """What a partner's lines that become payable on one day (UTC) sum to, in a currency. Moved by new lines alone.

    By it a balance is told without going through the lines; the audit compares.
    """

    __tablename__ = "commissions_earned_day"

    partner_id: Mapped[int] = mapped_column(
        sa.ForeignKey("partners_partner.id"), primary_key=True, autoincrement=False
    )
    currency: Mapped[str] = mapped_column(primary_key=True)
    available_on: Mapped[date] = mapped_column(primary_key=True)
    amount_minor: Mapped[int]
    entries: Mapped[int]
    last_entry_id: Mapped[int]


class EntryHold(Base):
    """A reversible flag: the line waits, whatever its ``available_at``, until the hold is lifted (a chargeback)."""

    __tablename__ = "commissions_entry_hold"
    __table_args__ = (
        sa.UniqueConstraint("entry_id", "cause"),
        sa.Index("ix_commissions_entry_hold_cause", "cause"),
        sa.Index(
            "ix_commissions_entry_hold_open",
            "entry_id",
            postgresql_where=sa.text("lifted_at IS NULL"),
            sqlite_where=sa.text("lifted_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("commissions_entry.id"))
    #: What it waits for: ``chargeback:dp_1``.
    cause: Mapped[str]
    reason: Mapped[str]
    placed_at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]


_ENTRY: sa.Table = Entry.__table__  # type: ignore[assignment]
_HOLD: sa.Table = EntryHold.__table__  # type: ignore[assignment]
_DAY: sa.Table = EarnedDay.__table__  # type: ignore[assignment]
append_only(_ENTRY)
on_sqlite(
    _ENTRY,
    "CREATE TRIGGER commissions_entry_whole BEFORE INSERT ON commissions_entry "
    "WHEN typeof(NEW.amount_minor) <> 'integer' "
    "BEGIN SELECT RAISE(ABORT, 'an amount is a whole number of minor units'); END",
)

# The sums of a day follow the lines, on PostgreSQL once a statement, like the cached balances of the ledger.
_MOVED = (
    "ON CONFLICT (partner_id, currency, available_on) DO UPDATE SET "
    "amount_minor = commissions_earned_day.amount_minor + excluded.amount_minor, "
    "entries = commissions_earned_day.entries + excluded.entries, last_entry_id = excluded.last_entry_id"
)
_INTO = "INSERT INTO commissions_earned_day (partner_id, currency, available_on, amount_minor, entries, last_entry_id)"
on_sqlite(
    _ENTRY,
    "CREATE TRIGGER commissions_entry_moves_its_day AFTER INSERT ON commissions_entry "  # noqa: S608
    "WHEN NEW.partner_id IS NOT NULL BEGIN " + _INTO + " VALUES (NEW.partner_id, NEW.currency, "
    "date(NEW.available_at), NEW.amount_minor, 1, NEW.id) " + _MOVED + "; END",
)
on_postgresql(
    _ENTRY,
    "CREATE OR REPLACE FUNCTION commissions_entry_moves_its_day() RETURNS trigger LANGUAGE plpgsql "
    "SECURITY DEFINER SET search_path = public, pg_temp AS $$ BEGIN " + _INTO + " "
    "SELECT partner_id, currency, (available_at AT TIME ZONE 'UTC')::date, SUM(amount_minor), COUNT(*), MAX(id) "
    "FROM fresh WHERE partner_id IS NOT NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 "
    + _MOVED
    + "; RETURN NULL; END $$",
)
on_postgresql(
    _ENTRY,
    "CREATE TRIGGER commissions_entry_moves_its_day AFTER INSERT ON commissions_entry "
    "REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION commissions_entry_moves_its_day()",
)
on_sqlite(
    _DAY,
    "CREATE TRIGGER commissions_earned_day_by_its_lines BEFORE UPDATE ON commissions_earned_day "
    "WHEN NEW.partner_id <> OLD.partner_id OR NEW.currency <> OLD.currency OR NEW.available_on <> OLD.available_on "
    "OR NEW.entries <> OLD.entries + 1 OR NEW.last_entry_id <= OLD.last_entry_id "
    "OR NOT EXISTS (SELECT 1 FROM commissions_entry WHERE id = NEW.last_entry_id "
    "AND partner_id = NEW.partner_id AND currency = NEW.currency AND date(available_at) = NEW.available_on "
    "AND amount_minor = NEW.amount_minor - OLD.amount_minor) "
    "BEGIN SELECT RAISE(ABORT, 'the sum of a day is moved by its lines alone'); END",
)
on_sqlite(
    _DAY,
    "CREATE TRIGGER commissions_earned_day_from_a_line BEFORE INSERT ON commissions_earned_day "
    "WHEN NOT EXISTS (SELECT 1 FROM commissions_entry WHERE id = NEW.last_entry_id "
    "AND partner_id = NEW.partner_id AND currency = NEW.currency AND amount_minor = NEW.amount_minor) "
    "BEGIN SELECT RAISE(ABORT, 'the sum of a day is moved by its lines alone'); END",
)
on_postgresql(
    _DAY,
    "CREATE OR REPLACE FUNCTION commissions_earned_day_by_its_lines() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "IF pg_trigger_depth() < 2 THEN RAISE EXCEPTION 'the sum of a day is moved by its lines alone' "
    "USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$",
)
on_postgresql(
    _DAY,
    "CREATE TRIGGER commissions_earned_day_by_its_lines BEFORE INSERT OR UPDATE ON commissions_earned_day "
    "FOR EACH ROW EXECUTE FUNCTION commissions_earned_day_by_its_lines()",
)
refuse_when(_DAY, "DELETE", "stays", [("the sum of a day is never removed", "TRUE")])
refuse_when(
    _HOLD,
    "UPDATE",
    "is_only_lifted",
    [
        (
            "a hold is lifted once and otherwise stays as it is",
            "NEW.id <> OLD.id OR NEW.entry_id <> OLD.entry_id OR NEW.cause <> OLD.cause "
            "OR NEW.placed_at <> OLD.placed_at OR OLD.lifted_at IS NOT NULL OR NEW.lifted_at IS NULL",
        )
    ],
)
refuse_when(_HOLD, "DELETE", "stays", [("a hold is never removed", "TRUE")])
