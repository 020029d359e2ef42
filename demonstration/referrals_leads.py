"""Half a year of leads: from the vendor's site, the shop and colleagues, answered by partners as partners do.

What came in today is a chapter of its own, told last: by then the partners have room for it.
"""

import heapq
import itertools
import random
from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Role
from core import clock
from core.database import session
from partners.models import Member, Partner, PartnerStatus
from partners.queries import products_by_code
from referrals import operations
from referrals.models import (
    ContactKind,
    DeclineReason,
    Lead,
    LeadOrigin,
    LeadStatus,
    LinkClick,
    Offer,
    ReferralLink,
)
from referrals.operations import LeadData
from referrals.operations.codes import make_referral_code
from referrals.operations.links import make_link
from referrals.queries.claims import held_count
from referrals.queries.codes import codes_of
from referrals.queries.decisions import chosen_by, latest_decision
from referrals.queries.offers import open_offers_of

_DAYS = 180

#: country, region, city, languages, industry, company, what they need.
_WISHES = (
    ("DE", "DE-NI", "Lüneburg", "de", "logistics", "Brouwer Logistik",
     "We run two warehouses on spreadsheets and a desktop system of 2011. We want stock and dispatch "
     "in one place before the spring season."),
    ("DE", "DE-HH", "Hamburg", "de", "wholesale", "Reederei Thomsen",
     "Spare parts for 40 ships, ordered by e-mail today. Crew and office should see the same list."),
    ("DE", "DE-SH", "Kiel", "de", "food", "Fischhaus Detlefsen",
     "Batches, best-before dates and deliveries; our books stay in DATEV."),
    ("DE", "DE-BW", "Stuttgart", "de", "manufacturing", "Nagel Präzisionsteile",
     "Orders from three plants, one planning. About 60 users."),
    ("DE", "DE-BY", "Augsburg", "de", "construction", "Lechbau",
     "Tools and machines on 25 sites: who has what, and when is it due for inspection?"),
    ("AT", "AT-9", "Wien", "de", "hospitality", "Hotelgruppe Prater",
     "Four houses buy separately. One purchase, one stock, four tills."),
    ("AT", "AT-6", "Graz", "de", "retail", "Murtal Sport",
     "Shop and two branches sell the same stock twice on Saturdays."),
    ("NL", "NL-UT", "Utrecht", "nl", "agriculture", "Bloemenhof",
     "Auction, growers and our own vans in one day plan."),
    ("NL", "NL-NH", "Amsterdam", "nl", "logistics", "Kanaal Vervoer",
     "Customers ask by phone where their pallets are."),
    ("PL", "PL-12", "Kraków", "pl", "manufacturing", "Smok Meble",
     "Production orders on paper; we lose a day a week."),
    ("PL", "PL-02", "Wrocław", "pl", "construction", "Odra Instal",
     "Service teams and their vans, with spare parts."),
    ("RU", "RU-TA", "Казань", "ru", "food", "Волжский хлеб",
     "Заказы магазинов принимаем по телефону до ночи. Нужен личный кабинет и план выпечки."),
    ("RU", "RU-SPE", "Санкт-Петербург", "ru", "retail", "Балтийский дом",
     "Остатки в двадцати магазинах не сходятся с сайтом."),
    ("RU", "RU-NIZ", "Нижний Новгород", "ru", "manufacturing", "Окский станкозавод",
     "Планирование цеха и запчасти для сервиса."),
    ("KZ", "KZ-75", "Алматы", "ru", "finance", "Жетысу Лизинг",
     "Договоры и техника в лизинге: кто, где, до какого числа."),
    ("GB", "GB-LDS", "Leeds", "en", "health", "Aire Valley Clinics",
     "Supplies for nine clinics, with expiry dates."),
    ("GB", "GB-YOR", "York", "en", "professional_services", "Minster Surveyors",
     "Timesheets, jobs and invoices agree once a month, by hand."),
    ("US", "US-IL", "Chicago", "en", "construction", "Prairie Steel Erectors",
     "Material for 14 sites, bought twice as often as needed."),
    ("US", "US-WI", "Milwaukee", "en", "public", "Lakeside Transit",
     "Parts for 120 buses in three depots."),
    ("ES", "ES-VA", "Valladolid", "es", "food", "Bodegas Pisuerga",
     "Barrels, bottles and export papers in one place."),
)  # fmt: skip
#: How many of a demo's leads came in today.
NEWEST = 6
_PEOPLE = (
    "Femke de Wit", "Jonas Petersen", "Marta Zielińska", "Ирина Соколова", "Алексей Журавлёв", "Helen Marsh",
    "Thomas Egger", "Grace Okafor", "Miguel Santos", "Anke Friedrichs", "Бауыржан Сапаров", "Pieter Smit",
)  # fmt: skip
_LATER_NAMES = ("Nord", "Süd", "Plus", "Group", "West", "Ost", "Neu", "Invest", "Trade", "Works")
_WORDS = {
    ContactKind.CALL: (
        "Half an hour on the phone; they want to see it with their own data.",
        "Not reached, tried twice.",
    ),
    ContactKind.MEETING: (
        "Walked through the warehouse; list of interfaces agreed.",
        "Demo for six people, two open points.",
    ),
    ContactKind.EMAIL: ("Sent the outline and three dates.", "They confirmed the budget for this year."),
}


