"""Facts of money between customers and the vendor: sales, payments, refunds, chargebacks. Others compute earnings."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base
from core.i18n import lazy_gettext as _l
from core.triggers import append_only
from partners.models import LineKind, Partner
from referrals.models.customers import Customer

if TYPE_CHECKING:
    from referrals.models.deals import Deal


class SaleType(StrEnum):
    """A first purchase, the same again, or more of it."""

    NEW = "new"
    RENEWAL = "renewal"
    EXPANSION = "expansion"

    @property
    def label(self) -> Any:
        return _SALE_TYPES[self]


_SALE_TYPES = {
    SaleType.NEW: _l("New"),
    SaleType.RENEWAL: _l("Renewal"),
    SaleType.EXPANSION: _l("Expansion"),
}


class BilledBy(StrEnum):
    """Whose invoice the customer pays."""

    VENDOR = "vendor"
    PARTNER = "partner"

    @property
    def label(self) -> Any:
        return _BILLERS[self]


_BILLERS = {
    BilledBy.VENDOR: _l("The vendor bills the whole project"),
    BilledBy.PARTNER: _l("The partner bills the whole project"),
}


class Paid(StrEnum):
    """How much of it was paid when the sale was recorded; later payments are facts of their own."""

    FULL = "full"
    NONE = "none"
    PART = "part"


class SaleStatus(StrEnum):
    """Whose a sale is, unless something stands in the way: a review, an open chargeback, or all of it given back."""

    ATTRIBUTED = "attributed"
    UNATTRIBUTED = "unattributed"
    HELD = "held"
    REVERSED = "reversed"


class AttributionSource(StrEnum):
    """Why a sale is a partner's, the strongest first: this is the published order.

    Named by the vendor with the sale; the deal named with it; the deal that was won with this order; a registration
    of the company that is protected; a lead of the company that a partner works on; a referral code named with the
    sale or with the company's lead; the partner who looks after the customer; a referral link that was followed.
    """

    PARTNER = "partner"
    DEAL = "deal"
    ORDER = "order"
    REGISTRATION = "registration"
    LEAD = "lead"
    CODE = "code"
    CUSTOMER = "customer"
    LINK = "link"
    MANAGER = "manager"

    @property
    def label(self) -> Any:
        return _SOURCES[self]


_SOURCES = {
    AttributionSource.PARTNER: _l("Named with the sale"),
    AttributionSource.DEAL: _l("Deal named with the sale"),
    AttributionSource.ORDER: _l("Order of a won deal"),
    AttributionSource.REGISTRATION: _l("Registered deal of the company"),
    AttributionSource.LEAD: _l("Lead given to the partner"),
    AttributionSource.CODE: _l("Referral code"),
    AttributionSource.CUSTOMER: _l("The customer's partner"),
    AttributionSource.LINK: _l("Referral link"),
    AttributionSource.MANAGER: _l("Decided by a person"),
}


class ChargebackStatus(StrEnum):
    """What the customer's bank says."""

    OPENED = "opened"
    WON = "won"
    LOST = "lost"


