"""Practical works, the times of examiners, and what waits for a verdict."""

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from academy.models import Course, Practical, Slot, Submission, SubmissionStatus, Verdict
from accounts.models import User
from accounts.permissions import Permission
from core import clock
from core.database import session


def practical_of(course_id: int) -> Practical | None:
    """The task of a course."""
    return session.scalar(sa.select(Practical).where(Practical.course_id == course_id))


def submission_of(practical: Practical, user: User) -> Submission | None:
    """The last work that ``user`` handed in."""
    return session.scalar(
        _with_all(sa.select(Submission))
        .where(Submission.practical_id == practical.id, Submission.user_id == user.id)
        .order_by(Submission.id.desc())
        .limit(1)
    )


def has_passed_practical(course_id: int, user_id: int) -> bool:
    """Whether nothing practical is missing: a required task is passed, or none is required."""
    practical = practical_of(course_id)
    if practical is None or not practical.required:
        return True
    passed = sa.select(Submission.id).where(
        Submission.practical_id == practical.id,
        Submission.user_id == user_id,
        Submission.status == SubmissionStatus.PASSED,
    )
    return session.scalar(passed.limit(1)) is not None


def _with_all(rows: sa.Select[Submission]) -> sa.Select[Submission]:
    return rows.options(
        joinedload(Submission.user),
        joinedload(Submission.practical).joinedload(Practical.course).selectinload(Course.versions),
        joinedload(Submission.slot).joinedload(Slot.examiner),
        selectinload(Submission.verdicts).joinedload(Verdict.examiner),
    )


def submissions_visible_to(user: User) -> sa.Select[Submission]:
    """One's own; examiners see everybody's."""
    rows = _with_all(sa.select(Submission))
    if user.may(Permission.WORK_ASSESS):
        return rows
    return rows.where(Submission.user_id == user.id)


def submissions_waiting() -> sa.Select[Submission]:
    """What waits for a verdict, the oldest first."""
    return (
        _with_all(sa.select(Submission))
        .where(Submission.status.in_([SubmissionStatus.SUBMITTED, SubmissionStatus.APPEALED]))
        .order_by(Submission.submitted_at, Submission.id)
    )


def free_slots() -> sa.Select[Slot]:
    """Times to come that nobody has booked."""
    booked = sa.select(Submission.slot_id).where(Submission.slot_id.is_not(None))
    return (
        sa.select(Slot)
        .options(joinedload(Slot.examiner))
        .where(Slot.starts_at > clock.now(), Slot.id.not_in(booked))
        .order_by(Slot.starts_at, Slot.id)
    )


def slots_of(examiner: User) -> sa.Select[Slot]:
    """An examiner's times to come, booked and free."""
    return (
        sa.select(Slot)
        .where(Slot.examiner_id == examiner.id, Slot.starts_at > clock.now())
        .order_by(Slot.starts_at)
    )


def bookings_with(examiner: User) -> sa.Select[Submission]:
    """The works that are talked about in an examiner's times to come, with who handed them in."""
    times = sa.select(Slot.id).where(Slot.examiner_id == examiner.id, Slot.starts_at > clock.now())
    return sa.select(Submission).options(joinedload(Submission.user)).where(Submission.slot_id.in_(times))
