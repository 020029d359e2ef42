"""Webinars: when, in which language, for how many; who comes, who waits, who was there."""

from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from academy.models.courses import Course
from accounts.models import User
from core import clock
from core.database import Base


class Webinar(Base):
    """A lesson given live. ``sequence`` grows with every change that calendars have to hear of."""

    __tablename__ = "academy_webinar"
    __table_args__ = (
        sa.CheckConstraint("seats > 0", name="has_seats"),
        sa.CheckConstraint("minutes > 0", name="lasts"),
        sa.Index("ix_academy_webinar_starts_at", "starts_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    description: Mapped[str]
    #: The language it is held in.
    locale: Mapped[str]
    host_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts_user.id"), index=True)
    starts_at: Mapped[datetime]
    minutes: Mapped[int]
    seats: Mapped[int]
    #: Where one joins; shown to those who have a seat.
    link: Mapped[str] = mapped_column(default="")
    course_id: Mapped[int | None] = mapped_column(sa.ForeignKey("academy_course.id"), index=True)
    sequence: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    recording: Mapped[str] = mapped_column(default="")
    lesson_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("academy_lesson.id", ondelete="SET NULL"), index=True
    )

    host: Mapped[User] = relationship()
    course: Mapped[Course | None] = relationship()

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def status(self) -> str:
        """``cancelled``, ``planned``, ``running`` or ``held``."""
        if self.cancelled_at is not None:
            return "cancelled"
        if clock.now() < self.starts_at:
            return "planned"
        return "running" if clock.now() < self.ends_at else "held"


class SeatStatus(StrEnum):
    BOOKED = "booked"
    WAITING = "waiting"
    GIVEN_UP = "given_up"


class Seat(Base):
    """Somebody comes to a webinar, or waits for a place. ``since`` decides who of the waiting is next."""

    __tablename__ = "academy_seat"
    __table_args__ = (
        sa.UniqueConstraint("webinar_id", "user_id"),
        sa.Index("ix_academy_seat_queue", "webinar_id", "status", "since", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    webinar_id: Mapped[int] = mapped_column(sa.ForeignKey("academy_webinar.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts_user.id"), index=True)
    status: Mapped[SeatStatus]
    since: Mapped[datetime]
    attended_at: Mapped[datetime | None]

    webinar: Mapped[Webinar] = relationship()
    user: Mapped[User] = relationship()
