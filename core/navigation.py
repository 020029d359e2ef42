"""The menu: each domain says what it adds and who may open it; the page draws what this person can use."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from flask import request, url_for


@dataclass(frozen=True)
class Entry:
    """A place in the menu. ``count`` answers how much waits there, or ``None``; ``due`` colours it as urgent."""

    label: Any
    endpoint: str
    icon: str
    permission: Any
    group: str = ""
    order: int = 50
    count: Callable[[Any], int | None] | None = None
    due: bool = False
    #: Also in the bottom bar of a phone (four at most).
    on_phone: bool = False
    #: For whom: ``partner``, ``staff`` or both.
    audience: str = "both"


@dataclass(frozen=True)
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


def _draw(entry: Entry, person: Any) -> Item:
    count = entry.count(person) if entry.count is not None else None
    url = url_for(entry.endpoint)
    here = request.path
    is_current = here == url or (url != "/" and here.startswith(url + "/"))
    return Item(str(entry.label), url, entry.icon, count or None, entry.due, is_current)


def _is_for(entry: Entry, person: Any) -> bool:
    side = "staff" if person.is_staff else "partner"
    return entry.audience in {side, "both"} and (entry.permission is None or person.may(entry.permission))


def menu_for(person: Any) -> tuple[list[Group], list[Item]]:
    """The side menu's groups and the phone's bottom bar. One place is current: the one nearest to the address."""
    mine = [(entry, _draw(entry, person)) for entry in _entries if _is_for(entry, person)]
    nearest = max((len(item.url) for _entry, item in mine if item.is_current), default=0)
    mine = [
        (entry, replace(item, is_current=item.is_current and len(item.url) == nearest))
        for entry, item in mine
    ]
    groups = []
    for name, label in [("", ""), *_groups.items()]:
        items = [item for entry, item in mine if entry.group == name]
        if items:
            groups.append(Group(str(label), items))
    return groups, [item for entry, item in mine if entry.on_phone][:4]
