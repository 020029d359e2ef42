"""Refunds and disputes at Stripe of a payment for several invoices: a person says what belongs to which."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from markupsafe import Markup

from accounts.access import requires, signed_in_user, visitor
from accounts.models import User
from accounts.permissions import Permission
from commissions.forms.shared_payments import DivisionForm, division_form
from commissions.operations.shared_payments import (
    TakenBack,
    divide,
    sales_of,
    taken_back_of,
    waiting_to_be_divided,
)
from commissions.views import pages
from core.database import session
from core.errors import InvalidInput
from core.i18n import format_money, ngettext
from core.i18n import gettext as _
from core.slots import fills, rendered
from core.waiting import Waiting, waits
from referrals.models import ReceivedFact, Sale

_MOST = 10


def _title(told: TakenBack) -> str:
    amount = format_money(told.gross_minor, told.currency)
    if told.what == "chargeback":
        return _("Dispute %(name)s of %(amount)s", name=told.thing, amount=amount)
    return _("%(amount)s given back by charge %(name)s", name=told.thing, amount=amount)


def _rows() -> list[tuple[ReceivedFact, str, str]]:
    """(message, title, what is missing) of the first ones that wait."""
    found = []
    for message in session.scalars(waiting_to_be_divided().limit(_MOST)):
        told = taken_back_of(message)
        detail = ngettext(
            "Its payment was for %(num)s invoice, and Stripe does not say which of them it belongs to.",
            "Its payment was for %(num)s invoices, and Stripe does not say which of them it belongs to.",
            len(told.parts),
        )
        found.append((message, _title(told), detail))
    return found


@waits
def payments_to_divide(person: User) -> Iterable[Waiting]:
    """For finance."""
    if not person.is_staff or not person.may(Permission.SALES_WRITE):
        return
    for message, title, detail in _rows():
        yield Waiting(
            title=title,
            detail=detail,
            url=url_for("commissions.shared_payment", message_id=message.id),
            verb=_("Divide it"),
            icon="receipt",
            due_at=None,
        )


@fills("referrals.sales.attention")
def payments_on_the_list_of_sales(**_more: Any) -> Markup | None:
    """Above the vendor's list of sales."""
    person = visitor()
    if person is None or not person.is_staff or not person.may(Permission.SALES_WRITE):
        return None
    rows = _rows()
    return rendered("commissions/shared_payments/_waiting.html", rows=rows) if rows else None


@pages.route("/staff/sales/shared-payments/<int:message_id>", methods=["GET", "POST"])
@requires(Permission.SALES_WRITE)
def shared_payment(message_id: int) -> Any:
    """What was taken back, what each invoice got of the payment, and a field for each."""
    user = signed_in_user()
    if not user.is_staff:
        abort(404)
    message = session.scalar(waiting_to_be_divided().where(ReceivedFact.id == message_id)) or abort(404)
    told = taken_back_of(message)
    sales = sales_of(told)
    form = _form(told, sales)
    if form.was_sent_and_holds():
        try:
            divide(message, form.division(sales), by=user)
        except InvalidInput as problem:
            form.complain_of(problem, sales)
        else:
            flash(_("Divided. What the sales earn follows it."), "good")
            return redirect(url_for("referrals.staff_sales"))
    page = render_template(
        "commissions/shared_payments/divide.html",
        form=form,
        told=told,
        sales=sales,
        title=_title(told),
        total=format_money(told.gross_minor, told.currency),
    )
    return page, form.status


def _form(told: TakenBack, sales: Mapping[str, Sale]) -> DivisionForm:
    """The fields in the order of the payment."""
    return division_form(
        (
            sale,
            _(
                "%(customer)s, invoice %(invoice)s",
                customer=sale.customer.name,
                invoice=sale.invoice or invoice,
            ),
            _("It got %(amount)s of the payment.", amount=format_money(told.parts[invoice], sale.currency)),
        )
        for invoice, sale in sales.items()
    )
