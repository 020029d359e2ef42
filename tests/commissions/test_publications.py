"""What other systems are told: every type that the API documents, with ids as text and money in minor units."""

import json
from typing import Any

import sqlalchemy as sa

from core.database import session
from core.webhooks import TYPES, Message, delivering
from tests.commissions.cast import a_live_plan, sold

PROMISED = {
    "application.submitted", "application.approved", "lead.offered", "lead.accepted", "lead.lapsed", "lead.won",
    "lead.lost", "deal.approved", "deal.expired", "commission.accrued", "commission.reversed", "payout.sent",
    "payout.paid", "payout.failed", "certificate.issued", "certificate.expired", "funding_claim.approved",
    "partner.tier_changed",
}  # fmt: skip


def listen(app: Any, monkeypatch: Any) -> None:
    monkeypatch.setitem(app.config, "WEBHOOK_PRIVATE_ADDRESSES", ["127.0.0.0/8"])
    delivering.make_endpoint(name="CRM", url="http://127.0.0.1:9/", event_types=sorted(PROMISED), by=None)


def told(name: str) -> list[dict[str, Any]]:
    rows = session.scalars(sa.select(Message).where(Message.type == name).order_by(Message.id))
    return [json.loads(row.body)["data"] for row in rows]


def test_every_promised_type_can_be_chosen(app: Any) -> None:
    assert set(TYPES) >= PROMISED


def test_an_earning_is_told_as_it_is_posted(app: Any, acme: Any, monkeypatch: Any) -> None:
    listen(app, monkeypatch)
    a_live_plan()
    sale = sold(acme)
    (earned,) = told("commission.accrued")[:1]
    assert earned["partner_id"] == str(acme.id) and earned["sale_id"] == str(sale.id)
    assert isinstance(earned["amount_minor"], int) and earned["currency"] == sale.currency


def test_a_new_tier_is_told(app: Any, acme: Any, mona: Any, monkeypatch: Any) -> None:
    from partners.operations.firms import change_tier

    listen(app, monkeypatch)
    change_tier(acme, "platinum", reason="Grew", by=mona)
    assert told("partner.tier_changed") == [
        {"partner_id": str(acme.id), "before": "gold", "after": "platinum"}
    ]
