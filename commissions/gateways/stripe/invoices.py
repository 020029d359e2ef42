"""Which invoice a payment paid: charges and disputes do not say it since Stripe's API of 2025."""

import stripe

from commissions.gateways.stripe.client import client, id_of, patiently


def invoice_paid_by(payment_intent: str) -> str | None:
    """The id of the one invoice that a payment went to; ``None`` without one, or with several. Raises TryAgain."""
    with patiently():
        try:
            page = client().v1.invoice_payments.list(
                {"payment": {"type": "payment_intent", "payment_intent": payment_intent}, "limit": 2}
            )
        except stripe.InvalidRequestError as error:
            if error.code != "resource_missing":
                raise
            return None
    invoices = {id_of(one.invoice) for one in page.data}
    return invoices.pop() if len(invoices) == 1 else None
