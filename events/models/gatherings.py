"""The events themselves, and their guests."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core import clock
from core.database import Base
from core.errors import Refusal
from core.i18n import gettext as _
from events.models.funding import Activity, FundingRequest
from partners.models import Partner

if TYPE_CHECKING:
    from events.models.hosts import CoHost


class EventStatus(StrEnum):
    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"


class Event(Base):
    """What an approved request becomes. One with guests has a public page at ``/events/<slug>``."""

    __tablename__ = "events_event"
    __table_args__ = (
        sa.Index("ix_events_event_public", "status", "starts_at", "id"),
        sa.Index("ix_events_event_partner", "partner_id", "starts_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(sa.ForeignKey("events_funding_request.id"), unique=True)
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"))
    slug: Mapped[str] = mapped_column(unique=True)
    status: Mapped[EventStatus] = mapped_column(default=EventStatus.PLANNED)
    activity: Mapped[Activity]
    title: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    city: Mapped[str] = mapped_column(default="")
    country: Mapped[str] = mapped_column(default="")
    venue: Mapped[str] = mapped_column(default="")
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    time_zone: Mapped[str]
    language: Mapped[str]
    #: How many guests there is room for; ``None``: as many as come.
    seats: Mapped[int | None]
    cancel_reason: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    #: Guests count up as they change the calendar file: RFC 5545 wants it higher with each change.
    sequence: Mapped[int] = mapped_column(default=0)

    request: Mapped[FundingRequest] = relationship(back_populates="event")
    partner: Mapped[Partner] = relationship()
    registrations: Mapped[list["Registration"]] = relationship(
        back_populates="event", order_by="Registration.id"
    )
    joined: Mapped[list["CoHost"]] = relationship(back_populates="event", order_by="CoHost.id")

    @property
    def is_public(self) -> bool:
        """Strangers may see it and register."""
        return self.activity.has_guests

    @property
    def is_planned(self) -> bool:
        return self.status is EventStatus.PLANNED

    @property
    def is_over(self) -> bool:
        return self.ends_at <= clock.now()

    @property
    def takes_registrations(self) -> bool:
        """Until it ends; somebody may come late."""
        return self.is_public and self.is_planned and not self.is_over

    def hold(self) -> None:
        """It took place. Raises Refusal before it began."""
        if not self.is_planned:
            raise Refusal(_("“%(title)s” is closed already.", title=self.title))
        if self.starts_at > clock.now():
            raise Refusal(_("“%(title)s” has not begun yet.", title=self.title))
        self.status = EventStatus.HELD
        self.ended_at = clock.now()

    def cancel(self, reason: str) -> None:
        """It does not take place."""
        if not self.is_planned:
            raise Refusal(_("“%(title)s” is closed already.", title=self.title))
        self.status = EventStatus.CANCELLED
        self.cancel_reason = reason
        self.ended_at = clock.now()
        self.sequence += 1


class RegistrationStatus(StrEnum):
    REGISTERED = "registered"
    WAITLISTED = "waitlisted"
    WITHDRAWN = "withdrawn"


class Registration(Base):
    """A guest. ``token`` is the guest's own link: 256 random bits, which open this one row and nothing else."""

    __tablename__ = "events_registration"
    __table_args__ = (
        sa.UniqueConstraint("event_id", "email_key"),
        sa.UniqueConstraint("event_id", "code"),
        sa.Index("ix_events_registration_list", "event_id", "status", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events_event.id"))
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"), index=True)
    status: Mapped[RegistrationStatus]
    token: Mapped[str] = mapped_column(unique=True)
    #: Six signs that the guest says or shows at the door.
    code: Mapped[str]
    name: Mapped[str]
    email: Mapped[str]
    email_key: Mapped[str]
    company: Mapped[str]
    position: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    country: Mapped[str] = mapped_column(default="")
    locale: Mapped[str]
    #: Agreed that host and vendor write about the products: when, to which words, and their hash.
    consented_at: Mapped[datetime | None]
    consent_text: Mapped[str] = mapped_column(default="")
    consent_hash: Mapped[str | None]
    created_at: Mapped[datetime]
    checked_in_at: Mapped[datetime | None]

    event: Mapped[Event] = relationship(back_populates="registrations")

    @property
    def may_be_contacted(self) -> bool:
        return self.consented_at is not None

    @property
    def has_seat(self) -> bool:
        return self.status is RegistrationStatus.REGISTERED

    @property
    def shown_status(self) -> str:
        """``checked_in`` once the guest was there."""
        return "checked_in" if self.checked_in_at is not None else str(self.status)
