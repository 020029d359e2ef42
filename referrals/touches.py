"""Clicks that a visitor carries along: which links, and when. Values in, values out.

They are written ``token.second~token.second``, the earliest first, in a cookie of the site that is visited or in an
address. Nothing in them says who the visitor is.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

#: So many are carried; the earliest is kept, for it may be the one that counts.
MOST = 10
TOKEN = re.compile(r"[a-z2-9]{10}")
_ONE = re.compile(r"([a-z2-9]{10})(?:\.(\d{9,11}))?")


@dataclass(frozen=True, slots=True, order=True)
class Touch:
    """A click on the link with ``token``."""

    at: datetime
    token: str


Moment = TypeVar("Moment")


def parse(text: str | None, *, now: datetime, days: int) -> tuple[Touch, ...]:
    """What ``text`` says, the earliest first, without what cannot be or is older than ``days``.

    A token without a moment was clicked now. A moment in the future is a clock that is wrong: it counts as now.
    """
    found: set[Touch] = set()
    for part in (text or "")[:400].split("~"):
        match = _ONE.fullmatch(part)
        if match is None:
            continue
        at = datetime.fromtimestamp(int(match[2]), UTC) if match[2] else now
        if at >= now - timedelta(days=days):
            found.add(Touch(min(at, now.replace(microsecond=0)), match[1]))
    return carried(found)


def carried(touches: Iterable[Touch]) -> tuple[Touch, ...]:
    """The touches that are carried on: the earliest and the latest ones."""
    ordered = sorted(set(touches))
    return tuple(ordered if len(ordered) <= MOST else [ordered[0], *ordered[-(MOST - 1) :]])


def written(touches: Iterable[Touch]) -> str:
    """The text that :func:`parse` reads."""
    return "~".join(f"{touch.token}.{int(touch.at.timestamp())}" for touch in touches)


def in_order_of_credit(touches: Iterable[Moment], *, first: bool) -> list[Moment]:
    """``touches``, given the earliest first, with the one that counts in front."""
    ordered = list(touches)
    return ordered if first else ordered[::-1]
