"""What becomes of a firm's requests when it leaves, or turns out to be another one."""

from typing import Any

import sqlalchemy as sa

from core.activity import Actor
from core.database import session
from events.models import (
    OPEN_REQUESTS,
    Advance,
    Allocation,
    ClaimLine,
    ClaimStatus,
    CoHost,
    Event,
    FundingClaim,
    FundingRequest,
    Receipt,
    Registration,
    RequestStatus,
)
from events.operations.requests import withdraw_request
from partners.models import Partner


def requests_to_give_up(partner: Partner) -> list[FundingRequest]:
    """Its requests that are still open: undecided, or approved for an event that is not over and not claimed."""
    rows = session.scalars(
        sa.select(FundingRequest)
        .where(
            FundingRequest.partner_id == partner.id,
            FundingRequest.status.in_((*OPEN_REQUESTS, RequestStatus.APPROVED)),
        )
        .order_by(FundingRequest.id)
    ).all()
    return [request for request in rows if _is_open(request)]


def _is_open(request: FundingRequest) -> bool:
    claimed = request.claim is not None and request.claim.status is not ClaimStatus.EXPIRED
    return not claimed and not (request.event is not None and request.event.is_over)


def give_up_requests(partner: Partner, *, by: Actor | None) -> None:
    """Withdraws them: reserved money is free, events are called off, advances are owed back."""
    for request in requests_to_give_up(partner):
        withdraw_request(request, by=by)


def move_requests(duplicate: Partner, survivor: Partner) -> None:
    """Requests, events, claims and money set aside belong to the firm that stays."""
    joined = sa.select(CoHost.event_id).where(CoHost.partner_id == survivor.id)
    session.execute(
        sa.delete(CoHost)
        .where(CoHost.partner_id == duplicate.id, CoHost.event_id.in_(joined))
        .execution_options(synchronize_session=False)
    )
    tables: tuple[Any, ...] = (
        FundingRequest, FundingClaim, ClaimLine, Receipt, Event, Registration, CoHost, Advance, Allocation,
    )  # fmt: skip
    for table in tables:
        session.execute(
            sa.update(table)
            .where(table.partner_id == duplicate.id)
            .values(partner_id=survivor.id)
            .execution_options(synchronize_session=False)
        )
    session.expire_all()
