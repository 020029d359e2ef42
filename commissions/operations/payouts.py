"""Sending a run's money, and what becomes of each payout.

An attempt is written and committed before anything leaves the building. Whoever hears first what became of it (the job,
a web hook, the reconciliation, a person) calls the same verbs here, which may be called again.
"""

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Permission
from commissions import ledger
from commissions.gateways import Envelope, Order, Outcome, Result, gateway_for
from commissions.ledger import AccountCode
from commissions.models import (
    JournalKind,
    PaymentFile,
    Payout,
    PayoutAttempt,
    PayoutMethod,
    PayoutRun,
    PayoutStatus,
    RunStatus,
)
from commissions.operations.runs import owed_lines, release_lines
from commissions.queries.payouts import parts_of
from commissions.settings import debtor
from commissions.signals import (
    PaymentFileMade,
    PayoutFailed,
    PayoutPaid,
    PayoutReleased,
    PayoutReversed,
    PayoutSent,
    PayoutUnknown,
    RunDone,
    RunSendingBegun,
)
from core import clock, jobs
from core.activity import Actor
from core.database import lock, session
from core.errors import Refusal
from core.i18n import gettext as _
from core.settings import PROGRAMME_TIME_ZONE, VENDOR_NAME
from core.signals import announce

SEND_JOB = "commissions.send-payout"
LOOK_UP_JOB = "commissions.look-up-payout"
# Stripe forgets a key after a day; later nothing is repeated by itself.
REPEATABLE_FOR = timedelta(hours=23)


def start_sending(run: PayoutRun, *, by: User) -> None:
    """Sends an approved run: makes the bank's file, asks Stripe by jobs, and leaves by hand what is paid by hand."""
    if not by.may(Permission.RUNS_PROPOSE):
        raise Refusal(_("Finance sends payout runs."))
    lock(run)
    if run.status is not RunStatus.APPROVED:
        raise Refusal(_("This run has moved on in the meantime. Load the page again."))
    payouts = session.scalars(sa.select(Payout).where(Payout.run_id == run.id).order_by(Payout.id)).all()
    run.status = RunStatus.SENDING
    run.sent_at = clock.now()
    session.flush()
    _send(run, payouts, by)
    announce(RunSendingBegun(run, by))


def retry_payout(payout: Payout, *, by: User) -> None:
    """Tries a payout that certainly failed once more, to the same place, under a new key."""
    _need_finance(by)
    lock(payout)
    if payout.status is not PayoutStatus.FAILED or payout.released_at is not None:
        raise Refusal(_("Only what certainly failed is sent again."))
    payout.status = PayoutStatus.PENDING
    payout.reason = None
    session.flush()
    run = lock(payout.run)
    if run.status is not RunStatus.SENDING:
        run.status = RunStatus.SENDING
        session.flush()
    _send(run, [payout], by)


def _send(run: PayoutRun, payouts: Sequence[Payout], by: Actor) -> None:
    by_method: dict[PayoutMethod, list[tuple[Payout, Order]]] = {}
    for payout in payouts:
        payout.attempt += 1
        payout.status = PayoutStatus.SENDING
        order = _order(payout)
        session.add(
            PayoutAttempt(
                payout_id=payout.id,
                number=payout.attempt,
                key=order.key,
                order=order.as_json(),
                opened_at=clock.now(),
            )
        )
        by_method.setdefault(payout.method, []).append((payout, order))
    session.flush()
    for method, pairs in by_method.items():
        orders = [order for _payout, order in pairs]
        if gateway_for(method).is_remote:
            for order in orders:
                jobs.enqueue(SEND_JOB, order.as_json(), key=f"send:{order.key}")
            continue
        envelope = _envelope(run, method)
        handed_over = gateway_for(method).hand_over(orders, envelope)
        if handed_over.document is not None:
            _keep_file(run, envelope, orders, handed_over.document, by)
        for payout, order in pairs:
            settle(payout, handed_over.outcomes[order.payout_id], by=by)


def _order(payout: Payout) -> Order:
    text = f"{VENDOR_NAME.value()}, run {payout.run_id}, {payout.key}"
    return Order(payout.id, payout.key, payout.amount_minor, payout.currency, payout.destination, text)


def _envelope(run: PayoutRun, method: PayoutMethod) -> Envelope:
    own = debtor()
    if method is PayoutMethod.SEPA and not own["iban"]:
        raise Refusal(_("Write the account that payouts come from into the settings first."))
    number = 1 + (session.scalar(sa.select(sa.func.count()).where(PaymentFile.run_id == run.id)) or 0)
    tomorrow = clock.today(PROGRAMME_TIME_ZONE.value()) + timedelta(days=1)
    return Envelope(f"GH-{run.id}-{number}", clock.now(), tomorrow, own)


