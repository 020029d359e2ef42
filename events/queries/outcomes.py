"""What became of the guests: a registry that the domain of leads fills, so that results never know it.

A source gets a select of event ids and answers a select of (event id, what, currency, number): how many ``leads``,
``deals`` and ``won`` deals stem from each event (currency empty), and the ``revenue`` in minor units by currency.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import sqlalchemy as sa

from core.database import session

Source = Callable[[sa.Select[int]], sa.Executable]
_sources: list[Source] = []


@dataclass(slots=True)
class Outcome:
    """What came of one event so far."""

    leads: int = 0
    deals: int = 0
    won: int = 0
    revenue: dict[str, int] = field(default_factory=dict)


def comes_of_events(source: Source) -> Source:
    """Registers the decorated function."""
    if source not in _sources:
        _sources.append(source)
    return source


def outcomes_of(events: sa.Select[int]) -> dict[int, Outcome]:
    """What came of each of ``events``: one query a source, however many events."""
    found: dict[int, Outcome] = {}
    for source in _sources:
        for event_id, what, currency, number in session.execute(source(events)):
            outcome = found.setdefault(event_id, Outcome())
            if what == "revenue":
                outcome.revenue[currency] = outcome.revenue.get(currency, 0) + int(number)
            else:
                setattr(outcome, what, getattr(outcome, what) + int(number))
    return found