class ReceivedFact(Base):
    """A message as it came: unique by where it came from, its kind and its sender's id for it.

    The row is held while the message is processed, so that the same message twice at once is processed once. Rows of
    the kind ``name`` have no source and no body: they stand for a sale's id or invoice number in any channel, and are
    held by whoever records that sale or speaks of it, so that a refund never slips past its sale.
    """

    __tablename__ = "referrals_received_fact"
    __table_args__ = (sa.UniqueConstraint("source", "kind", "external_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str]
    kind: Mapped[str]
    external_id: Mapped[str]
    digest: Mapped[str | None]
    body: Mapped[dict[str, Any] | None]
    received_at: Mapped[datetime]
    #: The id of the sale, payment, refund or chargeback that came of it.
    subject_id: Mapped[int | None]


class Sale(Base):
    """What a customer bought, in one currency, net amounts a line. Kept even when it is nobody's.

    ``attribution`` holds every candidate that was looked at: source, partner_id, deal_id, chosen, because; and, where
    there is one, lead_id, link_id and the moment ``at`` of the click.
    ``paid_minor`` is what was paid when it was recorded, net of tax; ``None`` when ``paid`` is *full*.
    """

    __tablename__ = "referrals_sale"
    __table_args__ = (
        sa.UniqueConstraint("source", "external_id"),
        sa.Index("ix_referrals_sale_occurred_at", "occurred_at", "id"),
        sa.Index("ix_referrals_sale_partner_id_occurred_at", "partner_id", "occurred_at", "id"),
        sa.Index("ix_referrals_sale_customer_id_occurred_at", "customer_id", "occurred_at", "id"),
        sa.Index("ix_referrals_sale_status_occurred_at", "status", "occurred_at", "id"),
        sa.Index("ix_referrals_sale_currency", "currency"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str]
    external_id: Mapped[str]
    invoice: Mapped[str | None] = mapped_column(unique=True)
    customer_id: Mapped[int] = mapped_column(sa.ForeignKey("referrals_customer.id"))
    partner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("partners_partner.id"))
    deal_id: Mapped[int | None] = mapped_column(sa.ForeignKey("referrals_deal.id"), index=True)
    #: The link that brought it, when a link decided.
    link_id: Mapped[int | None] = mapped_column(sa.ForeignKey("referrals_link.id"), index=True)
    type: Mapped[SaleType]
    billed_by: Mapped[BilledBy]
    currency: Mapped[str]
    occurred_at: Mapped[datetime]
    received_at: Mapped[datetime]
    plan_code: Mapped[str | None]
    referral_code: Mapped[str | None]
    paid: Mapped[Paid]
    paid_minor: Mapped[int | None]
    total_minor: Mapped[int]
    metadata_: Mapped[dict[str, Any]] = mapped_column("metadata")
    status: Mapped[SaleStatus]
    attribution_source: Mapped[AttributionSource | None]
    attribution: Mapped[list[dict[str, Any]]]
    held_because: Mapped[str | None]
    #: It was no sale: recorded by mistake, twice, or for somebody who never bought.
    voided_at: Mapped[datetime | None]

    customer: Mapped[Customer] = relationship()
    partner: Mapped[Partner | None] = relationship()
    deal: Mapped["Deal | None"] = relationship("Deal", foreign_keys=[deal_id])
    lines: Mapped[list["SaleLine"]] = relationship(order_by="SaleLine.position", back_populates="sale")
    payments: Mapped[list["Payment"]] = relationship(order_by="Payment.id", back_populates="sale")
    refunds: Mapped[list["Refund"]] = relationship(order_by="Refund.id", back_populates="sale")
    chargebacks: Mapped[list["Chargeback"]] = relationship(order_by="Chargeback.id", back_populates="sale")

    @property
    def earns(self) -> bool:
        """It is a partner's, no review stands in the way, and it was not voided."""
        return self.partner_id is not None and self.held_because is None and self.voided_at is None

    @property
    def origin(self) -> str | None:
        """How the customer came to the partner: ``registered``, ``routed``, ``code``, ``link``; or nobody knows."""
        if self.deal is not None:
            return str(self.deal.origin)
        by_itself = self.attribution_source in {AttributionSource.CODE, AttributionSource.LINK}
        return str(self.attribution_source) if by_itself else None

    @property
    def received_minor(self) -> int:
        """What the customer has paid of it so far, net of tax, never more than the whole."""
        if self.paid is Paid.FULL:
            return self.total_minor
        later = sum(payment.amount_minor for payment in self.payments)
        return min(self.total_minor, (self.paid_minor or 0) + later)

    @property
    def paid_now(self) -> Paid:
        """How much of it is paid by now."""
        if self.received_minor >= self.total_minor:
            return Paid.FULL
        return Paid.PART if self.received_minor else Paid.NONE

    @property
    def counted_refunds(self) -> list["Refund"]:
        """The refunds that the sale can bear; the others wait for a person."""
        return [refund for refund in self.refunds if refund.refused_because is None]

    @property
    def refunded_minor(self) -> int:
        return sum(refund.amount_minor for refund in self.counted_refunds)

    @property
    def settled_chargebacks(self) -> list["Chargeback"]:
        """Of each chargeback the word that counts: the outcome if there is one, the later of two, *lost* of a tie."""
        counts: dict[str, Chargeback] = {}
        for fact in self.chargebacks:
            known = counts.get(fact.external_id)
            if known is None or fact.weight > known.weight:
                counts[fact.external_id] = fact
        return list(counts.values())

    def settle_status(self) -> None:
        """Sets the status from everything known of the sale, in whatever order it came."""
        lost = sum(
            fact.amount_minor for fact in self.settled_chargebacks if fact.status is ChargebackStatus.LOST
        )
        is_given_back = self.total_minor > 0 and self.refunded_minor + lost >= self.total_minor
        if is_given_back or self.voided_at is not None:
            self.status = SaleStatus.REVERSED
        elif self.held_because or any(f.status is ChargebackStatus.OPENED for f in self.settled_chargebacks):
            self.status = SaleStatus.HELD
        else:
            self.status = SaleStatus.ATTRIBUTED if self.partner_id is not None else SaleStatus.UNATTRIBUTED


class SaleLine(Base):
    """One line of a sale: ``net_minor`` is price less discount and credit, without tax; a proration is negative."""

    __tablename__ = "referrals_sale_line"
    __table_args__ = (sa.UniqueConstraint("sale_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sale_id: Mapped[int] = mapped_column(sa.ForeignKey("referrals_sale.id"))
    position: Mapped[int]
    kind: Mapped[LineKind]
    product: Mapped[str | None]
    description: Mapped[str]
    quantity: Mapped[int]
    unit_amount_minor: Mapped[int]
    discount_minor: Mapped[int]
    credit_minor: Mapped[int]
    tax_minor: Mapped[int]
    #: What the vendor itself paid for it, where a rule goes by the margin.
    cost_minor: Mapped[int | None]

    sale: Mapped[Sale] = relationship(back_populates="lines")

    @property
    def net_minor(self) -> int:
        return self.quantity * self.unit_amount_minor - self.discount_minor - self.credit_minor


class SaleDecision(Base):
    """A person put a wrong sale right: gave it to another partner or to nobody, or voided it. Never changed."""

    __tablename__ = "referrals_sale_decision"
    __table_args__ = (sa.Index("ix_referrals_sale_decision_sale", "sale_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sale_id: Mapped[int] = mapped_column(sa.ForeignKey("referrals_sale.id"))
    is_void: Mapped[bool]
    from_partner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("partners_partner.id"))
    to_partner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("partners_partner.id"))
    reason: Mapped[str]
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts_user.id"))
    decided_at: Mapped[datetime]

    sale: Mapped[Sale] = relationship()

    @property
    def partner_id(self) -> int | None:
        return self.sale.partner_id

    @property
    def received_at(self) -> datetime:
        """When it counts from, like every other fact of a sale."""
        return self.decided_at


append_only(SaleDecision.__table__)  # type: ignore[arg-type]


class _OfASale:
    """What every later fact has: the name of its sale, and the sale itself once that has come."""

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str]
    external_id: Mapped[str]
    sale_external_id: Mapped[str]
    sale_id: Mapped[int | None] = mapped_column(sa.ForeignKey("referrals_sale.id"), index=True)
    amount_minor: Mapped[int]
    occurred_at: Mapped[datetime]
    received_at: Mapped[datetime]

    @property
    def waits_for_its_sale(self) -> bool:
        """It came before its sale."""
        return self.sale_id is None


class Payment(_OfASale, Base):
    """Money received for a sale, net of tax, after what was paid when the sale was recorded."""

    __tablename__ = "referrals_payment"
    __table_args__ = (
        sa.UniqueConstraint("source", "external_id"),
        sa.Index("ix_referrals_payment_sale_external_id", "source", "sale_external_id"),
    )

    sale: Mapped[Sale | None] = relationship(back_populates="payments")

    @property
    def partner_id(self) -> int | None:
        return self.sale.partner_id if self.sale is not None else None


class Refund(_OfASale, Base):
    """Money given back to the customer, net of tax: for one line (counted from 0), or for the sale as a whole.

    A refund that came before its sale, and turns out to be more than the sale can bear, is kept with
    ``refused_because`` (an *excess* or an unknown *line*), counts nowhere, and is shown to finance.
    """

    __tablename__ = "referrals_refund"
    __table_args__ = (
        sa.UniqueConstraint("source", "external_id"),
        sa.Index("ix_referrals_refund_sale_external_id", "source", "sale_external_id"),
        sa.Index("ix_referrals_refund_refused_because", "refused_because"),
    )

    line: Mapped[int | None]
    refused_because: Mapped[str | None]

    sale: Mapped[Sale | None] = relationship(back_populates="refunds")

    @property
    def partner_id(self) -> int | None:
        return self.sale.partner_id if self.sale is not None else None


class Chargeback(_OfASale, Base):
    """The customer's bank takes a payment back: opened first, then won or lost; each word is a row."""

    __tablename__ = "referrals_chargeback"
    __table_args__ = (
        sa.UniqueConstraint("source", "external_id", "status"),
        sa.Index("ix_referrals_chargeback_sale_external_id", "source", "sale_external_id"),
    )

    status: Mapped[ChargebackStatus]

    sale: Mapped[Sale | None] = relationship(back_populates="chargebacks")

    @property
    def partner_id(self) -> int | None:
        return self.sale.partner_id if self.sale is not None else None

    @property
    def weight(self) -> tuple[bool, datetime, bool, int]:
        """Orders the words about one chargeback: the greatest counts, whatever order they came in."""
        decided = self.status is not ChargebackStatus.OPENED
        return decided, self.occurred_at, self.status is ChargebackStatus.LOST, self.amount_minor
