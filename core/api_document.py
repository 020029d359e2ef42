"""The OpenAPI document: what flask-smorest gathers from the views, with all that holds for every one of them.

Doors, idempotency and problem documents are the same everywhere, so they are written here once and not at each view:
which scope opens an address, which errors it may answer, which of them a repeat is safe after.
"""

import re
from copy import deepcopy
from typing import Any

from flask import Flask

from core.doors import door_of

_ARGUMENT = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
_VERBS = ("get", "post", "put", "patch", "delete")

_ABOUT = """\
Send a key as `Authorization: Bearer …`. Keys have scopes; each address names those that open it.

A `POST` may carry an `Idempotency-Key`: the same key with the same body is answered as it was the first time, for 30
days; with another body it is refused (409). Errors are problem documents (RFC 9457); after 429 and 503 wait as long as
`Retry-After` says, and send the same again. Fields that are not named here are refused.

Sums are whole minor units beside a currency (ISO 4217), moments are RFC 3339 with an offset, countries ISO 3166-1
alpha-2, rates decimal strings, ids opaque strings. A list is `{"items": […], "next": "…"}`: send `next` as `after` to
go on, until it is null.
"""

_PROBLEM = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string", "description": "The kind of problem, always the same for a status."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence for a person."},
        "errors": {
            "type": "array",
            "description": "Each field that cannot be used.",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "Where in what was sent (RFC 6901)."},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}

_ERRORS = {
    "400": "What was sent cannot be read.",
    "401": "There is no key, or it does not work.",
    "403": "The key lacks the scope.",
    "404": "There is nothing at this address, or it is not for this key to see.",
    "409": "A rule forbids it now; `detail` says which. Nothing was changed.",
    "412": "It has changed since it was read. Nothing was changed.",
    "413": "That is larger than the portal takes.",
    "422": "Some of it cannot be used; `errors` says what.",
    "429": "That was too often.",
    "503": "The database is busy or away. Nothing was changed.",
}

_IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
    "description": "Makes a repeat safe: the same key and body are answered as the first time, for 30 days.",
}


def api_document(app: Flask) -> dict[str, Any]:
    """The whole document, as ``/api/v1/openapi.json`` answers it. Nobody may change what is answered."""
    kept: dict[str, Any] | None = app.extensions.get("api_document")
    if kept is None:
        kept = app.extensions["api_document"] = _make(app)
    return {**kept, "servers": [{"url": app.config["BASE_URL"]}]}


def _make(app: Flask) -> dict[str, Any]:
    made: dict[str, Any] = deepcopy(app.extensions["portal_api"].spec.to_dict())
    made["info"] = {"title": "Guildhall", "version": "1", "description": _ABOUT}
    components = made["components"]
    components["responses"] = {f"Problem{status}": _response(status) for status in _ERRORS}
    components["responses"]["Problem"] = _response("")
    for name in ("Error", "PaginationMetadata"):
        components["schemas"].pop(name, None)
    components["schemas"]["Problem"] = _PROBLEM
    components["securitySchemes"]["key"]["description"] = "A key of the portal, made by a programme admin."
    views = _views_by_address(app)
    for path, deeds in made["paths"].items():
        for verb in _VERBS:
            if verb in deeds:
                _complete(app, deeds[verb], views[path, verb], has_ids=bool(deeds.get("parameters")))
    for tag in made.get("tags", ()):
        tag["name"] = _said_tag(tag["name"])
    return made


def _response(status: str) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": _ERRORS.get(status, "Anything else that went wrong."),
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status in {"429", "503"}:
        seconds = {"type": "integer", "minimum": 0}
        answer["headers"] = {"Retry-After": {"description": "Seconds to wait.", "schema": seconds}}
    return answer


def _views_by_address(app: Flask) -> dict[tuple[str, str], Any]:
    return {
        (_ARGUMENT.sub(r"{\1}", rule.rule), verb.lower()): app.view_functions[rule.endpoint]
        for rule in app.url_map.iter_rules()
        for verb in rule.methods or ()
    }


def _said_tag(name: str) -> str:
    return name.removesuffix("_api").rpartition("_")[2].capitalize()


def _complete(app: Flask, deed: dict[str, Any], view: Any, *, has_ids: bool) -> None:
    """Adds to one operation what its door, its ids and its body bring along."""
    door = door_of(view)
    for part in {"summary", "description"} & deed.keys():
        deed[part] = deed[part].replace("``", "`")  # written as a docstring, read as Markdown
    deed["tags"] = [_said_tag(tag) for tag in deed.get("tags", ())]
    deed["operationId"] = view.__name__
    errors = {"429", "503"}
    if door != "public":
        errors |= {"401", "403"}
        deed["security"] = [{"key": [scope]} for scope in app.extensions["scopes_granting"](door)]
    if has_ids:
        errors.add("404")
    has_body = "requestBody" in deed
    if has_body or deed.get("parameters"):
        errors |= {"422"} | ({"400", "413"} if has_body else set())
    if getattr(view, "is_idempotent", False):
        deed.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
        errors |= {"409", "422"}
    answers = {status: about for status, about in deed["responses"].items() if status.startswith("2")}
    named = {status for status in deed["responses"] if status in _ERRORS}
    for status in sorted(errors | named):
        answers[status] = {"$ref": f"#/components/responses/Problem{status}"}
    deed["responses"] = {**answers, "default": {"$ref": "#/components/responses/Problem"}}
