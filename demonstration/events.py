"""Co-funded events of the demo: money set aside, an event to claim, one to decide, and what is coming up."""

import random
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Role
from core import clock
from core.clock import frozen_at
from core.database import session
from core.exchange import set_rate
from core.uploads import check_file
from demonstration.scans import a_scan
from events import operations
from events.models import Activity, Allocation, CostKind, Event, FundingClaim, FundingRequest, ProofKind
from events.operations.requests import suggested_amount
from partners.models import Partner, PartnerStatus
from partners.queries import active_members

#: Who comes: to the breakfast, to the seminar, to the one that is still ahead.
_AT_BREAKFAST = (
    ("Hanna Vogt", "Vogt Maschinenbau", "Head of operations"),
    ("Pieter de Wit", "De Wit Logistiek", "IT manager"),
    ("Oliver Brandt", "Brandt & Söhne", "Purchasing"),
    ("Lena Hofer", "Hofer Pharma", "Quality manager"),
    ("Thees Claasen", "Claasen Kühlung", "Managing director"),
    ("Rieke Lüders", "Lüders Verpackung", "Finance director"),
)
_AT_SEMINAR = (
    ("Tom Barlow", "Barlow Foods", "Finance director"),
    ("Agnieszka Nowak", "Nowak Meble", "Managing director"),
    ("Markus Ebert", "Ebert Antriebe", "Head of service"),
    ("Selin Yıldız", "Neckar Klinikbedarf", "Operations"),
    ("Jörg Häfele", "Häfele Torbau", "IT manager"),
    ("Paula Wirth", "Wirth Optik", "Planning"),
)
_COMING = (
    ("Eva Lindqvist", "Lindqvist Bygg", "Project lead"),
    ("Sören Matthiesen", "Matthiesen Bootsbau", "Managing director"),
    ("Karin Oltmanns", "Oltmanns Saaten", "Finance director"),
    ("Ирина Соколова", "Альфа Логистик", "Операционный директор"),
)


@dataclass(frozen=True)
class _Plan:
    """An event as somebody plans it."""

    activity: Activity
    title: str
    goal: str
    venue: str
    hours: float
    costs: tuple[tuple[CostKind, int], ...]
    seats: int | None
    description: str


_BREAKFAST = _Plan(
    Activity.BREAKFAST,
    "Breakfast with Cloud: the month end in two days",
    "Finance leads of local manufacturers see a closing on live data and book a workshop.",
    "Haus der Wirtschaft, Saal 2",
    3,
    ((CostKind.ROOM, 90_000), (CostKind.CATERING, 110_000), (CostKind.PRINTING, 25_000)),
    40,
    "How a manufacturer with 200 people closes its month in **two days** instead of nine.\n\n"
    "- Live: from the goods receipt to the balance sheet\n- What it cost, and what went wrong\n"
    "- Coffee, rolls, questions",
)
_SEMINAR = _Plan(
    Activity.SEMINAR,
    "Desk for service teams: an afternoon with users",
    "Heads of service desks hear from two customers and agree on a trial.",
    "Technology centre, room 1.04",
    4,
    ((CostKind.ROOM, 120_000), (CostKind.SPEAKERS, 150_000), (CostKind.CATERING, 80_000)),
    60,
    "Two customers show how they answer half of their tickets before noon. Bring your own questions.",
)
_WEBINAR = _Plan(
    Activity.WEBINAR,
    "Flow in 45 minutes: approvals without e-mail",
    "Show process owners how an approval is built, and offer a pilot.",
    "",
    0.75,
    ((CostKind.MEDIA, 60_000), (CostKind.AGENCY, 40_000)),
    None,
    "We build an approval with four steps while you watch. No slides.",
)
_STAND = _Plan(
    Activity.CONFERENCE_STAND,
    "Stand at the regional industry fair",
    "Meet 150 manufacturers in two days and leave with 20 conversations to follow up.",
    "Exhibition centre, hall 3",
    16,
    ((CostKind.ROOM, 280_000), (CostKind.EQUIPMENT, 90_000), (CostKind.TRAVEL, 60_000)),
    None,
    "",
)


