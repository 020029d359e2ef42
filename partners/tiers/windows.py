"""Over which time something is measured, and how it is compared."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from core.i18n import lazy_gettext, ngettext


class Window(StrEnum):
    """Rolling days; the programme year; everything ever.

    The programme year is the running one or the one before, whichever is better: what was reached in a year counts
    until the end of the next, so that nobody falls on the first morning of a year.
    """

    ROLLING = "rolling"
    YEAR = "year"
    LIFETIME = "lifetime"

    @property
    def label(self) -> Any:
        return _WINDOWS[self]


_WINDOWS = {
    Window.ROLLING: lazy_gettext("The last days"),
    Window.YEAR: lazy_gettext("Programme year, the running or the last one"),
    Window.LIFETIME: lazy_gettext("Ever"),
}


class Comparison(StrEnum):
    AT_LEAST = "at_least"
    AT_MOST = "at_most"

    @property
    def label(self) -> Any:
        return _COMPARISONS[self]


_COMPARISONS = {
    Comparison.AT_LEAST: lazy_gettext("at least"),
    Comparison.AT_MOST: lazy_gettext("at most"),
}


class Per(StrEnum):
    """The value is for the firm as a whole, or for each of its people."""

    FIRM = "firm"
    PERSON = "person"

    @property
    def label(self) -> Any:
        return _PER[self]


_PER = {Per.FIRM: lazy_gettext("for the firm"), Per.PERSON: lazy_gettext("for each of its people")}


@dataclass(frozen=True, order=True)
class Period:
    """Days from ``first`` (included) to ``end`` (not included); what counts in it counts until ``kept_until``.

    ``kept_until`` is ``None`` where it moves with each fact (a rolling window) or never comes (lifetime).
    """

    first: date | None
    end: date
    kept_until: date | None = None


@dataclass(frozen=True)
class Span:
    """A window, with its days when it rolls."""

    window: Window
    days: int | None = None

    def periods(self, today: date, year_starts: int) -> list[Period]:
        """The periods to measure on ``today``, of which the better one counts. ``year_starts`` is a month."""
        tomorrow = today + timedelta(days=1)
        if self.window is Window.LIFETIME:
            return [Period(None, tomorrow)]
        if self.window is Window.ROLLING:
            assert self.days is not None
            return [Period(tomorrow - timedelta(days=self.days), tomorrow)]
        this = year_of(today, year_starts)
        following = date(this.year + 1, year_starts, 1)
        before = date(this.year - 1, year_starts, 1)
        after = date(this.year + 2, year_starts, 1)
        return [Period(this, tomorrow, after), Period(before, this, following)]

    @property
    def label(self) -> str:
        """``the last 365 days``."""
        if self.window is Window.ROLLING:
            return ngettext("the last %(num)s day", "the last %(num)s days", self.days or 0)
        return str(_WINDOWS[self.window])


def year_of(day: date, starts: int) -> date:
    """The first day of the programme year that ``day`` lies in; ``starts`` is its first month."""
    return date(day.year if day.month >= starts else day.year - 1, starts, 1)
