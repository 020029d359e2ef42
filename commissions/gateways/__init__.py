"""The ways money leaves: one interface, whether it goes through a file, a person's hands or an API.

A gateway knows orders, not tables. It says what became of each: *sent*, certainly *failed*, *unknown* (never guessed),
or *waiting* for a person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol

from commissions.models import PayoutMethod


class Result(StrEnum):
    """What is known about an order."""

    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Order:
    """One sum to one place. ``key`` names the attempt, ``group`` the payout; neither changes when it is told again."""

    payout_id: int
    key: str
    amount_minor: int
    currency: str
    destination: Mapping[str, Any]
    text: str

    @property
    def group(self) -> str:
        return f"payout_{self.payout_id}"

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "destination": dict(self.destination)}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an order: the bank's or Stripe's own name for it, or why not."""

    result: Result
    reference: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a file says about itself. Two files from the same envelope and orders are equal to the byte."""

    message_id: str
    made_at: datetime
    execute_on: date
    debtor: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class HandOver:
    """Orders handed over: what became of each (by payout), and the file to bring to the bank, if there is one."""

    outcomes: Mapping[int, Outcome]
    document: bytes | None = field(default=None, repr=False)


class Gateway(Protocol):
    """One way to pay."""

    method: PayoutMethod
    #: Whether it calls somebody else's computer: then a job hands over each order by itself, after the commit.
    is_remote: bool
    #: How the name of its file ends, where it makes one.
    extension: str

    def hand_over(self, orders: Sequence[Order], envelope: Envelope) -> HandOver:
        """Hands the orders over. An order that was handed over before is found, not repeated."""

    def find(self, order: Order) -> Outcome | None:
        """What the other side knows of the order; ``None`` when it knows nothing."""


def gateway_for(method: PayoutMethod) -> Gateway:
    """The gateway of a method."""
    from commissions.gateways.foreign import ForeignGateway
    from commissions.gateways.manual import ManualGateway
    from commissions.gateways.onec import OneCGateway
    from commissions.gateways.sepa import SepaGateway
    from commissions.gateways.stripe import StripeGateway

    gateways: dict[PayoutMethod, Gateway] = {
        PayoutMethod.SEPA: SepaGateway(),
        PayoutMethod.FOREIGN: ForeignGateway(),
        PayoutMethod.ONEC: OneCGateway(),
        PayoutMethod.STRIPE: StripeGateway(),
        PayoutMethod.MANUAL: ManualGateway(),
    }
    return gateways[method]
