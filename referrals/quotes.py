"""What an estimate would earn: asked upwards, of whoever knows the plans.

The domain that computes commissions registers one function here; the estimate asks it, and says honestly that no plan
is published when it answers ``None``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from partners.models import Partner
from referrals.estimates import is_whole
from referrals.models.customers import Customer

SaleKind = Literal["new", "renewal"]
Biller = Literal["vendor", "partner"]


@dataclass(frozen=True)
class QuotedLine:
    """One line as it would be sold, without tax; ``net_minor`` is what the customer pays for it.

    Sales know whole quantities only, and so do the plans' rules per unit and by quantity. Licences are estimated
    whole. A line of services that is not, such as 2.5 days, is sold as one unit at its sum: that is how every way in
    records a sum that comes without a quantity. A line that is charged monthly is one line of its first year.
    """

    kind: str
    product: str | None
    quantity: int
    net_minor: int

    @classmethod
    def of(cls, kind: str, product: str | None, quantity: Decimal, net_minor: int) -> "QuotedLine":
        """A line of an estimate, with the quantity that its sale would have."""
        return cls(kind, product, int(quantity) if is_whole(quantity) else 1, net_minor)

    @property
    def unit_amount_minor(self) -> int:
        """The price of one, a minor unit more where the sum does not divide by the quantity."""
        return -(-self.net_minor // self.quantity)

    @property
    def discount_minor(self) -> int:
        """What was too much then; with it the sum is exact."""
        return self.quantity * self.unit_amount_minor - self.net_minor

    def as_sold(self) -> dict[str, Any]:
        """The line as ``referrals.operations.sales.record_sale`` takes it."""
        return {
            "kind": self.kind,
            "product": self.product,
            "quantity": self.quantity,
            "unit_amount_minor": self.unit_amount_minor,
            "discount_minor": self.discount_minor,
        }


@dataclass(frozen=True)
class Inquiry:
    """What is asked: these lines, sold now by this partner. ``country`` is known before the customer is.

    ``sale_type`` is *new* for the estimate itself, *renewal* for its recurring lines a year later. ``reader`` is whom
    the words are for: the partner, or the vendor's people who read of it.
    """

    partner: Partner
    lines: tuple[QuotedLine, ...]
    currency: str
    billed_by: Biller
    customer: Customer | None = None
    country: str | None = None
    sale_type: SaleKind = "new"
    origin: str | None = None
    reader: Literal["partner", "vendor"] = "partner"


@dataclass(frozen=True)
class QuoteRow:
    """One amount of a quote: whose it is, what it is called, and why it is so much (``because``, a sentence)."""

    to: Literal["partner", "vendor"]
    label: str
    amount_minor: int
    because: str


@dataclass(frozen=True)
class Quote:
    """The total of the lines, divided.

    ``partner_minor``: everything the partner ends up with: the services that it bills itself, and what the plan gives.
    ``vendor_minor``: everything the vendor keeps. Together they are the total, unless others have a share.
    ``commission_minor``: what the plan gives beside services: commission, and the partner's share of licences.
    ``plan``: the version in words, such as "Standard 2026, version 4".
    """

    partner_minor: int
    vendor_minor: int
    commission_minor: int
    plan: str
    rows: tuple[QuoteRow, ...]


Quoter = Callable[[Inquiry], Quote | None]
_quoters: list[Quoter] = []


def register(quoter: Quoter) -> Quoter:
    """Registers who computes quotes; the last one registered answers."""
    if quoter not in _quoters:
        _quoters.append(quoter)
    return quoter


def quote(inquiry: Inquiry) -> Quote | None:
    """What the live plan version would give; ``None`` when no plan is published, or nothing is sold."""
    if not _quoters or not inquiry.lines:
        return None
    return _quoters[-1](inquiry)
