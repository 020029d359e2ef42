"""What events shows on the pages of others."""

from typing import Any

from markupsafe import Markup

from accounts.access import visitor
from accounts.permissions import Permission
from core.database import session
from core.slots import fills, rendered
from events.emails import place_of
from events.models import FundingRequest
from events.queries.funding import requests_visible_to, with_details
from events.queries.gatherings import upcoming_events
from partners.models import Partner


@fills("partners.programme.events")
def next_events() -> Markup | None:
    """The next public events, on the programme's own page."""
    coming = session.scalars(upcoming_events().limit(3)).all()
    if not coming:
        return None
    return rendered("events/_next_events.html", coming=coming, place_of=place_of)


@fills("partners.partner.main", order=70)
def requests_of_a_partner(partner: Partner) -> Markup | None:
    """A partner's latest requests, for the vendor's people."""
    reader: Any = visitor()
    if reader is None or not reader.may(Permission.FUNDING_READ):
        return None
    rows = with_details(requests_visible_to(reader)).where(FundingRequest.partner_id == partner.id).limit(5)
    latest = session.scalars(rows).unique().all()
    if not latest:
        return None
    return rendered("events/_partner_requests.html", latest=latest)
