"""Every question about customers, asked for whoever may see the answer."""

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from accounts.models import User
from accounts.permissions import Permission
from core.database import session
from core.digits import number_in
from partners.models import Partner, PartnerStatus
from partners.queries import rows_visible_to
from referrals.models.customers import Customer
from referrals.models.deals import OPEN, Deal, DealStatus
from referrals.models.sales import Sale


def customers_visible_to(user: User) -> sa.Select[Customer]:
    """The vendor: all. A partner: those it looks after. Customers that were merged into another one are left out."""
    return sa.select(Customer).where(
        rows_visible_to(user, Customer.partner_id, Permission.CUSTOMERS_READ),
        Customer.merged_into_id.is_(None),
    )


def customers_to_hand_on(user: User) -> sa.Select[Customer]:
    """Customers whose firm left and whom nobody looks after since, by firm and name."""
    return (
        customers_visible_to(user)
        .where(Customer.former_partner_id.is_not(None), Customer.partner_id.is_(None))
        .options(joinedload(Customer.former_partner))
        .order_by(Customer.former_partner_id, Customer.name, Customer.id)
    )


def deals_to_hand_on(user: User) -> sa.Select[Deal]:
    """Open deals of firms that have left."""
    return (
        sa.select(Deal)
        .join(Deal.partner)
        .where(
            rows_visible_to(user, Deal.partner_id, Permission.DEALS_READ),
            Partner.status == PartnerStatus.TERMINATED,
            Deal.status.in_(OPEN),
        )
        .options(contains_eager(Deal.partner))
        .order_by(Deal.partner_id, Deal.company, Deal.id)
    )


def customer_it_is_now(user: User, customer_id: int) -> int | None:
    """The number of the customer that ``customer_id`` was merged into, if ``user`` may see that one."""
    merged = sa.select(Customer.merged_into_id).where(Customer.id == customer_id).scalar_subquery()
    return session.scalar(
        customers_visible_to(user).where(Customer.id == merged).with_only_columns(Customer.id)
    )


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


def customers_named(
    customers: sa.Select[Customer], text: str, *, number: int | None = None, most: int
) -> Sequence[Customer]:
    """At most ``most`` of ``customers`` that ``text`` means, whose name begins with it first.

    ``number`` with ``text`` means just the one that bears both. A text that is a number, ours or the vendor's, means
    who has it; one that is the whole name of customers means these only.
    """
    if number is not None:
        one = session.scalar(customers.where(Customer.id == number))
        return [one] if one is not None and one.name.casefold() == text.casefold() else []
    digits = number_in(text)
    if digits is not None:
        has_it = sa.or_(Customer.id == digits, Customer.external_id == text)
        numbered = session.scalars(customers.where(has_it).order_by(None).order_by(Customer.id)).all()
        if numbered:
            return numbered
    typed = text.lower()
    columns = (Customer.name, Customer.domain, Customer.external_id)
    for word in typed.split()[:6]:
        customers = customers.where(
            sa.or_(*(sa.func.lower(one).contains(word, autoescape=True) for one in columns))
        )
    begins = sa.func.lower(Customer.name).startswith(typed, autoescape=True)
    found = session.scalars(
        customers.order_by(None)
        .order_by(sa.case((begins, 0), else_=1), sa.func.length(Customer.name), Customer.name, Customer.id)
        .limit(most)
    ).all()
    return [one for one in found if one.name.casefold() == text.casefold()] or found


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


def customer_known_by(domains: Collection[str], tax_keys: Collection[str]) -> Customer | None:
    """The oldest customer at one of these web domains, or with one of these tax numbers."""
    same = [
        column.in_(list(known))
        for column, known in ((Customer.domain, domains), (Customer.tax_key, tax_keys))
        if known
    ]
    if not same:
        return None
    return session.scalar(sa.select(Customer).where(sa.or_(*same)).order_by(Customer.id).limit(1))
