"""Reports over leads for the vendor: the pipeline, answers, reasons, and whether everybody receives a fair share."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton
from flask import render_template, request

from accounts.access import requires
from accounts.permissions import Permission
from core import clock
from core.database import session
from core.exports import csv_response
from core.i18n import country_name, current_locale
from core.i18n import gettext as _
from core.pagination import paginate
from core.places import region_name
from core.settings import PROGRAMME_TIME_ZONE
from referrals.models.leads import ORIGIN_LABELS, LeadOrigin
from referrals.queries import lists, reports
from referrals.queries.firms import partner_names
from referrals.queries.reports import DIVISIONS, Pipeline
from referrals.views import pages
from referrals.views.wording import spoken

PERIODS = ("30", "90", "365")


@pages.get("/staff/leads/reports")
@requires(Permission.ROUTING_READ)
def lead_reports() -> Any:
    """How far leads come, divided as the reader wants; answers, reasons, and whose deals came from the vendor."""
    starts_at, ends_at = _period()
    by = _division()
    page = paginate(reports.pipeline_by(by, starts_at, ends_at), scalars=False)
    rows = [Pipeline(row[0], *(int(number or 0) for number in row[1:])) for row in page.items]
    names = _names_of(by, rows)
    return render_template(
        "referrals/leads/staff/reports.html",
        whole=reports.pipeline(starts_at, ends_at),
        by=by,
        page=page,
        rows=[(names.get(row.key, _("not known")), row) for row in rows],
        answers=session.execute(reports.answers_by_partner(starts_at, ends_at).limit(20)).all(),
        declined=reports.decline_reasons(starts_at, ends_at),
        lost=reports.lost_reasons(starts_at, ends_at),
        vendor=session.execute(reports.vendor_share_by_partner(starts_at, ends_at).limit(20)).all(),
        counts=lists.status_counts(),
        **spoken(),
    )


@pages.get("/staff/leads/reports.csv")
@requires(Permission.ROUTING_READ)
def lead_reports_csv() -> Any:
    """The divided pipeline as a file."""
    starts_at, ends_at = _period()
    by = _division()
    rows = [
        Pipeline(row[0], *(int(number or 0) for number in row[1:]))
        for row in session.execute(reports.pipeline_by(by, starts_at, ends_at).limit(10_000))
    ]
    names = _names_of(by, rows)
    head = [_("Division"), _("Received"), _("Qualified"), _("Taken"), _("Contacted"), _("Won")]
    return csv_response("pipeline", head, ([names.get(row.key, ""), *row.stages] for row in rows))


@pages.get("/staff/leads/reports/fairness")
@requires(Permission.ROUTING_READ)
def lead_fairness() -> Any:
    """A month: what each tier and country received, accepted and won, beside the share it should have."""
    month = _month()
    starts_at, ends_at = _bounds(month)
    return render_template(
        "referrals/leads/staff/fairness.html",
        months=[
            (f"{one:%Y-%m}", format_skeleton("yMMMM", one, locale=current_locale())) for one in _last_months()
        ],
        by_tier=reports.fairness_by_tier(starts_at, ends_at),
        by_country=reports.fairness_by_country(starts_at, ends_at),
        country_name=country_name,
        counts=lists.status_counts(),
        **spoken(),
    )


def _period() -> tuple[datetime, datetime]:
    days = request.args.get("days", "")
    return clock.now() - timedelta(days=int(days if days in PERIODS else "90")), clock.now() + timedelta(
        minutes=1
    )


def _division() -> str:
    by = request.args.get("by", "")
    return by if by in DIVISIONS else "source"


def _names_of(by: str, rows: list[Pipeline]) -> dict[Any, str]:
    """What each key is called."""
    keys = [row.key for row in rows if row.key is not None]
    if by == "partner":
        return dict(partner_names(keys))
    if by == "country":
        return {key: country_name(key) for key in keys}
    if by == "region":
        return {key: region_name(key, current_locale()) for key in keys}
    if by == "origin":
        return {key: str(ORIGIN_LABELS[LeadOrigin(key)]) for key in keys}
    return {key: key for key in keys}


def _last_months() -> list[date]:
    """The first days of this month and the eleven before it."""
    first = clock.today(PROGRAMME_TIME_ZONE.value()).replace(day=1)
    months = [first]
    for _turn in range(11):
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    return months


def _month() -> date:
    wanted = request.args.get("month", "")
    return next((month for month in _last_months() if f"{month:%Y-%m}" == wanted), _last_months()[0])


def _bounds(month: date) -> tuple[datetime, datetime]:
    zone = ZoneInfo(PROGRAMME_TIME_ZONE.value())
    after = (month + timedelta(days=32)).replace(day=1)
    return tuple(datetime(day.year, day.month, 1, tzinfo=zone) for day in (month, after))  # type: ignore[return-value]
