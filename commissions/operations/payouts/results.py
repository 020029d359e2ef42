"""What becomes of a payout: whoever hears it first (a job, a web hook, a statement, a person) calls the same verbs.

Each may be called again and then changes nothing.
"""

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Permission
from commissions import ledger
from commissions.gateways import Outcome, Result, gateway_for
from commissions.ledger import AccountCode, Draft
from commissions.models import JournalKind, Payout, PayoutMethod, PayoutRun, PayoutStatus, RunStatus
from commissions.operations.payouts.orders import (
    LOOK_UP_JOB,
    REPEATABLE_FOR,
    SEND_JOB,
    close_attempts,
    open_attempt,
    order_of,
    send_later,
)
from commissions.operations.runs import owed_lines, release_lines
from commissions.queries.payouts import parts_of
from commissions.signals import (
    PayoutFailed,
    PayoutPaid,
    PayoutReleased,
    PayoutReversed,
    PayoutSent,
    PayoutUnknown,
    RunDone,
)
from core import activity, clock, jobs
from core.activity import Actor
from core.database import lock, session
from core.errors import Refusal
from core.i18n import gettext as _
from core.signals import announce
from partners.models import PAID


def settle(payout: Payout, outcome: Outcome, *, by: Actor | None) -> None:
    """Writes down what became of a payout's present attempt; what is known already is not written twice.

    News of a payout that came back, or was given up, change nothing any more; the latter are shown to finance.
    """
    lock(payout)
    if payout.status is PayoutStatus.REVERSED:
        return
    if payout.released_at is not None:
        if outcome.result is Result.SENT:
            details = {"reference": outcome.reference or ""}
            activity.record("payout was made after all", payout, by=by, details=details)
        return
    match outcome.result:
        case Result.SENT:
            mark_sent(payout, reference=outcome.reference, by=by)
            if gateway_for(payout.method).is_remote:
                mark_paid(payout, reference=outcome.reference, by=by)
        case Result.FAILED:
            mark_failed(payout, reason=outcome.reason or "", by=by)
        case Result.UNKNOWN:
            mark_unknown(payout, reason=outcome.reason or "", by=by)
        case Result.WAITING:
            pass


def mark_sent(payout: Payout, *, reference: str | None, by: Actor | None) -> None:
    """It was handed over. A payout thought failed may turn out to have been."""
    lock(payout)
    if not payout.may_become(PayoutStatus.SENT) or payout.released_at is not None:
        return
    payout.status = PayoutStatus.SENT
    payout.sent_at = clock.now()
    payout.reference = reference or payout.reference
    payout.reason = None
    close_attempts([payout.id], "sent")
    session.flush()
    announce(PayoutSent(payout, by))


def mark_paid(payout: Payout, *, reference: str | None, by: Actor | None) -> None:
    """The money is the partner's, and the books say so. Once."""
    lock(payout)
    if payout.status is PayoutStatus.SENDING and payout.method is PayoutMethod.MANUAL:
        mark_sent(payout, reference=reference, by=by)
    if payout.status is PayoutStatus.PAID:
        return
    if not payout.may_become(PayoutStatus.PAID):
        raise Refusal(_("This payout is not on its way, so it cannot be paid."))
    pay_many([payout], reference=reference, by=by)
    follow_up(payout.run, by=by)


def pay_many(payouts: Sequence[Payout], *, reference: str | None, by: Actor | None) -> None:
    """Marks payouts on their way as paid and posts them, in a handful of statements. The caller locked them."""
    now = clock.now()
    for payout in payouts:
        payout.status = PayoutStatus.PAID
        payout.paid_at = now
        payout.reference = reference or payout.reference
    session.flush()
    ledger.post_many(
        [
            Draft(
                f"payout:{payout.id}:paid",
                JournalKind.PAYOUT_PAID,
                f"payout:{payout.id}",
                (
                    (AccountCode.in_run(payout.partner_id, payout.currency), payout.amount_minor),
                    *_left(payout),
                ),
                now,
            )
            for payout in payouts
        ],
        by=by,
    )
    for payout in payouts:
        announce(PayoutPaid(payout, by))


def _left(payout: Payout, sign: int = 1) -> list[tuple[AccountCode, int]]:
    """The vendor's side of a payment: what left, VAT on top, tax withheld, the fee; sign -1 when it came back."""
    parts = (
        (f"asset:{payout.method}", -payout.net_minor),
        ("asset:vat", payout.vat_minor),
        ("liability:withholding", -payout.withheld_minor),
        ("income:fee", -payout.fee_minor),
    )
    return [(AccountCode.vendor(what, payout.currency), sign * amount) for what, amount in parts if amount]


def mark_failed(payout: Payout, *, reason: str, by: Actor | None) -> None:
    """It certainly did not arrive. The money stays set aside until somebody tries again or gives up."""
    lock(payout)
    if payout.status is PayoutStatus.FAILED:
        return
    if not payout.may_become(PayoutStatus.FAILED):
        raise Refusal(_("This payout is not on its way, so it cannot fail."))
    payout.status = PayoutStatus.FAILED
    payout.failed_at = clock.now()
    payout.reason = reason.strip() or _("No reason was given.")
    close_attempts([payout.id], "failed", payout.reason)
    session.flush()
    announce(PayoutFailed(payout, by, reason=payout.reason))
    follow_up(payout.run, by=by)


def mark_unknown(payout: Payout, *, reason: str, by: Actor | None) -> None:
    """Nobody knows. It is looked up until somebody does; it is never called failed and never gets a new key."""
    lock(payout)
    if payout.status is PayoutStatus.SENDING:
        payout.status = PayoutStatus.UNKNOWN
        payout.reason = reason
        session.flush()
        announce(PayoutUnknown(payout, by, reason=reason))
    if payout.status is PayoutStatus.UNKNOWN:
        look_up_later(payout)


