"""What an event of Stripe says about a sale: its objects read as the facts that referrals records.

All amounts become net of tax, since commission is, and minor units as ISO 4217 counts them. Who sold stands in the
metadata of the invoice, of its subscription, or of the checkout session: ``partner_id``, ``deal_id`` or
``referral_code``; a line's ``kind`` and ``product`` in the line's own metadata.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from core.money import exponent, half_up_ratio

Facts = Mapping[str, Any]

NAMES = ("partner_id", "deal_id", "referral_code", "plan", "billed_by")
_TYPES = {"subscription_cycle": "renewal", "subscription_update": "expansion"}
# Where Stripe counts otherwise than ISO 4217 (its page on currencies, "special cases"): ISK and UGX in hundredths,
# which are always 0, and MGA in whole ariary.
_DIGITS_AT_STRIPE = {"ISK": 2, "UGX": 2, "MGA": 0}


def minor_from_stripe(amount: int, currency: str | None) -> int:
    """An amount as Stripe counts it, in minor units of ISO 4217, rounded half up. Currencies in capitals or not."""
    code = (currency or "").upper()
    if code not in _DIGITS_AT_STRIPE:
        return amount
    return half_up_ratio(amount * 10 ** exponent(code), 10 ** _DIGITS_AT_STRIPE[code])


def minor_to_stripe(amount_minor: int, currency: str) -> int:
    """Minor units of ISO 4217 as Stripe counts them; ``ValueError`` where Stripe has no such amount."""
    code = currency.upper()
    if code not in _DIGITS_AT_STRIPE:
        return amount_minor
    amount, rest = divmod(amount_minor * int(10 ** _DIGITS_AT_STRIPE[code]), int(10 ** exponent(code)))
    if rest:
        raise ValueError(f"Stripe moves whole {code} only.")
    return amount


def sale_of_invoice(invoice: Facts, lines: Iterable[Facts]) -> dict[str, Any]:
    """A paid invoice with all of its lines as ``referrals.schemas.SaleIn`` loads it."""
    metadata = {**_subscription_metadata(invoice), **(invoice.get("metadata") or {})}
    currency = str(invoice["currency"]).upper()
    paid_at = (invoice.get("status_transitions") or {}).get("paid_at") or invoice["created"]
    return {
        "external_id": invoice["id"],
        "invoice": invoice.get("number"),
        "occurred_at": _moment(paid_at),
        "currency": currency,
        "customer": _customer(
            invoice.get("customer"),
            invoice.get("customer_name"),
            invoice.get("customer_email"),
            invoice.get("customer_address"),
        ),
        "type": _TYPES.get(str(invoice.get("billing_reason")), "new"),
        "billed_by": "vendor",
        "paid": "full",
        "lines": [_line(line, currency) for line in lines],
        **{name: metadata[name] for name in NAMES if metadata.get(name)},
        "metadata": {"gross_minor": minor_from_stripe(invoice["total"], currency)},
    }


def sale_of_session(checkout: Facts) -> dict[str, Any] | None:
    """A one-off payment by Checkout; ``None`` where an invoice will tell, or nothing was paid."""
    if (
        checkout.get("mode") != "payment"
        or checkout.get("invoice")
        or checkout.get("payment_status") != "paid"
    ):
        return None
    metadata = checkout.get("metadata") or {}
    details = checkout.get("total_details") or {}
    currency = str(checkout["currency"]).upper()
    gross = minor_from_stripe(checkout["amount_total"], currency)
    net = gross - minor_from_stripe(details.get("amount_tax") or 0, currency)
    who = checkout.get("customer_details") or {}
    line = {"kind": metadata.get("kind", "licence"), "product": metadata.get("product"), "quantity": 1,
            "unit_amount_minor": net, "description": ""}  # fmt: skip
    return {
        "external_id": checkout.get("payment_intent") or checkout["id"],
        "occurred_at": _moment(checkout["created"]),
        "currency": currency,
        "customer": _customer(
            checkout.get("customer"), who.get("name"), who.get("email"), who.get("address")
        ),
        "type": "new",
        "billed_by": "vendor",
        "paid": "full",
        "lines": [_whole(line)],
        **{name: metadata[name] for name in NAMES if metadata.get(name)},
        "metadata": {"gross_minor": gross},
    }


def sale_names(charge: Facts) -> list[str]:
    """By which names the sale behind a charge or a dispute may be known, the surest first."""
    named = (charge.get("metadata") or {}).get("sale_external_id")
    own = charge.get("id") if charge.get("object") == "charge" else charge.get("charge")
    names = (named, charge.get("invoice"), charge.get("payment_intent"), own)
    return [str(name) for name in names if name]


def further_names(invoice: Facts) -> list[str]:
    """What else an invoice goes by: its id, and its payments and charges where the API's version says them."""
    said = [invoice["id"], invoice.get("payment_intent"), invoice.get("charge")]
    for one in (invoice.get("payments") or {}).get("data") or ():
        payment = one.get("payment") or {}
        said += [payment.get("payment_intent"), payment.get("charge")]
    return [name for name in said if isinstance(name, str) and name]


def net_of(gross_minor: int, *, sale_net_minor: int, sale_gross_minor: int) -> int:
    """The net part of a gross amount of a sale, in the sale's own proportion, rounded half up."""
    if sale_gross_minor <= 0:
        return gross_minor
    return half_up_ratio(gross_minor * sale_net_minor, sale_gross_minor)


def _line(line: Facts, currency: str) -> dict[str, Any]:
    metadata = line.get("metadata") or {}
    discounts = sum(part["amount"] for part in line.get("discount_amounts") or ())
    # What the customer had paid in advance was sold, and earned, when it was paid.
    credits = sum(
        part["amount"]
        for part in line.get("pretax_credit_amounts") or ()
        if part["type"] == "credit_balance_transaction"
    )
    inclusive = sum(
        tax["amount"] for tax in line.get("taxes") or () if tax.get("tax_behavior") == "inclusive"
    )
    amount, quantity = minor_from_stripe(line["amount"] - inclusive, currency), line.get("quantity") or 1
    is_even = amount % quantity == 0
    return _whole(
        {
            "kind": metadata.get("kind", "licence"),
            "product": metadata.get("product"),
            "description": line.get("description") or "",
            "quantity": quantity if is_even else 1,
            "unit_amount_minor": amount // quantity if is_even else amount,
            "discount_minor": minor_from_stripe(discounts, currency),
            "credit_minor": minor_from_stripe(credits, currency),
        }
    )


def _whole(line: dict[str, Any]) -> dict[str, Any]:
    return {"discount_minor": 0, "credit_minor": 0, "tax_minor": 0, "cost_minor": None, **line}


def _subscription_metadata(invoice: Facts) -> dict[str, Any]:
    parent = (invoice.get("parent") or {}).get("subscription_details") or {}
    return dict(parent.get("metadata") or {})


def _customer(number: Any, name: Any, email: Any, address: Any) -> dict[str, Any]:
    country = (address or {}).get("country")
    who = str(name or email or number or "")
    return {
        "external_id": number,
        "name": who,
        "country": country,
        "domain": None,
        "size": None,
        "tax_id": None,
    }


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
