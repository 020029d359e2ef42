"""Money: whole minor units of one currency, and the few exact operations everything else is made of.

Three rules hold wherever there is money:

- An amount is an ``int`` of minor units beside an ISO 4217 code. ``bool``, ``float`` and ``Decimal`` are
  refused.
- Rounding is *half up by magnitude*: 0.5 becomes 1 and -0.5 becomes -1, so that what takes back an amount
  mirrors what granted it.
- A whole is divided by *largest remainder*: every part is within one unit of its exact share, and the parts
  sum to the whole.

How money is printed for a reader is a matter of language, and not of this module.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import lcm
from typing import Self

from babel.core import get_global
from babel.numbers import get_currency_precision

LIMIT = 10**15
"""Amounts lie strictly between minus and plus this: it fits a BIGINT a thousand times over."""

# CLDR tells how many decimals people print; ISO 4217 tells what the minor unit is. Here they differ.
_ISO_DIGITS_UNLIKE_CLDR = {
    **dict.fromkeys(("AFN", "ALL", "IRR", "KPW", "LAK", "LBP", "MGA", "MMK", "RSD", "SOS", "SYP", "YER"), 2),
    "IQD": 3,
}

_DECIMAL = re.compile(r"(?P<sign>-?)(?P<whole>[0-9]{1,20})(?:\.(?P<part>[0-9]{1,20}))?")


class MoneyError(ValueError):
    """A sum that must not be made, or a text that is no amount."""


class CurrencyMismatch(MoneyError):
    """Two currencies met in one sum."""


class InvalidAmount(MoneyError):
    """A text that is no amount of its currency; ``reason`` is one of the constants of this class."""

    NOT_A_NUMBER = "not_a_number"
    TOO_MANY_DECIMALS = "too_many_decimals"
    TOO_LARGE = "too_large"

    def __init__(self, reason: str, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


@cache
def currencies() -> frozenset[str]:
    """Every ISO 4217 code that is legal tender somewhere today."""
    histories: Iterable[Iterable[tuple[str, object, object, bool]]] = get_global(
        "territory_currencies"
    ).values()
    return frozenset(
        code
        for history in histories
        for code, _since, until, is_tender in history
        if until is None and is_tender
    )


@cache
def exponent(currency: str) -> int:
    """How many decimals ISO 4217 gives the currency: 2 for EUR, 0 for JPY, 3 for KWD."""
    if currency not in currencies():
        raise MoneyError(f"{currency!r} is not a currency of ISO 4217.")
    return _ISO_DIGITS_UNLIKE_CLDR.get(currency, get_currency_precision(currency))


def whole(value: object, what: str = "An amount") -> int:
    """``value`` itself, if it is an ``int`` within the limit; ``bool``, ``float`` and ``Decimal`` are
    refused."""
    if type(value) is not int:
        raise TypeError(f"{what} is a whole number of minor units, not {value!r}.")
    if not -LIMIT < value < LIMIT:
        raise MoneyError(f"{what} of {value} is beyond the limit of {LIMIT}.")
    return value


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of one currency. Sums and comparisons are defined within one currency only."""

    amount_minor: int
    currency: str

    def __post_init__(self) -> None:
        whole(self.amount_minor)
        exponent(self.currency)

    @classmethod
    def from_decimal_text(cls, text: str, currency: str) -> Self:
        """``"20.5"`` in EUR as 2050 minor units. Digits with one point, no more decimals than the currency
        has."""
        return cls(minor_from_decimal_text(text, currency), currency)

    def decimal_text(self) -> str:
        """``2050`` in EUR as ``"20.50"``: plain, for files and machines."""
        return decimal_text(self.amount_minor, self.currency)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount_minor + self._amount_of(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount_minor - self._amount_of(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount_minor, self.currency)

    def __bool__(self) -> bool:
        return self.amount_minor != 0

    def __lt__(self, other: "Money") -> bool:
        return self.amount_minor < self._amount_of(other)

    def __le__(self, other: "Money") -> bool:
        return self.amount_minor <= self._amount_of(other)

    def __gt__(self, other: "Money") -> bool:
        return self.amount_minor > self._amount_of(other)

    def __ge__(self, other: "Money") -> bool:
        return self.amount_minor >= self._amount_of(other)

    def _amount_of(self, other: "Money") -> int:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} can't be in one sum.")
        return other.amount_minor


