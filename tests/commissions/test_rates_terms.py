"""Terms end on the calendar of the programme, and holds by the clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissions.rates import Pair, add_months, available_at, months_between, term_ends_at
from commissions.rates.terms import is_within_term

BERLIN = ZoneInfo("Europe/Berlin")
moments = st.datetimes(datetime(2001, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("first", "months", "end"),
    [
        (utc(2026, 1, 31, 12), 3, utc(2026, 4, 30, 12)),
        (utc(2026, 1, 31, 12), 1, utc(2026, 2, 28, 12)),
        (utc(2028, 1, 31, 12), 1, utc(2028, 2, 29, 12)),
        (utc(2028, 2, 29, 12), 12, utc(2029, 2, 28, 12)),
        (utc(2026, 11, 15), 3, utc(2027, 2, 15)),
    ],
)
def test_a_term_ends_on_the_same_day_or_the_months_last(first: datetime, months: int, end: datetime) -> None:
    assert term_ends_at(Pair(first), end, months) == end
    assert is_within_term(Pair(first), end - timedelta(microseconds=1), months)
    assert not is_within_term(Pair(first), end, months)


def test_the_programmes_own_calendar_counts() -> None:
    """In Berlin this first sale is on 1 February at 00:30, so a month later is 1 March at 00:30."""
    first = utc(2026, 1, 31, 23, 30)
    assert add_months(first, 1, BERLIN) == utc(2026, 2, 28, 23, 30)
    assert add_months(first, 1) == utc(2026, 2, 28, 23, 30)
    assert add_months(first, 3, BERLIN) == utc(2026, 4, 30, 22, 30)


def test_summer_time_keeps_the_hour_of_the_wall() -> None:
    assert add_months(utc(2026, 2, 15, 11), 2, BERLIN) == utc(2026, 4, 15, 10)


def test_without_a_term_it_pays_for_ever() -> None:
    assert is_within_term(Pair(utc(2000, 1, 1)), utc(2099, 1, 1), None)


@given(moments, st.integers(0, 240))
def test_months_between_counts_what_add_months_adds(first: datetime, months: int) -> None:
    later = add_months(first, months)
    assert months_between(first, later) == months
    assert months_between(first, later - timedelta(microseconds=1)) == max(0, months - 1)


def test_a_hold_is_days_after_the_money_was_received() -> None:
    received = utc(2026, 3, 1, 10, 0, 5)
    assert available_at(received, 30) == utc(2026, 3, 31, 10, 0, 5)
    assert available_at(received, 30, refund_window_days=45) == utc(2026, 4, 15, 10, 0, 5)
    assert available_at(received, 30, refund_window_days=14) == utc(2026, 3, 31, 10, 0, 5)
    in_berlin = received.astimezone(BERLIN)
    assert available_at(in_berlin, 30) == utc(2026, 3, 31, 10, 0, 5)
