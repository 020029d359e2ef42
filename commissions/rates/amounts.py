"""What a rule's amount comes to on one line, exactly: as a numerator and a denominator, nothing rounded."""

from collections.abc import Callable
from math import lcm

from commissions.rates.facts import LineFacts
from commissions.rates.plan import Amount, Brackets, Fixed, Margin, Percent

Ratio = tuple[int, int]
"""An exact amount in minor units: numerator and positive denominator."""

Exact = Callable[[LineFacts | None, int, int], Ratio]
"""Of a line (none for a fixed amount per sale), its net, and the net of the sale."""


def exact_amount(amount: Amount) -> Exact:
    """The amount as a function, made once and called for every line."""
    match amount:
        case Percent(rate):
            numerator, denominator = rate.numerator, rate.denominator
            return lambda line, net, total: (net * numerator, denominator)
        case Margin(rate):
            numerator, denominator = rate.numerator, rate.denominator
            return lambda line, net, total: (margin(line, net) * numerator, denominator)
        case Fixed(amount_minor, "sale"):
            return lambda line, net, total: (amount_minor, 1)
        case Fixed(amount_minor, _):
            return lambda line, net, total: (amount_minor * signed_units(line, net), 1)
        case Brackets():
            return _in_brackets(amount)


def margin(line: LineFacts | None, net: int) -> int:
    """What a line leaves after its cost. A loss is 0: it earns nothing and takes nothing back."""
    cost = line.cost_minor if line is not None else None
    left = net - (cost or 0)
    return max(0, left) if net >= 0 else min(0, left)


def signed_units(line: LineFacts | None, net: int) -> int:
    """The units of a line; below 0 for a line that takes money back, whichever of its factors is negative."""
    quantity = line.quantity if line is not None else 0
    return -abs(quantity) if net < 0 or (net == 0 and quantity < 0) else abs(quantity)


def bracketed_value(amount: Brackets, line: LineFacts | None, net: int, total: int) -> int:
    """The size that decides the bracket. What takes money back is as large as what it takes back."""
    match amount.on:
        case "line.net_minor":
            return abs(net)
        case "line.quantity":
            return abs(line.quantity) if line is not None else 0
        case _:
            return abs(total)


def _in_brackets(amount: Brackets) -> Exact:
    common = lcm(*(bracket.rate.denominator for bracket in amount.brackets))
    steps = [
        (bracket.lower, bracket.upper, bracket.rate.numerator * (common // bracket.rate.denominator))
        for bracket in amount.brackets
    ]

    def slab(line: LineFacts | None, net: int, total: int) -> Ratio:
        value = bracketed_value(amount, line, net, total)
        for _lower, upper, rate in steps:
            if upper is None or value < upper:
                return net * rate, common
        raise AssertionError("the last bracket has no end")

    def marginal(line: LineFacts | None, net: int, total: int) -> Ratio:
        value = bracketed_value(amount, line, net, total)
        if not value:
            return net * steps[0][2], common
        weighted = 0
        for lower, upper, rate in steps:
            if value <= lower:
                break
            weighted += ((value if upper is None else min(value, upper)) - lower) * rate
        return net * weighted, common * value

    return slab if amount.mode == "slab" else marginal
