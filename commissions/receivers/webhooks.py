"""Handling what came into the inbox, in a transaction of its own; and fetching what never came."""

import json
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from commissions import webhook_events
from commissions.gateways import stripe
from commissions.models import WebhookEvent
from commissions.operations.webhooks import store_event
from core import clock
from core.database import aside, lock, outside, session
from core.jobs import job, recurring

# Stripe keeps its events for thirty days; an event may arrive a little out of order.
_KEPT, _OVERLAP = timedelta(days=29), timedelta(days=2)


@job("commissions.webhook")
def handle_event(payload: dict[str, Any]) -> None:
    """Hands one stored event to whoever understands its kind; once in effect.

    Stripe is asked about it, where need be, while no transaction is open.
    """
    with aside() as own:
        seen = own.get_one(WebhookEvent, payload["id"])
        kind, body, is_handled = seen.kind, seen.body, seen.handled_at is not None
    if is_handled:
        return
    event = json.loads(body)
    handling = webhook_events.handling_of(kind)
    answers = [] if handling is None or handling.ask is None else [handling.ask(event)]
    row = lock(session.get_one(WebhookEvent, payload["id"]))
    if row.handled_at is not None:
        return
    if handling is not None:
        handling.handler(event, *answers)
    row.handled_at = clock.now()
    row.result = "handled" if handling is not None else "ignored"


@recurring("commissions.catch-up-with-stripe", every=timedelta(hours=1))
def fetch_what_never_came(_payload: dict[str, Any]) -> None:
    """Events that Stripe has and we were never told, because our address was away: stored as if they had come."""
    if not stripe.is_set_up():
        return
    with aside() as own:
        last = own.scalar(sa.select(sa.func.max(WebhookEvent.received_at)))
        now = clock.real_now()
    since = max((last or now - _KEPT) - _OVERLAP, now - _KEPT)
    with outside():
        events = stripe.events_since(since, webhook_events.handled_kinds())
    for event in events:
        store_event(event)
