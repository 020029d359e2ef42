"""English and Russian: whose language it is, and every figure, day and sum in it.

English is the source; ``translations/`` holds a catalogue a domain. The texts of rules use :func:`gettext`, which also
works where there is no application (pure functions under test).
"""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import flask_babel
from babel import Locale, dates, numbers
from babel.core import UnknownLocaleError
from flask import Flask, g, has_app_context, has_request_context, request
from flask import session as cookie

from core import clock
from core.money import exponent

LOCALES = {"en": "English", "ru": "Русский"}
CATALOGUES = ("core", "accounts", "partners", "referrals", "commissions", "academy", "events")
NBSP = "\N{NO-BREAK SPACE}"


def gettext(message: str, **values: Any) -> str:
    """``message`` in the reader's language, with ``%(name)s`` filled in."""
    if has_app_context():
        return str(flask_babel.gettext(message, **values))
    return message % values if values else message


def ngettext(singular: str, plural: str, num: int, **values: Any) -> str:
    """The right one of the plural forms for ``num``, which also fills ``%(num)s``."""
    if has_app_context():
        return str(flask_babel.ngettext(singular, plural, num, **values))
    return (singular if num == 1 else plural) % {"num": num, **values}


def pgettext(context: str, message: str, **values: Any) -> str:
    """Like :func:`gettext`, for a word that means different things in different places."""
    if has_app_context():
        return str(flask_babel.pgettext(context, message, **values))
    return message % values if values else message


lazy_gettext = flask_babel.lazy_gettext
"""For texts named at import time: translated when they are shown."""

lazy_pgettext = flask_babel.lazy_pgettext


def current_locale() -> str:
    """``en`` or ``ru``: of the mail being written, the person, their cookie, their browser; else English."""
    if has_app_context():
        chosen = flask_babel.get_locale()
        if chosen is not None:
            return str(chosen.language)
    return "en"


def current_zone() -> str:
    """The IANA time zone of the reader; the programme's when they have none."""
    if has_app_context():
        zone = flask_babel.get_timezone()
        if zone is not None:
            return str(zone)
    return "UTC"


def speaking(locale: str | None) -> Any:
    """Inside, everything is said in ``locale`` (a mail to somebody else)."""
    return flask_babel.force_locale(locale if locale in LOCALES else "en")


def minor_digits(currency: str) -> int:
    """How many decimals ISO 4217 gives ``currency``: 2 for EUR, 0 for JPY, 3 for KWD."""
    return exponent(currency)


def format_money(amount_minor: int, currency: str, *, locale: str | None = None, bare: bool = False) -> str:
    """``123450, "EUR"`` as ``€1,234.50``; ``bare`` leaves the currency out. Minus is U+2212, as in print.

    The decimals are ISO's, not CLDR's: a dinar is printed with those it is booked with.
    """
    said_in = Locale(locale or current_locale())
    digits = minor_digits(currency)
    amount = Decimal(amount_minor).scaleb(-digits)
    if bare:
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        text = numbers.format_decimal(amount, pattern, locale=said_in)
    else:
        pattern = said_in.currency_formats["standard"].pattern.replace(
            ".00", "." + "0" * digits if digits else ""
        )
        text = numbers.format_currency(amount, currency, pattern, locale=said_in, currency_digits=False)
        text = re.sub(r"(?<=[A-Z]{3})(?=\d)", NBSP, text)
    return text.replace("-", "\N{MINUS SIGN}")


def format_number(value: Decimal | int | float, *, digits: int | None = None) -> str:
    """A number with the language's own separators."""
    pattern = None if digits is None else "#,##0" + ("." + "0" * digits if digits else "")
    text = numbers.format_decimal(value, pattern, locale=current_locale())
    return text.replace("-", "\N{MINUS SIGN}")


