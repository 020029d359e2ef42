"""A CRM keeps the list of the vendor's own opportunities over the API, by the rules of the page."""

from datetime import timedelta
from typing import Any

import pytest

from core.database import session
from partners.operations.members import PARTNER_SCOPES
from referrals.models import LeadStatus, OwnOpportunity
from tests.conftest import MONDAY_MORNING
from tests.referrals.deals.cast import a_deal
from tests.referrals.leads.cast import a_lead

UNTIL = (MONDAY_MORNING.date() + timedelta(days=60)).isoformat()


@pytest.fixture
def crm(machine: Any) -> Any:
    return machine("opportunities:write")


@pytest.fixture
def globex(mona: Any) -> dict[str, Any]:
    return {
        "company": "Globex",
        "website": "www.globex.example",
        "responsible_email": mona.email,
        "until": UNTIL,
    }


def number() -> int:
    return session.query(OwnOpportunity).count()


def test_a_company_is_kept_and_its_leads_wait_for_the_vendors_person(crm, acme, mona, globex):
    answer = crm.post("/own-opportunities", {**globex, "tax_id": None, "note": "Board in May"})
    assert answer.status_code == 201
    assert answer.headers["Location"].endswith(f"/own-opportunities/{answer.json['id']}")
    kept = {
        name: answer.json[name]
        for name in ("status", "domain", "tax_id", "responsible_name", "until", "note")
    }
    assert kept == {
        "status": "holds", "domain": "globex.example", "tax_id": None, "responsible_name": mona.name,
        "until": UNTIL, "note": "Board in May",
    }  # fmt: skip
    lead = a_lead()
    assert (lead.status, lead.reason) == (LeadStatus.TRIAGE, "own_opportunity")


def test_the_same_key_keeps_it_once(crm, acme, globex):
    first, again = (crm.post("/own-opportunities", globex, Idempotency_Key="deal-7") for _time in range(2))
    assert (first.json, first.headers["ETag"]) == (again.json, again.headers["ETag"])
    assert number() == 1
    other = crm.post("/own-opportunities", {**globex, "company": "Other"}, Idempotency_Key="deal-7")
    assert other.status_code == 409


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"responsible_email": "rex@rival.example"}, "/responsible_email"),
        ({"until": "2020-01-01"}, "/until"),
        ({"website": ""}, "/website"),
        ({"website": "", "tax_id": "DE136695976"}, "/country"),
        ({"company": ""}, "/company"),
        ({"stage": "negotiation"}, "/stage"),
    ],
)
def test_what_cannot_be_used_is_said_at_its_field(crm, acme, rex, globex, wrong, pointer):
    answer = crm.post("/own-opportunities", {**globex, **wrong})
    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.json["errors"]]
    assert number() == 0


def test_a_company_on_the_list_is_not_put_there_again(crm, acme, globex):
    crm.post("/own-opportunities", globex)
    again = crm.post("/own-opportunities", globex)
    assert (again.status_code, again.json["errors"][0]["pointer"]) == (422, "/company")


def test_what_a_partner_was_promised_is_refused_without_saying_whose_it_is(crm, acme, globex):
    a_deal(acme, website="globex.example")
    answer = crm.post("/own-opportunities", globex)
    assert answer.status_code == 409
    assert "active registration" in answer.json["detail"] and "Acme" not in answer.json["detail"]


def test_only_what_is_given_changes_and_only_what_was_read(crm, acme, pia, globex):
    made = crm.post("/own-opportunities", globex)
    path = f"/own-opportunities/{made.json['id']}"
    assert crm.get(path).headers["ETag"] == made.headers["ETag"]
    changed = crm("PATCH", path, {"responsible_email": pia.email}, If_Match=made.headers["ETag"])
    assert (changed.status_code, changed.json["responsible_name"], changed.json["until"]) == (
        200,
        pia.name,
        UNTIL,
    )
    stale = crm("PATCH", path, {"note": "Won"}, If_Match=made.headers["ETag"])
    assert stale.status_code == 412
    assert crm.get(path).json["note"] == ""


def test_ended_its_leads_go_to_partners_and_nothing_more_can_be_changed(crm, acme, globex):
    path = f"/own-opportunities/{crm.post('/own-opportunities', globex).json['id']}"
    lead = a_lead()
    for _time in range(2):
        ended = crm.post(f"{path}/end", {})
        assert (ended.status_code, ended.json["status"]) == (200, "ended")
    assert lead.status is LeadStatus.OFFERED
    assert crm("PATCH", path, {"note": "x"}).status_code == 409


def test_they_are_listed_in_pages_and_by_state(crm, acme, globex):
    crm.post("/own-opportunities", globex)
    second = crm.post("/own-opportunities", {**globex, "company": "Initech", "website": "initech.example"})
    crm.post(f"/own-opportunities/{second.json['id']}/end", {})
    first = crm.get("/own-opportunities?limit=1").json
    rest = crm.get(f"/own-opportunities?limit=1&after={first['next']}").json
    assert [page["items"][0]["company"] for page in (first, rest)] == ["Globex", "Initech"]
    for state, companies in (("holds", ["Globex"]), ("over", []), ("ended", ["Initech"])):
        found = crm.get(f"/own-opportunities?status={state}").json["items"]
        assert [one["company"] for one in found] == companies


def test_one_that_has_run_out_says_so_until_the_night(crm, acme, globex, time):
    path = f"/own-opportunities/{crm.post('/own-opportunities', globex).json['id']}"
    time.move(days=62)
    assert crm.get(path).json["status"] == "over"
    assert len(crm.get("/own-opportunities?status=over").json["items"]) == 1


def test_reading_needs_its_scope_and_writing_needs_more(machine, acme, globex):
    reader, other = machine("opportunities:read"), machine("leads:read", "leads:write")
    assert reader.get("/own-opportunities").status_code == 200
    assert reader.post("/own-opportunities", globex).status_code == 403
    assert other.get("/own-opportunities").status_code == 403
    assert not any(scope.startswith("opportunities:") for scope in PARTNER_SCOPES), (
        "partners never see the list"
    )
