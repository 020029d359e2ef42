"""What ends by itself when its day has passed; safe to run late and twice."""

from datetime import timedelta

import sqlalchemy as sa

from core import clock
from core.database import lock, session
from core.i18n import gettext as _
from core.settings import PROGRAMME_TIME_ZONE
from core.signals import announce
from events import signals
from events.models import OPEN_REQUESTS, ClaimLine, ClaimStatus, FundingClaim, FundingRequest, RequestStatus
from events.operations.advances import take_back_advance
from events.operations.gatherings import call_off
from events.operations.requests import release_reserved
from events.operations.verdicts import close_claim, free_refused_receipts

#: A rejected or unanswered claim was somebody's to act on until then; the programme's zone may be ahead of theirs.
_GRACE = timedelta(days=1)


def close_what_is_over() -> int:
    """Lapses requests and claims whose time is over and gives back what was reserved; answers how many."""
    return _expire_open_requests() + _expire_unclaimed() + _close_claims() + _release_disputable()


def _expire_open_requests() -> int:
    """A request nobody decided before its event began is void."""
    rows = session.scalars(
        sa.select(FundingRequest).where(
            FundingRequest.status.in_(OPEN_REQUESTS), FundingRequest.starts_at < clock.now()
        )
    ).all()
    for request in rows:
        lock(request).become(RequestStatus.EXPIRED)
        announce(signals.FundingRequestExpired(request, None))
    return len(rows)


def _expire_unclaimed() -> int:
    """An approved request without a claim handed in by its day lapses."""
    today = clock.today(PROGRAMME_TIME_ZONE.value()) - _GRACE
    rows = session.scalars(
        sa.select(FundingRequest)
        .outerjoin(FundingClaim, FundingClaim.request_id == FundingRequest.id)
        .where(
            FundingRequest.status == RequestStatus.APPROVED,
            FundingRequest.claim_by < today,
            sa.or_(FundingClaim.id.is_(None), FundingClaim.status == ClaimStatus.DRAFT),
        )
    ).all()
    for request in rows:
        if request.claim is not None:
            close_claim(lock(request.claim), ClaimStatus.EXPIRED, by=None)
            announce(signals.FundingClaimExpired(request.claim, None))
        lock(request).become(RequestStatus.EXPIRED)
        release_reserved(request)
        take_back_advance(request, by=None)
        if request.event is not None and request.event.is_planned and not request.event.is_over:
            call_off(request.event, _("The host called it off."), by=None)
        announce(signals.FundingRequestExpired(request, None))
    return len(rows)


def _close_claims() -> int:
    """A rejection nobody appealed against stands; a question nobody answered ends the claim."""
    now = clock.now() - _GRACE
    rows = session.scalars(
        sa.select(FundingClaim).where(
            sa.or_(
                sa.and_(FundingClaim.status == ClaimStatus.REJECTED, FundingClaim.appeal_until < now),
                sa.and_(FundingClaim.status == ClaimStatus.INFO_REQUESTED, FundingClaim.due_at < now),
            )
        )
    ).all()
    for claim in rows:
        lock(claim)
        if claim.status is ClaimStatus.REJECTED:
            close_claim(claim, ClaimStatus.DECIDED, by=None)
            announce(signals.FundingClaimClosed(claim, None, claim.decision_note))
        else:
            close_claim(claim, ClaimStatus.EXPIRED, by=None)
            announce(signals.FundingClaimExpired(claim, None))
    return len(rows)


def _release_disputable() -> int:
    """What an approval took off was kept for an appeal, receipts included; nobody appealed."""
    refused = sa.exists().where(
        ClaimLine.claim_id == FundingClaim.id, ClaimLine.is_refused, ClaimLine.is_live
    )
    claims = session.scalars(
        sa.select(FundingClaim)
        .join(FundingClaim.request)
        .where(
            FundingClaim.status.in_((ClaimStatus.APPROVED, ClaimStatus.REIMBURSED)),
            FundingClaim.appeal_until < clock.now() - _GRACE,
            sa.or_(FundingRequest.reserved_minor > 0, refused),
        )
    ).all()
    for claim in claims:
        lock(claim)
        release_reserved(lock(claim.request))
        free_refused_receipts(claim)
    return len(claims)
