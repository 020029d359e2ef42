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
from commissions.operations.shared_payments import divide, waiting_to_be_divided
from core.database import session
from core.errors import InvalidInput, Refusal
from core.jobs import Job
from referrals.models import Chargeback, Sale
from tests.browser import Browser
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


def test_what_was_paid_in_advance_is_no_sale_once_more(acme: Any, stripe_says: Any) -> None:
    line = invoice(acme.id)["lines"]["data"][0]
    credit = {"amount": 50000, "type": "credit_balance_transaction", "credit_balance_transaction": "cbtxn_1"}
    discount = {"amount": 20000, "type": "discount", "discount": "di_1"}
    line |= {
        "discount_amounts": [{"amount": 20000, "discount": "di_1"}],
        "pretax_credit_amounts": [discount, credit],
        "taxes": [{"amount": 24700, "tax_behavior": "exclusive"}],
    }
    stripe_says("invoice.paid", invoice(acme.id, lines={"data": [line]}, total=154700))
    sale = session.scalars(sa.select(Sale)).one()
    # 2,000.00 less the discount of 200.00 and the credit of 500.00: 2.9 % of 1,300.00.
    assert (sale.total_minor, earned()) == (130000, [3770])
    charge = {"id": "ch_1", "object": "charge", "invoice": "in_1", "currency": "eur"}
    stripe_says("charge.refunded", {**charge, "amount_refunded": 154700})
    assert earned() == [3770, -3770]


