"""What events brought, by event, city, partner or type: figures, a chart with its table, a file."""

from typing import Any

from flask import render_template, request

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from core import clock
from core.digits import number_in
from core.exports import csv_response
from core.i18n import gettext as _
from core.money import decimal_text
from core.settings import PROGRAMME_CURRENCY, PROGRAMME_TIME_ZONE
from events.queries import results as queries
from events.queries.results import Grouping, Result
from events.views import events

#: So many lines are drawn and listed; the file has them all.
_MOST = 100
_BARS = 12


@events.get("/event-results")
@requires(Permission.FUNDING_READ)
def results() -> Any:
    """A year's events, or every year's; by what, stands in the address."""
    me = signed_in_user()
    this_year = clock.today(PROGRAMME_TIME_ZONE.value()).year
    asked = request.args.get("year", "")
    year = None if asked == "all" else _year(asked, this_year)
    by = _grouping(request.args.get("by", ""), is_staff=me.is_staff)
    lines = queries.results(me, year=year, by=by)
    currency = PROGRAMME_CURRENCY.value()
    if request.args.get("format") == "csv":
        return _csv(lines, by, currency)
    whole = queries.together(lines)
    return render_template(
        "events/results.html",
        lines=lines[:_MOST],
        hidden=max(0, len(lines) - _MOST),
        drawn=sorted(lines, key=lambda line: -abs(line.gain_minor))[:_BARS],
        whole=whole,
        by=by,
        groupings=[one for one in Grouping if me.is_staff or one is not Grouping.PARTNER],
        year=year,
        years=range(this_year, this_year - 5, -1),
        this_year=this_year,
        currency=currency,
        is_own=not me.is_staff,
    )


def _year(asked: str, this_year: int) -> int:
    year = number_in(asked, most_digits=4)
    return year if year is not None and 2000 <= year <= 2100 else this_year


def _grouping(asked: str, *, is_staff: bool) -> Grouping:
    by = Grouping(asked) if asked in set(Grouping) else Grouping.EVENT
    return Grouping.EVENT if by is Grouping.PARTNER and not is_staff else by


def _csv(lines: list[Result], by: Grouping, currency: str) -> Any:
    head = [
        by.label,
        _("Events"),
        _("Registered"),
        _("Guests"),
        _("Agreed"),
        _("Leads"),
        _("Deals"),
        _("Won"),
    ]
    head += [_("Revenue"), _("Cost"), _("Reimbursed"), _("Cost per lead"), _("ROI, per cent"), _("Currency")]
    rows = []
    for line in lines:
        money = (line.revenue_minor, line.spent_minor, line.reimbursed_minor, line.cost_per_lead_minor)
        rows.append(
            (
                line.name, line.events, line.registered, line.guests, line.agreed, line.leads, line.deals, line.won,
                *(decimal_text(minor, currency) if minor is not None else "" for minor in money),
                line.roi_percent, currency,
            )
        )  # fmt: skip
    return csv_response("event-results", head, rows)
