"""Proofs of plain lines, written as JSON straight away: the documents that :func:`proofs.proof_of` makes, for the bulk.

A line is plain here when its net is above 0 and nothing was paid in part, given back or capped; then all that changes
from proof to proof of one rule are the numbers. Tests hold every text against ``proof_of``.
"""

from collections.abc import Callable
from json import dumps

from commissions.rates.plan import Percent, Rate, Rule
from commissions.rates.proofs import MINUS, exact_text
from core.money import exponent

OfGrant = Callable[[int, int], str]
"""The proof of a commission: of the net of its line, and its amount."""

OfShare = Callable[[int, int], str]
"""The proof of one share: of the whole, and its amount."""


def proof_of_percent(rule: Rule, currency: str) -> OfGrant | None:
    """How proofs of a rule are written that pays a percentage; ``None`` for any other rule."""
    if not isinstance(rule.amount, Percent):
        return None
    rate = rule.amount.rate
    said, exact = _amounts(currency), _exact(rate, "half up")
    # A rate is digits and a point, a currency three letters: neither needs an escape.
    ahead = f'"kind": "commission", "currency": "{currency}", "amount": {{"type": "percent", "rate": "{rate.text}"'
    behind = (
        '"cap": null, "room_minor": null, "not_below_minor": null, "collected_minor": 0, "granted_minor": 0'
    )

    def written(net: int, amount_minor: int) -> str:
        return (
            f'{{"base_minor": {net}, "formula": "{rate.text} % of {said(net)}", {exact(net, amount_minor)}, '
            f'"inputs": {{{ahead}, "base_minor": {net}}}, "kept_minor": {net}, "of_minor": {net}, {behind}}}}}'
        )

    return written


def proofs_of_shares(percents: tuple[Rate, ...], currency: str) -> tuple[OfShare, ...]:
    """How proofs of the shares of a split are written, in their order."""
    return tuple(_proof_of_share(percents, index, currency) for index in range(len(percents)))


def _proof_of_share(percents: tuple[Rate, ...], index: int, currency: str) -> OfShare:
    said, exact = _amounts(currency), _exact(percents[index], "largest remainder")
    text = percents[index].text
    behind = (
        f'"kind": "split", "currency": "{currency}", "percents": {dumps([each.text for each in percents])}, '
        f'"share": {index}, "collected_minor": 0, "granted_minor": 0'
    )

    def written(whole: int, amount_minor: int) -> str:
        return (
            f'{{"base_minor": {whole}, "formula": "{text} % of {said(whole)}", {exact(whole, amount_minor)}, '
            f'"inputs": {{"whole_minor": {whole}, {behind}}}}}'
        )

    return written


def _amounts(currency: str) -> Callable[[int], str]:
    """As ``core.money.decimal_text`` with commas, of amounts that are not below 0."""
    digits = exponent(currency)
    if not digits:
        return lambda amount_minor: f"{amount_minor:,}"
    base = 10**digits

    def said(amount_minor: int) -> str:
        return f"{amount_minor // base:,}.{amount_minor % base:0{digits}d}"

    return said


def _exact(rate: Rate, way: str) -> Callable[[int, int], str]:
    """The exact figure and its rounding, of a base above 0 and the amount that it became."""
    numerator, denominator = rate.numerator, rate.denominator
    decimal = _decimals(denominator)

    def written(base: int, amount_minor: int) -> str:
        exact = base * numerator
        rest = amount_minor * denominator - exact
        if not rest:
            return f'"exact": "{amount_minor}", "rounding": "none"'
        sign = "+" if rest > 0 else MINUS
        return f'"exact": "{decimal(exact)}", "rounding": "{way}, {sign}{decimal(abs(rest))}"'

    return written


def _decimals(denominator: int) -> Callable[[int], str]:
    """As :func:`exact_text` of numerators that are not below 0 over one denominator."""
    places = 0
    while 10**places % denominator and places < 20:
        places += 1
    scale = 10**places
    if scale % denominator:
        return lambda numerator: exact_text(numerator, denominator)
    times = scale // denominator

    def said(numerator: int) -> str:
        units, rest = divmod(numerator * times, scale)
        return f"{units}.{rest:0{places}d}".rstrip("0") if rest else str(units)

    return said
