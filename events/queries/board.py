"""The city board: a year's events by city and month, what clashes, what is planned, what money is left."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from accounts.models import User
from core import clock
from core.database import session
from core.settings import PROGRAMME_TIME_ZONE
from events.models import (
    Activity,
    Allocation,
    Budget,
    Event,
    FundingRequest,
    RequestStatus,
    YearPlan,
    city_key,
)
from events.settings import CLASH_DAYS
from partners.models import Partner
from partners.queries import partner_of

_WANTED = (RequestStatus.SUBMITTED, RequestStatus.INFO_REQUESTED)


@dataclass(frozen=True, slots=True)
class Slot:
    """One event of the year, wanted or approved; ``month`` is the one where it takes place."""

    id: int
    city: str
    country: str
    month: int
    starts_at: datetime
    is_approved: bool


@dataclass(slots=True)
class Cell:
    """A city's month."""

    approved: int = 0
    requested: int = 0
    clashes: bool = False


@dataclass(slots=True)
class City:
    """A row of the board. ``planned``: how many the vendor wants this year, ``None`` when nobody said."""

    key: str
    name: str
    country: str
    months: dict[int, Cell] = field(default_factory=dict)
    planned: int | None = None

    @property
    def approved(self) -> int:
        return sum(cell.approved for cell in self.months.values())

    @property
    def open_slots(self) -> int:
        """How many more are wanted than there are."""
        return max(0, (self.planned or 0) - self.approved)


@dataclass(frozen=True, slots=True)
class Board:
    """A year: its cities, the clashing pairs by request, and every slot that the filters leave."""

    cities: list[City]
    clashes: dict[int, list[int]]
    slots: list[Slot]
    countries: list[str]

    @property
    def approved(self) -> int:
        return sum(city.approved for city in self.cities)

    @property
    def planned(self) -> int:
        return sum(city.planned or 0 for city in self.cities)


def year_of_events(year: int, reader: User, *, country: str = "") -> Board:
    """The board of a year in two queries. A partner sees what is approved, and its own wishes."""
    slots = _slots(year, reader)
    countries = sorted({slot.country for slot in slots if slot.country})
    if country:
        slots = [slot for slot in slots if slot.country == country]
    clashes = clashing(slots, CLASH_DAYS.value())
    cities: dict[tuple[str, str], City] = {}
    for slot in slots:
        place = (slot.country, city_key(slot.city))
        city = cities.setdefault(place, City(place[1], slot.city, slot.country))
        cell = city.months.setdefault(slot.month, Cell())
        cell.approved += slot.is_approved
        cell.requested += not slot.is_approved
        cell.clashes = cell.clashes or slot.id in clashes
    plans = sa.select(YearPlan).where(YearPlan.year == year)
    for plan in session.scalars(plans.where(YearPlan.country == country) if country else plans):
        place = (plan.country, plan.city_key)
        cities.setdefault(place, City(plan.city_key, plan.city, plan.country)).planned = plan.events
    rows = sorted(cities.values(), key=lambda city: (city.key == "", city.key))
    return Board(rows, clashes, slots, countries)


def span_of(year: int) -> tuple[datetime, datetime]:
    """The first moment of a year on the programme's clock, and that of the next."""
    zone = ZoneInfo(PROGRAMME_TIME_ZONE.value())
    first, last = (datetime(one, 1, 1, tzinfo=zone).astimezone(UTC) for one in (year, year + 1))
    return first, last


