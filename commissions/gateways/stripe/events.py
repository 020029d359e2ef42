"""What Stripe tells: an event proved on its bytes, and those that never came, fetched."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import stripe
from flask import current_app

from commissions.gateways.stripe.client import client, patiently

TOLERANCE_SECONDS = 300
# As many kinds as Stripe takes in one question.
_MOST_KINDS = 20


class BadSignature(ValueError):
    """Not from Stripe, or not from now."""


def events_since(moment: datetime, kinds: Sequence[str]) -> list[dict[str, Any]]:
    """The platform's own events of these kinds since then, oldest first; Stripe keeps 30 days of them. Or TryAgain."""
    found: list[dict[str, Any]] = []
    with patiently():
        for start in range(0, len(kinds), _MOST_KINDS):
            page = client().v1.events.list(
                {
                    "created": {"gte": int(moment.timestamp())},
                    "types": list(kinds[start : start + _MOST_KINDS]),
                    "limit": 100,
                }
            )
            found += [event.to_dict() for event in page.auto_paging_iter()]
    return sorted(found, key=lambda event: (event["created"], event["id"]))


def verified_event(raw: bytes, signature: str | None, *, now: datetime) -> dict[str, Any]:
    """The event in ``raw`` once its signature and age are proved, over the bytes as they came.

    Two secrets may stand in the configuration, separated by a space, while one replaces the other. Raises BadSignature.
    """
    secrets = current_app.config["STRIPE_WEBHOOK_SECRET"].split()
    try:
        text = raw.decode("utf-8")
        # The first one counts, as it does for whoever verifies.
        stamp = int(next(part[2:] for part in (signature or "").split(",") if part.startswith("t=")))
    except (UnicodeDecodeError, ValueError, StopIteration):
        raise BadSignature("unreadable") from None
    if abs(stamp - now.timestamp()) > TOLERANCE_SECONDS:
        raise BadSignature("too old, or from the future")
    for secret in secrets:
        try:
            stripe.WebhookSignature.verify_header(text, str(signature), secret, tolerance=None)
            break
        except stripe.SignatureVerificationError:
            continue
    else:
        raise BadSignature("signed by somebody else")
    try:
        event = json.loads(text)
    except json.JSONDecodeError:
        raise BadSignature("not JSON") from None
    whole = isinstance(event, dict) and event.get("object") == "event"
    if not whole or not isinstance(event.get("id"), str) or not isinstance(event.get("type"), str):
        raise BadSignature("not an event")
    return dict(event)
