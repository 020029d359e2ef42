"""English and Russian: whose language it is, and every figure, day and sum in it.

English is the source; ``translations/`` holds a catalogue a domain. The texts of rules use :func:`gettext`, which also
works where there is no application (pure functions under test).
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property, lru_cache
from gettext import NullTranslations
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo, available_timezones

import flask_babel
from babel import Locale, dates, numbers
from babel.core import UnknownLocaleError
from flask import Flask, g, has_request_context, request
from flask import session as cookie
from flask_babel import LazyString
from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError

from core import clock
from core.money import exponent

LOCALES = {"en": "English", "ru": "Русский"}
CATALOGUES = ("core", "accounts", "partners", "referrals", "commissions", "academy", "events")
NBSP = "\N{NO-BREAK SPACE}"
_UTC = ZoneInfo("UTC")
_Text = TypeVar("_Text", bound=str)

# Babel reads a locale and a pattern anew each time; a page says the same days, spans and countries over and over. What
# is kept below are pure functions of their arguments.
_kept = lru_cache(maxsize=4096)
_locale = _kept(Locale.parse)


def gettext(message: str, **values: Any) -> str:
    """``message`` in the reader's language, with ``%(name)s`` filled in."""
    speech = _speech()
    said = speech.said(message) if speech is not None else message
    return _one_stop(said % values) if values else said


def _one_stop(said: _Text) -> _Text:
    """A Russian day ends with a full stop of its own (*2026 г.*): a sentence that ends with one needs no second."""
    for space in ("\u202f", NBSP):
        said = cast(_Text, said.replace(f"{space}г..", f"{space}г."))
    return said


def ngettext(singular: str, plural: str, num: int, **values: Any) -> str:
    """The right one of the plural forms for ``num``, which also fills ``%(num)s``."""
    speech = _speech()
    if speech is not None:
        return _one_stop(speech.catalogue.ngettext(singular, plural, num) % {"num": num, **values})
    return (singular if num == 1 else plural) % {"num": num, **values}


def pgettext(context: str, message: str, **values: Any) -> str:
    """Like :func:`gettext`, for a word that means different things in different places."""
    speech = _speech()
    said = speech.catalogue.pgettext(context, message) if speech is not None else message
    return _one_stop(said % values) if values else said


class _Words(LazyString):  # type: ignore[misc]
    """Words that are there, whatever they are in the reader's language: nobody has to look them up to know that."""

    def __str__(self) -> str:
        words: str = self._func(*self._args, **self._kwargs)
        return words

    def __bool__(self) -> bool:
        return True


def lazy_gettext(message: str, **values: Any) -> LazyString:
    """For texts named at import time: translated when they are shown."""
    return _Words(gettext, message, **values)


def lazy_pgettext(context: str, message: str, **values: Any) -> LazyString:
    """Like :func:`lazy_gettext`, for a word that means different things in different places."""
    return _Words(pgettext, context, message, **values)


#: What a catalogue was asked before; beyond, it is asked again.
_MOST_WORDS = 20_000


class _Speech:
    """The language of one request, job or mail, looked up once: a page asks for it hundreds of times."""

    def __init__(self, locale: str, catalogue: NullTranslations) -> None:
        self.locale = locale
        self.catalogue = catalogue
        # Kept with the catalogue, so that they are as old as it is
        self._words: dict[str, str] = vars(catalogue).setdefault("kept_words", {})
        self._in_html: dict[str, Markup] = vars(catalogue).setdefault("kept_in_html", {})

    @cached_property
    def zone(self) -> ZoneInfo:
        """Looked up when it is asked for: before, it may not be known yet whose page it is."""
        return ZoneInfo(str(flask_babel.get_timezone() or "UTC"))

    def said(self, message: str) -> str:
        """``message`` in this language."""
        words = self._words.get(message)
        if words is None:
            words = self.catalogue.gettext(message)
            if len(self._words) < _MOST_WORDS:
                self._words[message] = words
        return words

    def in_html(self, message: str) -> Markup:
        """The same as a part of a page: our words may hold markup."""
        words = self._in_html.get(message)
        if words is None:
            words = Markup(self.said(message))  # noqa: S704 - our own words
            if len(self._in_html) < _MOST_WORDS:
                self._in_html[message] = words
        return words