def make_demo(*, seed: int = 1, **_sizes: int) -> None:
    """Goes on from the partners there are; every step takes its place in the past few weeks."""
    chance = random.Random(seed)  # noqa: S311 - a demo that is the same every time
    firms = session.scalars(
        sa.select(Partner).where(Partner.status == PartnerStatus.ACTIVE).order_by(Partner.id).limit(5)
    ).all()
    hosts = [(firm, author) for firm in firms if (author := _admin(firm)) is not None]
    if not hosts:
        return
    boss, manager = _staff(Role.PROGRAMME_ADMIN), _staff(Role.PARTNER_MANAGER)
    now = clock.now()
    with frozen_at(now - timedelta(days=60)):
        allocation = _money(hosts[0][0], boss)
        for days, dollar in ((75, "1.0795"), (61, "1.0842")):
            day = (now - timedelta(days=days)).date()
            set_rate(day, "EUR", "USD", Decimal(dollar), source="ECB", by=boss)

    def host(number: int) -> tuple[Partner, User]:
        return hosts[number % len(hosts)]

    to_claim = _approved(host(0), _BREAKFAST, days=-6, asked=-48, allocation=allocation, manager=manager)
    _guests(_event(to_claim), _AT_BREAKFAST, chance, at=now - timedelta(days=20), came=True)
    claimed = _approved(host(1), _SEMINAR, days=-14, asked=-55, allocation=allocation, manager=manager)
    _guests(_event(claimed), _AT_SEMINAR, chance, at=now - timedelta(days=30), came=True)
    with frozen_at(now - timedelta(days=3)):
        _claim(claimed, host(1)[1])
    coming = _approved(
        host(0), _SEMINAR, days=24, asked=-12, allocation=allocation, manager=manager, advance=30_000
    )
    _guests(_event(coming), _COMING, chance, at=now - timedelta(days=2), came=False)
    with frozen_at(now - timedelta(days=1)):
        _joined(_event(coming), host(1))
    for number in range(min(len(hosts), 3)):
        city, country = host(number)[0].city or "Berlin", host(number)[0].country
        operations.plan_year(now.year, country=country, city=city, events=4 - number, by=boss)
    _approved(host(2), _WEBINAR, days=38, asked=-9, allocation=allocation, manager=manager)
    _requested(host(1), _BREAKFAST, days=46, asked=-1)
    _requested(host(3), _STAND, days=70, asked=-2)


def _admin(firm: Partner) -> User | None:
    people = [member.user for member in session.scalars(active_members(firm)).all()]
    return next((one for one in people if one.role is Role.PARTNER_ADMIN), people[0] if people else None)


def _staff(role: Role) -> User | None:
    return session.scalar(sa.select(User).where(User.role == role).order_by(User.id).limit(1))


def _money(first: Partner, boss: User | None) -> Allocation:
    """This year's budget: a part for the first partner, a part open to all."""
    today = clock.now().date()
    ends = today.replace(year=today.year + 1)
    budget = operations.make_budget(
        name=f"Events {today.year}",
        amount_minor=6_000_000,
        currency="EUR",
        starts_on=today,
        ends_on=ends,
        by=boss,
    )
    operations.make_allocation(budget, amount_minor=800_000, expires_on=ends, partner=first, by=boss)
    return operations.make_allocation(budget, amount_minor=3_000_000, expires_on=ends, by=boss)


def _requested(host: tuple[Partner, User], plan: _Plan, *, days: int, asked: int) -> FundingRequest:
    """A request handed in ``asked`` days from now for an event ``days`` from now; both may be negative."""
    firm, author = host
    zone = ZoneInfo(firm.time_zone)
    day = (clock.now() + timedelta(days=days)).astimezone(zone).date()
    while day.weekday() > 4:
        day -= timedelta(days=1)
    starts_at = datetime.combine(day, time(9 if plan.activity is Activity.BREAKFAST else 14), zone)
    values = {
        "activity": plan.activity,
        "title": plan.title,
        "goal": plan.goal,
        "city": "" if plan.activity.is_online else firm.city or "Berlin",
        "country": "" if plan.activity.is_online else firm.country,
        "venue": plan.venue,
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=plan.hours),
        "time_zone": firm.time_zone,
        "language": (firm.languages or ["en"])[0],
        "expected_guests": plan.seats or 60,
        "expected_leads": 8,
        "seats": plan.seats,
        "currency": "EUR",
        "own_share_minor": 0,
        "co_hosts": [],
    }
    lines = [{"kind": kind, "amount_minor": amount} for kind, amount in plan.costs]
    with frozen_at(clock.now() + timedelta(days=asked)):
        request = operations.save_request(firm, values, lines, by=author)
        operations.submit_request(request, by=author)
    return request


