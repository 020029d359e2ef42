"""Courses and who learns them."""

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from academy import settings
from academy.models import (
    Course,
    CourseFile,
    CourseVersion,
    Enrolment,
    LearningPath,
    Lesson,
    LessonCompletion,
    Module,
    PathStep,
    VersionStatus,
)
from accounts.models import User
from accounts.permissions import Permission
from core.database import session
from partners.models import Member
from partners.queries.onboarding import Firms


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


def enrolments_in(course_id: int, user_ids: Collection[int]) -> sa.Select[Enrolment]:
    """Who of these learns the course."""
    return sa.select(Enrolment).where(Enrolment.course_id == course_id, Enrolment.user_id.in_(user_ids))


def learning_paths() -> sa.Select[LearningPath]:
    """The paths there are, with their courses at hand."""
    return (
        sa.select(LearningPath)
        .options(selectinload(LearningPath.steps).joinedload(PathStep.course))
        .where(LearningPath.retired_at.is_(None))
        .order_by(LearningPath.position, LearningPath.id)
    )


def path_by_code(code: str) -> LearningPath | None:
    """A path by its code."""
    return session.scalar(learning_paths().where(LearningPath.code == code))


def files_of(course_id: int) -> sa.Select[CourseFile]:
    """The pictures and files of a course, latest first."""
    return sa.select(CourseFile).where(CourseFile.course_id == course_id).order_by(CourseFile.id.desc())


def files_visible_to(user: User) -> sa.Select[CourseFile]:
    """The files of every course that is taught; authors see those of all courses."""
    rows = sa.select(CourseFile).join(CourseFile.course).options(contains_eager(CourseFile.course))
    if user.may(Permission.COURSES_WRITE):
        return rows
    if not user.may(Permission.COURSES_LEARN):
        return rows.where(sa.false())
    taught = sa.select(CourseVersion.course_id).where(CourseVersion.status == VersionStatus.PUBLISHED)
    return rows.where(Course.id.in_(taught))


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


#: By how many days after joining somebody has begun the first course.
FIRST_COURSE_DAYS = 21


def first_course() -> CourseVersion | None:
    """What everybody who joins learns first, as the programme set it; ``None`` when it did not, or retired it."""
    code = settings.FIRST_COURSE.value()
    return live_version(code) if code else None


def firms_that_read_the_first_course(partner_ids: Firms) -> set[int]:
    """Of ``partner_ids``, those with an active member who has read a lesson of it; all while there is none."""
    version = first_course()
    if version is None:
        return set(session.scalars(partner_ids) if isinstance(partner_ids, sa.Select) else partner_ids)
    return set(
        session.scalars(
            sa.select(Member.partner_id)
            .join(Enrolment, Enrolment.user_id == Member.user_id)
            .join(LessonCompletion, LessonCompletion.enrolment_id == Enrolment.id)
            .where(
                Member.partner_id.in_(partner_ids),
                Member.left_at.is_(None),
                Enrolment.course_id == version.course_id,
            )
            .distinct()
        )
    )