def _slots(year: int, reader: User) -> list[Slot]:
    first, last = span_of(year)
    shown = FundingRequest.status == RequestStatus.APPROVED
    firm = partner_of(reader)
    if reader.is_staff:
        shown = sa.or_(shown, FundingRequest.status.in_(_WANTED))
    elif firm is not None:
        mine = sa.and_(FundingRequest.partner_id == firm.id, FundingRequest.status.in_(_WANTED))
        shown = sa.or_(shown, mine)
    rows = session.execute(
        sa.select(
            FundingRequest.id,
            FundingRequest.city,
            FundingRequest.country,
            FundingRequest.starts_at,
            FundingRequest.time_zone,
            FundingRequest.status,
        )
        .where(FundingRequest.starts_at >= first, FundingRequest.starts_at < last, shown)
        .order_by(FundingRequest.starts_at, FundingRequest.id)
    )
    return [
        Slot(
            id=number,
            city=city,
            country=country if city else "",
            month=starts_at.astimezone(ZoneInfo(zone_name)).month,
            starts_at=starts_at,
            is_approved=status is RequestStatus.APPROVED,
        )
        for number, city, country, starts_at, zone_name, status in rows
    ]


def clashing(slots: list[Slot], days: int) -> dict[int, list[int]]:
    """For each slot, by its id, the other slots of its city that begin less than ``days`` from it."""
    found: dict[int, list[int]] = defaultdict(list)
    by_city: dict[tuple[str, str], list[Slot]] = defaultdict(list)
    for slot in slots:
        if slot.city:
            by_city[slot.country, city_key(slot.city)].append(slot)
    near = timedelta(days=days)
    for there in by_city.values():
        there.sort(key=lambda slot: slot.starts_at)
        for place, one in enumerate(there):
            for other in there[place + 1 :]:
                if other.starts_at - one.starts_at >= near:
                    break
                found[one.id].append(other.id)
                found[other.id].append(one.id)
    return dict(found)


def chosen(board: Board, *, city: str = "", month: int | None = None) -> sa.Select[FundingRequest]:
    """The requests behind a part of the board, the next one first."""
    ids = [
        slot.id
        for slot in board.slots
        if (not city or city_key(slot.city) == city) and (month is None or slot.month == month)
    ]
    return (
        sa.select(FundingRequest)
        .where(FundingRequest.id.in_(ids))
        .options(
            joinedload(FundingRequest.partner),
            joinedload(FundingRequest.event).selectinload(Event.joined),
        )
        .order_by(FundingRequest.starts_at, FundingRequest.id)
    )


def near_events(request: FundingRequest) -> list[FundingRequest]:
    """Approved events of the same city that begin too near to this one."""
    if not request.city:
        return []
    near = timedelta(days=CLASH_DAYS.value())
    rows = session.scalars(
        sa.select(FundingRequest)
        .where(
            FundingRequest.id != request.id,
            FundingRequest.country == request.country,
            FundingRequest.status == RequestStatus.APPROVED,
            FundingRequest.starts_at > request.starts_at - near,
            FundingRequest.starts_at < request.starts_at + near,
        )
        .options(joinedload(FundingRequest.partner))
        .order_by(FundingRequest.starts_at)
    )
    return [row for row in rows if city_key(row.city) == city_key(request.city)]


def money_left() -> list[tuple[str, int]]:
    """What can still be promised today, by currency."""
    today = clock.today(PROGRAMME_TIME_ZONE.value())
    left = Allocation.amount_minor - Allocation.reserved_minor - Allocation.paid_minor
    rows = session.execute(
        sa.select(Budget.currency, sa.func.sum(left))
        .join(Allocation.budget)
        .where(Allocation.expires_on >= today)
        .group_by(Budget.currency)
        .order_by(Budget.currency)
    )
    return [(currency, int(minor)) for currency, minor in rows]


def plans_of(year: int) -> sa.Select[YearPlan]:
    """What is planned for a year, by city."""
    return sa.select(YearPlan).where(YearPlan.year == year).order_by(YearPlan.country, YearPlan.city_key)


def joinable(event: Event | None, firm: Partner | None) -> bool:
    """Another partner may still ask to join."""
    return (
        event is not None
        and firm is not None
        and event.partner_id != firm.id
        and event.is_planned
        and event.starts_at > clock.now()
        and event.activity is not Activity.MAILING
    )
