"""Practical assessment: a task, what somebody handed in for it, the talk with an examiner, the verdict, an appeal."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from academy.models.courses import Course
from academy.models.editions import Edition, edition_of
from accounts.models import User
from core import clock
from core.database import Base
from core.errors import Refusal
from core.i18n import gettext as _
from core.triggers import append_only, refuse_when


class Practical(Base):
    """The task of a course. While it is ``required``, a certificate needs it passed beside the exam.

    ``rubric`` is ``{"key", "points", "names": {"en": {"title": …}}}`` a line; ``needed`` of all points pass.
    """

    __tablename__ = "academy_practical"
    __table_args__ = (sa.CheckConstraint("needed > 0", name="needs_something"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(sa.ForeignKey("academy_course.id"), unique=True)
    #: ``{"en": {"task": Markdown, "revised_at": …}, …}``
    editions: Mapped[dict[str, Any]]
    rubric: Mapped[list[dict[str, Any]]]
    needed: Mapped[int]
    minutes: Mapped[int]
    required: Mapped[bool] = mapped_column(default=True)

    course: Mapped[Course] = relationship()

    @property
    def edition(self) -> Edition:
        return edition_of(self.editions)

    @property
    def points(self) -> int:
        """What the whole rubric is worth."""
        return sum(int(line["points"]) for line in self.rubric)


class Slot(Base):
    """A time that an examiner offers. Whoever takes it first has it."""

    __tablename__ = "academy_slot"
    __table_args__ = (sa.UniqueConstraint("examiner_id", "starts_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    examiner_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts_user.id"))
    starts_at: Mapped[datetime] = mapped_column(index=True)
    minutes: Mapped[int]
    #: Where the talk takes place: the address of a call, or a room.
    place: Mapped[str] = mapped_column(default="")

    examiner: Mapped[User] = relationship()

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)


class SubmissionStatus(StrEnum):
    SUBMITTED = "submitted"
    PASSED = "passed"
    FAILED = "failed"
    APPEALED = "appealed"


class Submission(Base):
    """What somebody handed in: a text, a link or a file; then when and by whom it is looked at, and how it ended."""

    __tablename__ = "academy_submission"
    __table_args__ = (
        sa.Index(
            "uq_academy_submission_open",
            "user_id",
            "practical_id",
            unique=True,
            postgresql_where=sa.text("status IN ('submitted', 'appealed')"),
            sqlite_where=sa.text("status IN ('submitted', 'appealed')"),
        ),
        sa.Index("ix_academy_submission_waiting", "status", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    practical_id: Mapped[int] = mapped_column(sa.ForeignKey("academy_practical.id"), index=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts_user.id"))
    status: Mapped[SubmissionStatus]
    text: Mapped[str] = mapped_column(default="")
    link: Mapped[str] = mapped_column(default="")
    file_name: Mapped[str] = mapped_column(default="")
    file_type: Mapped[str] = mapped_column(default="")
    storage_key: Mapped[str | None]
    submitted_at: Mapped[datetime]
    slot_id: Mapped[int | None] = mapped_column(sa.ForeignKey("academy_slot.id"), unique=True)
    appeal: Mapped[str] = mapped_column(default="")
    appealed_at: Mapped[datetime | None]

    practical: Mapped[Practical] = relationship()
    user: Mapped[User] = relationship()
    slot: Mapped[Slot | None] = relationship()
    verdicts: Mapped[list["Verdict"]] = relationship(back_populates="submission", order_by="Verdict.id")

    @property
    def is_open(self) -> bool:
        return self.status in (SubmissionStatus.SUBMITTED, SubmissionStatus.APPEALED)

    @property
    def verdict(self) -> "Verdict | None":
        """The one that holds: the last."""
        return self.verdicts[-1] if self.verdicts else None

    def decide(self, *, passed: bool) -> None:
        """A verdict was given. Raises Refusal when none is waited for."""
        if not self.is_open:
            raise Refusal(_("This work has been assessed already."))
        self.status = SubmissionStatus.PASSED if passed else SubmissionStatus.FAILED

    def ask_again(self, why: str) -> None:
        """Asks for a second look, once and within two weeks of the verdict."""
        if self.status is not SubmissionStatus.FAILED or self.appealed_at is not None or self.verdict is None:
            raise Refusal(_("A second look can be asked for once, after a work was not accepted."))
        if clock.now() > self.verdict.given_at + timedelta(days=14):
            raise Refusal(_("A second look can be asked for within 14 days."))
        self.status = SubmissionStatus.APPEALED
        self.appeal = why
        self.appealed_at = clock.now()


class Verdict(Base):
    """What one examiner found: points by line of the rubric, as it was then, and a feedback. Never changed."""

    __tablename__ = "academy_verdict"

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(sa.ForeignKey("academy_submission.id"), index=True)
    examiner_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts_user.id"), index=True)
    given_at: Mapped[datetime]
    #: ``{"key", "names", "points", "given"}`` a line.
    lines: Mapped[list[dict[str, Any]]]
    needed: Mapped[int]
    passed: Mapped[bool]
    feedback: Mapped[str]

    submission: Mapped[Submission] = relationship(back_populates="verdicts")
    examiner: Mapped[User] = relationship()

    @property
    def given(self) -> int:
        return sum(int(line["given"]) for line in self.lines)

    @property
    def points(self) -> int:
        return sum(int(line["points"]) for line in self.lines)

    @staticmethod
    def name_of(line: Mapping[str, Any]) -> str:
        """What a line of the rubric is called in the reader's language."""
        return str(edition_of(line.get("names") or {})["title"] or line["key"])


append_only(Verdict.__table__)  # type: ignore[arg-type]
refuse_when(
    Submission.__table__,  # type: ignore[arg-type]
    "UPDATE",
    "stays_whose_it_is",
    [
        (
            "a work stays with its author",
            "OLD.user_id <> NEW.user_id OR OLD.practical_id <> NEW.practical_id "
            "OR OLD.submitted_at <> NEW.submitted_at",
        ),
        (
            "a verdict is needed",
            "NEW.status IN ('passed', 'failed') AND NOT EXISTS "
            "(SELECT 1 FROM academy_verdict WHERE submission_id = NEW.id)",
        ),
        ("a passed work stays passed", "OLD.status = 'passed' AND NEW.status <> 'passed'"),
    ],
)
