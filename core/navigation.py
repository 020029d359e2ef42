"""The menu: each domain says what it adds and who may open it; the page draws what this person can use."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import g, request

from core import settings
from core.addresses import url_for
from core.database import current_database, session

Waiting = sa.Select[Any] | tuple[sa.Select[Any], ...] | None
"""The list, or lists, of what waits behind a place in the menu: rows, neither grouped nor distinct."""


@dataclass(frozen=True)
class Entry:
    """A place in the menu. ``count`` answers the list of what waits there, ``due`` colours it as urgent.

    The list may be built from the person, their firm (:func:`rests_on`) and settings; a moment in it is
    ``clock.when_asked()``, so that the statement can be kept.
    """

    label: Any
    endpoint: str
    icon: str
    permission: Any
    group: str = ""
    order: int = 50
    count: Callable[[Any], Waiting] | None = None
    due: bool = False
    #: Also in the bottom bar of a phone (four at most).
    on_phone: bool = False
    #: For whom: ``partner``, ``staff`` or both.
    audience: str = "both"
    #: Paths of pages that belong here though their address says otherwise.
    also: tuple[str, ...] = ()


@dataclass(slots=True)
class Item:
    """A menu entry as drawn for one person on one page."""

    label: str
    url: str
    icon: str
    count: int | None
    count_due: bool
    is_current: bool


@dataclass(frozen=True)
class Group:
    """Entries under one heading."""

    label: str
    items: list[Item]


_entries: list[Entry] = []
_groups: dict[str, Any] = {}


def group(name: str, label: Any) -> None:
    """Names a heading; groups are drawn in the order of their naming, the nameless first."""
    _groups[name] = label


def add(entry: Entry) -> None:
    """Adds an entry, once."""
    if all(known.endpoint != entry.endpoint or known.audience != entry.audience for known in _entries):
        _entries.append(entry)
        _entries.sort(key=lambda known: known.order)


Ground = Callable[[Any], Hashable]
_grounds: list[Ground] = []


_beside: dict[str, Callable[[Any], Waiting]] = {}


def count_beside(place: str, lists: Callable[[Any], Waiting]) -> None:
    """Has lists counted by the menu's one statement, though their number stands elsewhere: :func:`waiting_at`."""
    _beside[place] = lists


def rests_on(ground: Ground) -> Ground:
    """Registers what else of a person the lists of the menu are built from, such as their firm: its values.

    A person whose values are the same as on their last page is asked for by the statement of that page.
    """
    if ground not in _grounds:
        _grounds.append(ground)
    return ground


@dataclass(frozen=True)
class _Question:
    """One statement for a whole menu, and how many of its numbers belong to each endpoint, in order."""

    statement: sa.Select[Any]
    lists: tuple[tuple[str, int], ...]


#: Building the statement costs more than asking it, so those of the latest people are kept.
_kept: dict[Hashable, _Question] = {}
_MOST_KEPT = 200


def waiting_at(place: str, person: Any) -> int:
    """How much of what was registered by :func:`count_beside` waits for ``person``."""
    return _of(person)[1][place]


def _of(person: Any) -> tuple[list[Entry], dict[str, int]]:
    """The entries of ``person`` and how much waits at each, worked out once a page."""
    if "menu_of" not in g or g.menu_of[0] is not person:
        entries = _entries_for(person)
        g.menu_of = person, entries, _counts(entries, person)
    _person, entries, counts = g.menu_of
    return entries, counts


def _counts(entries: list[Entry], person: Any) -> dict[str, int]:
    """How much waits behind each endpoint and beside the menu: one question to the database."""
    counted = [entry for entry in entries if entry.count is not None]
    key = (
        tuple(entry.endpoint for entry in counted),
        settings.in_force(),
        *(ground(person) for ground in _grounds),
    )
    question = _kept.get(key)
    if question is None:
        question = _ask(counted, person)
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        if _is_timeless(question.statement):
            _kept[key] = question
    answers = iter(session.execute(question.statement).one())
    return {endpoint: sum(next(answers) for _list in range(lists)) for endpoint, lists in question.lists}


def _ask(entries: list[Entry], person: Any) -> _Question:
    waiting = {entry.endpoint: _each(entry.count(person)) for entry in entries if entry.count is not None}
    waiting |= {place: _each(lists(person)) for place, lists in _beside.items()}
    numbers = [
        sa.select(sa.func.count())
        .select_from(
            rows.order_by(None).with_only_columns(sa.literal(1), maintain_column_froms=True).subquery()
        )
        .scalar_subquery()
        .label(None)
        for lists in waiting.values()
        for rows in lists
    ]
    counted = tuple((endpoint, len(lists)) for endpoint, lists in waiting.items())
    nothing: Any = sa.literal(0)
    return _Question(sa.select(*(numbers or [nothing])), counted)


def _is_timeless(statement: sa.Select[Any]) -> bool:
    """Whether no moment was written into it for good, with which it would grow old."""
    compiled: Any = statement.compile(dialect=current_database().engine.dialect)
    return not any(
        bound.callable is None and isinstance(bound.value, date) for bound in compiled.binds.values()
    )


def _each(lists: Waiting) -> tuple[sa.Select[Any], ...]:
    if lists is None:
        return ()
    return lists if isinstance(lists, tuple) else (lists,)


def _entries_for(person: Any) -> list[Entry]:
    sides = {"staff" if person.is_staff else "partner", "both"}
    return [
        entry
        for entry in _entries
        if entry.audience in sides and (entry.permission is None or person.may(entry.permission))
    ]


def _near(place: str, here: str) -> int:
    """The length of ``place`` when ``here`` is it or a page below it; 0 otherwise.

    One thing's page may stand beside the vendor's list of them: /deals/7 below /staff/deals.
    """
    if place == "/":
        return int(here == "/")
    place, here = place.removeprefix("/staff"), here.removeprefix("/staff")
    return len(place) if here.startswith(place) and here[len(place) :][:1] in ("", "/") else 0


def menu_for(person: Any) -> tuple[list[Group], list[Item]]:
    """The side menu's groups and the phone's bottom bar. One place is current: the one nearest to the address."""
    entries, counts = _of(person)
    urls = [url_for(entry.endpoint) for entry in entries]
    here = request.path
    nearness = [
        max([_near(place, here) for place in (url, *entry.also)])
        for entry, url in zip(entries, urls, strict=True)
    ]
    nearest = max(nearness, default=0)
    groups: dict[str, list[Item]] = {"": [], **{name: [] for name in _groups}}
    on_phone = []
    for entry, url, near in zip(entries, urls, nearness, strict=True):
        count = counts.get(entry.endpoint) or None
        item = Item(str(entry.label), url, entry.icon, count, entry.due, 0 < near == nearest)
        groups[entry.group].append(item)
        if entry.on_phone:
            on_phone.append(item)
    labels = {"": "", **_groups}
    return [Group(str(labels[name]), items) for name, items in groups.items() if items], on_phone[:4]
