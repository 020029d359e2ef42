"""What is told, and writing a message with its cause."""

import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core import clock, jobs
from core.database import session
from core.signals import Signal, receives
from core.webhooks.models import Delivery, DeliveryStatus, Endpoint, Message

JOB = "core.webhook"


@dataclass(frozen=True)
class EventType:
    """One kind of event that an endpoint may ask for."""

    name: str
    label: Any


TYPES: dict[str, EventType] = {}


def publishes(
    name: str, label: Any, *signals: type[Signal[Any]], data: Callable[[Any], dict[str, Any]]
) -> None:
    """Tells endpoints of ``name`` (``deal.approved``) whenever one of ``signals`` is announced.

    ``data`` makes what stands in the message from the signal: ids as text, money as ``…_minor`` beside a ``currency``,
    moments in RFC 3339. A type without signals is told by :func:`emit`.
    """
    TYPES[name] = EventType(name, label)
    for kind in signals:

        @receives(kind)
        def tell(signal: Signal[Any]) -> None:
            emit(name, lambda: data(signal))


def emit(name: str, data: Callable[[], dict[str, Any]]) -> None:
    """Writes a message of type ``name`` to every endpoint that asked for it; nothing where nobody did."""
    emit_each([(name, data)])


def emit_each(events: Sequence[tuple[str, Callable[[], dict[str, Any]]]]) -> None:
    """The same for several at once: (type, what makes its data), asked only where somebody listens."""
    if not events:
        return
    endpoints = session.scalars(sa.select(Endpoint).where(Endpoint.disabled_at.is_(None))).all()
    for name, data in events:
        listening = [endpoint for endpoint in endpoints if name in endpoint.event_types]
        if listening:
            write_message(name, data(), listening)


def write_message(name: str, data: dict[str, Any], endpoints: list[Endpoint]) -> Message:
    """A message to ``endpoints``, which the worker delivers after the commit."""
    moment = clock.now()
    message = Message(
        public_id=f"msg_{secrets.token_urlsafe(18)}",
        type=name,
        body=json.dumps(
            {"type": name, "timestamp": moment.isoformat(timespec="seconds"), "data": data},
            ensure_ascii=False,
            separators=(",", ":"),
        ),
        at=moment,
    )
    session.add(message)
    deliveries = [
        Delivery(endpoint=endpoint, message=message, status=DeliveryStatus.WAITING, attempts=0, resent=0)
        for endpoint in endpoints
    ]
    session.add_all(deliveries)
    session.flush()
    for delivery in deliveries:
        enqueue(delivery)
    return message


def enqueue(delivery: Delivery) -> None:
    """Writes the job of a delivery's next attempt."""
    jobs.enqueue(
        JOB,
        {"delivery": delivery.id},
        key=f"webhook:{delivery.id}:{delivery.resent}:{delivery.attempts}",
        run_at=delivery.next_at,
    )
