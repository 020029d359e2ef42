"""Earnings, profiles and runs for the tests of the books and of payouts."""

import itertools
from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from commissions.models import Entry, EntryKind, PayoutMethod, PayoutProfile, PayoutRun, VatStatus
from commissions.operations.entries import post_entries
from commissions.operations.profiles import save_profile
from commissions.operations.runs import approve_run, propose_run
from core import clock
from core.settings import change_setting

_numbers = itertools.count(1)
IBANS = (
    "DE89370400440532013000",
    "NL91ABNA0417164300",
    "AT611904300234573201",
    "FR1420041010050500013M02606",
)


def an_entry(partner: Any, amount_minor: int = 10_000, *, available_in: int = 0, **about: Any) -> Entry:
    """A line of earnings that was received now; payable at once, or in ``available_in`` days."""
    now: datetime = clock.now()
    number = next(_numbers)
    values: dict[str, Any] = {
        "kind": EntryKind.COMMISSION,
        "partner_id": partner.id,
        "amount_minor": amount_minor,
        "currency": "EUR",
        "rule": "Gold: licence",
        "cause": f"sale:{number}",
        "received_at": now,
        "available_at": now + timedelta(days=available_in),
        "proof": {
            "base_minor": amount_minor * 10,
            "formula": "10 %",
            "exact": str(amount_minor),
            "rounding": "none",
        },
    }
    return post_entries([Entry(**values | about)], by=None)[0]


def a_profile(partner: Any, method: PayoutMethod = PayoutMethod.SEPA, **about: Any) -> PayoutProfile:
    """A complete payout profile, whose first delay is over."""
    values: dict[str, Any] = {"method": method, "vat_status": VatStatus.REGISTERED, "country": "DE"}
    if method is PayoutMethod.SEPA:
        values |= {"holder": f"{partner.name} GmbH", "iban": IBANS[partner.id % len(IBANS)], "city": "Berlin"}
    if method is PayoutMethod.MANUAL:
        values |= {"holder": f"{partner.name} OOO", "arrangement": "Account 40702 at the bank in Almaty"}
    with clock.frozen_at(clock.now() - timedelta(days=10)):
        profile = save_profile(partner, by=None, **values | about)
    if method is PayoutMethod.STRIPE:
        profile.stripe_account = about.get("stripe_account", f"acct_{partner.id}")
        profile.stripe_ready = True
    return profile


def an_account_to_pay_from() -> None:
    """The vendor's own bank account."""
    from commissions import settings

    change_setting(settings.DEBTOR_NAME, "Meridian Software GmbH", by=None)
    change_setting(settings.DEBTOR_IBAN, "DE02120300000000202051", by=None)
    change_setting(settings.DEBTOR_BIC, "BYLADEM1001", by=None)


def a_proposed_run(finn: User, currency: str = "EUR", **about: Any) -> PayoutRun:
    """Everything payable in a currency, proposed by ``finn``."""
    return propose_run(currency, by=finn, **about)


def an_approved_run(finn: User, mona: User, currency: str = "EUR") -> PayoutRun:
    """The same, approved by ``mona``."""
    run = a_proposed_run(finn, currency)
    approve_run(run, digest=str(run.digest), total_minor=run.total_minor, by=mona)
    return run
