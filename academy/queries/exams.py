"""Attempts: one's own, those whose time is up, and whether somebody may begin another."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from academy import settings
from academy.models import Attempt, AttemptSeries, AttemptStatus, Certificate, CourseVersion
from academy.queries.certificates import standing_certificate
from accounts.models import User
from core import clock
from core.database import session


def attempts_visible_to(user: User) -> sa.Select[Attempt]:
    """One's own attempts and nobody else's, latest first; the questions and the version at hand."""
    return (
        sa.select(Attempt)
        .options(selectinload(Attempt.items), joinedload(Attempt.version).joinedload(CourseVersion.course))
        .where(Attempt.user_id == user.id)
        .order_by(Attempt.id.desc())
    )


def open_attempt(user: User, course_id: int) -> Attempt | None:
    """The attempt under way."""
    return session.scalar(
        sa.select(Attempt).where(
            Attempt.user_id == user.id, Attempt.course_id == course_id, Attempt.status == AttemptStatus.OPEN
        )
    )


def last_attempts_of(user: User) -> dict[int, Attempt]:
    """The latest attempt at each course. One query."""
    latest = sa.select(sa.func.max(Attempt.id)).where(Attempt.user_id == user.id).group_by(Attempt.course_id)
    rows = session.scalars(
        sa.select(Attempt)
        .options(joinedload(Attempt.version).joinedload(CourseVersion.course))
        .where(Attempt.id.in_(latest))
    )
    return {attempt.course_id: attempt for attempt in rows}


def overdue_attempts() -> sa.Select[Attempt]:
    """Open attempts whose time is up."""
    return (
        sa.select(Attempt)
        .options(joinedload(Attempt.user))
        .where(Attempt.status == AttemptStatus.OPEN, Attempt.due_at < clock.now())
        .order_by(Attempt.id)
    )


class ExamDoor(StrEnum):
    """Whether somebody may begin an attempt now, and if not, why."""

    OPEN = "open"
    UNDER_WAY = "under_way"
    WAITING = "waiting"
    USED_UP = "used_up"
    CERTIFIED = "certified"


@dataclass(frozen=True)
class ExamState:
    """Where somebody stands with an exam.

    ``opens_at``: when the door opens, for ``waiting`` and ``certified``. ``left``: attempts left of this series.
    """

    door: ExamDoor
    left: int
    opens_at: datetime | None = None
    attempt: Attempt | None = None
    certificate: Certificate | None = None

    @property
    def may_begin(self) -> bool:
        return self.door is ExamDoor.OPEN


def exam_state(user: User, version: CourseVersion) -> ExamState:
    """The rule of exams: one attempt at a time, a wait between two, so many in a series.

    A series begins with the version, the last pass, or an author's grant. With a valid certificate of this version the
    door stays shut until shortly before the certificate ends.
    """
    rows = session.scalars(
        sa.select(Attempt)
        .where(Attempt.user_id == user.id, Attempt.course_id == version.course_id)
        .order_by(Attempt.started_at.desc(), Attempt.id.desc())
    ).all()
    allowed = settings.ATTEMPTS.value()
    begun_at = _series_began_at(user, version, rows)
    used = [
        row
        for row in rows
        if row.version_id == version.id and (begun_at is None or row.started_at > begun_at)
    ]
    left = max(0, allowed - len(used))
    certificate = standing_certificate(user, version.course)
    last = rows[0] if rows else None
    if last is not None and last.is_open:
        return ExamState(ExamDoor.UNDER_WAY, left, attempt=last, certificate=certificate)
    if certificate is not None and certificate.is_valid and certificate.course_version_id == version.id:
        renewal = certificate.expires_at - timedelta(days=settings.RENEWAL_DAYS.value())
        if clock.now() < renewal:
            return ExamState(ExamDoor.CERTIFIED, left, opens_at=renewal, certificate=certificate)
    if left == 0:
        return ExamState(ExamDoor.USED_UP, 0, attempt=last, certificate=certificate)
    if last is not None and last.status is AttemptStatus.FAILED and last.ended_at is not None:
        opens_at = last.ended_at + timedelta(hours=settings.WAIT_HOURS.value())
        granted = begun_at is not None and begun_at >= last.ended_at
        if clock.now() < opens_at and not granted:
            return ExamState(ExamDoor.WAITING, left, opens_at=opens_at, attempt=last, certificate=certificate)
    return ExamState(ExamDoor.OPEN, left, attempt=last, certificate=certificate)


def _series_began_at(user: User, version: CourseVersion, attempts: Sequence[Attempt]) -> datetime | None:
    granted = session.scalar(
        sa.select(sa.func.max(AttemptSeries.granted_at)).where(
            AttemptSeries.user_id == user.id, AttemptSeries.course_id == version.course_id
        )
    )
    passed = [row.started_at for row in attempts if row.has_passed]
    return max([moment for moment in (granted, *passed) if moment is not None], default=None)


def used_up_attempts(version: CourseVersion) -> list[Attempt]:
    """The latest failed attempt of everybody who has used up their attempts at ``version``. Two queries."""
    series = (
        sa.select(AttemptSeries.user_id, sa.func.max(AttemptSeries.granted_at).label("granted_at"))
        .where(AttemptSeries.course_id == version.course_id)
        .group_by(AttemptSeries.user_id)
        .subquery()
    )
    passed = (
        sa.select(Attempt.user_id, sa.func.max(Attempt.started_at).label("passed_at"))
        .where(Attempt.course_id == version.course_id, Attempt.status == AttemptStatus.PASSED)
        .group_by(Attempt.user_id)
        .subquery()
    )
    rows = session.execute(
        sa.select(sa.func.max(Attempt.id))
        .outerjoin(series, series.c.user_id == Attempt.user_id)
        .outerjoin(passed, passed.c.user_id == Attempt.user_id)
        .where(
            Attempt.version_id == version.id,
            Attempt.status == AttemptStatus.FAILED,
            sa.or_(series.c.granted_at.is_(None), Attempt.started_at > series.c.granted_at),
            sa.or_(passed.c.passed_at.is_(None), Attempt.started_at > passed.c.passed_at),
        )
        .group_by(Attempt.user_id)
        .having(sa.func.count() >= settings.ATTEMPTS.value())
    ).scalars()
    ids = list(rows)
    return list(
        session.scalars(
            sa.select(Attempt)
            .options(joinedload(Attempt.user))
            .where(Attempt.id.in_(ids))
            .order_by(Attempt.id.desc())
        )
    )
