"""An example for each rule: a small sale that the rule pays for, and what it earns, worked out by the engine itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from typing import Any

from commissions.rates.computation import Computation, compute
from commissions.rates.conditions import FIELDS
from commissions.rates.facts import CustomerFacts, LineFacts, Pair, PartnerFacts, SaleFacts
from commissions.rates.plan import LICENCE, Condition, Group, Margin, PlanVersion, Rule, Split
from commissions.rates.terms import add_months

SELLER = "0"
"""The partner of an example; no partner has this id."""

_OTHERWISE = {
    "line.kind": "implementation",
    "sale.type": "renewal",
    "sale.billed_by": "partner",
    "sale.source": "routed",
}


@dataclass(frozen=True)
class Example:
    """A sale of one line, and what it earns whom."""

    sale: SaleFacts
    computation: Computation

    @property
    def line(self) -> LineFacts | None:
        return self.sale.lines[0] if self.sale.lines else None

    def earned_by(self, name: str) -> int:
        """What the rule or split of that name brings the seller."""
        return sum(
            entry.amount_minor
            for entry in self.computation.entries
            if entry.key.name == name and entry.key.beneficiary.type == "partner"
        )

    @property
    def partner_minor(self) -> int:
        """What the seller earns in all."""
        return sum(
            entry.amount_minor for entry in self.computation.entries if entry.key.beneficiary.id == SELLER
        )


@dataclass
class Supposed:
    """The facts of an example, changed by conditions until they hold."""

    minor: int
    facts: dict[str, Any] = field(default_factory=dict)

    def get(self, name: str, default: Any = None) -> Any:
        return self.facts.get(name, default)


def example_of_rule(
    version: PlanVersion, rule: Rule, *, tiers: Sequence[str], minor: int, at: datetime | None = None
) -> Example | None:
    """A sale that ``rule`` pays for, under the version as a whole if there is one: a new one, else a renewal.

    ``None`` when none is found that simply. ``minor`` is the usual size.
    """
    alone = replace(version, rules=(replace(rule, with_split=True),), splits=())
    sales = [
        _sale(supposed, version, rule.trigger, isinstance(rule.amount, Margin), at or version.effective_from)
        for supposed in _ways(rule, minor, tiers)
    ]
    for plan in (version, alone):
        for sale in sales:
            found = Example(sale, compute(plan, sale))
            if any(award.rule.name == rule.name for award in found.computation.matched.awards):
                return found
    return None


def _ways(rule: Rule, minor: int, tiers: Sequence[str]) -> Iterator[Supposed]:
    """The sale that the conditions ask for, and the same as a renewal after a year where they leave that open."""
    supposed = _supposed(rule.when, minor, tiers)
    yield supposed
    if "sale.type" not in supposed.facts:
        yield Supposed(minor, supposed.facts | {"sale.type": "renewal"})


def example_of_split(
    version: PlanVersion, split: Split, *, tiers: Sequence[str], minor: int, at: datetime | None = None
) -> Example | None:
    """A sale that ``split`` divides."""
    alone = replace(version, rules=(), splits=(split,))
    sale = _sale(_supposed(split.when, minor, tiers), version, "sale", False, at or version.effective_from)
    found = Example(sale, compute(alone, sale))
    return found if any(found.computation.matched.splits) else None


def _supposed(when: Group, minor: int, tiers: Sequence[str]) -> Supposed:
    supposed = Supposed(minor)
    for condition in _first_way(when):
        _obey(supposed, condition, tiers)
    return supposed


def _first_way(node: Condition | Group) -> Iterator[Condition]:
    """The conditions of the first alternative of a tree."""
    if isinstance(node, Condition):
        yield node
    else:
        for part in node.parts[:1] if node.mode == "any" else node.parts:
            yield from _first_way(part)


def _obey(supposed: Supposed, condition: Condition, tiers: Sequence[str]) -> None:
    name, value = condition.field, condition.value
    values = value if isinstance(value, tuple) else (value,)
    match condition.op:
        case "eq" | "in" | "contains":
            supposed.facts[name] = values[0]
        case "gte" | "lte":
            supposed.facts[name] = value
        case "gt" if isinstance(value, int):
            supposed.facts[name] = value + (supposed.minor if name.endswith("_minor") else 1)
        case "lt" if isinstance(value, int):
            supposed.facts[name] = max(value // 2, 0) if name.endswith("_minor") else value - 1
        case "ne" | "not_in":
            _avoid(supposed, name, values, tiers)
        case "exists":
            if value:
                supposed.facts.setdefault(name, "x")
            else:
                supposed.facts[name] = None


def _avoid(supposed: Supposed, name: str, values: Sequence[object], tiers: Sequence[str]) -> None:
    known = tiers if name == "partner.tier" else FIELDS[name].choices if name in FIELDS else ()
    usual = [_OTHERWISE[name], *known] if name in _OTHERWISE else list(known)
    if supposed.get(name, _usual(name)) in values:
        supposed.facts[name] = next((one for one in usual if one not in values), None)


def _usual(name: str) -> Any:
    return {
        "line.kind": LICENCE,
        "sale.type": "new",
        "sale.billed_by": "vendor",
        "customer.country": "DE",
    }.get(name)


def _sale(
    supposed: Supposed, version: PlanVersion, trigger: Any, needs_cost: bool, at: datetime
) -> SaleFacts:
    get = supposed.get
    amount = get("line.net_minor", get("sale.amount_minor", supposed.minor))
    quantity = get("line.quantity", 1) or 1
    line = LineFacts(
        kind=get("line.kind", LICENCE),
        quantity=1 if amount % quantity else quantity,
        unit_amount_minor=amount if amount % quantity else amount // quantity,
        product=get("line.product"),
        cost_minor=amount * 6 // 10 if needs_cost else None,
    )
    country = get("customer.country", get("sale.country", "DE"))
    months = get("customer.months_since_first_sale", 12 if get("sale.type") == "renewal" else 0)
    metadata = {
        name.removeprefix("metadata."): value for name, value in supposed.facts.items() if "metadata." in name
    }
    return SaleFacts(
        occurred_at=at,
        currency=version.currency,
        partner=PartnerFacts(
            str(get("partner.id", SELLER)),
            get("partner.tier"),
            get("partner.type"),
            get("partner.country", country),
        ),
        customer=CustomerFacts(get("customer.id", "example"), country, get("customer.size")),
        lines=(line,) if trigger == "sale" else (),
        type=get("sale.type", "new"),
        billed_by=get("sale.billed_by", "vendor"),
        source=get("sale.source"),
        country=get("sale.country", country),
        metadata=metadata,
        pair=Pair(add_months(at, -months, UTC), months == 0),
        trigger=trigger,
    )


def sale_of(
    version: PlanVersion,
    *,
    kind: str,
    minor: int,
    type: str,
    country: str,
    tier: str | None,
    billed_by: Any,
    at: datetime,
    time_zone: tzinfo,
) -> SaleFacts:
    """The sale that somebody tries a draft with: one line, to a customer who is new or renews after a year."""
    return SaleFacts(
        occurred_at=at,
        currency=version.currency,
        partner=PartnerFacts(SELLER, tier, country=country),
        customer=CustomerFacts("example", country),
        lines=(LineFacts(kind, 1, minor),),
        type=type,
        billed_by=billed_by,
        country=country,
        pair=Pair(at if type == "new" else add_months(at, -12, time_zone), type == "new"),
        time_zone=time_zone,
    )
