"""A manager's hands: customers and deals of firms that left go to others; a customer entered twice becomes one."""

from typing import Any

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, url_for
from markupsafe import Markup

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from core.database import session
from core.digits import number_in, numbers_in
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.i18n import ngettext
from core.pagination import PAGE_SIZE, paginate
from core.slots import fills, rendered
from partners.queries import partners_visible_to
from partners.queries.leaving import count
from referrals.forms.handing_on import CustomerMergeForm, HandingOnForm
from referrals.models.customers import Customer
from referrals.models.deals import Deal
from referrals.operations.customers import merge_customers
from referrals.operations.handing_on import hand_on_customer, hand_on_deal
from referrals.queries import customers as asked
from referrals.views import pages

MOST_FOUND = 12
MOST_DEALS = 200


@pages.get("/staff/customers/to-hand-on")
@requires(Permission.DEALS_REVIEW)
def to_hand_on() -> Any:
    """Customers and open deals of firms that have left, for others to take over."""
    return _page(_form())


def _page(form: HandingOnForm) -> Any:
    user = signed_in_user()
    return render_template(
        "referrals/customers/to_hand_on.html",
        form=form,
        page=paginate(asked.customers_to_hand_on(user)),
        deals=session.scalars(asked.deals_to_hand_on(user).limit(MOST_DEALS)).all(),
        chosen={kind: set(request.form.getlist(kind)) for kind in ("customer", "deal")},
    ), form.status


@pages.post("/staff/customers/to-hand-on")
@requires(Permission.DEALS_REVIEW)
def hand_on() -> Any:
    """The chosen ones become another firm's, with the reason."""
    form, user = _form(), signed_in_user()
    customers = session.scalars(
        asked.customers_to_hand_on(user).where(Customer.id.in_(_numbers("customer")))
    ).all()
    deals = session.scalars(asked.deals_to_hand_on(user).where(Deal.id.in_(_numbers("deal")))).all()
    if not form.was_sent_and_holds():
        return _page(form)
    if not customers and not deals:
        form.form_errors.append(_("Choose at least one customer or deal."))
        return _page(form)
    partner = form.partner.firm or abort(404)
    try:
        for customer in customers:
            hand_on_customer(customer, partner, reason=form.reason.data, by=user)
        for deal in deals:
            hand_on_deal(deal, partner, reason=form.reason.data, by=user)
    except InvalidInput as problem:
        form.complain(problem)
        return _page(form)
    number = len(customers) + len(deals)
    flash(ngettext("%(num)s goes to %(firm)s.", "%(num)s go to %(firm)s.", number, firm=partner.name), "good")
    return redirect(url_for("referrals.to_hand_on"))


def _numbers(kind: str) -> list[int]:
    return numbers_in(request.form.getlist(kind)[: PAGE_SIZE + MOST_DEALS])


def _form() -> HandingOnForm:
    form = HandingOnForm()
    form.partner.among(partners_visible_to(signed_in_user()), active=True)
    return form


@pages.route("/staff/customers/<int:customer_id>/merging", methods=["GET", "POST"])
@requires(Permission.DEALS_REVIEW)
def customer_merging(customer_id: int) -> Any:
    """The customer stood there twice: the one that stays is found, compared, and confirmed."""
    user = signed_in_user()
    duplicate = session.scalar(asked.customers_visible_to(user).where(Customer.id == customer_id)) or abort(
        404
    )
    others = asked.customers_visible_to(user).where(Customer.id != duplicate.id)
    survivor = _chosen(others)
    form = CustomerMergeForm(data={"other": str(survivor.id) if survivor else ""})
    if survivor is not None and form.was_sent_and_holds():
        try:
            merge_customers(duplicate, survivor, reason=form.reason.data, by=user)
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("Merged; sales and deals are together now."), "good")
            return redirect(url_for("referrals.customer", customer_id=survivor.id))
    words = request.args.get("q", "").strip()[:200]
    return render_template(
        "referrals/customers/merging.html",
        customer=duplicate,
        form=form,
        other=survivor,
        words=words,
        found=session.scalars(asked.customers_matching(others, words).limit(MOST_FOUND)).all()
        if words
        else [],
    ), form.status


def _chosen(others: sa.Select[Customer]) -> Customer | None:
    number = number_in(request.values.get("other"))
    if number is None:
        return None
    return session.scalar(others.where(Customer.id == number)) or abort(404)


@fills("referrals.customer.aside", order=80)
def it_is_a_duplicate(customer: Customer) -> Markup | None:
    """For managers: the way to merge."""
    if not signed_in_user().is_staff or not signed_in_user().may(Permission.DEALS_REVIEW):
        return None
    return rendered("referrals/customers/_merge.html", customer=customer)


@fills("partners.concentration.main", order=10)
def customers_without_a_firm() -> Markup | None:
    """On the concentration page: how many customers and deals of firms that left wait for somebody."""
    user = signed_in_user()
    if not user.may(Permission.DEALS_REVIEW):
        return None
    customers, deals = asked.customers_to_hand_on(user), asked.deals_to_hand_on(user)
    numbers = (count(customers), count(deals))
    if not any(numbers):
        return None
    return rendered(
        "referrals/customers/_to_hand_on.html",
        number=numbers[0],
        deals=numbers[1],
        customers=session.scalars(customers.limit(5)).all(),
    )
