"""Customers: who bought, from whom, what, and what is under way."""

from typing import Any

from flask import Response, abort, redirect, render_template, request, url_for

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from core.database import session
from core.exports import csv_response
from core.i18n import gettext as _
from core.pagination import paginate
from referrals.models.customers import Customer
from referrals.queries import customers as asked
from referrals.queries import deals, sales
from referrals.views import pages


@pages.get("/customers")
@requires(Permission.CUSTOMERS_READ)
def customers() -> Any:
    """The customers one may see, by name."""
    text = request.args.get("q", "")
    found = asked.with_figures(asked.customers_matching(asked.customers_visible_to(signed_in_user()), text))
    if request.args.get("format") == "csv":
        return _as_csv(found)
    return render_template(
        "referrals/customers/customers.html",
        page=paginate(found, scalars=False),
        is_narrowed=bool(text.strip()),
    )


def _as_csv(found: Any) -> Response:
    head = [
        _("Customer"),
        _("Number"),
        _("Country"),
        _("Web site"),
        _("Partner"),
        _("Sales"),
        _("Latest sale"),
    ]
    rows = (
        (
            customer.name,
            customer.external_id,
            customer.country,
            customer.domain,
            customer.partner.name if customer.partner else "",
            number,
            latest.isoformat() if latest else "",
        )
        for customer, number, latest in session.execute(found.limit(10_000))
    )
    return csv_response("customers", head, rows)


@pages.get("/customers/<int:customer_id>")
@requires(Permission.CUSTOMERS_READ)
def customer(customer_id: int) -> Any:
    """One customer with its sales and deals."""
    user = signed_in_user()
    found = session.scalar(asked.customers_visible_to(user).where(Customer.id == customer_id))
    if found is None:
        now = asked.customer_it_is_now(user, customer_id) or abort(404)
        return redirect(url_for("referrals.customer", customer_id=now))
    may_see_sales = user.may(Permission.EARNINGS_READ)
    wanted = sales.SaleFilter(customer_id=found.id)
    return render_template(
        "referrals/customers/customer.html",
        customer=found,
        may_see_sales=may_see_sales,
        sales=session.scalars(sales.sales_matching(sales.sales_visible_to(user), wanted).limit(50)).all()
        if may_see_sales
        else [],
        deals=session.scalars(deals.with_everything(asked.deals_of_customer(found, user)).limit(50))
        .unique()
        .all(),
    )
