"""The clicks that a visitor carries along."""

from datetime import UTC, datetime, timedelta

import pytest

from referrals.touches import MOST, Touch, carried, in_order_of_credit, parse, written

pytestmark = pytest.mark.pure

NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
A, B = "aaaaaaaaaa", "bbbbbbbbbb"


def test_what_is_written_is_read_again_the_earliest_first():
    touches = (Touch(NOW - timedelta(days=9), B), Touch(NOW - timedelta(days=1), A))
    assert parse(written(touches), now=NOW, days=90) == touches


def test_a_bare_token_was_clicked_now_and_nonsense_is_left_out():
    assert parse(f"{A}~<script>~{B}.x~~{A.upper()}", now=NOW, days=90) == (Touch(NOW, A),)
    assert parse(None, now=NOW, days=90) == ()


def test_what_is_older_than_the_days_does_not_count_and_the_future_is_now():
    old, ahead = NOW - timedelta(days=91), NOW + timedelta(days=3)
    assert parse(written([Touch(old, A), Touch(ahead, B)]), now=NOW, days=90) == (Touch(NOW, B),)


def test_of_many_clicks_the_first_and_the_latest_are_carried():
    touches = [Touch(NOW + timedelta(minutes=number), A) for number in range(40)]
    kept = carried(touches)
    assert len(kept) == MOST
    assert (kept[0], kept[-1]) == (touches[0], touches[-1])


def test_the_setting_says_whether_the_first_or_the_last_click_counts():
    assert in_order_of_credit([1, 2, 3], first=True) == [1, 2, 3]
    assert in_order_of_credit([1, 2, 3], first=False) == [3, 2, 1]
