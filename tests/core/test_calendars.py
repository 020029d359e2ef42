"""Working time: hours, days, holidays, and the two nights a year when clocks jump."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendars import NeverOpen, WorkingCalendar, public_holidays, weekly

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = WorkingCalendar("Europe/Berlin", country="DE")


def berlin(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN)


def test_hours_given_on_friday_afternoon_end_on_monday() -> None:
    assert OFFICE.add_working_hours(berlin(20, 16), 8) == berlin(23, 15)


def test_hours_given_at_night_start_in_the_morning() -> None:
    assert OFFICE.add_working_hours(berlin(18, 23), 2) == berlin(19, 11)


def test_what_ends_at_closing_time_ends_then() -> None:
    assert OFFICE.add_working_hours(berlin(18, 16), 2) == berlin(18, 18)


def test_no_hours_at_all_is_the_next_opening() -> None:
    assert OFFICE.add_working_hours(berlin(21, 12), 0) == OFFICE.next_open(berlin(21, 12)) == berlin(23, 9)


def test_the_half_of_eight_hours_on_friday_is_monday_before_noon() -> None:
    assert OFFICE.half_time(berlin(20, 16), berlin(23, 15)) == berlin(23, 11)


def test_a_public_holiday_is_closed() -> None:
    assert not OFFICE.is_working_day(date(2026, 12, 25))
    assert OFFICE.add_working_hours(berlin(24, 17, month=12), 2) == berlin(28, 10, month=12)


def test_a_holiday_of_one_region_is_a_working_day_in_another() -> None:
    corpus_christi = date(2026, 6, 4)
    assert not WorkingCalendar("Europe/Berlin", country="DE", region="DE-BY").is_working_day(corpus_christi)
    assert WorkingCalendar("Europe/Berlin", country="DE", region="DE-HH").is_working_day(corpus_christi)


def test_russian_days_moved_by_decree_are_known() -> None:
    assert not WorkingCalendar("Europe/Moscow", country="RU").is_working_day(date(2026, 12, 31))


def test_an_unknown_country_or_region_has_only_what_is_known() -> None:
    assert public_holidays("ZZ", None, 2026) == frozenset()
    assert public_holidays("DE", "DE-XX", 2026) == public_holidays("DE", None, 2026)


def test_days_the_firm_itself_is_closed_do_not_count() -> None:
    shut = WorkingCalendar("Europe/Berlin", closed_on=frozenset({date(2026, 11, 19)}))
    assert shut.add_working_hours(berlin(18, 17), 2) == berlin(20, 10)


def test_three_working_days_keep_the_time_of_day() -> None:
    assert OFFICE.add_working_days(berlin(20, 15), 3) == berlin(25, 15)


def test_working_days_asked_on_a_weekend_start_on_monday_morning() -> None:
    assert OFFICE.add_working_days(berlin(21, 12), 1) == berlin(24, 9)


def test_a_working_day_that_closes_earlier_ends_the_count_at_its_closing() -> None:
    hours = (*weekly()[:4], ((time(9), time(14)),), (), ())
    assert WorkingCalendar("Europe/Berlin", hours).add_working_days(berlin(19, 17), 1) == berlin(20, 14)


def test_a_lunch_break_is_not_worked() -> None:
    with_lunch = tuple(((time(9), time(12)), (time(13), time(18))) for _ in range(7))
    calendar = WorkingCalendar("Europe/Berlin", with_lunch)
    assert calendar.add_working_hours(berlin(18, 11), 2) == berlin(18, 14)
    assert not calendar.is_open(berlin(18, 12, 30))


@pytest.mark.parametrize(("day", "month", "hours"), [(29, 3, 23), (25, 10, 25), (18, 11, 24)])
def test_a_day_is_as_long_as_it_really_is(day: int, month: int, hours: int) -> None:
    round_the_clock = WorkingCalendar("Europe/Berlin", weekly(time(0), time(0), range(7)))
    start = datetime(2026, month, day, tzinfo=BERLIN)
    assert round_the_clock.working_hours_between(start, start + timedelta(days=1)) == hours


def test_opening_within_the_hour_that_is_skipped_is_opening_at_the_jump() -> None:
    early = WorkingCalendar("Europe/Berlin", weekly(time(2, 30), time(4), range(7)))
    jump = datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert early.next_open(datetime(2026, 3, 29, tzinfo=BERLIN)) == jump
    assert early.working_hours_between(jump, jump + timedelta(hours=5)) == 1


def test_a_moment_without_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        OFFICE.next_open(datetime(2026, 11, 18, 9))  # noqa: DTZ001 - the very thing to refuse


def test_a_calendar_that_never_opens_is_refused() -> None:
    with pytest.raises(NeverOpen):
        WorkingCalendar(hours=weekly(days=()))
    closed = frozenset(date(2026, 1, 1) + timedelta(days=day) for day in range(900))
    with pytest.raises(NeverOpen):
        WorkingCalendar(closed_on=closed).next_open(datetime(2026, 2, 1, tzinfo=UTC))


def test_hours_that_close_before_they_open_are_refused() -> None:
    with pytest.raises(ValueError, match="closes after it opens"):
        WorkingCalendar(hours=weekly(time(18), time(9)))


zones = st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"])
hours = st.sampled_from(
    [
        weekly(),
        weekly(time(1), time(3), range(7)),
        weekly(time(0), time(0), range(7)),
        weekly(time(22), time(0)),
    ]
)
calendars = st.builds(
    WorkingCalendar, zone=zones, hours=hours, country=st.sampled_from([None, "DE", "RU", "US"])
)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 6, 1), timezones=st.just(UTC))  # noqa: DTZ001
amounts = st.integers(0, 4800).map(lambda minutes: minutes / 60)


@given(calendars, moments, amounts)
def test_what_was_added_lies_between(calendar: WorkingCalendar, start: datetime, amount: float) -> None:
    end = calendar.add_working_hours(start, amount)
    assert end >= start
    assert calendar.working_time_between(start, end) == timedelta(hours=amount)


@given(calendars, moments, amounts, amounts)
def test_more_hours_never_end_earlier(
    calendar: WorkingCalendar, start: datetime, one: float, other: float
) -> None:
    less, more = sorted((one, other))
    assert calendar.add_working_hours(start, less) <= calendar.add_working_hours(start, more)


@given(calendars, st.lists(moments, min_size=3, max_size=3))
def test_working_time_adds_up_and_reverses(calendar: WorkingCalendar, three: list[datetime]) -> None:
    first, second, third = three
    whole = calendar.working_time_between(first, third)
    parts = calendar.working_time_between(first, second) + calendar.working_time_between(second, third)
    assert whole == parts == -calendar.working_time_between(third, first)


@given(calendars, moments)
def test_the_next_opening_is_open_and_nothing_is_worked_before_it(
    calendar: WorkingCalendar, moment: datetime
) -> None:
    opening = calendar.next_open(moment)
    assert calendar.is_open(opening)
    assert not calendar.working_time_between(moment, opening)


@given(calendars, moments, amounts)
def test_half_time_leaves_as_much_as_has_gone(
    calendar: WorkingCalendar, start: datetime, amount: float
) -> None:
    due = calendar.add_working_hours(start, amount)
    half = calendar.half_time(start, due)
    assert calendar.working_time_between(start, half) * 2 == timedelta(hours=amount)
