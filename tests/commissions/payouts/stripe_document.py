"""What Stripe takes and answers: by the installed package's own typed parameters, and by the document Stripe publishes.

The package's types are always there. The document lies beside the repository (``../shared/stripe``) or nowhere; then
:data:`DOCUMENT` is ``None`` and what needs it says so.
"""

import json
import re
import typing
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import stripe.params as params

_FILE = Path(__file__).parents[4] / "shared" / "stripe" / "openapi.spec3.json"
HAS_DOCUMENT = _FILE.exists()

#: What each request may hold, by the package: (method, address) → typed parameters.
_TYPED = {
    ("post", "/v1/accounts"): params.AccountCreateParams,
    ("get", "/v1/accounts/{account}"): params.AccountRetrieveParams,
    ("post", "/v1/account_links"): params.AccountLinkCreateParams,
    ("get", "/v1/balance"): params.BalanceRetrieveParams,
    ("get", "/v1/events"): params.EventListParams,
    ("get", "/v1/payouts"): params.PayoutListParams,
    ("get", "/v1/invoice_payments"): params.InvoicePaymentListParams,
    ("get", "/v1/invoices/{invoice}/lines"): params.InvoiceLineItemListParams,
    ("get", "/v1/transfers"): params.TransferListParams,
    ("post", "/v1/transfers"): params.TransferCreateParams,
    ("get", "/v1/transfers/{transfer}"): params.TransferRetrieveParams,
    ("post", "/v1/transfers/{id}/reversals"): params.TransferReversalCreateParams,
}


class NotTaken(ValueError):
    """Stripe would answer 400 to this."""


def unfolded(encoded: str) -> dict[str, Any]:
    """``a[b][0]=c`` as ``{"a": {"b": ["c"]}}``."""
    whole: dict[str, Any] = {}
    for name, value in parse_qsl(encoded, keep_blank_values=True):
        first, *rest = re.findall(r"[^\[\]]+", name)
        place, path = whole, [first, *rest]
        for key in path[:-1]:
            place = place.setdefault(key, {})
        place[path[-1]] = value
    return {key: _listed(value) for key, value in whole.items()}


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {key: _listed(one) for key, one in value.items()}
    if inner and all(key.isdigit() for key in inner):
        return [inner[key] for key in sorted(inner, key=int)]
    return inner


def route_of(method: str, path: str) -> str:
    """The template of an address that Stripe knows. Raises NotTaken."""
    for known, template in _TYPED:
        pattern = re.sub(r"\{\w+\}", "[^/]+", template)
        if known == method.lower() and re.fullmatch(pattern, path):
            return template
    raise NotTaken(f"{method} {path} is no address of Stripe's that we use")


def check_request(method: str, path: str, data: dict[str, Any]) -> None:
    """Raises NotTaken when the package's types, or Stripe's own document, would not allow this request."""
    template = route_of(method, path)
    _by_type(_TYPED[(method.lower(), template)], data, template)
    if HAS_DOCUMENT:
        operation = _document()["paths"][template][method.lower()]
        if method.lower() == "post":
            content = operation["requestBody"]["content"]["application/x-www-form-urlencoded"]
            _by_schema(content.get("schema", {}), data, template)
        else:
            known = {
                one["name"]: one["schema"] for one in operation.get("parameters", ()) if one["in"] == "query"
            }
            _by_schema({"type": "object", "properties": known}, data, template)


def _by_type(kind: Any, value: Any, where: str) -> None:
    """One value against a type of the package's; what comes over the wire is text."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in {typing.NotRequired, typing.Required, typing.Annotated}:
        _by_type(inner[0], value, where)
    elif origin is typing.Union:
        problems = []
        for one in inner:
            try:
                _by_type(one, value, where)
            except NotTaken as problem:
                problems.append(str(problem))
            else:
                return
        raise NotTaken(problems[0])
    elif origin is typing.Literal:
        _need(value in inner, f"{where} can be {inner}, not {value!r}")
    elif origin is list:
        _need(isinstance(value, list), f"{where} is a list")
        for one in value:
            _by_type(inner[0], one, where)
    elif origin is dict:
        _need(isinstance(value, dict), f"{where} holds names")
    elif typing.is_typeddict(kind):
        _need(isinstance(value, dict), f"{where} holds names")
        hints = typing.get_type_hints(kind, include_extras=True)
        for name in value.keys() - hints.keys():
            raise NotTaken(f"unknown parameter {where}[{name}]")
        for name in kind.__required_keys__ - value.keys():
            raise NotTaken(f"missing parameter {where}[{name}]")
        for name, one in value.items():
            _by_type(hints[name], one, f"{where}[{name}]")
    elif kind is int:
        _need(isinstance(value, str) and re.fullmatch(r"-?\d+", value), f"{where} is a whole number")
    elif kind is bool:
        _need(value in {"true", "false"}, f"{where} is true or false")
    elif kind is str:
        _need(isinstance(value, str), f"{where} is text")


def _by_schema(schema: dict[str, Any], value: Any, where: str) -> None:
    """One value against a schema of the document. Nested objects are closed, though the document leaves them open."""
    if "$ref" in schema:
        schema = _document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        problems = []
        for one in schema["anyOf"]:
            try:
                _by_schema(one, value, where)
            except NotTaken as problem:
                problems.append(str(problem))
            else:
                return
        raise NotTaken(problems[0])
    match schema.get("type"):
        case "object":
            _need(isinstance(value, dict), f"{where} holds names")
            known, further = schema.get("properties", {}), schema.get("additionalProperties")
            for name, one in value.items():
                if name in known:
                    _by_schema(known[name], one, f"{where}[{name}]")
                else:
                    _need(bool(further), f"unknown parameter {where}[{name}]")
            for name in schema.get("required", ()):
                _need(name in value, f"missing parameter {where}[{name}]")
        case "array":
            _need(isinstance(value, list), f"{where} is a list")
            for one in value:
                _by_schema(schema["items"], one, where)
        case "integer":
            _need(isinstance(value, str) and re.fullmatch(r"-?\d+", value), f"{where} is a whole number")
        case "boolean":
            _need(value in {"true", "false"}, f"{where} is true or false")
        case "string":
            _need(isinstance(value, str), f"{where} is text")
            _need(len(value) <= schema.get("maxLength", 5000), f"{where} is too long")
            if "enum" in schema:
                _need(value in schema["enum"], f"{where} can be {schema['enum']}, not {value!r}")


def _need(holds: object, sentence: str) -> None:
    if not holds:
        raise NotTaken(sentence)


@cache
def _document() -> Any:
    return json.loads(_FILE.read_text())


@cache
def _validator(template: str, method: str) -> Any:
    """Stripe's answer to a request, as JSON Schema: OpenAPI 3.0 says ``nullable`` where JSON Schema says null."""
    import jsonschema

    operation = _document()["paths"][template][method]
    answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
    schemas = {name: _plain(schema) for name, schema in _document()["components"]["schemas"].items()}
    return jsonschema.Draft7Validator({**_plain(answer), "components": {"schemas": schemas}})


def _plain(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_plain(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: _plain(one) for name, one in schema.items() if not name.startswith("x-")}
    if inner.pop("nullable", None) is True:
        return {"anyOf": [{"type": "null"}, inner]}
    return inner


def problem_of_answer(method: str, path: str, answer: Any) -> str | None:
    """Why Stripe would never answer so, by its document; ``None`` when it might, or when the document is not here."""
    if not HAS_DOCUMENT:
        return None
    problem = next(_validator(route_of(method, path), method.lower()).iter_errors(answer), None)
    return None if problem is None else f"{method} {path}: {problem.message[:200]}"
