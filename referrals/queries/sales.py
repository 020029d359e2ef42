"""Every question about sales and what followed them, asked for whoever may see the answer."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from accounts.models import User
from accounts.permissions import Permission
from core.database import session
from partners.models import Partner
from partners.queries import rows_visible_to
from referrals.models.customers import Customer
from referrals.models.sales import Sale, SaleStatus


def sales_visible_to(user: User) -> sa.Select[Sale]:
    """The vendor's people and machines who may read sales: all. A partner who may read its earnings: its own."""
    return sa.select(Sale).where(
        sa.or_(
            rows_visible_to(user, Sale.partner_id, Permission.SALES_READ),
            rows_visible_to(user, Sale.partner_id, Permission.EARNINGS_READ),
        )
    )


def sales_open_to(user: User) -> sa.Select[Sale]:
    """The sales to which ``user`` may record payments and refunds."""
    return sa.select(Sale).where(rows_visible_to(user, Sale.partner_id, Permission.SALES_WRITE))


def with_everything(sales: sa.Select[Sale]) -> sa.Select[Sale]:
    """The same sales with lines, customer, partner and all that followed at hand."""
    return sales.options(
        joinedload(Sale.customer),
        joinedload(Sale.partner),
        joinedload(Sale.deal),
        selectinload(Sale.lines),
        selectinload(Sale.payments),
        selectinload(Sale.refunds),
        selectinload(Sale.chargebacks),
    )


@dataclass(frozen=True)
class SaleFilter:
    """What a list is narrowed to; empty says nothing."""

    text: str = ""
    status: str = ""
    partner_id: int | None = None
    customer_id: int | None = None


def sales_matching(sales: sa.Select[Sale], wanted: SaleFilter) -> sa.Select[Sale]:
    """``sales`` narrowed, latest first, with customer and partner at hand."""
    if wanted.status in set(SaleStatus):
        sales = sales.where(Sale.status == SaleStatus(wanted.status))
    if wanted.partner_id is not None:
        sales = sales.where(Sale.partner_id == wanted.partner_id)
    if wanted.customer_id is not None:
        sales = sales.where(Sale.customer_id == wanted.customer_id)
    if wanted.text.strip():
        typed = wanted.text.strip().lower()
        for sign in ("\\", "%", "_"):
            typed = typed.replace(sign, f"\\{sign}")
        columns = (Sale.external_id, Sale.invoice, Customer.name)
        sales = sales.join(Customer, Customer.id == Sale.customer_id).where(
            sa.or_(*(sa.func.lower(one).like(f"%{typed}%", escape="\\") for one in columns))
        )
    return sales.options(joinedload(Sale.customer), joinedload(Sale.partner)).order_by(
        Sale.occurred_at.desc(), Sale.id.desc()
    )


def sales_to_look_at(user: User) -> sa.Select[Sale]:
    """Sales that are nobody's, or stand under review, oldest first: finance and managers decide."""
    return (
        sales_visible_to(user)
        .where(sa.or_(Sale.partner_id.is_(None), Sale.held_because.is_not(None)))
        .options(joinedload(Sale.customer))
        .order_by(Sale.occurred_at, Sale.id)
    )


def keys_of_who_sold_to(partner: Partner) -> set[str]:
    """Web domains and tax numbers of the partners that have sold to this one: it was their customer."""
    mine = [
        column == value
        for column, value in ((Customer.domain, partner.domain), (Customer.tax_key, partner.tax_key))
        if value
    ]
    if not mine:
        return set()
    rows = session.execute(
        sa.select(Partner.domain, Partner.tax_key)
        .join(Sale, Sale.partner_id == Partner.id)
        .join(Customer, Customer.id == Sale.customer_id)
        .where(sa.or_(*mine), Sale.voided_at.is_(None), Partner.id != partner.id)
        .distinct()
    )
    return {key for row in rows for key in row if key}
