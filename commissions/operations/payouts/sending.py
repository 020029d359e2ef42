"""Sending a run: set-based, so that ten thousand payouts are one short transaction, and never half of one.

What goes through a file is sent by making it. What goes to Stripe is a job each, which survives any crash. A partner
that is suspended is not sent to; its payout waits in the run until the suspension ends.
"""

import hashlib
from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Permission
from commissions.gateways import Envelope, Order, gateway_for, stripe
from commissions.models import (
    PaymentFile,
    Payout,
    PayoutAttempt,
    PayoutMethod,
    PayoutRun,
    PayoutStatus,
    RunStatus,
)
from commissions.operations.payouts.orders import (
    BATCH,
    REVERSE_JOB,
    SEND_JOB,
    close_attempts,
    order_of,
    write_attempts,
)
from commissions.operations.payouts.results import need_finance
from commissions.queries.bank import payer
from commissions.queries.payouts import sendable_payouts, stripe_knows_more
from commissions.signals import PaymentFileMade, PayoutSent, RunSendingBegun, TakingBackBegun
from core import clock, jobs
from core.activity import Actor
from core.bulk import portions
from core.database import lock, outside, session
from core.errors import Refusal
from core.i18n import format_money
from core.i18n import gettext as _
from core.settings import PROGRAMME_TIME_ZONE
from core.signals import announce
from partners.models import PAID

# As far as a restored backup may lie behind.
_LOOKS_BACK = timedelta(days=7)


def start_sending(run: PayoutRun, *, by: User) -> None:
    """Sends an approved run, or what of it waited for a suspension to end.

    Makes the bank's files, asks Stripe by jobs, and leaves by hand what is paid by hand. Refusal when Stripe's balance
    is short, or an account to pay from is missing.
    """
    if not by.may(Permission.RUNS_PROPOSE):
        raise Refusal(_("Finance sends payout runs."))
    _ask_stripe(run)
    lock(run)
    begins = run.status is RunStatus.APPROVED
    if not begins and run.status not in {RunStatus.SENDING, RunStatus.PARTLY_SENT}:
        raise Refusal(_("This run has moved on in the meantime. Load the page again."))
    ids = list(session.scalars(sendable_payouts(run).with_only_columns(Payout.id)))
    if not ids:
        raise Refusal(_("Every partner in this run that is not paid yet is suspended."))
    if begins:
        run.status = RunStatus.SENDING
        run.sent_at = clock.now()
        session.flush()
    _send(run, ids, by)
    if begins:
        announce(RunSendingBegun(run, by))


def retry_payout(payout: Payout, *, by: User) -> None:
    """Tries a payout that certainly failed once more, to the same place, under a new key."""
    need_finance(by)
    lock(payout)
    if payout.status is not PayoutStatus.FAILED or payout.released_at is not None:
        raise Refusal(_("Only what certainly failed is sent again."))
    if payout.partner.status not in PAID:
        raise Refusal(
            _(
                "%(name)s is suspended. Send it once more when the suspension has ended.",
                name=payout.partner.name,
            )
        )
    payout.status = PayoutStatus.PENDING
    payout.reason = None
    session.flush()
    run = lock(payout.run)
    if run.status is not RunStatus.SENDING:
        run.status = RunStatus.SENDING
        session.flush()
    _send(run, [payout.id], by)
    session.refresh(payout)


def _ask_stripe(run: PayoutRun) -> None:
    """Before anything is written: Stripe must hold enough for what goes through it."""
    needed = _sum_through_stripe(run)
    if not needed or not stripe.is_set_up():
        return
    currency, since = run.currency, clock.real_now() - _LOOKS_BACK
    with outside():
        try:
            there, transfers = stripe.available(currency), stripe.transfers_since(since)
        except stripe.TryAgain:
            raise Refusal(_("Stripe does not answer now. Nothing was sent; try again soon.")) from None
    unheard_of = stripe_knows_more(transfers)
    if unheard_of:
        raise Refusal(
            _(
                "Stripe has transfers that this portal never sent, such as %(name)s. Was a backup restored? Nothing is "
                "sent until each of them is cleared up on the reconciliation page.",
                name=unheard_of[0]["id"],
            )
        )
    if there < needed:
        raise Refusal(
            _(
                "Stripe holds %(there)s, and %(needed)s are needed. Top the balance up first; nothing was sent.",
                there=format_money(there, currency),
                needed=format_money(needed, currency),
            )
        )


def _sum_through_stripe(run: PayoutRun) -> int:
    net = Payout.amount_minor + Payout.vat_minor - Payout.withheld_minor - Payout.fee_minor
    query = (
        sendable_payouts(run)
        .where(Payout.method == PayoutMethod.STRIPE)
        .order_by(None)
        .with_only_columns(sa.cast(sa.func.coalesce(sa.func.sum(net), 0), sa.BigInteger))
    )
    return int(session.scalar(query) or 0)


