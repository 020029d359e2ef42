"""Firms and what ties them to the programme: application, agreement, tier, members; and what the vendor sells."""

import hashlib
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import User
from accounts.permissions import Role
from core import clock
from core.calendars import WorkingCalendar, weekly
from core.database import Base
from core.errors import Refusal
from core.i18n import current_locale, lazy_gettext
from core.i18n import gettext as _
from core.triggers import append_only


def _said(english: str, russian: str) -> str:
    """One of two texts, in the reader's language; a text that is missing is said in English."""
    return russian if russian and current_locale() == "ru" else english


class LineKind(StrEnum):
    """What a line of an estimate or a sale is for: the earning points of the programme."""

    LICENCE = "licence"
    IMPLEMENTATION = "implementation"
    INTEGRATION = "integration"
    CUSTOMISATION = "customisation"
    TRAINING = "training"
    SUPPORT = "support"
    AUDIT = "audit"
    MIGRATION = "migration"
    SYSTEMS_INTEGRATION = "systems_integration"
    MOBILE = "mobile"
    HOSTING = "hosting"
    ADMINISTRATION = "administration"
    OTHER = "other"


class Recurrence(StrEnum):
    """How often a product is paid for."""

    MONTH = "month"
    YEAR = "year"
    ONCE = "once"

    @property
    def label(self) -> Any:
        return _RECURRENCES[self]


_RECURRENCES = {
    Recurrence.MONTH: lazy_gettext("a month"),
    Recurrence.YEAR: lazy_gettext("a year"),
    Recurrence.ONCE: lazy_gettext("once"),
}


class Unit(StrEnum):
    """What a product's price is for."""

    USER = "user"
    COMPANY = "company"
    DEVICE = "device"
    SITE = "site"

    @property
    def label(self) -> Any:
        return _UNITS[self]


_UNITS = {
    Unit.USER: lazy_gettext("per user"),
    Unit.COMPANY: lazy_gettext("per company"),
    Unit.DEVICE: lazy_gettext("per device"),
    Unit.SITE: lazy_gettext("per site"),
}


class Product(Base):
    """Something the vendor licenses. Its code is what leads, estimates, sales and courses name."""

    __tablename__ = "partners_product"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_ru: Mapped[str] = mapped_column(default="")
    list_price_minor: Mapped[int]
    currency: Mapped[str]
    unit: Mapped[Unit]
    recurring: Mapped[Recurrence]
    retired_at: Mapped[datetime | None]

    @property
    def label(self) -> str:
        return _said(self.name, self.name_ru)


class Service(Base):
    """Something a partner does for a customer; its code is a :class:`LineKind`."""

    __tablename__ = "partners_service"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_ru: Mapped[str] = mapped_column(default="")
    description: Mapped[str] = mapped_column(default="")
    description_ru: Mapped[str] = mapped_column(default="")
    position: Mapped[int]
    retired_at: Mapped[datetime | None]

    @property
    def label(self) -> str:
        return _said(self.name, self.name_ru)

    @property
    def said_description(self) -> str:
        return _said(self.description, self.description_ru)


class Question(Base):
    """A question of the programme's own in the application form. One that is retired is no longer asked."""

    __tablename__ = "partners_question"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    text_ru: Mapped[str] = mapped_column(default="")
    position: Mapped[int]
    retired_at: Mapped[datetime | None]

    @property
    def label(self) -> str:
        return _said(self.text, self.text_ru)


class Tier(Base):
    """A rank in the programme and what it gives. Rates are decimal texts: ``0.5`` is half."""

    __tablename__ = "partners_tier"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    rank: Mapped[int] = mapped_column(unique=True)
    name: Mapped[str]
    name_ru: Mapped[str] = mapped_column(default="")
    #: How much more often routing prefers this tier: ``1`` is the ground.
    lead_weight: Mapped[str]
    cofunding_rate: Mapped[str]
    #: The most that one event is reimbursed, in the programme's currency; ``None``: no cap.
    cofunding_cap_minor: Mapped[int | None]
    support: Mapped[str] = mapped_column(default="")
    support_ru: Mapped[str] = mapped_column(default="")
    demands: Mapped[str] = mapped_column(default="")
    demands_ru: Mapped[str] = mapped_column(default="")

    @property
    def label(self) -> str:
        return _said(self.name, self.name_ru)

    @property
    def said_support(self) -> str:
        return _said(self.support, self.support_ru)

    @property
    def said_demands(self) -> str:
        return _said(self.demands, self.demands_ru)


