"""Stripe's signed events about invoices, checkouts, refunds and disputes, as they come over the wire."""

import hashlib
import hmac
import itertools
import json
import time as real_time
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from commissions.ledger import audit
from commissions.models import Entry
from core.database import session
from referrals.models import Sale
from tests.commissions.payouts.stripe_server import FakeStripe
from tests.commissions.sales.test_sales_over_the_api import PLAN
from tests.conftest import Machine

SECRET = "whsec_known_to_the_tests"
_numbers = itertools.count(1)


def invoice(partner_id: int, **about: Any) -> dict[str, Any]:
    """A paid invoice of Stripe's: a licence of 2,000.00 and 19 % tax on top."""
    return {
        "id": "in_1", "object": "invoice", "number": "R-2026-7", "currency": "eur", "customer": "cus_7",
        "customer_name": "Globex", "customer_email": "g@globex.example", "customer_address": {"country": "DE"},
        "billing_reason": "manual", "created": 1772445600, "status_transitions": {"paid_at": 1772445600},
        "metadata": {"partner_id": str(partner_id)}, "total": 238000,
        "lines": {"data": [{
            "id": "il_1", "amount": 200000, "quantity": 20, "description": "Cloud Pro", "discount_amounts": [],
            "metadata": {}, "taxes": [{"amount": 38000, "tax_behavior": "exclusive"}],
        }]},
        **about,
    }  # fmt: skip


@pytest.fixture
def stripe_says(app: Flask, monkeypatch: pytest.MonkeyPatch, run_jobs: Any) -> Any:
    """Sends an event as Stripe signs it, then lets the worker work; answers the status."""
    monkeypatch.setitem(app.config, "STRIPE_WEBHOOK_SECRET", SECRET)

    def send(kind: str, thing: dict[str, Any], *, event_id: str | None = None, secret: str = SECRET) -> int:
        event = {
            "id": event_id or f"evt_{next(_numbers)}", "object": "event", "type": kind, "livemode": False,
            "created": int(real_time.time()), "data": {"object": thing},
        }  # fmt: skip
        body = json.dumps(event).encode()
        moment = int(real_time.time())
        signature = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
        session.commit()
        with app.app_context():
            answer = app.test_client().post(
                "/webhooks/stripe", data=body, headers={"Stripe-Signature": f"t={moment},v1={signature}"}
            )
        run_jobs()
        return int(answer.status_code)

    return send


@pytest.fixture(autouse=True)
def _a_published_plan(programme: None, machine: Any) -> Any:
    vendor: Machine = machine("plans:write")
    vendor.post("/plans/standard/versions", PLAN)
    vendor.post("/plans/standard/versions/1/simulation", {})
    vendor.post("/plans/standard/versions/1/publication", {})
    yield
    assert audit() == []


def earned() -> list[int]:
    return list(session.scalars(sa.select(Entry.amount_minor).order_by(Entry.id)))


def test_a_paid_invoice_is_a_sale_net_of_tax(acme: Any, stripe_says: Any) -> None:
    assert stripe_says("invoice.paid", invoice(acme.id)) == 200
    sale = session.scalars(sa.select(Sale)).one()
    assert (sale.external_id, sale.invoice, sale.total_minor, sale.currency) == (
        "in_1",
        "R-2026-7",
        200000,
        "EUR",
    )
    assert earned() == [5800]


def test_the_same_event_twice_and_the_same_invoice_twice_count_once(acme: Any, stripe_says: Any) -> None:
    for event_id in ("evt_a", "evt_a", "evt_b"):
        assert stripe_says("invoice.paid", invoice(acme.id), event_id=event_id) == 200
    assert earned() == [5800]


def test_a_forged_event_is_refused_and_nothing_is_stored(acme: Any, stripe_says: Any) -> None:
    assert stripe_says("invoice.paid", invoice(acme.id), secret="whsec_of_somebody_else") == 400
    assert session.scalar(sa.select(sa.func.count()).select_from(Sale)) == 0


def test_refunds_count_by_what_the_charge_gave_back_in_all(acme: Any, stripe_says: Any) -> None:
    stripe_says("invoice.paid", invoice(acme.id))
    charge = {"id": "ch_1", "object": "charge", "invoice": "in_1"}
    stripe_says("charge.refunded", {**charge, "amount_refunded": 59500})
    stripe_says("charge.refunded", {**charge, "amount_refunded": 59500})
    assert earned() == [5800, -1450]
    stripe_says("charge.refunded", {**charge, "amount_refunded": 238000})
    assert sum(earned()) == 0


def test_a_refund_before_its_invoice_is_tried_again(
    acme: Any, stripe_says: Any, time: Any, run_jobs: Any
) -> None:
    charge = {"id": "ch_1", "object": "charge", "invoice": "in_1", "amount_refunded": 59500}
    assert stripe_says("charge.refunded", charge) == 200
    stripe_says("invoice.paid", invoice(acme.id))
    time.move(hours=1)
    run_jobs()
    assert sum(earned()) == 5800 - 1450


