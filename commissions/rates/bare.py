"""Sales as few columns: what a plan asks about, and what somebody earns, for millions of sales already read.

A database can tell sales apart by what a plan asks about far faster than it can hand over all that is known of each.
So a version says what it *asks*; the reader puts the answers into one text a sale, its *shape*, and one a line. The
engine decides the first sale of a shape by all that is known of it; the others take its decision, and only their
amounts are worked out, by the same functions. Shapes may be finer than needed, never coarser.

Whatever a shape does not settle is ``None`` here, and is computed by :mod:`commissions.rates.bulk` or the engine.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from commissions.rates.bulk import SHAPES_KEPT, Bulk, Decision, PlainLine, bounds_of, conditions_asked
from commissions.rates.facts import SaleFacts
from commissions.rates.plan import Brackets, Condition, Fixed, Margin
from core.money import allocate_whole, half_up_ratio


class Asked(NamedTuple):
    """What a version asks about sales and lines, as far as it is no number.

    Fields come with the values that conditions name, or ``None`` where any value may matter. ``months``: ages of a
    pair, in months, at which something may change.
    """

    of_sale: tuple[tuple[str, frozenset[str] | None], ...]
    of_line: tuple[tuple[str, frozenset[str] | None], ...]
    months: tuple[int, ...]
    first_sale: bool
    #: Amounts need the quantity or the cost of a line, too.
    beyond_net: bool
    recruiter: bool


BareLine = tuple[str, int, PlainLine | None]
"""Its shape, its net sum, and the whole line where amounts need it. A million of them are made: plain tuples."""


class BareSale(NamedTuple):
    """A sale for :class:`Bare`. ``shape`` is ``None`` where it takes more to decide, such as a part payment."""

    sale_id: int
    partner_id: int
    recruiter_id: int | None
    currency: str
    shape: str | None
    lines: Sequence[BareLine]


BareEntry = tuple[int, str, str, int | None, int]
"""What somebody earns, as it stands in the books: line, kind, name of the rule or split, partner, amount.

A partner of ``None`` is the vendor.
"""

Read = Callable[[list[int]], Mapping[int, SaleFacts]]
"""Everything known of the sales with these ids."""


class Bare:
    """A version made ready for bare sales. Not shared between threads: it remembers."""

    def __init__(self, bulk: Bulk) -> None:
        self.bulk = bulk
        conditions = conditions_asked(bulk.version)
        self._nets = bounds_of(conditions.pop("line.net_minor", []))
        self._totals = bounds_of(conditions.pop("sale.amount_minor", []))
        months = bounds_of(conditions.pop("customer.months_since_first_sale", []))
        rules = [rule for rule in bulk.version.rules if rule.trigger == "sale"]
        terms = {rule.term_months for rule in rules if rule.term_months is not None}
        amounts = [rule.amount for rule in rules]
        has_margin = any(isinstance(amount, Margin) for amount in amounts)
        of_line = {name: found for name, found in conditions.items() if name.startswith("line.")}
        if has_margin:
            of_line["line.cost_minor"] = []
        self.asked = Asked(
            of_sale=tuple(
                (name, _named(found)) for name, found in conditions.items() if not name.startswith("line.")
            ),
            of_line=tuple((name, _named(found)) for name, found in of_line.items()),
            months=tuple(sorted(month for month in {*terms, *months} if month > 0)),
            first_sale=0 in terms,
            beyond_net=has_margin
            or any(isinstance(amount, Fixed) and amount.per == "unit" for amount in amounts)
            or any(isinstance(amount, Brackets) and amount.on == "line.quantity" for amount in amounts),
            recruiter=any(share.to == "recruiter" for split in bulk.version.splits for share in split.shares),
        )
        self._known: dict[Any, dict[Any, Decision]] = {}
        self._tried: set[Any] = set()

    def entries_of(self, sales: Iterable[BareSale], read: Read) -> dict[int, list[BareEntry] | None]:
        """What each sale earns whom, in the order of posting, zeros left out; ``None`` where it takes the engine.

        One sale of each unknown shape is read in full, and decides for the others.
        """
        sales = list(sales)
        found = {sale.sale_id: self._entries(sale) for sale in sales}
        open_ = [sale for sale in sales if found[sale.sale_id] is None]
        if open_ and self._learn(open_, read):
            found |= {sale.sale_id: self._entries(sale) for sale in open_}
        return found

    def _entries(self, sale: BareSale) -> list[BareEntry] | None:
        lines = sale.lines
        if sale.shape is None or not lines:
            return None
        total = 0
        for _shape, net, _line in lines:
            if net <= 0:
                return None
            total += net
        known = self._known.get(self._shared(sale.shape, total))
        if known is None:
            return None
        partner_id = sale.partner_id
        nets = self._nets
        found: list[BareEntry] = []
        for place, (shape, net, line) in enumerate(lines):
            decision = known.get((shape, bisect_right(nets, net)) if nets else shape)
            if decision is None:
                return None
            if decision.exact is not None:
                amount = half_up_ratio(*decision.exact(line, net, total))  # type: ignore[arg-type]
                if amount:
                    found.append((place, "commission", decision.rule.name, partner_id, amount))  # type: ignore[union-attr]
            if decision.split is not None:
                divided = self.bulk.divided(decision.split, sale.recruiter_id is not None)
                for role, part in zip(divided.roles, allocate_whole(net, divided.weights), strict=False):
                    if part:
                        owner = (
                            partner_id
                            if role == "partner"
                            else sale.recruiter_id
                            if role == "recruiter"
                            else None
                        )
                        found.append((place, "split", decision.split.name, owner, part))
        return found

    def _shared(self, shape: str, total: int) -> Any:
        return (shape, bisect_right(self._totals, total)) if self._totals else shape

    def _shapes(self, sale: BareSale) -> tuple[Any, list[Any]]:
        """What tells the sale apart, and each of its lines."""
        assert sale.shape is not None
        shared = self._shared(sale.shape, sum(net for _shape, net, _line in sale.lines))
        nets = self._nets
        return shared, [
            (shape, bisect_right(nets, net)) if nets else shape for shape, net, _line in sale.lines
        ]

    def _learn(self, sales: list[BareSale], read: Read) -> bool:
        """Lets the engine decide one sale of each shape that is unknown; tells whether there was one."""
        samples: dict[Any, tuple[int, Any, list[Any]]] = {}
        for sale in sales:
            if sale.shape is None or not sale.lines or min(net for _shape, net, _line in sale.lines) <= 0:
                continue
            shared, shapes = self._shapes(sale)
            key = (shared, tuple(shapes))
            if key not in self._tried:
                samples.setdefault(key, (sale.sale_id, shared, shapes))
        if len(self._tried) > SHAPES_KEPT:
            self._tried.clear()
            self._known.clear()
        self._tried.update(samples)
        facts = read([sale_id for sale_id, _shared, _shapes in samples.values()]) if samples else {}
        for sale_id, shared, shapes in samples.values():
            decisions = self.bulk.decisions(facts[sale_id]) if sale_id in facts else None
            if decisions is not None:
                self._known.setdefault(shared, {}).update(zip(shapes, decisions, strict=True))
        return bool(samples)


def _named(conditions: list[Condition]) -> frozenset[str] | None:
    """The values that conditions name, where nothing else can matter to them."""
    if not conditions or any(each.op not in ("eq", "ne", "in", "not_in") for each in conditions):
        return None
    values = [
        value
        for each in conditions
        for value in (each.value if isinstance(each.value, tuple) else (each.value,))
    ]
    if not all(isinstance(value, str) for value in values):
        return None
    return frozenset(value for value in values if isinstance(value, str))
