"""The API of sales and what follows them: recorded by referrals, answered with what they earn."""

from typing import Any

from flask import Flask, abort

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from commissions.operations.accrual import cause_of
from commissions.operations.plan_codes import refuse_unknown_plan
from commissions.queries import plans as queries
from commissions.schemas import LaterFactSchema, SaleSchema
from core.api import PageQuery, api_blueprint, idempotent, list_schema
from core.database import session
from core.digits import number_in
from core.pagination import after_cursor
from referrals.models import Chargeback, Payment, Refund, Sale
from referrals.operations.sales import record_chargeback, record_payment, record_refund, record_sale
from referrals.queries.sales import sales_open_to, sales_visible_to, with_everything
from referrals.schemas import (
    ChargebackByNameIn,
    ChargebackIn,
    PaymentByNameIn,
    PaymentIn,
    RefundByNameIn,
    RefundIn,
    SaleIn,
)

_AGAIN = "It was known already; the answer is the first one."
sales = api_blueprint("sales", __name__, "Sales, payments, refunds and chargebacks")


def _entries(query: Any) -> list[dict[str, Any]]:
    rows = list(session.scalars(query))
    labels = queries.version_labels(rows)
    return [queries.answer_of(row, labels) for row in rows]


def _answer(sale: Sale) -> dict[str, Any]:
    return {
        "id": str(sale.id),
        "external_id": sale.external_id,
        "status": str(sale.status),
        "held_because": sale.held_because,
        "partner_id": None if sale.partner_id is None else str(sale.partner_id),
        "customer_id": str(sale.customer_id),
        "deal_id": None if sale.deal_id is None else str(sale.deal_id),
        "currency": sale.currency,
        "total_minor": sale.total_minor,
        "occurred_at": sale.occurred_at,
        "received_at": sale.received_at,
        "entries": _entries(queries.entries_of_sale(sale.id)),
    }


def _later(fact: Payment | Refund | Chargeback) -> dict[str, Any]:
    query = queries.entries_by_cause(cause_of(fact))
    return {
        "id": str(fact.id),
        "external_id": fact.external_id,
        "sale_id": None if fact.sale_id is None else str(fact.sale_id),
        "amount_minor": fact.amount_minor,
        "occurred_at": fact.occurred_at,
        "status": str(fact.status)
        if isinstance(fact, Chargeback)
        else "waiting"
        if fact.sale_id is None
        else "recorded",
        "entries": _entries(query),
    }


def _status(fact: Payment | Refund | Chargeback) -> str:
    """The bank's word of a chargeback; otherwise whether the sale has come."""
    if isinstance(fact, Chargeback):
        return str(fact.status)
    return "waiting" if fact.sale_id is None else "recorded"


def _number(text: str) -> int:
    number = number_in(text)
    return number if number is not None else abort(404)


def _sale_to_write(sale_id: str) -> Sale:
    query = sales_open_to(signed_in_user()).where(Sale.id == _number(sale_id))
    sale: Sale = session.scalar(query) or abort(404)
    return sale


@sales.route("/sales", methods=["POST"])
@requires(Permission.SALES_WRITE)
@idempotent
@sales.arguments(SaleIn)
@sales.response(201, SaleSchema)
@sales.alt_response(200, schema=SaleSchema, description=_AGAIN)
def create_sale(data: dict[str, Any]) -> Any:
    """A sale in. The same ``external_id`` with the same body answers 200 with the sale; with another body 409.

    A ``plan`` that nobody knows is refused. One of which nothing is published yet holds the sale until something is.
    """
    refuse_unknown_plan(data, source="api")
    recorded = record_sale(data, by=signed_in_user())
    session.flush()
    return _answer(recorded.fact), 201 if recorded.is_new else 200


@sales.route("/sales", methods=["GET"])
@requires(Permission.SALES_READ)
@sales.arguments(PageQuery, location="query")
@sales.response(200, list_schema(SaleSchema))
def list_sales(page: dict[str, Any]) -> Any:
    """Sales by id."""
    query = with_everything(sales_visible_to(signed_in_user()))
    rows, following = after_cursor(query, Sale.id, after=page.get("after"), limit=page["limit"])
    return {"items": [_answer(sale) for sale in rows], "next": following}


