"""Stripe Connect: the one package that knows Stripe.

Nothing in here is called while a transaction is open (:func:`core.database.outside`).
"""

from commissions.gateways.stripe.accounts import (
    AccountNow,
    account_now,
    is_ready,
    onboarding_url,
    open_account,
)
from commissions.gateways.stripe.client import NotSetUp, TryAgain, check_configuration, is_live, is_set_up
from commissions.gateways.stripe.events import BadSignature, events_since, verified_event
from commissions.gateways.stripe.invoices import invoices_paid_by, lines_of
from commissions.gateways.stripe.transfers import (
    StripeGateway,
    available,
    reverse,
    transfer_named,
    transfers_since,
)

__all__ = [
    "AccountNow",
    "BadSignature",
    "NotSetUp",
    "StripeGateway",
    "TryAgain",
    "account_now",
    "available",
    "check_configuration",
    "events_since",
    "invoices_paid_by",
    "is_live",
    "is_ready",
    "is_set_up",
    "lines_of",
    "onboarding_url",
    "open_account",
    "reverse",
    "transfer_named",
    "transfers_since",
    "verified_event",
]
