"""What Stripe's events about invoices leave out: which ones a payment paid, and the lines of a long one."""

from typing import Any

import stripe

from commissions.gateways.stripe.client import client, id_of, patiently
from commissions.stripe_facts import minor_from_stripe


def lines_of(invoice: str) -> list[dict[str, Any]]:
    """Every line of an invoice; an event about it holds the first ones only. Raises TryAgain."""
    with patiently():
        page = client().v1.invoices.line_items.list(invoice, {"limit": 100})
        return [line.to_dict() for line in page.auto_paging_iter()]


def invoices_paid_by(payment_intent: str) -> dict[str, int]:
    """invoice → what it got of a payment, tax included, in minor units; empty without one. Raises TryAgain."""
    found: dict[str, int] = {}
    with patiently():
        try:
            page = client().v1.invoice_payments.list(
                {
                    "payment": {"type": "payment_intent", "payment_intent": payment_intent},
                    "status": "paid",
                    "limit": 100,
                }
            )
        except stripe.InvalidRequestError as error:
            if error.code != "resource_missing":
                raise
            return {}
        for one in page.auto_paging_iter():
            invoice = id_of(one.invoice)
            if invoice is not None:
                paid = minor_from_stripe(one.amount_paid or 0, one.currency)
                found[invoice] = found.get(invoice, 0) + paid
    return found