@sales.route("/sales/<sale_id>", methods=["GET"])
@requires(Permission.SALES_READ)
@sales.response(200, SaleSchema)
def read_sale(sale_id: str) -> Any:
    """A sale and every line it has earned or given back."""
    sale = session.scalar(sales_visible_to(signed_in_user()).where(Sale.id == _number(sale_id))) or abort(404)
    return _answer(sale)


@sales.route("/sales/<sale_id>/refunds", methods=["POST"])
@requires(Permission.SALES_WRITE)
@idempotent
@sales.arguments(RefundIn)
@sales.response(201, LaterFactSchema)
@sales.alt_response(200, schema=LaterFactSchema, description=_AGAIN)
def create_refund(data: dict[str, Any], sale_id: str) -> Any:
    """Money given back; what it takes back is in ``entries``."""
    recorded = record_refund(data, sale=_sale_to_write(sale_id), by=signed_in_user())
    return _later(recorded.fact), 201 if recorded.is_new else 200


@sales.route("/sales/<sale_id>/payments", methods=["POST"])
@requires(Permission.SALES_WRITE)
@idempotent
@sales.arguments(PaymentIn)
@sales.response(201, LaterFactSchema)
@sales.alt_response(200, schema=LaterFactSchema, description=_AGAIN)
def create_payment(data: dict[str, Any], sale_id: str) -> Any:
    """A part payment; what it grants is in ``entries``."""
    recorded = record_payment(data, sale=_sale_to_write(sale_id), by=signed_in_user())
    return _later(recorded.fact), 201 if recorded.is_new else 200


@sales.route("/sales/<sale_id>/chargebacks", methods=["POST"])
@requires(Permission.SALES_WRITE)
@idempotent
@sales.arguments(ChargebackIn)
@sales.response(201, LaterFactSchema)
@sales.alt_response(200, schema=LaterFactSchema, description=_AGAIN)
def create_chargeback(data: dict[str, Any], sale_id: str) -> Any:
    """What the customer's bank says: opened holds the sale's lines, won releases them, lost takes them back."""
    recorded = record_chargeback(data, sale=_sale_to_write(sale_id), by=signed_in_user())
    return _later(recorded.fact), 201 if recorded.is_new else 200


@sales.route("/refunds", methods=["POST"])
@requires(Permission.SALES_WRITE)
@idempotent
@sales.arguments(RefundByNameIn)
@sales.response(201, LaterFactSchema)
@sales.alt_response(200, schema=LaterFactSchema, description=_AGAIN)
def create_refund_by_name(data: dict[str, Any]) -> Any:
    """A refund by the sale's ``external_id``, which may still be on its way."""
    recorded = record_refund(data, by=signed_in_user())
    return _later(recorded.fact), 201 if recorded.is_new else 200


@sales.route("/payments", methods=["POST"])
@requires(Permission.SALES_WRITE)
@idempotent
@sales.arguments(PaymentByNameIn)
@sales.response(201, LaterFactSchema)
@sales.alt_response(200, schema=LaterFactSchema, description=_AGAIN)
def create_payment_by_name(data: dict[str, Any]) -> Any:
    """A part payment by the sale's ``external_id``."""
    recorded = record_payment(data, by=signed_in_user())
    return _later(recorded.fact), 201 if recorded.is_new else 200


@sales.route("/chargebacks", methods=["POST"])
@requires(Permission.SALES_WRITE)
@idempotent
@sales.arguments(ChargebackByNameIn)
@sales.response(201, LaterFactSchema)
@sales.alt_response(200, schema=LaterFactSchema, description=_AGAIN)
def create_chargeback_by_name(data: dict[str, Any]) -> Any:
    """A chargeback by the sale's ``external_id``."""
    recorded = record_chargeback(data, by=signed_in_user())
    return _later(recorded.fact), 201 if recorded.is_new else 200


def init_app(app: Flask) -> None:
    app.extensions["portal_api"].register_blueprint(sales)
    app.extensions["csrf"].exempt(sales)
