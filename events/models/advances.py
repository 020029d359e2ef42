"""Advances: a share of what was approved, paid before the event and set off once its cost is decided.

The allocation keeps the whole approved amount reserved meanwhile: an advance is a part of it, never more money.
"""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base
from core.errors import Refusal
from core.i18n import gettext as _
from events.models.funding import FundingRequest
from partners.models import Partner


class AdvanceStatus(StrEnum):
    GRANTED = "granted"
    #: The claim was approved; the advance was taken off its reimbursement.
    SET_OFF = "set_off"
    #: No cost was shown; it comes out of what the partner earns.
    TAKEN_BACK = "taken_back"


class Advance(Base):
    """What a partner gets before its event. One a request."""

    __tablename__ = "events_advance"
    __table_args__ = (
        sa.CheckConstraint("amount_minor > 0", name="amount"),
        sa.CheckConstraint("(status = 'granted') = (ended_at IS NULL)", name="ended"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(sa.ForeignKey("events_funding_request.id"), unique=True)
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"), index=True)
    status: Mapped[AdvanceStatus] = mapped_column(default=AdvanceStatus.GRANTED)
    amount_minor: Mapped[int]
    currency: Mapped[str]
    granted_at: Mapped[datetime]
    #: When the payout run brought it.
    paid_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    request: Mapped[FundingRequest] = relationship(back_populates="advance")
    partner: Mapped[Partner] = relationship()

    @property
    def is_open(self) -> bool:
        """Neither set off nor taken back yet."""
        return self.status is AdvanceStatus.GRANTED

    def end(self, status: AdvanceStatus, at: datetime) -> None:
        """Closes it, once. Raises Refusal when it was closed before."""
        if not self.is_open:
            raise Refusal(_("The advance has been settled already."))
        self.status, self.ended_at = status, at
