"""A firm's wish to join, and what is written about it."""

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
from partners.models.firms import Partner, PartnerType


class ApplicationStatus(StrEnum):
    DRAFT = "draft"
    EMAIL_CONFIRMED = "email_confirmed"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    INFO_REQUESTED = "info_requested"
    APPROVED = "approved"
    REJECTED = "rejected"


S = ApplicationStatus

#: Each state and those that may follow it.
_NEXT: dict[ApplicationStatus, set[ApplicationStatus]] = {
    S.DRAFT: {S.EMAIL_CONFIRMED},
    S.EMAIL_CONFIRMED: {S.SUBMITTED},
    S.SUBMITTED: {S.IN_REVIEW},
    S.IN_REVIEW: {S.INFO_REQUESTED, S.APPROVED, S.REJECTED},
    S.INFO_REQUESTED: {S.IN_REVIEW},
    S.APPROVED: set(),
    S.REJECTED: set(),
}

WITH_THE_VENDOR = (S.SUBMITTED, S.IN_REVIEW)
UNDECIDED = (S.SUBMITTED, S.IN_REVIEW, S.INFO_REQUESTED)


class HeardFrom(StrEnum):
    """Where an applicant heard of the programme."""

    OTHER_NETWORK = "other_network"
    CUSTOMER = "customer"
    WEBSITE = "website"
    EVENT = "event"
    PARTNER = "partner"
    OTHER = "other"

    @property
    def label(self) -> Any:
        return _HEARD_FROM[self]


_HEARD_FROM = {
    HeardFrom.OTHER_NETWORK: lazy_gettext("We are in another vendor's network"),
    HeardFrom.CUSTOMER: lazy_gettext("We are a customer"),
    HeardFrom.WEBSITE: lazy_gettext("Your site"),
    HeardFrom.EVENT: lazy_gettext("An event"),
    HeardFrom.PARTNER: lazy_gettext("A partner told us"),
    HeardFrom.OTHER: lazy_gettext("Something else"),
}


class RejectionReason(StrEnum):
    """Why an application was turned down; the applicant reads the label."""

    COVERAGE = "coverage"
    PROFILE = "profile"
    INCOMPLETE = "incomplete"
    CONFLICT = "conflict"
    SPAM = "spam"
    OTHER = "other"

    @property
    def label(self) -> Any:
        return _REJECTION_REASONS[self]


_REJECTION_REASONS = {
    RejectionReason.COVERAGE: lazy_gettext("Your region has enough partners for now"),
    RejectionReason.PROFILE: lazy_gettext("What your firm does is too far from our products"),
    RejectionReason.INCOMPLETE: lazy_gettext("We could not verify what was written"),
    RejectionReason.CONFLICT: lazy_gettext("A conflict of interest with another obligation"),
    RejectionReason.SPAM: lazy_gettext("It does not read like a firm's application"),
    RejectionReason.OTHER: lazy_gettext("Another reason"),
}


class Application(Base):
    """A firm's wish to join.

    ``token`` is the applicant's own link: 256 random bits, which open this one row and nothing else. Whoever can read
    the table can read the row, so it is kept as it is. That the mailbox is theirs is proved by another secret, which
    only the mail holds and of which only the digest is kept.
    """

    __tablename__ = "partners_application"
    __table_args__ = (
        sa.Index("ix_partners_application_queue", "status", "review_due_at", "id"),
        sa.Index("ix_partners_application_decided", "decided_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(unique=True)
    status: Mapped[ApplicationStatus]
    source: Mapped[str]
    locale: Mapped[str]
    created_at: Mapped[datetime]

    email: Mapped[str]
    email_key: Mapped[str] = mapped_column(index=True)
    confirmation_digest: Mapped[str | None] = mapped_column(unique=True)
    confirmation_sent_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    #: The applicant pressed "send"; it goes off as soon as the e-mail is confirmed.
    completed_at: Mapped[datetime | None]
    #: That the applicant read the privacy notice: when, and the hash of the text as it stood.
    privacy_read_at: Mapped[datetime | None]
    privacy_hash: Mapped[str | None]

    person: Mapped[str]
    position: Mapped[str] = mapped_column(default="")
    phone: Mapped[str | None]
    company: Mapped[str]
    legal_form: Mapped[str] = mapped_column(default="")
    country: Mapped[str]
    region: Mapped[str | None]
    city: Mapped[str] = mapped_column(default="")
    postcode: Mapped[str] = mapped_column(default="")
    tax_id: Mapped[str] = mapped_column(default="")
    tax_key: Mapped[str | None] = mapped_column(index=True)
    website: Mapped[str] = mapped_column(default="")
    domain: Mapped[str | None] = mapped_column(index=True)
    employees: Mapped[int | None]
    type: Mapped[PartnerType | None]
    regions: Mapped[list[str]] = mapped_column(default=list)
    languages: Mapped[list[str]] = mapped_column(default=list)
    products: Mapped[list[str]] = mapped_column(default=list)
    services: Mapped[list[str]] = mapped_column(default=list)
    industries: Mapped[list[str]] = mapped_column(default=list)
    heard_from: Mapped[HeardFrom | None]
    heard_detail: Mapped[str] = mapped_column(default="")
    about: Mapped[str] = mapped_column(default="")
    #: ``{"question": id, "text": …, "answer": …}`` each, as it was asked.
    answers: Mapped[list[dict[str, Any]]] = mapped_column(default=list)

    #: ``{"code": …, "detail": …}`` each, found when it was submitted.
    flags: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    submitted_at: Mapped[datetime | None]
    review_due_at: Mapped[datetime | None]
    reviewer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts_user.id"), index=True)
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts_user.id"), index=True)
    reason: Mapped[RejectionReason | None]
    decision_note: Mapped[str] = mapped_column(default="")
    may_reapply_on: Mapped[date | None]
    partner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("partners_partner.id"), index=True)

    reviewer: Mapped[User | None] = relationship(foreign_keys=[reviewer_id])
    decided_by: Mapped[User | None] = relationship(foreign_keys=[decided_by_id])
    partner: Mapped[Partner | None] = relationship()
    notes: Mapped[list["ApplicationNote"]] = relationship(
        order_by="ApplicationNote.id", back_populates="application"
    )

    @property
    def is_editable(self) -> bool:
        """Still with the applicant."""
        return self.status in (S.DRAFT, S.EMAIL_CONFIRMED) and self.completed_at is None

    @property
    def is_undecided(self) -> bool:
        """Handed in and not yet approved or turned down."""
        return self.status in UNDECIDED

    @property
    def waits_for_email(self) -> bool:
        """Complete, but the mailbox is not yet proved."""
        return self.status is S.DRAFT and self.completed_at is not None

    def become(self, status: ApplicationStatus) -> None:
        """Goes to the next state. Raises Refusal for a step that is not the next one."""
        if status not in _NEXT[self.status]:
            raise Refusal(
                _("The application of %(company)s has moved on. Look at it again.", company=self.company)
            )
        self.status = status


class ApplicationNote(Base):
    """What reviewer and applicant write to each other, and what reviewers write among themselves."""

    __tablename__ = "partners_application_note"

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_application.id"), index=True)
    at: Mapped[datetime]
    author_name: Mapped[str]
    from_applicant: Mapped[bool] = mapped_column(default=False)
    is_internal: Mapped[bool] = mapped_column(default=False)
    text: Mapped[str]

    application: Mapped[Application] = relationship(back_populates="notes")
