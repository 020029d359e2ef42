"""Plans in force and what was sold under them, made by the operations."""

from collections.abc import Mapping
from typing import Any

from commissions.models import PlanVersion
from commissions.operations.plans import draft_version, publish, simulate
from commissions.standard_plan import standard_plan
from core.database import session
from referrals.models import Sale
from referrals.operations.sales import record_refund, record_sale
from tests.referrals.deals.cast import FIRST_OF_MARCH, later_data, sale_data


def a_definition(**changes: Any) -> dict[str, Any]:
    """The standard plan of 2026, in force since January."""
    return standard_plan("2026-01-01T00:00:00+00:00", year=2026) | changes


def a_draft(definition: Mapping[str, Any] | None = None, code: str = "standard") -> PlanVersion:
    """A version that nobody has published."""
    draft = draft_version(code, dict(definition or a_definition()), by=None)
    session.flush()
    return draft


def a_live_plan(definition: Mapping[str, Any] | None = None, code: str = "standard") -> PlanVersion:
    """A published version."""
    draft = a_draft(definition, code)
    simulate(draft, by=None)
    publish(draft, by=None)
    return draft


def a_line(kind: str = "licence", minor: int = 200_000, **about: Any) -> dict[str, Any]:
    return {
        "kind": kind,
        "product": None,
        "quantity": 1,
        "unit_amount_minor": minor,
        "description": "",
        **about,
    }


def sold(by: Any, *lines: Mapping[str, Any], name: str = "inv_1", **about: Any) -> Sale:
    """A sale of a partner to Globex in Germany, paid in full: one licence of 2,000.00 unless lines say otherwise."""
    data = sale_data(name, partner_id=str(by.id), **about)
    data["lines"] = [dict(line) for line in lines] or [a_line()]
    sale = record_sale(data, by=None).fact
    session.flush()
    return sale


def given_back(sale: Sale, minor: int, name: str = "re_1", **about: Any) -> Any:
    """A refund of a sale."""
    data = later_data(name, minor, sale_external_id=sale.external_id, **about)
    return record_refund(data, by=None).fact


__all__ = ["FIRST_OF_MARCH", "a_definition", "a_draft", "a_line", "a_live_plan", "given_back", "sold"]