def _approved(
    host: tuple[Partner, User],
    plan: _Plan,
    *,
    days: int,
    asked: int,
    allocation: Allocation,
    manager: User | None,
    advance: int = 0,
) -> FundingRequest:
    request = _requested(host, plan, days=days, asked=asked)
    with frozen_at(clock.now() + timedelta(days=asked + 2)):
        amount = suggested_amount(request)
        operations.approve_request(
            request, allocation, amount_minor=amount, advance_minor=advance, by=manager
        )
        event = _event(request)
        operations.change_event(event, description=plan.description, by=host[1])
    return request


def _joined(event: Event, other: tuple[Partner, User]) -> None:
    """Another firm would like to join, and waits for the host's answer."""
    if other[0].id != event.partner_id:
        operations.ask_to_join(
            event, other[0], share_minor=40_000, note="We would bring ten of our customers.", by=other[1]
        )


def _event(request: FundingRequest) -> Event:
    event = request.event
    if event is None:
        raise LookupError("The request is not approved.")
    return event


def _guests(
    event: Event, people: tuple[tuple[str, str, str], ...], chance: random.Random, *, at: datetime, came: bool
) -> None:
    """People register, and most of them come."""
    for name, company, position in people:
        plain = "".join(sign for sign in company.lower() if sign.isascii() and sign.isalnum()) or "alfa"
        with frozen_at(at):
            guest = operations.register_guest(
                event,
                name=name,
                email=f"{plain[:6]}.{event.id}@{plain}.example",
                company=company,
                position=position,
                agrees=chance.random() < 0.6,
                locale="ru" if not name.isascii() and name[0] > "Z" else "en",
            )
        if came and chance.random() < 0.8:
            with frozen_at(event.starts_at):
                operations.check_in(guest, by=None)


def _claim(request: FundingRequest, author: User) -> FundingClaim:
    """The cost of an event, with receipts and proof, handed in."""
    claim = operations.start_claim(request, by=author)
    day = request.starts_at.date()
    for number, (kind, supplier, tax_id, gross, tax, excluded) in enumerate(
        (
            (CostKind.ROOM, "Kongresshaus am Park", "DE136725570", 142_800, 22_800, 0),
            (CostKind.SPEAKERS, "Dr. Weiss Consulting", "DE811907980", 178_500, 28_500, 0),
            (CostKind.CATERING, "Küche & Keller", "DE129273398", 98_770, 15_770, 12_000),
        ),
        start=1,
    ):
        values = {
            "kind": kind,
            "description": str(kind.label),
            "supplier": supplier,
            "supplier_tax_id": tax_id,
            "number": f"{day.year}-{1040 + number * 7}",
            "dated_on": day,
            "currency": "EUR",
            "gross_minor": gross,
            "tax_minor": tax,
            "excluded_minor": excluded,
            "excluded_because": "wine" if excluded else "",
        }
        file = check_file(
            a_scan(f"{supplier}\n{values['number']}\nEUR {gross / 100:.2f}", number),
            f"receipt-{number}.png",
        )
        operations.save_line(claim, values, file=file, by=author)
    for number, proof in enumerate((ProofKind.AGENDA, ProofKind.PHOTOS), start=7):
        file = check_file(a_scan(f"{proof.value}\n{request.title}", number), f"{proof.value}.png")
        operations.add_proof(claim, proof, file=file, by=author)
    operations.submit_claim(claim, by=author)
    return claim
