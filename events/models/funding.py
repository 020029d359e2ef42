"""The vendor's money for events, and what partners ask of it.

An allocation is never overdrawn: reserved and paid together stay within its amount, and the database holds to that.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import User
from core import clock
from core.database import Base
from core.errors import Refusal
from core.i18n import gettext as _
from core.i18n import lazy_gettext, lazy_pgettext
from core.settings import PROGRAMME_TIME_ZONE
from partners.models import Partner

if TYPE_CHECKING:
    from events.models.advances import Advance
    from events.models.claims import FundingClaim
    from events.models.gatherings import Event


class Activity(StrEnum):
    """What kind of event it is."""

    SEMINAR = "seminar"
    WORKSHOP = "workshop"
    BREAKFAST = "breakfast"
    CONFERENCE_STAND = "conference_stand"
    WEBINAR = "webinar"
    DIGITAL_CAMPAIGN = "digital_campaign"
    MAILING = "mailing"
    OTHER = "other"

    @property
    def label(self) -> Any:
        return _ACTIVITIES[self]

    @property
    def has_guests(self) -> bool:
        """People register for it, so it has a public page. A mailing or a campaign has none."""
        return self not in (Activity.DIGITAL_CAMPAIGN, Activity.MAILING)

    @property
    def is_online(self) -> bool:
        """It takes place in no city."""
        return self in (Activity.WEBINAR, Activity.DIGITAL_CAMPAIGN, Activity.MAILING)


_ACTIVITIES = {
    Activity.SEMINAR: lazy_gettext("Seminar"),
    Activity.WORKSHOP: lazy_gettext("Workshop"),
    Activity.BREAKFAST: lazy_gettext("Business breakfast"),
    Activity.CONFERENCE_STAND: lazy_gettext("Stand at a conference"),
    Activity.WEBINAR: lazy_gettext("Webinar"),
    Activity.DIGITAL_CAMPAIGN: lazy_gettext("Digital campaign"),
    Activity.MAILING: lazy_gettext("Mailing"),
    Activity.OTHER: lazy_pgettext("activity", "Something else"),
}


class CostKind(StrEnum):
    """What money is spent on."""

    ROOM = "room"
    EQUIPMENT = "equipment"
    SPEAKERS = "speakers"
    CATERING = "catering"
    PRINTING = "printing"
    MEDIA = "media"
    AGENCY = "agency"
    TRAVEL = "travel"
    OTHER = "other"

    @property
    def label(self) -> Any:
        return _COST_KINDS[self]


_COST_KINDS = {
    CostKind.ROOM: lazy_gettext("Room"),
    CostKind.EQUIPMENT: lazy_gettext("Equipment"),
    CostKind.SPEAKERS: lazy_gettext("Speakers"),
    CostKind.CATERING: lazy_gettext("Catering"),
    CostKind.PRINTING: lazy_gettext("Printing"),
    CostKind.MEDIA: lazy_gettext("Media"),
    CostKind.AGENCY: lazy_gettext("Agency"),
    CostKind.TRAVEL: lazy_gettext("Travel"),
    CostKind.OTHER: lazy_pgettext("cost", "Other cost"),
}


class Budget(Base):
    """What the vendor spends on events in a period, in one currency; ``region`` is a country's code, or empty."""

    __tablename__ = "events_budget"
    __table_args__ = (
        sa.CheckConstraint("amount_minor > 0", name="amount"),
        sa.CheckConstraint("allocated_minor >= 0 AND allocated_minor <= amount_minor", name="allocated"),
        sa.Index("ix_events_budget_list", "ends_on", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    region: Mapped[str] = mapped_column(default="")
    currency: Mapped[str]
    amount_minor: Mapped[int]
    #: The sum of its allocations.
    allocated_minor: Mapped[int] = mapped_column(default=0)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    created_at: Mapped[datetime]

    allocations: Mapped[list["Allocation"]] = relationship(back_populates="budget", order_by="Allocation.id")

    @property
    def unallocated_minor(self) -> int:
        """What can still be allocated."""
        return self.amount_minor - self.allocated_minor


def city_key(city: str) -> str:
    """A city's name as boards put places together: without regard to case and spaces."""
    return " ".join(city.casefold().split())


class YearPlan(Base):
    """How many events the vendor wants in a city in a year; the board counts against it."""

    __tablename__ = "events_year_plan"
    __table_args__ = (
        sa.UniqueConstraint("year", "country", "city_key"),
        sa.CheckConstraint("events > 0 AND events <= 1000", name="events"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int]
    country: Mapped[str]
    city: Mapped[str]
    #: :func:`city_key` of the city.
    city_key: Mapped[str]
    events: Mapped[int]


class Allocation(Base):
    """A part of a budget: for one partner, or open to all of the budget's region. It expires after a day."""

    __tablename__ = "events_allocation"
    __table_args__ = (
        sa.CheckConstraint("amount_minor > 0", name="amount"),
        sa.CheckConstraint("reserved_minor >= 0 AND paid_minor >= 0", name="not_negative"),
        sa.CheckConstraint("reserved_minor + paid_minor <= amount_minor", name="not_overdrawn"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    budget_id: Mapped[int] = mapped_column(sa.ForeignKey("events_budget.id"), index=True)
    partner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("partners_partner.id"), index=True)
    amount_minor: Mapped[int]
    #: For approved requests without a decided claim.
    reserved_minor: Mapped[int] = mapped_column(default=0)
    #: For approved claims.
    paid_minor: Mapped[int] = mapped_column(default=0)
    expires_on: Mapped[date]
    created_at: Mapped[datetime]

    budget: Mapped[Budget] = relationship(back_populates="allocations")
    partner: Mapped[Partner | None] = relationship()

    @property
    def currency(self) -> str:
        return self.budget.currency

    @property
    def available_minor(self) -> int:
        """What can still be promised. Nothing of an expired allocation can."""
        return 0 if self.is_expired else self.amount_minor - self.reserved_minor - self.paid_minor

    @property
    def is_expired(self) -> bool:
        return self.expires_on < clock.today(PROGRAMME_TIME_ZONE.value())

    def reserve(self, amount_minor: int) -> None:
        """Promises ``amount_minor``. Raises Refusal beyond what is available; the row must be locked."""
        from core.i18n import format_money

        if amount_minor > self.available_minor:
            raise Refusal(
                _(
                    "Only %(left)s of this allocation is left.",
                    left=format_money(self.available_minor, self.currency),
                )
            )
        self.reserved_minor += amount_minor

    def release(self, amount_minor: int) -> None:
        """Takes a promise back; the row must be locked."""
        self.reserved_minor -= amount_minor

    def pay(self, amount_minor: int, *, of_reserved: int) -> None:
        """Turns a promise of ``of_reserved`` into a payment of at most as much; the row must be locked."""
        if amount_minor > of_reserved:
            raise Refusal(_("A claim can't cost more than was approved for it."))
        self.reserved_minor -= of_reserved
        self.paid_minor += amount_minor


class RequestStatus(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    INFO_REQUESTED = "info_requested"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


#: Each state and those that may follow it.
_NEXT: dict[RequestStatus, set[RequestStatus]] = {
    RequestStatus.DRAFT: {RequestStatus.SUBMITTED, RequestStatus.WITHDRAWN, RequestStatus.EXPIRED},
    RequestStatus.SUBMITTED: {
        RequestStatus.INFO_REQUESTED,
        RequestStatus.APPROVED,
        RequestStatus.DECLINED,
        RequestStatus.WITHDRAWN,
        RequestStatus.EXPIRED,
    },
    RequestStatus.INFO_REQUESTED: {
        RequestStatus.SUBMITTED,
        RequestStatus.WITHDRAWN,
        RequestStatus.EXPIRED,
    },
    RequestStatus.APPROVED: {RequestStatus.WITHDRAWN, RequestStatus.EXPIRED},
    RequestStatus.DECLINED: set(),
    RequestStatus.WITHDRAWN: set(),
    RequestStatus.EXPIRED: set(),
}

OPEN_REQUESTS = (RequestStatus.DRAFT, RequestStatus.SUBMITTED, RequestStatus.INFO_REQUESTED)


class FundingRequest(Base):
    """A partner's wish: this event, at this cost, with so much of it from the vendor."""

    __tablename__ = "events_funding_request"
    __table_args__ = (
        sa.Index("ix_events_funding_request_queue", "status", "due_at", "id"),
        sa.Index("ix_events_funding_request_partner", "partner_id", "id"),
        sa.Index("ix_events_funding_request_starts", "starts_at", "id"),
        sa.CheckConstraint("reserved_minor >= 0", name="reserved"),
        sa.CheckConstraint(
            "reserved_minor = 0 OR reserved_minor <= approved_minor", name="reserved_of_approved"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"))
    status: Mapped[RequestStatus] = mapped_column(default=RequestStatus.DRAFT)
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts_user.id"), index=True)
    created_at: Mapped[datetime]

    activity: Mapped[Activity]
    title: Mapped[str]
    city: Mapped[str] = mapped_column(default="")
    country: Mapped[str] = mapped_column(default="")
    venue: Mapped[str] = mapped_column(default="")
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    time_zone: Mapped[str]
    language: Mapped[str]
    goal: Mapped[str] = mapped_column(default="")
    expected_guests: Mapped[int] = mapped_column(default=0)
    expected_leads: Mapped[int] = mapped_column(default=0)
    seats: Mapped[int | None]
    currency: Mapped[str]
    #: What the partner pays of the planned cost.
    own_share_minor: Mapped[int] = mapped_column(default=0)
    #: ``{"name": …, "share_minor": …}`` each.
    co_hosts: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    #: A part of the money is needed before the event.
    wants_advance: Mapped[bool] = mapped_column(default=False, server_default=sa.false())

    submitted_at: Mapped[datetime | None]
    #: By when the vendor answers.
    due_at: Mapped[datetime | None]
    question: Mapped[str] = mapped_column(default="")
    answer: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts_user.id"), index=True)
    decision_note: Mapped[str] = mapped_column(default="")
    allocation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("events_allocation.id"), index=True)
    approved_minor: Mapped[int | None]
    #: A decimal text: ``0.5`` is half.
    rate: Mapped[str | None]
    cap_minor: Mapped[int | None]
    claim_by: Mapped[date | None]
    #: What of the approved amount is still reserved in the allocation.
    reserved_minor: Mapped[int] = mapped_column(default=0)

    partner: Mapped[Partner] = relationship()
    created_by: Mapped[User | None] = relationship(foreign_keys=[created_by_id])
    decided_by: Mapped[User | None] = relationship(foreign_keys=[decided_by_id])
    allocation: Mapped[Allocation | None] = relationship()
    lines: Mapped[list["FundingLine"]] = relationship(
        back_populates="request", order_by="FundingLine.position", cascade="all, delete-orphan"
    )
    event: Mapped["Event | None"] = relationship(back_populates="request", uselist=False)
    claim: Mapped["FundingClaim | None"] = relationship(back_populates="request", uselist=False)
    advance: Mapped["Advance | None"] = relationship(back_populates="request", uselist=False)

    @property
    def planned_minor(self) -> int:
        """The whole planned cost."""
        return sum(line.amount_minor for line in self.lines)

    @property
    def co_hosts_minor(self) -> int:
        """What co-hosts pay."""
        return sum(int(host["share_minor"]) for host in self.co_hosts)

    @property
    def requested_minor(self) -> int:
        """What is asked of the vendor: the cost without the partner's and the co-hosts' shares."""
        return self.planned_minor - self.own_share_minor - self.co_hosts_minor

    @property
    def is_editable(self) -> bool:
        """Still, or again, with the partner."""
        return self.status in (RequestStatus.DRAFT, RequestStatus.INFO_REQUESTED)

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_REQUESTS

    @property
    def waits_for_vendor(self) -> bool:
        return self.status is RequestStatus.SUBMITTED

    def become(self, status: RequestStatus) -> None:
        """Goes to the next state. Raises Refusal for a step that is not the next one."""
        if status not in _NEXT[self.status]:
            raise Refusal(_("The request “%(title)s” has moved on. Look at it again.", title=self.title))
        self.status = status


class FundingLine(Base):
    """One planned cost."""

    __tablename__ = "events_funding_line"
    __table_args__ = (sa.CheckConstraint("amount_minor > 0", name="amount"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(sa.ForeignKey("events_funding_request.id"), index=True)
    position: Mapped[int]
    kind: Mapped[CostKind]
    description: Mapped[str] = mapped_column(default="")
    amount_minor: Mapped[int]

    request: Mapped[FundingRequest] = relationship(back_populates="lines")
