"""How leads, deals, customers and sales are found. A partner finds what it holds, never whom the pool is about."""

from collections.abc import Iterable

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import joinedload

from accounts.models import User
from accounts.permissions import Permission
from core import search
from core.database import session
from core.i18n import country_name, format_short_day
from core.i18n import lazy_gettext as _l
from core.interface import dotted
from core.search import Found, Source, matches
from core.statuses import status_of
from referrals.models import Customer, Deal, Lead, Sale
from referrals.queries.customers import customers_matching, customers_visible_to
from referrals.queries.deals import deals_visible_to
from referrals.queries.leads import held_leads_visible_to, leads_visible_to
from referrals.queries.sales import sales_visible_to


def _leads(person: User, words: str, most: int) -> Iterable[Found]:
    mine = leads_visible_to(person) if person.is_staff else held_leads_visible_to(person)
    fits = matches(words, Lead.company, Lead.person, Lead.email)
    page = "referrals.staff_lead" if person.is_staff else "referrals.lead"
    rows = session.scalars(mine.where(fits).order_by(None).order_by(Lead.id.desc()).limit(most))
    return [
        Found(
            row.company or row.person or row.email or "",
            dotted(row.city, country_name(row.country), status_of(row.status, "lead").word),
            url_for(page, lead_id=row.id),
        )
        for row in rows
    ]


def _deals(person: User, words: str, most: int) -> Iterable[Found]:
    fits = matches(words, Deal.company, Deal.domain, Deal.order_reference)
    rows = session.scalars(
        deals_visible_to(person)
        .where(fits)
        .options(joinedload(Deal.partner))
        .order_by(Deal.id.desc())
        .limit(most)
    )
    return [
        Found(
            row.company,
            dotted(row.partner.name if person.is_staff else "", status_of(row.status, "deal").word),
            url_for("referrals.deal", deal_id=row.id),
        )
        for row in rows
    ]


def _customers(person: User, words: str, most: int) -> Iterable[Found]:
    rows = session.scalars(customers_matching(customers_visible_to(person), words).limit(most))
    return [
        Found(
            row.name,
            dotted(row.domain, country_name(row.country)),
            url_for("referrals.customer", customer_id=row.id),
        )
        for row in rows
    ]


def _sales(person: User, words: str, most: int) -> Iterable[Found]:
    rows = session.scalars(
        sales_visible_to(person)
        .join(Sale.customer)
        .where(sa.or_(matches(words, Sale.external_id, Sale.invoice), matches(words, Customer.name)))
        .options(joinedload(Sale.customer))
        .order_by(Sale.id.desc())
        .limit(most)
    )
    return [
        Found(
            row.external_id,
            dotted(row.customer.name, format_short_day(row.occurred_at)),
            url_for("referrals.sale", sale_id=row.id),
        )
        for row in rows
    ]


for source in (
    Source(_l("Leads"), "inbox", Permission.LEADS_READ, _leads, order=20),
    Source(_l("Deals"), "briefcase", Permission.DEALS_READ, _deals, order=22),
    Source(_l("Customers"), "building", Permission.CUSTOMERS_READ, _customers, order=24),
    Source(_l("Sales"), "receipt", None, _sales, order=26),
):
    search.add(source)
