"""What an estimate comes to: exact, and the same for any order of its lines."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referrals.estimates import Line, services_to_commission, totals

pytestmark = pytest.mark.pure

KINDS = ("licence", "implementation", "training", "hosting")
lines = st.lists(
    st.builds(
        Line,
        kind=st.sampled_from(KINDS),
        quantity=st.decimals("0.01", "10000", places=2),
        unit_price_minor=st.integers(0, 10**9),
        discount_percent=st.decimals("0", "100", places=2),
        charged=st.sampled_from(["once", "month", "year"]),
    ),
    max_size=12,
)
shares = st.decimals("0.1", "100", places=1)


@given(lines, st.randoms())
def test_the_totals_are_the_sum_of_the_lines_in_any_order(given_lines: list[Line], chance: object) -> None:
    sums = totals(given_lines)
    assert sums.total_minor == sum(line.year_minor for line in given_lines)
    assert totals(reversed(given_lines)) == sums
    assert 0 <= sums.again_minor <= sums.total_minor


@given(lines)
def test_a_line_is_rounded_half_up_once_for_each_charge(given_lines: list[Line]) -> None:
    for line in given_lines:
        exact = (
            Fraction(line.quantity) * line.unit_price_minor * (100 - Fraction(line.discount_percent)) / 100
        )
        assert abs(line.charge_minor - exact) <= Fraction(1, 2)


@given(lines, shares)
def test_with_the_services_it_asks_for_the_share_is_reached_and_with_one_less_it_is_not(
    given_lines: list[Line], share: Decimal
) -> None:
    sums = totals(given_lines)
    missing = sums.services_to_add(share)
    added = totals([*given_lines, Line("training", Decimal(1), missing)])
    assert added.is_within(share)
    assert (missing == 0) == sums.is_within(share)
    if missing > 0:
        almost = totals([*given_lines, Line("training", Decimal(1), missing - 1)])
        assert not almost.is_within(share)
    if added.total_minor:
        assert added.licence_share is not None
        assert added.licence_share * 100 <= Fraction(share)


def test_at_ten_per_cent_the_services_are_nine_times_the_licence() -> None:
    sums = totals([Line("licence", Decimal(1), 6048_00), Line("implementation", Decimal(1), 40_040_00)])
    assert sums.services_needed(Decimal(10)) == 9 * 6048_00
    assert sums.services_to_add(Decimal(10)) == 14_392_00


def test_a_month_counts_twelve_times_and_comes_again() -> None:
    sums = totals(
        [Line("hosting", Decimal(1), 180_00, charged="month"), Line("training", Decimal(2), 500_00)]
    )
    assert sums.total_minor == 12 * 180_00 + 1000_00
    assert sums.again_minor == 12 * 180_00


def test_without_commission_there_is_nothing_to_compare() -> None:
    assert services_to_commission(100, 0) is None
    assert services_to_commission(300, 100) == 3
