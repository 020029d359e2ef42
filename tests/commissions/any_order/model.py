"""What sales should earn, worked out a second time: small, slow, from scratch, and without a line of the engine.

The plan of the model: a licence earns 12.5 % within three calendar months of the customer's first sale and 5 % later;
anything else is divided 90 to 10, ties to the partner.
"""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

PLAN = {
    "name": "Model",
    "currency": "EUR",
    "effective_from": "2020-01-01T00:00:00+00:00",
    "rules": [
        {
            "name": "Young customer",
            "when": {"all": [{"field": "line.kind", "op": "eq", "value": "licence"}]},
            "term_months": 3,
            "amount": {"type": "percent", "rate": "12.5"},
        },
        {
            "name": "Old customer",
            "when": {"all": [{"field": "line.kind", "op": "eq", "value": "licence"}]},
            "amount": {"type": "percent", "rate": "5"},
        },
    ],
    "splits": [
        {
            "name": "90 to 10",
            "when": {"all": [{"field": "line.kind", "op": "ne", "value": "licence"}]},
            "shares": [{"to": "partner", "percent": "90"}, {"to": "vendor", "percent": "10"}],
        }
    ],
}


@dataclass
class Known:
    """Everything that has come in about one sale; ``lines`` are (is a licence, net)."""

    name: str
    customer: str
    at: datetime
    lines: list[tuple[bool, int]]
    paid: int
    refunds: dict[str, tuple[int, int | None]] = field(default_factory=dict)
    payments: dict[str, int] = field(default_factory=dict)
    chargebacks: dict[str, tuple[int, set[str]]] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(net for _licence, net in self.lines)

    @property
    def is_contested(self) -> bool:
        return any(words == {"opened"} for _amount, words in self.chargebacks.values())


def earned(sales: Sequence[Known]) -> tuple[int, int]:
    """What the partner has of all these sales, and what the vendor has of their projects."""
    partner = vendor = 0
    for sale in sales:
        first = min((other.at, other.name) for other in sales if other.customer == sale.customer)[0]
        rate = Fraction(125, 1000) if sale.at < three_months_after(first) else Fraction(50, 1000)
        for (is_licence, _net), kept in zip(sale.lines, kept_of(sale), strict=True):
            if is_licence:
                partner += int(kept * rate + Fraction(1, 2))
            else:
                mine, theirs = divided(kept, [9, 1])
                partner, vendor = partner + mine, vendor + theirs
    return partner, vendor


def three_months_after(moment: datetime) -> datetime:
    month = moment.month + 3
    year, month = moment.year + (month - 1) // 12, (month - 1) % 12 + 1
    return moment.replace(year=year, month=month, day=min(moment.day, calendar.monthrange(year, month)[1]))


def kept_of(sale: Known) -> list[int]:
    """What the vendor keeps of each line: paid, and not given back."""
    left = [net for _licence, net in sale.lines]
    lost = sum(amount for amount, words in sale.chargebacks.values() if "lost" in words)
    back = lost + sum(amount for amount, _line in sale.refunds.values())
    if back >= sale.total:
        return [0 for _line in left]
    for amount, line in sale.refunds.values():
        if line is not None:
            left[line] -= amount
    over_all = lost + sum(amount for amount, line in sale.refunds.values() if line is None)
    left = [net - part for net, part in zip(left, divided(over_all, left), strict=True)]
    money = min(sale.total, sale.paid + sum(sale.payments.values())) - back
    if money >= sum(left):
        return left
    return divided(money, left) if money > 0 else [0 for _line in left]


def divided(whole: int, weights: Sequence[int]) -> list[int]:
    """By largest remainder; of equal remainders the first gets the unit."""
    together = sum(weights)
    if not whole or not together:
        return [0 for _weight in weights]
    parts = [whole * weight // together for weight in weights]
    rests = [whole * weight % together for weight in weights]
    for _unit in range(whole - sum(parts)):
        greatest = rests.index(max(rests))
        parts[greatest] += 1
        rests[greatest] = -1
    return parts
