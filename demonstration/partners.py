"""A network of partners that looks lived-in: firms with people and histories, and applications in every state."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from accounts import operations as accounts
from accounts import queries as people
from accounts.models import TokenPurpose, User
from accounts.permissions import Role
from core import clock
from core.database import session
from core.i18n import speaking
from demonstration import PASSWORD
from partners import operations, queries
from partners.models import Application, Member, Partner, PartnerType

#: code, English, Russian, price in minor units of the euro, unit, how often.
PRODUCTS = (
    ("cloud", "Meridian Cloud", "Меридиан Облако", 54_000, "user", "year"),
    ("desk", "Meridian Desk", "Меридиан Деск", 31_200, "user", "year"),
    ("flow", "Meridian Flow", "Меридиан Поток", 480_000, "company", "year"),
)

ALL_PRODUCTS = ("cloud", "desk", "flow")


@dataclass(frozen=True)
class Firm:
    """An invented firm and its people, admin first."""

    name: str
    country: str
    city: str
    kind: PartnerType
    tier: str
    domain: str
    people: tuple[tuple[str, Role], ...]
    languages: tuple[str, ...]
    regions: tuple[str, ...]
    services: tuple[str, ...]
    products: tuple[str, ...] = ALL_PRODUCTS
    industries: tuple[str, ...] = ("manufacturing", "wholesale")
    phone: str = ""
    region: str | None = None
    more: dict[str, Any] = field(default_factory=dict)

    def email_of(self, person: str) -> str:
        from text_unidecode import unidecode

        return f"{unidecode(person).split()[0].lower().replace(chr(39), '')}@{self.domain}"


A, S, E, F = Role.PARTNER_ADMIN, Role.SELLER, Role.ENGINEER, Role.PARTNER_FINANCE
_PROJECTS = ("implementation", "integration", "customisation", "training", "support", "migration")
_ADVICE = ("implementation", "training", "audit", "support")
_RUNNING = ("hosting", "administration", "support", "systems_integration")

FIRMS: tuple[Firm, ...] = (
    Firm("Hansen & Brandt IT", "DE", "Hamburg", PartnerType.INTEGRATOR, "gold", "hansen-brandt.example",
         (("Ada Hansen", A), ("Sam Brandt", S), ("Jule Petersen", E), ("Timo Carstens", F)), ("de", "en"),
         ("DE-HH", "DE-SH", "DE-NI", "DE-HB"), _PROJECTS, industries=("wholesale", "logistics", "food"),
         phone="+49 40 55501234"),
    Firm("Kessler Systemhaus", "DE", "Stuttgart", PartnerType.INTEGRATOR, "silver", "kessler-systemhaus.example",
         (("Rex Kessler", A), ("Miriam Vogt", S)), ("de", "en"), ("DE-BW", "DE-BY"), _PROJECTS,
         phone="+49 711 5550101"),
    Firm("Donau Digital", "AT", "Wien", PartnerType.RESELLER, "silver", "donau-digital.example",
         (("Clara Huber", A), ("Felix Gruber", S), ("Eva Wallner", E)), ("de", "en", "hu"), ("AT",), _ADVICE,
         industries=("retail", "hospitality", "food"), phone="+43 1 5550123"),
    Firm("Van Aerde Consulting", "NL", "Utrecht", PartnerType.INTEGRATOR, "gold", "vanaerde.example",
         (("Pieter van Aerde", A), ("Lotte Bakker", S), ("Daan Visser", E)), ("nl", "en", "de"), ("NL", "BE"),
         _PROJECTS, industries=("logistics", "agriculture", "wholesale"), phone="+31 30 5550144"),
    Firm("Wisła Software", "PL", "Kraków", PartnerType.RESELLER, "silver", "wisla-software.example",
         (("Zofia Nowak", A), ("Marek Kowalczyk", S)), ("pl", "en"), ("PL",), _PROJECTS,
         industries=("manufacturing", "construction"), phone="+48 12 5550155"),
    Firm("Снегирь Системы", "RU", "Казань", PartnerType.INTEGRATOR, "gold", "snegir.example",
         (("Ольга Снегирёва", A), ("Тимур Галиев", S), ("Лилия Ахметова", E)), ("ru", "en"),
         ("RU-TA", "RU-SAM", "RU-NIZ", "RU-BA"), _PROJECTS, industries=("manufacturing", "energy", "food"),
         phone="+7 843 5550166", more={"locale": "ru"}),
    Firm("Невский Интегратор", "RU", "Санкт-Петербург", PartnerType.RESELLER, "silver", "nevsky-int.example",
         (("Андрей Волков", A), ("Мария Лебедева", S)), ("ru",), ("RU-SPE", "RU-LEN", "RU-NGR", "RU-PSK"), _ADVICE,
         phone="+7 812 5550177", more={"locale": "ru"}),
    Firm("Алатау Тек", "KZ", "Алматы", PartnerType.DISTRIBUTOR, "silver", "alatau-tech.example",
         (("Айгерим Садыкова", A), ("Данияр Ермеков", S)), ("kk", "ru", "en"), ("KZ",), _PROJECTS,
         industries=("retail", "finance", "energy"), phone="+7 727 3550188", more={"locale": "ru"}),
    Firm("Harrow & Finch", "GB", "Leeds", PartnerType.INTEGRATOR, "silver", "harrowfinch.example",
         (("Imogen Finch", A), ("Callum Harrow", S)), ("en",), ("GB",), _PROJECTS,
         industries=("professional_services", "health"), phone="+44 113 4960199"),
    Firm("Lakeshore Systems", "US", "Chicago", PartnerType.RESELLER, "registered", "lakeshore-systems.example",
         (("Dana Whitfield", A), ("Marcus Reed", S)), ("en", "es"), ("US-IL", "US-WI", "US-MI", "US-IN"), _ADVICE,
         industries=("construction", "public"), phone="+1 312 555 0110"),
    Firm("Isar Cloudwerk", "DE", "München", PartnerType.REFERRAL, "registered", "isar-cloudwerk.example",
         (("Severin Maier", A), ("Leni Obermüller", S)), ("de", "en"), ("DE-BY",), _RUNNING, ("cloud",),
         phone="+49 89 5550121"),
    Firm("Meseta Soluciones", "ES", "Valladolid", PartnerType.INTEGRATOR, "platinum", "meseta.example",
         (("Lucía Herrero", A), ("Diego Castaño", S), ("Nuria Sanz", E)), ("es", "pt", "en"), ("ES", "PT"), _PROJECTS,
         industries=("food", "agriculture", "retail"), phone="+34 983 555 132"),
)  # fmt: skip

#: Where further firms of a larger demonstration are: country, city, language.
_PLACES = (
    ("DE", "Köln", "de"), ("DE", "Leipzig", "de"), ("DE", "Bremen", "de"),
    ("AT", "Graz", "de"), ("NL", "Eindhoven", "nl"), ("PL", "Gdańsk", "pl"),
    ("PL", "Wrocław", "pl"), ("RU", "Екатеринбург", "ru"), ("RU", "Новосибирск", "ru"),
    ("KZ", "Астана", "kk"), ("GB", "Bristol", "en"), ("GB", "Glasgow", "en"),
    ("US", "Denver", "en"), ("US", "Austin", "en"), ("FR", "Lyon", "fr"),
    ("IT", "Torino", "it"), ("CZ", "Brno", "cs"), ("SE", "Malmö", "sv"),
    ("PT", "Porto", "pt"),
)  # fmt: skip
_FIRST = (
    "Alder",
    "Birch",
    "Cedar",
    "Delta",
    "Ember",
    "Fjord",
    "Granit",
    "Helm",
    "Indigo",
    "Juno",
    "Kite",
    "Linden",
    "Maple",
)
_SECOND = ("Digital", "Systems", "Consult", "Works", "Data", "Partners", "Solutions", "Tech")
_NAMES = ("Alex", "Robin", "Kim", "Sascha", "Noa", "Toni", "Jana", "Erik", "Mila", "Paul", "Ines", "Jonas")
_FAMILIES = ("Berg", "Stein", "Roth", "Lang", "Novak", "Costa", "Laurent", "Moretti", "Dvorak", "Lindqvist")


def make_demo(*, partners: int = 12, seed: int = 1, password: str = PASSWORD, **_sizes: int) -> None:
    """Makes the programme, its catalogue, ``partners`` firms with their people, and applications in every state.

    The vendor's people must be there. Everybody of the first twelve firms, and every admin, signs in with ``password``.
    """
    chance = random.Random(seed)  # noqa: S311 - a story, not a secret
    end = clock.now()
    staff = list(session.scalars(people.active_staff_with(Role.PARTNER_MANAGER))) or list(
        session.scalars(people.active_staff_with(Role.PROGRAMME_ADMIN))
    )
    with clock.frozen_at(end - timedelta(days=430)):
        operations.set_up_programme(by=staff[0])
        _stock_the_catalogue(staff[0])
    firms = [*FIRMS[:partners], *(_another(number, chance) for number in range(len(FIRMS), partners))]
    for number, firm in enumerate(firms):
        manager = staff[number % len(staff)]
        began = end - timedelta(days=400 - 330 * number / max(1, len(firms)))
        _found(firm, _at_work(began), manager, password, by_application=number < len(FIRMS))
    _pending_applications(end, staff[0])


def _stock_the_catalogue(by: User) -> None:
    known = queries.products_by_code()
    for code, name, name_ru, price, unit, recurring in PRODUCTS:
        if code not in known:
            operations.save_product(
                code=code, name=name, name_ru=name_ru, list_price_minor=price, currency="EUR", unit=unit,
                recurring=recurring, by=by,
            )  # fmt: skip


def _at_work(moment: datetime) -> datetime:
    """The same week's Tuesday, at ten: nobody applies on a Sunday night in a story."""
    tuesday = moment - timedelta(days=moment.weekday() - 1)
    return tuesday.replace(hour=10, minute=0, second=0, microsecond=0)


