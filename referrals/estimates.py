"""What an estimate comes to: totals, the licence share, and the services that would bring it to the programme's share.

Values in, values out. Rounding is half up, once a line. A line that is charged every month or year counts for its
first twelve months.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from core.money import half_up

Charged = Literal["once", "month", "year"]
CHARGES_A_YEAR: dict[str, int] = {"once": 1, "month": 12, "year": 1}
LICENCE = "licence"


def is_whole(number: Decimal) -> bool:
    """Licences are counted so; of services ``2.5`` is a number too."""
    return number == number.to_integral_value()


@dataclass(frozen=True, slots=True)
class Line:
    """One line: ``unit_price_minor`` for one unit and one charge, discount in per cent, both exact."""

    kind: str
    quantity: Decimal
    unit_price_minor: int
    discount_percent: Decimal = Decimal(0)
    charged: Charged = "once"

    @property
    def is_licence(self) -> bool:
        return self.kind == LICENCE

    @property
    def is_recurring(self) -> bool:
        return self.charged != "once"

    @property
    def charge_minor(self) -> int:
        """One charge: quantity × unit price, less the discount, rounded half up once."""
        price = Fraction(self.quantity) * self.unit_price_minor
        return half_up(price * (100 - Fraction(self.discount_percent)) / 100)

    @property
    def year_minor(self) -> int:
        """The first twelve months."""
        return self.charge_minor * CHARGES_A_YEAR[self.charged]


@dataclass(frozen=True, slots=True)
class Totals:
    """The first year: total T, licence L, services S; and what recurs a year later."""

    licence_minor: int
    services_minor: int
    licence_again_minor: int
    services_again_minor: int

    @property
    def total_minor(self) -> int:
        return self.licence_minor + self.services_minor

    @property
    def again_minor(self) -> int:
        return self.licence_again_minor + self.services_again_minor

    @property
    def licence_share(self) -> Fraction | None:
        """L / T; ``None`` while there is nothing to share."""
        return Fraction(self.licence_minor, self.total_minor) if self.total_minor > 0 else None

    def services_needed(self, share_percent: Decimal) -> int:
        """The services in all at which the licence share is exactly the programme's: S = L × (100 − p) / p, rounded up.

        Nine times the licence at 10 %.
        """
        percent = Fraction(share_percent)
        if percent <= 0:
            raise ValueError("The programme's share lies above 0 per cent.")
        exact = Fraction(self.licence_minor) * (100 - percent) / percent
        return -(-exact.numerator // exact.denominator)

    def services_to_add(self, share_percent: Decimal) -> int:
        """How much more in services would bring the share down to the programme's; 0 when it is there already."""
        return max(0, self.services_needed(share_percent) - self.services_minor)

    def is_within(self, share_percent: Decimal) -> bool:
        """The licence is at most the programme's share of the project: S ≥ 9 L at 10 %."""
        return self.services_minor >= self.services_needed(share_percent)


def totals(lines: Iterable[Line]) -> Totals:
    """Adds the lines up."""
    sums = {(licence, again): 0 for licence in (True, False) for again in (True, False)}
    for line in lines:
        sums[line.is_licence, False] += line.year_minor
        if line.is_recurring:
            sums[line.is_licence, True] += line.year_minor
    return Totals(sums[True, False], sums[False, False], sums[True, True], sums[False, True])


@dataclass(frozen=True, slots=True)
class Charges:
    """What one charge of each kind comes to: once, every month, every year."""

    once_minor: int
    month_minor: int
    year_minor: int

    @property
    def recurs(self) -> bool:
        return bool(self.month_minor or self.year_minor)


def charges(lines: Iterable[Line]) -> Charges:
    """What the customer pays once, each month and each year; twelve months and the rest are the first year."""
    sums = dict.fromkeys(CHARGES_A_YEAR, 0)
    for line in lines:
        sums[line.charged] += line.charge_minor
    return Charges(sums["once"], sums["month"], sums["year"])


def services_to_commission(services_minor: int, commission_minor: int) -> Fraction | None:
    """How many times the commission the services are; ``None`` without commission."""
    return Fraction(services_minor, commission_minor) if commission_minor > 0 else None
