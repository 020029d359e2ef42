"""English and Russian: whose language it is, and every figure, day and sum in it.

English is the source; ``translations/`` holds a catalogue a domain. The texts of rules use :func:`gettext`, which also
works where there is no application (pure functions under test).
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property, lru_cache
from gettext import NullTranslations
from typing import Any, cast
from zoneinfo import ZoneInfo

import flask_babel
from babel import Locale, dates, numbers
from babel.core import UnknownLocaleError
from flask import Flask, g, has_app_context, has_request_context, request
from flask import session as cookie
from flask_babel import LazyString
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from core import clock
from core.money import exponent

LOCALES = {"en": "English", "ru": "Русский"}
CATALOGUES = ("core", "accounts", "partners", "referrals", "commissions", "academy", "events")
NBSP = "\N{NO-BREAK SPACE}"
_UTC = ZoneInfo("UTC")

# Babel reads a locale and a pattern anew each time; a page says the same days, spans and countries over and over. What
# is kept below are pure functions of their arguments.
_kept = lru_cache(maxsize=4096)
_locale = _kept(Locale.parse)


def gettext(message: str, **values: Any) -> str:
    """``message`` in the reader's language, with ``%(name)s`` filled in."""
    said = _spoken().catalogue.gettext(message) if has_app_context() else message
    return said % values if values else said


def ngettext(singular: str, plural: str, num: int, **values: Any) -> str:
    """The right one of the plural forms for ``num``, which also fills ``%(num)s``."""
    if has_app_context():
        return _spoken().catalogue.ngettext(singular, plural, num) % {"num": num, **values}
    return (singular if num == 1 else plural) % {"num": num, **values}


def pgettext(context: str, message: str, **values: Any) -> str:
    """Like :func:`gettext`, for a word that means different things in different places."""
    said = _spoken().catalogue.pgettext(context, message) if has_app_context() else message
    return said % values if values else said


def lazy_gettext(message: str, **values: Any) -> LazyString:
    """For texts named at import time: translated when they are shown."""
    return LazyString(gettext, message, **values)


def lazy_pgettext(context: str, message: str, **values: Any) -> LazyString:
    """Like :func:`lazy_gettext`, for a word that means different things in different places."""
    return LazyString(pgettext, context, message, **values)


@dataclass
class _Speech:
    """The language of one request, job or mail, looked up once: a page asks for it hundreds of times."""

    locale: str
    catalogue: NullTranslations

    @cached_property
    def zone(self) -> ZoneInfo:
        """Looked up when it is asked for: before, it may not be known yet whose page it is."""
        return ZoneInfo(str(flask_babel.get_timezone() or "UTC"))


def _spoken() -> _Speech:
    here = g._get_current_object()
    speech: _Speech | None = getattr(here, "speech", None)
    if speech is None:
        speech = _Speech(str(flask_babel.get_locale() or "en"), flask_babel.get_translations())
        here.speech = speech
    return speech


def current_locale() -> str:
    """``en`` or ``ru``: of the mail being written, the person, their cookie, their browser; else English."""
    return _spoken().locale if has_app_context() else "en"


def current_zone() -> str:
    """The IANA time zone of the reader; the programme's when they have none."""
    return _zone().key


def _zone() -> ZoneInfo:
    return _spoken().zone if has_app_context() else _UTC


@contextmanager
def speaking(locale: str | None) -> Iterator[None]:
    """Inside, everything is said in ``locale`` (a mail to somebody else)."""
    before = g.pop("speech", None)
    try:
        with flask_babel.force_locale(locale if locale in LOCALES else "en"):
            yield
    finally:
        g.pop("speech", None)
        if before is not None:
            g.speech = before


def minor_digits(currency: str) -> int:
    """How many decimals ISO 4217 gives ``currency``: 2 for EUR, 0 for JPY, 3 for KWD."""
    return exponent(currency)


def format_money(amount_minor: int, currency: str, *, locale: str | None = None, bare: bool = False) -> str:
    """``123450, "EUR"`` as ``€1,234.50``; ``bare`` leaves the currency out. Minus is U+2212, as in print.

    The decimals are ISO's, not CLDR's: a dinar is printed with those it is booked with.
    """
    said_in = _locale(locale or current_locale())
    digits = minor_digits(currency)
    amount = Decimal(amount_minor).scaleb(-digits)
    if bare:
        text: str = _decimals(digits).apply(amount, said_in)
    else:
        pattern = _money_pattern(said_in.language, digits)
        text = pattern.apply(amount, said_in, currency=currency, currency_digits=False)
        text = re.sub(r"(?<=[A-Z]{3})(?=\d)", NBSP, text)
    return text.replace("-", "\N{MINUS SIGN}")


@_kept
def _decimals(digits: int) -> numbers.NumberPattern:
    return numbers.parse_pattern("#,##0" + ("." + "0" * digits if digits else ""))


@_kept
def _money_pattern(locale: str, digits: int) -> numbers.NumberPattern:
    """How the language writes money, with so many decimals."""
    standard: str = _locale(locale).currency_formats["standard"].pattern
    return numbers.parse_pattern(standard.replace(".00", "." + "0" * digits if digits else ""))


def format_number(value: Decimal | int | float, *, digits: int | None = None) -> str:
    """A number with the language's own separators."""
    said_in = _locale(current_locale())
    pattern = said_in.decimal_formats[None] if digits is None else _decimals(digits)
    text: str = pattern.apply(value, said_in)
    return text.replace("-", "\N{MINUS SIGN}")


