"""How far the people of a firm are: every member, every course, in a handful of queries."""

from dataclasses import dataclass

import sqlalchemy as sa

from academy.models import Certificate, CourseVersion, Enrolment, Lesson, LessonCompletion, Module
from academy.queries.courses import live_versions
from accounts.models import User
from core import clock
from core.database import session
from partners.models import Partner
from partners.queries import active_members


@dataclass(frozen=True)
class TeamCourse:
    """Where one person stands with one course: nothing begun, so many lessons read, or certified until a day."""

    version: CourseVersion
    is_enrolled: bool
    read: int
    lessons: int
    certificate: Certificate | None


@dataclass(frozen=True)
class TeamMember:
    """One person and all courses, in the order of the catalogue."""

    user: User
    courses: list[TeamCourse]


def team_progress(partner: Partner) -> list[TeamMember]:
    """Everybody who belongs to the firm today. Five queries, whatever the size of the team."""
    people = [member.user for member in session.scalars(active_members(partner))]
    ids = [person.id for person in people]
    versions = session.scalars(live_versions()).all()
    lessons = dict(
        session.execute(
            sa.select(Module.version_id, sa.func.count(Lesson.id))
            .join(Lesson, Lesson.module_id == Module.id)
            .where(Module.version_id.in_([version.id for version in versions]))
            .group_by(Module.version_id)
        ).all()
    )
    read = _lessons_read(ids, [version.id for version in versions])
    held = {
        (row.user_id, row.course_id): row
        for row in session.scalars(
            sa.select(Certificate).where(
                Certificate.user_id.in_(ids),
                Certificate.revoked_at.is_(None),
                Certificate.superseded_at.is_(None),
                Certificate.holds_until > clock.now(),
            )
        )
    }
    return [
        TeamMember(
            person,
            [
                TeamCourse(
                    version,
                    is_enrolled=(person.id, version.course_id) in read,
                    read=read.get((person.id, version.course_id), 0),
                    lessons=lessons.get(version.id, 0),
                    certificate=held.get((person.id, version.course_id)),
                )
                for version in versions
            ],
        )
        for person in people
    ]


def _lessons_read(user_ids: list[int], version_ids: list[int]) -> dict[tuple[int, int], int]:
    """How many lessons of the live versions each enrolled person has read, by person and course."""
    taught = (
        sa.select(CourseVersion.course_id, Lesson.key)
        .join(Module, Module.version_id == CourseVersion.id)
        .join(Lesson, Lesson.module_id == Module.id)
        .where(CourseVersion.id.in_(version_ids))
        .subquery()
    )
    rows = session.execute(
        sa.select(Enrolment.user_id, Enrolment.course_id, sa.func.count(taught.c.key))
        .outerjoin(LessonCompletion, LessonCompletion.enrolment_id == Enrolment.id)
        .outerjoin(
            taught,
            sa.and_(taught.c.course_id == Enrolment.course_id, taught.c.key == LessonCompletion.lesson_key),
        )
        .where(Enrolment.user_id.in_(user_ids))
        .group_by(Enrolment.user_id, Enrolment.course_id)
    )
    return {(user_id, course_id): count for user_id, course_id, count in rows}
