"""What an estimate would earn: asked upwards, of whoever knows the plans.

The domain that computes commissions registers one function here; the estimate asks it, and says honestly that no plan
is published when it answers ``None``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from partners.models import Partner
from referrals.models.customers import Customer

SaleKind = Literal["new", "renewal"]
Biller = Literal["vendor", "partner"]


@dataclass(frozen=True)
class QuotedLine:
    """One line as it would be sold, without tax; ``net_minor`` is what the customer pays for it."""

    kind: str
    product: str | None
    quantity: int
    net_minor: int


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
