"""Leads over the API."""

import hashlib

import pytest
import sqlalchemy as sa

from core.activity import Activity
from core.api import KeptAnswer
from core.database import session
from core.jobs import Job
from core.signing import sign
from partners.operations import make_partner_key
from referrals.models import Lead, LeadSender
from referrals.operations.senders import digest_of
from tests.conftest import Machine
from tests.referrals.leads.cast import a_lead, a_pooled_lead, the_offer

GLOBEX = {
    "company": "Globex", "person": "Wilma", "email": "wilma@globex.example", "country": "DE", "region": "DE-HH",
    "city": "Hamburg", "language": "de", "employees": 60, "text": "Two warehouses", "source": "pricing page",
    "consent": {"version": "2026-01", "at": "2026-03-01T10:00:00+01:00"},
}  # fmt: skip


@pytest.fixture
def shop(machine):
    return machine("leads:write", "leads:read")


@pytest.fixture
def bound(app, ada, rex):
    """Machines of Acme and of Rival."""

    def make(partner):
        _key, secret = make_partner_key(partner, name="CRM", scopes=["leads:write", "leads:read"], by=None)
        return Machine(app, secret)

    return make


def test_a_lead_in_is_routed_at_once(shop, acme):
    answer = shop.post("/leads", GLOBEX)
    assert (answer.status_code, answer.json["status"], answer.json["duplicate_of"]) == (201, "offered", None)
    assert shop.get(f"/leads/{answer.json['id']}").json["email"] == "wilma@globex.example"


def test_a_repeat_is_201_with_the_status_duplicate(shop, acme):
    first = shop.post("/leads", GLOBEX).json
    again = shop.post("/leads", {"email": "other@globex.example"})
    assert (again.status_code, again.json["status"], again.json["duplicate_of"]) == (
        201,
        "duplicate",
        first["id"],
    )


def test_a_repeated_key_gets_the_first_answer(shop, acme):
    first, again = (shop.post("/leads", GLOBEX, Idempotency_Key="k1") for _time in range(2))
    assert first.json == again.json
    assert session.query(Lead).count() == 1
    assert shop.post("/leads", {**GLOBEX, "city": "Kiel"}, Idempotency_Key="k1").status_code == 409


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"products": ["no-such-thing"]}, "/products"),
        ({"colour": "red"}, "/colour"),
        ({"partner_id": "999"}, "/partner_id"),
        ({"country": "Atlantis"}, "/country"),
        ({"company": None, "email": None}, "/company"),
        ({"employees": "many"}, "/employees"),
        ({"consent": {"version": "1"}}, "/consent/at"),
        ({"visitor_ip": "84.200.69.80:443"}, "/visitor_ip"),
        ({"visitor_ip": "pricing page"}, "/visitor_ip"),
    ],
)
def test_what_cannot_be_used_is_422_at_its_place(shop, acme, body, pointer):
    answer = shop.post("/leads", {**GLOBEX, **body})
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]


@pytest.mark.parametrize("typed", ["84.200.69.80", " 84.200.69.80", "::ffff:84.200.69.80"])
def test_of_a_visitors_address_a_digest_is_kept_and_nothing_else(shop, acme, typed):
    answer = shop.post("/leads", {**GLOBEX, "visitor_ip": typed}, Idempotency_Key="k1")
    assert answer.status_code == 201 and "visitor_ip" not in answer.json
    kept = session.scalars(sa.select(LeadSender)).one()
    assert (str(kept.lead_id), kept.digest) == (answer.json["id"], digest_of("84.200.69.80"))
    trail = session.scalars(sa.select(Activity)).all()
    assert "84.200.69.80" not in str([(deed.details, deed.address) for deed in trail])
    assert "84.200.69.80" not in str([job.payload for job in session.scalars(sa.select(Job))])


@pytest.mark.parametrize("typed", [None, "10.1.2.3", "2001:db8::7"])
def test_an_address_that_is_not_of_the_internet_is_taken_and_not_kept(shop, acme, typed):
    assert shop.post("/leads", {**GLOBEX, "visitor_ip": typed}).status_code == 201
    assert session.scalars(sa.select(LeadSender)).all() == []


def test_a_kept_answer_does_not_tell_by_trying_from_where_a_lead_was_sent(shop, acme):
    """What is kept of a request is a digest under the portal's key, so that nobody can try the addresses out."""
    body = {**GLOBEX, "visitor_ip": "84.200.69.80"}
    shop.post("/leads", body, Idempotency_Key="k1")
    said = b"POST /api/v1/leads\n" + shop.app.json.dumps(body).encode()
    kept = session.scalars(sa.select(KeptAnswer)).one()
    plain = hashlib.sha256(said).hexdigest()
    assert kept.request_digest == sign("idempotent request", plain) != plain


def test_the_document_says_what_becomes_of_the_address(shop):
    schema = shop.get("/openapi.json").json["components"]["schemas"]["LeadIn"]["properties"]["visitor_ip"]
    assert "digest" in schema["description"]


