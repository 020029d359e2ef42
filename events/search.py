"""How events are found, the wishes for their co-funding, and what they cost."""

from collections.abc import Iterable

from flask import url_for

from accounts.models import User
from accounts.permissions import Permission
from core import search
from core.database import session
from core.i18n import format_money, format_short_day
from core.i18n import lazy_gettext as _l
from core.interface import dotted
from core.search import Found, Source, matches
from core.statuses import status_of
from events.models import Event, FundingClaim, FundingRequest
from events.queries.claims import claims_visible_to
from events.queries.funding import requests_visible_to
from events.queries.gatherings import events_visible_to


def _events(person: User, words: str, most: int) -> Iterable[Found]:
    rows = session.scalars(
        events_visible_to(person).where(matches(words, Event.title, Event.city)).limit(most)
    )
    return [
        Found(
            row.title,
            dotted(row.partner.name, row.city, format_short_day(row.starts_at)),
            url_for("events.event", event_id=row.id),
        )
        for row in rows
    ]


def _requests(person: User, words: str, most: int) -> Iterable[Found]:
    """Those without an event: what was approved is found as its event."""
    fits = matches(words, FundingRequest.title, FundingRequest.city)
    rows = session.scalars(
        requests_visible_to(person).where(fits, ~FundingRequest.event.has()).limit(most)
    ).unique()
    return [
        Found(
            row.title,
            dotted(
                row.partner.name if person.is_staff else "",
                row.city,
                status_of(row.status).word,
            ),
            url_for("events.funding_request", request_id=row.id),
        )
        for row in rows
    ]


def _claims(person: User, words: str, most: int) -> Iterable[Found]:
    rows = session.scalars(
        claims_visible_to(person)
        .join(FundingClaim.request)
        .where(matches(words, FundingRequest.title, FundingRequest.city))
        .limit(most)
    ).unique()
    return [
        Found(
            row.request.title,
            dotted(
                row.partner.name if person.is_staff else "",
                format_money(row.amount_minor, row.currency) if row.amount_minor is not None else "",
                status_of(row.status).word,
            ),
            url_for("events.claim", claim_id=row.id),
        )
        for row in rows
    ]


search.add(Source(_l("Events"), "calendar-event", Permission.FUNDING_READ, _events, order=50))
search.add(Source(_l("Funding requests"), "calendar-plus", Permission.FUNDING_READ, _requests, order=51))
search.add(Source(_l("Funding claims"), "receipt", Permission.FUNDING_READ, _claims, order=52))
