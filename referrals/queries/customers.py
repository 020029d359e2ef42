"""Every question about customers, asked for whoever may see the answer."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from accounts.models import User
from accounts.permissions import Permission
from partners.queries import rows_visible_to
from referrals.models.customers import Customer
from referrals.models.deals import Deal, DealStatus
from referrals.models.sales import Sale


def customers_visible_to(user: User) -> sa.Select[Customer]:
    """The vendor: all. A partner: those it looks after."""
    return sa.select(Customer).where(rows_visible_to(user, Customer.partner_id, Permission.CUSTOMERS_READ))


def customers_matching(customers: sa.Select[Customer], text: str) -> sa.Select[Customer]:
    """``customers`` by name, site or the vendor's number, in the order of their names."""
    if text.strip():
        typed = text.strip().lower()
        for sign in ("\\", "%", "_"):
            typed = typed.replace(sign, f"\\{sign}")
        columns = (Customer.name, Customer.domain, Customer.external_id)
        customers = customers.where(
            sa.or_(*(sa.func.lower(one).like(f"%{typed}%", escape="\\") for one in columns))
        )
    return customers.options(joinedload(Customer.partner)).order_by(Customer.name, Customer.id)


def with_figures(customers: sa.Select[Customer]) -> sa.Select[Any]:
    """Each customer with the number of its sales, and when the last one was: rows for a list, in one query."""
    sales = (
        sa.select(
            Sale.customer_id,
            sa.func.count().label("number"),
            sa.func.max(Sale.occurred_at).label("latest"),
        )
        .group_by(Sale.customer_id)
        .subquery()
    )
    return customers.add_columns(sa.func.coalesce(sales.c.number, 0), sales.c.latest).outerjoin(
        sales, sales.c.customer_id == Customer.id
    )


def deals_of_customer(customer: Customer, user: User) -> sa.Select[Deal]:
    """The customer's deals that ``user`` may see, latest first."""
    return (
        sa.select(Deal)
        .where(
            Deal.customer_id == customer.id,
            Deal.status != DealStatus.DRAFT,
            rows_visible_to(user, Deal.partner_id, Permission.DEALS_READ),
        )
        .order_by(Deal.id.desc())
    )
