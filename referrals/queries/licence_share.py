"""Planned and actual licence share of won projects: what the estimate said, and what was sold.

A project counts when it is won, has an estimate, and a sale in the estimate's currency that was not voided. Where the
partner bills its own services the vendor never sees them: they count as planned.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Permission
from core.database import session
from core.money import half_up
from partners.models import LineKind, Partner
from partners.queries import rows_visible_to
from referrals.models.deals import Deal, DealStatus, Estimate
from referrals.models.sales import BilledBy, Sale, SaleLine


@dataclass(frozen=True)
class Shares:
    """Sums of one currency, in minor units."""

    key: int
    name: str
    currency: str
    projects: int
    planned_licence: int
    planned_total: int
    sold_licence: int
    sold_total: int

    @property
    def planned(self) -> Decimal | None:
        """Per cent, rounded to tenths."""
        return _per_cent(self.planned_licence, self.planned_total)

    @property
    def sold(self) -> Decimal | None:
        return _per_cent(self.sold_licence, self.sold_total)

    @property
    def change(self) -> Decimal:
        """How many points of a per cent more of the licence was sold than planned."""
        return (self.sold or Decimal(0)) - (self.planned or Decimal(0))


def _per_cent(part: int, whole: int) -> Decimal | None:
    return Decimal(half_up(Fraction(part, whole) * 1000)) / 10 if whole > 0 else None


def shares_of_partners(user: User, since: datetime) -> list[Shares]:
    """A row a partner and currency, the greatest sums first; at most 200."""
    return _read(user, since, Partner.id, Partner.name, 200)


def shares_of_network(user: User, since: datetime) -> list[Shares]:
    """A row a currency."""
    return _read(user, since, sa.literal(0), sa.literal(""), 20)


def shares_of_deals(user: User, since: datetime) -> list[Shares]:
    """A row a project, the greatest first; at most 200."""
    return _read(user, since, Deal.id, Deal.company, 200)


def _read(user: User, since: datetime, key: Any, name: Any, most: int) -> list[Shares]:
    newest = sa.select(sa.func.max(Estimate.id)).group_by(Estimate.deal_id)
    net = SaleLine.quantity * SaleLine.unit_amount_minor - SaleLine.discount_minor - SaleLine.credit_minor
    is_licence = SaleLine.kind == LineKind.LICENCE
    sold = (
        sa.select(
            Sale.deal_id,
            Sale.currency,
            sa.func.sum(sa.case((is_licence, net), else_=0)).label("licence"),
            sa.func.sum(sa.case((is_licence, 0), else_=net)).label("services"),
        )
        .join(SaleLine, SaleLine.sale_id == Sale.id)
        .where(Sale.deal_id.is_not(None), Sale.voided_at.is_(None), Sale.occurred_at >= since)
        .group_by(Sale.deal_id, Sale.currency)
        .subquery()
    )
    planned_services = Estimate.total_minor - Estimate.licence_minor
    services = sa.case((Estimate.billed_by == BilledBy.PARTNER, planned_services), else_=sold.c.services)
    query = (
        sa.select(
            key,
            name,
            Estimate.currency,
            sa.func.count(),
            sa.func.sum(Estimate.licence_minor),
            sa.func.sum(Estimate.total_minor).label("planned_total"),
            sa.func.sum(sold.c.licence),
            sa.func.sum(sold.c.licence + services),
        )
        .select_from(Deal)
        .join(Partner, Partner.id == Deal.partner_id)
        .join(Estimate, sa.and_(Estimate.deal_id == Deal.id, Estimate.id.in_(newest)))
        .join(sold, sa.and_(sold.c.deal_id == Deal.id, sold.c.currency == Estimate.currency))
        .where(rows_visible_to(user, Deal.partner_id, Permission.DEALS_READ), Deal.status == DealStatus.WON)
        .group_by(key, name, Estimate.currency)
        .order_by(sa.desc("planned_total"))
        .limit(most)
    )
    return [
        Shares(int(row[0]), str(row[1]), str(row[2]), *(int(number or 0) for number in row[3:]))
        for row in session.execute(query)
    ]
