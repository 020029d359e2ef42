"""Web hooks out, as the Standard Webhooks specification has them: what happened here, told to other systems.

A domain names what it tells (:func:`publishes`) and of which signal. Each endpoint chooses among those. A message is
written with its cause, in the same transaction, and the worker delivers it: at once, then with growing pauses for three
days. Ids are stable, order is not promised.
"""

from core.webhooks.models import Delivery, DeliveryStatus, Endpoint, EndpointDisabled, Message
from core.webhooks.publishing import TYPES, EventType, emit, emit_each, publishes

__all__ = [
    "TYPES",
    "Delivery",
    "DeliveryStatus",
    "Endpoint",
    "EndpointDisabled",
    "EventType",
    "Message",
    "emit",
    "emit_each",
    "publishes",
]
