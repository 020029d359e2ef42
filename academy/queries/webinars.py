"""Webinars and their seats."""

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from academy.models import Seat, SeatStatus, Webinar
from accounts.models import User
from accounts.permissions import MATRIX, STAFF_ROLES, Permission
from core import clock
from core.database import session


def webinars_visible_to(user: User) -> sa.Select[Webinar]:
    """Every webinar that learners may join, with its host."""
    rows = sa.select(Webinar).options(joinedload(Webinar.host), joinedload(Webinar.course))
    return rows if user.may(Permission.COURSES_LEARN) else rows.where(sa.false())


def webinars_to_come(user: User) -> sa.Select[Webinar]:
    """Those that are still to be held, the next one first."""
    return (
        webinars_visible_to(user)
        .where(Webinar.cancelled_at.is_(None), Webinar.starts_at > clock.now())
        .order_by(Webinar.starts_at, Webinar.id)
    )


def webinars_recorded(user: User) -> sa.Select[Webinar]:
    """Those one can watch, the latest first."""
    return (
        webinars_visible_to(user)
        .where(Webinar.recording != "", Webinar.cancelled_at.is_(None))
        .order_by(Webinar.starts_at.desc())
    )


def seats_of(webinar: Webinar) -> sa.Select[Seat]:
    """Who comes and who waits, in the order they came."""
    return (
        sa.select(Seat)
        .options(joinedload(Seat.user))
        .where(Seat.webinar_id == webinar.id)
        .order_by(Seat.status, Seat.since, Seat.id)
    )


def seat_of(webinar: Webinar, user: User) -> Seat | None:
    """What ``user`` has in a webinar."""
    return session.scalar(sa.select(Seat).where(Seat.webinar_id == webinar.id, Seat.user_id == user.id))


def seats_taken(webinar: Webinar) -> int:
    """How many seats are booked."""
    found = session.scalar(
        sa.select(sa.func.count()).where(Seat.webinar_id == webinar.id, Seat.status == SeatStatus.BOOKED)
    )
    return found or 0


def taken_by_webinar(ids: list[int]) -> dict[int, int]:
    """How many seats are booked, by webinar. One query."""
    rows = session.execute(
        sa.select(Seat.webinar_id, sa.func.count())
        .where(Seat.webinar_id.in_(ids), Seat.status == SeatStatus.BOOKED)
        .group_by(Seat.webinar_id)
    ).all()
    return dict(rows)


def my_seats(user: User) -> dict[int, Seat]:
    """What ``user`` has, by webinar."""
    return {seat.webinar_id: seat for seat in session.scalars(sa.select(Seat).where(Seat.user_id == user.id))}


def people_who_host() -> sa.Select[User]:
    """The vendor's people who may hold webinars."""
    roles = [role for role in STAFF_ROLES if Permission.WEBINARS_HOLD in MATRIX[role]]
    return sa.select(User).where(User.role.in_(roles), User.suspended_at.is_(None)).order_by(User.name)


def booked_by(user: User) -> sa.Select[int]:
    """The webinars that ``user`` has a seat in."""
    return sa.select(Seat.webinar_id).where(Seat.user_id == user.id, Seat.status == SeatStatus.BOOKED)