def test_a_lost_dispute_takes_back_and_a_won_one_does_not(acme: Any, stripe_says: Any) -> None:
    stripe_says("invoice.paid", invoice(acme.id))
    dispute = {"id": "dp_1", "object": "dispute", "charge": "ch_1", "metadata": {"sale_external_id": "in_1"},
               "amount": 238000}  # fmt: skip
    stripe_says("charge.dispute.created", {**dispute, "status": "needs_response"})
    assert earned() == [5800]
    stripe_says("charge.dispute.closed", {**dispute, "status": "lost"})
    assert sum(earned()) == 0


def test_a_checkout_without_an_invoice_is_a_sale(acme: Any, stripe_says: Any) -> None:
    checkout = {
        "id": "cs_1", "object": "checkout.session", "mode": "payment", "payment_status": "paid", "invoice": None,
        "payment_intent": "pi_1", "amount_total": 119000, "currency": "eur", "created": 1772445600, "customer": None,
        "total_details": {"amount_tax": 19000}, "customer_details": {"name": "Initech", "address": {"country": "DE"}},
        "metadata": {"partner_id": str(acme.id)},
    }  # fmt: skip
    stripe_says("checkout.session.completed", checkout)
    assert earned() == [2900]


DISPUTE = {
    "id": "dp_1",
    "object": "dispute",
    "charge": "ch_1",
    "payment_intent": "pi_1",
    "amount": 238000,
    "metadata": {},
}


def test_a_dispute_finds_its_invoice_by_the_payment_where_the_invoice_names_it(
    acme: Any, stripe_says: Any, time: Any, run_jobs: Any
) -> None:
    """Disputes name their charge and payment only. Here the dispute comes first and waits."""
    stripe_says("charge.dispute.closed", {**DISPUTE, "status": "lost"})
    payment = {"type": "payment_intent", "payment_intent": "pi_1"}
    stripe_says("invoice.paid", invoice(acme.id, payments={"data": [{"payment": payment}]}))
    assert earned() == [5800]
    time.move(hours=1)
    run_jobs()
    assert sum(earned()) == 0


@pytest.mark.parametrize("said", [{"charge": "ch_1"}, {"payment_intent": "pi_1"}])
def test_an_invoice_of_an_older_version_of_the_api_names_its_charge(
    acme: Any, stripe_says: Any, said: dict[str, str]
) -> None:
    stripe_says("invoice.paid", invoice(acme.id, **said))
    stripe_says("charge.dispute.closed", {**DISPUTE, "status": "lost"})
    assert sum(earned()) == 0


def test_stripe_is_asked_for_the_invoice_of_a_charge_that_names_none(
    app: Flask, acme: Any, stripe_says: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Since its API of 2025 neither charges nor disputes name an invoice, nor do its events name their payments."""
    with FakeStripe() as fake:
        monkeypatch.setitem(app.config, "STRIPE_API_KEY", "sk_test_x")
        monkeypatch.setitem(app.config, "STRIPE_API_BASE", fake.url)
        fake.paid_invoices["pi_1"] = ["in_1"]
        stripe_says("invoice.paid", invoice(acme.id))
        charge = {"id": "ch_1", "object": "charge", "payment_intent": "pi_1", "metadata": {}}
        stripe_says("charge.refunded", {**charge, "amount_refunded": 59500})
        assert earned() == [5800, -1450]
        stripe_says("charge.dispute.closed", {**DISPUTE, "amount": 178500, "status": "lost"})
        assert sum(earned()) == 0
        assert (fake.refused, fake.odd_answers) == ([], [])


@pytest.mark.parametrize("first", ["stripe", "api"])
def test_an_invoice_told_over_the_api_by_the_id_that_stripe_gave_it_counts_once(
    acme: Any, stripe_says: Any, machine: Any, first: str
) -> None:
    vendor: Machine = machine("sales:write")
    told = {
        "external_id": "order-1", "invoice": "in_1", "occurred_at": "2026-03-02T10:00:00Z", "currency": "EUR",
        "partner_id": str(acme.id), "customer": {"external_id": "cus_7", "name": "Globex", "country": "DE"},
        "type": "new", "billed_by": "vendor", "paid": "full",
        "lines": [{"kind": "licence", "product": None, "quantity": 20, "unit_amount_minor": 10000}],
    }  # fmt: skip
    if first == "stripe":
        stripe_says("invoice.paid", invoice(acme.id))
    answer = vendor.post("/sales", told)
    assert answer.status_code == (200 if first == "stripe" else 201), answer.json
    stripe_says("invoice.paid", invoice(acme.id))
    assert earned() == [5800]
