"""Conditions: the facts a rule may ask about, and whether they hold.

A fact that is unknown equals nothing: only *ne*, *not_in* and *exists: false* hold for it. An amount of money
holds only in the currency it is written in, the plan version's.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from commissions.rates.facts import LineFacts, SaleFacts
from commissions.rates.plan import LINE_KINDS, Condition, Group, Operator
from commissions.rates.terms import months_between


class Situation:
    """A sale as conditions see it, with what is worked out once for all of its lines."""

    def __init__(self, sale: SaleFacts) -> None:
        self.sale = sale
        self.nets = [line.net_minor for line in sale.lines]
        self.amount_minor = sum(self.nets)
        """The base of the sale, with prorations as they are signed."""

    @cached_property
    def months_since_first_sale(self) -> int:
        sale = self.sale
        if sale.pair.first_sale_at is None:
            return 0
        return months_between(sale.pair.first_sale_at, sale.occurred_at, sale.time_zone)


Fact = Callable[[Situation, LineFacts | None], object]
Test = Callable[[Situation, LineFacts | None], bool]
Kind = Literal["text", "number", "money", "any"]


@dataclass(frozen=True, slots=True)
class Field:
    """A fact that conditions may name: how to read it, and what it can be."""

    kind: Kind
    read: Fact
    choices: tuple[str, ...] = ()
    is_always_known: bool = False
    minimum: int | None = None

    @property
    def operators(self) -> tuple[Operator, ...]:
        if self.kind in ("number", "money"):
            return ("eq", "ne", "in", "not_in", "gt", "gte", "lt", "lte", "exists")
        if self.kind == "text":
            return ("eq", "ne", "in", "not_in", "contains", "exists")
        return ("eq", "ne", "in", "not_in", "gt", "gte", "lt", "lte", "contains", "exists")


def _of_line(name: str) -> Fact:
    return lambda situation, line: getattr(line, name, None)


def _of_sale(name: str) -> Fact:
    return lambda situation, line: getattr(situation.sale, name)


def _of_customer(name: str) -> Fact:
    return lambda situation, line: getattr(situation.sale.customer, name)


def _of_partner(name: str) -> Fact:
    return lambda situation, line: getattr(situation.sale.partner, name, None)


FIELDS: Mapping[str, Field] = {
    "line.kind": Field("text", _of_line("kind"), choices=LINE_KINDS, is_always_known=True),
    "line.product": Field("text", _of_line("product")),
    "line.net_minor": Field("money", _of_line("net_minor"), is_always_known=True),
    "line.quantity": Field("number", _of_line("quantity"), is_always_known=True),
    "sale.type": Field(
        "text", _of_sale("type"), choices=("new", "renewal", "expansion"), is_always_known=True
    ),
    "sale.amount_minor": Field(
        "money", lambda situation, line: situation.amount_minor, is_always_known=True, minimum=0
    ),
    "sale.billed_by": Field(
        "text", _of_sale("billed_by"), choices=("vendor", "partner"), is_always_known=True
    ),
    "sale.source": Field("text", _of_sale("source")),
    "sale.country": Field(
        "text", lambda situation, line: situation.sale.country or situation.sale.customer.country
    ),
    "customer.country": Field("text", _of_customer("country")),
    "customer.size": Field("any", _of_customer("size")),
    "customer.id": Field("text", _of_customer("id")),
    "customer.months_since_first_sale": Field(
        "number", lambda situation, line: situation.months_since_first_sale, is_always_known=True, minimum=0
    ),
    "partner.tier": Field("text", _of_partner("tier")),
    "partner.type": Field("text", _of_partner("type")),
    "partner.country": Field("text", _of_partner("country")),
    "partner.id": Field("text", _of_partner("id"), is_always_known=True),
}

METADATA = "metadata."


def field_named(name: str) -> Field | None:
    """The field, or ``None`` if there is none of that name. ``metadata.`` takes any key after its point."""
    if name.startswith(METADATA) and len(name) > len(METADATA):
        key = name[len(METADATA) :]
        return Field("any", lambda situation, line: situation.sale.metadata.get(key))
    return FIELDS.get(name)


def compiled(node: Condition | Group, currency: str) -> Test:
    """A condition tree as one function of a situation and a line."""
    if isinstance(node, Group):
        return _compiled_group(node, currency)
    found = field_named(node.field)
    assert found is not None, f"{node.field} was let through"
    if found.kind == "money":
        return _in_currency(currency, _compiled_condition(node, found.read))
    return _compiled_condition(node, found.read)


def _compiled_group(group: Group, currency: str) -> Test:
    tests = [compiled(part, currency) for part in group.parts]
    if len(tests) == 1:
        return tests[0]
    if group.mode == "all":
        if not tests:
            return lambda situation, line: True

        def all_hold(situation: Situation, line: LineFacts | None) -> bool:
            for test in tests:  # noqa: SIM110 - a million lines pass here, and a generator takes twice as long
                if not test(situation, line):
                    return False
            return True

        return all_hold
    return lambda situation, line: any(test(situation, line) for test in tests)


def _in_currency(currency: str, test: Test) -> Test:
    return lambda situation, line: situation.sale.currency == currency and test(situation, line)


def _compiled_condition(condition: Condition, read: Fact) -> Test:
    value = condition.value
    match condition.op:
        case "eq" if isinstance(value, str):
            return lambda situation, line: read(situation, line) == value
        case "eq":
            return lambda situation, line: _same(read(situation, line), value)
        case "ne":
            return lambda situation, line: not _same(read(situation, line), value)
        case "in":
            return lambda situation, line: _among(read(situation, line), value)
        case "not_in":
            return lambda situation, line: not _among(read(situation, line), value)
        case "contains":
            return lambda situation, line: _contains(read(situation, line), value)
        case "exists":
            return lambda situation, line: (read(situation, line) is not None) is value
        case order:
            return lambda situation, line: _ordered(read(situation, line), order, value)


def _same(fact: object, value: object) -> bool:
    """Equal, where ``True`` is not 1."""
    return fact == value and (type(fact) is bool) is (type(value) is bool)


def _among(fact: object, values: object) -> bool:
    assert isinstance(values, tuple)
    return any(_same(fact, value) for value in values)


def _contains(fact: object, value: object) -> bool:
    if isinstance(fact, str):
        return isinstance(value, str) and value in fact
    return isinstance(fact, list | tuple) and _among(value, tuple(fact))


def _ordered(fact: object, op: str, bound: object) -> bool:
    if type(fact) is not int or type(bound) is not int:
        return False
    match op:
        case "gt":
            return fact > bound
        case "gte":
            return fact >= bound
        case "lt":
            return fact < bound
        case _:
            return fact <= bound


@dataclass(frozen=True, slots=True)
class Seen:
    """A condition, what the fact really was, and whether it held: the stuff of explanations."""

    condition: Condition
    was: object
    held: bool
    other_currency: bool = False


def look_at(condition: Condition, situation: Situation, line: LineFacts | None, currency: str) -> Seen:
    """One condition against the facts, with the fact kept for the reader."""
    found = field_named(condition.field)
    assert found is not None, f"{condition.field} was let through"
    held = compiled(condition, currency)(situation, line)
    elsewhere = found.kind == "money" and situation.sale.currency != currency
    return Seen(condition, found.read(situation, line), held, elsewhere)


def why_it_holds(
    node: Condition | Group, situation: Situation, line: LineFacts | None, currency: str
) -> tuple[bool, tuple[Seen, ...]]:
    """Whether a tree holds, and the conditions that decide it.

    When it holds: every condition of an *all*, the first that holds of an *any*. When it doesn't: the first
    that fails of an *all*, every one of an *any*.
    """
    if isinstance(node, Condition):
        seen = look_at(node, situation, line, currency)
        return seen.held, (seen,)
    decided_by: list[Seen] = []
    for part in node.parts:
        held, reasons = why_it_holds(part, situation, line, currency)
        if held is (node.mode == "any"):
            return held, reasons
        decided_by.extend(reasons)
    return node.mode == "all", tuple(decided_by)


def conditions_in(node: Condition | Group) -> Iterator[Condition]:
    """Every condition of a tree, in the printed order."""
    if isinstance(node, Condition):
        yield node
    else:
        for part in node.parts:
            yield from conditions_in(part)