def look_up_later(payout: Payout) -> None:
    """Asks again in two minutes."""
    at = clock.now() + timedelta(minutes=2)
    jobs.enqueue(
        LOOK_UP_JOB, order_of(payout).as_json(), key=f"look-up:{payout.key}:{at:%Y%m%dT%H%M}", run_at=at
    )


def wait_for_reinstatement(payout: Payout) -> None:
    """Nobody there knows the payout, and its partner is suspended: it is sent when that ends, or looked up so long."""
    if payout.status is PayoutStatus.SENDING:
        send_later(order_of(payout))
    elif payout.status is PayoutStatus.UNKNOWN:
        look_up_later(payout)


def repeat_or_wait(payout: Payout, *, by: Actor | None) -> None:
    """Nobody there knows the payout: while its key is young it is sent again under it, later a person decides."""
    attempt = open_attempt(payout)
    if attempt is None or payout.status not in {PayoutStatus.SENDING, PayoutStatus.UNKNOWN}:
        return
    if payout.status is PayoutStatus.SENDING and payout.partner.status not in PAID:
        wait_for_reinstatement(payout)
        return
    if clock.now() - attempt.opened_at < REPEATABLE_FOR:
        again = f"send:{attempt.key}:{clock.now():%Y%m%dT%H%M%S}"
        jobs.enqueue(SEND_JOB, attempt.order, key=again, run_at=clock.now() + timedelta(seconds=30))
        return
    said = _("Stripe does not know it after a day. Look into Stripe's own pages before you decide.")
    if payout.status is PayoutStatus.SENDING or payout.reason != said:
        payout.status = PayoutStatus.UNKNOWN
        payout.reason = said
        session.flush()
        announce(PayoutUnknown(payout, by, reason=said))


def declare_not_sent(payout: Payout, *, reason: str, by: User) -> None:
    """A person has looked at the other side's own books, and the payout is not there, long after its key has died."""
    need_finance(by)
    lock(payout)
    attempt = open_attempt(payout)
    too_young = attempt is None or clock.now() - attempt.opened_at < REPEATABLE_FOR
    if payout.status is not PayoutStatus.UNKNOWN or too_young:
        raise Refusal(_("This payout is still being looked up. Nobody decides about it by hand yet."))
    if not reason.strip():
        raise Refusal(_("Write how you made sure."))
    mark_failed(payout, reason=reason.strip(), by=by)


def release_payout(payout: Payout, *, by: User) -> None:
    """Gives a failed payout up: its lines are payable again, in a later run, to whatever details hold then."""
    need_finance(by)
    lock(payout)
    if payout.status is not PayoutStatus.FAILED or payout.released_at is not None:
        raise Refusal(_("Only what certainly failed can be given up."))
    payout.released_at = clock.now()
    ledger.post(
        key=f"payout:{payout.id}:released",
        kind=JournalKind.PAYOUT_RELEASED,
        source=f"payout:{payout.id}",
        lines=[
            (AccountCode.in_run(payout.partner_id, payout.currency), payout.amount_minor),
            *owed_lines(payout, *parts_of([payout.id])[payout.id], sign=-1),
        ],
        by=by,
    )
    release_lines([payout.id])
    announce(PayoutReleased(payout, by))
    follow_up(payout.run, by=by)


def mark_reversed(payout: Payout, *, reason: str, by: Actor | None) -> None:
    """It came back after it was paid: owed again, and shown to finance."""
    lock(payout)
    if payout.status is PayoutStatus.REVERSED:
        return
    if not payout.may_become(PayoutStatus.REVERSED):
        raise Refusal(_("Only what was paid can come back."))
    payout.status = PayoutStatus.REVERSED
    payout.reversed_at = clock.now()
    payout.reason = reason
    session.flush()
    ledger.post(
        key=f"payout:{payout.id}:reversed",
        kind=JournalKind.PAYOUT_REVERSED,
        source=f"payout:{payout.id}",
        lines=[
            *_left(payout, -1),
            *owed_lines(payout, *parts_of([payout.id])[payout.id], sign=-1),
        ],
        by=by,
        occurred_at=payout.reversed_at,
    )
    release_lines([payout.id])
    announce(PayoutReversed(payout, by, reason=reason))
    follow_up(payout.run, by=by)


def follow_up(run: PayoutRun, *, by: Actor | None) -> None:
    """Sets the run's state from its payouts: partly sent while any is open, failed or came back; else done."""
    lock(run)
    session.flush()
    is_open = (
        sa.select(Payout.id)
        .where(
            Payout.run_id == run.id,
            Payout.status.not_in((PayoutStatus.PAID, PayoutStatus.REVERSED)),
            Payout.released_at.is_(None),
        )
        .limit(1)
    )
    if session.scalar(is_open) is None:
        if run.status in {RunStatus.SENDING, RunStatus.PARTLY_SENT}:
            run.status = RunStatus.DONE
            run.done_at = clock.now()
            session.flush()
            announce(RunDone(run, by))
    elif run.status is RunStatus.SENDING:
        decided = (PayoutStatus.PAID, PayoutStatus.FAILED, PayoutStatus.REVERSED)
        somewhere = sa.select(Payout.id).where(Payout.run_id == run.id, Payout.status.in_(decided)).limit(1)
        if session.scalar(somewhere) is not None:
            run.status = RunStatus.PARTLY_SENT
            session.flush()


def need_finance(by: User) -> None:
    """Refusal unless ``by`` may do what finance does."""
    if not by.may(Permission.RUNS_PROPOSE):
        raise Refusal(_("Finance does this."))
