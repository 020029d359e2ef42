"""What deals, customers and sales add to the menu, and to what waits for people."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from flask import url_for

from accounts.models import User
from accounts.permissions import Permission
from core import navigation
from core.database import session
from core.i18n import format_money
from core.i18n import gettext as _
from core.i18n import lazy_gettext as _l
from core.navigation import Entry
from core.waiting import Waiting, waits
from partners.queries import partner_of
from referrals.models.deals import DealStatus
from referrals.queries import deals, missing, sales
from referrals.queries.waiting_facts import refused_refunds


def init_app() -> None:
    """Adds the entries of the menu."""
    for entry in (
        Entry(_l("Deals"), "referrals.deals", "briefcase", Permission.DEALS_READ, order=12,
              count=deals.deals_waiting_for, on_phone=True, audience="partner"),
        Entry(_l("Customers"), "referrals.customers", "people", Permission.CUSTOMERS_READ, order=14,
              audience="partner"),
        Entry(_l("Referral links"), "referrals.links", "link-45deg", Permission.DEALS_READ, order=16,
              audience="partner", also=("/referral-requests",)),
        Entry(_l("Referral links"), "referrals.staff_links", "link-45deg", Permission.SALES_READ, order=16,
              audience="staff"),
        Entry(_l("Missing referrals"), "referrals.referral_requests", "question-circle", Permission.SALES_READ,
              group="money", order=31, count=missing.requests_to_decide, due=True, audience="staff"),
        Entry(_l("Sales"), "referrals.sales", "receipt", Permission.EARNINGS_READ, group="money", order=30,
              audience="partner"),
        Entry(_l("Deals"), "referrals.staff_deals", "briefcase", Permission.DEALS_READ, order=12, count=_to_decide,
              due=True, on_phone=True, audience="staff", also=("/staff/deal-receipts",)),
        Entry(_l("Customers"), "referrals.customers", "people", Permission.CUSTOMERS_READ, order=14, audience="staff"),
        Entry(_l("Sales"), "referrals.staff_sales", "receipt", Permission.SALES_READ, group="money", order=30,
              count=sales.sales_to_look_at, audience="staff"),
    ):  # fmt: skip
        navigation.add(entry)


def _to_decide(person: User) -> tuple[sa.Select[Any], ...]:
    return deals.deals_to_decide(person), deals.orders_to_confirm(person)


@waits
def deals_that_wait_for_the_vendor(person: User) -> Iterable[Waiting]:
    """For managers: registrations to decide and orders to confirm."""
    if not person.is_staff or not person.may(Permission.DEALS_REVIEW):
        return []
    to_decide = [
        Waiting(
            title=_("%(partner)s registers %(company)s", partner=deal.partner.name, company=deal.company),
            detail=_("No conflict was found")
            if deal.conflict == "clear"
            else _("The conflict check found something"),
            url=url_for("referrals.deal", deal_id=deal.id),
            verb=_("Decide"),
            icon="briefcase",
            due_at=deal.decide_by,
        )
        for deal in session.scalars(deals.deals_to_decide(person).limit(10))
    ]
    to_confirm = [
        Waiting(
            title=_("%(partner)s won %(company)s", partner=deal.partner.name, company=deal.company),
            detail=_("Is order %(order)s there?", order=deal.order_reference),
            url=url_for("referrals.deal", deal_id=deal.id),
            verb=_("Confirm the order"),
            icon="trophy",
        )
        for deal in session.scalars(deals.orders_to_confirm(person).limit(10))
    ]
    return [*to_decide, *to_confirm]


@waits
def deals_that_wait_for_the_partner(person: User) -> Iterable[Waiting]:
    """For sellers: what the vendor asked, and protection that ends soon."""
    if person.is_staff or partner_of(person) is None or not person.may(Permission.DEALS_WORK):
        return []
    rows = session.scalars(deals.deals_waiting_for(person).limit(20)).all()
    return [
        Waiting(
            title=_("The vendor asks about %(company)s", company=deal.company)
            if deal.status is DealStatus.INFO_REQUESTED
            else _("Protection of %(company)s ends", company=deal.company),
            detail=deal.question or ""
            if deal.status is DealStatus.INFO_REQUESTED
            else _("Win it, or extend it with evidence"),
            url=url_for("referrals.deal", deal_id=deal.id),
            verb=_("Answer") if deal.status is DealStatus.INFO_REQUESTED else _("Open the deal"),
            icon="question-circle" if deal.status is DealStatus.INFO_REQUESTED else "shield",
            due_at=deal.protected_until if deal.status is DealStatus.APPROVED else None,
        )
        for deal in rows
    ]


@waits
def sales_that_wait_for_finance(person: User) -> Iterable[Waiting]:
    """For finance: sales that are nobody's or under review, and refunds that no sale can bear."""
    if not person.is_staff or not person.may(Permission.SALES_WRITE):
        return []
    nobodys = [
        Waiting(
            title=_("A sale without a partner: %(customer)s", customer=sale.customer.name)
            if sale.held_because is None
            else _("A sale under review: %(customer)s", customer=sale.customer.name),
            detail=format_money(sale.total_minor, sale.currency),
            url=url_for("referrals.sale", sale_id=sale.id),
            verb=_("Look at it"),
            icon="receipt",
        )
        for sale in session.scalars(sales.sales_to_look_at(person).limit(10))
    ]
    refused = [
        Waiting(
            title=_("A refund is more than its sale: %(refund)s", refund=refund.external_id),
            detail=format_money(refund.amount_minor, refund.sale.currency),
            url=url_for("referrals.waiting_fact", kind="refund", fact_id=refund.id),
            verb=_("Look at it"),
            icon="exclamation-triangle",
        )
        for refund in session.scalars(refused_refunds().limit(10))
        if refund.sale is not None
    ]
    return [*nobodys, *refused]


@waits
def referrals_that_are_missed(person: User) -> Iterable[Waiting]:
    """For finance: orders that partners say they brought."""
    return [
        Waiting(
            title=_(
                "%(partner)s asks for the order %(order)s", partner=one.partner.name, order=one.order_number
            ),
            detail=one.company,
            url=url_for("referrals.referral_request", missing_id=one.id),
            verb=_("Look at it"),
            icon="question-circle",
            due_at=one.decide_by,
        )
        for one in session.scalars(missing.requests_to_decide(person).limit(10))
    ]
