"""What the vendor's people look after: the queue, budgets, the board of the year, results, exchange rates."""

from typing import Any

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, url_for

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from core import clock
from core.database import session
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.pagination import paginate
from core.settings import PROGRAMME_TIME_ZONE
from events import operations
from events.forms import AllocationForm, BudgetForm
from events.models import Budget, ClaimStatus, FundingClaim, FundingRequest, RequestStatus
from events.queries import claims as claim_queries
from events.queries import funding as queries
from events.views import events
from partners.models import Partner
from partners.queries import partners_visible_to

MOST_CSV = 8 * 1024 * 1024


@events.get("/staff/funding")
@requires(Permission.FUNDING_READ)
def staff_funding() -> Any:
    """Requests and claims, those that wait first, the nearest clock on top."""
    if not signed_in_user().is_staff:
        return redirect(url_for("events.funding"))
    states: list[Any]
    kind = "claims" if request.args.get("kind") == "claims" else "requests"
    state = request.args.get("state", "waiting")
    if kind == "claims":
        rows: Any = claim_queries.claims_waiting_for_vendor()
        if state != "waiting":
            rows = claim_queries.claims_visible_to(signed_in_user())
            if state in set(ClaimStatus):
                rows = rows.where(FundingClaim.status == ClaimStatus(state))
        states = [one for one in ClaimStatus if one is not ClaimStatus.DRAFT]
    else:
        rows = queries.requests_waiting_for_vendor()
        if state != "waiting":
            rows = queries.with_details(queries.requests_visible_to(signed_in_user()))
            if state in set(RequestStatus):
                rows = rows.where(FundingRequest.status == RequestStatus(state))
        states = [one for one in RequestStatus if one is not RequestStatus.DRAFT]
    return render_template(
        "events/staff/funding.html",
        kind=kind,
        state=state,
        states=states,
        page=paginate(rows),
        requests_waiting=_count(queries.requests_waiting_for_vendor()),
        claims_waiting=_count(claim_queries.claims_waiting_for_vendor()),
    )


def _count(rows: sa.Select[Any]) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(rows.order_by(None).subquery())) or 0


# Budgets


@events.get("/staff/event-budgets")
@requires(Permission.FUNDING_DECIDE)
def budgets() -> Any:
    """Every budget with what is shared out, reserved, paid and left."""
    return render_template(
        "events/staff/budgets.html",
        page=paginate(queries.budgets()),
        may_manage=signed_in_user().may(Permission.BUDGETS_MANAGE),
    )


@events.route("/staff/event-budgets/new", methods=["GET", "POST"])
@requires(Permission.BUDGETS_MANAGE)
def new_budget() -> Any:
    """Sets money aside."""
    today = clock.today(PROGRAMME_TIME_ZONE.value())
    form = BudgetForm(data={"starts_on": today, "ends_on": today.replace(month=12, day=31)})
    if form.was_sent_and_holds():
        try:
            budget = operations.make_budget(
                name=form.name.data,
                amount_minor=form.amount_minor.data or 0,
                currency=form.currency.data,
                starts_on=form.starts_on.data,
                ends_on=form.ends_on.data,
                region=form.region.data or "",
                by=signed_in_user(),
            )
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("The budget is there. Now share it out."), "good")
            return redirect(url_for("events.budget", budget_id=budget.id))
    return render_template("events/staff/budget_form.html", form=form), form.status


@events.route("/staff/event-budgets/<int:budget_id>", methods=["GET", "POST"])
@requires(Permission.BUDGETS_MANAGE)
def budget(budget_id: int) -> Any:
    """A budget, how it is shared out, and another allocation."""
    row: Budget = session.get(Budget, budget_id) or abort(404)
    form = AllocationForm(currency=row.currency, partners=_partners(row), data={"expires_on": row.ends_on})
    if form.was_sent_and_holds():
        partner = form.partner_id.firm
        try:
            operations.make_allocation(
                row,
                amount_minor=form.amount_minor.data or 0,
                expires_on=form.expires_on.data,
                partner=partner,
                by=signed_in_user(),
            )
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("Allocated."), "good")
            return redirect(url_for("events.budget", budget_id=row.id))
    return render_template("events/staff/budget.html", budget=row, form=form), form.status


def _partners(row: Budget) -> sa.Select[Partner]:
    firms = partners_visible_to(signed_in_user())
    return firms.where(Partner.country == row.region) if row.region else firms
