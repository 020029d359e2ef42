"""Deals: what a partner works on and is protected for, its estimates, and its one way through the states."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import User
from core import clock
from core.database import Base
from core.errors import Refusal
from core.i18n import gettext as _
from core.i18n import lazy_gettext as _l
from core.settings import PROGRAMME_TIME_ZONE
from partners.models import LineKind, Partner, Recurrence
from referrals.models.customers import Customer
from referrals.models.sales import BilledBy

if TYPE_CHECKING:
    from referrals.models.leads import Lead


class DealStatus(StrEnum):
    """Where a deal stands. A registration begins as a draft; an accepted or claimed lead begins approved."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    INFO_REQUESTED = "info_requested"
    APPROVED = "approved"
    WON = "won"
    LOST = "lost"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"


S = DealStatus

#: From each state to which others; what is not here is over.
NEXT: dict[DealStatus, frozenset[DealStatus]] = {
    S.DRAFT: frozenset({S.SUBMITTED, S.WITHDRAWN}),
    S.SUBMITTED: frozenset({S.IN_REVIEW, S.INFO_REQUESTED, S.APPROVED, S.REJECTED, S.WITHDRAWN}),
    S.IN_REVIEW: frozenset({S.INFO_REQUESTED, S.APPROVED, S.REJECTED, S.WITHDRAWN}),
    S.INFO_REQUESTED: frozenset({S.IN_REVIEW, S.APPROVED, S.REJECTED, S.WITHDRAWN}),
    S.APPROVED: frozenset({S.WON, S.LOST, S.EXPIRED, S.WITHDRAWN}),
}

#: The vendor has to decide about these.
UNDECIDED = frozenset({S.SUBMITTED, S.IN_REVIEW, S.INFO_REQUESTED})
#: These count against the limit of open registrations.
OPEN = UNDECIDED | {S.APPROVED}


class DealOrigin(StrEnum):
    """How the partner came to it; a rule of a plan may ask."""

    REGISTERED = "registered"
    ROUTED = "routed"

    @property
    def label(self) -> Any:
        return _ORIGINS[self]


_ORIGINS = {
    DealOrigin.REGISTERED: _l("Registered by the partner"),
    DealOrigin.ROUTED: _l("From a lead of the vendor"),
}


class RejectionCode(StrEnum):
    """Why a registration was not approved."""

    ALREADY_PROTECTED = "already_protected"
    EXISTING_CUSTOMER = "existing_customer"
    VENDOR_OPPORTUNITY = "vendor_opportunity"
    NOT_ENOUGH_EVIDENCE = "not_enough_evidence"
    OUTSIDE_THE_PROGRAMME = "outside_the_programme"
    OTHER = "other"

    @property
    def label(self) -> Any:
        return _REJECTIONS[self]


_REJECTIONS = {
    RejectionCode.ALREADY_PROTECTED: _l("Somebody else registered the company first"),
    RejectionCode.EXISTING_CUSTOMER: _l("It is already a customer"),
    RejectionCode.VENDOR_OPPORTUNITY: _l("We are already talking to it ourselves"),
    RejectionCode.NOT_ENOUGH_EVIDENCE: _l("Too little shows that there is a project"),
    RejectionCode.OUTSIDE_THE_PROGRAMME: _l("Outside the programme"),
    RejectionCode.OTHER: _l("Another reason"),
}


class LostReason(StrEnum):
    """Why a deal was lost."""

    PRICE = "price"
    COMPETITOR = "competitor"
    NO_BUDGET = "no_budget"
    NO_DECISION = "no_decision"
    MISSING_FEATURE = "missing_feature"
    TIMING = "timing"
    OTHER = "other"

    @property
    def label(self) -> Any:
        return _LOSSES[self]


_LOSSES = {
    LostReason.PRICE: _l("Price"),
    LostReason.COMPETITOR: _l("Another supplier"),
    LostReason.NO_BUDGET: _l("No budget"),
    LostReason.NO_DECISION: _l("No decision"),
    LostReason.MISSING_FEATURE: _l("Something was missing in the product"),
    LostReason.TIMING: _l("Not now"),
    LostReason.OTHER: _l("Another reason"),
}


