"""A large network for measuring: a few firms made by the operations, the rest copied from them row by row."""

import random
import time
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from accounts import operations as accounts
from accounts.permissions import Role
from core import clock
from core.database import current_database, session
from partners import operations
from partners.models import AgreementAcceptance, Partner
from referrals.models import Lead, LeadOrigin, LeadStatus
from referrals.models.leads import HELD
from referrals.operations import LeadData, receive_lead
from referrals.operations.routing import policy_in_force, publish_policy, read_policy

PASSWORD = "eight bench marks run"
_COUNTRIES = ("DE", "AT", "NL", "PL", "FR", "IT", "ES", "GB", "CZ", "SE")
_LANGUAGES = ("de", "en", "nl", "pl", "fr")
_SERVICES = ("implementation", "integration", "training", "support", "migration")


def a_network(sellers: int = 8) -> list[tuple[str, int]]:
    """``sellers`` active partners and a manager; answers (e-mail, firm) of a seller in each."""
    manager = accounts.make_user(
        email="manager@bench.example",
        name="Bench Manager",
        role=Role.PARTNER_MANAGER,
        locale="en",
        password=PASSWORD,
    )
    operations.set_up_programme(by=manager)
    policy, queues = read_policy(policy_in_force())
    publish_policy(replace(policy, open_leads_cap=10_000, daily_cap=10_000), queues, note="", by=manager)
    people = []
    for number in range(sellers):
        partner = _a_firm(number)
        member = operations.add_member(
            partner, email=f"seller@bench-{number}.example", name=f"Seller {number}", role=Role.SELLER,
            password=PASSWORD, by=None,
        )  # fmt: skip
        member.user.locale = "en"
        people.append((member.user.email, partner.id))
    session.flush()
    return people


def _a_firm(number: int) -> Partner:
    return operations.make_partner(
        name=f"Bench {number}", country="DE", tier="gold", type="integrator", by=None, city="Hamburg",
        website=f"bench-{number}.example", languages=["de", "en"], services=list(_SERVICES), products=[], regions=[],
        open_lead_cap=10_000, daily_lead_cap=10_000,
    )  # fmt: skip


def grow(number: int) -> None:
    """Adds firms like the first, in ten countries, with their agreement accepted."""
    firm, acceptance = Partner.__table__, AgreementAcceptance.__table__
    pattern = dict(session.execute(sa.select(firm).order_by(firm.c.id).limit(1)).mappings().one())
    accepted = dict(
        session.execute(sa.select(acceptance).order_by(acceptance.c.id).limit(1)).mappings().one()
    )
    first = int(session.scalar(sa.select(sa.func.max(firm.c.id))) or 0) + 1
    chance = random.Random(7)
    rows: list[dict[str, Any]] = []
    for place in range(number):
        country = _COUNTRIES[place % len(_COUNTRIES)]
        rows.append(
            pattern | {
                "id": first + place, "name": f"Copy {place}", "domain": f"copy-{place}.example", "country": country,
                "languages": chance.sample(_LANGUAGES, 3), "services": chance.sample(_SERVICES, 4),
                "tier": chance.choice(("registered", "silver", "gold")),
                "latitude": 47 + chance.random() * 7, "longitude": 6 + chance.random() * 12,
            }
        )  # fmt: skip
    for start in range(0, number, 1000):
        session.execute(sa.insert(firm), rows[start : start + 1000])
        session.execute(
            sa.insert(acceptance),
            [
                {key: value for key, value in accepted.items() if key != "id"} | {"partner_id": row["id"]}
                for row in rows[start : start + 1000]
            ],
        )
    session.execute(
        sa.text(
            "SELECT setval(pg_get_serial_sequence('partners_partner', 'id'), max(id)) FROM partners_partner"
        )
    )
    session.execute(sa.text("ANALYZE"))


def a_lead(number: int, **facts: Any) -> Lead:
    """A lead of a company nobody has seen, in Germany, in German."""
    return receive_lead(
        LeadData(
            origin=LeadOrigin.API, company=f"Kontor {number}", person="Greta Lund",
            email=f"greta@kontor-{number}.example", country="DE", language="de", employees=60,
            text="Stock and dispatch.", consent_version="1", consent_at=clock.now(), **facts,
        ),
        by=None,
    )  # fmt: skip


#: Of a thousand leads so many are in each state: most have ended, as in a programme of some years.
_OF_A_THOUSAND = {
    LeadStatus.TRIAGE: 1, LeadStatus.OFFERED: 4, LeadStatus.AVAILABLE: 5, LeadStatus.CLAIMED: 10,
    LeadStatus.CONTACTED: 20, LeadStatus.WORKING: 40, LeadStatus.DUPLICATE: 30, LeadStatus.SPAM: 50,
    LeadStatus.UNQUALIFIED: 90, LeadStatus.WON: 250, LeadStatus.LOST: 500,
}  # fmt: skip


def copied_leads(lead: Lead, number: int) -> None:
    """``number`` rows like ``lead``, under other names, in all states and in ten countries, one a minute until now."""
    table = Lead.__table__
    firms = list(session.scalars(sa.select(Partner.id).order_by(Partner.id)))
    held = ", ".join(f"'{state.value}'" for state in (*sorted(HELD), LeadStatus.WON, LeadStatus.LOST))
    states = [state.value for state, share in _OF_A_THOUSAND.items() for _one in range(share)]
    random.Random(7).shuffle(states)
    state = "(CAST(:states AS text[]))[1 + place % 1000]"
    anew = {
        "company": "'Handel ' || place",
        "email": "'office@handel-' || place || '.example'",
        "status": state,
        "partner_id": f"CASE WHEN {state} IN ({held}) THEN (CAST(:firms AS bigint[]))[1 + place % :many] END",
        "country": "(CAST(:countries AS text[]))[1 + place % 10]",
        "received_at": "received_at - (:number - place) * interval '1 minute'",
    }
    names = [column.name for column in table.columns if column.name != "id"]
    values = ", ".join(anew.get(name, name) for name in names)
    session.execute(
        sa.text(
            f"INSERT INTO {table.name} ({', '.join(names)}) SELECT {values} "
            f"FROM {table.name}, generate_series(1, :number) AS place WHERE id = :pattern ORDER BY place"
        ),
        {
            "states": states,
            "countries": list(_COUNTRIES),
            "firms": firms,
            "many": len(firms),
            "number": number,
            "pattern": lead.id,
        },
    )


def tidy() -> None:
    """Waits until PostgreSQL knows which rows everybody sees, as it does by itself before long."""
    seen = sa.text("SELECT relallvisible >= 0.99 * relpages FROM pg_class WHERE relname = :name")
    with current_database().engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for _turn in range(30):
            connection.execute(sa.text("VACUUM ANALYZE"))
            if connection.scalar(seen, {"name": Lead.__tablename__}):
                return
            time.sleep(1)
    raise RuntimeError("PostgreSQL did not tidy the leads: does an older transaction run?")
