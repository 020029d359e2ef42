"""Stripe Connect: the one module that knows Stripe.

A transfer is asked for under one key an attempt. Whatever is unclear stays *unknown* and is looked up by the payout's
transfer group before anything is repeated; only a definite no is *failed*.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import stripe
from flask import current_app

from commissions.gateways import Envelope, HandOver, Order, Outcome, Result
from commissions.models import PayoutMethod

API = "https://api.stripe.com"
VERSION = "2026-05-27.dahlia"
TOLERANCE_SECONDS = 300


class NotSetUp(RuntimeError):
    """No key, or an address that this installation must not talk to."""


class BadSignature(ValueError):
    """Not from Stripe, or not from now."""


class TryAgain(RuntimeError):
    """Stripe asks for patience; nothing happened. The same key may be used again."""


def is_set_up() -> bool:
    """Whether this installation can pay through Stripe."""
    return bool(current_app.config["STRIPE_API_KEY"])


def check_configuration(config: Mapping[str, Any]) -> None:
    """Raises NotSetUp when production would talk to anybody but Stripe, or a test to the real one."""
    if not config["STRIPE_API_KEY"]:
        return
    base, kind = config["STRIPE_API_BASE"].rstrip("/"), config["KIND"]
    if kind == "production" and base != API:
        raise NotSetUp("STRIPE_API_BASE must be https://api.stripe.com in production.")
    if (
        kind != "production"
        and base == API
        and not config["STRIPE_API_KEY"].startswith(("sk_test_", "rk_test_"))
    ):
        raise NotSetUp("Outside production STRIPE_API_KEY must be a test key (sk_test_…).")


def _client() -> stripe.StripeClient:
    if not is_set_up():
        raise NotSetUp("STRIPE_API_KEY is not set.")
    return stripe.StripeClient(
        current_app.config["STRIPE_API_KEY"],
        base_addresses={"api": current_app.config["STRIPE_API_BASE"].rstrip("/")},
        stripe_version=VERSION,
        max_network_retries=1,
        http_client=stripe.RequestsClient(timeout=(3, 20)),
    )


class StripeGateway:
    """Transfers to the partners' connected accounts."""

    method = PayoutMethod.STRIPE
    is_remote = True

    def hand_over(self, orders: Sequence[Order], envelope: Envelope) -> HandOver:
        return HandOver({order.payout_id: self._send(order) for order in orders})

    def _send(self, order: Order) -> Outcome:
        """Looks the order up first, so that it can be called again after any crash."""
        try:
            found = self.find(order)
            if found is not None:
                return found
            transfer = _client().v1.transfers.create(
                {
                    "amount": order.amount_minor,
                    "currency": order.currency.lower(),
                    "destination": order.destination["account"],
                    "transfer_group": order.group,
                    "description": order.text,
                    "metadata": {"payout_id": str(order.payout_id), "key": order.key},
                },
                {"idempotency_key": order.key},
            )
        except stripe.RateLimitError as error:
            raise TryAgain("Stripe asks to slow down.") from error
        except stripe.IdempotencyError as error:
            return Outcome(
                Result.UNKNOWN, reason=f"Stripe knows this key with another content: {error.user_message}"
            )
        except (stripe.AuthenticationError, stripe.PermissionError) as error:
            raise NotSetUp(f"Stripe refuses the key: {error.user_message}") from error
        except stripe.InvalidRequestError as error:
            return Outcome(Result.FAILED, reason=str(error.user_message or error.code or "refused"))
        except stripe.StripeError as error:
            if getattr(error, "http_status", None) == 409:
                raise TryAgain("Stripe is still working on this key.") from error
            return Outcome(Result.UNKNOWN, reason=type(error).__name__)
        return Outcome(Result.SENT, transfer.id)

    def find(self, order: Order) -> Outcome | None:
        """The transfer of the payout's group. One that differs is nobody's to settle but a person's."""
        for transfer in _client().v1.transfers.list({"transfer_group": order.group, "limit": 10}).data:
            same = (
                transfer.amount == order.amount_minor
                and transfer.currency == order.currency.lower()
                and _id_of(transfer.destination) == order.destination["account"]
            )
            if not same:
                return Outcome(
                    Result.UNKNOWN, transfer.id, "Stripe holds another transfer under this payout's group."
                )
            if transfer.reversed:
                continue
            return Outcome(Result.SENT, transfer.id)
        return None