def _speech() -> _Speech | None:
    """How the reader is spoken to; ``None`` where there is no application."""
    try:
        here = g._get_current_object()
    except RuntimeError:
        return None
    try:
        speech: _Speech = here.speech
    except AttributeError:
        speech = _Speech(str(flask_babel.get_locale() or "en"), flask_babel.get_translations())
        here.speech = speech
    return speech


def _spoken() -> _Speech:
    """The same where there is an application for certain."""
    speech = _speech()
    assert speech is not None
    return speech


def current_locale() -> str:
    """``en`` or ``ru``: of the mail being written, the person, their cookie, their browser; else the programme's.

    Of these, whatever the programme does not offer is passed over.
    """
    speech = _speech()
    return speech.locale if speech is not None else "en"


def current_zone() -> str:
    """The IANA time zone of the reader; the programme's when they have none."""
    return _zone().key


def _zone() -> ZoneInfo:
    speech = _speech()
    return speech.zone if speech is not None else _UTC


@contextmanager
def speaking(locale: str | None) -> Iterator[None]:
    """Inside, everything is said in ``locale`` (a mail to somebody else)."""
    before = g.pop("speech", None)
    try:
        with flask_babel.force_locale(locale if locale in LOCALES else default_locale()):
            yield
    finally:
        g.pop("speech", None)
        if before is not None:
            g.speech = before


def offered_locales() -> dict[str, str]:
    """The languages that the programme offers, by code and each in its own words; one at least."""
    from core.settings import LANGUAGES

    try:
        offered = LANGUAGES.value()
    except SQLAlchemyError:  # the page that says so is in the visitor's language all the same
        return LOCALES
    return {code: name for code, name in LOCALES.items() if code in offered}


def default_locale() -> str:
    """The programme's language, for whoever has none of those that it offers."""
    from core.settings import DEFAULT_LANGUAGE

    offered = offered_locales()
    try:
        chosen = DEFAULT_LANGUAGE.value()
    except SQLAlchemyError:
        chosen = ""
    return chosen if chosen in offered else next(iter(offered))


def spoken_to(locale: str | None) -> str:
    """In which language somebody who wishes ``locale`` is written to: in that, where the programme offers it."""
    return locale if locale is not None and locale in offered_locales() else default_locale()


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


def format_short_money(amount_minor: int | Decimal, currency: str) -> str:
    """``1600000, "EUR"`` as ``€16K``: for the axis of a chart, where the exact figure has no room."""
    amount = Decimal(amount_minor).scaleb(-minor_digits(currency))
    text: str = numbers.format_compact_currency(amount, currency, locale=current_locale(), fraction_digits=1)
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
    if type(value) is int:
        return _whole_number(value, digits, current_locale())
    return _number(value, digits, current_locale())


def _number(value: Decimal | int | float, digits: int | None, locale: str) -> str:
    said_in = _locale(locale)
    pattern = said_in.decimal_formats[None] if digits is None else _decimals(digits)
    text: str = pattern.apply(value, said_in)
    return text.replace("-", "\N{MINUS SIGN}")


_whole_number = _kept(_number)


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
    now, zone = clock.now(), _zone()
    return _distance(moment - now, _days_between(now.astimezone(zone), moment.astimezone(zone)))


def _distance(delta: timedelta, days: int) -> str:
    """So far away in words; ``days`` is the same in days of a calendar."""
    seconds = delta.days * 86_400 + delta.seconds
    ahead = abs(delta.total_seconds())
    if ahead < 60:
        return gettext("now")
    finest = "minute" if ahead < 3600 else "hour" if ahead < 86_400 else "day"
    for unit, length in dates.TIMEDELTA_UNITS:
        count = abs(seconds) / length
        if count >= 1.5 or unit == finest:
            break
    if unit == "day":
        count = abs(days)
    whole = max(1, round(count)) * (1 if seconds > 0 else -1)
    return _span_in_words(whole * length, unit, current_locale())


