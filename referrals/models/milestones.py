"""Milestones of a project that were reached: accepted by the customer, or paid. What depends on them may be paid."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base
from core.i18n import lazy_gettext as _l
from core.triggers import refuse_when
from referrals.models.deals import Deal, EstimateMilestone


class ReachedBy(StrEnum):
    """What says that a milestone was reached."""

    ACCEPTED = "accepted"
    PAID = "paid"

    @property
    def label(self) -> Any:
        return _WAYS[self]


_WAYS = {
    ReachedBy.ACCEPTED: _l("Accepted by the customer"),
    ReachedBy.PAID: _l("Paid by the customer"),
}


class ReachedMilestone(Base):
    """A milestone, since when it counts as reached, by which document. What was wrong keeps its row, with its end."""

    __tablename__ = "referrals_reached_milestone"
    __table_args__ = (
        sa.Index(
            "ux_referrals_reached_milestone",
            "milestone_id",
            unique=True,
            sqlite_where=sa.text("undone_at IS NULL"),
            postgresql_where=sa.text("undone_at IS NULL"),
        ),
        sa.Index("ix_referrals_reached_milestone_deal", "deal_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    deal_id: Mapped[int] = mapped_column(sa.ForeignKey("referrals_deal.id"))
    milestone_id: Mapped[int] = mapped_column(sa.ForeignKey("referrals_estimate_milestone.id"))
    way: Mapped[ReachedBy]
    #: The certificate, protocol or payment that shows it.
    document: Mapped[str]
    reached_at: Mapped[datetime]
    noted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts_user.id"))
    undone_at: Mapped[datetime | None]

    deal: Mapped[Deal] = relationship()
    milestone: Mapped[EstimateMilestone] = relationship()

    @property
    def partner_id(self) -> int:
        return self.deal.partner_id


_REACHED: sa.Table = ReachedMilestone.__table__  # type: ignore[assignment]
refuse_when(
    _REACHED,
    "UPDATE",
    "is_only_undone",
    [
        (
            "a reached milestone is undone once and otherwise stays as it is",
            "NEW.id <> OLD.id OR NEW.deal_id <> OLD.deal_id OR NEW.milestone_id <> OLD.milestone_id "
            "OR NEW.way <> OLD.way OR NEW.document <> OLD.document OR NEW.reached_at <> OLD.reached_at "
            "OR OLD.undone_at IS NOT NULL OR NEW.undone_at IS NULL",
        )
    ],
)
refuse_when(_REACHED, "DELETE", "stays", [("a reached milestone is never removed", "TRUE")])