def minor_from_decimal_text(text: str, currency: str) -> int:
    """``"20.5"`` in EUR as 2050; :class:`InvalidAmount` says what is wrong with the text."""
    digits = exponent(currency)
    found = _DECIMAL.fullmatch(text)
    if found is None:
        raise InvalidAmount(
            InvalidAmount.NOT_A_NUMBER, f"{text!r} is not an amount: write digits and at most one point."
        )
    part = found["part"] or ""
    if len(part) > digits:
        raise InvalidAmount(
            InvalidAmount.TOO_MANY_DECIMALS,
            f"{text!r} has more decimals than {currency}, which has {digits}.",
        )
    amount = int(found["whole"] + part.ljust(digits, "0"))
    if amount >= LIMIT:
        raise InvalidAmount(InvalidAmount.TOO_LARGE, f"{text!r} is more than can be booked.")
    return -amount if found["sign"] else amount


def decimal_text(amount_minor: int, currency: str, *, thousands: str = "") -> str:
    """``-205000`` in EUR as ``"-2050.00"``, or ``"-2,050.00"`` with ``thousands=","``."""
    digits = exponent(currency)
    sign = "-" if amount_minor < 0 else ""
    units, part = divmod(abs(amount_minor), 10**digits)
    grouped = f"{units:,}".replace(",", thousands)
    return f"{sign}{grouped}.{part:0{digits}d}" if digits else f"{sign}{grouped}"


def half_up(exact: Fraction) -> int:
    """``exact`` rounded to a whole unit, halves away from zero: 34.5 is 35, -34.5 is -35."""
    return half_up_ratio(exact.numerator, exact.denominator)


def half_up_ratio(numerator: int, denominator: int) -> int:
    """:func:`half_up` of ``numerator / denominator`` (positive), without making a ``Fraction``: for the
    bulk."""
    if numerator < 0:
        return -((denominator - 2 * numerator) // (2 * denominator))
    return (2 * numerator + denominator) // (2 * denominator)


def allocate(total: int, weights: Sequence[int | Fraction]) -> list[int]:
    """``total`` in parts by largest remainder, ties by the order of ``weights``; a negative total mirrors a
    positive one.

    The parts sum to ``total``, each is less than one unit away from its exact share, a weight of 0 gets 0. A
    weight may be negative (a line that takes something back); their sum must be positive.
    """
    if total < 0:
        return [-part for part in allocate(-total, weights)]
    return list(allocation(_as_integers(weights))(total))


def allocation(weights: Sequence[int]) -> Callable[[int], Sequence[int]]:
    """:func:`allocate` by weights that are whole numbers already, for totals of 0 or more: made once and asked
    often, for the bulk."""
    over = sum(weights)
    if over <= 0:
        raise MoneyError("The weights must have a positive sum.")
    if len(weights) == 2:
        return _in_two(weights[0], over)

    def in_parts(total: int) -> list[int]:
        parts = [total * weight // over for weight in weights]
        left = total - sum(parts)
        if left:
            by_remainder = sorted(range(len(weights)), key=lambda index: -(total * weights[index] % over))
            for index in by_remainder[:left]:
                parts[index] += 1
        return parts

    return in_parts


def _in_two(weight: int, over: int) -> Callable[[int], tuple[int, int]]:
    def in_two(total: int) -> tuple[int, int]:
        first, rest = divmod(total * weight, over)
        if 2 * rest >= over:
            first += 1
        return first, total - first

    return in_two


def _as_integers(weights: Sequence[int | Fraction]) -> list[int]:
    for weight in weights:
        if type(weight) is not int and type(weight) is not Fraction:
            raise TypeError(f"A weight is a whole number or a fraction, not {weight!r}.")
    common = lcm(*(weight.denominator for weight in weights))
    return [weight.numerator * (common // weight.denominator) for weight in weights]