def _days_between(now: datetime, moment: datetime) -> int:
    """How many days a calendar is from ``now`` to ``moment``, both in its zone; negative for the past."""
    return moment.toordinal() - now.toordinal()


@_kept
def _span_in_words(seconds: int, unit: Any, locale: str) -> str:
    """A whole number of ``unit`` ahead, or behind us."""
    never = float("inf")  # no larger unit: it was chosen already
    return dates.format_timedelta(
        timedelta(seconds=seconds), granularity=unit, add_direction=True, threshold=never, locale=locale
    )


def format_when(moment: datetime) -> str:
    """The moment beside its distance: ``today 14:30``, ``tomorrow 09:40``, ``26 November 2026``."""
    zone = _zone()
    local = moment.astimezone(zone)
    return _itself(local, _days_between(clock.now().astimezone(zone), local))


def _itself(local: datetime, days: int) -> str:
    """A moment in the reader's zone, so many days from today."""
    if days == 0:
        return gettext("today %(time)s", time=f"{local:%H:%M}")
    if days == 1:
        return gettext("tomorrow %(time)s", time=f"{local:%H:%M}")
    return format_day(local.date())


def format_both_ways(moment: datetime) -> tuple[str, str]:
    """:func:`format_relative` and :func:`format_when`: a list says both, of many moments."""
    now, zone = clock.now(), _zone()
    local = moment.astimezone(zone)
    days = _days_between(now.astimezone(zone), local)
    return _distance(moment - now, days), _itself(local, days)


def country_name(code: str | None, *, locale: str | None = None) -> str:
    """``DE`` as *Germany* / *Германия*; an unknown code as itself."""
    if not code:
        return ""
    return _country_name(code, locale or current_locale())


@_kept
def _country_name(code: str, locale: str) -> str:
    return str(_locale(locale).territories.get(code.upper(), code))


def currency_name(code: str) -> str:
    """``EUR`` as *Euro* / *евро*; an unknown code as itself."""
    return _currency_name(code, current_locale())


@_kept
def _currency_name(code: str, locale: str) -> str:
    return str(_locale(locale).currencies.get(code, code))


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
    return list(_zone_names())


@lru_cache(maxsize=1)
def _zone_names() -> tuple[str, ...]:
    """Read from some hundred files, so once."""
    known = available_timezones()
    return tuple(sorted(name for name in known if "/" in name and not name.startswith(("Etc/", "SystemV/"))))


def _wanted_locale() -> str | None:
    if not has_request_context():
        return None
    person = g.get("viewer") or g.get("person")
    chosen = (
        (person.locale if person is not None else None) or request.args.get("lang") or cookie.get("locale")
    )
    offered = offered_locales()
    if chosen in offered:
        return str(chosen)
    return request.accept_languages.best_match(list(offered)) or default_locale()


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
    app.jinja_env.globals.update(gettext=gettext_in_text, _=gettext_in_text)


def gettext_in_text(message: str, /, **values: Any) -> str:
    """What ``_`` is in a template of plain text, such as a mail."""
    said = _spoken().said(message)
    return _one_stop(said % values) if "%" in said else said


def gettext_in_html(message: str, /, **values: Any) -> Markup:
    """What ``_`` is on a page: a translation may hold markup, what is filled in may not (core/compiling.py)."""
    said = _spoken().in_html(message)
    return _one_stop(said % values) if "%" in said else said


def _said(how: str) -> Callable[..., str]:
    """What a template calls, such as ``gettext``: the same of the catalogue that is spoken then."""
    return lambda *words: cast(str, getattr(_spoken().catalogue, how)(*words))
