"""Marks stand where the numbers say, inside the drawing, whatever the numbers are."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.charts import bars_of, gauge_of, line_of, nice_top

amounts = st.integers(min_value=0, max_value=10**12)


@pytest.mark.parametrize(
    ("highest", "top"),
    [(0, "1"), (1, "1"), (15_560, "16000"), (1_600, "1600"), (7, "8"), (101, "120"), (99, "100")],
)
def test_the_scale_ends_at_a_round_number(highest: int, top: str) -> None:
    assert nice_top(highest) == Decimal(top)


@given(amounts)
def test_nothing_is_higher_than_the_scale(highest: int) -> None:
    assert highest <= nice_top(highest) <= max(2 * highest, 1)


@given(st.lists(st.tuples(amounts, amounts), min_size=1, max_size=36))
def test_bars_stay_inside_the_drawing_and_on_their_ground(values: list[tuple[int, int]]) -> None:
    names = [str(number) for number in range(len(values))]
    drawn = bars_of(names, [[one for one, _two in values], [two for _one, two in values]])
    for bar in drawn.bars:
        assert drawn.left <= bar.x and bar.x + bar.width <= drawn.width + 0.1
        assert bar.y >= 19.9 and bar.y + bar.height <= 160.1


def test_the_tallest_stack_reaches_the_line_that_says_so() -> None:
    drawn = bars_of(["1"], [[6], [10]])
    assert drawn.rules[0].value == 16
    assert min(bar.y for bar in drawn.bars) == 20


def test_no_bar_is_drawn_for_nothing() -> None:
    assert bars_of(["1", "2"], [[0, 0]]).bars == ()
    assert bars_of([], [[]]).ticks == ()


@given(st.integers(min_value=1, max_value=60))
def test_the_first_and_the_last_name_are_always_written(count: int) -> None:
    names = [f"month {number}" for number in range(count)]
    ticks = bars_of(names, [[1] * count], width=320).ticks
    assert ticks[0].text == names[0]
    assert ticks[-1].text == names[-1]


def test_a_line_has_a_point_for_every_value() -> None:
    drawn = line_of(["a", "b", "c"], [[1, 2, 3], [3, 2, 1]])
    assert [len(points.split()) for points in drawn.lines] == [3, 3]
    assert len(drawn.ends) == 2


@pytest.mark.parametrize("value", [-5, 0, 13.1, 30, 400])
def test_a_gauge_never_leaves_its_scale(value: float) -> None:
    drawn = gauge_of(value, 10, 30)
    assert 0 <= drawn.value_x <= 280
    assert 0 <= drawn.text_x <= 280
