"""What happens around payouts by itself: Stripe is asked, results are looked up, people are told."""

from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from commissions import webhook_events
from commissions.emails import payouts as emails
from commissions.gateways import Envelope, Order, Outcome, Result, gateway_for
from commissions.models import EntryKind, Payout, PayoutMethod, PayoutProfile
from commissions.operations import payouts as operations
from commissions.operations.profiles import note_stripe_readiness
from commissions.queries.payouts import entries_of_payout
from commissions.signals import PayoutFailed, PayoutPaid, PayoutProfileChanged, PayoutReversed
from core.activity import record
from core.database import aside, session
from core.jobs import job
from core.signals import receives


@job(operations.SEND_JOB)
def send_payout(payload: dict[str, Any]) -> None:
    """Hands one order over and writes down what became of it.

    The other side is called while no transaction is open, and it is asked first whether it knows the order already, so
    that this may run again after any crash.
    """
    order = Order(**payload)
    with aside() as own:
        if own.scalar(operations.is_still_open(order)) is None:
            return
    outcome = gateway_for(PayoutMethod.STRIPE).hand_over([order], _NO_ENVELOPE).outcomes[order.payout_id]
    operations.settle(session.get_one(Payout, order.payout_id), outcome, by=None)


@job(operations.LOOK_UP_JOB)
def look_payout_up(payload: dict[str, Any]) -> None:
    """Asks what became of a payout whose result nobody knows."""
    order = Order(**payload)
    with aside() as own:
        if own.scalar(operations.is_still_open(order)) is None:
            return
    found = gateway_for(PayoutMethod.STRIPE).find(order)
    payout = session.get_one(Payout, order.payout_id)
    if found is None:
        operations.repeat_or_wait(payout, by=None)
    else:
        operations.settle(payout, found, by=None)


# What is sent by a call has no file to be described.
_NO_ENVELOPE = Envelope("", datetime.fromtimestamp(0, UTC), date(1970, 1, 1), {})


@webhook_events.handles("transfer.created", "transfer.updated", "transfer.reversed")
def hear_of_a_transfer(event: dict[str, Any]) -> None:
    """The transfer's own facts count, fetched anew, so that events may come in any order and more than once."""
    from commissions.gateways.stripe import transfer_of_event

    transfer = transfer_of_event(event)
    kind, _underscore, number = transfer["group"].partition("_")
    payout = session.get(Payout, int(number)) if kind == "payout" and number.isdigit() else None
    if (
        payout is None
        or payout.method is not PayoutMethod.STRIPE
        or payout.amount_minor != transfer["amount_minor"]
    ):
        record("transfer without a payout", None, by=None, details={"transfer": transfer["id"]})
        return
    operations.settle(payout, Outcome(Result.SENT, transfer["id"]), by=None)
    if transfer["is_reversed"]:
        operations.mark_reversed(payout, reason="transfer reversed at Stripe", by=None)


@webhook_events.handles("account.updated", "capability.updated")
def hear_of_an_account(event: dict[str, Any]) -> None:
    """Whether a partner's account may receive money is asked of Stripe, not read from the event."""
    from commissions.gateways.stripe import is_ready

    thing = event["data"]["object"]
    account = event.get("account") or (
        thing.get("account") if thing.get("object") == "capability" else thing.get("id")
    )
    profile = session.scalar(sa.select(PayoutProfile).where(PayoutProfile.stripe_account == account))
    if profile is not None:
        note_stripe_readiness(profile, is_ready(str(account)))


@receives(PayoutPaid)
def tell_the_partner_that_money_comes(signal: PayoutPaid) -> None:
    emails.say_that_money_comes(signal.subject)


@receives(PayoutFailed, PayoutReversed)
def tell_finance_and_the_partner_that_a_payout_failed(signal: PayoutFailed | PayoutReversed) -> None:
    emails.say_that_a_payout_failed(signal.subject, signal.reason)


@receives(PayoutProfileChanged)
def tell_every_admin_that_payout_details_changed(signal: PayoutProfileChanged) -> None:
    emails.say_that_details_changed(signal.subject, signal.by)


@receives(PayoutPaid)
def close_the_funding_claims_that_were_paid(signal: PayoutPaid) -> None:
    """A reimbursement that arrived is written down at its event."""
    claims = [
        entry.cause.removeprefix("funding-claim:")
        for entry in session.scalars(entries_of_payout(signal.subject))
        if entry.kind is EntryKind.REIMBURSEMENT and entry.cause.startswith("funding-claim:")
    ]
    if claims:
        from events.models import FundingClaim
        from events.operations import mark_reimbursed

        for number in claims:
            mark_reimbursed(session.get_one(FundingClaim, int(number)), by=signal.by)
