"""One search over everything somebody may see: each domain says how its things are found, always for whom."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.digits import number_in

#: Of each kind; whoever needs more goes on in that kind's own list.
MOST_OF_A_KIND = 6
SHORTEST = 2


@dataclass(frozen=True)
class Found:
    """One thing that was found: its name, what tells it from others of that name, and its page."""

    title: str
    detail: str
    url: str


@dataclass(frozen=True)
class Source:
    """How one kind of thing is found. ``find`` asks the database once and answers at most what it is told."""

    label: Any
    icon: str
    permission: Any
    find: Callable[[Any, str, int], Iterable[Found]]
    order: int = 50
    #: Where all of a kind are searched: ``all_url(words)``.
    all_url: Callable[[str], str] | None = None


@dataclass(frozen=True)
class Group:
    """What was found of one kind."""

    label: str
    icon: str
    found: list[Found]
    all_url: str | None


_sources: list[Source] = []


def matches(words: str, *columns: Any) -> sa.ColumnElement[bool]:
    """The condition that one of ``columns`` holds ``words``, in capitals or not."""
    return sa.or_(*(column.icontains(words, autoescape=True) for column in columns))


def number_meant(words: str, *names: Any) -> int | None:
    """The number of a thing that ``words`` mean: *17*, *#17*, *№ 17*, or behind one of its ``names``, as *payout 17*.

    ``None`` where they mean no number, or that of something else.
    """
    before = words.rstrip("0123456789")
    named = {str(name).casefold() for name in names} | {""}
    if before.rstrip(" #№").casefold() not in named:
        return None
    return number_in(words[len(before) :])


def add(source: Source) -> None:
    """Adds a kind of thing that can be found, once."""
    if all(known.find is not source.find for known in _sources):
        _sources.append(source)
        _sources.sort(key=lambda known: known.order)


def search(person: Any, words: str) -> list[Group]:
    """What ``person`` may see and ``words`` mean, kind by kind; nothing for less than two characters.

    One query a kind, whatever there is.
    """
    typed = " ".join(words.split())[:100]
    if len(typed) < SHORTEST:
        return []
    groups = []
    for source in _sources:
        if source.permission is not None and not person.may(source.permission):
            continue
        found = list(source.find(person, typed, MOST_OF_A_KIND))
        if found:
            all_url = source.all_url(typed) if source.all_url is not None else None
            groups.append(Group(str(source.label), source.icon, found, all_url))
    return groups