#: The languages a partner can say it works in (ISO 639-1).
LANGUAGES = (
    "en", "de", "fr", "it", "es", "pt", "nl", "pl", "cs", "sk", "hu", "ro", "bg", "el",
    "sr", "hr", "sl", "sv", "nb", "da", "fi", "et", "lv", "lt", "ru", "uk", "be", "kk",
    "ky", "uz", "az", "hy", "ka", "tr", "he", "ar", "zh", "ja", "ko", "hi",
)  # fmt: skip

#: The branches of business that partners know and customers belong to.
INDUSTRIES: dict[str, Any] = {
    "manufacturing": lazy_gettext("Manufacturing"),
    "retail": lazy_gettext("Retail"),
    "wholesale": lazy_gettext("Wholesale"),
    "logistics": lazy_gettext("Logistics"),
    "construction": lazy_gettext("Construction"),
    "food": lazy_gettext("Food"),
    "hospitality": lazy_gettext("Hotels and restaurants"),
    "health": lazy_gettext("Health"),
    "education": lazy_gettext("Education"),
    "public": lazy_gettext("Public sector"),
    "finance": lazy_gettext("Finance"),
    "energy": lazy_gettext("Energy"),
    "agriculture": lazy_gettext("Agriculture"),
    "professional_services": lazy_gettext("Professional services"),
    "it": lazy_gettext("Information technology"),
    "other": lazy_gettext("Other"),
}


class PartnerType(StrEnum):
    REFERRAL = "referral"
    RESELLER = "reseller"
    INTEGRATOR = "integrator"
    DISTRIBUTOR = "distributor"

    @property
    def label(self) -> Any:
        return _PARTNER_TYPES[self]


_PARTNER_TYPES = {
    PartnerType.REFERRAL: lazy_gettext("Referral partner"),
    PartnerType.RESELLER: lazy_gettext("Reseller"),
    PartnerType.INTEGRATOR: lazy_gettext("Integrator"),
    PartnerType.DISTRIBUTOR: lazy_gettext("Distributor"),
}


class PartnerStatus(StrEnum):
    ONBOARDING = "onboarding"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    TERMINATED = "terminated"


