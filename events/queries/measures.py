"""What events can measure about firms: how many they held."""

from typing import Any

import sqlalchemy as sa

from events.models import Event, EventStatus
from partners.queries.measures import Between


def events_held(about: Between, _course: str) -> sa.Select[*tuple[Any, ...]]:
    """Events that took place, by their first hour."""
    return sa.select(Event.partner_id, sa.literal(1).label("amount"), Event.starts_at.label("turns")).where(
        Event.status == EventStatus.HELD, about.covers(Event.starts_at)
    )
