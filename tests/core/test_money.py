"""Money is exact: whole minor units, one currency a sum, half up, and parts that sum to the whole."""

from decimal import Decimal
from fractions import Fraction

import pytest
from babel.numbers import get_currency_precision
from hypothesis import given
from hypothesis import strategies as st

from core.money import (
    LIMIT,
    CurrencyMismatch,
    InvalidAmount,
    Money,
    MoneyError,
    allocate,
    currencies,
    decimal_text,
    exponent,
    half_up,
    half_up_ratio,
    minor_from_decimal_text,
)

amounts = st.integers(min_value=-(10**14), max_value=10**14)
weights = st.lists(st.integers(min_value=0, max_value=10**6), min_size=1, max_size=8).filter(any)


@pytest.mark.parametrize("value", [True, 1.0, Decimal(1), "1", None])
def test_an_amount_is_an_integer_and_nothing_like_it(value: object) -> None:
    with pytest.raises(TypeError):
        Money(value, "EUR")  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [LIMIT, -LIMIT])
def test_an_amount_beyond_the_limit_is_refused(value: int) -> None:
    with pytest.raises(MoneyError):
        Money(value, "EUR")
    assert Money(LIMIT - 1, "EUR").amount_minor == LIMIT - 1


@pytest.mark.parametrize("currency", ["eur", "EURO", "", "XXX", "DEM"])
def test_a_currency_is_one_of_iso_4217_in_use(currency: str) -> None:
    with pytest.raises(MoneyError):
        Money(1, currency)


@pytest.mark.parametrize(
    ("currency", "digits"),
    [
        *(("EUR", 2), ("USD", 2), ("RUB", 2), ("HUF", 2), ("RSD", 2), ("ALL", 2)),
        *(("JPY", 0), ("KRW", 0), ("ISK", 0)),
        *(("KWD", 3), ("BHD", 3), ("TND", 3), ("IQD", 3)),
    ],
)
def test_exponents_are_those_of_iso_4217(currency: str, digits: int) -> None:
    assert exponent(currency) == digits


def test_only_the_listed_currencies_differ_from_what_people_print() -> None:
    unlike = {code for code in currencies() if exponent(code) != get_currency_precision(code)}
    assert unlike == {
        *("AFN", "ALL", "IQD", "IRR", "KPW", "LAK", "LBP", "MGA", "MMK", "RSD", "SOS", "SYP", "YER")
    }


def test_sums_and_comparisons_stay_within_one_currency() -> None:
    five, two = Money(500, "EUR"), Money(200, "EUR")
    assert five + two == Money(700, "EUR")
    assert two - five == Money(-300, "EUR")
    assert -five == Money(-500, "EUR")
    assert two < five and two <= five and five > two and five >= two
    assert bool(five) and not Money(0, "EUR")
    dollars = Money(200, "USD")
    assert two != dollars
    for refused in (
        lambda: five + dollars,
        lambda: five - dollars,
        lambda: five < dollars,
        lambda: five >= dollars,
    ):
        with pytest.raises(CurrencyMismatch):
            refused()


def test_a_sum_beyond_the_limit_is_refused() -> None:
    with pytest.raises(MoneyError):
        Money(LIMIT - 1, "EUR") + Money(1, "EUR")


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("20", "EUR", 2000),
        ("20.5", "EUR", 2050),
        ("20.05", "EUR", 2005),
        ("-0.01", "EUR", -1),
        ("0", "EUR", 0),
        ("1500", "JPY", 1500),
        ("1.234", "KWD", 1234),
    ],
)
def test_decimal_text_is_read_exactly(text: str, currency: str, minor: int) -> None:
    assert Money.from_decimal_text(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("text", "currency", "reason"),
    [
        ("", "EUR", InvalidAmount.NOT_A_NUMBER),
        ("1,000", "EUR", InvalidAmount.NOT_A_NUMBER),
        ("1e3", "EUR", InvalidAmount.NOT_A_NUMBER),
        (".5", "EUR", InvalidAmount.NOT_A_NUMBER),
        ("5.", "EUR", InvalidAmount.NOT_A_NUMBER),
        ("+5", "EUR", InvalidAmount.NOT_A_NUMBER),
        ("NaN", "EUR", InvalidAmount.NOT_A_NUMBER),
        ("٥", "EUR", InvalidAmount.NOT_A_NUMBER),
        ("5\n", "EUR", InvalidAmount.NOT_A_NUMBER),
        ("10.005", "EUR", InvalidAmount.TOO_MANY_DECIMALS),
        ("10.0", "JPY", InvalidAmount.TOO_MANY_DECIMALS),
        ("10000000000000", "EUR", InvalidAmount.TOO_LARGE),
    ],
)
def test_a_text_that_is_no_amount_says_why(text: str, currency: str, reason: str) -> None:
    with pytest.raises(InvalidAmount) as refusal:
        minor_from_decimal_text(text, currency)
    assert refusal.value.reason == reason