@contextmanager
def _later(moment: datetime, **span: float) -> Iterator[None]:
    with clock.frozen_at(moment + timedelta(**span)):
        yield


def _found(firm: Firm, began: datetime, manager: User, password: str, *, by_application: bool) -> None:
    """A firm's way in: applied, approved, agreement accepted, people invited, tier reached."""
    admin, *others = firm.people
    if by_application:
        with clock.frozen_at(began):
            application = _applied(firm)
        with _later(began, hours=6):
            operations.begin_review(application, by=manager)
        with _later(began, days=1):
            partner = operations.approve_application(application, manager=manager, by=manager)
            member = session.scalars(sa.select(Member).where(Member.partner_id == partner.id)).one()
            _sign_up(member.user, password)
        with _later(began, days=2), speaking(firm.languages[0]):
            operations.accept_agreement(partner, _agreement(), by=member.user)
    else:
        with clock.frozen_at(began):
            partner = operations.make_partner(
                name=firm.name,
                country=firm.country,
                tier=firm.tier,
                type=firm.kind,
                by=manager,
                **_profile(firm),
            )
            operations.change_partner(partner, manager_id=manager.id, by=manager)
            operations.add_member(
                partner, email=firm.email_of(admin[0]), name=admin[0], role=A, password=password, by=manager
            )
    for number, (name, role) in enumerate(others, start=3):
        with _later(began, days=number):
            member = operations.add_member(
                partner,
                email=firm.email_of(name),
                name=name,
                role=role,
                password=password if by_application else None,
                locale=firm.more.get("locale", "en"),
                by=None,
            )
    if partner.tier != firm.tier:
        with _later(began, days=30):
            operations.change_tier(
                partner, firm.tier, reason="Certified people and first projects.", by=manager
            )


