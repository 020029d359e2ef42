"""The same figures as :func:`compute` and :func:`first_postings`, for millions of sales.

Most sales are plain: paid in full, nothing given back, billed by the vendor, no line at or below 0. Where the first
match wins, and it is a rule without caps that pays by the line, each line stands for itself, and which rule and which
split it falls under depends on few facts: those that the plan's conditions ask about. Lines that agree in them are of
one *shape*. The engine decides the first line of a shape; all others of it take its decision, and only their amounts
are worked out. Numbers count by the side of each bound they lie on, so that a condition such as *more than
15,000.00* makes two shapes and not one a sale.

Whatever is not plain goes through the engine, sale by sale. Either way the figures and their proofs are the same; a
test holds that against plans and sales that Hypothesis makes up.
"""

import json
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from itertools import chain
from math import lcm
from typing import Any, NamedTuple

from commissions.rates.amounts import Exact, exact_amount
from commissions.rates.computation import Beneficiary, EntryKey, Posting, compute, first_postings
from commissions.rates.conditions import conditions_in, field_named
from commissions.rates.facts import CustomerFacts, Pair, PartnerFacts, SaleFacts
from commissions.rates.matching import Award, CapKey
from commissions.rates.plan import Condition, Margin, PlanVersion, Rate, Rule, Split
from commissions.rates.proofs import GrantWorking, ShareWorking, Working, proof_of
from commissions.rates.terms import is_first_sale, is_within_term
from commissions.rates.written import OfGrant, OfShare, proof_of_percent, proofs_of_shares
from core.money import allocation, half_up_ratio

Shape = tuple[Any, ...]
Part = Callable[[SaleFacts, Any, int], Any]
"""One fact of a shape: of a sale, a line, and the net sum of the sale."""

SHAPES_KEPT = 20_000


class PlainLine(NamedTuple):
    """A line as conditions and amounts read it, without a second look at numbers that the database holds."""

    kind: str
    product: str | None
    quantity: int
    net_minor: int
    cost_minor: int | None


def assessed(sale: SaleFacts, *, partner: PartnerFacts, customer: CustomerFacts, pair: Pair) -> SaleFacts:
    """The sale with whose it is, and since when."""
    return SaleFacts(
        sale.occurred_at,
        sale.currency,
        partner,
        customer,
        sale.lines,
        sale.type,
        sale.billed_by,
        sale.source,
        sale.country,
        sale.metadata,
        pair,
        sale.paid_minor,
        sale.time_zone,
        sale.trigger,
    )


class Figure(NamedTuple):
    """What somebody earns from a line. A beneficiary of ``None`` is the vendor."""

    partner_id: str | None
    amount_minor: int


class Written(NamedTuple):
    """What somebody earns from a new sale, as it is written: a :class:`Posting` with its proof as JSON text.

    A partner of ``None`` is the vendor.
    """

    line: int | None
    kind: str
    name: str
    partner_id: str | None
    amount_minor: int
    proof: str


class Divided(NamedTuple):
    """A split for a partner with, or without, a recruiter: whose the shares are, and the parts of a whole.

    Behind the parts of the roles stands what they leave of 100 %, if that is anything.
    """

    split: Split
    roles: tuple[str, ...]
    percents: tuple[Rate, ...]
    parts: Callable[[int], Sequence[int]]


class Decision(NamedTuple):
    """Under which rule and split the lines of a shape fall; not ``is_plain`` where the rule looks beyond the line."""

    rule: Rule | None
    exact: Exact | None
    split: Split | None
    is_plain: bool


