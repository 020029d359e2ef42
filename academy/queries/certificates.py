"""Certificates: of a person, of a firm's people, by serial; and what firms are certified for."""

import json
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from academy.models import Certificate, Course, CourseVersion
from accounts.models import User
from accounts.permissions import Permission
from core import clock
from core.database import session
from partners.models import Member
from partners.queries import partner_of
from partners.queries.onboarding import Firms


def _is_valid() -> sa.ColumnElement[bool]:
    return sa.and_(
        Certificate.revoked_at.is_(None),
        Certificate.superseded_at.is_(None),
        Certificate.holds_until > clock.when_asked(),
    )


def _certified(partner_ids: Firms) -> sa.Select[int, str, list[str]]:
    """(firm, course code, product codes) for every valid certificate of an active member."""
    return (
        sa.select(Member.partner_id, Course.code, Course.product_codes)
        .join(User, User.id == Member.user_id)
        .join(Certificate, Certificate.user_id == Member.user_id)
        .join(Course, Course.id == Certificate.course_id)
        .where(
            Member.partner_id.in_(partner_ids),
            Member.left_at.is_(None),
            User.suspended_at.is_(None),
            _is_valid(),
        )
    )


def certified_courses_by_partner(partner_ids: Firms) -> dict[int, set[str]]:
    """For each firm that has any: the courses for which an active member holds a valid certificate. One query."""
    found: dict[int, set[str]] = defaultdict(set)
    for partner_id, code, _products in session.execute(_certified(partner_ids)):
        found[partner_id].add(code)
    return dict(found)


def certified_products_by_partner(partner_ids: Collection[int]) -> dict[int, set[str]]:
    """For each firm that has any: the products its active members are certified for. One query."""
    found: dict[int, set[str]] = defaultdict(set)
    for partner_id, _code, products in session.execute(_certified(partner_ids)):
        found[partner_id].update(products)
    return dict(found)


def partners_certified_for(product: str) -> sa.Select[int]:
    """The numbers of all firms certified for ``product``, for ``Partner.id.in_(…)``."""
    return (
        sa.select(Member.partner_id)
        .join(User, User.id == Member.user_id)
        .join(Certificate, Certificate.user_id == Member.user_id)
        .join(Course, Course.id == Certificate.course_id)
        .where(
            Member.left_at.is_(None),
            User.suspended_at.is_(None),
            _is_valid(),
            sa.cast(Course.product_codes, sa.Text).contains(json.dumps(product), autoescape=True),
        )
    )


def _with_course(rows: sa.Select[Certificate]) -> sa.Select[Certificate]:
    return rows.options(joinedload(Certificate.course), joinedload(Certificate.course_version))


def certificates_visible_to(user: User) -> sa.Select[Certificate]:
    """One's own; whoever may see a team's progress, their firm's people's; the vendor's people, all. Latest first."""
    rows = _with_course(sa.select(Certificate)).order_by(Certificate.id.desc())
    if not user.may(Permission.CERTIFICATES_READ):
        return rows.where(sa.false())
    if user.is_staff:
        return rows
    firm = partner_of(user)
    if firm is None:
        return rows if user.is_machine else rows.where(Certificate.user_id == user.id)
    if not user.may(Permission.TEAM_PROGRESS_READ) and not user.is_machine:
        return rows.where(Certificate.user_id == user.id)
    team = sa.select(Member.user_id).where(Member.partner_id == firm.id, Member.left_at.is_(None))
    return rows.where(Certificate.user_id.in_(team))


def certificates_of(user: User) -> sa.Select[Certificate]:
    """Everything ``user`` was ever certified for, latest first."""
    return (
        _with_course(sa.select(Certificate))
        .where(Certificate.user_id == user.id)
        .order_by(Certificate.id.desc())
    )


def certificate_by_serial(serial: str) -> Certificate | None:
    """The certificate that somebody was handed, for whoever knows its serial."""
    return session.scalar(_with_course(sa.select(Certificate)).where(Certificate.serial == serial))


def standing_certificate(user: User, course: Course) -> Certificate | None:
    """The one that is neither revoked nor superseded, valid or expired."""
    return session.scalar(
        _with_course(sa.select(Certificate)).where(
            Certificate.user_id == user.id,
            Certificate.course_id == course.id,
            Certificate.revoked_at.is_(None),
            Certificate.superseded_at.is_(None),
        )
    )


def expiring_soon(days: int) -> sa.Select[Certificate]:
    """Valid certificates that end within ``days``, of people who can still sign in."""
    return (
        _with_course(sa.select(Certificate))
        .join(Certificate.user)
        .options(joinedload(Certificate.user))
        .where(
            _is_valid(),
            Certificate.holds_until <= clock.now() + timedelta(days=days),
            User.suspended_at.is_(None),
        )
        .order_by(Certificate.holds_until, Certificate.id)
    )


def certificates_of_earlier_versions(version: CourseVersion) -> sa.Select[Certificate]:
    """Those of the same course that neither were revoked nor superseded, and were given for a version before this."""
    return (
        _with_course(sa.select(Certificate))
        .join(CourseVersion, CourseVersion.id == Certificate.course_version_id)
        .options(joinedload(Certificate.user))
        .where(
            Certificate.course_id == version.course_id,
            CourseVersion.number < version.number,
            Certificate.revoked_at.is_(None),
            Certificate.superseded_at.is_(None),
            Certificate.expires_at > clock.now(),
        )
        .order_by(Certificate.id)
    )


def ended_by_a_version() -> sa.Select[Certificate]:
    """Certificates whose end by a newer version of their course has come and was not yet written down."""
    return (
        _with_course(sa.select(Certificate))
        .options(joinedload(Certificate.user))
        .where(
            Certificate.ends_at <= clock.now(),
            Certificate.revoked_at.is_(None),
            Certificate.superseded_at.is_(None),
        )
        .order_by(Certificate.id)
    )


def end_of_certificates_for(version: CourseVersion) -> datetime | None:
    """When certificates for ``version`` end because a later one says so; ``None`` when none does."""
    return session.scalar(
        sa.select(sa.func.min(CourseVersion.ends_earlier_at)).where(
            CourseVersion.course_id == version.course_id, CourseVersion.number > version.number
        )
    )