def format_percent(share: Decimal | float | int | str, *, digits: int = 1) -> str:
    """A share of one (0.118) as ``11.8 %``, with the no-break space both languages want here."""
    value = (Decimal(str(share)) * 100).quantize(Decimal(1).scaleb(-digits))
    return f"{format_number(value.normalize() if value == value.to_integral() else value)}{NBSP}%"


def format_moment(moment: datetime, *, zone: str | None = None) -> str:
    """``24 November 2026, 14:30`` in the reader's zone."""
    local = moment.astimezone(ZoneInfo(zone or current_zone()))
    return f"{format_day(local.date())}, {local:%H:%M}"


def format_day(day: date | datetime) -> str:
    """``24 November 2026``."""
    if isinstance(day, datetime):
        day = day.astimezone(ZoneInfo(current_zone())).date()
    pattern = "d MMMM y 'г'." if current_locale() == "ru" else "d MMMM y"
    return dates.format_date(day, pattern, locale=current_locale()).replace(" ", NBSP)


def format_short_day(day: date | datetime) -> str:
    """``24 Nov``, with the year when it is not this one."""
    if isinstance(day, datetime):
        day = day.astimezone(ZoneInfo(current_zone())).date()
    this_year = clock.now().year == day.year
    return dates.format_date(day, "d MMM" if this_year else "d MMM y", locale=current_locale()).replace(
        " ", NBSP
    )


def format_relative(moment: datetime) -> str:
    """``in 3 hours``, ``2 days ago``; the present minute is ``now``."""
    delta = moment - clock.now()
    if abs(delta) < timedelta(minutes=1):
        return gettext("now")
    granularity: Any = (
        "minute" if abs(delta) < timedelta(hours=1) else "hour" if abs(delta) < timedelta(days=1) else "day"
    )
    return dates.format_timedelta(
        delta, granularity=granularity, add_direction=True, threshold=1.5, locale=current_locale()
    )


def format_when(moment: datetime) -> str:
    """The moment beside its distance: ``today 14:30``, ``tomorrow 09:40``, ``26 November 2026``."""
    local = moment.astimezone(ZoneInfo(current_zone()))
    days = (local.date() - clock.today(current_zone())).days
    if days == 0:
        return gettext("today %(time)s", time=f"{local:%H:%M}")
    if days == 1:
        return gettext("tomorrow %(time)s", time=f"{local:%H:%M}")
    return format_day(local.date())


def country_name(code: str | None, *, locale: str | None = None) -> str:
    """``DE`` as *Germany* / *Германия*; an unknown code as itself."""
    if not code:
        return ""
    return str(Locale(locale or current_locale()).territories.get(code.upper(), code))


def language_name(code: str | None) -> str:
    """``de`` as *German* / *немецкий*; an unknown code as itself."""
    if not code:
        return ""
    try:
        return str(Locale.parse(code).get_display_name(current_locale()) or code)
    except (ValueError, UnknownLocaleError):
        return code


def time_zone_names() -> list[str]:
    """The IANA names a person may choose from."""
    from zoneinfo import available_timezones

    return sorted(
        name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/"))
    )


def _wanted_locale() -> str | None:
    if not has_request_context():
        return None
    person = getattr(g, "person", None)
    chosen = (
        (person.locale if person is not None else None) or request.args.get("lang") or cookie.get("locale")
    )
    if chosen in LOCALES:
        return str(chosen)
    return request.accept_languages.best_match(list(LOCALES)) or "en"


def _wanted_zone() -> str | None:
    person = getattr(g, "person", None) if has_request_context() else None
    if person is not None and person.time_zone:
        return str(person.time_zone)
    from core.settings import PROGRAMME_TIME_ZONE

    return PROGRAMME_TIME_ZONE.value()


def init_app(app: Flask) -> None:
    app.config["BABEL_DOMAIN"] = ";".join(CATALOGUES)
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = ";".join(["translations"] * len(CATALOGUES))
    flask_babel.Babel(app, locale_selector=_wanted_locale, timezone_selector=_wanted_zone)
