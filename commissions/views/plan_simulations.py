"""Simulating a version over past sales, with its progress and its report, and publishing it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for

from accounts.access import confirms_password, requires, signed_in_user
from accounts.permissions import Permission
from commissions.operations import plans as operations
from commissions.operations.earlier_sales import number_of_earlier_sales
from commissions.queries import plans as queries
from commissions.queries.proofs import partner_names
from commissions.views import pages
from commissions.views.staff_plans import draft_at, url_of, version_at
from core.database import session
from core.digits import numbers_in
from core.exports import csv_response
from core.i18n import format_day, ngettext, pgettext
from core.i18n import gettext as _
from core.money import decimal_text

SALES_AT_ONCE = 1000


@pages.get("/staff/plans/<code>/versions/<int:number>/simulation")
@requires(Permission.PLANS_READ)
def plan_simulation(code: str, number: int) -> Any:
    """What the version would have paid for past sales, against what was paid."""
    version = version_at(code, number)
    report, state = version.report, version.simulation or {}
    changes = _changes(report) if report is not None else {}
    return render_template(
        "commissions/plans/simulation.html",
        version=version,
        report=report,
        since=datetime.fromisoformat(report["since"]) if report is not None else None,
        running=state.get("running"),
        is_stopped=bool(state.get("running", {}).get("stopped")),
        done=state.get("sales", 0),
        changes=changes,
        may_write=signed_in_user().may(Permission.PLANS_WRITE),
    )


@pages.post("/staff/plans/<code>/versions/<int:number>/simulation")
@requires(Permission.PLANS_WRITE)
def simulate_plan(code: str, number: int) -> Any:
    """Simulates at once when it is little; by the worker, with progress, when it is much."""
    draft = draft_at(code, number)
    months = {"3": 3, "6": 6, "12": 12, "24": 24, "36": 36}.get(request.form.get("months", "12"), 12)
    if operations.begin_simulation(draft, months=months, by=signed_in_user()) <= SALES_AT_ONCE:
        operations.simulate_further(draft, by=signed_in_user())
        flash(_("The simulation is done."), "good")
    else:
        operations.simulate_later(draft)
    return redirect(url_of(draft, "plan_simulation"))


@pages.post("/staff/plans/<code>/versions/<int:number>/simulation/stop")
@requires(Permission.PLANS_WRITE)
def stop_plan_simulation(code: str, number: int) -> Any:
    """Ends a long simulation after the running step."""
    draft = draft_at(code, number)
    operations.stop_simulation(draft)
    flash(_("The simulation was stopped. It can go on from here."), "good")
    return redirect(url_of(draft, "plan_simulation"))


@pages.post("/staff/plans/<code>/versions/<int:number>/simulation/resume")
@requires(Permission.PLANS_WRITE)
def resume_plan_simulation(code: str, number: int) -> Any:
    """Lets it go on."""
    draft = draft_at(code, number)
    operations.resume_simulation(draft)
    operations.simulate_later(draft)
    return redirect(url_of(draft, "plan_simulation"))


@pages.get("/staff/plans/<code>/versions/<int:number>/simulation.csv")
@requires(Permission.PLANS_READ)
def plan_simulation_file(code: str, number: int) -> Response:
    """What would change for every partner, as a file."""
    report = version_at(code, number).report
    if report is None:
        abort(404)
    rows = [
        (
            row["name"],
            row["currency"],
            *(Decimal(decimal_text(row[what], row["currency"])) for what in _FIGURES),
        )
        for row in _named(report["partners"])
    ]
    head = (_("Partner"), _("Currency"), _("Was granted"), _("Would be"), pgettext("figure", "Change"))
    return csv_response(f"simulation-{code}-{number}", head, rows)


_FIGURES = ("was_minor", "would_be_minor", "change_minor")
#: So many partners of a currency stand on the page of a simulation; all of them are in its file.
PARTNERS_SHOWN = 50


@dataclass(frozen=True)
class Changes:
    """Who would have won and who lost in one currency: how many, and those whose change is the largest."""

    winners: int
    losers: int
    others: int
    largest: list[dict[str, Any]]


def _changes(report: dict[str, Any]) -> dict[str, Changes]:
    """By currency."""
    found = {}
    for currency in sorted({row["currency"] for row in report["partners"]}):
        theirs = [row for row in report["partners"] if row["currency"] == currency]
        moved = [row["would_be_minor"] - row["was_minor"] for row in theirs]
        winners, losers = sum(by > 0 for by in moved), sum(by < 0 for by in moved)
        found[currency] = Changes(
            winners, losers, len(theirs) - winners - losers, _named(theirs[:PARTNERS_SHOWN])
        )
    return found


def _named(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = partner_names(set(numbers_in(row["partner_id"] for row in rows)))
    return [
        row
        | {
            "name": names.get(row["partner_id"], _("Partner %(id)s", id=row["partner_id"])),
            "change_minor": row["would_be_minor"] - row["was_minor"],
        }
        for row in rows
    ]


@pages.route("/staff/plans/<code>/versions/<int:number>/publication", methods=["GET", "POST"])
@requires(Permission.PLANS_WRITE)
@confirms_password
def plan_publication(code: str, number: int) -> Any:
    """The last look before a version counts, and the deed."""
    draft = draft_at(code, number)
    if request.method == "POST":
        operations.publish(draft, by=signed_in_user())
        session.flush()
        flash(
            _(
                "%(version)s is published. It holds for customers who begin from %(day)s on.",
                version=draft.label,
                day=format_day(draft.effective_from),
            ),
            "good",
        )
        earlier = number_of_earlier_sales(draft.plan)
        if earlier and signed_in_user().may(Permission.SALES_WRITE):
            return redirect(url_for("commissions.earlier_sales", code=code))
        if earlier:
            flash(
                ngettext(
                    "%(num)s sale was recorded before and earns nothing yet. Ask finance to have it worked out.",
                    "%(num)s sales were recorded before and earn nothing yet. Ask finance to have them worked out.",
                    earlier,
                ),
                "wait",
            )
        return redirect(url_of(draft))
    return render_template(
        "commissions/plans/publication.html",
        version=draft,
        live=queries.live_version(code),
        report=draft.report,
        partners=queries.partners_by_plan().get(code, 0),
    )
