"""Deals over the API: registered with the conflict check's answer, read by whom they belong to, won by their order."""

from typing import Any

import pytest

from accounts.operations import make_api_key
from core.database import session
from partners.operations.members import make_partner_key
from referrals.models import Deal, RejectionCode
from referrals.operations import deals, save_estimate
from tests.conftest import Machine
from tests.referrals.deals.cast import a_deal, a_line, a_registration, a_sale, an_estimate


@pytest.fixture
def acmes_machine(app: Any, acme: Any) -> Machine:
    _key, secret = make_partner_key(acme, name="CRM", scopes=["deals:write"], by=None)
    return Machine(app, secret)


def test_a_partners_key_registers_for_its_own_firm(acmes_machine: Machine, acme: Any) -> None:
    answer = acmes_machine.post("/deals", {"company": "Globex", "website": "globex.example", "country": "DE"})
    assert answer.status_code == 201
    assert answer.json["partner_id"] == str(acme.id)
    assert (answer.json["status"], answer.json["conflict"]) == ("submitted", "clear")
    assert "signature: " in answer.json["receipt"]
    assert acmes_machine.get(answer.headers["Location"].removeprefix("/api/v1")).json == answer.json


def test_the_first_answer_comes_again_with_its_headers(acmes_machine: Machine) -> None:
    first, again = (
        acmes_machine.post("/deals", {"company": "Globex"}, Idempotency_Key="d-1") for _turn in range(2)
    )
    assert again.headers["Idempotent-Replayed"] == "true" and again.json == first.json
    assert again.headers["Location"] == first.headers["Location"] and again.content_type == first.content_type


def test_a_conflict_is_told_by_its_class_alone(acmes_machine: Machine, rival: Any) -> None:
    a_deal(rival, website="globex.example")
    body = acmes_machine.post("/deals", {"company": "Globex", "website": "globex.example"}).json
    assert body["conflict"] == "conflict"
    assert body["conflict_findings"][0]["class"] == "registration"
    assert "Rival" not in str(body)


def test_the_vendors_key_names_the_partner(machine: Any, acme: Any) -> None:
    vendor = machine("deals:write")
    assert vendor.post("/deals", {"company": "Globex"}).status_code == 422
    answer = vendor.post("/deals", {"company": "Globex", "partner_id": str(acme.id)})
    assert answer.json["partner_id"] == str(acme.id)


def test_anothers_deal_is_not_there(acmes_machine: Machine, rival: Any) -> None:
    deal = a_deal(rival)
    assert acmes_machine.get(f"/deals/{deal.id}").status_code == 404
    assert acmes_machine.post(f"/deals/{deal.id}/win", {"order": "R-5"}).status_code == 404
    assert acmes_machine.get("/deals").json == {"items": [], "next": None}


def test_a_partner_reports_the_order_and_the_vendor_confirms_it(
    acmes_machine: Machine, machine: Any, acme: Any
) -> None:
    deal = a_deal(acme)
    reported = acmes_machine.post(f"/deals/{deal.id}/win", {"order": "R-5"}).json
    assert (reported["status"], reported["order"], reported["order_confirmed_at"]) == (
        "approved",
        "R-5",
        None,
    )
    assert machine("deals:write").post(f"/deals/{deal.id}/win", {"order": "R-5"}).json["status"] == "won"


def test_a_known_sale_is_order_enough(acmes_machine: Machine, acme: Any) -> None:
    a_sale("inv_1", partner_id=str(acme.id))
    deal = a_deal(acme)
    assert acmes_machine.post(f"/deals/{deal.id}/win", {"order": "inv_1"}).json["status"] == "won"


def test_the_same_key_registers_once(acmes_machine: Machine) -> None:
    first = acmes_machine.post("/deals", {"company": "Globex"}, Idempotency_Key="one")
    again = acmes_machine.post("/deals", {"company": "Globex"}, Idempotency_Key="one")
    assert again.json == first.json
    assert session.query(Deal).count() == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/company"),
        ({"company": "x", "colour": "red"}, "/colour"),
        ({"company": "x", "email": "?"}, "/email"),
    ],
)
def test_what_cannot_be_used_is_said_at_its_place(
    acmes_machine: Machine, body: dict[str, Any], pointer: str
) -> None:
    answer = acmes_machine.post("/deals", body)
    assert answer.status_code == 422
    assert pointer in [problem["pointer"] for problem in answer.json["errors"]]


def test_a_key_without_the_scope_stays_outside(app: Any) -> None:
    _key, secret = make_api_key(name="Other", scopes=["leads:read"], by=None)
    assert Machine(app, secret).get("/deals").status_code == 403


def test_a_partners_crm_reads_why_what_was_asked_and_what_it_will_cost(
    acmes_machine: Machine, acme: Any
) -> None:
    asked, rejected, priced = a_registration(acme, "One"), a_registration(acme, "Two"), a_deal(acme, "Three")
    deals.question_deal(asked, "Who decides?", by=None)
    deals.reject_deal(rejected, RejectionCode.OUTSIDE_THE_PROGRAMME, "No product for that.", by=None)
    save_estimate(priced, an_estimate(a_line("licence", 100_00), a_line("training", 900_00)), by=None)
    one, two, three = acmes_machine.get("/deals").json["items"]
    assert (one["status"], one["question"], one["estimate"]) == ("info_requested", "Who decides?", None)
    assert (two["rejection_code"], two["rejection_text"]) == ("outside_the_programme", "No product for that.")
    assert three["estimate"]["total_minor"] == 1000_00 and three["estimate"]["licence_minor"] == 100_00
    assert (three["estimate"]["version"], three["estimate"]["billed_by"]) == (1, "vendor")


def test_a_deal_is_read_with_all_that_was_said_of_it(acmes_machine: Machine) -> None:
    said = {
        "company": "Globex",
        "website": "globex.example",
        "country": "DE",
        "city": "Hamburg",
        "person": "Ann Park",
        "email": "park@globex.example",
        "text": "A new warehouse",
        "close_expected_on": "2026-09-01",
    }
    answer = acmes_machine.post("/deals", said).json
    assert {name: answer[name] for name in said} == said
    assert (answer["origin"], answer["products"]) == ("registered", [])


def test_a_text_that_is_too_long_is_said_at_the_field_that_the_caller_knows(acmes_machine: Machine) -> None:
    answer = acmes_machine.post("/deals", {"company": "Globex", "text": "x" * 5001})
    assert (answer.status_code, [one["pointer"] for one in answer.json["errors"]]) == (422, ["/text"])
