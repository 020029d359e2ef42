"""What happens around payouts by itself: Stripe is asked, results are looked up, people are told."""

from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from commissions import webhook_events
from commissions.emails import payouts as emails
from commissions.gateways import Envelope, Order, Outcome, Result, gateway_for, stripe
from commissions.models import (
    PaymentFile,
    Payout,
    PayoutMethod,
    PayoutProfile,
    PayoutStatus,
)
from commissions.operations import payouts as operations
from commissions.operations.profiles import note_stripe_readiness, note_stripe_trouble
from commissions.queries.payouts import payout_of_group
from commissions.signals import (
    PayoutFailed,
    PayoutPaid,
    PayoutProfileChanged,
    PayoutReversed,
    RunApproved,
    RunProposed,
    RunSentBack,
    TaxPaperUploaded,
)
from core.activity import record
from core.database import aside, outside, session
from core.jobs import job
from core.signals import receives


@job(operations.SEND_JOB)
def send_payout(payload: dict[str, Any]) -> None:
    """Hands one order over and writes down what became of it.

    The other side is called while no transaction is open, and it is asked first whether it knows the order already, so
    that this may run again after any crash. While the partner is suspended it is only asked: what had arrived before is
    settled, and what had not waits.
    """
    order = Order(**payload)
    gateway = gateway_for(PayoutMethod.STRIPE)
    with aside() as own:
        if own.scalar(operations.is_still_open(order)) is None:
            return
        is_frozen = own.scalar(operations.is_frozen(order)) is not None
    with outside():
        outcome = (
            gateway.find(order)
            if is_frozen
            else gateway.hand_over([order], _NO_ENVELOPE).outcomes[order.payout_id]
        )
    payout = session.get_one(Payout, order.payout_id)
    if outcome is None:
        operations.wait_for_reinstatement(payout)
    else:
        operations.settle(payout, outcome, by=None)


@job(operations.LOOK_UP_JOB)
def look_payout_up(payload: dict[str, Any]) -> None:
    """Asks what became of a payout whose result nobody knows."""
    order = Order(**payload)
    with aside() as own:
        if own.scalar(operations.is_still_open(order)) is None:
            return
    with outside():
        found = gateway_for(PayoutMethod.STRIPE).find(order)
    payout = session.get_one(Payout, order.payout_id)
    if found is None:
        operations.repeat_or_wait(payout, by=None)
    else:
        operations.settle(payout, found, by=None)


# What is sent by a call has no file to be described.
_NO_ENVELOPE = Envelope("", datetime.fromtimestamp(0, UTC), date(1970, 1, 1), {})


@job(operations.REVERSE_JOB)
def take_a_transfer_back(payload: dict[str, Any]) -> None:
    """Asks Stripe for the money back. A definite no is written down; what is unclear is asked again under its key."""
    with aside() as own:
        payout = own.get_one(Payout, payload["payout_id"])
        if payout.status is not PayoutStatus.PAID:
            return
        amount, currency = payload["amount_minor"], payout.currency
    with outside():
        outcome = stripe.reverse(payload["transfer"], amount, currency, key=payload["key"])
    payout = session.get_one(Payout, payload["payout_id"])
    match outcome.result:
        case Result.SENT:
            operations.mark_reversed(payout, reason=payload["reason"], by=None)
        case Result.FAILED:
            payout.reason = outcome.reason
            record("taking back refused", payout, by=None, details={"reason": outcome.reason or ""})
        case _unclear:
            raise stripe.TryAgain(outcome.reason or "")


@job(operations.SETTLE_FILE_JOB)
def settle_the_rest_of_a_file(payload: dict[str, Any]) -> None:
    """The next payouts of a long file that the bank carried out."""
    operations.settle_file(session.get_one(PaymentFile, payload["file_id"]), by=None)


def _transfer_of(event: dict[str, Any]) -> Any:
    """The transfer as it is now: events may come in any order and more than once."""
    return stripe.transfer_named(event["data"]["object"]["id"])


