"""Money to and from the partners' accounts at Stripe.

A transfer is asked for under one key an attempt. Whatever is unclear stays *unknown* and is looked up by the payout's
transfer group before anything is repeated; only a definite no is *failed*.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import stripe

from commissions.gateways import Envelope, HandOver, Order, Outcome, Result
from commissions.gateways.stripe.client import NotSetUp, TryAgain, client, id_of, patiently
from commissions.models import PayoutMethod
from commissions.stripe_facts import minor_from_stripe, minor_to_stripe


class StripeGateway:
    """Transfers to the partners' connected accounts."""

    method = PayoutMethod.STRIPE
    is_remote = True
    extension = ""

    def hand_over(self, orders: Sequence[Order], envelope: Envelope) -> HandOver:
        return HandOver({order.payout_id: self._send(order) for order in orders})

    def _send(self, order: Order) -> Outcome:
        """Looks the order up first, so that it can be called again after any crash and after Stripe forgot the key."""
        try:
            amount = minor_to_stripe(order.amount_minor, order.currency)
        except ValueError as problem:
            return Outcome(Result.FAILED, reason=str(problem))
        try:
            found = self.find(order)
            if found is not None:
                return found
            transfer = client().v1.transfers.create(
                {
                    "amount": amount,
                    "currency": order.currency.lower(),
                    "destination": order.destination["account"],
                    "transfer_group": order.group,
                    "description": order.text,
                    "metadata": {"payout_id": str(order.payout_id), "key": order.key},
                },
                {"idempotency_key": order.key},
            )
        except stripe.StripeError as error:
            return _outcome_of(error)
        return Outcome(Result.SENT, transfer.id)

    def find(self, order: Order) -> Outcome | None:
        """The transfer of the payout's group. One that differs is nobody's to settle but a person's."""
        found = client().v1.transfers.list({"transfer_group": order.group, "limit": 100})
        for transfer in found.auto_paging_iter():
            same = (
                minor_from_stripe(transfer.amount, transfer.currency) == order.amount_minor
                and transfer.currency == order.currency.lower()
                and id_of(transfer.destination) == order.destination["account"]
            )
            if not same:
                return Outcome(
                    Result.UNKNOWN, transfer.id, "Stripe holds another transfer under this payout's group."
                )
            if transfer.reversed:
                continue
            return Outcome(Result.SENT, transfer.id)
        return None


def _outcome_of(error: stripe.StripeError) -> Outcome:
    """What an error says about the order. Raises TryAgain when nothing happened, NotSetUp when nothing ever will."""
    match error:
        case stripe.RateLimitError():
            raise TryAgain("Stripe asks to slow down.") from error
        case stripe.IdempotencyError():
            reason = f"Stripe knows this key with another content: {error.user_message}"
            return Outcome(Result.UNKNOWN, reason=reason)
        case stripe.AuthenticationError() | stripe.PermissionError():
            raise NotSetUp(f"Stripe refuses the key: {error.user_message}") from error
        case stripe.InvalidRequestError():
            return Outcome(Result.FAILED, reason=str(error.user_message or error.code or "refused"))
    if error.http_status == 409:
        raise TryAgain("Stripe is still working on this key.") from error
    return Outcome(Result.UNKNOWN, reason=type(error).__name__)


def reverse(transfer_id: str, amount_minor: int, currency: str, *, key: str) -> Outcome:
    """Takes a transfer back from the partner's account: *sent*, certainly *failed* (it is spent), or *unknown*."""
    amount = minor_to_stripe(amount_minor, currency)
    try:
        made = client().v1.transfers.reversals.create(
            transfer_id, {"amount": amount, "metadata": {"key": key}}, {"idempotency_key": key}
        )
    except stripe.StripeError as error:
        return _outcome_of(error)
    return Outcome(Result.SENT, made.id)


def available(currency: str) -> int:
    """What the platform's balance can pay in that currency now. Raises TryAgain when Stripe does not answer."""
    with patiently():
        balance = client().v1.balance.retrieve()
    there = sum(part.amount for part in balance.available if part.currency == currency.lower())
    return minor_from_stripe(there, currency)


def transfers_since(moment: datetime) -> list[dict[str, Any]]:
    """Every transfer that Stripe made since then: id, amount, currency, destination, group, reversed. Or TryAgain."""
    with patiently():
        page = client().v1.transfers.list({"created": {"gte": int(moment.timestamp())}, "limit": 100})
        return [_said(transfer) for transfer in page.auto_paging_iter()]


def transfer_named(transfer_id: str) -> dict[str, Any]:
    """One transfer as it is now: its own facts count, not the order in which events about it came. Or TryAgain."""
    with patiently():
        return _said(client().v1.transfers.retrieve(transfer_id))


def _said(transfer: Any) -> dict[str, Any]:
    return {
        "id": transfer.id,
        "amount_minor": minor_from_stripe(transfer.amount, transfer.currency),
        "currency": transfer.currency.upper(),
        "account": id_of(transfer.destination),
        "group": transfer.transfer_group or "",
        "is_reversed": bool(transfer.reversed),
    }
