"""Whose a referral code is."""

import sqlalchemy as sa

from core.database import session
from partners.models import Partner
from referrals.models.codes import ReferralCode


def partner_of_code(code: str | None) -> Partner | None:
    """The partner who gave ``code`` away, whatever its case; ``None`` when it is nobody's any more."""
    if not code:
        return None
    return session.scalar(
        sa.select(Partner)
        .join(ReferralCode, ReferralCode.partner_id == Partner.id)
        .where(ReferralCode.code == code.strip().upper(), ReferralCode.ended_at.is_(None))
    )


def codes_of(partner: Partner) -> sa.Select[ReferralCode]:
    """The codes a partner may give away, the newest first."""
    return (
        sa.select(ReferralCode)
        .where(ReferralCode.partner_id == partner.id, ReferralCode.ended_at.is_(None))
        .order_by(ReferralCode.id.desc())
    )
