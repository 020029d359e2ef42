"""Sales, refunds, payments and chargebacks as the vendor's billing sends them, and what they earn."""

from typing import Any

import pytest

from commissions.ledger import audit

PLAN = {
    "name": "Standard 2026",
    "currency": "EUR",
    "effective_from": "2026-01-01T00:00:00Z",
    "match": "first",
    "hold_days": 30,
    "rules": [
        {
            "name": "Gold: licence in the first year",
            "trigger": "sale",
            "term_months": 12,
            "when": {
                "all": [
                    {"field": "line.kind", "op": "eq", "value": "licence"},
                    {"field": "partner.tier", "op": "in", "value": ["gold", "platinum"]},
                ]
            },
            "amount": {"type": "percent", "rate": "2.9"},
        },
    ],
    "splits": [
        {
            "name": "90/10 on projects we bill",
            "when": {
                "all": [
                    {"field": "sale.billed_by", "op": "eq", "value": "vendor"},
                    {"field": "line.kind", "op": "ne", "value": "licence"},
                ]
            },
            "shares": [{"to": "partner", "percent": "90"}, {"to": "vendor", "percent": "10"}],
        }
    ],
}


def a_sale(external_id: str = "inv_1001", **about: Any) -> dict[str, Any]:
    return {
        "external_id": external_id,
        "occurred_at": "2026-03-01T10:00:00Z",
        "received_at": "2026-03-01T10:00:05Z",
        "currency": "EUR",
        "customer": {"external_id": "cus_7", "name": "Globex", "country": "DE", "domain": "globex.example"},
        "type": "new",
        "billed_by": "vendor",
        "paid": "full",
        "metadata": {},
        "lines": [
            {
                "kind": "licence",
                "description": "Cloud Pro, 20 seats",
                "quantity": 20,
                "unit_amount_minor": 10000,
                "discount_minor": 0,
                "credit_minor": 0,
                "tax_minor": 0,
            }
        ],
        **about,
    }


@pytest.fixture
def billing(programme: None, machine: Any) -> Any:
    """The vendor's billing, with a published plan."""
    billing = machine("sales:write", "sales:read", "plans:write", "balances:read")
    made = billing.post("/plans/standard/versions", PLAN)
    assert made.status_code == 201, made.json
    assert made.json["version"] == 1
    refused = billing.post("/plans/standard/versions/1/publication", {})
    assert refused.status_code == 409
    assert billing.post("/plans/standard/versions/1/simulation", {}).status_code == 201
    assert billing.post("/plans/standard/versions/1/publication", {}).status_code == 201
    return billing


@pytest.fixture(autouse=True)
def _the_books_are_sound() -> Any:
    yield
    assert audit() == []


def test_the_worked_example_earns_58_euros(billing: Any, acme: Any) -> None:
    answer = billing.post("/sales", a_sale(partner_id=str(acme.id)))
    assert answer.status_code == 201, answer.json
    (entry,) = answer.json["entries"]
    assert entry["amount_minor"] == 5800
    assert entry["kind"] == "commission" and entry["line"] == 0
    assert entry["beneficiary"] == {"type": "partner", "id": str(acme.id)}
    assert entry["plan_version"] == "standard/1"
    assert entry["rule"] == "Gold: licence in the first year"
    assert entry["available_at"] == "2026-03-31T10:00:05Z"
    proof = entry["proof"]
    assert (proof["base_minor"], proof["exact"], proof["rounding"]) == (200000, "5800", "none")
    assert proof["formula"] == "2.9 % of 2,000.00"


def test_a_split_has_an_entry_for_each_share(billing: Any, acme: Any) -> None:
    line = {"kind": "implementation", "quantity": 1, "unit_amount_minor": 9999}
    answer = billing.post("/sales", a_sale(partner_id=str(acme.id), lines=[line]))
    assert [(e["kind"], e["beneficiary"]["type"], e["amount_minor"]) for e in answer.json["entries"]] == [
        ("split", "partner", 8999),
        ("split", "vendor", 1000),
    ]
    back = billing.post(
        f"/sales/{answer.json['id']}/refunds",
        {"external_id": "re_1", "amount_minor": 3333, "occurred_at": "2026-03-02T08:00:00Z"},
    )
    assert back.status_code == 201, back.json
    assert [(e["kind"], e["amount_minor"]) for e in back.json["entries"]] == [
        ("reversal", -3000),
        ("reversal", -333),
    ]


def test_the_same_sale_again_is_answered_with_the_first_answer(billing: Any, acme: Any) -> None:
    first = billing.post("/sales", a_sale(partner_id=str(acme.id)))
    again = billing.post("/sales", a_sale(partner_id=str(acme.id)))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json == again.json
    other = billing.post("/sales", a_sale(partner_id=str(acme.id), type="renewal"))
    assert other.status_code == 409


