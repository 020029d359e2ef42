"""What somebody should be reminded of before it is too late."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from core import clock
from core.settings import PROGRAMME_TIME_ZONE
from events.models import (
    Allocation,
    ClaimStatus,
    Event,
    EventStatus,
    FundingClaim,
    FundingRequest,
    RequestStatus,
)


def allocations_lapsing_by(day: date) -> sa.Select[Allocation]:
    """A partner's own money that nobody has asked for and that lapses by ``day``."""
    return (
        sa.select(Allocation)
        .where(
            Allocation.partner_id.is_not(None),
            Allocation.expires_on <= day,
            Allocation.expires_on >= clock.today(PROGRAMME_TIME_ZONE.value()),
            Allocation.amount_minor > Allocation.reserved_minor + Allocation.paid_minor,
        )
        .options(joinedload(Allocation.budget), joinedload(Allocation.partner))
        .order_by(Allocation.expires_on, Allocation.id)
    )


def claims_due_by(day: date) -> sa.Select[FundingRequest]:
    """Approved events that are over and whose cost can be claimed until ``day`` at most, and is not handed in."""
    return (
        sa.select(FundingRequest)
        .join(FundingRequest.event)
        .outerjoin(FundingRequest.claim)
        .where(
            FundingRequest.status == RequestStatus.APPROVED,
            FundingRequest.claim_by <= day,
            FundingRequest.claim_by >= clock.today(PROGRAMME_TIME_ZONE.value()),
            Event.status != EventStatus.CANCELLED,
            Event.ends_at <= clock.now(),
            sa.or_(FundingClaim.id.is_(None), FundingClaim.status == ClaimStatus.DRAFT),
        )
        .options(joinedload(FundingRequest.partner), joinedload(FundingRequest.claim))
        .order_by(FundingRequest.claim_by, FundingRequest.id)
    )
