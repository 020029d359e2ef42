"""Plan versions and sales that read: ``a_plan(percent("10"))``, ``a_sale(licence(3000))``."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from commissions.rates import (
    Beneficiary,
    Computation,
    CustomerFacts,
    EntryKey,
    LineFacts,
    PartnerFacts,
    PlanVersion,
    SaleFacts,
    compute,
    parse,
    postings,
    recompute,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ACME = PartnerFacts("acme", tier="gold", type="integrator", country="DE", recruiter_id="rival")
GLOBEX = CustomerFacts("globex", country="DE", size="large")
PARTNER = Beneficiary("partner", "acme")
VENDOR = Beneficiary("vendor")
RIVAL = Beneficiary("partner", "rival")


def definition(*rules: Mapping[str, Any], splits: Any = (), **changes: Any) -> dict[str, Any]:
    """A plan version's definition with these rules."""
    return {
        "name": "Standard",
        "currency": "EUR",
        "effective_from": "2026-01-01T00:00:00Z",
        "rules": list(rules),
        "splits": list(splits),
        **changes,
    }


def a_plan(*rules: Mapping[str, Any], splits: Any = (), **changes: Any) -> PlanVersion:
    return parse(definition(*rules, splits=splits, **changes))


def a_rule(amount: Mapping[str, Any], name: str = "", **changes: Any) -> dict[str, Any]:
    return {"name": name or str(amount.get("rate") or amount["type"]), "amount": dict(amount), **changes}


def percent(rate: str, name: str = "", **changes: Any) -> dict[str, Any]:
    return a_rule({"type": "percent", "rate": rate}, name, **changes)


def margin(rate: str, name: str = "", **changes: Any) -> dict[str, Any]:
    return a_rule({"type": "margin", "rate": rate}, name, **changes)


def fixed(amount_minor: int, per: str = "sale", name: str = "", **changes: Any) -> dict[str, Any]:
    return a_rule({"type": "fixed", "amount_minor": amount_minor, "per": per}, name, **changes)


def brackets(
    *steps: tuple[str, str | None, str], mode: str = "slab", on: str = "line.net_minor"
) -> dict[str, Any]:
    found = [{"from": lower, "to": upper, "rate": rate} for lower, upper, rate in steps]
    return a_rule({"type": "brackets", "on": on, "mode": mode, "brackets": found})


def a_split(*shares: tuple[str, str], name: str = "Split", when: Any = None) -> dict[str, Any]:
    split = {"name": name, "shares": [{"to": to, "percent": share} for to, share in shares]}
    return split | ({"when": when} if when is not None else {})


def when(*conditions: tuple[str, str, Any] | Mapping[str, Any]) -> dict[str, Any]:
    """``{"all": …}`` of (field, operator, value)."""
    return {"all": [_condition(condition) for condition in conditions]}


def any_of(*conditions: tuple[str, str, Any] | Mapping[str, Any]) -> dict[str, Any]:
    return {"any": [_condition(condition) for condition in conditions]}


def _condition(condition: tuple[str, str, Any] | Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(condition, tuple):
        field, op, value = condition
        return {"field": field, "op": op, "value": value}
    return dict(condition)


def licence(net_minor: int, quantity: int = 1, **changes: Any) -> LineFacts:
    return LineFacts("licence", quantity, net_minor // quantity, **changes)


def training(net_minor: int, **changes: Any) -> LineFacts:
    return LineFacts("training", 1, net_minor, **changes)


def a_sale(*lines: LineFacts, **changes: Any) -> SaleFacts:
    facts: dict[str, Any] = {
        "occurred_at": NOON,
        "currency": "EUR",
        "partner": ACME,
        "customer": GLOBEX,
        "lines": lines,
    }
    return SaleFacts(**facts | changes)


def earned(plan: PlanVersion, sale: SaleFacts, **facts: Any) -> list[int]:
    """The amounts a sale earns, each proved: worked out again from its proof, it is the same."""
    computation = compute(plan, sale, **facts)
    for entry in computation.figures:
        stored = json.loads(json.dumps(entry.proof))
        assert recompute(stored) == entry.amount_minor, entry
    return [entry.amount_minor for entry in computation.entries]


def post(computation: Computation, posted: dict[EntryKey, int]) -> list[int]:
    """Post what is due, as the ledger would; the amounts of this posting."""
    due = postings(computation, posted)
    for posting in due:
        assert recompute(posting.proof) == posting.amount_minor, posting
        posted[posting.key] = posted.get(posting.key, 0) + posting.amount_minor
    return [posting.amount_minor for posting in due]
