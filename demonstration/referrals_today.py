"""What came in today: offers that wait for an answer, leads in the pool, and what a manager has to decide."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Role
from core import clock
from core.clock import frozen_at
from core.database import session
from demonstration.referrals_leads import NEWEST
from referrals.models import Lead, LeadOrigin, LeadStatus
from referrals.operations import LeadData, put_into_pool, receive_lead
from referrals.operations.hooks import product_event

#: Minutes ago, company, person, country, region, city, language, industry, employees, products, size, what they need.
_TODAY = (
    (265, "Kontor Elbinsel", "Wiebke Ahlers", "DE", "DE-HH", "Hamburg", "de", "wholesale", 85, ("cloud",), 3_500_000,
     "Containers, customs and stock in three systems; we want one list by spring."),
    (220, "Trave Werkzeugbau", "Hinnerk Postel", "DE", "DE-SH", "Lübeck", "de", "manufacturing", 120, ("flow",),
     5_200_000, "Approvals for drawings run by e-mail. Two audits asked who signed what."),
    (180, "Хлебозавод Заря", "Алексей Журавлёв", "RU", "RU-TA", "Казань", "ru", "food", 140, (), 8_000_000,
     "Заказы магазинов принимаем по телефону до ночи. Нужен личный кабинет и план выпечки."),
    (140, "Calder Valley Dental", "Helen Marsh", "GB", "GB-LDS", "Leeds", "en", "health", 60, ("cloud",), 1_200_000,
     "Supplies for nine practices, with expiry dates."),
    (95, "Deichhof Molkerei", "Onno Tjaden", "DE", "DE-NI", "Stade", "de", "food", 70, ("cloud", "desk"), 2_400_000,
     "Batches from the farm to the shelf, and a help desk for our drivers."),
    (65, "Gouda Verpakking", "Pieter Smit", "NL", "NL-ZH", "Gouda", "nl", "manufacturing", 140, (), None,
     "Four lines, one planner; orders change after the run has begun."),
)  # fmt: skip
#: The one of them that a manager opened to everybody who may serve it.
_IN_THE_POOL = 4


def make_demo(*, leads: int = 40, **_sizes: int) -> None:
    """The newest of ``leads`` leads, and three that need somebody at the vendor's or an answer at once."""
    manager = session.scalar(sa.select(User).where(User.role == Role.PARTNER_MANAGER).order_by(User.id))
    now = clock.now()
    for number in range(min(leads, NEWEST)):
        with frozen_at(now - timedelta(minutes=_TODAY[number][0])):
            lead = _come_in(number)
        if number == _IN_THE_POOL and lead.status is LeadStatus.OFFERED:
            with frozen_at(now - timedelta(minutes=40)):
                put_into_pool(lead, by=manager)
    with frozen_at(now - timedelta(minutes=50)):
        _from_where_nobody_is()
    _who_asked_to_be_called()
    _a_warm_one()


def _come_in(number: int) -> Lead:
    row = _TODAY[number]
    _ago, company, person, country, region, city, language, industry, employees, products, size, text = row
    return _send_the_form(
        company=company,
        person=person,
        email=f"office@today-{number + 1}.example",
        country=country,
        region=region,
        city=city,
        language=language,
        industry=industry,
        employees=employees,
        products=products,
        size_minor=size,
        text=text,
    )


def _send_the_form(**said: Any) -> Lead:
    """Somebody fills in the form on the vendor's site."""
    return receive_lead(
        LeadData(
            origin=LeadOrigin.EMBEDDED_FORM,
            source="website",
            consent_version="2026-01",
            consent_at=clock.now(),
            **said,
        ),
        by=None,
    )


def _from_where_nobody_is() -> None:
    """A lead that waits for a manager: no partner serves its country."""
    _send_the_form(
        company="Atelier Lumière",
        person="Camille Laurent",
        email="camille@atelier-lumiere.example",
        country="FR",
        city="Lyon",
        language="fr",
        industry="manufacturing",
        employees=60,
        text="Lamps to order: 300 parts lists, two workshops, one planner on holiday.",
    )


def _who_asked_to_be_called() -> None:
    _send_the_form(
        company="Elbe Kühlhaus",
        person="Heiner Voss",
        email="voss@elbe-kuehlhaus.example",
        phone="+49 40 5550170",
        country="DE",
        region="DE-HH",
        city="Hamburg",
        language="de",
        industry="food",
        employees=70,
        text="Cold store with 4,000 places. Who can show us dispatch on a phone this week?",
        call_at="soon",
    )


def _a_warm_one() -> None:
    """A trial in the vendor's own product that comes near its limits."""
    about = LeadData(
        origin=LeadOrigin.PRODUCT,
        company="Weser Dental",
        person="Sina Kruse",
        email="sina@weser-dental.example",
        country="DE",
        region="DE-HB",
        city="Bremen",
        language="de",
        employees=30,
        text="Trial since three weeks: 12 people work in it, the storage is full.",
        source="product",
        consent_version="2026-01",
        consent_at=clock.now(),
    )
    for event in ("signed_up", "limit_reached"):
        product_event(about, event, by=None)
