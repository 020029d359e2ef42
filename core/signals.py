"""How a domain tells those above it what happened: frozen messages in the past tense.

Announcing writes the audit trail and calls every receiver in the same transaction; a receiver that fails fails the
whole deed. What must leave the building goes through ``core.jobs`` instead.
"""

import dataclasses
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, ClassVar, Generic, TypeVar

from core import activity
from core.activity import Actor, Deed

Subject = TypeVar("Subject")
AnySignal = TypeVar("AnySignal", bound="Signal[Any]")
Receiver = TypeVar("Receiver", bound=Callable[[Any], None])


@dataclasses.dataclass(frozen=True)
class Signal(Generic[Subject]):
    """Something that happened to ``subject``, done ``by`` somebody (``None``: by the portal itself).

    Further fields of a signal go into the audit trail when they are plain values.
    """

    subject: Subject
    by: Actor | None

    #: The words of the audit trail: ``DealWon`` is "deal won".
    verb: ClassVar[str] = ""
    #: The same for people, translated: ``said = lazy_gettext("Deal won")``.
    said: ClassVar[Any] = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.verb = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", cls.__name__).lower()
        if cls.said is not None:
            activity.SAID[cls.verb] = cls.said

    @property
    def details(self) -> dict[str, Any]:
        """Every further field that JSON can hold."""
        further = (field.name for field in dataclasses.fields(self) if field.name not in {"subject", "by"})
        values = {name: getattr(self, name) for name in further}
        return {
            name: value for name, value in values.items() if isinstance(value, str | int | bool | list | dict)
        }


_receivers: dict[type[Signal[Any]], list[Callable[[Any], None]]] = defaultdict(list)


def receives(*kinds: type[Signal[Any]]) -> Callable[[Receiver], Receiver]:
    """Calls the decorated function, with the signal, whenever one of ``kinds`` is announced."""

    def register(receiver: Receiver) -> Receiver:
        for kind in kinds:
            if receiver not in _receivers[kind]:
                _receivers[kind].append(receiver)
        return receiver

    return register


def announce(signal: Signal[Any]) -> None:
    """Writes the deed into the audit trail and tells everyone who listens, here and now."""
    activity.record(signal.verb, signal.subject, by=signal.by, details=signal.details)
    for receiver in tuple(_receivers[type(signal)]):
        receiver(signal)


def announce_together(signal: Signal[Any], deeds: Iterable[Deed]) -> None:
    """Announces what was done to many at once: a row of the trail for each deed, and one signal to who listens."""
    activity.record_many(deeds, by=signal.by)
    for receiver in tuple(_receivers[type(signal)]):
        receiver(signal)