def test_a_refund_that_comes_before_its_sale_waits_for_it(billing: Any, acme: Any) -> None:
    early = billing.post(
        "/refunds",
        {
            "external_id": "re_1",
            "sale_external_id": "inv_1001",
            "amount_minor": 50000,
            "occurred_at": "2026-03-02T00:00:00Z",
        },
    )
    assert early.status_code == 201 and early.json["entries"] == [] and early.json["sale_id"] is None
    sale = billing.post("/sales", a_sale(partner_id=str(acme.id))).json
    assert [(e["kind"], e["amount_minor"]) for e in sale["entries"]] == [
        ("commission", 5800),
        ("reversal", -1450),
    ]


def test_a_late_first_sale_moves_the_term_of_the_others(billing: Any, acme: Any) -> None:
    later = billing.post(
        "/sales", a_sale("inv_2", partner_id=str(acme.id), occurred_at="2027-01-20T10:00:00Z")
    ).json
    assert [e["amount_minor"] for e in later["entries"]] == [5800]
    billing.post("/sales", a_sale("inv_1", partner_id=str(acme.id), occurred_at="2026-01-10T10:00:00Z"))
    now = billing.get(f"/sales/{later['id']}").json
    assert sum(e["amount_minor"] for e in now["entries"]) == 0


def test_a_part_payment_grants_its_part(billing: Any, acme: Any) -> None:
    sale = billing.post("/sales", a_sale(partner_id=str(acme.id), paid="part", paid_minor=100000)).json
    assert [e["amount_minor"] for e in sale["entries"]] == [2900]
    paid = billing.post(
        f"/sales/{sale['id']}/payments",
        {"external_id": "pay_2", "amount_minor": 100000, "occurred_at": "2026-03-05T00:00:00Z"},
    )
    assert [e["amount_minor"] for e in paid.json["entries"]] == [2900]


def test_a_chargeback_holds_then_takes_back(billing: Any, acme: Any) -> None:
    sale = billing.post("/sales", a_sale(partner_id=str(acme.id))).json
    body = {"external_id": "dp_1", "amount_minor": 200000, "occurred_at": "2026-03-02T00:00:00Z"}
    opened = billing.post(f"/sales/{sale['id']}/chargebacks", {**body, "status": "opened"})
    assert opened.status_code == 201 and opened.json["entries"] == []
    assert billing.get(f"/sales/{sale['id']}").json["status"] == "held"
    lost = billing.post(f"/sales/{sale['id']}/chargebacks", {**body, "status": "lost"})
    assert [e["amount_minor"] for e in lost.json["entries"]] == [-5800]
    assert billing.get(f"/sales/{sale['id']}").json["status"] == "reversed"


def test_a_sale_without_a_partner_is_kept_and_earns_nobody_anything(billing: Any) -> None:
    answer = billing.post("/sales", a_sale())
    assert answer.status_code == 201
    assert answer.json["status"] == "unattributed" and answer.json["entries"] == []


def test_unknown_fields_and_bad_plans_are_refused_with_pointers(billing: Any, acme: Any) -> None:
    odd = billing.post("/sales", a_sale(partner_id=str(acme.id), commission=1))
    assert odd.status_code == 422
    assert odd.json["errors"][0]["pointer"] == "/commission"
    bad = {**PLAN, "rules": [{**PLAN["rules"][0], "amount": {"type": "percent", "rate": 2.9}}]}  # type: ignore[index]
    refused = billing.post("/plans/standard/versions", bad)
    assert refused.status_code == 422
    assert refused.json["errors"][0]["pointer"].startswith("/rules/0/amount")


def test_what_is_published_binds_only_pairs_that_begin_later(billing: Any, acme: Any) -> None:
    billing.post("/sales", a_sale("inv_1", partner_id=str(acme.id)))
    higher = {**PLAN, "rules": [{**PLAN["rules"][0], "amount": {"type": "percent", "rate": "5"}}]}  # type: ignore[index]
    assert billing.post("/plans/standard/versions", higher).json["version"] == 2
    billing.post("/plans/standard/versions/2/simulation", {})
    assert billing.post("/plans/standard/versions/2/publication", {}).status_code == 201
    old = billing.post("/sales", a_sale("inv_2", partner_id=str(acme.id)))
    new = billing.post(
        "/sales",
        a_sale("inv_3", partner_id=str(acme.id), customer={"external_id": "cus_8", "name": "Initech"}),
    )
    assert old.json["entries"][0]["amount_minor"] == 5800
    assert new.json["entries"][0]["amount_minor"] == 10000


def test_a_quote_is_computed_by_the_live_version(billing: Any) -> None:
    answer = billing.get("/plans/standard/quote?amount_minor=200000&tier=gold")
    assert [e["amount_minor"] for e in answer.json["entries"]] == [5800]
