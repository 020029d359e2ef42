"""A firm's development plan: goals, training, events, dates, agreed by both sides."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base
from core.errors import Refusal
from core.i18n import gettext as _
from core.i18n import lazy_gettext
from partners.models.firms import Partner


class PlanStatus(StrEnum):
    """Written by either side, agreed by both, closed at its end or before."""

    DRAFT = "draft"
    AGREED = "agreed"
    CLOSED = "closed"


class DevelopmentPlan(Base):
    """What a firm and the vendor want to reach in a period. A change takes back both agreements."""

    __tablename__ = "partners_development_plan"
    __table_args__ = (
        sa.Index(
            "uq_partners_development_plan_standing",
            "partner_id",
            unique=True,
            sqlite_where=sa.text("status <> 'closed'"),
            postgresql_where=sa.text("status <> 'closed'"),
        ),
        sa.CheckConstraint("starts_on < ends_on", name="starts_before_it_ends"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"), index=True)
    status: Mapped[PlanStatus]
    title: Mapped[str]
    summary: Mapped[str] = mapped_column(default="")
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    created_at: Mapped[datetime]
    partner_agreed_at: Mapped[datetime | None]
    partner_agreed_by_name: Mapped[str] = mapped_column(default="")
    vendor_agreed_at: Mapped[datetime | None]
    vendor_agreed_by_name: Mapped[str] = mapped_column(default="")
    closed_at: Mapped[datetime | None]
    closing_note: Mapped[str] = mapped_column(default="")

    partner: Mapped[Partner] = relationship()
    goals: Mapped[list["DevelopmentGoal"]] = relationship(
        order_by="DevelopmentGoal.due_on, DevelopmentGoal.id",
        back_populates="plan",
        cascade="all, delete-orphan",
    )

    @property
    def is_open(self) -> bool:
        return self.status is not PlanStatus.CLOSED

    def check_is_open(self) -> None:
        """Raises Refusal for a plan that is closed."""
        if not self.is_open:
            raise Refusal(_("This plan is closed."))

    def take_back_agreements(self) -> None:
        """It changed: both sides are asked again."""
        self.check_is_open()
        self.status = PlanStatus.DRAFT
        self.partner_agreed_at = self.vendor_agreed_at = None
        self.partner_agreed_by_name = self.vendor_agreed_by_name = ""


class GoalKind(StrEnum):
    """Something that is measured, or something that is done and ticked off."""

    FIGURE = "figure"
    TRAINING = "training"
    EVENT = "event"
    STEP = "step"

    @property
    def label(self) -> Any:
        return _GOALS[self]


_GOALS = {
    GoalKind.FIGURE: lazy_gettext("A figure to reach"),
    GoalKind.TRAINING: lazy_gettext("Training"),
    GoalKind.EVENT: lazy_gettext("Event"),
    GoalKind.STEP: lazy_gettext("Something to do"),
}


class DevelopmentGoal(Base):
    """One line of a plan. With a ``measure``, progress comes from real data; without, somebody ticks it off."""

    __tablename__ = "partners_development_goal"
    __table_args__ = (
        sa.CheckConstraint("(measure = '') = (target IS NULL)", name="measured_against_a_target"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_development_plan.id"), index=True)
    kind: Mapped[GoalKind]
    text: Mapped[str]
    measure: Mapped[str] = mapped_column(default="")
    course: Mapped[str] = mapped_column(default="")
    #: In the measure's own unit.
    target: Mapped[int | None]
    due_on: Mapped[date]
    done_at: Mapped[datetime | None]
    done_by_name: Mapped[str] = mapped_column(default="")

    plan: Mapped[DevelopmentPlan] = relationship(back_populates="goals")