@pytest.mark.parametrize(
    ("currency", "at_stripe", "minor"),
    [
        ("isk", 1_000_000, 10_000),
        ("ugx", 1_000_000, 10_000),
        ("mga", 10_000, 1_000_000),
        ("jpy", 10_000, 10_000),
    ],
)
def test_what_stripe_counts_in_other_units_is_the_same_money(
    acme: Any, stripe_says: Any, currency: str, at_stripe: int, minor: int
) -> None:
    line = invoice(acme.id)["lines"]["data"][0] | {"amount": at_stripe, "quantity": 1, "taxes": []}
    stripe_says("invoice.paid", invoice(acme.id, currency=currency, lines={"data": [line]}, total=at_stripe))
    sale = session.scalars(sa.select(Sale)).one()
    assert (sale.currency, sale.total_minor) == (currency.upper(), minor)
    granted = minor * 29 // 1000
    assert earned() == [granted]
    thing = {"object": "charge", "invoice": "in_1", "currency": currency}
    stripe_says("charge.refunded", {**thing, "id": "ch_1", "amount_refunded": at_stripe // 2})
    assert earned() == [granted, -granted // 2]
    dispute = {"id": "dp_1", "object": "dispute", "charge": "ch_1", "invoice": "in_1", "currency": currency}
    stripe_says("charge.dispute.closed", {**dispute, "amount": at_stripe // 2, "status": "lost"})
    assert sum(earned()) == 0


def test_a_checkout_in_such_a_currency(acme: Any, stripe_says: Any) -> None:
    session_ = {
        "id": "cs_1", "object": "checkout.session", "mode": "payment", "payment_status": "paid", "currency": "ugx",
        "payment_intent": "pi_1", "amount_total": 1_190_000, "total_details": {"amount_tax": 190_000},
        "created": 1772445600, "customer": "cus_7", "customer_details": {"name": "Globex"},
        "metadata": {"partner_id": str(acme.id)},
    }  # fmt: skip
    stripe_says("checkout.session.completed", session_)
    assert session.scalars(sa.select(Sale)).one().total_minor == 10_000
    assert earned() == [290]


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


def test_the_banks_word_counts_once_by_whichever_events_it_is_told(
    acme: Any, stripe_says: Any, time: Any
) -> None:
    """A dispute is opened, its money withdrawn, evidence given; it is won, and the money comes back."""
    stripe_says("invoice.paid", invoice(acme.id))
    dispute = {"id": "dp_1", "object": "dispute", "charge": "ch_1", "metadata": {"sale_external_id": "in_1"},
               "amount": 238000}  # fmt: skip
    for kind, status in (
        ("created", "needs_response"),
        ("funds_withdrawn", "needs_response"),
        ("updated", "under_review"),
        ("closed", "won"),
        ("funds_reinstated", "won"),
    ):
        assert stripe_says(f"charge.dispute.{kind}", {**dispute, "status": status}) == 200
        time.move(minutes=1)
    assert earned() == [5800]
    words = session.scalars(sa.select(Chargeback.status).order_by(Chargeback.id)).all()
    assert words == ["opened", "won"]
    assert session.scalars(sa.select(Job).where(Job.last_error.is_not(None))).all() == []


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
        fake.paid_invoices["pi_1"] = {"in_1": 238000}
        stripe_says("invoice.paid", invoice(acme.id))
        charge = {"id": "ch_1", "object": "charge", "payment_intent": "pi_1", "metadata": {}}
        stripe_says("charge.refunded", {**charge, "amount_refunded": 59500})
        assert earned() == [5800, -1450]
        stripe_says("charge.dispute.closed", {**DISPUTE, "amount": 178500, "status": "lost"})
        assert sum(earned()) == 0
        assert (fake.refused, fake.odd_answers) == ([], [])


@pytest.mark.parametrize("first", ["stripe", "api"])
@pytest.mark.parametrize(
    "called",
    [
        {"external_id": "order-1", "invoice": "in_1"},
        {"external_id": "R-2026-7"},
        {"external_id": "in_1", "invoice": "R-2026-7"},
    ],
)
def test_an_invoice_told_over_the_api_by_the_id_or_number_that_stripe_gave_it_counts_once(
    acme: Any, stripe_says: Any, machine: Any, first: str, called: dict[str, str]
) -> None:
    vendor: Machine = machine("sales:write")
    told = {
        **called, "occurred_at": "2026-03-02T10:00:00Z", "currency": "EUR",
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


# What an event leaves out


def a_line_of_stripes(number: int, amount: int) -> dict[str, Any]:
    return {
        "id": f"il_{number}", "object": "line_item", "amount": amount, "subtotal": amount, "quantity": 1,
        "currency": "eur", "description": f"Line {number}", "discountable": True, "discounts": [], "metadata": {},
        "discount_amounts": [], "livemode": False, "period": {"start": 1772445600, "end": 1772445600},
    }  # fmt: skip


def test_a_long_invoice_is_read_to_its_last_line(
    app: Flask, acme: Any, stripe_says: Any, monkeypatch: pytest.MonkeyPatch, time: Any, run_jobs: Any
) -> None:
    """An event holds the first ten lines. Without a key it waits, and the jobs page says for what."""
    lines = [a_line_of_stripes(number, 1_000 * number) for number in range(1, 126)]
    long = invoice(acme.id, lines={"data": lines[:10], "has_more": True})
    stripe_says("invoice.paid", long)
    assert session.scalars(sa.select(Sale)).all() == []
    [error] = session.scalars(sa.select(Job.last_error).where(Job.last_error.is_not(None)))
    assert "STRIPE_API_KEY" in error
    with FakeStripe() as fake:
        monkeypatch.setitem(app.config, "STRIPE_API_KEY", "sk_test_x")
        monkeypatch.setitem(app.config, "STRIPE_API_BASE", fake.url)
        fake.invoice_lines["in_1"] = lines
        time.move(hours=1)
        run_jobs()
        assert (fake.refused, fake.odd_answers) == ([], [])
    sale = session.scalars(sa.select(Sale)).one()
    assert [line.unit_amount_minor for line in sale.lines] == [1_000 * number for number in range(1, 126)]
    assert sum(earned()) == sum(29 * number for number in range(1, 126))


# A payment for several invoices


@pytest.fixture
def two_invoices(app: Flask, acme: Any, stripe_says: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Two invoices, of 2,380.00 and 1,190.00 with tax, that were paid at once."""
    with FakeStripe() as fake:
        monkeypatch.setitem(app.config, "STRIPE_API_KEY", "sk_test_x")
        monkeypatch.setitem(app.config, "STRIPE_API_BASE", fake.url)
        fake.paid_invoices["pi_1"] = {"in_1": 238000, "in_2": 119000}
        stripe_says("invoice.paid", invoice(acme.id))
        lines = {
            "data": [{"id": "il_2", "amount": 100000, "quantity": 1, "discount_amounts": [], "metadata": {}}]
        }
        stripe_says("invoice.paid", invoice(acme.id, id="in_2", number="R-2026-8", total=119000, lines=lines))
        assert earned() == [5800, 2900]
        yield fake
        assert (fake.refused, fake.odd_answers) == ([], [])


CHARGE = {"id": "ch_1", "object": "charge", "payment_intent": "pi_1", "metadata": {}, "amount": 357000}


def of_sales() -> list[int]:
    """What each sale earns by now."""
    return list(
        session.scalars(
            sa.select(sa.cast(sa.func.sum(Entry.amount_minor), sa.BigInteger))
            .group_by(Entry.sale_id)
            .order_by(Entry.sale_id)
        )
    )


def test_all_of_a_payment_given_back_gives_each_invoice_its_own(two_invoices: Any, stripe_says: Any) -> None:
    stripe_says("charge.refunded", {**CHARGE, "amount_refunded": 357000})
    assert of_sales() == [0, 0]
    assert [sale.refunded_minor for sale in session.scalars(sa.select(Sale).order_by(Sale.id))] == [
        200000,
        100000,
    ]


@pytest.mark.parametrize(
    "words", [("lost",), ("needs_response", "won"), ("needs_response", "lost"), ("lost", "needs_response")]
)
def test_a_dispute_of_all_of_it_speaks_of_each(
    two_invoices: Any, stripe_says: Any, words: tuple[str, ...]
) -> None:
    for word in words:
        kind = "charge.dispute.created" if word == "needs_response" else "charge.dispute.closed"
        stripe_says(kind, {**DISPUTE, "amount": 357000, "status": word})
    assert of_sales() == ([0, 0] if "lost" in words else [5800, 2900])


def test_a_payment_known_by_one_of_its_invoices_is_looked_up_when_it_is_larger(
    two_invoices: Any, acme: Any, stripe_says: Any
) -> None:
    """The third invoice names the payment: what the charge gives back is not all that invoice's."""
    two_invoices.paid_invoices["pi_2"] = {"in_1": 238000, "in_3": 238000}
    payment = {"type": "payment_intent", "payment_intent": "pi_2"}
    about = {"id": "in_3", "number": "R-2026-9", "payments": {"data": [{"payment": payment}]}}
    stripe_says("invoice.paid", invoice(acme.id, **about))
    both = {**CHARGE, "id": "ch_2", "payment_intent": "pi_2", "amount": 476000, "amount_refunded": 476000}
    stripe_says("charge.refunded", both)
    assert of_sales() == [0, 2900, 0]


def test_a_part_waits_for_a_person_who_divides_it(
    two_invoices: Any, stripe_says: Any, finn: Any, browser: Browser
) -> None:
    stripe_says("charge.refunded", {**CHARGE, "amount_refunded": 119000})
    assert of_sales() == [5800, 2900]
    browser.sign_in(finn).open("/staff/sales")
    assert browser.sees("they take back nothing so far")
    browser.click("€1,190.00 given back by charge ch_1")
    first, second = "Globex, invoice R-2026-7", "Globex, invoice R-2026-8"
    browser.fill(first, "595").fill(second, "600").press("Divide it so", expect=422)
    assert browser.sees("Together it has to be €1,190.00.")
    browser.fill(first, "0").fill(second, "1190.01").press("Divide it so", expect=422)
    assert browser.sees("This invoice got €1,190.00 of the payment.")
    browser.fill(first, "595").fill(second, "595").press("Divide it so")
    assert browser.sees("Divided.")
    session.expire_all()
    assert of_sales() == [5800 - 1450, 2900 - 1450]
    assert not browser.sees("they take back nothing so far")


def test_the_rest_given_back_later_is_exact_whatever_was_divided(
    two_invoices: Any, stripe_says: Any, finn: Any
) -> None:
    """Twice a part: only what the charge gave back in all has to be divided; all of it divides itself."""
    for so_far in (59500, 119000):
        stripe_says("charge.refunded", {**CHARGE, "amount_refunded": so_far})
    first, second = session.scalars(waiting_to_be_divided()).all()
    divide(first, {"in_1": 59500, "in_2": 0}, by=finn)
    with pytest.raises(InvalidInput, match="given back before"):
        divide(second, {"in_1": 0, "in_2": 119000}, by=finn)
    divide(second, {"in_1": 59500, "in_2": 59500}, by=finn)
    with pytest.raises(Refusal, match="divided already"):
        divide(second, {"in_1": 59500, "in_2": 59500}, by=finn)
    assert of_sales() == [4350, 1450]
    stripe_says("charge.refunded", {**CHARGE, "amount_refunded": 357000})
    assert of_sales() == [0, 0]


def test_the_latest_part_settles_the_earlier_ones(two_invoices: Any, stripe_says: Any, finn: Any) -> None:
    for so_far in (59500, 119000):
        stripe_says("charge.refunded", {**CHARGE, "amount_refunded": so_far})
    divide(session.scalars(waiting_to_be_divided()).all()[1], {"in_1": 0, "in_2": 119000}, by=finn)
    assert session.scalars(waiting_to_be_divided()).all() == []
    assert of_sales() == [5800, 0]


@pytest.mark.parametrize("late", [False, True])
def test_a_dispute_is_divided_once_for_all_words_of_the_bank(
    two_invoices: Any, stripe_says: Any, finn: Any, late: bool
) -> None:
    part = {**DISPUTE, "amount": 119000}
    stripe_says("charge.dispute.created", {**part, "status": "needs_response"})
    if late:
        stripe_says("charge.dispute.closed", {**part, "status": "lost"})
    divide(session.scalars(waiting_to_be_divided()).all()[0], {"in_1": 0, "in_2": 119000}, by=finn)
    if not late:
        stripe_says("charge.dispute.closed", {**part, "status": "lost"})
    assert session.scalars(waiting_to_be_divided()).all() == []
    assert of_sales() == [5800, 0]


def test_it_waits_until_every_sale_has_come(
    two_invoices: Any, acme: Any, stripe_says: Any, time: Any, run_jobs: Any
) -> None:
    two_invoices.paid_invoices["pi_1"]["in_3"] = 238000
    stripe_says("charge.refunded", {**CHARGE, "amount": 595000, "amount_refunded": 595000})
    assert of_sales() == [5800, 2900]
    stripe_says("invoice.paid", invoice(acme.id, id="in_3", number="R-2026-9"))
    time.move(hours=1)
    run_jobs()
    assert of_sales() == [0, 0, 0]


def test_partners_divide_nothing(two_invoices: Any, stripe_says: Any, ada: Any, browser: Browser) -> None:
    stripe_says("charge.refunded", {**CHARGE, "amount_refunded": 119000})
    [message] = session.scalars(waiting_to_be_divided())
    browser.sign_in(ada).open(f"/staff/sales/shared-payments/{message.id}", expect=403)
    with pytest.raises(Refusal):
        divide(message, {"in_1": 0, "in_2": 119000}, by=ada)
