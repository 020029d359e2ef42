"""Every question about reported sales: whose, what waits, and what looks like the same sale."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from accounts.models import User
from accounts.permissions import Permission
from commissions.models import SaleReport, SaleReportStatus
from core.database import session
from partners.models import Partner
from partners.queries import rows_visible_to
from referrals.models import Customer, Deal, DealStatus, Sale

#: Sales of the same customer so many days around a report are shown beside it.
NEAR = timedelta(days=14)
_WITH_SALES = (DealStatus.APPROVED, DealStatus.WON)


def reports_visible_to(user: User) -> sa.Select[SaleReport]:
    """The vendor's people who read sales: all. A partner: its own."""
    permission = Permission.SALES_READ if user.is_staff else Permission.DEALS_READ
    return (
        sa.select(SaleReport)
        .where(rows_visible_to(user, SaleReport.partner_id, permission))
        .options(joinedload(SaleReport.partner), joinedload(SaleReport.customer))
    )


def reports_to_decide(user: User) -> sa.Select[SaleReport]:
    """What waits for the vendor, by its clocks, if ``user`` may decide it."""
    waiting = reports_visible_to(user).where(SaleReport.status == SaleReportStatus.REPORTED)
    if not (user.is_staff and user.may(Permission.SALES_WRITE)):
        waiting = waiting.where(sa.false())
    return waiting.order_by(SaleReport.decide_by, SaleReport.id)


def reports_of_deal(user: User, deal: Deal) -> sa.Select[SaleReport]:
    """What was reported of a deal, the newest first."""
    reports = reports_visible_to(user).where(SaleReport.deal_id == deal.id)
    return reports.order_by(SaleReport.id.desc()).limit(20)


def can_have_a_sale(deal: Deal) -> bool:
    """Whether a sale of this deal can be reported: it is agreed on, and its customer is known."""
    return deal.status in _WITH_SALES and deal.customer_id is not None


def reports_matching(
    reports: sa.Select[SaleReport], *, state: str = "", text: str = ""
) -> sa.Select[SaleReport]:
    """Of these, those in a state, with a number, customer or partner like ``text``."""
    if state in set(SaleReportStatus):
        reports = reports.where(SaleReport.status == SaleReportStatus(state))
    wanted = text.strip().lower()
    if wanted:
        reports = reports.join(Customer, Customer.id == SaleReport.customer_id).join(
            Partner, Partner.id == SaleReport.partner_id
        )
        columns = (SaleReport.number, Customer.name, Partner.name)
        reports = reports.where(
            sa.or_(*(sa.func.lower(column).contains(wanted, autoescape=True) for column in columns))
        )
    return reports


def reports_late(now: datetime) -> sa.Select[SaleReport]:
    """Those that should have been decided by now."""
    return (
        sa.select(SaleReport)
        .where(SaleReport.status == SaleReportStatus.REPORTED, SaleReport.decide_by < now)
        .options(joinedload(SaleReport.partner))
        .order_by(SaleReport.id)
    )


def similar_sales(report: SaleReport) -> Sequence[Sale]:
    """Sales already recorded that may be the same: by number, or of the same customer around that day."""
    near = sa.and_(
        Sale.customer_id == report.customer_id,
        Sale.occurred_at.between(report.reported_at - NEAR * 4, report.reported_at + NEAR),
    )
    same = sa.or_(Sale.invoice == report.number, Sale.external_id == report.number, near)
    query = sa.select(Sale).where(same, Sale.voided_at.is_(None), Sale.id != (report.sale_id or 0))
    return session.scalars(query.order_by(Sale.occurred_at.desc()).limit(5)).all()


def customers_to_report_of(partner: Partner) -> sa.Select[Customer]:
    """A firm's customers, those of its won deals too."""
    won = sa.select(Deal.customer_id).where(
        Deal.partner_id == partner.id,
        Deal.status.in_(_WITH_SALES),
        Deal.customer_id.is_not(None),
    )
    return sa.select(Customer).where(
        sa.or_(Customer.partner_id == partner.id, Customer.id.in_(won)), Customer.merged_into_id.is_(None)
    )


def has_customers_to_report_of(partner: Partner) -> bool:
    """Whether the firm can report a sale at all."""
    found = customers_to_report_of(partner).with_only_columns(Customer.id).limit(1)
    return session.scalar(found) is not None


def deals_to_report_of(partner: Partner) -> sa.Select[Deal]:
    """A firm's deals that can have a sale."""
    return sa.select(Deal).where(
        Deal.partner_id == partner.id,
        Deal.status.in_(_WITH_SALES),
        Deal.customer_id.is_not(None),
    )
