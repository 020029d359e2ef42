"""Orders and attempts: what is asked of a bank or of Stripe, written down before it is asked."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from commissions.gateways import Order
from commissions.models import Payout, PayoutAttempt, PayoutStatus
from core import clock, jobs
from core.bulk import portions
from core.database import session
from core.settings import VENDOR_NAME
from partners.models import PAID, Partner

SEND_JOB = "commissions.send-payout"
LOOK_UP_JOB = "commissions.look-up-payout"
REVERSE_JOB = "commissions.reverse-payout"
SETTLE_FILE_JOB = "commissions.settle-file"
# Stripe forgets a key after a day; later nothing is repeated by itself.
REPEATABLE_FOR = timedelta(hours=23)
# How soon an order is looked at again whose partner is suspended.
AGAIN_AFTER = timedelta(minutes=15)
# How many payouts one transaction of a long run works on.
BATCH = 250


def order_of(payout: Payout) -> Order:
    """What the present attempt of a payout asks for."""
    text = f"{VENDOR_NAME.value()}, run {payout.run_id}, {payout.key}"
    return Order(payout.id, payout.key, payout.net_minor, payout.currency, payout.destination, text)


def write_attempts(orders: Sequence[tuple[int, Order]]) -> None:
    """Opens an attempt (number, order) for each, in a handful of statements."""
    now = clock.now()
    rows = [
        {
            "payout_id": order.payout_id,
            "number": number,
            "key": order.key,
            "order": order.as_json(),
            "opened_at": now,
        }
        for number, order in orders
    ]
    for some in portions(rows, 1000):
        session.execute(sa.insert(PayoutAttempt), some)


def open_attempt(payout: Payout) -> PayoutAttempt | None:
    """The attempt whose result is not known yet."""
    return session.scalar(
        sa.select(PayoutAttempt).where(
            PayoutAttempt.payout_id == payout.id, PayoutAttempt.closed_at.is_(None)
        )
    )


def close_attempts(payout_ids: Sequence[int], outcome: str, reason: str | None = None) -> None:
    """Writes down what became of the open attempts of these payouts."""
    session.execute(
        sa.update(PayoutAttempt)
        .where(PayoutAttempt.payout_id.in_(payout_ids), PayoutAttempt.closed_at.is_(None))
        .values(closed_at=clock.now(), outcome=outcome, reason=reason)
        .execution_options(synchronize_session="fetch")
    )


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


def is_frozen(order: Order) -> sa.Select[int]:
    """The payout's id while its partner is suspended: so long nothing more is handed over."""
    return (
        sa.select(Payout.id)
        .join(Partner, Partner.id == Payout.partner_id)
        .where(Payout.id == order.payout_id, Partner.status.not_in(PAID))
    )


def send_later(order: Order) -> None:
    """Tries an order again within a quarter of an hour, under its key; asked for twice, once."""
    seconds = int(AGAIN_AFTER.total_seconds())
    at = datetime.fromtimestamp((int(clock.now().timestamp()) // seconds + 1) * seconds, UTC)
    jobs.enqueue(SEND_JOB, order.as_json(), key=f"send:{order.key}:{at:%Y%m%dT%H%M}", run_at=at)