def _keep_file(
    run: PayoutRun, envelope: Envelope, orders: Sequence[Order], document: bytes, by: Actor
) -> None:
    file = PaymentFile(
        run_id=run.id,
        message_id=envelope.message_id,
        payout_ids=[order.payout_id for order in orders],
        keys=[order.key for order in orders],
        made_at=envelope.made_at,
        execute_on=envelope.execute_on.isoformat(),
        debtor=dict(envelope.debtor),
        total_minor=sum(order.amount_minor for order in orders),
        sha256=hashlib.sha256(document).hexdigest(),
    )
    session.add(file)
    announce(PaymentFileMade(run, by, sha256=file.sha256))


def document_of(file: PaymentFile) -> bytes:
    """The same file again, to the byte. Raises Refusal when it would not be, which only tampering explains."""
    attempts = session.scalars(sa.select(PayoutAttempt).where(PayoutAttempt.payout_id.in_(file.payout_ids)))
    by_key = {attempt.key: Order(**attempt.order) for attempt in attempts}
    envelope = Envelope(file.message_id, file.made_at, date.fromisoformat(file.execute_on), file.debtor)
    orders = [by_key[key] for key in file.keys]
    document = gateway_for(PayoutMethod.SEPA).hand_over(orders, envelope).document or b""
    if hashlib.sha256(document).hexdigest() != file.sha256:
        raise Refusal(
            _("This file cannot be made again as it was approved. Do not pay; call whoever runs the portal.")
        )
    return document


def settle(payout: Payout, outcome: Outcome, *, by: Actor | None) -> None:
    """Writes down what became of a payout's present attempt; what is known already is not written twice."""
    lock(payout)
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
    _close_attempt(payout, "sent", None)
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
    payout.status = PayoutStatus.PAID
    payout.paid_at = clock.now()
    payout.reference = reference or payout.reference
    session.flush()
    ledger.post(
        key=f"payout:{payout.id}:paid",
        kind=JournalKind.PAYOUT_PAID,
        source=f"payout:{payout.id}",
        lines=[
            (AccountCode.in_run(payout.partner_id, payout.currency), payout.amount_minor),
            (AccountCode.vendor(f"asset:{payout.method}", payout.currency), -payout.amount_minor),
        ],
        by=by,
        occurred_at=payout.paid_at,
    )
    announce(PayoutPaid(payout, by))
    follow_up(payout.run, by=by)


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
    _close_attempt(payout, "failed", payout.reason)
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
        LOOK_UP_JOB, _order(payout).as_json(), key=f"look-up:{payout.key}:{at:%Y%m%dT%H%M}", run_at=at
    )


def repeat_or_wait(payout: Payout, *, by: Actor | None) -> None:
    """Nobody there knows the payout: while its key is young it is sent again under it, later a person decides."""
    attempt = _open_attempt(payout)
    if attempt is None or payout.status not in {PayoutStatus.SENDING, PayoutStatus.UNKNOWN}:
        return
    if clock.now() - attempt.opened_at < REPEATABLE_FOR:
        again = f"send:{attempt.key}:{clock.now():%Y%m%dT%H%M%S}"
        jobs.enqueue(SEND_JOB, attempt.order, key=again, run_at=clock.now() + timedelta(seconds=30))
    else:
        mark_unknown_for_good(payout, by=by)


def mark_unknown_for_good(payout: Payout, *, by: Actor | None) -> None:
    """Too old to repeat: it stands on the run's page until a person has looked at Stripe's own books."""
    payout.reason = _("Stripe does not know it after a day. Look into Stripe's own pages before you decide.")
    announce(PayoutUnknown(payout, by, reason=payout.reason))


def declare_not_sent(payout: Payout, *, reason: str, by: User) -> None:
    """A person has looked at the other side's own books, and the payout is not there, long after its key has died."""
    _need_finance(by)
    lock(payout)
    attempt = _open_attempt(payout)
    too_young = attempt is None or clock.now() - attempt.opened_at < REPEATABLE_FOR
    if payout.status is not PayoutStatus.UNKNOWN or too_young:
        raise Refusal(_("This payout is still being looked up. Nobody decides about it by hand yet."))
    if not reason.strip():
        raise Refusal(_("Write how you made sure."))
    mark_failed(payout, reason=reason.strip(), by=by)


