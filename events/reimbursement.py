"""How much of an event's cost is reimbursed, exactly: min(approved, cap, rate × eligible evidenced cost), half up.

Values in, values out. Every unit between what was spent and what is reimbursed stands in exactly one cut.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from core.money import exponent, half_up


class Reason(StrEnum):
    """Why something is not reimbursed, in the order it is taken off."""

    NO_RATE = "no_rate"
    NO_RECEIPT = "no_receipt"
    REFUSED = "refused"
    TAX = "tax"
    EXCLUDED = "excluded"
    VENDOR = "vendor"
    OWN_SHARE = "own_share"
    OVER_CAP = "over_cap"
    OVER_APPROVED = "over_approved"


@dataclass(frozen=True, slots=True)
class Cost:
    """One evidenced cost, in the receipt's currency. ``rate``: units of the claim's currency for one of it."""

    key: str
    label: str
    currency: str
    gross_minor: int
    tax_minor: int = 0
    excluded_minor: int = 0
    excluded_because: str = ""
    cut_minor: int = 0
    cut_because: str = ""
    is_refused: bool = False
    has_receipt: bool = True
    rate: Fraction | None = Fraction(1)


@dataclass(frozen=True, slots=True)
class Terms:
    """What was approved. ``rate`` is the vendor's share, between 0 and 1."""

    currency: str
    approved_minor: int
    rate: Fraction
    cap_minor: int | None = None
    counts_tax: bool = False


@dataclass(frozen=True, slots=True)
class Cut:
    """So much is not reimbursed, in the claim's currency; ``label`` is the line's, ``because`` people's own words."""

    reason: Reason
    amount_minor: int
    label: str = ""
    because: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """What one cost comes to, in the claim's currency. ``spent`` is ``None`` while no rate is known."""

    key: str
    spent_minor: int | None
    eligible_minor: int
    cuts: tuple[Cut, ...]


@dataclass(frozen=True, slots=True)
class Reimbursement:
    """The answer, and every step to it."""

    amount_minor: int
    spent_minor: int
    eligible_minor: int
    share_minor: int
    lines: tuple[Line, ...]
    cuts: tuple[Cut, ...]
    terms: Terms

    def line(self, key: str) -> Line:
        return next(line for line in self.lines if line.key == key)


def converted(amount_minor: int, rate: Fraction, *, of: str, to: str) -> int:
    """``amount_minor`` of one currency in minor units of another, half up."""
    return half_up(amount_minor * rate * Fraction(10) ** (exponent(to) - exponent(of)))


def _line(cost: Cost, terms: Terms) -> Line:
    """Takes off what is not eligible, one reason after the other, never more than is left."""
    if cost.rate is None:
        return Line(cost.key, None, 0, (Cut(Reason.NO_RATE, 0, cost.label, cost.currency),))
    rate = cost.rate

    def here(amount_minor: int) -> int:
        return converted(amount_minor, rate, of=cost.currency, to=terms.currency)

    spent = left = here(cost.gross_minor)
    cuts: list[Cut] = []

    def take(reason: Reason, amount_minor: int, because: str = "") -> None:
        nonlocal left
        amount = min(left, amount_minor)
        if amount:
            cuts.append(Cut(reason, amount, cost.label, because))
            left -= amount

    if not cost.has_receipt:
        take(Reason.NO_RECEIPT, left)
    if cost.is_refused:
        take(Reason.REFUSED, left, cost.cut_because)
    if not terms.counts_tax:
        take(Reason.TAX, here(cost.tax_minor))
    take(Reason.EXCLUDED, here(cost.excluded_minor), cost.excluded_because)
    take(Reason.VENDOR, here(cost.cut_minor), cost.cut_because)
    return Line(cost.key, spent, left, tuple(cuts))


def reimburse(costs: Sequence[Cost], terms: Terms) -> Reimbursement:
    """The reimbursement of ``costs`` under ``terms``.

    ``spent_minor`` less all cuts is ``amount_minor``, to the unit.
    """
    lines = tuple(_line(cost, terms) for cost in costs)
    spent = sum(line.spent_minor or 0 for line in lines)
    eligible = sum(line.eligible_minor for line in lines)
    share = half_up(eligible * terms.rate)
    cuts = [cut for line in lines for cut in line.cuts]
    if eligible > share:
        cuts.append(Cut(Reason.OWN_SHARE, eligible - share))
    amount = share
    if terms.cap_minor is not None and amount > terms.cap_minor:
        cuts.append(Cut(Reason.OVER_CAP, amount - terms.cap_minor))
        amount = terms.cap_minor
    if amount > terms.approved_minor:
        cuts.append(Cut(Reason.OVER_APPROVED, amount - terms.approved_minor))
        amount = terms.approved_minor
    return Reimbursement(amount, spent, eligible, share, lines, tuple(cuts), terms)
