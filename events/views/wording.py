"""Words that several pages of events use: deeds of the audit trail, moments where the event is, choices of filters."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from babel.dates import format_date

from core.i18n import country_name, current_locale, format_moment, language_name, lazy_gettext
from core.statuses import status_of
from core.tables import Column
from events.models import Event
from events.queries.board import City
from events.queries.results import Grouping
from events.views import events

_DEEDS = {
    "funding requested": lazy_gettext("Handed in"),
    "funding question asked": lazy_gettext("The vendor asked"),
    "funding request approved": lazy_gettext("Approved"),
    "funding request declined": lazy_gettext("Declined"),
    "funding request withdrawn": lazy_gettext("Withdrawn"),
    "funding request expired": lazy_gettext("Lapsed"),
    "funding claim started": lazy_gettext("Begun"),
    "claim line removed": lazy_gettext("A cost was taken out"),
    "proof removed": lazy_gettext("A proof was taken out"),
    "funding claim submitted": lazy_gettext("Handed in"),
    "claim question asked": lazy_gettext("Given back to be mended"),
    "funding claim proposed": lazy_gettext("Approved by the first person"),
    "funding claim approved": lazy_gettext("Approved"),
    "funding claim rejected": lazy_gettext("Rejected"),
    "funding claim appealed": lazy_gettext("Appealed"),
    "funding claim closed": lazy_gettext("The rejection stands"),
    "funding claim expired": lazy_gettext("Lapsed"),
    "funding claim reimbursed": lazy_gettext("Paid out"),
}


@events.app_template_global()
def deed(verb: str) -> str:
    """A verb of the audit trail for people."""
    return str(_DEEDS.get(verb, verb))


@events.app_template_global()
def local_moment(event: Event, which: str = "starts_at") -> str:
    """When it begins or ends, on the clocks where it takes place."""
    return format_moment(getattr(event, which), zone=event.time_zone)


@events.app_template_global()
def pairs(values: Iterable[Any], kind: str) -> list[tuple[str, str]]:
    """Values with their words, for a filter: of a ``country``, a ``language`` or a ``status``."""
    words: dict[str, Any] = {
        "country": country_name,
        "language": language_name,
        "status": lambda value: str(status_of(value).word),
    }
    return [(str(value), words[kind](value)) for value in values]


@events.app_template_global()
def city_choices(cities: list[City]) -> list[tuple[str, str]]:
    """The cities of a board, for a filter."""
    return [(city.key, city.name) for city in cities if city.key]


@events.app_template_global()
def month_choices() -> list[tuple[int, str]]:
    """The months of a year, for a filter."""
    return [(month, _month(month, "LLLL")) for month in range(1, 13)]


@events.app_template_global()
def year_choices(years: Iterable[int], this_year: int) -> list[tuple[str, str]]:
    """Years for a filter; the present one is what stands without a choice."""
    return [("" if year == this_year else str(year), str(year)) for year in years]


@events.app_template_global()
def group_choices(groupings: Iterable[Grouping]) -> list[tuple[str, str]]:
    """What results can be grouped by; by event without a choice."""
    return [("" if one is Grouping.EVENT else one.value, str(one.label)) for one in groupings]


def _month(number: int, pattern: str) -> str:
    return format_date(date(2026, number, 1), pattern, locale=current_locale())


@events.app_template_global()
def month_columns() -> list[Column]:
    """A column for each month of a year."""
    return [Column(_month(month, "LLL")) for month in range(1, 13)]