@webhook_events.handles("transfer.created", "transfer.updated", "transfer.reversed", ask=_transfer_of)
def hear_of_a_transfer(_event: dict[str, Any], transfer: dict[str, Any]) -> None:
    """The transfer's own facts count. One that is none of ours, or another than we ordered, is shown to finance."""
    payout_id = payout_of_group(transfer["group"])
    payout = session.get(Payout, payout_id) if payout_id is not None else None
    if (
        payout is None
        or payout.method is not PayoutMethod.STRIPE
        or payout.net_minor != transfer["amount_minor"]
        or payout.destination["account"] != transfer["account"]
    ):
        record("transfer without a payout", None, by=None, details={"transfer": transfer["id"]})
        return
    operations.settle(payout, Outcome(Result.SENT, transfer["id"]), by=None)
    if transfer["is_reversed"] and payout.reference == transfer["id"]:
        operations.mark_reversed(payout, reason="transfer reversed at Stripe", by=None)


def _account_of(event: dict[str, Any]) -> str:
    thing = event["data"]["object"]
    own = thing.get("account") if thing.get("object") == "capability" else thing.get("id")
    return str(event.get("account") or own)


def _profile_of(account: str) -> PayoutProfile | None:
    """The profile of a partner's account; an account of nobody's is written down."""
    profile = session.scalar(sa.select(PayoutProfile).where(PayoutProfile.stripe_account == account))
    if profile is None:
        record("event of a foreign account", None, by=None, details={"account": account})
    return profile


def _is_ready(event: dict[str, Any]) -> bool | None:
    with aside() as own:
        known = own.scalar(
            sa.select(PayoutProfile.id).where(PayoutProfile.stripe_account == _account_of(event))
        )
    return None if known is None else stripe.is_ready(_account_of(event))


@webhook_events.handles("account.updated", "capability.updated", ask=_is_ready)
def hear_of_an_account(event: dict[str, Any], is_ready: bool | None) -> None:
    """Whether a partner's account may receive money is asked of Stripe, not read from the event."""
    profile = _profile_of(_account_of(event))
    if profile is not None and is_ready is not None:
        note_stripe_readiness(profile, is_ready)


@webhook_events.handles("account.application.deauthorized")
def hear_that_an_account_left(event: dict[str, Any]) -> None:
    profile = _profile_of(str(event.get("account")))
    if profile is not None:
        note_stripe_readiness(profile, False)


@webhook_events.handles("payout.paid", "payout.failed", "payout.canceled")
def hear_what_stripe_paid_to_a_partners_bank(event: dict[str, Any]) -> None:
    """The last leg, from the partner's account at Stripe to its own bank: trouble there is the partner's to mend."""
    profile = _profile_of(str(event.get("account")))
    if profile is None:
        return
    if event["type"] == "payout.paid":
        note_stripe_trouble(profile, None)
        return
    thing = event["data"]["object"]
    note_stripe_trouble(
        profile, str(thing.get("failure_message") or thing.get("failure_code") or event["type"])
    )
    emails.say_that_stripe_could_not_pay(profile, event_id=str(event["id"]))


@receives(PayoutPaid)
def tell_the_partner_that_money_comes(signal: PayoutPaid) -> None:
    emails.say_that_money_comes(signal.subject)


@receives(PayoutFailed, PayoutReversed)
def tell_finance_and_the_partner_that_a_payout_failed(signal: PayoutFailed | PayoutReversed) -> None:
    emails.say_that_a_payout_failed(signal.subject, signal.reason)


@receives(PayoutProfileChanged)
def tell_every_admin_that_payout_details_changed(signal: PayoutProfileChanged) -> None:
    emails.say_that_details_changed(signal.subject, signal.by)


@receives(RunProposed, RunApproved, RunSentBack)
def tell_whose_turn_it_is(signal: RunProposed | RunApproved | RunSentBack) -> None:
    emails.say_whose_turn_it_is(signal.subject)


@receives(TaxPaperUploaded)
def tell_finance_that_a_tax_paper_came(signal: TaxPaperUploaded) -> None:
    emails.say_that_a_tax_paper_came(signal.subject)
