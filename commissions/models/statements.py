"""Statements: each month's movements of one partner in one currency, numbered and frozen."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base
from core.triggers import append_only, refuse_when
from partners.models import Partner


class Statement(Base):
    """What was owed at the start, what moved, what is owed at the end; ``ends_at`` is the first moment after it."""

    __tablename__ = "commissions_statement"
    __table_args__ = (
        sa.UniqueConstraint("partner_id", "currency", "month"),
        sa.CheckConstraint("opening_minor + moved_minor = closing_minor", name="adds_up"),
        sa.Index("ix_commissions_statement_partner", "partner_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"))
    currency: Mapped[str]
    #: ``2026-11``, in the programme's time zone.
    month: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    opening_minor: Mapped[int]
    moved_minor: Mapped[int]
    closing_minor: Mapped[int]
    #: Everything that is printed, as it was then.
    content: Mapped[dict[str, Any]]
    digest: Mapped[str]
    issued_at: Mapped[datetime]
    #: Storage keys of the documents by language, once they are made.
    documents: Mapped[dict[str, Any]] = mapped_column(default=dict)
    received_at: Mapped[datetime | None]
    #: When the partner accepted it, for good: who, and the digest of exactly what was accepted.
    signed_at: Mapped[datetime | None]
    signed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts_user.id"))
    signed_digest: Mapped[str | None]

    partner: Mapped[Partner] = relationship()

    @property
    def delivery(self) -> str:
        """``sent``, ``received`` or ``signed``."""
        if self.signed_at is not None:
            return "signed"
        return "received" if self.received_at is not None else "sent"


class StatementLine(Base):
    """A movement on a statement: one journal entry, on one statement only."""

    __tablename__ = "commissions_statement_line"
    __table_args__ = (sa.Index("ix_commissions_statement_line_statement", "statement_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    statement_id: Mapped[int] = mapped_column(sa.ForeignKey("commissions_statement.id"))
    position: Mapped[int]
    journal_entry_id: Mapped[int] = mapped_column(sa.ForeignKey("commissions_journal_entry.id"), unique=True)
    amount_minor: Mapped[int]


_STATEMENT: sa.Table = Statement.__table__  # type: ignore[assignment]
_LINE: sa.Table = StatementLine.__table__  # type: ignore[assignment]
append_only(_LINE)
refuse_when(
    _STATEMENT,
    "UPDATE",
    "is_frozen",
    [
        (
            "an issued statement is frozen",
            "NEW.id <> OLD.id OR NEW.number <> OLD.number OR NEW.partner_id <> OLD.partner_id "
            "OR NEW.currency <> OLD.currency OR NEW.month <> OLD.month OR NEW.opening_minor <> OLD.opening_minor "
            "OR NEW.moved_minor <> OLD.moved_minor OR NEW.closing_minor <> OLD.closing_minor "
            "OR NEW.digest <> OLD.digest OR (OLD.signed_at IS NOT NULL AND (NEW.signed_at IS NULL "
            "OR NEW.signed_at <> OLD.signed_at OR NEW.signed_digest <> OLD.signed_digest)) "
            "OR CAST(NEW.content AS TEXT) <> CAST(OLD.content AS TEXT)",
        )
    ],
)
refuse_when(_STATEMENT, "DELETE", "stays", [("a statement is never removed", "TRUE")])
