"""A plan version as values that never change: its rules in the printed order, and its revenue splits."""

import re
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from commissions.rates.facts import Trigger

if TYPE_CHECKING:
    from commissions.rates.matching import Matcher

Operator = Literal["eq", "ne", "in", "not_in", "gt", "gte", "lt", "lte", "contains", "exists"]
Scalar = str | int | bool
Value = Scalar | tuple[Scalar, ...]

LICENCE = "licence"
LINE_KINDS = (
    LICENCE,
    "implementation",
    "integration",
    "customisation",
    "training",
    "support",
    "audit",
    "migration",
    "systems_integration",
    "mobile",
    "hosting",
    "administration",
    "other",
)
TRIGGERS: tuple[Trigger, ...] = ("sale", "lead_accepted", "lead_qualified", "partner_referral")

_RATE = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,9})?")


@dataclass(frozen=True, slots=True)
class Rate:
    """A percentage, exactly as it was written, and as the fraction of one that it means: "2.9" is 29/1000."""

    text: str
    numerator: int
    denominator: int

    @classmethod
    def from_text(cls, text: str) -> "Rate":
        """A rate from plain decimal text in percent; ``ValueError`` if it is not."""
        if not _RATE.fullmatch(text):
            raise ValueError(f"{text!r} is not a percentage.")
        share = Fraction(text) / 100
        return cls(text, share.numerator, share.denominator)

    @property
    def share(self) -> Fraction:
        return Fraction(self.numerator, self.denominator)


@dataclass(frozen=True, slots=True)
class Condition:
    """One fact compared with one value."""

    field: str
    op: Operator
    value: Value


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions of which *all* must hold, or *any*. Of nothing, all hold."""

    mode: Literal["all", "any"]
    parts: tuple["Condition | Group", ...] = ()


@dataclass(frozen=True, slots=True)
class Percent:
    """A share of the line's base."""

    rate: Rate


@dataclass(frozen=True, slots=True)
class Margin:
    """A share of what the line leaves after its cost; lines that carry no cost don't match."""

    rate: Rate


@dataclass(frozen=True, slots=True)
class Fixed:
    """The same amount for every sale (or other event), or for every unit of a line."""

    amount_minor: int
    per: Literal["sale", "unit"]


@dataclass(frozen=True, slots=True)
class Bracket:
    """``lower <= value < upper``; without ``upper`` there is no end."""

    lower: int
    upper: int | None
    rate: Rate


@dataclass(frozen=True, slots=True)
class Brackets:
    """A share of the line's base that depends on how large ``on`` is.

    *Slab*: the rate of the bracket reached counts for the whole base. *Marginal*: each bracket's rate counts
    for the part of the value that lies in it.
    """

    on: Literal["line.net_minor", "line.quantity", "sale.amount_minor"]
    mode: Literal["slab", "marginal"]
    brackets: tuple[Bracket, ...]


Amount = Percent | Margin | Fixed | Brackets


@dataclass(frozen=True, slots=True)
class Cap:
    """The most a rule grants a partner for one customer, or in all, within a window of the programme's
    calendar."""

    per: Literal["customer", "partner"]
    window: Literal["calendar_month", "calendar_quarter", "calendar_year", "lifetime"]
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Rule:
    """What one kind of event earns. ``term_months``: 0 the pair's first sale only, N calendar months,
    ``None`` for ever."""

    name: str
    amount: Amount
    when: Group = Group("all")
    trigger: Trigger = "sale"
    term_months: int | None = None
    caps: tuple[Cap, ...] = ()
    with_split: bool = False

    @property
    def is_fixed_per_sale(self) -> bool:
        return isinstance(self.amount, Fixed) and self.amount.per == "sale"

    @property
    def needs_plan_currency(self) -> bool:
        """Amounts of money stand in the rule, so it can only match sales in the version's currency."""
        return bool(self.caps) or isinstance(self.amount, Fixed | Brackets)


@dataclass(frozen=True, slots=True)
class Share:
    """A named part of a split: ``partner``, ``vendor``, ``recruiter``, or a partner's id."""

    to: str
    percent: Rate


@dataclass(frozen=True, slots=True)
class Split:
    """How a line's revenue is divided. What the shares leave of 100 % stays with the vendor."""

    name: str
    shares: tuple[Share, ...]
    when: Group = Group("all")


@dataclass(frozen=True)
class PlanVersion:
    """One version of a plan, complete. Equal definitions make equal versions."""

    name: str
    currency: str
    effective_from: datetime
    rules: tuple[Rule, ...] = ()
    splits: tuple[Split, ...] = ()
    match: Literal["first", "best"] = "first"
    hold_days: int = 30
    rebinds: bool = False
    #: Sales in another currency are paid in the plan's, at the rate of their day; else in their own.
    converts: bool = False

    @cached_property
    def matcher(self) -> "Matcher":
        """The version made ready to be asked a million times."""
        from commissions.rates.matching import Matcher

        return Matcher(self)
