"""Whole numbers as texts write them: the digits 0 to 9, and nothing else that ``int()`` would take."""

import pytest

from core.digits import number_in, numbers_in

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("7", 7), ("007", 7), ("9" * 18, 10**18 - 1)])
def test_digits_are_a_number(text, number):
    assert number_in(text) == number


@pytest.mark.parametrize(
    "text", [None, "", " 7", "7 ", "-7", "+7", "1_000", "1.0", "²", "١", "７", "x", "1" * 19, "1" * 5000]
)
def test_nothing_else_is_one(text):
    assert number_in(text) is None


def test_a_number_can_be_asked_to_be_shorter():
    assert number_in("2026", most_digits=4) == 2026
    assert number_in("20260", most_digits=4) is None


def test_numbers_among_texts_keep_their_order():
    assert numbers_in(["3", "x", "", "1", "²", "1"]) == [3, 1, 1]