class _Story:
    """What is going to happen, in the order of time."""

    def __init__(self, end: datetime, seed: int) -> None:
        self.end = end
        self.chance = random.Random(seed)  # noqa: S311 - a story, not a secret
        self._count = itertools.count()
        self._ahead: list[tuple[datetime, int, Callable[[], None]]] = []

    def at(self, moment: datetime, deed: Callable[[], None]) -> None:
        """Plans a deed; what would lie after today does not happen."""
        if moment < self.end:
            heapq.heappush(self._ahead, (moment, next(self._count), deed))

    def tell(self) -> None:
        while self._ahead:
            moment, _number, deed = heapq.heappop(self._ahead)
            with clock.frozen_at(moment):
                deed()


def make_demo(*, leads: int = 40, seed: int = 1, **_sizes: int) -> None:
    """Makes all of ``leads`` leads but the newest, over the last half year."""
    story = _Story(clock.now(), seed)
    manager = session.scalar(sa.select(User).where(User.role == Role.PARTNER_MANAGER).order_by(User.id))
    _codes(manager)
    _links()
    for known in session.scalars(sa.select(Lead).where(Lead.status == LeadStatus.OFFERED)).all():
        _go_on(story, known, manager)
    span, before = timedelta(days=_DAYS), max(0, leads - NEWEST)
    for number in range(before):
        moment = _at_work(story.end - span + (span - timedelta(days=2)) * number / before)
        story.at(moment, lambda number=number: _come_in(story, number, manager))  # type: ignore[misc]
    story.tell()


def _links() -> None:
    """Two links of each of the first firms; half a year of clicks on them."""
    chance = random.Random(7)  # noqa: S311 - a story, not a secret
    for partner in session.scalars(sa.select(Partner).order_by(Partner.id).limit(4)):
        if session.scalars(sa.select(ReferralLink.id).where(ReferralLink.partner_id == partner.id)).first():
            continue
        for path, campaign in (("/cloud", "Newsletter"), ("/prices", "")):
            link = make_link(partner, path=path, campaign=campaign, by=None)
            session.add_all(
                LinkClick(link_id=link.id, at=clock.now() - timedelta(hours=chance.randrange(4000)))
                for _click in range(chance.randrange(20, 140))
            )


def _codes(manager: User | None) -> None:
    for partner in session.scalars(sa.select(Partner).order_by(Partner.id).limit(4)):
        word = "".join(sign for sign in partner.domain or "" if sign.isascii() and sign.isalnum())[
            :10
        ].upper()
        if len(word) > 2 and not session.scalars(codes_of(partner)).first():
            make_referral_code(partner, f"{word}-26", by=manager)


def _at_work(moment: datetime) -> datetime:
    """The same day in office hours, or the next working day."""
    while moment.weekday() > 4:
        moment += timedelta(days=1)
    return moment.replace(hour=8 + moment.hour % 8)


#: Numbers that their countries keep free for stories, three digits short.
_FOR_STORIES = {"DE": "+49 30 23125 ", "GB": "+44 20 7946 0", "US": "+1 312 555 0", "FR": "+33 1 99 00 1"}


def _phone(country: str, number: int) -> str | None:
    """A telephone that rings nowhere; two of three customers leave one, of the first hundred."""
    start = _FOR_STORIES.get(country)
    return f"{start}{100 + number}" if start is not None and number % 3 and number < 100 else None


def _come_in(story: _Story, number: int, manager: User | None) -> None:
    chance = story.chance
    country, region, city, language, industry, company, text = _WISHES[number % len(_WISHES)]
    turn = number // len(_WISHES)
    name = f"{company} {_LATER_NAMES[(turn - 1) % len(_LATER_NAMES)]}" if turn else company
    if turn > len(_LATER_NAMES):
        name = f"{name} {turn}"
    from_the_shop = chance.random() < 0.3
    origin = (
        LeadOrigin.API
        if from_the_shop
        else chance.choice([LeadOrigin.EMBEDDED_FORM] * 4 + [LeadOrigin.STAFF])
    )
    products = tuple(code for code in products_by_code() if chance.random() < 0.25)[:2]
    lead = operations.receive_lead(
        LeadData(
            origin=origin,
            company=name,
            person=chance.choice(_PEOPLE),
            email=f"office@lead-{number + 1:04d}.example",
            phone=_phone(country, number),
            country=country,
            region=region,
            city=city,
            language=language,
            industry=industry,
            employees=chance.choice((8, 25, 60, 140, 320)),
            products=products if number % 2 else (),
            size_minor=chance.choice((None, 1_200_000, 3_500_000, 8_000_000)),
            text=text,
            source="shop" if from_the_shop else "website",
            campaign=chance.choice((None, "autumn", "webinar")),
            consent_version="2026-01",
            consent_at=clock.now(),
        ),
        by=manager if origin is LeadOrigin.STAFF else None,
    )
    _go_on(story, lead, manager)


