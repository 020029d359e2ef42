"""The API keeps to its own document, and nothing that is sent to it breaks it."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from jsonschema import Draft202012Validator

from accounts.permissions import SCOPES
from core.api_document import api_document
from partners.models import Partner
from tests.commissions.cast import a_live_plan, sold
from tests.conftest import Machine
from tests.referrals.deals.cast import a_deal
from tests.referrals.leads.cast import a_lead

VERBS = ("get", "post", "put", "patch", "delete")

#: What no field may break at: signs, sizes, kinds and moments nobody means.
NASTY: list[Any] = [
    None, "x\u0000y", "\ud800", "9" * 40, "2026-13-45", "0001-01-01T00:00:00+14:00", "https://[",
    [None], {"a": 1}, True, -1, 2**63, 10**400, 1.5, float("nan"), float("inf"),
]  # fmt: skip
BODIES = [
    b"", b"{", b"[]", b"null", b'"x"', b"[" * 100_000, b'{"a":' * 70 + b"1" + b"}" * 70, b"\xff\xfe", b'{"a":NaN}',
    b'{"a":' + b"9" * 5000 + b"}", b'{"unknown_field":1}', b"{}{}",
]  # fmt: skip
IDS = ["0", "-1", "9" * 18, "9" * 30, "%D9%A3", "a%00b", "%ED%A0%80", "1.0", "a" * 300]


@pytest.fixture
def document(app: Flask) -> dict[str, Any]:
    return api_document(app)


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any], list[dict[str, Any]]]]:
    """Every operation as (verb, path, what it says, the arguments of its path)."""
    for path, there in document["paths"].items():
        for verb in VERBS:
            if verb in there:
                yield verb, path, there[verb], there.get("parameters", [])


def shape(document: dict[str, Any], about: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in about:
        about = document["components"]["schemas"][about["$ref"].rpartition("/")[2]]
    return about


def body_shape(document: dict[str, Any], deed: dict[str, Any]) -> dict[str, Any] | None:
    if "requestBody" not in deed:
        return None
    return shape(document, deed["requestBody"]["content"]["application/json"]["schema"])


def an_example(document: dict[str, Any], about: dict[str, Any]) -> Any:
    """The least that a schema asks for."""
    about = shape(document, about)
    for group in ("anyOf", "allOf", "oneOf"):
        if group in about:
            return an_example(document, about[group][0])
    if "enum" in about:
        return about["enum"][0]
    kind = about.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if "properties" in about or kind == "object":
        needed = about.get("required", [])
        return {name: an_example(document, one) for name, one in about.get("properties", {}).items()
                if name in needed}  # fmt: skip
    if kind == "array":
        return [an_example(document, about.get("items", {}))]
    if kind in {"integer", "number"}:
        return max(1, about.get("minimum", 1))
    if kind == "boolean":
        return True
    return {"date-time": "2026-03-01T10:00:00Z", "date": "2026-03-01"}.get(
        about.get("format", ""), "DE" if about.get("maxLength") == 2 else "x"
    )


class Caller:
    """A key of every scope, which holds each answer to the document."""

    def __init__(self, machine: Machine, document: dict[str, Any]) -> None:
        self.machine, self.document = machine, document
        schemas = {"components": {"schemas": document["components"]["schemas"]}}
        self.schemas = schemas
        self.complaints: set[str] = set()

    def __call__(self, verb: str, address: str, deed: dict[str, Any], why: object = "", **how: Any) -> Any:
        headers = {**self.machine.headers, **how.pop("headers", {})}
        with self.machine.app.app_context():
            answer = self.machine.client.open(address, method=verb.upper(), headers=headers, **how)
        wrong = self._wrong(answer, deed)
        if wrong:
            self.complaints.add(f"{verb.upper()} {deed['operationId']} {str(why)[:60]}: {wrong}")
        return answer

    def _wrong(self, answer: Any, deed: dict[str, Any]) -> str:
        status = str(answer.status_code)
        if answer.status_code >= 500:
            return f"{status} {answer.get_data(as_text=True)[:200]}"
        if status not in deed["responses"]:
            return f"{status} is not in the document"
        about = deed["responses"][status]
        while "$ref" in about:
            about = self.document["components"]["responses"][about["$ref"].rpartition("/")[2]]
        if answer.mimetype not in about["content"]:
            return f"{status} is {answer.mimetype}"
        if answer.status_code >= 400 and answer.json["status"] != answer.status_code:
            return f"{status} says {answer.json['status']}"
        schema = {**about["content"][answer.mimetype]["schema"], **self.schemas}
        errors = [error.message for error in Draft202012Validator(schema).iter_errors(answer.json)]
        return "; ".join(errors)[:300]


@pytest.fixture
def caller(machine: Any, document: dict[str, Any], programme: None, mona: Any) -> Caller:
    return Caller(machine(*SCOPES), document)


def test_the_document_is_one_and_says_of_every_address_who_may_and_what_can_go_wrong(
    document: dict[str, Any], app: Flask
) -> None:
    assert document["openapi"].startswith("3.1") and document["servers"] == [{"url": "http://localhost"}]
    tags = {tag["name"] for tag in document["tags"]}
    ids = set()
    for verb, path, deed, arguments in operations(document):
        said = f"{verb} {path}"
        assert deed["summary"], said
        assert set(deed["tags"]) <= tags, said
        assert {one["name"] for one in arguments} == {
            part[1:-1] for part in path.split("/") if "{" in part
        }, said
        assert ("404" in deed["responses"]) is bool(arguments), said
        assert {"429", "503", "default"} <= deed["responses"].keys(), said
        if deed.get("security") != []:
            assert {"401", "403"} <= deed["responses"].keys(), said
            assert all(one["key"][0] in SCOPES for one in deed["security"]), said
        ids.add(deed["operationId"])
    assert len(ids) == len(list(operations(document)))
    references = set(json.dumps(document).split('"$ref": "')[1:])
    for reference in references:
        _hash, _components, kind, name = reference.split('"')[0].split("/")
        assert name in document["components"][kind], reference


def test_every_address_of_the_api_is_in_the_document(document: dict[str, Any], app: Flask) -> None:
    there = {rule.rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/v1/")}
    said = {path.replace("{", "<").replace("}", ">") for path in document["paths"]}
    assert {rule.replace("<int:", "<") for rule in there} - {"/api/v1/openapi.json"} == said


def test_every_post_that_writes_may_carry_an_idempotency_key(document: dict[str, Any]) -> None:
    # Stopping a key twice is stopping it once, and strangers have no keys of idempotency of their own
    without = [
        path
        for verb, path, deed, _arguments in operations(document)
        if verb == "post" and "Idempotency-Key" not in {one["name"] for one in deed.get("parameters", [])}
    ]
    assert without == ["/api/v1/leaked-keys"]


def test_nothing_that_is_sent_breaks_the_api(caller: Caller, document: dict[str, Any], acme: Any) -> None:
    """Hostile ids, arguments and bodies at every address: an answer of the document, never a 500."""
    tried = 0
    for verb, path, deed, arguments in operations(document):
        plain = path
        for one in arguments:
            plain = plain.replace(f"{{{one['name']}}}", "1")
            for hostile in IDS:
                address = path.replace(f"{{{one['name']}}}", hostile)
                for other in arguments:
                    address = address.replace(f"{{{other['name']}}}", "1")
                caller(verb, address, deed, hostile, **({} if verb == "get" else {"json": {}}))
                tried += 1
        for one in deed.get("parameters", []):
            for hostile in NASTY if one["in"] == "query" else ():
                value = quote(str(hostile).encode("utf-8", "surrogatepass"))
                caller(verb, f"{plain}?{one['name']}={value}", deed, (one["name"], hostile))
                tried += 1
        tried += _hostile_bodies(caller, document, (verb, plain, deed))
    assert tried > 1000
    assert caller.complaints == set()


def _hostile_bodies(caller: Caller, document: dict[str, Any], where: tuple[str, str, dict[str, Any]]) -> int:
    verb, address, deed = where
    wanted = body_shape(document, deed)
    if wanted is None:
        return 0
    good = an_example(document, wanted)
    for body in BODIES:
        caller(verb, address, deed, body[:20], data=body, content_type="application/json")
    for name in wanted.get("properties", {}):
        for hostile in NASTY:
            body = json.dumps({**good, name: hostile}).encode()
            caller(verb, address, deed, (name, hostile), data=body, content_type="application/json")
    return len(BODIES) + len(NASTY) * len(wanted.get("properties", {}))


def test_what_is_there_is_answered_as_the_document_says(
    caller: Caller, document: dict[str, Any], acme: Partner
) -> None:
    """Every address that reads, on a portal with one of everything; ids are those that lists and makers answer."""
    a_live_plan()
    lead, deal = a_lead("Umbrella"), a_deal(acme, "Globex")
    sale = sold(acme)
    deeds = {(verb, path): deed for verb, path, deed, _arguments in operations(document)}
    found = {
        "/api/v1/partners/{number}": acme.id,
        "/api/v1/partners/{partner_id}/balance": acme.id,
        "/api/v1/partners/{partner_id}/entries": acme.id,
        "/api/v1/partners/{partner_id}/statements": acme.id,
        "/api/v1/leads/{number}": lead.id,
        "/api/v1/leads/{number}/routing": lead.id,
        "/api/v1/deals/{deal_id}": deal.id,
        "/api/v1/sales/{sale_id}": sale.id,
        "/api/v1/plans/{code}/quote": "standard?amount_minor=100",
        "/api/v1/plans/{code}/versions/{number}": "standard",
        "/api/v1/partners": "", "/api/v1/leads": "", "/api/v1/deals": "", "/api/v1/sales": "",
    }  # fmt: skip
    for path, number in found.items():
        address = path.replace("{code}/quote", "standard/quote?amount_minor=100").replace(
            "{code}", "standard"
        )
        for name in ("number", "partner_id", "deal_id", "sale_id"):
            address = address.replace(f"{{{name}}}", "1" if "versions" in path else str(number))
        answer = caller("get", address, deeds["get", path])
        assert answer.status_code == 200, f"{address}: {answer.get_data(as_text=True)[:300]}"
    assert caller.complaints == set()