def format_percent(share: Decimal | float | int | str, *, digits: int = 1) -> str:
    """A share of one (0.118) as ``11.8 %``, with the no-break space both languages want here."""
    value = (Decimal(str(share)) * 100).quantize(Decimal(1).scaleb(-digits))
    return f"{format_number(value.normalize() if value == value.to_integral() else value)}{NBSP}%"


def format_moment(moment: datetime, *, zone: str | None = None) -> str:
    """``24 November 2026, 14:30`` in the reader's zone."""
    local = moment.astimezone(ZoneInfo(zone) if zone else _zone())
    return f"{format_day(local.date())}, {local:%H:%M}"


def format_day(day: date | datetime) -> str:
    """``24 November 2026``."""
    if isinstance(day, datetime):
        day = day.astimezone(_zone()).date()
    locale = current_locale()
    return _day_in_words(day, "d MMMM y 'г'." if locale == "ru" else "d MMMM y", locale)


@_kept
def _day_in_words(day: date, pattern: str, locale: str) -> str:
    return dates.format_date(day, pattern, locale=locale).replace(" ", NBSP)


def format_short_day(day: date | datetime) -> str:
    """``24 Nov``, with the year when it is not this one."""
    if isinstance(day, datetime):
        day = day.astimezone(_zone()).date()
    this_year = clock.now().year == day.year
    return _day_in_words(day, "d MMM" if this_year else "d MMM y", current_locale())


def format_relative(moment: datetime) -> str:
    """``in 3 hours``, ``2 days ago``; the present minute is ``now``. Days are those of the reader's calendar."""
    delta = moment - clock.now()
    if abs(delta) < timedelta(minutes=1):
        return gettext("now")
    finest = (
        "minute" if abs(delta) < timedelta(hours=1) else "hour" if abs(delta) < timedelta(days=1) else "day"
    )
    seconds = delta.days * 86_400 + delta.seconds
    for unit, length in dates.TIMEDELTA_UNITS:
        count = abs(seconds) / length
        if count >= 1.5 or unit == finest:
            break
    if unit == "day":
        count = abs(_days_from_today(moment))
    whole = max(1, round(count)) * (1 if seconds > 0 else -1)
    return _span_in_words(whole * length, unit, current_locale())


def _days_from_today(moment: datetime) -> int:
    """How many days the reader's calendar is from today to ``moment``; negative for the past."""
    zone = _zone()
    return (moment.astimezone(zone).date() - clock.now().astimezone(zone).date()).days


@_kept
def _span_in_words(seconds: int, unit: Any, locale: str) -> str:
    """A whole number of ``unit`` ahead, or behind us."""
    never = float("inf")  # no larger unit: it was chosen already
    return dates.format_timedelta(
        timedelta(seconds=seconds), granularity=unit, add_direction=True, threshold=never, locale=locale
    )


def format_when(moment: datetime) -> str:
    """The moment beside its distance: ``today 14:30``, ``tomorrow 09:40``, ``26 November 2026``."""
    local = moment.astimezone(_zone())
    days = _days_from_today(moment)
    if days == 0:
        return gettext("today %(time)s", time=f"{local:%H:%M}")
    if days == 1:
        return gettext("tomorrow %(time)s", time=f"{local:%H:%M}")
    return format_day(local.date())


def country_name(code: str | None, *, locale: str | None = None) -> str:
    """``DE`` as *Germany* / *Германия*; an unknown code as itself."""
    if not code:
        return ""
    return _country_name(code, locale or current_locale())


@_kept
def _country_name(code: str, locale: str) -> str:
    return str(_locale(locale).territories.get(code.upper(), code))


def language_name(code: str | None) -> str:
    """``de`` as *German* / *немецкий*; an unknown code as itself."""
    if not code:
        return ""
    return _language_name(code, current_locale())


@_kept
def _language_name(code: str, locale: str) -> str:
    try:
        return str(Locale.parse(code).get_display_name(locale) or code)
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
    person = g.get("viewer") or g.get("person")
    chosen = (
        (person.locale if person is not None else None) or request.args.get("lang") or cookie.get("locale")
    )
    if chosen in LOCALES:
        return str(chosen)
    return request.accept_languages.best_match(list(LOCALES)) or "en"


def _wanted_zone() -> str | None:
    person = (g.get("viewer") or g.get("person")) if has_request_context() else None
    if person is not None and person.time_zone:
        return str(person.time_zone)
    from core.settings import PROGRAMME_TIME_ZONE

    return PROGRAMME_TIME_ZONE.value()


def init_app(app: Flask) -> None:
    app.config["BABEL_DOMAIN"] = ";".join(CATALOGUES)
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = ";".join(["translations"] * len(CATALOGUES))
    flask_babel.Babel(app, locale_selector=_wanted_locale, timezone_selector=_wanted_zone)
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        _said("gettext"),
        _said("ngettext"),
        newstyle=True,
        pgettext=_said("pgettext"),
        npgettext=_said("npgettext"),
    )
    app.jinja_env.globals.update(gettext=_gettext_on_a_page, _=_gettext_on_a_page)


@pass_eval_context
def _gettext_on_a_page(page: EvalContext, message: str, /, **values: Any) -> str:
    """Jinja's own (a translation may hold markup, what is filled in may not), quicker where nothing is filled in."""
    said = _spoken().catalogue.gettext(message)
    safe = Markup(said) if page.autoescape else said  # noqa: S704 - our own words
    return safe % values if "%" in said else safe


def _said(how: str) -> Callable[..., str]:
    """What a template calls, such as ``gettext``: the same of the catalogue that is spoken then."""
    return lambda *words: cast(str, getattr(_spoken().catalogue, how)(*words))
