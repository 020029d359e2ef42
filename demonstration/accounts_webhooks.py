"""A CRM that listens: what it was told over the last days, one message that it refused, and mail that came back."""

import json
from datetime import timedelta

import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Role
from core import clock
from core.bounces import note_bounce
from core.database import session
from core.sealing import seal
from core.webhooks import Delivery, DeliveryStatus, Endpoint, Message
from core.webhooks.models import PURPOSE

#: Seldom ones: nothing answers at that address, so nothing new should go there while somebody looks around.
_TYPES = ["certificate.expired", "payout.failed"]
_TOLD = (
    (9, "certificate.expired", {"serial": "4QX7-22MD", "course": "selling"}, 200, "ok"),
    (6, "certificate.expired", {"serial": "9RT3-PK51", "course": "portal"}, 200, "ok"),
    (3, "payout.failed", {"id": "4", "partner_id": "3", "amount_minor": 18250, "currency": "EUR"}, 500,
     "Internal Server Error: the queue is full"),
    (1, "certificate.expired", {"serial": "K8W2-0FZA", "course": "selling"}, 204, ""),
)  # fmt: skip


def make_demo(*, partners: int, leads: int, sales: int, seed: int) -> None:
    """Written as it would stand after a week: the demo itself calls nobody."""
    admin = session.scalars(sa.select(User).where(User.role == Role.PROGRAMME_ADMIN)).first()
    endpoint = Endpoint(
        name="CRM",
        url="https://crm.meridian.example/hooks",
        event_types=_TYPES,
        sealed_secret=seal(PURPOSE, "whsec_ZGVtbyBkZW1vIGRlbW8gZGVtbyBkZW1vIGRlbW8="),
        created_at=clock.now() - timedelta(days=12),
        created_by_id=admin.id if admin is not None else None,
        disabled_because="",
    )
    for number, (days, kind, data, status, answer) in enumerate(_TOLD, 1):
        moment = clock.now() - timedelta(days=days)
        message = Message(
            public_id=f"msg_demo{number}",
            type=kind,
            body=json.dumps({"type": kind, "timestamp": moment.isoformat(timespec="seconds"), "data": data}),
            at=moment,
        )
        arrived = status < 300
        session.add(
            Delivery(
                endpoint=endpoint,
                message=message,
                status=DeliveryStatus.DELIVERED if arrived else DeliveryStatus.GIVEN_UP,
                attempts=1 if arrived else 10,
                resent=0,
                last_at=moment if arrived else moment + timedelta(days=3),
                last_status=status,
                last_answer=answer,
            )
        )
    note_bounce(
        address="office@nordlicht-it.example",
        subject="Your application was received",
        reason="550 5.1.1 No such user here",
    )
