"""The question bank of a course."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from academy.models.courses import Course
from academy.models.editions import Edition, edition_of
from core.database import Base
from core.i18n import lazy_gettext


class QuestionKind(StrEnum):
    SINGLE = "single"
    MULTIPLE = "multiple"
    TRUE_FALSE = "true_false"
    NUMERIC = "numeric"
    SHORT_TEXT = "short_text"
    MATCHING = "matching"
    ORDERING = "ordering"

    @property
    def label(self) -> Any:
        return _KINDS[self]


_KINDS = {
    QuestionKind.SINGLE: lazy_gettext("One right choice"),
    QuestionKind.MULTIPLE: lazy_gettext("Several right choices"),
    QuestionKind.TRUE_FALSE: lazy_gettext("True or false"),
    QuestionKind.NUMERIC: lazy_gettext("A number"),
    QuestionKind.SHORT_TEXT: lazy_gettext("A word or two"),
    QuestionKind.MATCHING: lazy_gettext("Matching pairs"),
    QuestionKind.ORDERING: lazy_gettext("Putting in order"),
}


class Question(Base):
    """A question of a course's bank, known to people by its ``name``.

    ``answer`` holds what is the same in every language: the weights of choices (``{"weights": ["100", "0"]}``), a
    truth, accepted ranges of numbers, how an order is graded; also ``points``, ``in_order`` (never shuffled), ``case``
    (capitals matter), and under ``moodle`` what only Moodle needs. ``editions`` hold what is read: ``text``,
    ``explanation``, and by kind ``choices``, ``accepted`` words, ``pairs`` or ``items``; ``feedback`` comments each
    answer. Attempts keep snapshots, so a change never reaches one under way.
    """

    __tablename__ = "academy_question"
    __table_args__ = (sa.UniqueConstraint("course_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(sa.ForeignKey("academy_course.id"))
    name: Mapped[str]
    kind: Mapped[QuestionKind]
    tags: Mapped[list[str]]
    answer: Mapped[dict[str, Any]]
    editions: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]

    course: Mapped[Course] = relationship()

    @property
    def edition(self) -> Edition:
        return edition_of(self.editions)

    @property
    def is_live(self) -> bool:
        return self.retired_at is None
