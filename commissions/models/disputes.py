"""Disputes: a partner questions one line of earnings, the vendor answers within its clock and decides."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import User
from commissions.models.entries import Entry
from core.database import Base
from core.errors import Refusal
from core.i18n import gettext as _
from core.money import LIMIT
from core.triggers import append_only, refuse_when
from partners.models import Partner


class DisputeStatus(StrEnum):
    """Where a dispute stands. *Corrected* is won by the partner, *rejected* is lost, *withdrawn* is neither."""

    OPEN = "open"
    ANSWERED = "answered"
    CORRECTED = "corrected"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"

    @property
    def is_decided(self) -> bool:
        return self not in UNDECIDED


UNDECIDED = frozenset({DisputeStatus.OPEN, DisputeStatus.ANSWERED})
_NEXT: dict[DisputeStatus, frozenset[DisputeStatus]] = {
    DisputeStatus.OPEN: frozenset(
        {
            DisputeStatus.ANSWERED,
            DisputeStatus.CORRECTED,
            DisputeStatus.REJECTED,
            DisputeStatus.WITHDRAWN,
        }
    ),
    DisputeStatus.ANSWERED: frozenset(
        {DisputeStatus.OPEN, DisputeStatus.CORRECTED, DisputeStatus.REJECTED, DisputeStatus.WITHDRAWN}
    ),
}


class Dispute(Base):
    """What a partner says about one line of its earnings, and what became of it.

    ``expected_minor`` is what the partner thinks the line should come to, where it said so. While it is *open*
    ``answer_due_at`` is the vendor's clock. ``correction_id`` is the line that corrects, when it was decided so.
    """

    __tablename__ = "commissions_dispute"
    __table_args__ = (
        sa.CheckConstraint("(status = 'corrected') = (correction_id IS NOT NULL)", name="correction"),
        sa.CheckConstraint(
            "(status IN ('corrected', 'rejected', 'withdrawn')) = (decided_at IS NOT NULL)", name="decided"
        ),
        sa.CheckConstraint("(status = 'open') = (answer_due_at IS NOT NULL)", name="clock"),
        sa.CheckConstraint(
            f"expected_minor IS NULL OR (expected_minor > -{LIMIT} AND expected_minor < {LIMIT})",
            name="expected_in_range",
        ),
        # A line is questioned once; what was withdrawn may be asked again.
        sa.Index(
            "ux_commissions_dispute_entry",
            "entry_id",
            unique=True,
            sqlite_where=sa.text("status <> 'withdrawn'"),
            postgresql_where=sa.text("status <> 'withdrawn'"),
        ),
        sa.Index("ix_commissions_dispute_queue", "status", "answer_due_at", "id"),
        sa.Index("ix_commissions_dispute_partner", "partner_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("commissions_entry.id"))
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"))
    status: Mapped[DisputeStatus]
    expected_minor: Mapped[int | None]
    opened_at: Mapped[datetime]
    opened_by_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts_user.id"))
    answer_due_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts_user.id"))
    correction_id: Mapped[int | None] = mapped_column(sa.ForeignKey("commissions_entry.id"), unique=True)

    entry: Mapped[Entry] = relationship(foreign_keys=[entry_id])
    correction: Mapped[Entry | None] = relationship(foreign_keys=[correction_id])
    partner: Mapped[Partner] = relationship()
    opened_by: Mapped[User] = relationship(foreign_keys=[opened_by_id])
    messages: Mapped[list["DisputeMessage"]] = relationship(
        order_by="DisputeMessage.id", back_populates="dispute"
    )

    @property
    def is_undecided(self) -> bool:
        return self.status in UNDECIDED

    @property
    def hold_cause(self) -> str:
        """What the hold on its line is called."""
        return f"dispute:{self.id}"

    def become(self, status: DisputeStatus) -> None:
        """The next state. Raises Refusal when the dispute is decided, or stands there already."""
        if not self.is_undecided:
            raise Refusal(_("This dispute is decided."))
        if status not in _NEXT[self.status]:
            raise Refusal(_("This dispute is answered already. Correct the line, or reject the dispute."))
        self.status = status


class DisputeMessage(Base):
    """What one side said: the question, an answer, a reply, the reason of a decision. Never changed."""

    __tablename__ = "commissions_dispute_message"
    __table_args__ = (sa.Index("ix_commissions_dispute_message_dispute", "dispute_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dispute_id: Mapped[int] = mapped_column(sa.ForeignKey("commissions_dispute.id"))
    at: Mapped[datetime]
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts_user.id"))
    is_vendors: Mapped[bool]
    text: Mapped[str]

    dispute: Mapped[Dispute] = relationship(back_populates="messages")
    author: Mapped[User] = relationship()


_DISPUTE: sa.Table = Dispute.__table__  # type: ignore[assignment]
append_only(DisputeMessage.__table__)  # type: ignore[arg-type]
refuse_when(
    _DISPUTE,
    "UPDATE",
    "keeps_its_line",
    [
        (
            "a dispute is about one line, and once decided stays decided",
            "NEW.id <> OLD.id OR NEW.entry_id <> OLD.entry_id OR NEW.partner_id <> OLD.partner_id "
            "OR NEW.opened_at <> OLD.opened_at OR (OLD.decided_at IS NOT NULL AND (NEW.status <> OLD.status "
            "OR NEW.decided_at IS NULL OR NEW.decided_at <> OLD.decided_at "
            "OR COALESCE(NEW.correction_id, 0) <> COALESCE(OLD.correction_id, 0)))",
        )
    ],
)
refuse_when(_DISPUTE, "DELETE", "stays", [("a dispute is never removed", "TRUE")])
