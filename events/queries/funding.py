"""Budgets and requests: who sees which, and what is left."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from accounts.models import User
from accounts.permissions import Permission
from core import clock
from core.database import session
from core.settings import PROGRAMME_TIME_ZONE
from events.models import (
    Allocation,
    Budget,
    Event,
    EventStatus,
    FundingClaim,
    FundingRequest,
    Registration,
    RequestStatus,
)
from partners.models import Partner
from partners.queries import rows_visible_to


def requests_visible_to(user: User) -> sa.Select[FundingRequest]:
    """The requests ``user`` may see, latest first. A partner's draft is nobody else's, also not the vendor's."""
    mine = sa.select(FundingRequest).where(
        rows_visible_to(user, FundingRequest.partner_id, Permission.FUNDING_READ)
    )
    if user.is_staff:
        mine = mine.where(FundingRequest.status != RequestStatus.DRAFT)
    return mine.options(joinedload(FundingRequest.partner)).order_by(FundingRequest.id.desc())


def with_details(requests: sa.Select[FundingRequest]) -> sa.Select[FundingRequest]:
    """The same requests with lines, event and claim at hand."""
    return requests.options(
        selectinload(FundingRequest.lines),
        joinedload(FundingRequest.event),
        joinedload(FundingRequest.claim),
        joinedload(FundingRequest.allocation).joinedload(Allocation.budget),
    )


def requests_waiting_for_vendor() -> sa.Select[FundingRequest]:
    """Submitted and not decided, the nearest clock first."""
    return (
        sa.select(FundingRequest)
        .where(FundingRequest.status == RequestStatus.SUBMITTED)
        .options(joinedload(FundingRequest.partner), selectinload(FundingRequest.lines))
        .order_by(FundingRequest.due_at, FundingRequest.id)
    )


def budgets() -> sa.Select[Budget]:
    """Every budget, the one that ends last first."""
    return (
        sa.select(Budget).options(selectinload(Budget.allocations)).order_by(Budget.ends_on.desc(), Budget.id)
    )


def allocations_for(request: FundingRequest) -> list[Allocation]:
    """What could pay for a request: its currency, for this partner or open in its country, not expired, not used up.

    The partner's own come first, then what expires soonest.
    """
    rows = session.scalars(
        sa.select(Allocation)
        .join(Allocation.budget)
        .options(joinedload(Allocation.budget), joinedload(Allocation.partner))
        .where(
            Budget.currency == request.currency,
            sa.or_(Budget.region == "", Budget.region == request.partner.country),
            sa.or_(Allocation.partner_id.is_(None), Allocation.partner_id == request.partner_id),
            Allocation.expires_on >= clock.today(PROGRAMME_TIME_ZONE.value()),
            Allocation.amount_minor > Allocation.reserved_minor + Allocation.paid_minor,
        )
        .order_by(Allocation.partner_id.is_(None), Allocation.expires_on, Allocation.id)
    )
    return list(rows)


def allocations_of(partner: Partner) -> list[Allocation]:
    """What the vendor set aside for this partner and has not expired."""
    rows = session.scalars(
        sa.select(Allocation)
        .options(joinedload(Allocation.budget))
        .where(
            Allocation.partner_id == partner.id,
            Allocation.expires_on >= clock.today(PROGRAMME_TIME_ZONE.value()),
        )
        .order_by(Allocation.expires_on, Allocation.id)
    )
    return list(rows)


def board(year: int) -> dict[str, dict[int, list[FundingRequest]]]:
    """The year's requests that are wanted or approved: by city, then by month."""
    zone = ZoneInfo(PROGRAMME_TIME_ZONE.value())
    first = datetime(year, 1, 1, tzinfo=zone).astimezone(UTC)
    last = datetime(year + 1, 1, 1, tzinfo=zone).astimezone(UTC)
    rows = session.scalars(
        sa.select(FundingRequest)
        .options(joinedload(FundingRequest.partner), joinedload(FundingRequest.event))
        .where(
            FundingRequest.starts_at >= first,
            FundingRequest.starts_at < last,
            FundingRequest.status.in_(
                (RequestStatus.SUBMITTED, RequestStatus.INFO_REQUESTED, RequestStatus.APPROVED)
            ),
        )
        .order_by(FundingRequest.starts_at, FundingRequest.id)
    )
    months: dict[str, dict[int, list[FundingRequest]]] = {}
    for row in rows:
        month = row.starts_at.astimezone(ZoneInfo(row.time_zone)).month
        months.setdefault(row.city, {}).setdefault(month, []).append(row)
    return dict(sorted(months.items(), key=lambda entry: (entry[0] == "", entry[0])))


def results(user: User) -> Any:
    """Events that took place with what came of them: (event, registered, there, agreed, reimbursed, currency)."""
    there = sa.func.count(Registration.checked_in_at)
    agreed = sa.func.count(Registration.consented_at)
    guests = (
        sa.select(
            Registration.event_id,
            sa.func.count().label("registered"),
            there.label("there"),
            agreed.label("agreed"),
        )
        .group_by(Registration.event_id)
        .subquery()
    )
    return (
        sa.select(
            Event,
            sa.func.coalesce(guests.c.registered, 0),
            sa.func.coalesce(guests.c.there, 0),
            sa.func.coalesce(guests.c.agreed, 0),
            FundingClaim.amount_minor,
            FundingRequest.currency,
        )
        .join(Event.request)
        .outerjoin(FundingClaim, FundingClaim.request_id == FundingRequest.id)
        .outerjoin(guests, guests.c.event_id == Event.id)
        .where(
            rows_visible_to(user, Event.partner_id, Permission.FUNDING_READ), Event.status == EventStatus.HELD
        )
        .options(joinedload(Event.partner))
        .order_by(Event.starts_at.desc(), Event.id.desc())
    )
