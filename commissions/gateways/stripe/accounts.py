"""The partners' accounts at Stripe: opened once, questioned by Stripe itself, ready when Stripe says so.

Each raises TryAgain when Stripe does not answer.
"""

from dataclasses import dataclass

import stripe

from commissions.gateways.stripe.client import client, patiently

# What Stripe says of an account that was closed, or that parted from the platform.
_GONE = ("account_invalid", "resource_missing")
_DID_NOT_ARRIVE = ("failed", "canceled")


def open_account(*, country: str, email: str, partner_id: int) -> str:
    """A connected account for a partner; asked twice it answers the same one."""
    with patiently():
        account = client().v1.accounts.create(
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
    with patiently():
        link = client().v1.account_links.create(
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
    with patiently():
        found = client().v1.accounts.retrieve(account)
    capabilities = found.capabilities
    return capabilities is not None and getattr(capabilities, "transfers", None) == "active"


@dataclass(frozen=True, slots=True)
class AccountNow:
    """An account as it is. ``arrived``: whether its last payment to its own bank did; ``None``: under way, or none."""

    is_ready: bool
    arrived: bool | None = None
    payment: str = ""
    trouble: str = ""


def account_now(account: str) -> AccountNow:
    """Asks for the account and its last payment to its own bank; an account that is gone is not ready."""
    with patiently():
        try:
            found = client().v1.accounts.retrieve(account)
            last = client().v1.payouts.list({"limit": 1}, {"stripe_account": account})
        except (stripe.PermissionError, stripe.InvalidRequestError) as error:
            if error.code in _GONE:
                return AccountNow(is_ready=False)
            raise
    is_ready = getattr(found.capabilities, "transfers", None) == "active"
    for payout in last.data:
        if payout.status == "paid":
            return AccountNow(is_ready, arrived=True, payment=payout.id)
        if payout.status in _DID_NOT_ARRIVE:
            trouble = str(payout.failure_message or payout.failure_code or payout.status)
            return AccountNow(is_ready, arrived=False, payment=payout.id, trouble=trouble)
    return AccountNow(is_ready)
