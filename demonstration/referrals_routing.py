"""What the vendor does with leads beside routing: an account by name, a file from a fair, a draft policy."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Role
from core import clock
from core.database import session
from partners.models import Partner, PartnerStatus
from referrals.models import LeadImport
from referrals.operations import importing, replays
from referrals.operations.accounts import name_account
from referrals.operations.opportunities import OpportunityData, keep_opportunity
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
    if manager is not None:
        _one_of_our_own(manager)
    _from_a_fair(manager)
    _a_draft(manager)


def _one_of_our_own(manager: User) -> None:
    """A company that the vendor's people talk to themselves."""
    keep_opportunity(
        OpportunityData(
            company="Hansekontor Versicherungen",
            website="www.hansekontor.example",
            country="DE",
            responsible=manager,
            until=clock.now().date() + timedelta(days=90),
            note="A group contract for four countries; the tender closes in February.",
        ),
        by=manager,
    )


def _from_a_fair(manager: User | None) -> None:
    row = importing.upload_leads(_FAIR.encode(), "hannover-fair.csv", source="fair", by=manager)
    importing.check_with(row, row.places, by=manager)
    importing.check_rows(row)
    importing.start_taking(row, leave_out_wrong=True, by=manager)
    importing.take_rows(row)
    importing.route_some(row)


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
