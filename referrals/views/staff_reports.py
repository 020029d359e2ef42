"""Reports over leads for the vendor: the pipeline, answers, reasons, and whether everybody receives a fair share."""

from collections.abc import Callable
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
from core.places import is_country, region_name
from core.settings import PROGRAMME_TIME_ZONE
from referrals.models.leads import ORIGIN_LABELS, LeadOrigin
from referrals.queries import fairness, lists, reports
from referrals.queries.fairness import Span
from referrals.queries.firms import partner_names
from referrals.queries.names import Names
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
        vendor_whole=reports.vendor_share(starts_at, ends_at),
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


@pages.get("/staff/leads/reports/answers.csv")
@requires(Permission.ROUTING_READ)
def lead_answers_csv() -> Any:
    """How every partner answered, as a file."""
    head = [
        _("Partner"), _("Offers"), _("Accepted"), _("Declined"), _("Not answered"), _("Median answer"),
    ]  # fmt: skip
    rows = session.execute(reports.answers_by_partner(*_period()))
    return csv_response(
        "answers",
        head,
        (
            [*numbers, "" if hours is None else round(float(hours), 1)]
            for _partner_id, *numbers, hours in rows
        ),
    )


@pages.get("/staff/leads/reports/vendor-share.csv")
@requires(Permission.ROUTING_READ)
def vendor_share_csv() -> Any:
    """Of every partner's deals those that the vendor brought, as a file."""
    rows = session.execute(reports.vendor_share_by_partner(*_period()))
    return csv_response(
        "vendor-share",
        [_("Partner"), _("Deals"), _("From leads")],
        ([name, deals, int(routed or 0)] for _partner_id, name, deals, routed in rows),
    )


@pages.get("/staff/leads/reports/fairness")
@requires(Permission.ROUTING_READ)
def lead_fairness() -> Any:
    """A month: what each tier and place received, took and won, beside the share it should have.

    Places are countries, or the regions of a country that was chosen.
    """
    span = _span()
    return render_template(
        "referrals/leads/staff/fairness.html",
        months=[
            (f"{one:%Y-%m}", format_skeleton("yMMMM", one, locale=current_locale())) for one in _last_months()
        ],
        countries=_countries(),
        country=span.country,
        by_tier=fairness.by_tier(span),
        by_place=fairness.by_region(span) if span.country else fairness.by_country(span),
        place_name=_place_name(span),
        country_name=country_name,
        counts=lists.status_counts(),
        **spoken(),
    )


@pages.get("/staff/leads/reports/fairness.csv")
@requires(Permission.ROUTING_READ)
def lead_fairness_csv() -> Any:
    """The same as a file."""
    span, names = _span(), Names()
    places = fairness.by_region(span) if span.country else fairness.by_country(span)
    head = [_("Division"), _("Partners"), _("Offers"), _("From the pool"), _("Taken"), _("Won"),
            _("Share"), _("Expected")]  # fmt: skip
    named = [(names("tier", one.key), one) for one in fairness.by_tier(span)]
    named += [(_place_name(span)(one.key), one) for one in places]
    return csv_response(
        "fair-shares",
        head,
        (
            [name, one.partners, one.offered, one.claimed, one.taken, one.won,
             f"{one.share:.4f}", f"{one.expected:.4f}"]
            for name, one in named
        ),
    )  # fmt: skip


def _span() -> Span:
    """The month and the country that the address names."""
    country = request.args.get("country", "")
    return Span(*_bounds(_month()), country=country if is_country(country) else "")


def _countries() -> list[tuple[str, str]]:
    """Where partners sit or leads come from, by name."""
    codes = {*fairness.countries_with_partners(), *lists.countries_of_leads()}
    return sorted(((code, country_name(code)) for code in codes), key=lambda entry: entry[1])


def _place_name(span: Span) -> Callable[[str], str]:
    if not span.country:
        return country_name
    locale = current_locale()
    return lambda code: region_name(code, locale) if code else _("not known")


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
