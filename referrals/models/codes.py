"""Referral codes: what a partner gives away, so that whoever comes with it is counted as theirs."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base
from core.triggers import append_only
from partners.models import Partner


class ReferralCode(Base):
    """A partner's code, kept in capitals. Once ended it names nobody, and its word stays the partner's to revive."""

    __tablename__ = "referrals_referral_code"
    __table_args__ = (sa.Index("ix_referrals_referral_code_partner_id", "partner_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    #: The vendor ended it, and alone can bring it back.
    ended_by_vendor: Mapped[bool] = mapped_column(default=False, server_default=sa.false())

    partner: Mapped[Partner] = relationship()


class CodeGap(Base):
    """From when to when a code had ended, before it was brought back: who came with it then is nobody's."""

    __tablename__ = "referrals_code_gap"
    __table_args__ = (sa.Index("ix_referrals_code_gap_code_id", "code_id", "ended_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code_id: Mapped[int] = mapped_column(sa.ForeignKey("referrals_referral_code.id"))
    ended_at: Mapped[datetime]
    revived_at: Mapped[datetime]


append_only(CodeGap.__table__)  # type: ignore[arg-type]
