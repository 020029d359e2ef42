"""What Stripe's events say about sales: a paid invoice or checkout is a sale, a refund and a dispute follow it.

Each handler bears repetition and any order. What speaks of a sale that has not come yet fails, and is tried again.
"""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from commissions import stripe_facts, webhook_events
from commissions.gateways import stripe
from core.database import lock, outside, session
from referrals.models import Refund, Sale
from referrals.operations.sales import record_chargeback, record_refund, record_sale, sale_named

SOURCE = "stripe"


class SaleHasNotCome(LookupError):
    """The event speaks of a sale that is still on its way; the job tries again."""


@webhook_events.handles("invoice.paid")
def record_a_paid_invoice(event: dict[str, Any]) -> None:
    invoice = event["data"]["object"]
    record_sale(
        stripe_facts.sale_of_invoice(invoice),
        by=None,
        source=SOURCE,
        also_named=stripe_facts.further_names(invoice),
    )


@webhook_events.handles("checkout.session.completed", "checkout.session.async_payment_succeeded")
def record_a_paid_checkout(event: dict[str, Any]) -> None:
    data = stripe_facts.sale_of_session(event["data"]["object"])
    if data is not None:
        record_sale(data, by=None, source=SOURCE)


def _invoice_of(event: dict[str, Any]) -> str | None:
    """Asks Stripe for the invoice behind a charge or dispute that names nothing by which we know its sale."""
    thing = event["data"]["object"]
    payment = thing.get("payment_intent")
    is_known = any(sale_named(SOURCE, name) for name in stripe_facts.sale_names(thing))
    if is_known or not payment or not stripe.is_set_up():
        return None
    with outside():
        return stripe.invoice_paid_by(str(payment))


@webhook_events.handles("charge.refunded", ask=_invoice_of)
def record_what_a_charge_gave_back(event: dict[str, Any], invoice: str | None) -> None:
    """A charge says how much it gave back in all; what is new of that is recorded as one refund."""
    charge = event["data"]["object"]
    sale = lock(_sale_behind(charge, invoice))
    so_far = session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(Refund.amount_minor), 0)).where(
            Refund.sale_id == sale.id, Refund.external_id.like(f"{charge['id']}:%")
        )
    )
    fresh = _net(sale, charge["amount_refunded"]) - int(so_far or 0)
    if fresh > 0:
        name = f"{charge['id']}:{charge['amount_refunded']}"
        record_refund(
            {"external_id": name, "amount_minor": fresh, "occurred_at": _moment(event), "line": None},
            sale=sale,
            by=None,
            source=SOURCE,
        )


@webhook_events.handles("charge.dispute.created", "charge.dispute.closed", ask=_invoice_of)
def record_what_the_customers_bank_says(event: dict[str, Any], invoice: str | None) -> None:
    dispute = event["data"]["object"]
    status = {"won": "won", "lost": "lost"}.get(dispute["status"], "opened")
    if event["type"] == "charge.dispute.closed" and status == "opened":
        status = "won"  # closed as a warning, or withdrawn: nothing was taken
    sale = _sale_behind(dispute, invoice)
    record_chargeback(
        {
            "external_id": dispute["id"],
            "amount_minor": min(_net(sale, dispute["amount"]), sale.total_minor),
            "occurred_at": _moment(event),
            "status": status,
        },
        sale=sale,
        by=None,
        source=SOURCE,
    )


def _sale_behind(thing: dict[str, Any], invoice: str | None) -> Sale:
    names = stripe_facts.sale_names(thing) + ([invoice] if invoice else [])
    for name in names:
        sale = sale_named(SOURCE, name)
        if sale is not None:
            return sale
    raise SaleHasNotCome(", ".join(names) or "no name")


def _net(sale: Sale, gross_minor: int) -> int:
    gross = sale.metadata_.get("gross_minor", sale.total_minor)
    return stripe_facts.net_of(gross_minor, sale_net_minor=sale.total_minor, sale_gross_minor=int(gross))


def _moment(event: dict[str, Any]) -> datetime:
    return datetime.fromtimestamp(event["created"], UTC)