def _go_on(story: _Story, lead: Lead, manager: User | None) -> None:
    """What happens next to a lead that is offered, in the pool, or with somebody."""
    chance = story.chance
    if lead.status is LeadStatus.OFFERED:
        for offer in open_offers_of(lead):
            wait = (offer.due_at - offer.offered_at) * chance.uniform(0.05, 0.9)
            late = chance.random() < 0.1
            moment = offer.due_at + timedelta(minutes=1) if late else offer.offered_at + wait
            story.at(moment, lambda offer_id=offer.id, late=late: _answer(story, offer_id, late, manager))  # type: ignore[misc]
    elif lead.status is LeadStatus.AVAILABLE:
        moment = clock.now() + timedelta(hours=chance.uniform(0.5, 30))
        story.at(moment, lambda: _claim(story, lead.id, manager))
    elif lead.status is LeadStatus.TRIAGE:
        story.at(_at_work(clock.now() + timedelta(days=1)), lambda: _decide(story, lead.id, manager))
    elif lead.is_held:
        moment = clock.now() + timedelta(hours=chance.uniform(1, 20))
        story.at(moment, lambda: _talk(story, lead.id, 1))


def _decide(story: _Story, lead_id: int, manager: User | None) -> None:
    """A manager looks at a lead that no rule could place: a partner of the country, or nobody yet."""
    lead = session.get_one(Lead, lead_id)
    if lead.status is not LeadStatus.TRIAGE:
        return
    near = session.scalar(
        sa.select(Partner)
        .where(
            Partner.country == lead.country,
            Partner.status == PartnerStatus.ACTIVE,
            Partner.id.not_in(sa.select(Offer.partner_id).where(Offer.lead_id == lead.id)),
        )
        .order_by(Partner.id)
    )
    if near is None:
        operations.sort_lead(lead, "unqualified", reason="No partner in this region yet.", by=manager)
        return
    operations.assign_lead(lead, near, reason="Nearest partner; the certificate follows.", by=manager)
    _go_on(story, lead, manager)


def _answer(story: _Story, offer_id: int, late: bool, manager: User | None) -> None:
    offer = session.get_one(Offer, offer_id)
    if not offer.is_open:
        return
    seller = _seller(offer.partner)
    if late:
        operations.lapse_offer(offer)
    elif seller is None:
        return
    elif story.chance.random() < 0.15:
        operations.decline_offer(
            offer,
            reason=story.chance.choice((DeclineReason.NO_CAPACITY, DeclineReason.OUTSIDE_FIELD)),
            by=seller,
        )
    else:
        operations.accept_offer(offer, by=seller)
    _go_on(story, offer.lead, manager)


def _claim(story: _Story, lead_id: int, manager: User | None) -> None:
    lead = session.get_one(Lead, lead_id)
    decision = latest_decision(lead)
    if lead.status is not LeadStatus.AVAILABLE or decision is None:
        return
    firms = [session.get_one(Partner, number) for number in sorted(chosen_by(decision))]
    seller = _seller(story.chance.choice(firms))
    firm_is_full = seller is None or held_count(session.get_one(Partner, _firm_of(seller))) >= 10
    if seller is not None and not firm_is_full:
        operations.claim_lead(lead, by=seller)
        _go_on(story, lead, manager)


def _talk(story: _Story, lead_id: int, turn: int) -> None:
    lead = session.get_one(Lead, lead_id)
    if not lead.is_held or lead.partner is None:
        return
    seller = _seller(lead.partner)
    if seller is None:
        return
    kind = story.chance.choice(list(_WORDS))
    operations.log_contact(
        lead, kind=kind, text=story.chance.choice(_WORDS[kind]), is_working=turn == 2, by=seller
    )
    if turn < 4:
        moment = _at_work(clock.now() + timedelta(days=story.chance.uniform(2, 9)))
        story.at(moment, lambda: _talk(story, lead_id, turn + 1))


def _seller(partner: Partner) -> User | None:
    return session.scalar(
        sa.select(User)
        .join(Member, Member.user_id == User.id)
        .where(
            Member.partner_id == partner.id,
            Member.left_at.is_(None),
            User.role.in_((Role.SELLER, Role.PARTNER_ADMIN)),
            User.password_hash.is_not(None),
        )
        .order_by(User.role.desc(), User.id)
    )


def _firm_of(user: User) -> int:
    return session.scalars(sa.select(Member.partner_id).where(Member.user_id == user.id)).one()
