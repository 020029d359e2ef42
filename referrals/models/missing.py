"""Missing-referral requests: a partner says that a sale is its own, and names the order."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import User
from core.database import Base
from partners.models import Partner
from referrals.models.sales import Sale


class RequestStatus(StrEnum):
    """What the vendor said."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class ReferralRequest(Base):
    """A partner's word that it brought the customer of an order. ``decide_by`` is the vendor's clock."""

    __tablename__ = "referrals_missing_request"
    __table_args__ = (
        sa.Index("ix_referrals_missing_request_partner_id", "partner_id", "id"),
        sa.Index("ix_referrals_missing_request_status", "status", "decide_by", "id"),
        # One open request an order and partner.
        sa.Index(
            "uq_referrals_missing_request_open",
            "partner_id",
            "order_number",
            unique=True,
            postgresql_where=sa.text("status = 'open'"),
            sqlite_where=sa.text("status = 'open'"),
        ),
        sa.CheckConstraint("(status = 'open') = (decided_at IS NULL)", name="decided_when_closed"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"))
    order_number: Mapped[str]
    ordered_on: Mapped[date]
    company: Mapped[str]
    text: Mapped[str]
    filed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts_user.id"), index=True)
    filed_at: Mapped[datetime]
    decide_by: Mapped[datetime]
    status: Mapped[RequestStatus]
    #: What it was decided about.
    sale_id: Mapped[int | None] = mapped_column(sa.ForeignKey("referrals_sale.id"), index=True)
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts_user.id"), index=True)
    reason: Mapped[str | None]

    partner: Mapped[Partner] = relationship()
    sale: Mapped[Sale | None] = relationship()
    filed_by: Mapped[User | None] = relationship(foreign_keys=[filed_by_id])

    @property
    def number(self) -> str:
        """How people call it: ``M-2026-0012``."""
        return f"M-{self.filed_at.year}-{self.id:04d}"
