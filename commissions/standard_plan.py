"""A plan to begin with: what a programme may start from instead of an empty page."""

from collections.abc import Mapping
from typing import Any

from core.i18n import gettext as _

CODE = "standard"

#: Percent of a licence in a customer's first year, and of what it buys later, by tier; the best tier first.
LICENCE_RATES = (
    ("platinum", "25", "10"),
    ("gold", "20", "8"),
    ("silver", "15", "7"),
    ("registered", "10", "5"),
)
FIRST_PROJECT_MINOR = 25_000
FIRST_PROJECTS_A_YEAR_MINOR = 200_000


def standard_plan(
    effective_from: str, *, year: int, currency: str = "EUR", tiers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The definition of the plan; ``effective_from`` is a moment with its offset.

    A licence pays by tier: more in the customer's first twelve months, less later and for renewals. A first project
    together with the licence earns a bonus on top of its shares. Projects that the vendor bills are divided 90 to 10;
    what a partner bills itself is its own. Rules are named in the language spoken.
    """
    names = {tier: (tiers or {}).get(tier, tier.capitalize()) for tier, _first, _later in LICENCE_RATES}
    return {
        "name": _("Standard %(year)s", year=year),
        "currency": currency,
        "effective_from": effective_from,
        "match": "first",
        "hold_days": 30,
        "rules": [
            *(_first_year(tier, names[tier], first) for tier, first, _later in LICENCE_RATES),
            *(_afterwards(tier, names[tier], later) for tier, _first, later in LICENCE_RATES),
            _first_project(),
        ],
        "splits": [
            {
                "name": _("Projects we bill: 90 to 10"),
                "when": {"all": [_is("sale.billed_by", "vendor"), _is_not("line.kind", "licence")]},
                "shares": [{"to": "partner", "percent": "90"}, {"to": "vendor", "percent": "10"}],
            }
        ],
    }


def _first_year(tier: str, name: str, rate: str) -> dict[str, Any]:
    return {
        "name": _("%(tier)s: licence in the first year", tier=name),
        "term_months": 12,
        "when": {
            "all": [_is("line.kind", "licence"), _is_not("sale.type", "renewal"), _is("partner.tier", tier)]
        },
        "amount": {"type": "percent", "rate": rate},
    }


def _afterwards(tier: str, name: str, rate: str) -> dict[str, Any]:
    return {
        "name": _("%(tier)s: renewals and later licences", tier=name),
        "when": {"all": [_is("line.kind", "licence"), _is("partner.tier", tier)]},
        "amount": {"type": "percent", "rate": rate},
    }


def _first_project() -> dict[str, Any]:
    return {
        "name": _("First project of a customer"),
        "term_months": 0,
        "when": {
            "all": [
                _is("sale.billed_by", "vendor"),
                {"field": "line.kind", "op": "in", "value": ["implementation", "integration", "migration"]},
            ]
        },
        "amount": {"type": "fixed", "amount_minor": FIRST_PROJECT_MINOR, "per": "sale"},
        "caps": [{"per": "partner", "window": "calendar_year", "amount_minor": FIRST_PROJECTS_A_YEAR_MINOR}],
        "with_split": True,
    }


def _is(field: str, value: str) -> dict[str, Any]:
    return {"field": field, "op": "eq", "value": value}


def _is_not(field: str, value: str) -> dict[str, Any]:
    return {"field": field, "op": "ne", "value": value}
