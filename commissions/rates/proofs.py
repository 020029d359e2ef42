"""Proof: every figure with the inputs and the formula it came from, so that anybody can work it out again.

A proof is plain JSON. :func:`recompute` reads nothing else, and shares no arithmetic with what made the
figure: two ways to one number.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd
from typing import Any, ClassVar

from commissions.rates.amounts import Ratio, bracketed_value, margin, signed_units
from commissions.rates.facts import LineFacts
from commissions.rates.matching import Award
from commissions.rates.plan import Brackets, Fixed, Margin, Percent, Rate
from core.money import decimal_text, half_up

Proof = dict[str, Any]
MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True, slots=True)
class GrantWorking:
    """How a commission was worked out: ``kept_minor`` of ``of_minor`` of what was granted, not below, less
    what the partner collected itself. ``of_minor`` is None for what no payment or refund touches."""

    way: ClassVar = "half up"

    award: Award
    line: LineFacts | None
    base_minor: int
    sale_minor: int
    kept_minor: int
    of_minor: int | None
    not_below_minor: int | None = None
    collected_minor: int = 0

    def inputs(self, currency: str) -> dict[str, Any]:
        award = self.award
        return {
            "kind": "commission",
            "currency": currency,
            "amount": self._amount_inputs(),
            "cap": None if award.cap is None else {"per": award.cap.per, "window": award.cap.window},
            "room_minor": award.room,
            "kept_minor": self.kept_minor,
            "of_minor": self.of_minor,
            "not_below_minor": self.not_below_minor,
            "collected_minor": self.collected_minor,
        }

    @property
    def exact(self) -> Ratio:
        """What the award comes to on what is kept, before rounding."""
        numerator, denominator = self.award.exact
        if self.of_minor is not None:
            numerator, denominator = numerator * abs(self.kept_minor), denominator * abs(self.of_minor)
        floor = self.not_below_minor
        if floor is not None and numerator < floor * denominator:
            return floor, 1
        return numerator, denominator

    @property
    def base(self) -> int:
        if isinstance(self.award.rule.amount, Margin):
            return margin(self.line, self.base_minor)
        return self.base_minor

    def _amount_inputs(self) -> dict[str, Any]:
        match self.award.rule.amount:
            case Percent(rate):
                return {"type": "percent", "rate": rate.text, "base_minor": self.base}
            case Margin(rate):
                cost = self.line.cost_minor if self.line is not None else None
                return {
                    "type": "margin",
                    "rate": rate.text,
                    "base_minor": self.base,
                    "net_minor": self.base_minor,
                    "cost_minor": cost,
                }
            case Fixed(amount_minor, per):
                units = 1 if per == "sale" else signed_units(self.line, self.base_minor)
                return {"type": "fixed", "amount_minor": amount_minor, "per": per, "units": units}
            case Brackets() as brackets:
                return {
                    "type": "brackets",
                    "mode": brackets.mode,
                    "on": brackets.on,
                    "value": bracketed_value(brackets, self.line, self.base_minor, self.sale_minor),
                    "base_minor": self.base,
                    "brackets": [
                        {"from": bracket.lower, "to": bracket.upper, "rate": bracket.rate.text}
                        for bracket in brackets.brackets
                    ],
                }


@dataclass(frozen=True, slots=True)
class ShareWorking:
    """How a share was worked out: one of the shares of ``whole_minor``, in the order in which ties go, less
    what the partner collected itself. What the shares leave of 100 % is the last."""

    way: ClassVar = "largest remainder"

    whole_minor: int
    percents: tuple[Rate, ...]
    index: int
    collected_minor: int = 0

    @property
    def exact(self) -> Ratio:
        """The share before the units that are over are given out."""
        percent = self.percents[self.index]
        return self.whole_minor * percent.numerator, percent.denominator

    @property
    def base(self) -> int:
        return self.whole_minor

    def inputs(self, currency: str) -> dict[str, Any]:
        return {
            "kind": "split",
            "currency": currency,
            "whole_minor": self.whole_minor,
            "percents": [percent.text for percent in self.percents],
            "share": self.index,
            "collected_minor": self.collected_minor,
        }


@dataclass(frozen=True, slots=True)
class CorrectionWorking:
    """How much of a correction by hand still stands: ``kept_minor`` of the ``of_minor`` that the customer had kept
    when it was made. A correction follows its sale down, and never grows with it."""

    way: ClassVar = "half up"
    collected_minor: ClassVar = 0

    amount_minor: int
    kept_minor: int
    of_minor: int

    @property
    def exact(self) -> Ratio:
        """The correction's part that is left, before rounding. What was never kept has nothing to follow."""
        if not self.of_minor:
            return self.amount_minor, 1
        kept = min(abs(self.kept_minor), abs(self.of_minor))
        return self.amount_minor * kept, abs(self.of_minor)

    @property
    def base(self) -> int:
        return self.amount_minor

    def inputs(self, currency: str) -> dict[str, Any]:
        return {
            "kind": "correction",
            "currency": currency,
            "amount_minor": self.amount_minor,
            "kept_minor": self.kept_minor,
            "of_minor": self.of_minor,
        }


