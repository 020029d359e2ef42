"""On the page of a sale that names a plan which is not there: which one it is computed by instead."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from markupsafe import Markup

from accounts.access import requires, signed_in_user, visitor
from accounts.permissions import Permission
from commissions.forms.sale_plans import SalePlanForm
from commissions.operations.plan_codes import compute_by
from commissions.queries.offered_plans import published_plans
from commissions.queries.plans import NO_PLAN
from commissions.views import pages
from core.database import session
from core.i18n import gettext as _
from core.slots import fills, rendered
from referrals.models import Sale
from referrals.queries.sales import sales_open_to


@fills("referrals.sale.main", order=10)
def plan_of_a_sale(sale: Sale, **_more: Any) -> Markup | None:
    """For whoever may decide about sales."""
    person = visitor()
    if person is None or not person.is_staff or not person.may(Permission.SALES_WRITE):
        return None
    if sale.held_because != NO_PLAN:
        return None
    return rendered("commissions/proof/_sale_plan.html", sale=sale, form=_form(formdata=None))


@pages.route("/staff/sales/<int:sale_id>/plan", methods=["GET", "POST"])
@requires(Permission.SALES_WRITE)
def sale_plan(sale_id: int) -> Any:
    """Names the plan of a sale that waits for one; any other has its own page."""
    user = signed_in_user()
    sale = session.scalar(sales_open_to(user).where(Sale.id == sale_id)) or abort(404)
    if request.method == "GET" and sale.held_because != NO_PLAN:
        return redirect(url_for("referrals.sale", sale_id=sale.id))
    form = _form()
    if form.was_sent_and_holds():
        compute_by(sale, form.plan.data or None, by=user)
        if sale.held_because:
            flash(_("The sale still waits. Its page says for what."), "wait")
        else:
            flash(_("The sale is computed by this plan now."), "good")
        return redirect(url_for("referrals.sale", sale_id=sale.id))
    return render_template("commissions/proof/sale_plan.html", form=form, sale=sale), form.status


def _form(**how: Any) -> SalePlanForm:
    return SalePlanForm(published_plans(), **how)
