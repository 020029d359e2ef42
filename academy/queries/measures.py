"""What the academy can measure about firms: the people who hold a valid certificate, until when."""

from typing import Any

import sqlalchemy as sa

from academy.models import Certificate, Course
from academy.queries.courses import live_versions
from accounts.models import User
from core import clock
from core.database import session
from partners.models import Member
from partners.queries.measures import Between


def certified_people(_about: Between, course: str) -> sa.Select[*tuple[Any, ...]]:
    """Each active member who is certified now (in ``course``, or in any): one, until their last certificate ends."""
    rows = (
        sa.select(
            Member.partner_id,
            sa.literal(1).label("amount"),
            sa.func.max(Certificate.holds_until).label("turns"),
        )
        .join(User, User.id == Member.user_id)
        .join(Certificate, Certificate.user_id == Member.user_id)
        .where(
            Member.left_at.is_(None),
            User.suspended_at.is_(None),
            Certificate.revoked_at.is_(None),
            Certificate.superseded_at.is_(None),
            Certificate.holds_until > clock.now(),
        )
        .group_by(Member.partner_id, Member.user_id)
    )
    if course:
        rows = rows.join(Course, Course.id == Certificate.course_id).where(Course.code == course)
    return rows


def courses_to_be_certified_in() -> list[tuple[str, str]]:
    """(code, title) of what is taught today."""
    return [(version.course.code, version.title_in()) for version in session.scalars(live_versions())]
