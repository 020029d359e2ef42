"""Customers: the firms that bought, and which partner looks after each."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base
from partners.models import Partner


class Customer(Base):
    """A firm that has bought, or whose deal was won.

    ``partner_id`` is who looks after it now: the partner of its first attributed sale or won deal, until a manager
    hands it over. ``external_id`` is the vendor's own number for it.
    """

    __tablename__ = "referrals_customer"
    __table_args__ = (
        sa.Index("ix_referrals_customer_partner_id_name", "partner_id", "name", "id"),
        sa.Index("ix_referrals_customer_name", "name", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    external_id: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str]
    country: Mapped[str | None]
    domain: Mapped[str | None] = mapped_column(index=True)
    size: Mapped[str | None]
    tax_id: Mapped[str | None]
    #: By which it is recognised when a partner registers a deal.
    name_key: Mapped[str] = mapped_column(index=True)
    tax_key: Mapped[str | None] = mapped_column(index=True)
    partner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("partners_partner.id"))
    #: Who looked after it until that firm left; empty once somebody else does.
    former_partner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("partners_partner.id"), index=True)
    #: The customer that it turned out to be; it is listed nowhere, and its page leads there.
    merged_into_id: Mapped[int | None] = mapped_column(sa.ForeignKey("referrals_customer.id"), index=True)
    created_at: Mapped[datetime]

    partner: Mapped[Partner | None] = relationship(foreign_keys=partner_id)
    former_partner: Mapped[Partner | None] = relationship(foreign_keys=former_partner_id)


class CustomerKey(Base):
    """One thing by which a customer is recognised: ``external``, ``domain`` or ``name``.

    The row comes before the customer: whoever wants to make one holds its keys first, so that two sales that come at
    once never make two.
    """

    __tablename__ = "referrals_customer_key"
    __table_args__ = (sa.UniqueConstraint("kind", "value"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    value: Mapped[str]
    customer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("referrals_customer.id"), index=True)
