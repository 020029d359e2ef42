"""Referral codes: what a partner gives away, so that whoever comes with it is counted as theirs."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base
from partners.models import Partner


class ReferralCode(Base):
    """A partner's code, kept in capitals. One that has ended names nobody."""

    __tablename__ = "referrals_referral_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"), index=True)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    partner: Mapped[Partner] = relationship()