def _agreement() -> Any:
    return queries.current_agreement()


def _sign_up(user: User, password: str) -> None:
    """Follows the mailed invitation."""
    token = people.good_token(TokenPurpose.INVITATION, accounts.issue_token(user, TokenPurpose.INVITATION))
    assert token is not None
    accounts.accept_invitation(token, name=user.name, password=password)


def _profile(firm: Firm) -> dict[str, Any]:
    return {
        "city": firm.city,
        "website": f"www.{firm.domain}",
        "phone": firm.phone,
        "regions": list(firm.regions),
        "languages": list(firm.languages),
        "services": list(firm.services),
        "products": list(firm.products),
        "industries": list(firm.industries),
    }


def _applied(
    firm: Firm, *, about: str = "We plan, introduce and look after business software.", **changes: Any
) -> Application:
    """An application of the firm, sent from a proved mailbox at the moment it is."""
    name = firm.people[0][0]
    application = operations.start_application(
        company=firm.name,
        country=firm.country,
        person=name,
        email=changes.pop("email", firm.email_of(name)),
        locale=firm.more.get("locale", "en"),
    )
    operations.confirm_email(application, operations.ask_to_confirm(application))
    answers = {**_profile(firm), "type": firm.kind, "heard_from": "website", "about": about, **changes}
    operations.send_application(application, privacy_read=True, **answers)
    return application


