"""What a conversation can be about. Domains above register their things; partners only knows kind and number."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from accounts.models import User


@dataclass(frozen=True)
class Topic:
    """A thing somebody may see: what it is called, where its page is, and whose it is (``None``: nobody's yet)."""

    title: str
    url: str
    partner_id: int | None


Finder = Callable[[User, int], Topic | None]
_finders: dict[str, tuple[Any, Finder]] = {}


def topics(kind: str, label: Any) -> Callable[[Finder], Finder]:
    """Registers how a thing of ``kind`` is found for a person; the function answers ``None`` for foreign ones."""

    def register(finder: Finder) -> Finder:
        _finders[kind] = (label, finder)
        return finder

    return register


def topic_of(user: User, kind: str, number: int | None) -> Topic | None:
    """The thing as ``user`` may see it; ``None`` when there is none, or it is not theirs to see."""
    if kind not in _finders or number is None:
        return None
    _label, finder = _finders[kind]
    return finder(user, number)


def kind_label(kind: str) -> str:
    """``lead`` as *Lead*."""
    return str(_finders[kind][0]) if kind in _finders else ""
