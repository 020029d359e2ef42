"""Deals, estimates, customers and sales for tests, made by the operations."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from core.database import session
from partners.models import LineKind, Recurrence
from referrals.models import Deal, Sale
from referrals.models.sales import BilledBy
from referrals.operations import deals, sales
from referrals.operations.deals import DealData
from referrals.operations.estimates import EstimateData, LineData

FIRST_OF_MARCH = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)


def a_registration(for_: Any, company: str = "Globex", **about: Any) -> Deal:
    """A deal that a partner has handed in and the vendor has not decided."""
    deal = deals.register_deal(for_, DealData(company=company, **{"country": "DE", **about}), by=None)
    session.flush()
    return deal


def a_deal(for_: Any, company: str = "Globex", **about: Any) -> Deal:
    """An approved registration."""
    deal = a_registration(for_, company, **about)
    deals.approve_deal(deal, by=None)
    return deal


def a_won_deal(for_: Any, company: str = "Globex", order: str = "PO-1", **about: Any) -> Deal:
    """A deal whose order the vendor has confirmed."""
    deal = a_deal(for_, company, **about)
    deals.win_deal(deal, order=order, by=None)
    return deal


def a_line(kind: str = "implementation", price: int = 100_00, **about: Any) -> LineData:
    """One line of an estimate: one unit, once, unless said otherwise."""
    about = {"description": kind, "quantity": Decimal(1), "recurring": Recurrence.ONCE, **about}
    return LineData(kind=LineKind(kind), unit_price_minor=price, **about)


def an_estimate(*lines: LineData, billed_by: str = "vendor", currency: str = "EUR") -> EstimateData:
    """What a partner typed."""
    return EstimateData(currency=currency, billed_by=BilledBy(billed_by), lines=lines)


def sale_data(external_id: str = "inv_1", *, minor: int = 100_00, **about: Any) -> dict[str, Any]:
    """A sale as the API's shape loads it: one licence line of ``minor``."""
    return {
        "external_id": external_id,
        "occurred_at": FIRST_OF_MARCH,
        "currency": "EUR",
        "customer": {"external_id": "cus_7", "name": "Globex", "country": "DE", "domain": "globex.example"},
        "lines": [{"kind": "licence", "product": None, "quantity": 1, "unit_amount_minor": minor}],
        **about,
    }


def a_sale(external_id: str = "inv_1", **about: Any) -> Sale:
    """A recorded sale."""
    return sales.record_sale(sale_data(external_id, **about), by=None).fact


def later_data(external_id: str, minor: int, **about: Any) -> dict[str, Any]:
    """A refund, payment or chargeback as the API's shape loads it."""
    return {"external_id": external_id, "amount_minor": minor, "occurred_at": FIRST_OF_MARCH, **about}
