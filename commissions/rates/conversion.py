"""A sale in another currency than its plan's, told in the plan's: by one rate, the one of the day it took place.

Every line is converted and rounded half up by itself, and counts as if it had been sold so. What was paid and given
back keeps its proportion: all of it converted is all of the sale, and refunds go by the original rate.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

from commissions.rates.facts import Chargeback, LineFacts, Payment, Refund, SaleFacts
from core.money import exponent, half_up

Facts = tuple[SaleFacts, list[Payment], list[Refund], list[Chargeback]]


@dataclass(frozen=True, slots=True)
class Conversion:
    """Units of ``currency`` for one unit of the sale's, as a decimal text."""

    currency: str
    rate: str

    def of(self, amount_minor: int, sold_in: str) -> int:
        """An amount in the sale's currency, converted and rounded half up."""
        scale = Fraction(10) ** (exponent(self.currency) - exponent(sold_in))
        return half_up(amount_minor * Fraction(self.rate) * scale)


def converted(
    sale: SaleFacts,
    payments: Iterable[Payment],
    refunds: Iterable[Refund],
    chargebacks: Iterable[Chargeback],
    by: Conversion,
) -> Facts:
    """The same facts in the plan's currency. Payments, and refunds of one line, come as their sums."""
    lines = tuple(_line(line, sale.currency, by) for line in sale.lines)
    whole, target = sum(line.net_minor for line in sale.lines), sum(line.net_minor for line in lines)
    backs = list(chargebacks)
    paid_minor = None if sale.paid_minor is None else _part(sale.paid_minor, whole, target)
    later = sum(payment.amount_minor for payment in payments)
    received = min(whole, (sale.paid_minor or 0) + later)
    by_line: dict[int | None, int] = {}
    for refund in refunds:
        by_line[refund.line] = by_line.get(refund.line, 0) + refund.amount_minor
    given_back = [
        Refund(f"line {line}", _part(amount, *_of_line(line, sale, lines, whole, target)), line)
        for line, amount in by_line.items()
    ]
    told = [replace(back, amount_minor=_part(back.amount_minor, whole, target)) for back in backs]
    lost = sum(back.amount_minor for back in backs if back.status == "lost")
    if whole > 0 and sum(by_line.values()) + lost >= whole:
        # All of it was given back: then all of the converted sale was.
        given_back.append(Refund("all of it", max(0, target)))
    return (
        replace(sale, currency=by.currency, lines=lines, paid_minor=paid_minor),
        [Payment("all", max(0, _part(received, whole, target) - (paid_minor or 0)))],
        given_back,
        told,
    )


def _of_line(
    line: int | None, sale: SaleFacts, lines: tuple[LineFacts, ...], whole: int, target: int
) -> tuple[int, int]:
    """Of which sum a refund is a part, before and after."""
    if line is None or not 0 <= line < len(lines):
        return whole, target
    return sale.lines[line].net_minor, lines[line].net_minor


def _line(line: LineFacts, sold_in: str, by: Conversion) -> LineFacts:
    """The line at a converted price whose net is the converted net, to the unit."""
    net, price = by.of(line.net_minor, sold_in), by.of(line.unit_amount_minor, sold_in)
    return replace(
        line,
        unit_amount_minor=price,
        discount_minor=line.quantity * price - net,
        credit_minor=0,
        tax_minor=by.of(line.tax_minor, sold_in),
        cost_minor=None if line.cost_minor is None else by.of(line.cost_minor, sold_in),
    )


def _part(amount_minor: int, whole: int, whole_converted: int) -> int:
    """The same part of the converted whole: all of it is all of it."""
    return half_up(Fraction(amount_minor * whole_converted, whole)) if whole else 0
