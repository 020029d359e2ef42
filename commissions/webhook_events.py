"""Who handles which event of Stripe: a registry, filled by whoever understands the event."""

from collections.abc import Callable
from typing import Any

Handler = Callable[[dict[str, Any]], None]
_handlers: dict[str, Handler] = {}


def handles(*kinds: str) -> Callable[[Handler], Handler]:
    """Registers the decorated function for events of ``kinds``, say ``invoice.paid``; it gets the event as it came.

    It runs in a job, in a transaction of its own, perhaps more than once and in any order: it must bear both.
    """

    def register(handler: Handler) -> Handler:
        for kind in kinds:
            if _handlers.setdefault(kind, handler) is not handler:
                raise RuntimeError(f"{kind} is handled twice.")
        return handler

    return register


def handler_of(kind: str) -> Handler | None:
    """Who handles events of ``kind``, if anybody."""
    return _handlers.get(kind)
