"""Attempts at exams: what each showed, what was answered until when, and how it ended."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from academy.models.courses import CourseVersion
from academy.models.editions import edition_of
from accounts.models import User
from core import clock
from core.database import Base
from core.triggers import append_only, refuse_when


def topic_name(topic: Mapping[str, Any]) -> str:
    """What a topic is called in the reader's language; its tag when nobody named it."""
    return str(edition_of(topic.get("names") or {})["title"] or topic["tag"])


class AttemptStatus(StrEnum):
    OPEN = "open"
    PASSED = "passed"
    FAILED = "failed"


class Attempt(Base):
    """One try at an exam. It is the lock: somebody has one open attempt at a course at most.

    Scores are ten-thousandths, rounded down; whether one passed is decided on the exact fraction.
    """

    __tablename__ = "academy_attempt"
    __table_args__ = (
        sa.Index(
            "uq_academy_attempt_open",
            "user_id",
            "course_id",
            unique=True,
            postgresql_where=sa.text("status = 'open'"),
            sqlite_where=sa.text("status = 'open'"),
        ),
        sa.Index("ix_academy_attempt_history", "user_id", "course_id", "started_at"),
        sa.Index(
            "ix_academy_attempt_due",
            "due_at",
            postgresql_where=sa.text("status = 'open'"),
            sqlite_where=sa.text("status = 'open'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts_user.id"))
    course_id: Mapped[int] = mapped_column(sa.ForeignKey("academy_course.id"), index=True)
    version_id: Mapped[int] = mapped_column(sa.ForeignKey("academy_course_version.id"), index=True)
    locale: Mapped[str]
    status: Mapped[AttemptStatus]
    #: Per cent needed, as it was when the attempt began.
    pass_mark: Mapped[int]
    #: Per cent of a question's worth that a wrong answer took away, as it was when the attempt began.
    penalty: Mapped[int] = mapped_column(default=0, server_default="0")
    started_at: Mapped[datetime]
    due_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    #: Ended by the clock, not by the person.
    ran_out: Mapped[bool] = mapped_column(default=False)
    score: Mapped[int | None]
    #: ``{"tag", "names": {"en": {"title"}}, "score" in ten-thousandths, "is_weak"}`` a topic, written at the end.
    topics: Mapped[list[dict[str, Any]]] = mapped_column(default=list)

    user: Mapped[User] = relationship()
    version: Mapped[CourseVersion] = relationship()
    items: Mapped[list["AttemptItem"]] = relationship(
        back_populates="attempt", order_by="AttemptItem.position"
    )

    @property
    def is_open(self) -> bool:
        return self.status is AttemptStatus.OPEN

    @property
    def is_overdue(self) -> bool:
        """Its time is up and nobody has ended it yet."""
        return self.is_open and clock.now() > self.due_at

    @property
    def has_passed(self) -> bool:
        return self.status is AttemptStatus.PASSED

    @staticmethod
    def name_of(topic: Mapping[str, Any]) -> str:
        """What a topic is called in the reader's language."""
        return topic_name(topic)

    @property
    def weak_topics(self) -> list[str]:
        """The topics below the pass mark, by their names in the reader's language."""
        return [topic_name(topic) for topic in self.topics if topic["is_weak"]]

    @property
    def shown_status(self) -> str:
        """``open``, ``passed``, ``failed``, or ``expired`` when the clock ended it before it was passed."""
        return "expired" if self.status is AttemptStatus.FAILED and self.ran_out else str(self.status)


class AttemptItem(Base):
    """One question as one attempt shows it. ``shown`` holds the right answer and never leaves the server."""

    __tablename__ = "academy_attempt_item"
    __table_args__ = (sa.UniqueConstraint("attempt_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(sa.ForeignKey("academy_attempt.id"))
    question_id: Mapped[int] = mapped_column(sa.ForeignKey("academy_question.id"), index=True)
    position: Mapped[int]
    tag: Mapped[str]
    shown: Mapped[dict[str, Any]]
    given: Mapped[dict[str, Any] | None]
    saved_at: Mapped[datetime | None]
    #: Ten-thousandths of the question's worth, rounded down; written at the end.
    score: Mapped[int | None]

    attempt: Mapped[Attempt] = relationship(back_populates="items")


class AttemptSeries(Base):
    """Somebody of the vendor let a person try again who had used up their attempts."""

    __tablename__ = "academy_attempt_series"
    __table_args__ = (sa.Index("ix_academy_attempt_series_of", "user_id", "course_id", "granted_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts_user.id"))
    course_id: Mapped[int] = mapped_column(sa.ForeignKey("academy_course.id"), index=True)
    granted_at: Mapped[datetime]
    granted_by_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts_user.id"), index=True)
    reason: Mapped[str]

    user: Mapped[User] = relationship(foreign_keys=[user_id])


_attempts: sa.Table = Attempt.__table__  # type: ignore[assignment]
_items: sa.Table = AttemptItem.__table__  # type: ignore[assignment]

refuse_when(
    _attempts,
    "UPDATE",
    "stays_as_it_ended",
    [
        ("an attempt that has ended does not change", "OLD.status <> 'open'"),
        (
            "an attempt keeps its person, course and time",
            "OLD.user_id <> NEW.user_id OR OLD.version_id <> NEW.version_id OR OLD.started_at <> NEW.started_at "
            "OR OLD.due_at <> NEW.due_at OR OLD.pass_mark <> NEW.pass_mark OR OLD.penalty <> NEW.penalty",
        ),
    ],
)
refuse_when(_attempts, "DELETE", "stays", [("attempts are kept", "1 = 1")])
refuse_when(
    _items,
    "UPDATE",
    "stays_as_answered",
    [
        (
            "an attempt that has ended does not change",
            "EXISTS (SELECT 1 FROM academy_attempt WHERE id = NEW.attempt_id AND status <> 'open')",
        ),
    ],
)
refuse_when(_items, "DELETE", "stays", [("attempts are kept", "1 = 1")])
append_only(AttemptSeries.__table__)  # type: ignore[arg-type]
