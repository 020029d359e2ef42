"""Courses and who learns them."""

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from academy.models import (
    Course,
    CourseVersion,
    Enrolment,
    Lesson,
    LessonCompletion,
    Module,
    VersionStatus,
)
from accounts.models import User
from core.database import session


def live_versions() -> sa.Select[CourseVersion]:
    """What is taught today: the published version of every course, in the order of the catalogue."""
    return (
        sa.select(CourseVersion)
        .join(CourseVersion.course)
        .options(contains_eager(CourseVersion.course))
        .where(CourseVersion.status == VersionStatus.PUBLISHED, Course.retired_at.is_(None))
        .order_by(Course.position, Course.id)
    )


def with_lessons(versions: sa.Select[CourseVersion]) -> sa.Select[CourseVersion]:
    """The same versions with chapters, lessons and exam at hand."""
    return versions.options(
        selectinload(CourseVersion.modules).selectinload(Module.lessons), joinedload(CourseVersion.exam)
    )


def live_version(code: str) -> CourseVersion | None:
    """The version of a course that is taught today."""
    return session.scalar(with_lessons(live_versions()).where(Course.code == code))


def draft_version(course: Course) -> CourseVersion | None:
    """The version that is being written."""
    return session.scalar(
        with_lessons(sa.select(CourseVersion)).where(
            CourseVersion.course_id == course.id, CourseVersion.status == VersionStatus.DRAFT
        )
    )


def all_courses() -> sa.Select[Course]:
    """Every course, for authors: those still taught first."""
    return (
        sa.select(Course)
        .options(selectinload(Course.versions))
        .order_by(Course.retired_at.is_not(None), Course.position, Course.id)
    )


def course_by_code(code: str) -> Course | None:
    """A course, whatever its state, for authors."""
    return session.scalar(sa.select(Course).options(selectinload(Course.versions)).where(Course.code == code))


def enrolment_of(user: User, course_id: int) -> Enrolment | None:
    """That ``user`` learns the course."""
    return session.scalar(
        sa.select(Enrolment).where(Enrolment.user_id == user.id, Enrolment.course_id == course_id)
    )


def enrolments_of(user: User) -> sa.Select[Enrolment]:
    """What ``user`` learns, begun last first."""
    return sa.select(Enrolment).where(Enrolment.user_id == user.id).order_by(Enrolment.id.desc())


def completed_keys(user: User, course_ids: Collection[int]) -> dict[int, set[str]]:
    """The lessons that ``user`` has read, by course."""
    rows = session.execute(
        sa.select(Enrolment.course_id, LessonCompletion.lesson_key)
        .join(LessonCompletion, LessonCompletion.enrolment_id == Enrolment.id)
        .where(Enrolment.user_id == user.id, Enrolment.course_id.in_(course_ids))
    )
    found: dict[int, set[str]] = {}
    for course_id, key in rows:
        found.setdefault(course_id, set()).add(key)
    return found


def lessons_for_author(user_may_write: bool) -> sa.Select[Lesson]:
    """Every lesson with its version at hand, for authors; nobody else sees any this way."""
    return (
        sa.select(Lesson)
        .options(joinedload(Lesson.module).joinedload(Module.version).joinedload(CourseVersion.course))
        .where(sa.true() if user_may_write else sa.false())
    )


def product_course_titles() -> dict[str, list[CourseVersion]]:
    """By product code: the live courses that qualify for it. One query."""
    found: dict[str, list[CourseVersion]] = {}
    for version in session.scalars(live_versions()):
        for code in version.course.product_codes:
            found.setdefault(code, []).append(version)
    return found


def products_with_a_course() -> set[str]:
    """The products that a live course qualifies for: only for these can a certificate be asked for. One query."""
    rows = session.scalars(
        sa.select(Course.product_codes)
        .join(CourseVersion, CourseVersion.course_id == Course.id)
        .where(CourseVersion.status == VersionStatus.PUBLISHED, Course.retired_at.is_(None))
    )
    return {code for codes in rows for code in codes}
