"""Referral links: a partner's addresses on the vendor's site, the clicks on them, and the leads that came by them."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base
from core.triggers import append_only
from partners.models import Partner
from referrals.models.leads import Lead


class ReferralLink(Base):
    """``/r/<token>``, which leads to ``path`` on the vendor's site. One that has ended counts nothing."""

    __tablename__ = "referrals_link"
    __table_args__ = (sa.Index("ix_referrals_link_partner_id", "partner_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(unique=True)
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"))
    path: Mapped[str]
    campaign: Mapped[str]
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts_user.id"), index=True)
    ended_at: Mapped[datetime | None]

    partner: Mapped[Partner] = relationship()

    @property
    def is_live(self) -> bool:
        """A click on it counts."""
        return self.ended_at is None and self.partner.is_active


class LinkClick(Base):
    """Somebody followed a link. When, and nothing else: no address, no browser, no person."""

    __tablename__ = "referrals_link_click"
    __table_args__ = (sa.Index("ix_referrals_link_click_link_id", "link_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    link_id: Mapped[int] = mapped_column(sa.ForeignKey("referrals_link.id"))
    at: Mapped[datetime]


append_only(LinkClick.__table__)  # type: ignore[arg-type]


class LeadTouch(Base):
    """Whoever became this lead had followed this link before. All of them are kept, whichever counts."""

    __tablename__ = "referrals_lead_touch"
    __table_args__ = (sa.UniqueConstraint("lead_id", "link_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int] = mapped_column(sa.ForeignKey("referrals_lead.id"))
    link_id: Mapped[int] = mapped_column(sa.ForeignKey("referrals_link.id"), index=True)
    at: Mapped[datetime]
    #: The one that the lead is credited to, by the setting of that day.
    counts: Mapped[bool]

    lead: Mapped[Lead] = relationship()
    link: Mapped[ReferralLink] = relationship()


append_only(LeadTouch.__table__)  # type: ignore[arg-type]
