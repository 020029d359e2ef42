"""How events are found."""

from collections.abc import Iterable

from flask import url_for

from accounts.models import User
from accounts.permissions import Permission
from core import search
from core.database import session
from core.i18n import format_short_day
from core.i18n import lazy_gettext as _l
from core.search import Found, Source, matches
from events.models import Event
from events.queries.gatherings import events_visible_to


def _events(person: User, words: str, most: int) -> Iterable[Found]:
    rows = session.scalars(
        events_visible_to(person).where(matches(words, Event.title, Event.city)).limit(most)
    )
    return [
        Found(
            row.title,
            " · ".join(
                part for part in (row.partner.name, row.city, format_short_day(row.starts_at)) if part
            ),
            url_for("events.event", event_id=row.id),
        )
        for row in rows
    ]


search.add(Source(_l("Events"), "calendar-event", Permission.FUNDING_READ, _events, order=50))
