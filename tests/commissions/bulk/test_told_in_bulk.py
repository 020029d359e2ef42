"""Other systems hear of thousands of lines by their sums, so that adding up what they were told stays right."""

import json
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from commissions.models import Entry
from commissions.operations.bulk import Accrual
from core import clock
from core.database import session
from core.sealing import seal
from core.webhooks import Endpoint, Message
from core.webhooks.models import PURPOSE
from referrals.models import Sale
from tests.commissions.cast import FIRST_OF_MARCH, a_live_plan, sold


def _a_listener() -> None:
    session.add(
        Endpoint(
            name="CRM",
            url="https://crm.example/hooks",
            event_types=["commission.accrued"],
            sealed_secret=seal(PURPOSE, "whsec_c2VjcmV0"),
            created_at=clock.now(),
            disabled_because="",
        )
    )
    session.flush()


def _told() -> list[dict[str, Any]]:
    rows = session.scalars(sa.select(Message).order_by(Message.id))
    return [json.loads(row.body)["data"] for row in rows]


def test_a_partners_lines_are_one_message_with_their_sum(acme: Any, rival: Any, time: Any) -> None:
    _a_listener()
    for number in range(3):
        sold(acme, name=f"a{number}", occurred_at=FIRST_OF_MARCH + timedelta(days=number))
    sold(rival, name="r", occurred_at=FIRST_OF_MARCH)
    a_live_plan()
    Accrual(by=None).work_out(list(session.scalars(sa.select(Sale.id).order_by(Sale.id))))
    session.flush()
    told = _told()
    assert sorted(one["partner_id"] for one in told) == sorted([str(acme.id), str(rival.id)])
    for one in told:
        entries = session.scalars(
            sa.select(Entry).where(Entry.partner_id == int(one["partner_id"])).order_by(Entry.id)
        ).all()
        assert one["amount_minor"] == sum(entry.amount_minor for entry in entries)
        assert one["lines"] == len(entries) and one["id"] is None and one["kind"] == "several"
        assert (one["first_id"], one["last_id"]) == (str(entries[0].id), str(entries[-1].id))


def test_nobody_listening_costs_no_message(acme: Any, time: Any) -> None:
    sold(acme, name="a", occurred_at=FIRST_OF_MARCH)
    a_live_plan()
    Accrual(by=None).work_out(list(session.scalars(sa.select(Sale.id))))
    assert _told() == []
