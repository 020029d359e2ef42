"""Handling what came into the inbox, in a transaction of its own."""

import json
from typing import Any

from commissions import webhook_events
from commissions.models import WebhookEvent
from core import clock
from core.database import lock, session
from core.jobs import job


@job("commissions.webhook")
def handle_event(payload: dict[str, Any]) -> None:
    """Hands one stored event to whoever understands its kind; once in effect."""
    row = lock(session.get_one(WebhookEvent, payload["id"]))
    if row.handled_at is not None:
        return
    handler = webhook_events.handler_of(row.kind)
    if handler is not None:
        handler(json.loads(row.body))
    row.handled_at = clock.now()
    row.result = "handled" if handler is not None else "ignored"
