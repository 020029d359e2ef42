"""What partners earn, line by line: each with its proof, its hold, and the fact it stems from. Never edited."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base
from core.money import LIMIT
from core.triggers import append_only, on_sqlite, refuse_when
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

    def say_key(self) -> str:
        """What makes this line unique."""
        line = "" if self.line is None else self.line
        return f"{self.sale_id or ''}|{line}|{self.rule}|{self.beneficiary}|{self.cause}"


class EntryHold(Base):
    """A reversible flag: the line waits, whatever its ``available_at``, until the hold is lifted (a chargeback)."""

    __tablename__ = "commissions_entry_hold"
    __table_args__ = (
        sa.UniqueConstraint("entry_id", "cause"),
        sa.Index("ix_commissions_entry_hold_cause", "cause"),
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
append_only(_ENTRY)
on_sqlite(
    _ENTRY,
    "CREATE TRIGGER commissions_entry_whole BEFORE INSERT ON commissions_entry "
    "WHEN typeof(NEW.amount_minor) <> 'integer' "
    "BEGIN SELECT RAISE(ABORT, 'an amount is a whole number of minor units'); END",
)
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
