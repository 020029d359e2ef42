"""Claims: who holds a lead, who held it before, and how many a firm holds."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from core.database import session
from partners.models import Partner
from partners.queries.onboarding import Firms
from referrals.models.leads import HELD, Lead
from referrals.models.routing import MISTAKE, LeadClaim, Offer, OfferStatus


def active_claim(lead: Lead) -> LeadClaim | None:
    """Who holds the lead since when."""
    return session.scalar(
        sa.select(LeadClaim)
        .where(LeadClaim.lead_id == lead.id, LeadClaim.ended_at.is_(None))
        .options(joinedload(LeadClaim.partner), joinedload(LeadClaim.claimed_by))
    )


def claims_of(lead: Lead) -> Sequence[LeadClaim]:
    """Everybody who ever held the lead."""
    return session.scalars(
        sa.select(LeadClaim)
        .where(LeadClaim.lead_id == lead.id)
        .options(joinedload(LeadClaim.partner))
        .order_by(LeadClaim.id)
    ).all()


def mistakes_of(partner: Partner, since: datetime) -> Sequence[LeadClaim]:
    """The claims that the firm has undone as made by mistake since then."""
    return session.scalars(
        sa.select(LeadClaim)
        .where(
            LeadClaim.partner_id == partner.id, LeadClaim.claimed_at >= since, LeadClaim.end_reason == MISTAKE
        )
        .order_by(LeadClaim.id)
        .limit(20)
    ).all()


def held_count(partner: Partner) -> int:
    """How many leads the partner holds now."""
    return int(session.scalar(_HELD_BY, {"firm": partner.id}) or 0)


_HELD_BY = sa.select(sa.func.count()).where(Lead.partner_id == sa.bindparam("firm"), Lead.status.in_(HELD))


def partners_who_answered(partner_ids: Firms) -> set[int]:
    """Of these firms, those that accepted, declined or claimed a lead at least once."""
    answered = sa.select(Offer.partner_id).where(
        Offer.partner_id.in_(partner_ids), Offer.status.in_((OfferStatus.ACCEPTED, OfferStatus.DECLINED))
    )
    claimed = sa.select(LeadClaim.partner_id).where(LeadClaim.partner_id.in_(partner_ids))
    return set(session.scalars(answered.union(claimed)))
