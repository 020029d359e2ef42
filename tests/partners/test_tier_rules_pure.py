"""Tiers as pure rules: which is earned, what follows today, what is about to be lost, the way up."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from partners.operations.scores import place_among
from partners.tiers.deciding import (
    Asked,
    Hold,
    Move,
    Review,
    earned_tier,
    is_met,
    next_step,
    review_day,
    wanted_tier,
)
from partners.tiers.foresight import foresee
from partners.tiers.windows import Period, Span, Window

pytestmark = pytest.mark.pure

RANKS = ["registered", "silver", "gold", "platinum"]
TODAY = date(2026, 3, 2)


def asked(tier: str, value: int, needed: int, number: int = 1, **more: object) -> Asked:
    return Asked(number, tier, value, needed, value >= needed, **more)  # type: ignore[arg-type]


def test_the_highest_tier_whose_requirements_are_all_met_is_earned() -> None:
    rows = [asked("silver", 2, 1), asked("gold", 5, 4), asked("gold", 1, 2), asked("platinum", 0, 9)]
    assert earned_tier(RANKS, rows) == "silver"


def test_a_higher_tier_that_asks_for_nothing_is_given_by_hand_only() -> None:
    assert earned_tier(RANKS, []) == "registered"
    assert earned_tier(RANKS, [asked("silver", 1, 1)]) == "silver"


def test_what_could_not_be_measured_is_not_met() -> None:
    assert not is_met(None, 240, at_most=True)
    assert not is_met(None, 1, at_most=False)
    assert is_met(0, 240, at_most=True)


def test_a_floor_lifts_and_an_exact_hold_fixes_until_its_last_day() -> None:
    floor, exact = Hold("gold", False, TODAY), Hold("silver", True, TODAY)
    assert wanted_tier(RANKS, "registered", floor, TODAY) == "gold"
    assert wanted_tier(RANKS, "platinum", floor, TODAY) == "platinum"
    assert wanted_tier(RANKS, "platinum", exact, TODAY) == "silver"
    assert wanted_tier(RANKS, "registered", floor, TODAY + timedelta(days=1)) == "registered"


def step(current: str, wanted: str, **more: object) -> Move:
    about = {"grace_ends": None, "today": TODAY, "grace_days": 60, "moves_up_today": True} | more
    return next_step(RANKS, current, wanted, **about).move  # type: ignore[arg-type]


def test_nobody_falls_before_the_announced_grace_is_over() -> None:
    assert step("gold", "silver") is Move.WARN
    assert step("gold", "silver", grace_ends=TODAY + timedelta(days=1)) is Move.NONE
    assert step("gold", "silver", grace_ends=TODAY) is Move.NONE
    assert step("gold", "silver", grace_ends=TODAY - timedelta(days=1)) is Move.DOWN


def test_whoever_meets_it_again_is_told_so_and_up_waits_for_the_review() -> None:
    assert step("gold", "gold", grace_ends=TODAY) is Move.RECOVER
    assert step("silver", "gold") is Move.UP
    assert step("silver", "gold", moves_up_today=False) is Move.NONE


def test_review_days_are_firsts_of_months_and_quarters() -> None:
    assert review_day(Review.AT_ONCE, TODAY) == TODAY
    assert review_day(Review.MONTH, TODAY) == date(2026, 4, 1)
    assert review_day(Review.QUARTER, TODAY) == date(2026, 4, 1)
    assert review_day(Review.QUARTER, date(2026, 12, 5)) == date(2027, 1, 1)
    assert review_day(Review.MONTH, date(2026, 4, 1)) == date(2026, 4, 1)


@given(
    some.integers(0, 3),
    some.integers(0, 3),
    some.one_of(some.none(), some.integers(-90, 90)),
    some.integers(0, 90),
    some.booleans(),
)
def test_a_step_never_lowers_a_firm_without_a_grace_that_has_ended(
    here: int, there: int, ends: int | None, grace: int, up: bool
) -> None:
    grace_ends = None if ends is None else TODAY + timedelta(days=ends)
    taken = next_step(
        RANKS, RANKS[here], RANKS[there],
        grace_ends=grace_ends, today=TODAY, grace_days=grace, moves_up_today=up,
    )  # fmt: skip
    if taken.move is Move.DOWN:
        assert there < here
        assert (grace_ends is not None and grace_ends < TODAY) or (grace_ends is None and grace == 0)
    if taken.move is Move.UP:
        assert there > here and up


def test_windows_hold_whole_days() -> None:
    assert Span(Window.ROLLING, 30).periods(TODAY, 1) == [Period(date(2026, 2, 1), date(2026, 3, 3))]
    assert Span(Window.LIFETIME).periods(TODAY, 1) == [Period(None, date(2026, 3, 3))]


def test_a_programme_year_counts_until_the_end_of_the_next() -> None:
    this, last = Span(Window.YEAR).periods(TODAY, 4)
    assert this == Period(date(2025, 4, 1), date(2026, 3, 3), date(2027, 4, 1))
    assert last == Period(date(2024, 4, 1), date(2025, 4, 1), date(2026, 4, 1))


def seen(current: str, rows: list[Asked], **more: object) -> object:
    about = {"grace_ends": None, "hold": None, "today": TODAY, "grace_days": 60} | more
    return foresee(RANKS, current, rows, **about)  # type: ignore[arg-type]


def test_foresight_says_when_a_tier_is_lost_why_and_what_remains() -> None:
    rows = [
        asked("silver", 4, 1, 1),
        asked("gold", 4, 4, 2, lapses_on=date(2026, 3, 13), remains=2),
        asked("gold", 9, 3, 3),
    ]
    loss = seen("gold", rows).loss  # type: ignore[attr-defined]
    assert (loss.lapses_on, loss.lost_on, loss.falls_to) == (date(2026, 3, 13), date(2026, 5, 12), "silver")
    assert [(gap.requirement, gap.missing) for gap in loss.because] == [(2, 2)]


def test_the_shortest_way_up_is_the_tier_with_the_least_missing() -> None:
    rows = [
        asked("silver", 1, 1, 1),
        asked("gold", 3, 4, 2),
        asked("gold", 59, 100, 3),
        asked("platinum", 0, 9, 4),
    ]
    up = seen("silver", rows).up  # type: ignore[attr-defined]
    assert up.tier == "gold"
    assert [(gap.requirement, gap.missing) for gap in up.gaps] == [(2, 1), (3, 41)]


def test_a_tier_that_lacks_hardly_anything_is_the_way_up_even_above_the_next() -> None:
    rows = [asked("silver", 1, 1, 1), asked("gold", 0, 4, 2), asked("platinum", 8, 9, 4)]
    up = seen("silver", rows).up  # type: ignore[attr-defined]
    assert up.tier == "platinum"
    assert [(gap.requirement, gap.missing) for gap in up.gaps] == [(4, 1)]


def test_nothing_that_runs_out_is_said_as_such() -> None:
    kept = seen("silver", [asked("silver", 5, 1)])
    assert kept.loss is None  # type: ignore[attr-defined]
    assert kept.looks_until == TODAY + timedelta(days=365)  # type: ignore[attr-defined]


def test_a_hold_moves_the_loss_behind_its_last_day() -> None:
    hold = Hold("gold", False, date(2026, 9, 30))
    loss = seen("gold", [asked("gold", 1, 4)], hold=hold).loss  # type: ignore[attr-defined]
    assert loss.lost_on == date(2026, 9, 30) + timedelta(days=60)


def test_a_place_is_the_share_of_others_that_do_less_well() -> None:
    assert place_among([1, 2, 3, 4, 5, 6], 6, less_is_better=False) == 100
    assert place_among([1, 2, 3, 4, 5, 6], 1, less_is_better=False) == 0
    assert place_among([1, 2, 3, 4, 5, 6], 1, less_is_better=True) == 100
    assert place_among([1, 2, 3], 3, less_is_better=False) is None
