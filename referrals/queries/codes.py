"""Whose a referral code is."""

from collections.abc import Collection

import sqlalchemy as sa

from core.database import session
from partners.models import Partner
from referrals.models.codes import ReferralCode


def partner_of_code(code: str | None) -> Partner | None:
    """The partner who gave ``code`` away, whatever its case; ``None`` when it is nobody's any more."""
    return partners_of_codes([code]).get(code) if code else None


def partners_of_codes(codes: Collection[str]) -> dict[str, Partner]:
    """The same for many codes, by the code as it is given; one that is nobody's is missing."""
    plain = {code: code.strip().upper() for code in codes}
    if not plain:
        return {}
    rows = session.execute(
        sa.select(ReferralCode.code, Partner)
        .join(Partner, ReferralCode.partner_id == Partner.id)
        .where(ReferralCode.code.in_(set(plain.values())), ReferralCode.ended_at.is_(None))
    )
    owners = {row.code: row.Partner for row in rows}
    return {code: owners[own] for code, own in plain.items() if own in owners}


def codes_of(partner: Partner) -> sa.Select[ReferralCode]:
    """The codes a partner may give away, the newest first."""
    return (
        sa.select(ReferralCode)
        .where(ReferralCode.partner_id == partner.id, ReferralCode.ended_at.is_(None))
        .order_by(ReferralCode.id.desc())
    )