class Bulk:
    """A plan version made ready for many sales. Not shared between threads: it remembers."""

    def __init__(self, version: PlanVersion) -> None:
        self.version = version
        rules = [rule for rule in version.rules if rule.trigger == "sale"]
        self.is_plain = (
            version.match == "first"
            and not version.converts
            and all(_is_plain_split(split) for split in version.splits)
        )
        self._of_sale, self._of_line = _parts(version, rules)
        self._decisions: dict[Shape, Decision] = {}
        self._divided: dict[tuple[str, bool], Divided] = {}
        self._exact = {rule.name: exact_amount(rule.amount) for rule in rules}
        self._grants: dict[tuple[str, str], OfGrant | None] = {}
        self._shares: dict[tuple[str, bool, str], tuple[OfShare, ...]] = {}

    def written(self, sale: SaleFacts) -> list[Written]:
        """As :meth:`postings`, ready to be written."""
        decided = self._decided(sale)
        if decided is None:
            return [_as_written(posting) for posting in first_postings(self.version, sale)]
        partner, total, decisions = decided
        currency, has_recruiter = sale.currency, partner.recruiter_id is not None
        found: list[Written] = []
        for index, (line, decision) in enumerate(zip(sale.lines, decisions, strict=True)):
            net = line.net_minor
            rule, split = decision.rule, decision.split
            if rule is not None and decision.exact is not None:
                amount = half_up_ratio(*decision.exact(line, net, total))
                if amount:
                    write = self._proof_of_grant(rule, currency)
                    proof = (
                        write(net, amount)
                        if write is not None
                        else self._proof(sale, decided, index, rule.name)
                    )
                    found.append(Written(index, "commission", rule.name, partner.id, amount, proof))
            if split is not None:
                divided = self.divided(split, has_recruiter)
                proofs = self._proofs_of_shares(divided, has_recruiter, currency)
                parts = divided.parts(net)
                for role, part, write in zip(divided.roles, parts, proofs, strict=False):
                    if part:
                        owner = _id_of(role, partner)
                        found.append(Written(index, "split", split.name, owner, part, write(net, part)))
        return found

    def _proof_of_grant(self, rule: Rule, currency: str) -> OfGrant | None:
        key = (rule.name, currency)
        if key not in self._grants:
            self._grants[key] = proof_of_percent(rule, currency)
        return self._grants[key]

    def _proofs_of_shares(self, divided: Divided, has_recruiter: bool, currency: str) -> tuple[OfShare, ...]:
        key = (divided.split.name, has_recruiter, currency)
        known = self._shares.get(key)
        if known is None:
            known = self._shares[key] = proofs_of_shares(divided.percents, currency)
        return known

    def _proof(
        self, sale: SaleFacts, decided: tuple[PartnerFacts, int, list[Decision]], line: int, name: str
    ) -> str:
        """The proof of a line's commission by a rule of any kind."""
        for key, amount, working in self._workings(sale, *decided):
            if (key.line, key.kind, key.name) == (line, "commission", name):
                return json.dumps(proof_of(working, amount, sale.currency), ensure_ascii=False)
        raise AssertionError("it was decided")

    def figures(self, sale: SaleFacts, used: dict[CapKey, int] | None = None) -> list[Figure]:
        """What everybody earns from a new sale, line by line, without proofs; zeros left out.

        ``used`` is what earlier sales used of caps; what this one uses is added to it.
        """
        decided = self._decided(sale)
        if decided is None:
            computation = compute(self.version, sale, granted=used or {})
            if used is not None:
                for key, amount in computation.cap_use.items():
                    used[key] = used.get(key, 0) + amount
            return [Figure(entry.key.beneficiary.id, entry.amount_minor) for entry in computation.entries]
        partner, total, decisions = decided
        found = []
        for line, decision in zip(sale.lines, decisions, strict=True):
            net = line.net_minor
            if decision.exact is not None:
                amount = half_up_ratio(*decision.exact(line, net, total))
                if amount:
                    found.append(Figure(partner.id, amount))
            if decision.split is not None:
                divided = self.divided(decision.split, partner.recruiter_id is not None)
                for role, part in zip(divided.roles, divided.parts(net), strict=False):
                    if part:
                        found.append(Figure(_id_of(role, partner), part))
        return found

    def postings(self, sale: SaleFacts) -> list[Posting]:
        """What a new sale posts, with proofs: as :func:`first_postings` of a sale that nothing else is known of."""
        decided = self._decided(sale)
        if decided is None:
            return first_postings(self.version, sale)
        return [
            Posting(key, key.kind, amount, sale.currency, proof_of(working, amount, sale.currency))
            for key, amount, working in self._workings(sale, *decided)
            if amount
        ]

    def _workings(
        self, sale: SaleFacts, partner: PartnerFacts, total: int, decisions: list[Decision]
    ) -> Iterator[tuple[EntryKey, int, Working]]:
        """Every figure of a plain sale with how it was worked out."""
        owner = Beneficiary("partner", partner.id)
        for index, (line, decision) in enumerate(zip(sale.lines, decisions, strict=True)):
            net = line.net_minor
            if decision.rule is not None and decision.exact is not None:
                exact = decision.exact(line, net, total)
                award = Award(decision.rule, index, (index,), exact, None, None)
                key = EntryKey(index, "commission", decision.rule.name, owner)
                yield key, half_up_ratio(*exact), GrantWorking(award, line, net, total, net, net)
            if decision.split is not None:
                divided = self.divided(decision.split, partner.recruiter_id is not None)
                parts = divided.parts(net)
                for place, (role, part) in enumerate(zip(divided.roles, parts, strict=False)):
                    key = EntryKey(index, "split", decision.split.name, _beneficiary(role, partner))
                    yield key, part, ShareWorking(net, divided.percents, place)

    def targets(self, sale: SaleFacts) -> dict[EntryKey, int]:
        """What each entry of a new sale should sum to, as :func:`targets`."""
        decided = self._decided(sale)
        if decided is None:
            return compute(self.version, sale).targets
        return {key: amount for key, amount, _working in self._workings(sale, *decided) if amount}

    def is_plain_sale(self, sale: SaleFacts) -> bool:
        """Whether each of its lines stands for itself."""
        return self._decided(sale) is not None

    def decisions(self, sale: SaleFacts) -> list[Decision] | None:
        """What was decided about each line; ``None`` for a sale that is not plain."""
        decided = self._decided(sale)
        return decided[2] if decided is not None else None

    def _decided(self, sale: SaleFacts) -> tuple[PartnerFacts, int, list[Decision]] | None:
        """The partner, the net sum, and the decision about each line; ``None`` for what is not plain."""
        partner = sale.partner
        if (
            not self.is_plain
            or partner is None
            or sale.trigger != "sale"
            or sale.billed_by != "vendor"
            or sale.paid_minor is not None
            or partner.recruiter_id == partner.id
        ):
            return None
        nets = [line.net_minor for line in sale.lines]
        if not nets or min(nets) <= 0:
            return None
        total = sum(nets)
        decisions = self._decisions_about(sale, total)
        if not all([decision.is_plain for decision in decisions]):  # noqa: C419 - a list is twice as fast here
            return None
        return partner, total, decisions

    def _decisions_about(self, sale: SaleFacts, total: int) -> list[Decision]:
        """As remembered by the shape of each line, or asked of the engine and remembered."""
        shared = tuple([part(sale, None, total) for part in self._of_sale])
        known = self._decisions
        found: list[Decision] = []
        for line in sale.lines:
            decision = known.get((*shared, *[part(sale, line, total) for part in self._of_line]))
            if decision is None:
                return self._decide(sale, total, shared)
            found.append(decision)
        return found

    def _decide(self, sale: SaleFacts, total: int, shared: Shape) -> list[Decision]:
        if len(self._decisions) > SHAPES_KEPT:
            self._decisions.clear()
        matched = self.version.matcher.match(sale, {})
        rules = {index: award.rule for award in matched.awards for index in award.covers}
        found = []
        for index, line in enumerate(sale.lines):
            rule = rules.get(index)
            decision = Decision(
                rule,
                self._exact[rule.name] if rule is not None else None,
                matched.splits[index],
                rule is None or not (rule.caps or rule.is_fixed_per_sale),
            )
            self._decisions[(*shared, *[part(sale, line, total) for part in self._of_line])] = decision
            found.append(decision)
        return found

    def divided(self, split: Split, has_recruiter: bool) -> Divided:
        """Whose the shares are. What would be a recruiter's stays with the vendor where there is none."""
        known = self._divided.get((split.name, has_recruiter))
        if known is None:
            shares = [share for share in split.shares if share.to != "recruiter" or has_recruiter]
            # The partner's share comes first, so that ties go to it.
            shares.sort(key=lambda share: share.to != "partner")
            percents = tuple(share.percent for share in shares)
            common = lcm(*(percent.denominator for percent in percents))
            weights = [percent.numerator * (common // percent.denominator) for percent in percents]
            left = common - sum(weights)
            parts = allocation([*weights, left] if left else weights)
            known = Divided(split, tuple(share.to for share in shares), percents, parts)
            self._divided[(split.name, has_recruiter)] = known
        return known


def _as_written(posting: Posting) -> Written:
    key = posting.key
    proof = json.dumps(posting.proof, ensure_ascii=False)
    return Written(key.line, posting.kind, key.name, key.beneficiary.id, posting.amount_minor, proof)


def _is_plain_split(split: Split) -> bool:
    """Its shares are of the partner, the vendor and the recruiter, each named once."""
    names = [share.to for share in split.shares]
    return set(names) <= {"partner", "vendor", "recruiter"} and len(set(names)) == len(names)


def _id_of(role: str, partner: PartnerFacts) -> str | None:
    if role == "partner":
        return partner.id
    return partner.recruiter_id if role == "recruiter" else None


def _beneficiary(role: str, partner: PartnerFacts) -> Beneficiary:
    owner = _id_of(role, partner)
    return Beneficiary("vendor") if owner is None else Beneficiary("partner", owner)


# What decides about a line


def _parts(version: PlanVersion, rules: list[Rule]) -> tuple[list[Part], list[Part]]:
    """The facts that a shape is made of: those of the sale, and those of the line."""
    of_sale: list[Part] = [lambda sale, line, total: sale.currency == version.currency]
    of_line: list[Part] = []
    if any(isinstance(rule.amount, Margin) for rule in rules):
        of_line.append(lambda sale, line, total: line.cost_minor is None)
    of_sale += [_in_term(months) for months in sorted({rule.term_months for rule in rules} - {None}, key=int)]  # type: ignore[arg-type]
    for name, conditions in conditions_asked(version).items():
        (of_line if name.startswith("line.") else of_sale).append(_part(name, conditions))
    return of_sale, of_line


def conditions_asked(version: PlanVersion) -> dict[str, list[Condition]]:
    """Every condition on sales, by the field it asks about."""
    rules = (rule.when for rule in version.rules if rule.trigger == "sale")
    asked: dict[str, list[Condition]] = {}
    for node in chain(rules, (split.when for split in version.splits)):
        for condition in conditions_in(node):
            asked.setdefault(condition.field, []).append(condition)
    return asked


def _in_term(months: int) -> Part:
    """Whether a rule of so many months still pays. Far from the end nobody has to look at a calendar."""
    if months == 0:
        return lambda sale, line, total: is_first_sale(sale.pair, sale.occurred_at)
    surely, never = timedelta(days=28 * months - 1), timedelta(days=31 * months + 1)

    def in_term(sale: SaleFacts, line: Any, total: int) -> bool:
        first = sale.pair.first_sale_at
        if first is None:
            return True
        since = sale.occurred_at - first
        if since < surely:
            return True
        return since <= never and is_within_term(sale.pair, sale.occurred_at, months, sale.time_zone)

    return in_term


def _part(name: str, conditions: list[Condition]) -> Part:
    """A fact as far as its conditions can tell it apart."""
    found = field_named(name)
    assert found is not None, f"{name} was let through"
    read = found.read
    if found.kind in ("number", "money"):
        return _side(_number(name), bounds_of(conditions))

    def value(sale: SaleFacts, line: Any) -> Any:
        return read(_Seen(sale), line)  # type: ignore[arg-type]

    if found.kind == "text" and all(each.op in ("eq", "ne", "in", "not_in") for each in conditions):
        named = frozenset(constant for each in conditions for constant in _constants(each))
        # What no condition names is all alike to them, known or not.
        return lambda sale, line, total: fact if (fact := value(sale, line)) in named else None
    return lambda sale, line, total: _told_apart(value(sale, line))


class _Seen:
    """A sale as the readers of facts take it, where they ask for nothing that has to be summed up."""

    __slots__ = ("sale",)

    def __init__(self, sale: SaleFacts) -> None:
        self.sale = sale


def _number(name: str) -> Part:
    match name:
        case "line.net_minor":
            return lambda sale, line, total: line.net_minor
        case "line.quantity":
            return lambda sale, line, total: line.quantity
        case "sale.amount_minor":
            return lambda sale, line, total: total
        case _:
            from commissions.rates.terms import months_between

            def months(sale: SaleFacts, line: Any, total: int) -> int:
                first = sale.pair.first_sale_at
                return 0 if first is None else months_between(first, sale.occurred_at, sale.time_zone)

            return months


def bounds_of(conditions: list[Condition]) -> list[int]:
    """The numbers at which a condition may change its mind: at a constant, and right behind it."""
    constants = {constant for each in conditions for constant in _constants(each) if type(constant) is int}
    return sorted({bound for constant in constants for bound in (constant, constant + 1)})


def _side(read: Part, bounds: list[int]) -> Part:
    return lambda sale, line, total: bisect_right(bounds, read(sale, line, total))


def _constants(condition: Condition) -> tuple[Any, ...]:
    return condition.value if isinstance(condition.value, tuple) else (condition.value,)


def _told_apart(value: Any) -> Any:
    """Something that can be remembered, in which ``True`` is not 1; lists by what they hold."""
    if isinstance(value, list | tuple):
        return tuple(_told_apart(each) for each in value)
    return repr(value) if isinstance(value, dict) else (value.__class__, value)