def _another(number: int, chance: random.Random) -> Firm:
    """One more firm, for a network as large as wanted."""
    country, city, language = chance.choice(_PLACES)
    name = f"{chance.choice(_FIRST)} {chance.choice(_SECOND)} {number}"
    admin = f"{chance.choice(_NAMES)} {chance.choice(_FAMILIES)}"
    return Firm(
        name=name,
        country=country,
        city=city,
        kind=chance.choice(list(PartnerType)),
        tier=chance.choices(["registered", "silver", "gold", "platinum"], [5, 4, 2, 1])[0],
        domain=f"{name.lower().replace(' ', '-')}.example",
        people=((admin, A),),
        languages=tuple(dict.fromkeys((language, "en"))),
        regions=(country,),
        services=chance.choice((_PROJECTS, _ADVICE, _RUNNING)),
        products=tuple(chance.sample(ALL_PRODUCTS, chance.randint(1, 3))),
    )


def _pending_applications(end: datetime, manager: User) -> None:
    """What a reviewer finds in the morning: late, flagged, asked, new, turned down, and one not yet sent."""
    fjord = Firm("Fjord Analytics", "NO", "Bergen", PartnerType.INTEGRATOR, "registered", "fjord-analytics.example",
                 (("Ingrid Solberg", A),), ("nb", "en"), ("NO", "SE"), _PROJECTS, phone="+47 55 55 01 90")  # fmt: skip
    brezza = Firm("Studio Brezza", "IT", "Torino", PartnerType.REFERRAL, "registered", "brezza.example",
                  (("Chiara Brezza", A),), ("it", "en"), ("IT",), _ADVICE, phone="+39 011 555 0191")  # fmt: skip
    elbe = Firm("Elbe Kontor", "DE", "Dresden", PartnerType.RESELLER, "registered", "elbe-kontor.example",
                (("Nora Lindner", A),), ("de", "en"), ("DE-SN",), _ADVICE, phone="+49 351 5550192")  # fmt: skip
    ural = Firm("Урал Автоматика", "RU", "Екатеринбург", PartnerType.INTEGRATOR, "registered", "ural-avto.example",
                (("Пётр Зимин", A),), ("ru",), ("RU-SVE", "RU-CHE"), _PROJECTS, phone="+7 343 5550193",
                more={"locale": "ru"})  # fmt: skip
    hamburg = Firm("Hansen und Brandt", "DE", "Hamburg", PartnerType.REFERRAL, "registered", "hansen-brandt.example",
                   (("Birte Hansen", A),), ("de",), ("DE-HH",), _ADVICE, phone="+49 40 55501234")  # fmt: skip
    for number in range(6):
        firm = Firm(f"Atlas Handel {number + 1}", "DE", "Berlin", PartnerType.REFERRAL, "registered",
                    f"atlas-{number + 1}.example", (("Otto Atlas", A),), ("de",), ("DE-BE",), ("other",))  # fmt: skip
        began = _at_work(end - timedelta(days=80 - 11 * number))
        with clock.frozen_at(began):
            application = _applied(firm)
        with _later(began, hours=4 + 5 * number):
            operations.reject_application(application, reason="coverage", by=manager)
    with clock.frozen_at(end - timedelta(days=5)):
        _applied(
            fjord, email="ingrid@solberg-holding.example", heard_from="other_network", heard_detail="Polaris"
        )
    with clock.frozen_at(end - timedelta(days=4)):
        asked = _applied(elbe)
    with clock.frozen_at(end - timedelta(days=3)):
        operations.ask_applicant(
            asked, "Who of you has finished a project like ours, and for whom?", by=manager
        )
    with clock.frozen_at(end - timedelta(days=1, hours=2)):
        _applied(hamburg)
    with clock.frozen_at(end - timedelta(hours=20)):
        _applied(ural)
    with clock.frozen_at(end - timedelta(hours=2)):
        _applied(brezza, heard_from="customer")
    with clock.frozen_at(end - timedelta(minutes=40)):
        draft = operations.start_application(
            company="Loire Conseil",
            country="FR",
            person="Margaux Petit",
            email="margaux@loire-conseil.example",
            locale="en",
        )
        operations.save_draft(draft, city="Nantes")


def sign_ins() -> list[tuple[str, str]]:
    """Some people of the first firms, as words and e-mail, for the start page of the demonstration."""
    rows = session.execute(
        sa.select(Partner.name, User.role, User.email)
        .join(Member, Member.partner_id == Partner.id)
        .join(User, User.id == Member.user_id)
        .where(User.password_hash.is_not(None))
        .order_by(Partner.id, Member.id)
        .limit(9)
    )
    return [(f"{role.label}, {name}", email) for name, role, email in rows]
