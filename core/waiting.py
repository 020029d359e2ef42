"""What waits for a person, from every domain in one list, the nearest clock first: the top of each home page."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class Waiting:
    """One thing that somebody has to do: what, why it matters, by when, and the verb that does it."""

    title: str
    detail: str
    url: str
    verb: str
    icon: str = "inbox"
    due_at: datetime | None = None
    #: What it may be worth, as money in words.
    worth: str | None = None
    #: With an address to POST to, the verb is done right there in the row.
    post_url: str | None = None


Source = Callable[[Any], Iterable[Waiting]]
_sources: list[Source] = []


def waits(source: Source) -> Source:
    """Registers a function that answers what waits for a person. It answers at most 20 and asks the database once."""
    if source not in _sources:
        _sources.append(source)
    return source


def waiting_for(person: Any) -> list[Waiting]:
    """Everything that waits for ``person``, the nearest clock first, things without a clock last."""
    everything = [thing for source in _sources for thing in source(person)]
    return sorted(everything, key=lambda thing: thing.due_at or datetime.max.replace(tzinfo=UTC))
