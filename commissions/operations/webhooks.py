"""Storing what Stripe tells, before anything is done about it."""

import json
from typing import Any

import sqlalchemy as sa

from commissions.models import WebhookEvent
from core import clock, jobs
from core.bulk import insert_of
from core.database import session


def store_event(event: dict[str, Any]) -> bool:
    """Keeps a proved event, once, and lets a job handle it; answers whether it still has to be."""
    session.execute(
        insert_of(WebhookEvent).on_conflict_do_nothing(index_elements=["event_id"]),
        {
            "event_id": event["id"],
            "kind": event["type"],
            "account": event.get("account"),
            "body": json.dumps(event, ensure_ascii=False),
            "received_at": clock.now(),
        },
    )
    row_id = session.scalar(
        sa.select(WebhookEvent.id).where(
            WebhookEvent.event_id == event["id"], WebhookEvent.handled_at.is_(None)
        )
    )
    if row_id is None:
        return False
    jobs.enqueue("commissions.webhook", {"id": row_id}, key=f"webhook:{event['id']}")
    return True
