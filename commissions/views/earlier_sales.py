"""Sales that came before their plan was published: how many there are, and the deed that works them out."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from accounts.access import confirms_password, requires, signed_in_user
from accounts.permissions import Permission
from commissions.models import Plan
from commissions.operations import earlier_sales as operations
from commissions.queries.plans import plan_by_code
from commissions.views import pages
from core.i18n import ngettext


@pages.route("/staff/plans/<code>/earlier-sales", methods=["GET", "POST"])
@requires(Permission.SALES_WRITE)
@confirms_password
def earlier_sales(code: str) -> Any:
    """How many sales of this plan earn nothing yet; sent, exactly these are worked out."""
    plan = _plan(code)
    if request.method == "POST":
        number = operations.work_out_earlier_sales(plan, by=signed_in_user())
        flash(
            ngettext(
                "%(num)s sale is being worked out. What it earns is posted within minutes.",
                "%(num)s sales are being worked out. What they earn is posted within minutes.",
                number,
            ),
            "good",
        )
        return redirect(url_for("commissions.earlier_sales", code=code))
    return render_template(
        "commissions/plans/earlier_sales.html", plan=plan, number=operations.number_of_earlier_sales(plan)
    )


def _plan(code: str) -> Plan:
    plan = plan_by_code(code) if signed_in_user().is_staff else None
    return plan or abort(404)
