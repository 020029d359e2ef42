"""The pages of partners, by audience: strangers, firms, the vendor's staff, machines."""

from typing import Any

from babel.dates import get_day_names
from flask import Blueprint, has_request_context, url_for

from core import contacts
from core.i18n import current_locale, format_number, gettext, lazy_gettext, ngettext
from partners import forms, wording
from partners.models import INDUSTRIES
from partners.queries.applications import HOURS_A_DAY

partners = Blueprint("partners", __name__)

#: The links at the top of every public page: (words, endpoint), in order. Domains above add their own.
PUBLIC_LINKS: list[tuple[Any, str]] = [
    (lazy_gettext("Programme"), "partners.programme"),
    (lazy_gettext("Find a partner"), "partners.finder"),
    (lazy_gettext("Apply to join"), "partners.apply"),
]

#: The links at the foot of every public page, for what people rarely look for. Domains above add their own.
PUBLIC_FOOT: list[tuple[Any, str]] = [(lazy_gettext("Apply to join"), "partners.apply")]


@partners.app_context_processor
def public_links() -> dict[str, Any]:
    """What the public layout draws at its top and foot; mail, written outside a request, has no such thing."""
    if not has_request_context():
        return {}
    return {
        "public_links": [(str(words), url_for(endpoint)) for words, endpoint in PUBLIC_LINKS],
        "public_foot": [(str(words), url_for(endpoint)) for words, endpoint in PUBLIC_FOOT],
    }


@partners.app_template_filter("place_name")
def place_name(code: str) -> str:
    """``DE`` as *Germany*, ``DE-HH`` as *Hamburg*."""
    return forms.place_name(code)


@partners.app_template_filter("phone")
def phone(number: str) -> str:
    """``+4940123456`` as people write it."""
    return contacts.display_phone(number)


@partners.app_template_filter("working_days")
def working_days(days: float) -> str:
    """``1.2`` as *1.2 working days*; less than one as *6 working hours*."""
    if days < 1:
        return ngettext("%(num)s working hour", "%(num)s working hours", max(1, round(days * HOURS_A_DAY)))
    return gettext("%(days)s working days", days=format_number(round(days, 1)))


@partners.app_template_filter("measured")
def measured(value: int | None, code: str) -> str:
    """A value of a measure in its unit."""
    return wording.value_words(code, value)


@partners.app_template_filter("measured_in_short")
def measured_in_short(value: int, code: str) -> str:
    """The same for the axis of a chart."""
    return wording.short_value_words(code, value)


@partners.app_template_filter("industry")
def industry(code: str) -> str:
    """``food`` as *Food*."""
    return str(INDUSTRIES.get(code, code))


@partners.app_template_filter("business_hours")
def business_hours(hours: dict[str, Any]) -> str:
    """``Mon–Fri, 09:00–18:00`` in the reader's language."""
    names = get_day_names("abbreviated", locale=current_locale())
    runs: list[list[int]] = []
    for day in hours["days"]:
        if runs and day == runs[-1][-1] + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    spans = [names[run[0]] if len(run) == 1 else f"{names[run[0]]}–{names[run[-1]]}" for run in runs]
    return f"{', '.join(spans)} {hours['opens']}–{hours['closes']}"
