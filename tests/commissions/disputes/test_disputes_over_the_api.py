"""Disputes over the API: the same rules as on the pages, once each, and nobody else's."""

from typing import Any

import pytest
import sqlalchemy as sa

from commissions import ledger
from commissions.models import Dispute, DisputeMessage, Entry
from commissions.queries.earnings import balances
from core.database import session
from partners.operations.members import make_partner_key
from tests.commissions.earnings import an_entry
from tests.conftest import Machine


@pytest.fixture
def entry(acme: Any) -> Entry:
    """A line of 58.00 of Acme's."""
    return an_entry(acme, 5_800)


@pytest.fixture
def acmes(app: Any, acme: Any, ada: Any) -> Machine:
    _key, secret = make_partner_key(acme, name="CRM", scopes=["disputes:write"], by=ada)
    return Machine(app, secret)


@pytest.fixture
def vendors(machine: Any) -> Machine:
    decides: Machine = machine("disputes:decide")
    return decides


def opened(acmes: Machine, entry: Entry, **about: Any) -> Any:
    body = {"entry_id": str(entry.id), "text": "It should be Gold.", "expected_minor": 7_000, **about}
    answer = acmes.post("/disputes", body)
    assert answer.status_code == 201, answer.json
    return answer


def test_a_partner_asks_the_vendor_answers_and_corrects(
    acmes: Machine, vendors: Machine, entry: Entry, acme: Any
) -> None:
    asked = opened(acmes, entry).json
    assert asked | {"id": "", "opened_at": "", "answer_due_at": "", "messages": ""} == {
        "id": "", "entry_id": str(entry.id), "partner_id": str(acme.id), "sale_id": None, "rule": "Gold: licence",
        "status": "open", "currency": "EUR", "amount_minor": 5_800, "expected_minor": 7_000,
        "correction_entry_id": None, "correction_minor": None, "opened_at": "", "answer_due_at": "",
        "answered_at": None, "decided_at": None, "stands_at_minor": 5_800, "messages": "",
    }  # fmt: skip
    [balance] = balances(acme)
    assert (balance.held_minor, balance.payable_minor) == (5_800, 0)
    path = f"/disputes/{asked['id']}"
    answered = vendors.post(f"{path}/answer", {"text": "You were Silver then."}).json
    assert (answered["status"], answered["answer_due_at"]) == ("answered", None)
    again = acmes.post(f"{path}/reply", {"text": "Since February we are Gold."}).json
    assert (again["status"], again["answer_due_at"] is None) == ("open", False)
    corrected = vendors.post(f"{path}/correction", {"should_be_minor": 7_000, "reason": "True."}).json
    assert (corrected["status"], corrected["correction_minor"], corrected["stands_at_minor"]) == (
        "corrected", 1_200, 7_000,
    )  # fmt: skip
    assert [(said["side"], said["text"]) for said in corrected["messages"]] == [
        ("partner", "It should be Gold."),
        ("vendor", "You were Silver then."),
        ("partner", "Since February we are Gold."),
        ("vendor", "True."),
    ]
    [balance] = balances(acme)
    assert (balance.held_minor, balance.payable_minor) == (0, 7_000)
    assert ledger.audit() == []


def test_it_is_rejected_or_withdrawn(acmes: Machine, vendors: Machine, acme: Any) -> None:
    first, second = (opened(acmes, an_entry(acme)).json["id"] for _turn in range(2))
    rejected = vendors.post(f"/disputes/{first}/rejection", {"reason": "The refund came first."})
    assert rejected.json["status"] == "rejected"
    assert acmes.post(f"/disputes/{second}/withdrawal", None).json["status"] == "withdrawn"
    for deed in ("withdrawal", "reply"):
        body = {"text": "And yet"} if deed == "reply" else None
        assert acmes.post(f"/disputes/{first}/{deed}", body).status_code == 409
    assert vendors.post(f"/disputes/{second}/answer", {"text": "x"}).status_code == 409