@pytest.mark.parametrize(
    ("minor", "currency", "plain", "grouped"),
    [
        (205000, "EUR", "2050.00", "2,050.00"),
        (-5, "EUR", "-0.05", "-0.05"),
        (1234567, "JPY", "1234567", "1,234,567"),
        (1234567, "KWD", "1234.567", "1,234.567"),
    ],
)
def test_decimal_text_is_plain(minor: int, currency: str, plain: str, grouped: str) -> None:
    assert Money(minor, currency).decimal_text() == plain
    assert decimal_text(minor, currency, thousands=",") == grouped


@given(amounts, st.sampled_from(["EUR", "JPY", "KWD"]))
def test_decimal_text_and_back_is_the_same(minor: int, currency: str) -> None:
    assert Money.from_decimal_text(Money(minor, currency).decimal_text(), currency).amount_minor == minor


@pytest.mark.parametrize(
    ("exact", "rounded"),
    [
        ("34.5", 35),
        ("34.49", 34),
        ("0.5", 1),
        ("0.4", 0),
        ("-0.4", 0),
        ("-0.5", -1),
        ("-34.5", -35),
        ("72.5", 73),
    ],
)
def test_halves_go_up_by_magnitude(exact: str, rounded: int) -> None:
    assert half_up(Fraction(exact)) == rounded


@given(st.fractions(max_denominator=10**6))
def test_rounding_mirrors_and_is_never_more_than_a_half_away(exact: Fraction) -> None:
    assert abs(half_up(exact) - exact) <= Fraction(1, 2)
    assert half_up(-exact) == -half_up(exact)
    assert half_up_ratio(exact.numerator * 6, exact.denominator * 6) == half_up(exact)


@pytest.mark.parametrize(
    ("total", "parts_of", "parts"),
    [
        (9999, [90, 10], [8999, 1000]),
        (5, [90, 10], [5, 0]),
        (101, [50, 30, 20], [51, 30, 20]),
        (1, [1, 1], [1, 0]),
        (-1, [1, 1], [-1, 0]),
        (-101, [50, 30, 20], [-51, -30, -20]),
        (0, [1, 2], [0, 0]),
        (100, [0, 1, 0], [0, 100, 0]),
        (100, [Fraction(1, 3), Fraction(2, 3)], [33, 67]),
        (70, [100, -30], [100, -30]),
        (35, [100, -30], [50, -15]),
    ],
)
def test_a_whole_is_divided_by_largest_remainder(
    total: int, parts_of: list[int | Fraction], parts: list[int]
) -> None:
    assert allocate(total, parts_of) == parts


@given(amounts, weights)
def test_parts_sum_to_the_whole_and_each_is_within_one_unit(total: int, parts_of: list[int]) -> None:
    parts = allocate(total, parts_of)
    assert sum(parts) == total
    for part, weight in zip(parts, parts_of, strict=True):
        assert abs(part - Fraction(total * weight, sum(parts_of))) < 1
        assert part == 0 or weight
    assert allocate(-total, parts_of) == [-part for part in parts]


@given(st.integers(min_value=0, max_value=1000), st.lists(st.integers(-500, 1000), min_size=1, max_size=6))
def test_signed_weights_never_give_a_part_beyond_its_own_weight(total: int, parts_of: list[int]) -> None:
    if sum(parts_of) < max(1, total):
        return
    parts = allocate(total, parts_of)
    assert sum(parts) == total
    for part, weight in zip(parts, parts_of, strict=True):
        assert min(0, weight) <= part <= max(0, weight)


@pytest.mark.parametrize("parts_of", [[], [0, 0], [1, -1], [-5]])
def test_weights_need_a_positive_sum(parts_of: list[int]) -> None:
    with pytest.raises(MoneyError):
        allocate(10, parts_of)


def test_weights_are_never_floats() -> None:
    with pytest.raises(TypeError):
        allocate(10, [0.9, 0.1])  # type: ignore[list-item]
