"""Leads: someone who may buy, what becomes of them, and what was said to them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import User
from core import clock
from core.database import Base
from core.errors import Refusal
from core.i18n import gettext as _
from core.i18n import lazy_gettext as _l
from core.moments import in_utc
from core.triggers import append_only
from partners.models import Partner


class LeadStatus(StrEnum):
    """One state machine for every lead, wherever it came from."""

    NEW = "new"
    TRIAGE = "triage"
    SPAM = "spam"
    DUPLICATE = "duplicate"
    UNQUALIFIED = "unqualified"
    QUALIFIED = "qualified"
    OFFERED = "offered"
    AVAILABLE = "available"
    ACCEPTED = "accepted"
    CLAIMED = "claimed"
    CONTACTED = "contacted"
    WORKING = "working"
    WON = "won"
    LOST = "lost"
    RECYCLED = "recycled"


S = LeadStatus

#: A partner has it and sees its contact data.
HELD = frozenset({S.ACCEPTED, S.CLAIMED, S.CONTACTED, S.WORKING})
#: It looks for a partner.
SEEKING = frozenset({S.NEW, S.QUALIFIED, S.OFFERED, S.AVAILABLE, S.TRIAGE, S.RECYCLED})
#: Something can still come of it.
OPEN = HELD | SEEKING

_AFTER: dict[LeadStatus, frozenset[LeadStatus]] = {
    S.NEW: frozenset({S.SPAM, S.DUPLICATE, S.UNQUALIFIED, S.QUALIFIED}),
    S.QUALIFIED: frozenset({S.OFFERED, S.AVAILABLE, S.TRIAGE}),
    S.OFFERED: frozenset({S.ACCEPTED, S.QUALIFIED, S.OFFERED, S.AVAILABLE, S.TRIAGE}),
    S.AVAILABLE: frozenset({S.CLAIMED, S.QUALIFIED, S.TRIAGE}),
    S.TRIAGE: frozenset({S.QUALIFIED, S.SPAM, S.UNQUALIFIED, S.DUPLICATE}),
    S.ACCEPTED: frozenset({S.CONTACTED, S.WORKING, S.WON, S.LOST, S.RECYCLED}),
    S.CLAIMED: frozenset({S.CONTACTED, S.WORKING, S.WON, S.LOST, S.RECYCLED}),
    S.CONTACTED: frozenset({S.WORKING, S.WON, S.LOST, S.RECYCLED}),
    S.WORKING: frozenset({S.WON, S.LOST, S.RECYCLED}),
    S.RECYCLED: frozenset({S.QUALIFIED}),
    S.LOST: frozenset({S.RECYCLED, S.WON}),
    S.SPAM: frozenset({S.QUALIFIED}),
    S.DUPLICATE: frozenset({S.QUALIFIED}),
    S.UNQUALIFIED: frozenset({S.QUALIFIED}),
    S.WON: frozenset(),
}


class LeadOrigin(StrEnum):
    """The way in."""

    EMBEDDED_FORM = "embedded_form"
    HOSTED_FORM = "hosted_form"
    API = "api"
    IMPORT = "import"
    PRODUCT = "product"
    FINDER = "finder"
    EVENT = "event"
    STAFF = "staff"

    @property
    def label(self) -> Any:
        return ORIGIN_LABELS[self]


ORIGIN_LABELS: dict[LeadOrigin, Any] = {
    LeadOrigin.EMBEDDED_FORM: _l("Form on the vendor's site"),
    LeadOrigin.HOSTED_FORM: _l("The portal's own form"),
    LeadOrigin.API: _l("API"),
    LeadOrigin.IMPORT: _l("Import"),
    LeadOrigin.PRODUCT: _l("Sign-up in the product"),
    LeadOrigin.FINDER: _l("Partner finder"),
    LeadOrigin.EVENT: _l("Event"),
    LeadOrigin.STAFF: _l("Typed in"),
}


class CallWish(StrEnum):
    """When a visitor wants to be called; by the clock of the place they are in."""

    SOON = "soon"
    MORNING = "morning"
    AFTERNOON = "afternoon"

    @property
    def label(self) -> Any:
        return CALL_LABELS[self]


CALL_LABELS: dict[CallWish, Any] = {
    CallWish.SOON: _l("as soon as possible"),
    CallWish.MORNING: _l("in the morning"),
    CallWish.AFTERNOON: _l("in the afternoon"),
}


class Lead(Base):
    """Someone who may buy. Contact data is for the vendor's staff and for the partner who holds it."""

    __tablename__ = "referrals_lead"
    __table_args__ = (
        sa.UniqueConstraint("caller_id", "caller_key"),
        sa.Index("ix_referrals_lead_status", "status", "id"),
        sa.Index("ix_referrals_lead_partner", "partner_id", "status", "id"),
        sa.Index(
            "ix_referrals_lead_held",
            "partner_id",
            postgresql_where=sa.text("status IN ('accepted', 'claimed', 'contacted', 'working')"),
            sqlite_where=sa.text("status IN ('accepted', 'claimed', 'contacted', 'working')"),
        ),
        sa.Index("ix_referrals_lead_due", "contact_due_at"),
        sa.Index("ix_referrals_lead_idle", "status", "last_activity_at"),
        sa.Index("ix_referrals_lead_country", "country", "id"),
        sa.Index("ix_referrals_lead_closed", "status", "closed_at"),
        sa.Index(
            "ix_referrals_lead_code",
            "referral_code",
            postgresql_where=sa.text("referral_code IS NOT NULL"),
            sqlite_where=sa.text("referral_code IS NOT NULL"),
        ),
        sa.CheckConstraint("company IS NOT NULL OR email IS NOT NULL", name="says_who"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[LeadStatus] = mapped_column(default=LeadStatus.NEW)
    origin: Mapped[LeadOrigin]
    received_at: Mapped[datetime] = mapped_column(index=True)
    caller_id: Mapped[int | None]
    caller_key: Mapped[str | None]

    company: Mapped[str | None]
    website: Mapped[str | None]
    tax_id: Mapped[str | None]
    person: Mapped[str | None]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    country: Mapped[str | None]
    region: Mapped[str | None]
    city: Mapped[str | None]
    postcode: Mapped[str | None]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    language: Mapped[str | None]
    industry: Mapped[str | None]
    employees: Mapped[int | None]
    product_codes: Mapped[list[str]] = mapped_column(default=list)
    service_kinds: Mapped[list[str]] = mapped_column(default=list)
    size_minor: Mapped[int | None]
    currency: Mapped[str | None]
    text: Mapped[str | None]
    #: Asked to be called, and when: one of :class:`CallWish`, a moment, or the customer's own words.
    call_at: Mapped[str | None]

    source: Mapped[str | None]
    campaign: Mapped[str | None]
    referral_code: Mapped[str | None]
    page_url: Mapped[str | None]
    import_id: Mapped[int | None] = mapped_column(sa.ForeignKey("referrals_lead_import.id"), index=True)
    event_partner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("partners_partner.id"))
    consent_version: Mapped[str | None]
    consent_at: Mapped[datetime | None]

    #: Chosen by a trusted caller or a manager.
    explicit_partner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("partners_partner.id"))
    #: Asked for by the customer.
    wanted_partner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("partners_partner.id"))
    #: Who holds it now; only while the status is one of :data:`HELD`, or it ended with them.
    partner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("partners_partner.id"))
    duplicate_of_id: Mapped[int | None] = mapped_column(sa.ForeignKey("referrals_lead.id"), index=True)
    reason: Mapped[str | None]
    spam_signs: Mapped[list[str]] = mapped_column(default=list)
    #: How much happened in the vendor's product that speaks for calling soon; 0 is nothing.
    warmth: Mapped[int] = mapped_column(default=0, server_default="0")

    #: When it last began to look for a partner anew, after somebody gave it back or a manager sent it on.
    round_began_at: Mapped[datetime | None]
    held_since: Mapped[datetime | None]
    contact_due_at: Mapped[datetime | None]
    #: When its holder has to have called a customer who asked to be called; None once that was done.
    call_due_at: Mapped[datetime | None]
    contacted_at: Mapped[datetime | None]
    last_activity_at: Mapped[datetime]
    #: When the partner was last reminded to write down where it stands.
    reminded_at: Mapped[datetime | None]
    #: Granted to the partner once, with its reason; the lead does not go back before.
    extended_until: Mapped[datetime | None]
    extension_reason: Mapped[str | None]
    closed_at: Mapped[datetime | None]

    partner: Mapped[Partner | None] = relationship(foreign_keys=partner_id)
    duplicate_of: Mapped["Lead | None"] = relationship(remote_side=id)

    @property
    def number(self) -> str:
        """How people name it: ``L-2026-3491``."""
        return f"L-{self.received_at.year}-{self.id:04d}"

    @property
    def name(self) -> str:
        """The company, or the person where no company is known."""
        return self.company or self.person or self.email or self.number

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def is_held(self) -> bool:
        return self.status in HELD

    @property
    def is_seeking(self) -> bool:
        return self.status in SEEKING

    @property
    def call_moment(self) -> datetime | None:
        """When the customer wants to be called, where it named a moment (ISO 8601 with its offset), not words."""
        try:
            moment = datetime.fromisoformat(self.call_at or "")
            return in_utc(moment) if moment.tzinfo is not None else None
        except ValueError:
            return None

    @property
    def title_without_contact(self) -> str:
        """What may be said of it before a partner has it: the company, never the person."""
        return self.company or _("A company that did not say its name")

    def become(self, status: LeadStatus) -> None:
        """Changes the state. Raises Refusal when the one does not lead to the other."""
        if status not in _AFTER[self.status]:
            raise Refusal(_("This lead has moved on in the meantime. Load the page again."))
        self.status = status
        self.last_activity_at = clock.now()
        if status in {S.WON, S.LOST, S.SPAM, S.DUPLICATE, S.UNQUALIFIED}:
            self.closed_at = clock.now()
        elif self.closed_at is not None:
            self.closed_at = None