def test_a_repeated_key_does_it_once(acmes: Machine, vendors: Machine, entry: Entry) -> None:
    body = {"entry_id": str(entry.id), "text": "It should be Gold."}
    first, again = (acmes.post("/disputes", body, Idempotency_Key="d-1") for _turn in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json == again.json and again.headers["Idempotent-Replayed"] == "true"
    assert acmes.post("/disputes", body | {"text": "Else"}, Idempotency_Key="d-1").status_code == 409
    assert acmes.post("/disputes", body).status_code == 409
    path = f"/disputes/{first.json['id']}/correction"
    for _turn in range(2):
        answer = vendors.post(path, {"should_be_minor": 9_000, "reason": "True."}, Idempotency_Key="c-1")
        assert answer.json["correction_minor"] == 3_200
    assert session.scalar(sa.select(sa.func.count()).select_from(Dispute)) == 1
    assert session.scalar(sa.select(sa.func.count()).select_from(DisputeMessage)) == 2
    assert ledger.audit() == []


def test_what_was_read_must_still_be_true_where_the_caller_says_so(
    acmes: Machine, vendors: Machine, entry: Entry
) -> None:
    made = opened(acmes, entry)
    path, tag = f"/disputes/{made.json['id']}", made.headers["ETag"]
    assert acmes.get(path).headers["ETag"] == tag == vendors.get(path).headers["ETag"]
    answered = vendors.post(f"{path}/answer", {"text": "You were Silver."}, If_Match=tag)
    assert answered.status_code == 200 and answered.headers["ETag"] != tag
    stale = vendors.post(f"{path}/rejection", {"reason": "No."}, If_Match=tag)
    assert stale.status_code == 412
    assert acmes.post(f"{path}/withdrawal", None, If_Match=tag).status_code == 412
    assert acmes.get(path).json["status"] == "answered"
    fresh = vendors.post(f"{path}/rejection", {"reason": "No."}, If_Match=answered.headers["ETag"])
    assert fresh.json["status"] == "rejected"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"text": "x"}, "/entry_id"),
        ({"entry_id": "1"}, "/text"),
        ({"entry_id": "1", "text": ""}, "/text"),
        ({"entry_id": "1", "text": "x" * 5_001}, "/text"),
        ({"entry_id": "-1", "text": "x"}, "/entry_id"),
        ({"entry_id": "999999", "text": "x"}, "/entry_id"),
        ({"entry_id": "1", "text": "x", "expected_minor": "12"}, "/expected_minor"),
        ({"entry_id": "1", "text": "x", "expected_minor": 10**15}, "/expected_minor"),
        ({"entry_id": "1", "text": "x", "partner_id": "1"}, "/partner_id"),
    ],
)
def test_what_is_wrong_is_said_by_its_pointer(acmes: Machine, body: Any, pointer: str) -> None:
    answer = acmes.post("/disputes", body)
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert pointer in {error["pointer"] for error in answer.json["errors"]}


def test_rules_are_those_of_the_pages(acmes: Machine, vendors: Machine, entry: Entry) -> None:
    made = opened(acmes, entry).json["id"]
    assert acmes.post("/disputes", {"entry_id": str(entry.id), "text": "Again"}).status_code == 409
    assert acmes.post(f"/disputes/{made}/reply", {"text": "Well?"}).status_code == 409
    same = vendors.post(f"/disputes/{made}/correction", {"should_be_minor": 5_800, "reason": "x"})
    assert same.status_code == 409 and "already" in same.json["detail"]
    blank = vendors.post(f"/disputes/{made}/answer", {"text": "   "})
    assert blank.status_code == 422 and blank.json["errors"][0]["pointer"] == "/text"


def test_each_key_does_what_its_scope_says(
    app: Any, acmes: Machine, vendors: Machine, machine: Any, entry: Entry, rival: Any, rex: Any
) -> None:
    made = opened(acmes, entry).json["id"]
    assert acmes.post(f"/disputes/{made}/answer", {"text": "x"}).status_code == 403
    assert vendors.post("/disputes", {"entry_id": str(entry.id), "text": "x"}).status_code == 403
    reads, sells = machine("disputes:read"), machine("sales:read")
    assert reads.get(f"/disputes/{made}").status_code == 200
    assert reads.post(f"/disputes/{made}/withdrawal", None).status_code == 403
    assert sells.get(f"/disputes/{made}").status_code == 403
    _key, secret = make_partner_key(rival, name="CRM", scopes=["disputes:write"], by=rex)
    rivals = Machine(app, secret)
    assert rivals.get(f"/disputes/{made}").status_code == 404
    assert rivals.post(f"/disputes/{made}/withdrawal", None).status_code == 404
    assert rivals.post("/disputes", {"entry_id": str(entry.id), "text": "x"}).status_code == 422
    assert rivals.get("/disputes").json["items"] == []


def test_the_list_pages_and_narrows(acmes: Machine, vendors: Machine, acme: Any, time: Any) -> None:
    made = [opened(acmes, an_entry(acme)).json["id"] for _turn in range(3)]
    vendors.post(f"/disputes/{made[1]}/rejection", {"reason": "No."})
    time.move(days=1)
    first = vendors.get(f"/disputes?limit=2&partner_id={acme.id}").json
    assert [item["id"] for item in first["items"]] == made[:2]
    rest = vendors.get(f"/disputes?limit=2&after={first['next']}").json
    assert ([item["id"] for item in rest["items"]], rest["next"]) == (made[2:], None)
    assert [item["id"] for item in acmes.get("/disputes?status=undecided").json["items"]] == [
        made[0],
        made[2],
    ]
    assert acmes.get("/disputes?status=lost").status_code == 422


def test_the_document_describes_them(app: Any) -> None:
    paths = app.test_client().get("/api/v1/openapi.json").json["paths"]
    deeds = {
        path.rsplit("/", 1)[1]: about
        for path, about in paths.items()
        if path.startswith("/api/v1/disputes/{")
    }
    assert set(deeds) == {"{dispute_id}", "answer", "reply", "withdrawal", "correction", "rejection"}
    for name in set(deeds) - {"{dispute_id}"}:
        said = deeds[name]["post"]
        assert "412" in said["responses"]
        assert "If-Match" in {parameter.get("name") for parameter in said["parameters"]}


def test_the_time_for_it_ends_as_on_the_page(acmes: Machine, entry: Entry, time: Any) -> None:
    from commissions.operations.statements import issue_due_statements

    time.move(days=40)
    issue_due_statements()
    time.move(days=31)
    late = acmes.post("/disputes", {"entry_id": str(entry.id), "text": "x"})
    assert late.status_code == 409 and "could be disputed until" in late.json["detail"]