class Deal(Base):
    """One project with one company, worked on by one partner.

    ``decide_by`` is the vendor's clock, ``protected_until`` the partner's. ``conflict_findings`` holds what the partner
    may know of a conflict, which is never whose it is. ``order_reference`` is the sale's id or the invoice's number
    that the partner reported; the deal is won when the sale is there or the vendor has confirmed it.
    """

    __tablename__ = "referrals_deal"
    __table_args__ = (
        sa.Index("ix_referrals_deal_partner_id_status", "partner_id", "status", "id"),
        sa.Index("ix_referrals_deal_status_decide_by", "status", "decide_by", "id"),
        sa.Index("ix_referrals_deal_status_protected_until", "status", "protected_until", "id"),
        # One open deal a lead; a lead that was given back may open another one elsewhere.
        sa.Index(
            "uq_referrals_deal_open_lead_id",
            "lead_id",
            unique=True,
            postgresql_where=sa.text("closed_at IS NULL"),
            sqlite_where=sa.text("closed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"))
    lead_id: Mapped[int | None] = mapped_column(sa.ForeignKey("referrals_lead.id"), index=True)
    customer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("referrals_customer.id"), index=True)
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts_user.id"), index=True)
    origin: Mapped[DealOrigin]
    status: Mapped[DealStatus]

    company: Mapped[str]
    website: Mapped[str | None]
    domain: Mapped[str | None] = mapped_column(index=True)
    tax_id: Mapped[str | None]
    country: Mapped[str | None]
    postcode: Mapped[str | None]
    city: Mapped[str | None]
    person: Mapped[str | None]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    need: Mapped[str]
    product_codes: Mapped[list[str]]
    close_expected_on: Mapped[date | None]

    conflict: Mapped[str | None]
    conflict_findings: Mapped[list[dict[str, Any]]]
    receipt: Mapped[str | None]

    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    decide_by: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts_user.id"), index=True)
    question: Mapped[str | None]
    answer: Mapped[str | None]
    rejection_code: Mapped[RejectionCode | None]
    rejection_text: Mapped[str | None]
    protected_until: Mapped[datetime | None]
    extended_at: Mapped[datetime | None]
    extension_evidence: Mapped[str | None]
    reminded_days: Mapped[int | None]

    order_reference: Mapped[str | None] = mapped_column(index=True)
    order_reported_at: Mapped[datetime | None]
    order_confirmed_at: Mapped[datetime | None]
    order_refused_because: Mapped[str | None]
    closed_at: Mapped[datetime | None]
    lost_reason: Mapped[LostReason | None]
    lost_text: Mapped[str | None]

    partner: Mapped[Partner] = relationship()
    lead: Mapped["Lead | None"] = relationship("Lead")
    customer: Mapped[Customer | None] = relationship()
    owner: Mapped[User | None] = relationship(foreign_keys=[owner_id])
    decided_by: Mapped[User | None] = relationship(foreign_keys=[decided_by_id])
    estimates: Mapped[list["Estimate"]] = relationship(order_by="Estimate.version", back_populates="deal")

    @property
    def number(self) -> str:
        """How people call it: ``D-2026-0418``."""
        return f"D-{self.created_at.year}-{self.id:04d}"

    @property
    def is_open(self) -> bool:
        """It counts against the limit of open registrations."""
        return self.status in OPEN

    @property
    def is_undecided(self) -> bool:
        """The vendor has to say yes or no."""
        return self.status in UNDECIDED

    @property
    def is_protected(self) -> bool:
        return self.status is S.APPROVED and (
            self.protected_until is None or self.protected_until > clock.now()
        )

    @property
    def waits_for_confirmation(self) -> bool:
        """The partner has reported the order, and the vendor has to say whether it is there."""
        return (
            self.status is S.APPROVED
            and self.order_reported_at is not None
            and self.order_confirmed_at is None
        )

    @property
    def may_be_edited(self) -> bool:
        """The partner may still change the company and the need."""
        return self.status in {S.DRAFT, S.INFO_REQUESTED}

    @property
    def may_be_extended(self) -> bool:
        return self.status is S.APPROVED and self.extended_at is None

    @property
    def estimate(self) -> "Estimate | None":
        """The latest version."""
        return self.estimates[-1] if self.estimates else None

    def become(self, status: DealStatus) -> None:
        """Moves on. Refuses a step that the states do not have."""
        if status not in NEXT.get(self.status, frozenset()):
            raise Refusal(_("%(number)s cannot be changed like that any more.", number=self.number))
        self.status = status
        if status in {S.WON, S.LOST, S.EXPIRED, S.WITHDRAWN, S.REJECTED}:
            self.closed_at = clock.now()

    def protect(self, days: int) -> None:
        """Nobody else may register this company for so long."""
        self.protected_until = clock.now() + timedelta(days=days)


