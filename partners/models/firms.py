"""Firms and their people."""

from datetime import datetime, time
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import User
from accounts.permissions import Role
from core import clock
from core.calendars import WorkingCalendar, weekly
from core.database import Base
from core.errors import Refusal
from core.i18n import gettext as _
from core.i18n import lazy_gettext
from partners.models.catalogue import Tier

if TYPE_CHECKING:
    from partners.models.contacts import Contact

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


#: What is owed to firms in these states is paid: who takes part, and who has left with money still to come.
PAID = (PartnerStatus.ACTIVE, PartnerStatus.TERMINATED)


class Partner(Base):
    """A firm in the programme.

    ``regions`` hold ISO 3166-1 or 3166-2 codes of the places it serves, ``products`` product codes, ``services``
    line kinds, ``languages`` ISO 639-1 codes.
    """

    __tablename__ = "partners_partner"
    __table_args__ = (
        sa.Index("ix_partners_partner_list", "status", "name", "id"),
        sa.CheckConstraint("heir_id <> id AND merged_into_id <> id AND parent_id <> id", name="is_another"),
    )

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
    #: Where its logo is stored: shown in the finder, on proposals and co-branded papers.
    logo: Mapped[str | None]
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
    terminated_at: Mapped[datetime | None]
    #: Who took over its leads, deals and customers when it left.
    heir_id: Mapped[int | None] = mapped_column(sa.ForeignKey("partners_partner.id"), index=True)
    #: The firm that it turned out to be; its page leads there.
    merged_into_id: Mapped[int | None] = mapped_column(sa.ForeignKey("partners_partner.id"), index=True)
    #: The file it came with.
    import_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("partners_network_import.id", use_alter=True), index=True
    )
    #: The firm whose branch it is. A branch has no branches of its own.
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("partners_partner.id"), index=True)
    #: What the search looks through, case-folded: names, city, domain, tax number.
    search_text: Mapped[str] = mapped_column(default="")

    manager: Mapped[User | None] = relationship()
    tier_row: Mapped[Tier] = relationship()
    contacts: Mapped[list["Contact"]] = relationship(
        "partners.models.contacts.Contact", back_populates="partner", passive_deletes="all"
    )
    heir: Mapped["Partner | None"] = relationship(foreign_keys=heir_id, remote_side=id)
    merged_into: Mapped["Partner | None"] = relationship(foreign_keys=merged_into_id, remote_side=id)
    parent: Mapped["Partner | None"] = relationship(foreign_keys=parent_id, remote_side=id)

    @property
    def partner_id(self) -> int:
        """Its own number, so that the audit trail files what happens to the firm under the firm."""
        return self.id

    @property
    def present_manager(self) -> User | None:
        """Its manager, while they work here: nobody turns to somebody who has gone."""
        return self.manager if self.manager is not None and self.manager.suspended_at is None else None

    @property
    def present_contacts(self) -> list["Contact"]:
        """Whom it can turn to besides, by what for; those who have gone are left out."""
        here = [row for row in self.contacts if row.user.suspended_at is None]
        return sorted(here, key=lambda row: row.kind)

    @property
    def is_active(self) -> bool:
        """Takes part: its people may claim leads, sell and earn."""
        return self.status is PartnerStatus.ACTIVE

    @property
    def has_left(self) -> bool:
        """Its partnership was terminated: its people read, and what they earned is still paid."""
        return self.status is PartnerStatus.TERMINATED

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

    def terminate(self, reason: str, heir: "Partner | None") -> None:
        """Ends the partnership for good; a firm that comes back applies anew."""
        if self.has_left:
            raise Refusal(_("%(name)s has left already.", name=self.name))
        self.status = PartnerStatus.TERMINATED
        self.status_reason = reason
        self.terminated_at = clock.now()
        self.heir_id = heir.id if heir is not None else None

    def merge_into(self, survivor: "Partner", reason: str) -> None:
        """Says that it was ``survivor`` all along."""
        if self.merged_into_id is not None:
            raise Refusal(_("%(name)s has been merged already.", name=self.name))
        if not self.has_left:
            self.terminate(reason, survivor)
        self.merged_into_id = survivor.id


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
