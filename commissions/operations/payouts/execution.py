"""What the bank, or whoever paid by hand, did: files carried out whole or in part, and single payments."""

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from accounts.models import User
from commissions.gateways import gateway_for
from commissions.models import PaymentFile, Payout, PayoutMethod, PayoutRun, PayoutStatus
from commissions.operations.payouts.orders import BATCH, SETTLE_FILE_JOB
from commissions.operations.payouts.results import (
    follow_up,
    mark_failed,
    mark_paid,
    mark_reversed,
    need_finance,
    pay_many,
)
from commissions.signals import PaymentFileExecuted
from core import clock, jobs
from core.activity import Actor
from core.database import lock, session
from core.errors import Refusal
from core.i18n import gettext as _
from core.signals import announce


def execute_file(
    file: PaymentFile, *, reference: str, refused: dict[int, str] | None = None, by: User
) -> None:
    """The bank carried a file out under ``reference``, but for the payouts in ``refused``, which hold its reasons.

    The first payouts are settled at once, the rest of a long file by jobs.
    """
    need_finance(by)
    lock(file)
    if file.executed_at is not None:
        raise Refusal(_("This file has been marked as executed already."))
    if not reference.strip():
        raise Refusal(_("Write the bank's reference."))
    file.executed_at = clock.now()
    file.bank_reference = reference.strip()
    file.refused = {str(payout_id): reason for payout_id, reason in (refused or {}).items()}
    session.flush()
    announce(PaymentFileExecuted(file.run, by, file=file.message_id, reference=file.bank_reference))
    settle_file(file, by=by)


def settle_file(file: PaymentFile, *, by: Actor | None) -> None:
    """Settles the next payouts of a file that was carried out, and leaves a job for those after them.

    What is settled already is passed over, so that it may be called again after any crash.
    """
    lock(file)
    run: PayoutRun = lock(file.run)
    waiting = sa.select(Payout.id).where(
        Payout.run_id == run.id, Payout.status == PayoutStatus.SENT, Payout.reference == file.message_id
    )
    not_taken = [int(payout_id) for payout_id in file.refused]
    for payout in _locked(list(session.scalars(waiting.where(Payout.id.in_(not_taken))))):
        mark_failed(payout, reason=str(file.refused[str(payout.id)]), by=by)
    batch = list(session.scalars(waiting.order_by(Payout.id).limit(BATCH + 1)))
    pay_many(_locked(batch[:BATCH]), reference=file.bank_reference, by=by)
    follow_up(run, by=by)
    if len(batch) > BATCH:
        jobs.enqueue(SETTLE_FILE_JOB, {"file_id": file.id}, key=f"settle-file:{file.id}:{batch[BATCH]}")


def _locked(ids: list[int]) -> list[Payout]:
    """These payouts, held until the transaction ends, in the order of their ids."""
    query = (
        sa.select(Payout).where(Payout.id.in_(ids)).order_by(Payout.id).options(joinedload(Payout.partner))
    )
    return list(
        session.scalars(
            query.with_for_update(of=Payout).execution_options(populate_existing=True),
        )
    )


def pay_by_hand(payout: Payout, *, reference: str, by: User) -> None:
    """Somebody paid it outside the portal, under ``reference``."""
    need_finance(by)
    if payout.method is not PayoutMethod.MANUAL:
        raise Refusal(_("This payout is not paid by hand."))
    if not reference.strip():
        raise Refusal(_("Write the reference of the payment."))
    mark_paid(payout, reference=reference.strip(), by=by)


def fail_by_hand(payout: Payout, *, reason: str, by: User) -> None:
    """The bank, or whoever paid by hand, says that it did not arrive. Not for what Stripe decides."""
    need_finance(by)
    if gateway_for(payout.method).is_remote:
        raise Refusal(_("Stripe itself says what became of this payout."))
    if not reason.strip():
        raise Refusal(_("Write why it failed."))
    lock(payout)
    if payout.status is PayoutStatus.PAID:
        mark_reversed(payout, reason=reason.strip(), by=by)
    else:
        mark_failed(payout, reason=reason.strip(), by=by)