class DealKey(Base):
    """A deal's company is known by a key."""

    __tablename__ = "referrals_deal_key"

    deal_id: Mapped[int] = mapped_column(sa.ForeignKey("referrals_deal.id"), primary_key=True)
    key_id: Mapped[int] = mapped_column(
        sa.ForeignKey("referrals_identity_key.id"), primary_key=True, index=True
    )

    @property
    def id(self) -> None:
        """A row is known by its deal and its key."""
        return None


class Estimate(Base):
    """One version of what the project will cost. Saving makes a new version; none is ever changed."""

    __tablename__ = "referrals_estimate"
    __table_args__ = (sa.UniqueConstraint("deal_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    deal_id: Mapped[int] = mapped_column(sa.ForeignKey("referrals_deal.id"))
    version: Mapped[int]
    currency: Mapped[str]
    billed_by: Mapped[BilledBy]
    total_minor: Mapped[int]
    licence_minor: Mapped[int]
    #: What the customer reads beside the lines: how long the offer holds, and on which terms.
    valid_until: Mapped[date | None]
    note: Mapped[str | None]
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts_user.id"), index=True)

    deal: Mapped[Deal] = relationship(back_populates="estimates")
    created_by: Mapped[User | None] = relationship()
    lines: Mapped[list["EstimateLine"]] = relationship(
        order_by="EstimateLine.position", back_populates="estimate"
    )
    milestones: Mapped[list["EstimateMilestone"]] = relationship(
        order_by="EstimateMilestone.position", back_populates="estimate"
    )

    @property
    def is_past_its_day(self) -> bool:
        """The proposal holds no longer: its last day is over where the programme is."""
        return self.valid_until is not None and self.valid_until < clock.today(PROGRAMME_TIME_ZONE.value())


class EstimateLine(Base):
    """One line of an estimate, without tax. Quantity and discount are exact decimals, kept as text."""

    __tablename__ = "referrals_estimate_line"
    __table_args__ = (sa.UniqueConstraint("estimate_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    estimate_id: Mapped[int] = mapped_column(sa.ForeignKey("referrals_estimate.id"))
    position: Mapped[int]
    kind: Mapped[LineKind]
    product: Mapped[str | None]
    description: Mapped[str]
    quantity_text: Mapped[str]
    unit_price_minor: Mapped[int]
    discount_percent_text: Mapped[str]
    recurring: Mapped[Recurrence]

    estimate: Mapped[Estimate] = relationship(back_populates="lines")

    @property
    def quantity(self) -> Decimal:
        return Decimal(self.quantity_text)

    @property
    def discount_percent(self) -> Decimal:
        return Decimal(self.discount_percent_text)


class EstimateMilestone(Base):
    """A part of the project that becomes payable when it is accepted."""

    __tablename__ = "referrals_estimate_milestone"
    __table_args__ = (sa.UniqueConstraint("estimate_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    estimate_id: Mapped[int] = mapped_column(sa.ForeignKey("referrals_estimate.id"))
    position: Mapped[int]
    name: Mapped[str]
    amount_minor: Mapped[int]
    due_on: Mapped[date | None]
    document: Mapped[str]

    estimate: Mapped[Estimate] = relationship(back_populates="milestones")
