"""What the vendor does with leads beside routing: an account by name, a file from a fair, a warm one, a draft."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Role
from core import clock
from core.database import session
from partners.models import Partner, PartnerStatus
from referrals.models import LeadImport, LeadOrigin
from referrals.operations import LeadData, importing, receive_lead, replays
from referrals.operations.accounts import name_account
from referrals.operations.hooks import product_event
from referrals.operations.routing import draft_policy, policy_in_force, read_policy
from referrals.routing import Factor

_FAIR = """Company;Person;E-mail;Country;City;Employees;Need;Call
Werft Blohm Nord;Antje Blohm;antje@werft-blohm-nord.example;DE;Hamburg;220;Parts for repairs, by ship and berth.;
Ostsee Feinkost;Jan Peters;jan@ostsee-feinkost.example;DE;Rostock;45;Batches and best-before dates.;morning
Harz Holzbau;Ute Sander;ute@harz-holzbau.example;DE;Goslar;60;One planning for three workshops.;
"""


def make_demo(*, partners: int = 12, leads: int = 40, sales: int = 60, seed: int = 1) -> None:
    """Once; a demo that is made again finds its file there."""
    if session.scalar(sa.select(sa.func.count()).select_from(LeadImport)):
        return
    manager = session.scalar(sa.select(User).where(User.role == Role.PARTNER_MANAGER).order_by(User.id))
    firm = session.scalar(
        sa.select(Partner).where(Partner.status == PartnerStatus.ACTIVE).order_by(Partner.id).limit(1)
    )
    if firm is not None:
        name_account("www.reederei-thomsen.example", firm, by=manager)
    _from_a_fair(manager)
    _who_asked_to_be_called()
    _a_warm_one()
    _a_draft(manager)


def _from_a_fair(manager: User | None) -> None:
    row = importing.upload_leads(_FAIR.encode(), "hannover-fair.csv", source="fair", by=manager)
    importing.check_with(row, row.places, by=manager)
    importing.check_rows(row)
    importing.start_taking(row, leave_out_wrong=True, by=manager)
    importing.take_rows(row)
    importing.route_some(row)


def _who_asked_to_be_called() -> None:
    receive_lead(
        LeadData(
            origin=LeadOrigin.EMBEDDED_FORM,
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
            source="website",
            consent_version="2026-01",
            consent_at=clock.now(),
        ),
        by=None,
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


def _a_draft(manager: User | None) -> None:
    """The programme thinks of spreading leads more evenly; the replay says who would gain and who lose."""
    policy, queues = read_policy(policy_in_force())
    weights = {
        **policy.weights,
        Factor.FAIRNESS: Decimal("0.60"),
        Factor.LOAD: Decimal("0.30"),
        Factor.DISTANCE: Decimal(0),
    }
    draft = draft_policy(replace(policy, weights=weights), queues, note="Spread more evenly")
    row = replays.start_replay(draft, clock.now() - timedelta(days=91), clock.now(), by=manager)
    while row.finished_at is None:
        replays.play(row)
