"""Our payouts against Stripe's own list of transfers: matched, missing, different."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from commissions.gateways import Outcome, Result, stripe
from commissions.models import Payout, PayoutMethod, PayoutStatus
from commissions.operations import payouts
from core import clock
from core.database import session


@dataclass(frozen=True, slots=True)
class Finding:
    """One comparison. ``state`` is matched, settled, missing or different."""

    state: str
    said: str

    @property
    def is_good(self) -> bool:
        return self.state in {"matched", "settled"}


def compare_with_stripe(*, days: int = 35) -> list[Finding]:
    """Compares the last ``days``; a payout whose result was unknown and that Stripe knows is settled on the way."""
    if not stripe.is_set_up():
        return []
    since = clock.now() - timedelta(days=days)
    transfers = stripe.transfers_since(since - timedelta(days=2))
    ours = session.scalars(
        sa.select(Payout).where(Payout.method == PayoutMethod.STRIPE, Payout.attempt > 0).order_by(Payout.id)
    ).all()
    by_group = {f"payout_{payout.id}": payout for payout in ours}
    findings = [_of_transfer(transfer, by_group.get(transfer["group"] or "")) for transfer in transfers]
    there = {transfer["id"] for transfer in transfers}
    for payout in ours:
        is_recent = payout.paid_at is not None and payout.paid_at >= since
        if payout.status is PayoutStatus.PAID and is_recent and payout.reference not in there:
            findings.append(
                Finding("missing", f"payout {payout.id} is paid here, Stripe has no {payout.reference}")
            )
    return findings


def _of_transfer(transfer: dict[str, Any], payout: Payout | None) -> Finding:
    name = transfer["id"]
    if payout is None:
        return Finding(
            "missing", f"{name} of {transfer['amount_minor']} {transfer['currency']} belongs to no payout"
        )
    same = (
        transfer["amount_minor"] == payout.amount_minor
        and transfer["currency"] == payout.currency
        and transfer["account"] == payout.destination["account"]
    )
    if not same:
        return Finding("different", f"{name} is not what payout {payout.id} ordered")
    if (
        payout.status in {PayoutStatus.SENDING, PayoutStatus.UNKNOWN, PayoutStatus.FAILED}
        and not transfer["is_reversed"]
    ):
        if payout.released_at is not None:
            return Finding("different", f"{name} was made, but payout {payout.id} was given up")
        payouts.settle(payout, Outcome(Result.SENT, name), by=None)
        return Finding("settled", f"payout {payout.id} was made as {name}; now written down")
    if transfer["is_reversed"] != (payout.status is PayoutStatus.REVERSED):
        return Finding("different", f"payout {payout.id} is {payout.status} here, {name} is not at Stripe")
    return Finding("matched", f"payout {payout.id} is {name}")
