"""Who handles which event of Stripe: a registry, filled by whoever understands the event."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Event = dict[str, Any]
Handler = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Handling:
    """What is done about an event. ``ask`` fetches what Stripe says now, while no transaction is open."""

    handler: Handler
    ask: Callable[[Event], Any] | None = None


_handlings: dict[str, Handling] = {}


def handles(*kinds: str, ask: Callable[[Event], Any] | None = None) -> Callable[[Handler], Handler]:
    """Registers the decorated function for events of ``kinds``, say ``invoice.paid``; it gets the event as it came.

    With ``ask`` it also gets what that answered. It runs in a job, in a transaction of its own, perhaps more than once
    and in any order: it must bear both.
    """

    def register(handler: Handler) -> Handler:
        for kind in kinds:
            if _handlings.setdefault(kind, Handling(handler, ask)).handler is not handler:
                raise RuntimeError(f"{kind} is handled twice.")
        return handler

    return register


def handling_of(kind: str) -> Handling | None:
    """What is done about events of ``kind``, if anything."""
    return _handlings.get(kind)


def handled_kinds() -> list[str]:
    """Every kind of event that somebody handles."""
    return sorted(_handlings)
