"""Claims: what an event really cost, each line with its receipt, and the proof that it took place.

A receipt stands in at most one live line, whoever claims it: by the file's hash, and by supplier, number and date.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import User
from core.database import Base
from core.errors import Refusal
from core.i18n import gettext as _
from core.i18n import lazy_gettext
from events.models.funding import Activity, CostKind, FundingRequest
from partners.models import Partner


class ClaimStatus(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    INFO_REQUESTED = "info_requested"
    #: One person approved it; it is large enough to need another.
    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    APPEALED = "appealed"
    #: The appeal was turned down; what was approved before it, if anything, stays approved.
    DECIDED = "decided"
    REIMBURSED = "reimbursed"
    #: It was never handed in before its day.
    EXPIRED = "expired"


C = ClaimStatus

#: Each state and those that may follow it.
_NEXT: dict[ClaimStatus, set[ClaimStatus]] = {
    C.DRAFT: {C.SUBMITTED, C.EXPIRED},
    C.SUBMITTED: {C.INFO_REQUESTED, C.PROPOSED, C.APPROVED, C.REJECTED},
    C.INFO_REQUESTED: {C.SUBMITTED, C.EXPIRED},
    C.PROPOSED: {C.APPROVED, C.SUBMITTED, C.APPEALED, C.REJECTED, C.DECIDED},
    C.APPROVED: {C.REIMBURSED, C.APPEALED},
    C.REJECTED: {C.APPEALED, C.DECIDED},
    C.APPEALED: {C.PROPOSED, C.APPROVED, C.DECIDED},
    C.DECIDED: {C.REIMBURSED},
    C.REIMBURSED: {C.APPEALED},
    C.EXPIRED: set(),
}

WITH_THE_VENDOR = (C.SUBMITTED, C.PROPOSED, C.APPEALED)
OPEN_CLAIMS = (C.DRAFT, C.INFO_REQUESTED, *WITH_THE_VENDOR)
#: What may be appealed against: a rejection, or an approval that took something off.
APPEALABLE = (C.REJECTED, C.APPROVED, C.REIMBURSED)


class LineField(StrEnum):
    """What of a cost the vendor wants mended; the value is the name of its field."""

    RECEIPT = "receipt"
    KIND = "kind"
    DESCRIPTION = "description"
    SUPPLIER = "supplier"
    SUPPLIER_TAX_ID = "supplier_tax_id"
    NUMBER = "number"
    DATED_ON = "dated_on"
    GROSS = "gross_minor"
    TAX = "tax_minor"
    EXCLUDED = "excluded_minor"

    @property
    def label(self) -> Any:
        return _LINE_FIELDS[self]


_LINE_FIELDS = {
    LineField.RECEIPT: lazy_gettext("Receipt"),
    LineField.KIND: lazy_gettext("Kind of cost"),
    LineField.DESCRIPTION: lazy_gettext("What it was"),
    LineField.SUPPLIER: lazy_gettext("Supplier"),
    LineField.SUPPLIER_TAX_ID: lazy_gettext("Supplier's tax number"),
    LineField.NUMBER: lazy_gettext("Number of the receipt"),
    LineField.DATED_ON: lazy_gettext("Date of the receipt"),
    LineField.GROSS: lazy_gettext("Amount with tax"),
    LineField.TAX: lazy_gettext("Tax in it"),
    LineField.EXCLUDED: lazy_gettext("Not eligible"),
}


class ProofKind(StrEnum):
    """What shows that the event took place."""

    AGENDA = "agenda"
    PHOTOS = "photos"
    ATTENDEES = "attendees"
    LINK = "link"
    SCREENSHOT = "screenshot"
    COPY = "copy"

    @property
    def label(self) -> Any:
        return _PROOF_KINDS[self][0]

    @property
    def hint(self) -> Any:
        """What exactly is wanted."""
        return _PROOF_KINDS[self][1]


_PROOF_KINDS = {
    ProofKind.AGENDA: (lazy_gettext("Agenda"), lazy_gettext("The programme as guests got it.")),
    ProofKind.PHOTOS: (lazy_gettext("Photos"), lazy_gettext("One that shows guests and the logo is enough.")),
    ProofKind.ATTENDEES: (
        lazy_gettext("List of attendees"),
        lazy_gettext("Comes from the check-in by itself. Without check-ins, upload the signed list."),
    ),
    ProofKind.LINK: (
        lazy_gettext("Link"),
        lazy_gettext("Where it was announced, recorded or shown."),
    ),
    ProofKind.SCREENSHOT: (lazy_gettext("Screenshot"), lazy_gettext("With the date to be seen on it.")),
    ProofKind.COPY: (
        lazy_gettext("Copy of what was sent"),
        lazy_gettext("The mailing itself, as PDF or picture."),
    ),
}

#: What each kind of event has to show. Known before it takes place, so nobody is surprised after it.
CHECKLISTS: dict[Activity, tuple[ProofKind, ...]] = {
    Activity.SEMINAR: (ProofKind.AGENDA, ProofKind.PHOTOS, ProofKind.ATTENDEES),
    Activity.WORKSHOP: (ProofKind.AGENDA, ProofKind.PHOTOS, ProofKind.ATTENDEES),
    Activity.BREAKFAST: (ProofKind.PHOTOS, ProofKind.ATTENDEES),
    Activity.CONFERENCE_STAND: (ProofKind.PHOTOS, ProofKind.LINK),
    Activity.WEBINAR: (ProofKind.AGENDA, ProofKind.SCREENSHOT, ProofKind.ATTENDEES),
    Activity.DIGITAL_CAMPAIGN: (ProofKind.SCREENSHOT, ProofKind.LINK),
    Activity.MAILING: (ProofKind.COPY,),
    Activity.OTHER: (ProofKind.PHOTOS,),
}


class FundingClaim(Base):
    """What a partner wants back for an approved request. One a request."""

    __tablename__ = "events_funding_claim"
    __table_args__ = (
        sa.Index("ix_events_funding_claim_queue", "status", "due_at", "id"),
        sa.Index("ix_events_funding_claim_partner", "partner_id", "id"),
        sa.CheckConstraint("amount_minor IS NULL OR amount_minor >= 0", name="amount"),
        sa.CheckConstraint(
            "granted_minor >= 0 AND granted_minor <= coalesce(amount_minor, 0)", name="granted"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(sa.ForeignKey("events_funding_request.id"), unique=True)
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"))
    status: Mapped[ClaimStatus] = mapped_column(default=ClaimStatus.DRAFT)
    currency: Mapped[str]
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts_user.id"), index=True)
    created_at: Mapped[datetime]
    #: Counts every change of what is claimed; a decision names the one it looked at.
    version: Mapped[int] = mapped_column(default=1)

    submitted_at: Mapped[datetime | None]
    #: By when the vendor answers, also to an appeal.
    due_at: Mapped[datetime | None]
    #: What the vendor asks about the whole claim; what it asks about a line stands at the line.
    question: Mapped[str] = mapped_column(default="")
    #: The reimbursement, from the first approval on.
    amount_minor: Mapped[int | None]
    #: What of it is in the books already: an appeal adds to it and never takes from it.
    granted_minor: Mapped[int] = mapped_column(default=0, server_default="0")
    #: What the event really cost by its receipts, in the claim's currency; noted with the decision, for results.
    spent_minor: Mapped[int | None]
    proposed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts_user.id"), index=True)
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts_user.id"), index=True)
    decision_note: Mapped[str] = mapped_column(default="")
    #: Until when a rejection, or what was taken off, can be appealed against.
    appeal_until: Mapped[datetime | None]
    appeal: Mapped[str] = mapped_column(default="")
    reimbursed_at: Mapped[datetime | None]

    request: Mapped[FundingRequest] = relationship(back_populates="claim")
    partner: Mapped[Partner] = relationship()
    created_by: Mapped[User | None] = relationship(foreign_keys=[created_by_id])
    proposed_by: Mapped[User | None] = relationship(foreign_keys=[proposed_by_id])
    decided_by: Mapped[User | None] = relationship(foreign_keys=[decided_by_id])
    lines: Mapped[list["ClaimLine"]] = relationship(
        back_populates="claim", order_by="ClaimLine.id", cascade="all, delete-orphan"
    )
    proofs: Mapped[list["Proof"]] = relationship(
        back_populates="claim", order_by="Proof.id", cascade="all, delete-orphan"
    )

    @property
    def is_editable(self) -> bool:
        """Still, or again, with the partner."""
        return self.status in (C.DRAFT, C.INFO_REQUESTED)

    @property
    def waits_for_vendor(self) -> bool:
        return self.status in WITH_THE_VENDOR

    @property
    def is_appealed(self) -> bool:
        """The partner saw it otherwise, so this is the second look and the last."""
        return bool(self.appeal)

    def become(self, status: ClaimStatus) -> None:
        """Goes to the next state. Raises Refusal for a step that is not the next one."""
        if status not in _NEXT[self.status]:
            raise Refusal(_("This claim has moved on. Look at it again."))
        self.status = status


class Receipt(Base):
    """A file that was checked and kept: the scan of a receipt, or a proof. Its name is text, its key is random."""

    __tablename__ = "events_receipt"

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"), index=True)
    storage_key: Mapped[str]
    name: Mapped[str]
    content_type: Mapped[str]
    size: Mapped[int]
    #: SHA-256 of what was uploaded, before it was made anew.
    sha256: Mapped[str] = mapped_column(index=True)
    #: 64 bits of how a picture looks, in hexadecimal; nearly equal for the same paper photographed twice.
    likeness: Mapped[str | None] = mapped_column(index=True)
    #: When the original was deleted after its time; the hash and the likeness stay, so that it is known again.
    deleted_at: Mapped[datetime | None]
    uploaded_at: Mapped[datetime] = mapped_column(index=True)
    uploaded_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts_user.id"), index=True)


class ClaimLine(Base):
    """One cost with its receipt. Amounts are in the receipt's currency; ``rate`` turns them into the claim's."""

    __tablename__ = "events_claim_line"
    __table_args__ = (
        sa.CheckConstraint("gross_minor > 0", name="gross"),
        sa.CheckConstraint("tax_minor >= 0 AND tax_minor < gross_minor", name="tax"),
        sa.CheckConstraint("excluded_minor >= 0 AND excluded_minor <= gross_minor", name="excluded"),
        sa.CheckConstraint("cut_minor >= 0 AND cut_minor <= gross_minor", name="cut"),
        sa.Index(
            "uq_events_claim_line_file",
            "file_key",
            unique=True,
            sqlite_where=sa.text("is_live"),
            postgresql_where=sa.text("is_live"),
        ),
        sa.Index(
            "uq_events_claim_line_by_tax",
            "document_by_tax",
            unique=True,
            sqlite_where=sa.text("is_live"),
            postgresql_where=sa.text("is_live"),
        ),
        sa.Index(
            "uq_events_claim_line_by_name",
            "document_by_name",
            unique=True,
            sqlite_where=sa.text("is_live"),
            postgresql_where=sa.text("is_live"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    claim_id: Mapped[int] = mapped_column(sa.ForeignKey("events_funding_claim.id"), index=True)
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"), index=True)
    kind: Mapped[CostKind]
    description: Mapped[str] = mapped_column(default="")
    supplier: Mapped[str]
    supplier_tax_id: Mapped[str] = mapped_column(default="")
    number: Mapped[str]
    dated_on: Mapped[date]
    currency: Mapped[str]
    #: With tax.
    gross_minor: Mapped[int]
    tax_minor: Mapped[int] = mapped_column(default=0)
    #: What the partner itself marks as not to be reimbursed (alcohol and the like), without tax.
    excluded_minor: Mapped[int] = mapped_column(default=0)
    excluded_because: Mapped[str] = mapped_column(default="")
    #: Units of the claim's currency for one of the receipt's, a decimal text; ``None`` while no rate is known.
    rate: Mapped[str | None]
    receipt_id: Mapped[int | None] = mapped_column(sa.ForeignKey("events_receipt.id"), index=True)

    #: What the vendor takes off, without tax and in the receipt's currency, or the whole line; with the reason.
    cut_minor: Mapped[int] = mapped_column(default=0)
    is_refused: Mapped[bool] = mapped_column(default=False)
    vendor_note: Mapped[str] = mapped_column(default="")
    #: Which field the note is about; ``None``: the whole line.
    vendor_field: Mapped[LineField | None]
    #: When the partner changed or answered what was noted, and what it says to it.
    mended_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(default="", server_default="")

    #: Keys by which the same receipt is known again; they count while ``is_live``.
    file_key: Mapped[str | None]
    document_by_tax: Mapped[str | None]
    document_by_name: Mapped[str | None]
    is_live: Mapped[bool] = mapped_column(default=True)

    claim: Mapped[FundingClaim] = relationship(back_populates="lines")
    receipt: Mapped[Receipt | None] = relationship()

    @property
    def is_to_be_mended(self) -> bool:
        """The vendor noted something at it, and the partner has neither changed nor answered it since."""
        has_verdict = self.is_refused or self.cut_minor > 0
        return bool(self.vendor_note) and not has_verdict and self.mended_at is None


class Proof(Base):
    """A file or an address that shows that the event took place."""

    __tablename__ = "events_proof"

    id: Mapped[int] = mapped_column(primary_key=True)
    claim_id: Mapped[int] = mapped_column(sa.ForeignKey("events_funding_claim.id"), index=True)
    kind: Mapped[ProofKind]
    url: Mapped[str] = mapped_column(default="")
    receipt_id: Mapped[int | None] = mapped_column(sa.ForeignKey("events_receipt.id"), index=True)
    created_at: Mapped[datetime]

    claim: Mapped[FundingClaim] = relationship(back_populates="proofs")
    receipt: Mapped[Receipt | None] = relationship()
