"""Budgets and requests: who sees which, and what is left."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from accounts.models import User
from accounts.permissions import Permission
from core import clock
from core.database import session
from core.settings import PROGRAMME_TIME_ZONE
from events.models import Allocation, Budget, FundingRequest, RequestStatus
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
        joinedload(FundingRequest.advance),
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


def hosts_of_country(
    country: str, first: datetime, last: datetime, *, besides: FundingRequest | None = None
) -> set[int]:
    """The partners with an approved event in the country that begins from ``first`` to before ``last``."""
    where = sa.func.coalesce(sa.func.nullif(FundingRequest.country, ""), Partner.country)
    hosts = (
        sa.select(FundingRequest.partner_id)
        .join(FundingRequest.partner)
        .where(
            where == country,
            FundingRequest.starts_at >= first,
            FundingRequest.starts_at < last,
            FundingRequest.status == RequestStatus.APPROVED,
        )
        .distinct()
    )
    if besides is not None and besides.id is not None:
        hosts = hosts.where(FundingRequest.id != besides.id)
    return set(session.scalars(hosts))


def requests_a_year_ago(partner: Partner) -> sa.Select[FundingRequest]:
    """Approved events of about a year ago that have no like this year yet: what one may want to hold again."""
    now = clock.now()
    again = sa.orm.aliased(FundingRequest)
    return (
        sa.select(FundingRequest)
        .where(
            FundingRequest.partner_id == partner.id,
            FundingRequest.status == RequestStatus.APPROVED,
            FundingRequest.starts_at > now - timedelta(days=400),
            FundingRequest.starts_at < now - timedelta(days=240),
            ~sa.exists().where(
                again.partner_id == partner.id,
                again.title == FundingRequest.title,
                again.starts_at > FundingRequest.starts_at,
            ),
        )
        .order_by(FundingRequest.starts_at, FundingRequest.id)
    )
