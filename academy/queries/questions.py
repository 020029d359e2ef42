"""The question bank."""

from collections.abc import Collection

import sqlalchemy as sa

from academy.models import Course, Question
from core.database import session


def questions_of(course: Course) -> sa.Select[Question]:
    """The bank of a course, those in use first."""
    return (
        sa.select(Question)
        .where(Question.course_id == course.id)
        .order_by(Question.retired_at.is_not(None), Question.id)
    )


def questions_to_draw(course_id: int, tags: Collection[str]) -> list[Question]:
    """The questions in use that carry any of ``tags``."""
    rows = session.scalars(
        sa.select(Question)
        .where(Question.course_id == course_id, Question.retired_at.is_(None))
        .order_by(Question.id)
    )
    return [question for question in rows if set(tags) & set(question.tags)]


def tag_counts(course: Course) -> dict[str, int]:
    """How many questions in use carry each tag."""
    counts: dict[str, int] = {}
    rows = sa.select(Question.tags).where(Question.course_id == course.id, Question.retired_at.is_(None))
    for tags in session.scalars(rows):
        for tag in tags:
            counts[tag] = counts.get(tag, 0) + 1
    return dict(sorted(counts.items()))
