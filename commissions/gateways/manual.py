"""Paid by a person, outside the portal: the order waits until somebody writes down the reference."""

from collections.abc import Sequence

from commissions.gateways import Envelope, HandOver, Order, Outcome, Result
from commissions.models import PayoutMethod


class ManualGateway:
    """Nothing leaves by itself."""

    method = PayoutMethod.MANUAL
    is_remote = False
    extension = ""

    def hand_over(self, orders: Sequence[Order], envelope: Envelope) -> HandOver:
        return HandOver({order.payout_id: Outcome(Result.WAITING) for order in orders})

    def find(self, order: Order) -> Outcome | None:
        return None
