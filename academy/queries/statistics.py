"""What an author wants to know: who learns, who passes, and which questions tell little."""

from dataclasses import dataclass

import sqlalchemy as sa

from academy.models import (
    Attempt,
    AttemptItem,
    AttemptStatus,
    Certificate,
    Course,
    CourseVersion,
    Enrolment,
    Exam,
    Lesson,
    LessonCompletion,
    Module,
    Question,
    VersionStatus,
    topic_name,
)
from core import clock
from core.database import session

#: With fewer answers a figure says nothing yet.
FEWEST_ANSWERS = 5
WHOLE = 10_000


@dataclass(frozen=True)
class CourseFigures:
    """A course in numbers. ``pass_rate`` is a share of one; ``None`` before anybody has finished."""

    enrolled: int
    finished: int
    passed: int
    certified: int
    completed: int

    @property
    def pass_rate(self) -> float | None:
        return self.passed / self.finished if self.finished else None


def course_figures(course: Course) -> CourseFigures:
    """Enrolments, completions, attempts and certificates of a course. Five queries."""
    enrolled = session.scalar(sa.select(sa.func.count()).where(Enrolment.course_id == course.id)) or 0
    ended = dict(
        session.execute(
            sa.select(Attempt.status, sa.func.count())
            .where(Attempt.course_id == course.id, Attempt.status != AttemptStatus.OPEN)
            .group_by(Attempt.status)
        ).all()
    )
    certified = session.scalar(
        sa.select(sa.func.count()).where(
            Certificate.course_id == course.id,
            Certificate.revoked_at.is_(None),
            Certificate.superseded_at.is_(None),
            Certificate.holds_until > clock.now(),
        )
    )
    passed = ended.get(AttemptStatus.PASSED, 0)
    return CourseFigures(
        enrolled, passed + ended.get(AttemptStatus.FAILED, 0), passed, certified or 0, _completed(course)
    )


def _completed(course: Course) -> int:
    """How many have read every lesson of the version that is taught."""
    taught = (
        sa.select(Lesson.key)
        .join(Module, Module.id == Lesson.module_id)
        .join(CourseVersion, CourseVersion.id == Module.version_id)
        .where(CourseVersion.course_id == course.id, CourseVersion.status == VersionStatus.PUBLISHED)
    )
    lessons = session.scalar(sa.select(sa.func.count()).select_from(taught.subquery())) or 0
    if not lessons:
        return 0
    whole = (
        sa.select(LessonCompletion.enrolment_id)
        .join(Enrolment, Enrolment.id == LessonCompletion.enrolment_id)
        .where(Enrolment.course_id == course.id, LessonCompletion.lesson_key.in_(taught))
        .group_by(LessonCompletion.enrolment_id)
        .having(sa.func.count() == lessons)
    )
    return session.scalar(sa.select(sa.func.count()).select_from(whole.subquery())) or 0


@dataclass(frozen=True)
class ItemFigures:
    """How one question did: how often it was asked, and what share of its worth people got, all and by result.

    ``difference`` is how much better those who passed did on it than those who failed; a question that separates
    nobody has about none.
    """

    question: Question
    asked: int
    share: float
    difference: float | None

    @property
    def concern(self) -> str:
        """``easy``, ``hard``, ``blunt``, or nothing to worry about."""
        if self.asked < FEWEST_ANSWERS:
            return ""
        if self.share >= 0.95:
            return "easy"
        if self.share <= 0.25:
            return "hard"
        return "blunt" if self.difference is not None and self.difference < 0.05 else ""


def item_figures(course: Course) -> dict[int, ItemFigures]:
    """The figures of every question that was ever asked, by question. Two queries."""
    passed = sa.case((Attempt.status == AttemptStatus.PASSED, AttemptItem.score))
    failed = sa.case((Attempt.status == AttemptStatus.FAILED, AttemptItem.score))
    rows = session.execute(
        sa.select(
            AttemptItem.question_id,
            sa.func.count(),
            sa.func.avg(AttemptItem.score),
            sa.func.avg(passed),
            sa.func.avg(failed),
        )
        .join(AttemptItem.attempt)
        .where(Attempt.course_id == course.id, AttemptItem.score.is_not(None))
        .group_by(AttemptItem.question_id)
    ).all()
    questions = {
        row.id: row for row in session.scalars(sa.select(Question).where(Question.course_id == course.id))
    }
    found = {}
    for question_id, asked, share, strong, weak in rows:
        difference = None if strong is None or weak is None else (float(strong) - float(weak)) / WHOLE
        found[question_id] = ItemFigures(questions[question_id], asked, float(share) / WHOLE, difference)
    return found


@dataclass(frozen=True)
class TopicFigures:
    """A topic of the exam: how often it was asked in ended attempts, and what share of its worth people got."""

    name: str
    asked: int
    share: float


def weakest_topics(course: Course) -> list[TopicFigures]:
    """The topics of a course's exams, the weakest first, equally weak ones by name. Two queries."""
    rows = session.execute(
        sa.select(AttemptItem.tag, sa.func.count(), sa.func.avg(AttemptItem.score))
        .join(AttemptItem.attempt)
        .where(Attempt.course_id == course.id, AttemptItem.score.is_not(None))
        .group_by(AttemptItem.tag)
    ).all()
    exam = session.scalar(
        sa.select(Exam)
        .join(CourseVersion, CourseVersion.id == Exam.version_id)
        .where(CourseVersion.course_id == course.id)
        .order_by(CourseVersion.number.desc())
        .limit(1)
    )
    names = {str(draw["tag"]): topic_name(draw) for draw in (exam.draws if exam is not None else [])}
    found = [TopicFigures(names.get(tag, tag), asked, float(share) / WHOLE) for tag, asked, share in rows]
    return sorted(found, key=lambda row: (row.share, row.name))