def test_the_routing_holds_every_candidate(shop, acme, rival):
    lead = shop.post("/leads", GLOBEX).json
    routing = shop.get(f"/leads/{lead['id']}/routing").json
    assert (routing["policy"], routing["mode"]) == ("standard/1", "offer")
    first, second = routing["candidates"]
    assert (first["partner_id"], first["rank"], first["chosen"]) == (str(acme.id), 1, True)
    assert second["eligible"] and not second["chosen"]
    assert isinstance(first["score"], float)
    assert {"name", "value", "weight"} == set(first["factors"][0])


def test_the_vendors_key_names_the_partner(shop, acme, rival):
    lead = shop.post("/leads", {**GLOBEX, "partner_id": str(rival.id)}).json
    routing = shop.get(f"/leads/{lead['id']}/routing").json
    assert routing["overrides"][0]["kind"] == "explicit"
    assert [row["partner_id"] for row in routing["candidates"] if row["chosen"]] == [str(rival.id)]


def test_a_partners_key_brings_no_leads(bound, acme):
    assert bound(acme).post("/leads", GLOBEX).status_code == 409


def test_a_partner_sees_whom_to_call_after_accepting(bound, acme, rival):
    lead = a_lead(text="Mail wilma@globex.example")
    crm = bound(acme)
    before = crm.get(f"/leads/{lead.id}").json
    assert (before["company"], before["email"], before["person"], before["text"]) == (
        "Globex",
        None,
        None,
        "Mail •••",
    )
    assert before["offer"]["id"] == str(the_offer(lead).id)
    after = crm.post(f"/leads/{lead.id}/acceptance", None)
    assert (after.status_code, after.json["status"], after.json["email"]) == (
        200,
        "accepted",
        "wilma@globex.example",
    )


def test_rivals_key_gets_404_for_acmes_lead(bound, acme, rival):
    lead = a_lead()
    crm = bound(rival)
    for path in ("", "/routing"):
        assert crm.get(f"/leads/{lead.id}{path}").status_code == 404
    for deed, body in (("claim", None), ("acceptance", None), ("decline", {"reason": "spam"})):
        assert crm.post(f"/leads/{lead.id}/{deed}", body).status_code == 404
    assert crm.get("/leads").json == {"items": [], "next": None}


def test_one_claim_wins_and_the_other_is_409_without_a_name(bound, acme, rival):
    lead = a_pooled_lead()
    assert bound(acme).post(f"/leads/{lead.id}/claim", None).status_code == 200
    late = bound(rival).post(f"/leads/{lead.id}/claim", None)
    assert (late.status_code, late.json["detail"]) == (409, "Globex has already been claimed.")


def test_a_partner_sees_its_own_line_of_the_routing(bound, acme, rival):
    lead = a_pooled_lead()
    routing = bound(rival).get(f"/leads/{lead.id}/routing").json
    assert [row["partner_id"] for row in routing["candidates"]] == [str(rival.id)]


def test_declining_asks_the_next(bound, acme, rival):
    lead = a_lead()
    assert (
        bound(acme).post(f"/leads/{lead.id}/decline", {"reason": "no_capacity"}).json["status"] == "declined"
    )
    assert the_offer(lead).partner is rival


def test_a_conflict_check_never_says_whose(machine, acme, ada):
    from referrals.operations import claim_lead

    claim_lead(a_pooled_lead(), by=ada)
    check = machine("conflicts:read")
    answer = check.post("/conflict-checks", {"company": "Globex GmbH", "domain": "globex.example"})
    assert answer.json["result"] == "conflict"
    assert "Acme" not in answer.text
    assert check.post("/conflict-checks", {"company": "Nobody Knows"}).json["result"] == "clear"
    assert check.post("/conflict-checks", {}).status_code == 422


def test_lists_page_by_cursor(shop, acme):
    for name in ("A", "B", "C"):
        a_lead(f"{name}corp")
    first = shop.get("/leads?limit=2").json
    assert [lead["company"] for lead in first["items"]] == ["Acorp", "Bcorp"]
    assert [lead["company"] for lead in shop.get(f"/leads?limit=2&after={first['next']}").json["items"]] == [
        "Ccorp"
    ]


def test_a_conflict_check_knows_its_countries(machine):
    answer = machine("conflicts:read").post("/conflict-checks", {"company": "Globex", "country": "ZZ"})
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json["errors"]] == ["/country"]


def test_a_lead_that_comes_before_any_tier_or_partner_is_kept_for_a_person(machine):
    answer = machine("leads:write").post("/leads", {"company": "Globex", "email": "w@globex.example"})
    assert (answer.status_code, answer.json["status"]) == (201, "triage")


def test_leads_are_listed_by_a_state_that_there_is(machine):
    a_lead()
    reader = machine("leads:read")
    assert reader.get("/leads?status=opened").status_code == 422
    assert len(reader.get("/leads?status=open").json["items"]) == 1


def test_who_has_the_lead_reads_when_to_call(bound, acme):
    lead = a_lead(call_at="morning")
    partner = bound(acme)
    assert partner.get(f"/leads/{lead.id}").json["call_at"] is None
    assert partner.post(f"/leads/{lead.id}/acceptance", None).json["call_at"] == "morning"
