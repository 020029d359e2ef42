"""Words that several pages of events use: deeds of the audit trail, moments where the event is, choices of filters."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from babel.dates import format_date

from core.i18n import country_name, current_locale, format_moment, language_name, lazy_gettext
from core.statuses import status_of
from core.tables import Column
from events.models import Event
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
def month_columns() -> list[Column]:
    """A column for each month of a year."""
    return [
        Column(format_date(date(2026, month, 1), "LLL", locale=current_locale())) for month in range(1, 13)
    ]
