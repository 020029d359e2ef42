"""Why a line earns what it earns: every split and rule in the printed order, and what became of it.

The steps are plain JSON without a word for people: pages say them in the reader's language. ``outcome`` of a
rule is

- ``applied``: it won, and ``because`` lists the conditions that held, with what the facts were;
- ``condition``: ``because`` lists what didn't hold;
- ``term``: it ended for this pair at ``ended_at``, or pays the first sale only;
- ``currency``: its amounts are in the plan's currency, the sale is in another;
- ``no_cost``: it pays on the margin, and the line carries no cost;
- ``divided``: it matched, but a split divides the line, and the rule doesn't pay beside a split;
- ``less``: it matched, but another one grants the partner more (only where the best rule wins);
- ``not_reached``: a rule before it won.
"""

from collections.abc import Sequence
from typing import Any

from commissions.rates.computation import Computation
from commissions.rates.conditions import Seen, why_it_holds
from commissions.rates.facts import LineFacts, SaleFacts
from commissions.rates.matching import asks_who_billed, is_in_term
from commissions.rates.plan import Margin, PlanVersion, Rule, Split
from commissions.rates.terms import term_ends_at

Step = dict[str, Any]


def explain(computation: Computation) -> list[Step]:
    """One explanation for each line of the sale, or one with ``line: null`` for another event."""
    if computation.sale.trigger != "sale":
        return [_explain_line(computation, None)]
    return [_explain_line(computation, index) for index in range(len(computation.sale.lines))]


def _explain_line(computation: Computation, index: int | None) -> Step:
    sale = computation.sale
    line = None if index is None else sale.lines[index]
    split = None if index is None or not computation.matched.splits else computation.matched.splits[index]
    explained: Step = {
        "line": index,
        "base": None if line is None else _base(line, 0 if index is None else computation.kept[index]),
        "partner": None if sale.partner is None else sale.partner.id,
        "splits": _splits(computation, line, split),
        "rules": _rules(computation, index, line, split),
        "earned": [
            {
                "kind": entry.key.kind,
                "name": entry.key.name,
                "line": entry.key.line,
                "beneficiary": {"type": entry.key.beneficiary.type, "id": entry.key.beneficiary.id},
                "amount_minor": entry.amount_minor,
                "proof": entry.proof,
            }
            for entry in computation.figures
            if entry.key.line == index
            or (entry.key.line is None and _covers(computation, entry.key.name, index))
        ],
    }
    if computation.matched.situation.amount_minor < 0:
        explained["below_zero"] = computation.matched.situation.amount_minor
    return explained


def _base(line: LineFacts, kept_minor: int) -> Step:
    return {
        "quantity": line.quantity,
        "unit_amount_minor": line.unit_amount_minor,
        "discount_minor": line.discount_minor,
        "credit_minor": line.credit_minor,
        "tax_minor": line.tax_minor,
        "net_minor": line.net_minor,
        "kept_minor": kept_minor,
    }


def _splits(computation: Computation, line: LineFacts | None, won: Split | None) -> list[Step]:
    steps: list[Step] = []
    if line is None:
        return steps
    for split in computation.version.splits:
        if steps and steps[-1]["outcome"] in ("applied", "not_reached"):
            steps.append({"split": split.name, "outcome": "not_reached", "because": []})
            continue
        _held, reasons = _why(split.when, computation, line)
        if split is won:
            outcome = "applied"
        elif computation.sale.billed_by == "partner" and not asks_who_billed(split):
            outcome, reasons = "billed_by_partner", []
        else:
            outcome = "condition"
        steps.append({"split": split.name, "outcome": outcome, "because": reasons})
    return steps


def _rules(
    computation: Computation, index: int | None, line: LineFacts | None, split: Split | None
) -> list[Step]:
    version, sale = computation.version, computation.sale
    winner = next(
        (award.rule for award in computation.matched.awards if index is None or index in award.covers), None
    )
    steps: list[Step] = []
    is_decided = False
    for rule in version.rules:
        if rule.trigger != sale.trigger:
            continue
        if is_decided:
            steps.append({"rule": rule.name, "outcome": "not_reached", "because": []})
            continue
        step = _rule(rule, computation, line)
        if step["outcome"] == "applied" and rule is not winner:
            step["outcome"] = "divided" if split is not None and not rule.with_split else "less"
        is_decided = version.match == "first" and step["outcome"] in ("applied", "divided", "less")
        steps.append(step)
    return steps


def _rule(rule: Rule, computation: Computation, line: LineFacts | None) -> Step:
    """The rule by itself: ``applied`` if nothing in it speaks against it."""
    sale, version = computation.sale, computation.version
    step: Step = {"rule": rule.name, "outcome": "applied", "because": []}
    if rule.needs_plan_currency and sale.currency != version.currency:
        return step | {"outcome": "currency", "currency": version.currency}
    if not is_in_term(rule, sale):
        return step | {"outcome": "term", "term_months": rule.term_months, "ended_at": _ended_at(rule, sale)}
    if isinstance(rule.amount, Margin) and (line is None or line.cost_minor is None):
        return step | {"outcome": "no_cost"}
    held, reasons = _why(rule.when, computation, line)
    return step | {"outcome": "applied" if held else "condition", "because": reasons}


def _ended_at(rule: Rule, sale: SaleFacts) -> str | None:
    if not rule.term_months:
        return None
    return term_ends_at(sale.pair, sale.occurred_at, rule.term_months, sale.time_zone).isoformat()


def _why(when: Any, computation: Computation, line: LineFacts | None) -> tuple[bool, list[Step]]:
    version: PlanVersion = computation.version
    held, seen = why_it_holds(when, computation.matched.situation, line, version.currency)
    return held, _said(seen)


def _said(seen: Sequence[Seen]) -> list[Step]:
    steps = []
    for each in seen:
        value = (
            list(each.condition.value) if isinstance(each.condition.value, tuple) else each.condition.value
        )
        step: Step = {"field": each.condition.field, "op": each.condition.op, "value": value, "was": each.was}
        if each.other_currency:
            step["other_currency"] = True
        steps.append(step)
    return steps


def _covers(computation: Computation, name: str, index: int | None) -> bool:
    return any(
        award.line is None and award.rule.name == name and (index is None or index in award.covers)
        for award in computation.matched.awards
    )