def is_still_open(order: Order) -> sa.Select[int]:
    """The payout's id while this attempt is open: only then may it be sent."""
    return (
        sa.select(Payout.id)
        .join(PayoutAttempt, PayoutAttempt.payout_id == Payout.id)
        .where(
            PayoutAttempt.key == order.key,
            PayoutAttempt.closed_at.is_(None),
            Payout.status.in_((PayoutStatus.SENDING, PayoutStatus.UNKNOWN)),
        )
    )


def release_payout(payout: Payout, *, by: User) -> None:
    """Gives a failed payout up: its lines are payable again, in a later run, to whatever details hold then."""
    _need_finance(by)
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
            (AccountCode.vendor(f"asset:{payout.method}", payout.currency), payout.amount_minor),
            *owed_lines(payout, *parts_of([payout.id])[payout.id], sign=-1),
        ],
        by=by,
        occurred_at=payout.reversed_at,
    )
    release_lines([payout.id])
    announce(PayoutReversed(payout, by, reason=reason))
    follow_up(payout.run, by=by)


def execute_file(
    file: PaymentFile, *, reference: str, refused: dict[int, str] | None = None, by: User
) -> None:
    """The bank carried a file out under ``reference``, but for the payouts in ``refused``, which hold its reasons."""
    _need_finance(by)
    lock(file)
    if file.executed_at is not None:
        raise Refusal(_("This file has been marked as executed already."))
    if not reference.strip():
        raise Refusal(_("Write the bank's reference."))
    file.executed_at = clock.now()
    file.bank_reference = reference.strip()
    session.flush()
    not_taken = refused or {}
    payouts = session.scalars(
        sa.select(Payout).where(Payout.id.in_(file.payout_ids)).order_by(Payout.id)
    ).all()
    for payout in payouts:
        if payout.id in not_taken:
            mark_failed(payout, reason=not_taken[payout.id], by=by)
        else:
            mark_paid(payout, reference=file.bank_reference, by=by)


def pay_by_hand(payout: Payout, *, reference: str, by: User) -> None:
    """Somebody paid it outside the portal, under ``reference``."""
    _need_finance(by)
    if payout.method is not PayoutMethod.MANUAL:
        raise Refusal(_("This payout is not paid by hand."))
    if not reference.strip():
        raise Refusal(_("Write the reference of the payment."))
    mark_paid(payout, reference=reference.strip(), by=by)


def fail_by_hand(payout: Payout, *, reason: str, by: User) -> None:
    """The bank, or whoever paid by hand, says that it did not arrive. Not for what Stripe decides."""
    _need_finance(by)
    if gateway_for(payout.method).is_remote:
        raise Refusal(_("Stripe itself says what became of this payout."))
    if not reason.strip():
        raise Refusal(_("Write why it failed."))
    lock(payout)
    if payout.status is PayoutStatus.PAID:
        mark_reversed(payout, reason=reason.strip(), by=by)
    else:
        mark_failed(payout, reason=reason.strip(), by=by)


def follow_up(run: PayoutRun, *, by: Actor | None) -> None:
    """Sets the run's state from its payouts: partly sent while any is open, failed or came back; else done."""
    lock(run)
    session.flush()
    states: list[tuple[PayoutStatus, Any]] = [
        (status, released_at)
        for status, released_at in session.execute(
            sa.select(Payout.status, Payout.released_at).where(Payout.run_id == run.id)
        )
    ]
    over = all(
        status in {PayoutStatus.PAID, PayoutStatus.REVERSED} or released_at is not None
        for status, released_at in states
    )
    somewhere = any(
        status in {PayoutStatus.PAID, PayoutStatus.FAILED, PayoutStatus.REVERSED} for status, _at in states
    )
    if over and run.status in {RunStatus.SENDING, RunStatus.PARTLY_SENT}:
        run.status = RunStatus.DONE
        run.done_at = clock.now()
        session.flush()
        announce(RunDone(run, by))
    elif not over and somewhere and run.status is RunStatus.SENDING:
        run.status = RunStatus.PARTLY_SENT
        session.flush()


def _open_attempt(payout: Payout) -> PayoutAttempt | None:
    return session.scalar(
        sa.select(PayoutAttempt).where(
            PayoutAttempt.payout_id == payout.id, PayoutAttempt.closed_at.is_(None)
        )
    )


def _close_attempt(payout: Payout, outcome: str, reason: str | None) -> None:
    attempt = _open_attempt(payout)
    if attempt is not None:
        attempt.closed_at = clock.now()
        attempt.outcome = outcome
        attempt.reason = reason


def _need_finance(by: User) -> None:
    if not by.may(Permission.RUNS_PROPOSE):
        raise Refusal(_("Finance does this."))
