"""What Stripe's events say about sales: a paid invoice or checkout is a sale, a refund and a dispute follow it.

Each handler bears repetition and any order. What speaks of a sale that has not come yet fails, and is tried again.
"""

from datetime import UTC, datetime
from typing import Any

from commissions import stripe_facts, webhook_events
from commissions.gateways import stripe
from commissions.operations.shared_payments import (
    SOURCE,
    TakenBack,
    sales_of,
    take_back_of_one,
    take_back_of_several,
)
from core.database import outside
from referrals.operations.sales import record_sale, sale_named


class SaleHasNotCome(LookupError):
    """The event speaks of a sale that is still on its way; the job tries again."""


class LinesAreMissing(LookupError):
    """The event tells a part of the invoice's lines, and nobody is set up to ask Stripe for the others."""


def _all_lines(event: dict[str, Any]) -> list[dict[str, Any]]:
    """The lines of an invoice; of a long one an event holds the first ten, and Stripe is asked. Or LinesAreMissing."""
    invoice = event["data"]["object"]
    told = invoice.get("lines") or {}
    if not told.get("has_more"):
        return list(told.get("data") or ())
    if not stripe.is_set_up():
        raise LinesAreMissing(f"{invoice['id']}: set STRIPE_API_KEY, so that all of its lines can be read.")
    with outside():
        return stripe.lines_of(invoice["id"])


@webhook_events.handles("invoice.paid", ask=_all_lines)
def record_a_paid_invoice(event: dict[str, Any], lines: list[dict[str, Any]]) -> None:
    invoice = event["data"]["object"]
    record_sale(
        stripe_facts.sale_of_invoice(invoice, lines),
        by=None,
        source=SOURCE,
        also_named=stripe_facts.further_names(invoice),
    )


@webhook_events.handles("checkout.session.completed", "checkout.session.async_payment_succeeded")
def record_a_paid_checkout(event: dict[str, Any]) -> None:
    data = stripe_facts.sale_of_session(event["data"]["object"])
    if data is not None:
        record_sale(data, by=None, source=SOURCE)


def _invoices_paid(event: dict[str, Any]) -> dict[str, int]:
    """Asks Stripe what was paid by the payment behind a charge or dispute, unless it is known and was one sale.

    A sale by whose name we know it, and that is smaller than the charge, was not all that the payment paid.
    """
    thing = event["data"]["object"]
    payment = thing.get("payment_intent")
    if not payment or not stripe.is_set_up():
        return {}
    named = (sale_named(SOURCE, name) for name in stripe_facts.sale_names(thing))
    sale = next((sale for sale in named if sale is not None), None)
    amount = _minor(thing, "amount")
    if sale is not None and amount <= sale.metadata_.get("gross_minor", amount):
        return {}
    with outside():
        return stripe.invoices_paid_by(str(payment))


@webhook_events.handles("charge.refunded", ask=_invoices_paid)
def record_what_a_charge_gave_back(event: dict[str, Any], invoices: dict[str, int]) -> None:
    """A charge says how much it gave back in all; what is new of that is recorded."""
    charge = event["data"]["object"]
    gross = _minor(charge, "amount_refunded")
    _take_back(TakenBack("refund", charge["id"], gross, _moment(event), invoices), charge)


@webhook_events.handles(
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    "charge.dispute.closed",
    ask=_invoices_paid,
)
def record_what_the_customers_bank_says(event: dict[str, Any], invoices: dict[str, int]) -> None:
    """Several events may tell the same word of the bank; the first of them counts."""
    dispute = event["data"]["object"]
    status = {"won": "won", "lost": "lost"}.get(dispute["status"], "opened")
    if event["type"] == "charge.dispute.closed" and status == "opened":
        status = "won"  # closed as a warning, or withdrawn: nothing was taken
    gross = _minor(dispute, "amount")
    told = TakenBack("chargeback", dispute["id"], gross, _moment(event), invoices, status)
    _take_back(told, dispute)


def _take_back(told: TakenBack, thing: dict[str, Any]) -> None:
    """Of the sale behind a charge or a dispute, or of all that were paid at once. Raises SaleHasNotCome."""
    if len(told.parts) > 1:
        sales = sales_of(told)
        missing = told.parts.keys() - sales.keys()
        if missing:
            raise SaleHasNotCome(", ".join(sorted(missing)))
        take_back_of_several(told, sales)
        return
    names = [*stripe_facts.sale_names(thing), *told.parts]
    for name in names:
        sale = sale_named(SOURCE, name)
        if sale is not None:
            take_back_of_one(told, sale)
            return
    raise SaleHasNotCome(", ".join(names) or "no name")


def _minor(thing: dict[str, Any], name: str) -> int:
    """An amount of a charge or a dispute; 0 where it says none."""
    return stripe_facts.minor_from_stripe(thing.get(name) or 0, thing.get("currency"))


def _moment(event: dict[str, Any]) -> str:
    return datetime.fromtimestamp(event["created"], UTC).isoformat()
