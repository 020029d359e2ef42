"""Working time: when a firm is open, and how clocks run in its own hours, days and holidays."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import TypeAlias
from zoneinfo import ZoneInfo

MIDNIGHT = time(0)
ONE_DAY = timedelta(days=1)
LONGEST_CLOSURE = timedelta(days=400)
"""A calendar closed for longer than this will never open: a mistake, not a holiday."""

Hours: TypeAlias = int | float | Decimal
OpenTime: TypeAlias = tuple[time, time]
"""Opens and closes, on the wall clock. Closing at 00:00 is the end of the day."""

Week: TypeAlias = tuple[tuple[OpenTime, ...], ...]
"""Seven days from Monday; a day holds its open times in order, none when closed."""


class NeverOpen(ValueError):
    """The calendar has no working time ahead."""


def weekly(opens: time = time(9), closes: time = time(18), days: Iterable[int] = range(5)) -> Week:
    """The same hours on each of ``days`` (Monday is 0)."""
    open_days = frozenset(days)
    return tuple(((opens, closes),) if day in open_days else () for day in range(7))


OFFICE_HOURS = weekly()
"""Monday to Friday, nine to six."""


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """The working time of one firm. It takes aware moments only and answers in UTC.

    A working hour is an hour that really passes: where the clocks go forward the skipped hour is not worked.
    A weekend day that a country works in exchange for a weekday stays closed here, so that an error is always
    in favour of whoever the clock runs against.
    """

    zone: str = "UTC"
    hours: Week = OFFICE_HOURS
    country: str | None = None
    """ISO 3166-1 alpha-2; its public holidays are closed days, as far as they are known."""
    region: str | None = None
    """ISO 3166-2; adds the holidays of a state or province where they differ."""
    closed_on: frozenset[date] = frozenset()
    """Days the firm itself is closed."""

    def __post_init__(self) -> None:
        ZoneInfo(self.zone)
        if len(self.hours) != 7:
            raise ValueError("A week has seven days.")
        if not any(self.hours):
            raise NeverOpen("A calendar needs at least one open day a week.")
        for day in self.hours:
            minutes = [
                minute for opens, closes in day for minute in (_minute(opens), _minute(closes) or 1440)
            ]
            if any(later <= earlier for earlier, later in pairwise(minutes)):
                raise ValueError("Open times of a day follow each other, and each closes after it opens.")

    def is_working_day(self, day: date) -> bool:
        """Whether the firm opens at all on ``day``, which is a day of its own zone."""
        return bool(self._open_times(day))

    def is_open(self, moment: datetime) -> bool:
        """Whether it is working time; the closing moment itself no longer is."""
        moment = _in_utc(moment)
        return any(opens <= moment < closes for opens, closes in self._day(self._local(moment).date()))

    def next_open(self, moment: datetime) -> datetime:
        """``moment`` when it is working time, else the next opening."""
        moment = _in_utc(moment)
        opens, _ = next(self._spans(moment))
        return max(moment, opens)

    def add_working_hours(self, moment: datetime, hours: Hours) -> datetime:
        """The moment when ``hours`` of working time have passed since ``moment``.

        What ends exactly at closing time ends then, not at the next opening. No hours: the next opening.
        """
        return self._add(moment, timedelta(hours=float(hours)))

    def working_time_between(self, start: datetime, end: datetime) -> timedelta:
        """How much working time lies between two moments; negative when ``end`` is the earlier one."""
        start, end = _in_utc(start), _in_utc(end)
        if end < start:
            return -self.working_time_between(end, start)
        total = timedelta()
        day, last = self._local(start).date(), self._local(end).date()
        while day <= last:
            for opens, closes in self._day(day):
                total += max(timedelta(), min(closes, end) - max(opens, start))
            day += ONE_DAY
        return total

    def working_hours_between(self, start: datetime, end: datetime) -> float:
        """:meth:`working_time_between` in hours."""
        return self.working_time_between(start, end) / timedelta(hours=1)

    def add_working_days(self, moment: datetime, days: int) -> datetime:
        """The same time of day, ``days`` working days later.

        Outside working time the count starts at the next opening. Where the day it falls on opens later or
        closes earlier, the answer is its opening or closing.
        """
        if days < 0:
            raise ValueError("Working days are counted forwards.")
        start = self.next_open(moment)
        if days == 0:
            return start
        local = self._local(start)
        day = local.date()
        for _ in range(days):
            day = self._next_working_day(day)
        spans = list(self._day(day))
        return min(max(_instant(day, local.time(), ZoneInfo(self.zone)), spans[0][0]), spans[-1][1])

    def half_time(self, start: datetime, due: datetime) -> datetime:
        """When half of the working time between ``start`` and ``due`` is used up.

        Eight hours given on Friday at 16:00 end on Monday at 15:00; their half is Monday at 11:00, not
        Saturday night. So a reminder reaches people at work, with as much time left as has gone.
        """
        return self._add(start, self.working_time_between(start, due) / 2)

    def _add(self, moment: datetime, left: timedelta) -> datetime:
        if left < timedelta():
            raise ValueError("Working time is added, never taken away.")
        moment = _in_utc(moment)
        for opens, closes in self._spans(moment):
            begins = max(moment, opens)
            if left <= closes - begins:
                return begins + left
            left -= closes - begins
        raise AssertionError("Spans end only by raising NeverOpen.")

    def _spans(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The open spans not yet closed at ``moment``, for ever; raises :class:`NeverOpen` when none come."""
        day = self._local(moment).date()
        while True:
            for opens, closes in self._day(day):
                if closes > moment:
                    yield opens, closes
            day = self._next_working_day(day)

    def _next_working_day(self, day: date) -> date:
        last = day + LONGEST_CLOSURE
        while day < last:
            day += ONE_DAY
            if self._open_times(day):
                return day
        raise NeverOpen("This calendar does not open again.")

    def _open_times(self, day: date) -> tuple[OpenTime, ...]:
        if day in self.closed_on:
            return ()
        if self.country and day in public_holidays(self.country, self.region, day.year):
            return ()
        return self.hours[day.weekday()]

    def _day(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """The open spans of one local day, in UTC."""
        zone = ZoneInfo(self.zone)
        for opens, closes in self._open_times(day):
            closing_day = day + ONE_DAY if closes == MIDNIGHT else day
            start, end = _instant(day, opens, zone), _instant(closing_day, closes, zone)
            if start < end:
                yield start, end

    def _local(self, moment: datetime) -> datetime:
        return moment.astimezone(ZoneInfo(self.zone))


@lru_cache(maxsize=1024)
def public_holidays(country: str, region: str | None, year: int) -> frozenset[date]:
    """The public holidays of a country, or of one of its regions; none when we know nothing of it."""
    from holidays import country_holidays

    subdivision = region.partition("-")[2] if region else None
    for part in (subdivision, None) if subdivision else (None,):
        try:
            return frozenset(country_holidays(country.upper(), subdiv=part, years=year))
        except NotImplementedError:
            continue
    return frozenset()


def _minute(of: time) -> int:
    return of.hour * 60 + of.minute


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("A moment needs its time zone.")
    return moment.astimezone(UTC)


def _instant(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """The instant of a wall time: the first of two when clocks go back, the jump itself when they skip it."""
    first = datetime.combine(day, wall, zone).astimezone(UTC)
    second = datetime.combine(day, wall.replace(fold=1), zone).astimezone(UTC)
    if first <= second:
        return first
    before, after = second, first
    offset_after = after.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == offset_after:
            after = middle
        else:
            before = middle
    return after