Working = GrantWorking | ShareWorking | CorrectionWorking


def proof_of(working: Working | None, amount_minor: int, currency: str, *, granted_minor: int = 0) -> Proof:
    """The proof of a figure of ``amount_minor``; of its difference to what was granted before, if anything was.

    Without a working it is the proof that nothing is earned (any more).
    """
    if working is None:
        inputs: dict[str, Any] = {"kind": "nothing", "currency": currency}
        base, exact, collected, way = 0, (0, 1), 0, "none"
    else:
        inputs = working.inputs(currency)
        base, exact, collected, way = working.base, working.exact, working.collected_minor, working.way
    inputs["granted_minor"] = granted_minor
    numerator, denominator = exact
    numerator -= (granted_minor + collected) * denominator
    return {
        "base_minor": base,
        "formula": _formula(inputs),
        "exact": exact_text(numerator, denominator),
        "rounding": _rounding((amount_minor - granted_minor) * denominator - numerator, denominator, way),
        "inputs": inputs,
    }


def recompute(proof: Mapping[str, Any]) -> int:
    """The amount that the proof proves, worked out again from its inputs alone."""
    return _recompute(proof["inputs"])


def _recompute(inputs: Mapping[str, Any]) -> int:
    taken: int = inputs["granted_minor"] + inputs.get("collected_minor", 0)
    match inputs["kind"]:
        case "commission":
            amount = half_up(_grant(inputs))
            floor: int | None = inputs["not_below_minor"]
            return (amount if floor is None else max(amount, floor)) - taken
        case "split":
            share: int = inputs["share"]
            return _largest_remainder(inputs["whole_minor"], _shares(inputs))[share] - taken
        case "correction":
            return half_up(_of_correction(inputs)) - taken
        case _:
            return -taken


