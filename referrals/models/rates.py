"""A partner's own rates: what it charges for its services, ready to be put into an estimate."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base
from partners.models import LineKind, Partner, Recurrence


class ServiceRate(Base):
    """One service at the partner's price for one unit, without tax. Estimates copy it, so it may change or go."""

    __tablename__ = "referrals_service_rate"
    __table_args__ = (
        sa.UniqueConstraint("partner_id", "name", "currency"),
        sa.CheckConstraint("unit_price_minor >= 0", name="not_negative"),
        sa.CheckConstraint("kind <> 'licence'", name="service"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"))
    kind: Mapped[LineKind]
    name: Mapped[str]
    unit_price_minor: Mapped[int]
    currency: Mapped[str]
    recurring: Mapped[Recurrence]

    partner: Mapped[Partner] = relationship()
