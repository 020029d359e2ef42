"""Which rule each line of a sale earns by, which split divides it, and what the rule then grants in full.

*First*: the first rule in the printed order that matches. *Best*: the one that grants the partner most money,
the first of equals. An amount per sale stands for all lines that its rule wins; in a *best* plan it wins them
if it is more than the sum of what they would earn otherwise.

What is granted here supposes a sale paid in full and never refunded. Payments and refunds take their part of
it later, and never change which rule won.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from commissions.rates.amounts import Ratio, exact_amount
from commissions.rates.conditions import Situation, compiled, conditions_in
from commissions.rates.facts import LineFacts, SaleFacts
from commissions.rates.plan import TRIGGERS, Cap, Margin, PlanVersion, Rule, Split
from commissions.rates.terms import is_within_term, window_label
from core.money import half_up_ratio


class CapKey(NamedTuple):
    """One cap of a rule, for one partner (and customer), in one window: what grants are summed by."""

    rule: str
    cap: int
    partner_id: str
    customer_id: str | None
    window: str


Granted = Mapping[CapKey, int]
"""What earlier sales were granted under each cap, before refunds."""


@dataclass(frozen=True, slots=True)
class Award:
    """What a rule grants on a line, or on a sale as a whole (``line`` is None): exact, before and after its
    caps."""

    rule: Rule
    line: int | None
    covers: tuple[int, ...]
    uncapped: Ratio
    cap: Cap | None
    room: int | None

    @property
    def exact(self) -> Ratio:
        numerator, denominator = self.uncapped
        if self.room is not None and numerator > self.room * denominator:
            return self.room, 1
        return self.uncapped


@dataclass(slots=True)
class Matched:
    """The outcome for a sale: its awards, and the split of each line."""

    situation: Situation
    awards: list[Award] = field(default_factory=list)
    splits: list[Split | None] = field(default_factory=list)
    cap_use: dict[CapKey, int] = field(default_factory=dict)


class _ReadyRule:
    """A rule with its condition and amount as functions."""

    def __init__(self, rule: Rule, currency: str) -> None:
        self.rule = rule
        self.holds = compiled(rule.when, currency)
        self.exact = exact_amount(rule.amount)
        self.needs_plan_currency = rule.needs_plan_currency
        self.needs_cost = isinstance(rule.amount, Margin)

    def matches(self, situation: Situation, line: LineFacts | None) -> bool:
        if self.needs_cost and (line is None or line.cost_minor is None):
            return False
        return self.holds(situation, line)


class _ReadySplit:
    """A split with its condition as a function.

    Where the partner billed the customer, the revenue is the partner's: only a split that asks who billed
    divides it.
    """

    def __init__(self, split: Split, currency: str) -> None:
        self.split = split
        self.holds = compiled(split.when, currency)
        self.asks_who_billed = asks_who_billed(split)

    def matches(self, situation: Situation, line: LineFacts) -> bool:
        if situation.sale.billed_by == "partner" and not self.asks_who_billed:
            return False
        return self.holds(situation, line)


class Matcher:
    """A plan version made ready: conditions and amounts are functions, and nothing is looked up twice."""

    def __init__(self, version: PlanVersion) -> None:
        self.version = version
        self._rules = {
            trigger: [_ReadyRule(rule, version.currency) for rule in version.rules if rule.trigger == trigger]
            for trigger in TRIGGERS
        }
        self._splits = [_ReadySplit(split, version.currency) for split in version.splits]

    def match(self, sale: SaleFacts, granted: Granted) -> Matched:
        """What the sale earns in full; nothing without a partner, or with a base below 0."""
        situation = Situation(sale)
        matched = Matched(situation)
        if sale.partner is None:
            return matched
        is_in_plan_currency = sale.currency == self.version.currency
        rules = [
            ready
            for ready in self._rules[sale.trigger]
            if (is_in_plan_currency or not ready.needs_plan_currency) and is_in_term(ready.rule, sale)
        ]
        desk = _Desk(sale, granted, matched)
        if sale.trigger != "sale":
            self._match_event(rules, desk)
            return matched
        matched.splits = [self._split_of(situation, line) for line in sale.lines]
        if situation.amount_minor < 0:
            return matched
        if self.version.match == "best":
            self._match_best(rules, desk)
        else:
            self._match_first(rules, desk)
        return matched

    def _split_of(self, situation: Situation, line: LineFacts) -> Split | None:
        for ready in self._splits:
            if ready.matches(situation, line):
                return ready.split
        return None

    def _match_event(self, rules: list[_ReadyRule], desk: "_Desk") -> None:
        fitting = [ready for ready in rules if ready.matches(desk.situation, None)]
        if not fitting:
            return
        desk.grant(desk.best_of(fitting, None) if self.version.match == "best" else fitting[0], None, ())

    def _match_first(self, rules: list[_ReadyRule], desk: "_Desk") -> None:
        covered: dict[int, list[int]] = {}
        winners: list[_ReadyRule | None] = []
        situation = desk.situation
        for index, line in enumerate(desk.sale.lines):
            winner = next((ready for ready in rules if ready.matches(situation, line)), None)
            if winner is not None and desk.is_divided(index) and not winner.rule.with_split:
                winner = None
            if winner is not None and winner.rule.is_fixed_per_sale:
                covered.setdefault(id(winner), []).append(index)
            winners.append(winner)
        self._grant_all(winners, covered, desk)

    def _match_best(self, rules: list[_ReadyRule], desk: "_Desk") -> None:
        lines = range(len(desk.sale.lines))
        fitting = [[ready for ready in rules if desk.fits(ready, index)] for index in lines]
        single = [[ready for ready in each if not ready.rule.is_fixed_per_sale] for each in fitting]
        alone = [max((desk.worth(ready, index) for ready in single[index]), default=None) for index in lines]
        covered: dict[int, list[int]] = {}
        winners: list[_ReadyRule | None] = [None for _ in lines]
        open_lines = set(lines)
        per_sale = [ready for ready in rules if ready.rule.is_fixed_per_sale]
        while True:
            gains: list[tuple[Fraction, _ReadyRule, list[int]]] = []
            for ready in per_sale:
                wins = [index for index in lines if index in open_lines and ready in fitting[index]]
                if wins and id(ready) not in covered:
                    otherwise = sum((alone[index] or Fraction(0) for index in wins), Fraction(0))
                    gains.append((desk.worth(ready, None) - otherwise, ready, wins))
            best = max(gains, key=lambda gain: gain[0], default=None)
            if best is None or best[0] <= 0:
                break
            _gain, ready, wins = best
            covered[id(ready)] = wins
            for index in wins:
                winners[index] = ready
            open_lines -= set(wins)
        self._grant_all(winners, covered, desk, single)

    def _grant_all(
        self,
        winners: list[_ReadyRule | None],
        covered: dict[int, list[int]],
        desk: "_Desk",
        choices: list[list[_ReadyRule]] | None = None,
    ) -> None:
        """Grant line by line in the printed order, so that caps are used up in that order too."""
        for index, decided in enumerate(winners):
            choice = choices[index] if choices is not None else []
            winner = desk.best_of(choice, index) if decided is None and choice else decided
            if winner is None:
                continue
            if not winner.rule.is_fixed_per_sale:
                desk.grant(winner, index, (index,))
            elif covered[id(winner)][0] == index:
                desk.grant(winner, None, tuple(covered[id(winner)]))


class _Desk:
    """One sale being granted: what its caps still leave, and what it was granted so far."""

    def __init__(self, sale: SaleFacts, granted: Granted, matched: Matched) -> None:
        self.sale = sale
        self.granted = granted
        self.matched = matched
        self.situation = matched.situation

    def is_divided(self, index: int) -> bool:
        return self.matched.splits[index] is not None

    def fits(self, ready: _ReadyRule, index: int) -> bool:
        if self.is_divided(index) and not ready.rule.with_split:
            return False
        return ready.matches(self.situation, self.sale.lines[index])

    def worth(self, ready: _ReadyRule, index: int | None) -> Fraction:
        """What the rule would grant on the line, or on the sale, as things stand."""
        return Fraction(*self._award(ready, index, ()).exact)

    def best_of(self, choices: list[_ReadyRule], index: int | None) -> _ReadyRule:
        """The rule that grants most; of equals the one that is printed first."""
        return max(choices, key=lambda ready: self.worth(ready, index))

    def grant(self, ready: _ReadyRule, index: int | None, covers: tuple[int, ...]) -> None:
        award = self._award(ready, index, covers)
        self.matched.awards.append(award)
        if award.rule.caps:
            amount = half_up_ratio(*award.exact)
            for key in cap_keys(award.rule, self.sale):
                self.matched.cap_use[key] = self.matched.cap_use.get(key, 0) + amount

    def _award(self, ready: _ReadyRule, index: int | None, covers: tuple[int, ...]) -> Award:
        situation = self.situation
        if index is None:
            uncapped = ready.exact(None, situation.amount_minor, situation.amount_minor)
        else:
            uncapped = ready.exact(self.sale.lines[index], situation.nets[index], situation.amount_minor)
        cap, room = self._room(ready.rule) if ready.rule.caps else (None, None)
        return Award(ready.rule, index, covers, uncapped, cap, room)

    def _room(self, rule: Rule) -> tuple[Cap, int]:
        """The tightest cap of the rule, and what it leaves."""
        left = [
            (cap.amount_minor - self.granted.get(key, 0) - self.matched.cap_use.get(key, 0), cap)
            for cap, key in zip(rule.caps, cap_keys(rule, self.sale), strict=True)
        ]
        room, cap = min(left, key=lambda each: each[0])
        return cap, max(0, room)


def asks_who_billed(split: Split) -> bool:
    """Whether a split says whose invoices it divides."""
    return any(condition.field == "sale.billed_by" for condition in conditions_in(split.when))


def is_in_term(rule: Rule, sale: SaleFacts) -> bool:
    """Whether the rule still pays for this pair."""
    return rule.term_months is None or is_within_term(
        sale.pair, sale.occurred_at, rule.term_months, sale.time_zone
    )


def cap_keys(rule: Rule, sale: SaleFacts) -> list[CapKey]:
    """Under which keys a grant of the rule on this sale counts, one for each of its caps."""
    if sale.partner is None:
        return []
    return [
        CapKey(
            rule.name,
            index,
            sale.partner.id,
            sale.customer.id if cap.per == "customer" else None,
            window_label(cap.window, sale.occurred_at, sale.time_zone),
        )
        for index, cap in enumerate(rule.caps)
    ]