def exact_text(numerator: int, denominator: int) -> str:
    """``5800``, ``34.5``, or ``1000/3`` where no decimal is exact."""
    if numerator % denominator == 0:
        return str(numerator // denominator)
    common = gcd(numerator, denominator)
    numerator, denominator = numerator // common, denominator // common
    rest, places = denominator, 0
    for prime in (2, 5):
        times = 0
        while rest % prime == 0:
            rest, times = rest // prime, times + 1
        places = max(places, times)
    if rest != 1:
        return f"{numerator}/{denominator}"
    digits = f"{abs(numerator) * 10**places // denominator:0{places + 1}d}"
    return f"{'-' if numerator < 0 else ''}{digits[:-places]}.{digits[-places:]}"


def _grant(inputs: Mapping[str, Any]) -> Fraction:
    """What a rule grants on what is kept, exactly."""
    exact = _of_amount(inputs["amount"])
    if inputs["room_minor"] is not None:
        exact = min(exact, Fraction(inputs["room_minor"]))
    if inputs["of_minor"] is not None:
        exact = exact * inputs["kept_minor"] / inputs["of_minor"]
    return exact


def _of_amount(amount: Mapping[str, Any]) -> Fraction:
    match amount["type"]:
        case "percent" | "margin":
            return _percent_of(Fraction(amount["rate"]), amount["base_minor"])
        case "fixed":
            return Fraction(amount["amount_minor"] * amount["units"])
        case _:
            return _percent_of(_effective_rate(amount), amount["base_minor"])


def _of_correction(inputs: Mapping[str, Any]) -> Fraction:
    """What is left of a correction: never more than it was."""
    if not inputs["of_minor"]:
        return Fraction(inputs["amount_minor"])
    kept = min(Fraction(1), abs(Fraction(inputs["kept_minor"], inputs["of_minor"])))
    return Fraction(inputs["amount_minor"]) * kept


def _percent_of(rate: Fraction, base_minor: int) -> Fraction:
    return rate * base_minor / 100


def _effective_rate(amount: Mapping[str, Any]) -> Fraction:
    """The percentage that the brackets come to for a value of this size."""
    value: int = amount["value"]
    if amount["mode"] == "slab" or not value:
        return next(
            Fraction(step["rate"]) for step in amount["brackets"] if step["to"] is None or value < step["to"]
        )
    portions = _portions(amount)
    return sum((Fraction(rate) * portion for rate, portion in portions), Fraction(0)) / value


def _portions(amount: Mapping[str, Any]) -> list[tuple[str, int]]:
    """How much of the value lies in each bracket that it reaches."""
    value = amount["value"]
    return [
        (step["rate"], (value if step["to"] is None else min(value, step["to"])) - step["from"])
        for step in amount["brackets"]
        if value > step["from"]
    ]


def _shares(inputs: Mapping[str, Any]) -> list[Fraction]:
    shares = [Fraction(percent) / 100 for percent in inputs["percents"]]
    return [*shares, 1 - sum(shares, Fraction(0))]


def _largest_remainder(whole: int, shares: Sequence[Fraction]) -> list[int]:
    """``whole`` in shares of one that sum to one; the units that are over go one by one to the largest
    remainder."""
    sign = -1 if whole < 0 else 1
    exact = [abs(whole) * share for share in shares]
    parts = [int(each) for each in exact]
    waiting = list(range(len(shares)))
    for _unit in range(abs(whole) - sum(parts)):
        next_one = max(waiting, key=lambda index: exact[index] - parts[index])
        parts[next_one] += 1
        waiting.remove(next_one)
    return [sign * part for part in parts]


def _rounding(numerator: int, denominator: int, way: str) -> str:
    """What rounding added or took, and how; the sum with the exact figure is the amount."""
    if not numerator:
        return "none"
    return f"{way}, {'+' if numerator > 0 else MINUS}{exact_text(abs(numerator), denominator)}"


def _formula(inputs: Mapping[str, Any]) -> str:
    def said(amount_minor: int) -> str:
        return decimal_text(amount_minor, inputs["currency"], thousands=",").replace("-", MINUS)

    match inputs["kind"]:
        case "commission":
            amount, room = inputs["amount"], inputs["room_minor"]
            text = _formula_of_amount(amount, said)
            is_capped = room is not None and _of_amount(amount) > room
            if is_capped:
                text = f"{text}, at most {said(room)}"
            if inputs["of_minor"] is not None and inputs["kept_minor"] != inputs["of_minor"]:
                is_compound = is_capped or amount["type"] == "fixed" or amount.get("mode") == "marginal"
                text = f"({text})" if is_compound else text
                text = f"{text} × {said(inputs['kept_minor'])} ÷ {said(inputs['of_minor'])}"
            floor = inputs["not_below_minor"]
            if floor is not None and half_up(_grant(inputs)) < floor:
                text = f"{text}, not below {said(floor)}"
        case "split":
            text = f"{inputs['percents'][inputs['share']]} % of {said(inputs['whole_minor'])}"
        case "correction":
            text = f"correction of {said(inputs['amount_minor'])}"
            if inputs["of_minor"] and abs(inputs["kept_minor"]) < abs(inputs["of_minor"]):
                text = f"{text} × {said(inputs['kept_minor'])} ÷ {said(inputs['of_minor'])}"
        case _:
            text = said(0)
    if inputs.get("collected_minor"):
        text = f"{text} {MINUS} {said(inputs['collected_minor'])} collected by the partner"
    if inputs["granted_minor"]:
        text = f"{text} {MINUS} {said(inputs['granted_minor'])} granted before"
    return text


def _formula_of_amount(amount: Mapping[str, Any], said: Callable[[int], str]) -> str:
    match amount["type"]:
        case "percent":
            return f"{amount['rate']} % of {said(amount['base_minor'])}"
        case "margin":
            net, cost = said(amount["net_minor"]), said(amount["cost_minor"])
            return f"{amount['rate']} % of the margin {said(amount['base_minor'])} ({net} {MINUS} {cost})"
        case "fixed":
            per_unit = f"{said(amount['amount_minor'])} per {amount['per']}"
            return per_unit if amount["per"] == "sale" else f"{per_unit} × {amount['units']}"
        case _ if amount["mode"] == "marginal" and amount["on"] == "line.net_minor":
            sign = -1 if amount["base_minor"] < 0 else 1
            parts = [f"{rate} % of {said(sign * portion)}" for rate, portion in _portions(amount)]
            return " + ".join(parts) or f"{amount['brackets'][0]['rate']} % of {said(0)}"
        case _:
            rate = _effective_rate(amount)
            return f"{exact_text(rate.numerator, rate.denominator)} % of {said(amount['base_minor'])}"