def _id_of(thing: Any) -> str | None:
    return thing if isinstance(thing, str) or thing is None else str(thing.id)


def open_account(*, country: str, email: str, partner_id: int) -> str:
    """A connected account for a partner; asked twice it answers the same one."""
    account = _client().v1.accounts.create(
        {
            "country": country,
            "email": email,
            "controller": {
                "fees": {"payer": "application"},
                "losses": {"payments": "application"},
                "requirement_collection": "stripe",
                "stripe_dashboard": {"type": "express"},
            },
            "capabilities": {"transfers": {"requested": True}},
            "metadata": {"partner_id": str(partner_id)},
        },
        {"idempotency_key": f"account-{partner_id}"},
    )
    return str(account.id)


def onboarding_url(account: str, *, refresh_url: str, return_url: str) -> str:
    """Where the partner answers Stripe's questions: one use, minutes long, never stored."""
    link = _client().v1.account_links.create(
        {
            "account": account,
            "type": "account_onboarding",
            "refresh_url": refresh_url,
            "return_url": return_url,
        }
    )
    return str(link.url)


def is_ready(account: str) -> bool:
    """Whether the account may receive transfers. Coming back from Stripe proves nothing; this does."""
    found = _client().v1.accounts.retrieve(account)
    capabilities = found.capabilities
    return capabilities is not None and getattr(capabilities, "transfers", None) == "active"


def transfers_since(moment: datetime) -> list[dict[str, Any]]:
    """Every transfer that Stripe made since then: id, amount, currency, destination, group, reversed."""
    page = _client().v1.transfers.list({"created": {"gte": int(moment.timestamp())}, "limit": 100})
    return [
        {
            "id": transfer.id,
            "amount_minor": transfer.amount,
            "currency": transfer.currency.upper(),
            "account": _id_of(transfer.destination),
            "group": transfer.transfer_group,
            "is_reversed": bool(transfer.reversed),
        }
        for transfer in page.auto_paging_iter()
    ]


def transfer_of_event(body: Mapping[str, Any]) -> dict[str, Any]:
    """The transfer that an event speaks of, fetched anew: its own facts count, not the order in which events came."""
    transfer = _client().v1.transfers.retrieve(body["data"]["object"]["id"])
    return {
        "id": transfer.id,
        "group": transfer.transfer_group or "",
        "amount_minor": transfer.amount,
        "is_reversed": bool(transfer.reversed),
        "amount_reversed_minor": transfer.amount_reversed,
    }


def verified_event(raw: bytes, signature: str | None, *, now: datetime) -> dict[str, Any]:
    """The event in ``raw`` once its signature and age are proved, over the bytes as they came.

    Two secrets may stand in the configuration, separated by a space, while one replaces the other. Raises BadSignature.
    """
    secrets = current_app.config["STRIPE_WEBHOOK_SECRET"].split()
    try:
        text = raw.decode("utf-8")
        # The first one counts, as it does for whoever verifies.
        stamp = int(next(part[2:] for part in (signature or "").split(",") if part.startswith("t=")))
    except (UnicodeDecodeError, ValueError, StopIteration):
        raise BadSignature("unreadable") from None
    if abs(stamp - now.timestamp()) > TOLERANCE_SECONDS:
        raise BadSignature("too old, or from the future")
    for secret in secrets:
        try:
            stripe.WebhookSignature.verify_header(text, str(signature), secret, tolerance=None)
            break
        except stripe.SignatureVerificationError:
            continue
    else:
        raise BadSignature("signed by somebody else")
    try:
        event = json.loads(text)
    except json.JSONDecodeError:
        raise BadSignature("not JSON") from None
    whole = isinstance(event, dict) and event.get("object") == "event"
    if not whole or not isinstance(event.get("id"), str) or not isinstance(event.get("type"), str):
        raise BadSignature("not an event")
    return dict(event)
