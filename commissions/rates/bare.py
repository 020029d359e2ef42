"""Sales as few columns: what a plan asks about, and what somebody earns, for millions of sales already read.

A database can tell sales apart by what a plan asks about far faster than it can hand over all that is known of each.
So a version says what it *asks*; the reader puts the answers into one text a sale, its *shape*, and one a line. The
engine decides the first sale of a shape by all that is known of it; the others take its decision, and only their
amounts are worked out, by the same functions. Shapes may be finer than needed, never coarser.

Whatever a shape does not settle is ``None`` here, and is computed by :mod:`commissions.rates.bulk` or the engine.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from commissions.rates.amounts import Exact
from commissions.rates.bulk import SHAPES_KEPT, Bulk, Decision, PlainLine, bounds_of, conditions_asked
from commissions.rates.facts import SaleFacts
from commissions.rates.plan import Brackets, Condition, Fixed, Margin
from core.money import half_up_ratio


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


BETWEEN = "\x1e"
"""Stands between the fields of lines, and between lines of earnings that are told in one text."""

WITHIN = "\x1f"
"""Stands between the fields of a line of earnings, and between the facts of a shape."""


class BareSale(NamedTuple):
    """A sale for :class:`Bare`. ``shape`` is ``None`` where it takes more to decide, such as a part payment.

    ``lines``: of each in turn its shape and its net sum, and its quantity and cost where amounts need them; all in one
    text with ``BETWEEN`` in between, since a row a line costs more than the line itself. ``None``: it has none.
    """

    sale_id: int
    partner_id: int
    recruiter_id: int | None
    currency: str
    shape: str | None
    lines: str | None


BareEntry = tuple[int, str, str, int | None, int]
"""What somebody earns, as it stands in the books: line, kind, name of the rule or split, partner, amount.

A partner of ``None`` is the vendor.
"""

Read = Callable[[list[int]], Mapping[int, SaleFacts]]
"""Everything known of the sales with these ids."""


class _Ready(NamedTuple):
    """What was decided about lines of a shape, laid out for the loop over them.

    ``owners`` says whose each share is, as a place in *vendor, partner, recruiter*.
    """

    exact: Exact | None
    rule: str
    split: str
    parts: Callable[[int], Sequence[int]] | None
    owners: tuple[int, ...]


_OWNERS = {"vendor": 0, "partner": 1, "recruiter": 2}


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
        self._fields = 4 if self.asked.beyond_net else 2
        self._known: dict[Any, dict[Any, _Ready]] = {}
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
        _sale_id, partner_id, recruiter_id, _currency, shape, lines = sale
        if shape is None or lines is None:
            return None
        fields = lines.split(BETWEEN)
        nets = list(map(int, fields[1 :: self._fields]))
        if min(nets) <= 0:
            return None
        total = sum(nets)
        known = self._known.get(self._shared(sale, total))
        if known is None:
            return None
        whole = self._whole_lines(fields) if self.asked.beyond_net else None
        line = None
        owners = (None, partner_id, recruiter_id)
        found: list[BareEntry] = []
        for place, (of_line, net) in enumerate(zip(self._of_lines(fields, nets), nets, strict=False)):
            ready = known.get(of_line)
            if ready is None:
                return None
            if whole is not None:
                line = next(whole)
            exact, rule, split, parts, owned_by = ready
            if exact is not None:
                amount = half_up_ratio(*exact(line, net, total))  # type: ignore[arg-type]
                if amount:
                    found.append((place, "commission", rule, partner_id, amount))
            if parts is not None:
                # What nobody gets stands behind. Here ``strict`` would take longer than the rest.
                for owner, part in zip(owned_by, parts(net)):  # noqa: B905
                    if part:
                        found.append((place, "split", split, owners[owner], part))
        return found

    def number_of_lines(self, sale: BareSale) -> int:
        """How many lines the sale has."""
        return 0 if sale.lines is None else (sale.lines.count(BETWEEN) + 1) // self._fields

    def _shared(self, sale: BareSale, total: int) -> Any:
        """What tells all lines of a sale apart from those of others."""
        has_recruiter = sale.recruiter_id is not None
        if self._totals:
            return sale.shape, has_recruiter, bisect_right(self._totals, total)
        return sale.shape, has_recruiter

    def _of_lines(self, fields: list[str], nets: list[int]) -> list[Any]:
        """What tells the lines of a sale apart."""
        shapes: list[Any] = fields[:: self._fields]
        if self._nets:
            return [(shape, bisect_right(self._nets, net)) for shape, net in zip(shapes, nets, strict=True)]
        return shapes

    @staticmethod
    def _whole_lines(fields: list[str]) -> Iterator[PlainLine]:
        for net, quantity, cost in zip(fields[1::4], fields[2::4], fields[3::4], strict=True):
            yield PlainLine("", None, int(quantity), int(net), int(cost) if cost else None)

    def _learn(self, sales: list[BareSale], read: Read) -> bool:
        """Lets the engine decide one sale of each shape that is unknown; tells whether there was one."""
        samples: dict[Any, tuple[BareSale, list[Any]]] = {}
        for sale in sales:
            if sale.shape is None or sale.lines is None:
                continue
            fields = sale.lines.split(BETWEEN)
            nets = list(map(int, fields[1 :: self._fields]))
            if min(nets) <= 0:
                continue
            shared, of_lines = self._shared(sale, sum(nets)), self._of_lines(fields, nets)
            key = (shared, tuple(of_lines))
            if key not in self._tried and key not in samples:
                samples[key] = sale, of_lines
        if len(self._tried) > SHAPES_KEPT:
            self._tried.clear()
            self._known.clear()
        self._tried.update(samples)
        facts = read([sale.sale_id for sale, _of_lines in samples.values()]) if samples else {}
        for (shared, _same), (sale, of_lines) in samples.items():
            decisions = self.bulk.decisions(facts[sale.sale_id]) if sale.sale_id in facts else None
            if decisions is not None and len(decisions) == len(of_lines):
                ready = [self._ready(decision, sale.recruiter_id is not None) for decision in decisions]
                self._known.setdefault(shared, {}).update(zip(of_lines, ready, strict=True))
        return bool(samples)

    def _ready(self, decision: Decision, has_recruiter: bool) -> _Ready:
        rule = decision.rule.name if decision.rule is not None else ""
        if decision.split is None:
            return _Ready(decision.exact, rule, "", None, ())
        divided = self.bulk.divided(decision.split, has_recruiter)
        owners = tuple(_OWNERS[role] for role in divided.roles)
        return _Ready(decision.exact, rule, decision.split.name, divided.parts, owners)


def entries_as_text(entries: Iterable[BareEntry]) -> str:
    """What a sale earns whom as one text, as :mod:`commissions.queries.bare` reads it from the books."""
    return BETWEEN.join(
        [
            f"{line}{WITHIN}{kind}{WITHIN}{name}{WITHIN}{'' if owner is None else owner}{WITHIN}{amount}"
            for line, kind, name, owner, amount in entries
        ]
    )


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