class ContactKind(StrEnum):
    CALL = "call"
    EMAIL = "email"
    MEETING = "meeting"
    NOTE = "note"

    @property
    def label(self) -> Any:
        return CONTACT_LABELS[self]


CONTACT_LABELS: dict[ContactKind, Any] = {
    ContactKind.CALL: _l("Call"),
    ContactKind.EMAIL: _l("E-mail"),
    ContactKind.MEETING: _l("Meeting"),
    ContactKind.NOTE: _l("Note"),
}


class LeadContact(Base):
    """A call, mail, meeting or note of the partner who held the lead at that time."""

    __tablename__ = "referrals_lead_contact"

    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int] = mapped_column(sa.ForeignKey("referrals_lead.id"), index=True)
    partner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("partners_partner.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts_user.id"))
    kind: Mapped[ContactKind]
    text: Mapped[str]
    at: Mapped[datetime]

    user: Mapped[User] = relationship()


append_only(LeadContact.__table__)  # type: ignore[arg-type]


class ConsentText(Base):
    """A text that people agreed to, word for word; its version is its digest."""

    __tablename__ = "referrals_consent_text"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[str] = mapped_column(unique=True)
    text: Mapped[str]
    locale: Mapped[str]
    first_used_at: Mapped[datetime]


append_only(ConsentText.__table__)  # type: ignore[arg-type]


class NamedAccount(Base):
    """A company that the vendor has given to one partner, by its web domain."""

    __tablename__ = "referrals_named_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    domain: Mapped[str] = mapped_column(unique=True)
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"), index=True)
    created_at: Mapped[datetime]
