"""Events and their guests."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from accounts.models import User
from accounts.permissions import Permission
from core import clock
from core.database import session
from events.models import (
    Activity,
    CoHost,
    CoHostStatus,
    Event,
    EventStatus,
    FundingRequest,
    Registration,
    RegistrationStatus,
)
from partners.models import Partner
from partners.queries import rows_visible_to

_WITHOUT_GUESTS = [activity for activity in Activity if not activity.has_guests]


def events_visible_to(user: User) -> sa.Select[Event]:
    """The events ``user`` may look behind, latest first."""
    return (
        sa.select(Event)
        .where(rows_visible_to(user, Event.partner_id, Permission.FUNDING_READ))
        .options(joinedload(Event.partner), joinedload(Event.request))
        .order_by(Event.starts_at.desc(), Event.id.desc())
    )


def public_events() -> sa.Select[Event]:
    """What anybody may see: every event with guests."""
    return sa.select(Event).where(Event.activity.not_in(_WITHOUT_GUESTS)).options(joinedload(Event.partner))


def upcoming_events() -> sa.Select[Event]:
    """Public events that are still to come, the next one first."""
    return (
        public_events()
        .where(Event.status == EventStatus.PLANNED, Event.ends_at > clock.now())
        .order_by(Event.starts_at, Event.id)
    )


def taken_seats(event: Event) -> int:
    """How many guests have a seat."""
    return _count(event, Registration.status == RegistrationStatus.REGISTERED)


def free_seats(event: Event) -> int | None:
    """How many seats are left; ``None``: as many as come."""
    return None if event.seats is None else max(0, event.seats - taken_seats(event))


def guest_counts(event: Event) -> dict[str, int]:
    """Guests by what they are: registered, waitlisted, checked_in, agreed to be contacted."""
    row = session.execute(
        sa.select(
            _counted(Registration.status == RegistrationStatus.REGISTERED),
            _counted(Registration.status == RegistrationStatus.WAITLISTED),
            sa.func.count(Registration.checked_in_at),
            sa.func.count(Registration.consented_at),
        ).where(Registration.event_id == event.id)
    ).one()
    return dict(
        zip(("registered", "waitlisted", "checked_in", "agreed"), (int(one) for one in row), strict=True)
    )


def guests_of(event: Event, *, sought: str = "") -> sa.Select[Registration]:
    """Everybody who registered, by name; those who gave up their seat last. ``sought``: a part of name or company."""
    rows = sa.select(Registration).where(Registration.event_id == event.id)
    if sought:
        rows = rows.where(
            sa.or_(
                Registration.name.icontains(sought, autoescape=True),
                Registration.company.icontains(sought, autoescape=True),
            )
        )
    return rows.order_by(
        Registration.status == RegistrationStatus.WITHDRAWN,
        Registration.status == RegistrationStatus.WAITLISTED,
        Registration.name,
        Registration.id,
    )


def registration_by_token(token: str) -> Registration | None:
    """The guest's own row, by the guest's own link."""
    return session.scalar(
        sa.select(Registration).where(Registration.token == token).options(joinedload(Registration.event))
    )


def _count(event: Event, condition: Any) -> int:
    return session.scalar(sa.select(sa.func.count()).where(Registration.event_id == event.id, condition)) or 0


def _counted(condition: Any) -> Any:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)


def events_beginning_before(moment: datetime) -> sa.Select[Event]:
    """Planned events with guests that begin from now to ``moment``."""
    return (
        sa.select(Event)
        .where(
            Event.status == EventStatus.PLANNED,
            Event.activity.not_in(_WITHOUT_GUESTS),
            Event.starts_at > clock.now(),
            Event.starts_at <= moment,
        )
        .order_by(Event.starts_at, Event.id)
    )


def joinings_of(event: Event) -> sa.Select[CoHost]:
    """Everybody who asked to join the event, the first one first."""
    return (
        sa.select(CoHost)
        .where(CoHost.event_id == event.id, CoHost.status != CoHostStatus.WITHDRAWN)
        .options(joinedload(CoHost.partner))
        .order_by(CoHost.id)
    )


def hosts_of(event: Event) -> str:
    """The host and everybody it took in, by name."""
    co_hosts = session.scalars(joinings_of(event).where(CoHost.status == CoHostStatus.ACCEPTED))
    return ", ".join([event.partner.name, *(one.partner.name for one in co_hosts)])


def joinings_by(partner: Partner) -> sa.Select[CoHost]:
    """What a partner asked to join, the next event first."""
    return (
        sa.select(CoHost)
        .join(CoHost.event)
        .where(CoHost.partner_id == partner.id, CoHost.status != CoHostStatus.WITHDRAWN)
        .options(
            joinedload(CoHost.event).joinedload(Event.partner),
            joinedload(CoHost.event).joinedload(Event.request),
        )
        .order_by(Event.starts_at.desc(), CoHost.id)
    )


def joinable_events() -> sa.Select[Event]:
    """Planned events of any partner that have not begun: what another partner may ask to join."""
    return (
        sa.select(Event)
        .where(Event.status == EventStatus.PLANNED, Event.starts_at > clock.now())
        .options(
            joinedload(Event.partner),
            joinedload(Event.request).selectinload(FundingRequest.lines),
            selectinload(Event.joined),
        )
        .order_by(Event.starts_at, Event.id)
    )
