"""From where a form about a lead was sent, kept so that a partner that sends leads to itself is seen.

The address itself stands nowhere: only a digest of its network under the portal's key, and that for a month.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base


class LeadSender(Base):
    """Where a lead was sent from: ``digest`` is equal for forms and sign-ins of one network, and says no more."""

    __tablename__ = "referrals_lead_sender"

    lead_id: Mapped[int] = mapped_column(sa.ForeignKey("referrals_lead.id"), primary_key=True)
    digest: Mapped[str]
    seen_at: Mapped[datetime] = mapped_column(index=True)


class LeadNeighbour(Base):
    """A partner whose people sign in from where the lead was sent."""

    __tablename__ = "referrals_lead_neighbour"

    lead_id: Mapped[int] = mapped_column(sa.ForeignKey("referrals_lead.id"), primary_key=True)
    partner_id: Mapped[int] = mapped_column(
        sa.ForeignKey("partners_partner.id"), primary_key=True, index=True
    )
    found_at: Mapped[datetime]
