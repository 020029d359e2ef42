"""Where leads found nobody: what the network map shows as gaps."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Permission
from core import clock
from core.database import session
from partners.queries.network_map import Gap, finds_gaps
from referrals.models.leads import Lead, LeadStatus

LATELY = timedelta(days=90)


@finds_gaps
def leads_without_a_partner(user: User) -> Iterable[Gap]:
    """Leads of the last 90 days that wait in triage since no partner could take them, by place and product."""
    if not user.is_staff or not user.may(Permission.ROUTING_READ):
        return []
    rows = session.execute(
        sa.select(Lead.country, Lead.region, Lead.product_codes).where(
            Lead.status == LeadStatus.TRIAGE,
            Lead.reason.in_(("nobody_eligible", "nobody_with_room")),
            Lead.received_at >= clock.now() - LATELY,
        )
    )
    found: Counter[tuple[str, str, str]] = Counter()
    for country, region, products in rows:
        for product in products or [""]:
            found[country or "", region or "", product] += 1
    return [
        Gap(*where, number, "referrals.staff_leads", _filters(where[0])) for where, number in found.items()
    ]


def _filters(country: str) -> dict[str, str]:
    """What the list of leads is narrowed by: those that wait for somebody to look, of a country where it is known."""
    state = {"status": LeadStatus.TRIAGE.value}
    return state | {"country": country} if country else state