def _send(run: PayoutRun, ids: Sequence[int], by: Actor) -> None:
    """The whole of it in one transaction; the money itself moves later, by the file or by the jobs."""
    for batch in portions(ids, BATCH):
        session.execute(
            sa.update(Payout)
            .where(Payout.id.in_(batch))
            .values(status=PayoutStatus.SENDING, attempt=Payout.attempt + 1)
            .execution_options(synchronize_session=False)
        )
    orders: dict[PayoutMethod, list[Order]] = {}
    for batch in portions(ids, BATCH):
        attempts = []
        query = sa.select(Payout).where(Payout.id.in_(batch)).order_by(Payout.id)
        for payout in session.scalars(query.execution_options(populate_existing=True)):
            order = order_of(payout)
            attempts.append((payout.attempt, order))
            orders.setdefault(payout.method, []).append(order)
        write_attempts(attempts)
    for method, wanted in orders.items():
        gateway = gateway_for(method)
        if gateway.is_remote:
            jobs.enqueue_many(SEND_JOB, {f"send:{order.key}": order.as_json() for order in wanted})
        elif gateway.extension:
            _make_file(run, method, wanted, by)


def _make_file(run: PayoutRun, method: PayoutMethod, orders: Sequence[Order], by: Actor) -> None:
    own = payer(method, run.currency)
    if own is None:
        raise Refusal(
            _(
                "Write down first which account pays %(currency)s by “%(way)s”.",
                currency=run.currency,
                way=str(method.label),
            )
        )
    number = 1 + (session.scalar(sa.select(sa.func.count()).where(PaymentFile.run_id == run.id)) or 0)
    tomorrow = clock.today(PROGRAMME_TIME_ZONE.value()) + timedelta(days=1)
    envelope = Envelope(f"GH-{run.id}-{number}", clock.now(), tomorrow, own)
    try:
        document = gateway_for(method).hand_over(orders, envelope).document or b""
    except ValueError as problem:
        raise Refusal(_("The bank would not take this file: %(problem)s", problem=str(problem))) from problem
    file = PaymentFile(
        run_id=run.id,
        method=method,
        message_id=envelope.message_id,
        payout_ids=[order.payout_id for order in orders],
        keys=[order.key for order in orders],
        made_at=envelope.made_at,
        execute_on=envelope.execute_on.isoformat(),
        debtor=dict(envelope.debtor),
        total_minor=sum(order.amount_minor for order in orders),
        sha256=hashlib.sha256(document).hexdigest(),
        refused={},
    )
    session.add(file)
    session.flush()
    for batch in portions(file.payout_ids, BATCH):
        session.execute(
            sa.update(Payout)
            .where(Payout.id.in_(batch))
            .values(status=PayoutStatus.SENT, sent_at=clock.now(), reference=envelope.message_id, reason=None)
            .execution_options(synchronize_session=False)
        )
        close_attempts(batch, "sent")
        query = sa.select(Payout).where(Payout.id.in_(batch)).order_by(Payout.id)
        # Who hears of it asks for nothing that is written here: the deeds of a batch are written in one go.
        with session.no_autoflush:
            for payout in session.scalars(query.execution_options(populate_existing=True)):
                announce(PayoutSent(payout, by))
        session.flush()
    announce(PaymentFileMade(run, by, sha256=file.sha256))


def document_of(file: PaymentFile) -> bytes:
    """The same file again, to the byte. Raises Refusal when it would not be, which only tampering explains."""
    by_key: dict[str, Order] = {}
    for batch in portions(file.payout_ids, BATCH):
        rows = sa.select(PayoutAttempt.key, PayoutAttempt.order).where(PayoutAttempt.payout_id.in_(batch))
        by_key.update((key, Order(**order)) for key, order in session.execute(rows))
    envelope = Envelope(file.message_id, file.made_at, file.execution_day, file.debtor)
    orders = [by_key[key] for key in file.keys]
    document = gateway_for(file.method).hand_over(orders, envelope).document or b""
    if hashlib.sha256(document).hexdigest() != file.sha256:
        raise Refusal(
            _("This file cannot be made again as it was approved. Do not pay; call whoever runs the portal.")
        )
    return document


def take_back(payout: Payout, *, reason: str, by: User) -> None:
    """Asks Stripe to take a paid transfer back, by a job; what comes back is owed again. Stripe may say no."""
    need_finance(by)
    lock(payout)
    if payout.method is not PayoutMethod.STRIPE or payout.status is not PayoutStatus.PAID:
        raise Refusal(_("Only what Stripe paid can be taken back."))
    if not reason.strip():
        raise Refusal(_("Write why it is taken back."))
    payload = {
        "payout_id": payout.id,
        "transfer": payout.reference,
        "amount_minor": payout.net_minor,
        "reason": reason.strip(),
        # A new question after a definite no has a new key; Stripe itself never gives back more than was sent.
        "key": f"reversal-{payout.key}-{clock.now():%Y%m%dT%H%M}",
    }
    jobs.enqueue(REVERSE_JOB, payload, key=f"reverse:{payload['key']}")
    announce(TakingBackBegun(payout, by, reason=reason.strip()))