class Partner(Base):
    """A firm in the programme.

    ``regions`` hold ISO 3166-1 or 3166-2 codes of the places it serves, ``products`` product codes, ``services``
    line kinds, ``languages`` ISO 639-1 codes.
    """

    __tablename__ = "partners_partner"
    __table_args__ = (sa.Index("ix_partners_partner_list", "status", "name", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(index=True)
    legal_name: Mapped[str]
    country: Mapped[str] = mapped_column(index=True)
    region: Mapped[str | None]
    city: Mapped[str] = mapped_column(default="")
    postcode: Mapped[str] = mapped_column(default="")
    #: Where its office is, in degrees; found by its city, or typed.
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    website: Mapped[str] = mapped_column(default="")
    domain: Mapped[str | None] = mapped_column(index=True)
    phone: Mapped[str | None]
    tax_id: Mapped[str] = mapped_column(default="")
    tax_key: Mapped[str | None] = mapped_column(index=True)
    type: Mapped[PartnerType]
    tier: Mapped[str] = mapped_column(sa.ForeignKey("partners_tier.code"), index=True)
    plan_code: Mapped[str] = mapped_column(default="standard")
    status: Mapped[PartnerStatus]
    status_reason: Mapped[str] = mapped_column(default="")
    regions: Mapped[list[str]] = mapped_column(default=list)
    languages: Mapped[list[str]] = mapped_column(default=list)
    products: Mapped[list[str]] = mapped_column(default=list)
    services: Mapped[list[str]] = mapped_column(default=list)
    industries: Mapped[list[str]] = mapped_column(default=list)
    open_lead_cap: Mapped[int]
    daily_lead_cap: Mapped[int]
    paused_at: Mapped[datetime | None]
    time_zone: Mapped[str]
    #: ``{"days": [0, …], "opens": "09:00", "closes": "18:00"}``; Monday is 0.
    business_hours: Mapped[dict[str, Any]]
    manager_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts_user.id"), index=True)
    created_at: Mapped[datetime]
    activated_at: Mapped[datetime | None]
    #: What the search looks through, case-folded: names, city, domain, tax number.
    search_text: Mapped[str] = mapped_column(default="")

    manager: Mapped[User | None] = relationship()
    tier_row: Mapped[Tier] = relationship()

    @property
    def partner_id(self) -> int:
        """Its own number, so that the audit trail files what happens to the firm under the firm."""
        return self.id

    @property
    def is_active(self) -> bool:
        """Takes part: its people may claim leads, sell and earn."""
        return self.status is PartnerStatus.ACTIVE

    @property
    def is_paused(self) -> bool:
        """Asked for no new leads for a while."""
        return self.paused_at is not None

    @property
    def shown_status(self) -> str:
        """The state to show: an active firm that paused is shown as paused."""
        return "paused" if self.is_active and self.is_paused else str(self.status)

    @property
    def calendar(self) -> WorkingCalendar:
        """The firm's working time, by which clocks against it run."""
        hours = self.business_hours
        week = weekly(time.fromisoformat(hours["opens"]), time.fromisoformat(hours["closes"]), hours["days"])
        return WorkingCalendar(zone=self.time_zone, hours=week, country=self.country, region=self.region)

    def activate(self) -> None:
        """Onboarding is over: the agreement is accepted."""
        if self.status is not PartnerStatus.ONBOARDING:
            raise Refusal(_("%(name)s is not in onboarding.", name=self.name))
        self.status = PartnerStatus.ACTIVE
        self.activated_at = clock.now()

    def suspend(self, reason: str) -> None:
        """Stops new leads, claims and payouts until reinstated."""
        if self.status not in (PartnerStatus.ACTIVE, PartnerStatus.ONBOARDING):
            raise Refusal(_("%(name)s is not active, so there is nothing to suspend.", name=self.name))
        self.status = PartnerStatus.SUSPENDED
        self.status_reason = reason

    def reinstate(self) -> None:
        """Ends a suspension; a firm that never came out of onboarding goes back there."""
        if self.status is not PartnerStatus.SUSPENDED:
            raise Refusal(_("%(name)s is not suspended.", name=self.name))
        self.status = PartnerStatus.ACTIVE if self.activated_at is not None else PartnerStatus.ONBOARDING
        self.status_reason = ""


class Member(Base):
    """A person of a firm, or a machine whose key the firm made. One firm each; who left keeps the row."""

    __tablename__ = "partners_member"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts_user.id"), unique=True)
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"), index=True)
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()
    partner: Mapped[Partner] = relationship()

    @property
    def is_active(self) -> bool:
        return self.left_at is None

    @property
    def is_admin(self) -> bool:
        return self.user.role is Role.PARTNER_ADMIN

    @property
    def shown_status(self) -> str:
        """``left``, ``invited`` until they set a password, then ``active``."""
        if not self.is_active:
            return "left"
        return "active" if self.user.has_signed_up else "invited"


class Agreement(Base):
    """A version of the partner agreement. Published once, never changed after."""

    __tablename__ = "partners_agreement"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    text: Mapped[str]
    text_ru: Mapped[str]
    summary: Mapped[str] = mapped_column(default="")
    summary_ru: Mapped[str] = mapped_column(default="")
    text_hash: Mapped[str]
    #: Until when partners with an earlier version may still accept; ``None`` for the first one.
    accept_by: Mapped[date | None]
    published_at: Mapped[datetime]
    published_by_id: Mapped[int | None]

    @property
    def said_text(self) -> str:
        return _said(self.text, self.text_ru)

    @property
    def said_summary(self) -> str:
        return _said(self.summary, self.summary_ru)


append_only(Agreement.__table__)  # type: ignore[arg-type]


def hash_of_texts(*texts: str) -> str:
    """SHA-256 over texts, each ended by a zero byte: what was agreed to, in one line."""
    return hashlib.sha256(b"".join(text.encode() + b"\0" for text in texts)).hexdigest()


class AgreementAcceptance(Base):
    """Who accepted which version for which firm, when, in which language, and the hash of what they read."""

    __tablename__ = "partners_agreement_acceptance"
    __table_args__ = (sa.UniqueConstraint("partner_id", "agreement_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"))
    agreement_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_agreement.id"), index=True)
    accepted_at: Mapped[datetime]
    accepted_by_id: Mapped[int | None]
    accepted_by_name: Mapped[str]
    #: Signed outside the portal and noted by the vendor.
    on_paper: Mapped[bool] = mapped_column(default=False)
    locale: Mapped[str]
    text_hash: Mapped[str]

    partner: Mapped[Partner] = relationship()
    agreement: Mapped[Agreement] = relationship()


append_only(AgreementAcceptance.__table__)  # type: ignore[arg-type]


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
    OTHER = "other"

    @property
    def label(self) -> Any:
        return _REJECTION_REASONS[self]


_REJECTION_REASONS = {
    RejectionReason.COVERAGE: lazy_gettext("Your region has enough partners for now"),
    RejectionReason.PROFILE: lazy_gettext("What your firm does is too far from our products"),
    RejectionReason.INCOMPLETE: lazy_gettext("We could not verify what was written"),
    RejectionReason.CONFLICT: lazy_gettext("A conflict of interest with another obligation"),
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
