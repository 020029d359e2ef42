"""What happened: the sale, who bought and who sold, what was paid and what was given back.

All of it is plain values, checked on the way in, so that everything computed from them is a function of the
facts alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any, Literal

from core.money import whole

Trigger = Literal["sale", "lead_accepted", "lead_qualified", "partner_referral"]
BilledBy = Literal["vendor", "partner"]
ChargebackStatus = Literal["opened", "won", "lost"]


@dataclass(frozen=True, slots=True)
class LineFacts:
    """One line of a sale. ``tax_minor`` stands beside the price, not in it; a proration is a negative
    price."""

    kind: str
    quantity: int
    unit_amount_minor: int
    product: str | None = None
    discount_minor: int = 0
    credit_minor: int = 0
    tax_minor: int = 0
    cost_minor: int | None = None

    def __post_init__(self) -> None:
        for value in (
            self.quantity,
            self.unit_amount_minor,
            self.discount_minor,
            self.credit_minor,
            self.tax_minor,
            self.cost_minor or 0,
            self.net_minor,
        ):
            whole(value)

    @property
    def net_minor(self) -> int:
        """The base of the line: price less discount and credit, without tax."""
        return self.quantity * self.unit_amount_minor - self.discount_minor - self.credit_minor


@dataclass(frozen=True, slots=True)
class PartnerFacts:
    """The partner who sold, with the tier it had *before* the sale, and the partner who recruited it."""

    id: str
    tier: str | None = None
    type: str | None = None
    country: str | None = None
    recruiter_id: str | None = None

    @classmethod
    def kept(cls, values: Mapping[str, Any]) -> "PartnerFacts":
        """As an assessment keeps them; what it keeps besides, for people to read, no rule asks."""
        return cls(*map(values.get, ("id", "tier", "type", "country", "recruiter_id")))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    """The customer who bought."""

    id: str | None = None
    country: str | None = None
    size: str | int | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """A customer and a partner: when its first sale was.

    Without ``first_sale_at`` the sale in hand is the first. Where two sales share the first moment,
    ``is_first_sale`` says which of them it is.
    """

    first_sale_at: datetime | None = None
    is_first_sale: bool | None = None


@dataclass(frozen=True, slots=True)
class SaleFacts:
    """A sale, or another event that a rule may reward (``trigger``), which has no lines.

    ``paid_minor`` is what was paid when the sale was recorded, net of tax; ``None`` is *in full*.
    ``time_zone`` is the programme's: months and terms are counted in it.
    """

    occurred_at: datetime
    currency: str
    partner: PartnerFacts | None
    customer: CustomerFacts = CustomerFacts()
    lines: tuple[LineFacts, ...] = ()
    type: str = "new"
    billed_by: BilledBy = "vendor"
    source: str | None = None
    country: str | None = None
    metadata: Mapping[str, object] = field(default_factory=dict)
    pair: Pair = Pair()
    paid_minor: int | None = None
    time_zone: tzinfo = UTC
    trigger: Trigger = "sale"

    def __post_init__(self) -> None:
        if self.occurred_at.tzinfo is None:
            raise ValueError("A sale's moment needs its offset.")
        if self.paid_minor is not None:
            whole(self.paid_minor)


@dataclass(frozen=True, slots=True)
class Payment:
    """Money received for a sale, net of tax, like a refund."""

    id: str
    amount_minor: int

    def __post_init__(self) -> None:
        _positive(self.amount_minor, "A payment")


@dataclass(frozen=True, slots=True)
class Refund:
    """Money given back to the customer, net of tax; for one line, or for the sale as a whole."""

    id: str
    amount_minor: int
    line: int | None = None

    def __post_init__(self) -> None:
        _positive(self.amount_minor, "A refund")


@dataclass(frozen=True, slots=True)
class Chargeback:
    """What the customer's bank says about a payment: the same ``id`` is opened first, and won or lost
    later."""

    id: str
    status: ChargebackStatus
    amount_minor: int
    occurred_at: datetime

    def __post_init__(self) -> None:
        _positive(self.amount_minor, "A chargeback")


def _positive(amount_minor: int, what: str) -> None:
    if whole(amount_minor, what) < 0:
        raise ValueError(f"{what} is not below 0.")
