"""Machines apply for firms, and add, read and change them."""

from typing import Any

import pytest
import sqlalchemy as sa

from core.database import session
from partners import operations, queries
from partners.models import Application, Partner

pytestmark = pytest.mark.usefixtures("programme")

APPLICATION: dict[str, Any] = {
    "company": "Kontor",
    "country": "DE",
    "person": "Karl Kontor",
    "email": "karl@kontor.example",
    "privacy_read": True,
    "city": "Hamburg",
    "website": "www.kontor.example",
    "type": "integrator",
    "languages": ["de"],
    "services": ["implementation"],
    "heard_from": "website",
    "about": "Warehouses.",
}


def test_a_machine_applies_and_the_mailbox_still_confirms(machine: Any, mails: Any) -> None:
    answer = machine("applications:write").post("/applications", APPLICATION)
    assert answer.status_code == 201
    assert (answer.json["status"], answer.json["next"]) == ("draft", "confirm_email")
    assert any("/confirmation/" in mail["text"] for mail in mails(to="karl@kontor.example"))
    application = session.scalars(sa.select(Application)).one()
    operations.confirm_email(application, operations.ask_to_confirm(application))
    assert application.submitted_at is not None


def test_an_application_with_faults_names_each(machine: Any) -> None:
    answer = machine("applications:write").post(
        "/applications", {**APPLICATION, "website": "?", "tax_id": "12"}
    )
    assert answer.status_code == 422
    assert {error["pointer"] for error in answer.json["errors"]} == {"/website", "/tax_id"}
    assert session.scalar(sa.select(sa.func.count()).select_from(Application)) == 0


def test_fields_that_nobody_asked_for_are_refused(machine: Any) -> None:
    answer = machine("applications:write").post("/applications", {**APPLICATION, "status": "approved"})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "/status"


def test_a_firm_added_by_a_machine_is_active(machine: Any) -> None:
    answer = machine("partners:write").post(
        "/partners",
        {"name": "Acme", "country": "DE", "tier": "gold", "type": "integrator", "plan": "standard"},
    )
    assert answer.status_code == 201
    assert answer.json["status"] == "active" and answer.json["tier"] == "gold"
    firm = session.get_one(Partner, int(answer.json["id"]))
    assert queries.has_valid_agreement(firm)


def test_the_same_key_adds_a_firm_once(machine: Any) -> None:
    caller = machine("partners:write")
    body = {"name": "Acme", "country": "DE"}
    first = caller.post("/partners", body, Idempotency_Key="one")
    second = caller.post("/partners", body, Idempotency_Key="one")
    assert first.json == second.json
    assert session.scalar(sa.select(sa.func.count()).select_from(Partner)) == 1


def test_a_firm_is_read_and_changed(machine: Any, acme: Any) -> None:
    caller = machine("partners:read", "partners:write")
    answer = caller(
        "PATCH", f"/partners/{acme.id}", {"city": "Kiel", "services": ["training"], "paused": True}
    )
    assert answer.status_code == 200
    assert answer.json["city"] == "Kiel" and answer.json["paused"] is True
    assert answer.json["latitude"] == pytest.approx(54.3, abs=0.1)
    again = caller.get(f"/partners/{acme.id}")
    assert again.json == answer.json


def test_a_change_can_be_bound_to_what_was_read(machine: Any, acme: Any) -> None:
    caller = machine("partners:read", "partners:write")
    read = caller.get(f"/partners/{acme.id}").headers["ETag"]
    first = caller("PATCH", f"/partners/{acme.id}", {"city": "Kiel"}, If_Match=read)
    assert first.status_code == 200 and first.headers["ETag"] != read
    stale = caller("PATCH", f"/partners/{acme.id}", {"city": "Bonn"}, If_Match=read)
    assert stale.status_code == 412 and "Somebody changed it" in stale.json["detail"]
    assert caller.get(f"/partners/{acme.id}").json["city"] == "Kiel"
    for good in (first.headers["ETag"], "*"):
        assert caller("PATCH", f"/partners/{acme.id}", {"phone": None}, If_Match=good).status_code == 200


def test_another_tier_over_the_api_needs_a_reason(machine: Any, acme: Any) -> None:
    caller = machine("partners:write")
    assert caller("PATCH", f"/partners/{acme.id}", {"tier": "silver"}).status_code == 422
    changed = caller("PATCH", f"/partners/{acme.id}", {"tier": "silver", "reason": "Review of March"})
    assert changed.json["tier"] == "silver"


def test_firms_are_listed_in_pages(machine: Any, acme: Any, rival: Any) -> None:
    caller = machine("partners:read")
    first = caller.get("/partners?limit=1").json
    second = caller.get(f"/partners?limit=1&after={first['next']}").json
    assert [page["items"][0]["name"] for page in (first, second)] == ["Acme", "Rival"]
    assert second["next"] is None
    assert [firm["name"] for firm in caller.get("/partners?tier=gold").json["items"]] == ["Acme"]


def test_a_key_without_the_scope_is_turned_away(machine: Any, acme: Any) -> None:
    caller = machine("leads:read")
    assert caller.get("/partners").status_code == 403
    assert caller.post("/partners", {"name": "X", "country": "DE"}).status_code == 403
    assert caller.post("/applications", APPLICATION).status_code == 403


@pytest.mark.parametrize("number", ["0", "999999999", "nobody", "1e3", "9" * 40])
def test_a_firm_that_is_not_there_is_not_found(machine: Any, number: str) -> None:
    assert machine("partners:read").get(f"/partners/{number}").status_code == 404
