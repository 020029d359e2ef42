"""The ground of the API: blueprints with strict schemas, idempotency, cursors, and RFC 9457 problem documents.

A domain's ``views/api.py`` makes a blueprint by :func:`api_blueprint` and describes each answer by a schema; together
they are the OpenAPI document at ``/api/v1/openapi.json``.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any, TypeVar, cast

import marshmallow as ma
import sqlalchemy as sa
from flask import Flask, Request, Response, abort, g, jsonify, make_response, request
from flask_smorest import Api, Blueprint
from sqlalchemy.orm import Mapped, mapped_column
from webargs import missing
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import HTTPException

from core import clock, durability, races
from core.database import Base, session, write_once
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.inputs import UnkeepableText, UnreadableJSON, read_json
from core.jobs import recurring
from core.moments import in_utc
from core.signing import sign

View = TypeVar("View", bound=Callable[..., Any])


class KeptAnswer(Base):
    """The first answer to an ``Idempotency-Key``, written in the same transaction as its effect; kept 30 days."""

    __tablename__ = "core_kept_answer"
    __table_args__ = (sa.UniqueConstraint("caller_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    caller_id: Mapped[int]
    key: Mapped[str]
    request_digest: Mapped[str]
    status: Mapped[int | None]
    body: Mapped[str | None]
    headers: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime] = mapped_column(index=True)


class Schema(ma.Schema):
    """A shape of the API. Fields it does not know are refused."""

    class Meta:
        unknown = ma.RAISE
        ordered = True


class Moment(ma.fields.AwareDateTime):
    """RFC 3339 with an offset; in answers always UTC with ``Z``."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso", **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        moment = super()._deserialize(value, attr, data, **kwargs)
        try:
            return in_utc(moment)
        except ValueError:
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE) from None

    def _serialize(self, value: Any, attr: Any, obj: Any, **kwargs: Any) -> Any:
        return None if value is None else moment_text(value)


def moment_text(moment: datetime) -> str:
    """A moment as the API says it: ``2026-03-31T10:00:05Z``, with microseconds only when there are any."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


class WholeNumber(ma.fields.Integer):
    """A JSON integer, also written ``521.0`` (which JSON Schema calls one); never a text, never rounded."""

    def _validated(self, value: Any) -> Any:
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        if not is_whole and not (isinstance(value, float) and value.is_integer()):
            raise self.make_error("invalid")
        if abs(int(value)) >= 2**63:
            raise self.make_error("too_large")
        return int(value)


class MinorUnits(WholeNumber):
    """A sum in minor units of the object's ``currency``."""

    def _validated(self, value: Any) -> Any:
        amount = super()._validated(value)
        if abs(amount) >= 10**15:
            raise self.make_error("too_large")
        return amount


class PageQuery(ma.Schema):
    """How a list is paged: ``limit`` (1 to 100), ``after`` (the ``next`` of the page before)."""

    class Meta:
        unknown = ma.RAISE

    limit = ma.fields.Integer(load_default=50, validate=ma.validate.Range(1, 100))
    after = ma.fields.String(validate=ma.validate.Regexp(r"^\d{1,18}$"))


def list_schema(item: type[ma.Schema]) -> type[ma.Schema]:
    """The shape ``{"items": […], "next": "…" | null}`` of a list of ``item``."""
    fields = {
        "items": ma.fields.List(ma.fields.Nested(item), required=True),
        "next": ma.fields.String(required=True, allow_none=True),
    }
    return type(item.__name__.replace("Schema", "") + "ListSchema", (Schema,), fields)


class _Parser(FlaskParser):
    """Reads a body by :func:`core.inputs.read_json`, and refuses fields that no schema knows."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "json": ma.RAISE}

    def load_json(self, req: Request, schema: ma.Schema) -> Any:
        body = req.get_data(cache=True)
        if not req.is_json or not body:
            return missing
        try:
            return read_json(body)
        except UnreadableJSON:
            abort(400, description=_("This is no JSON document."))
        except UnkeepableText as text:
            raise InvalidInput(
                {text.pointer: _("There is a sign in this text that cannot be kept.")}
            ) from text


_PARSER = _Parser()


def api_blueprint(name: str, import_name: str, description: str) -> Blueprint:
    """A part of the API under ``/api/v1``, named ``<name>_api``."""
    blueprint = Blueprint(f"{name}_api", import_name, url_prefix="/api/v1", description=description)
    blueprint.ARGUMENTS_PARSER = _PARSER
    return blueprint


#: What of an answer's headers belongs to what was done, and so is said again with it.
_SAID_AGAIN = ("Location", "ETag")


def idempotent(view: View) -> View:
    """Answers a repeated ``Idempotency-Key`` with the first answer; the same key with another body is refused (409).

    Goes directly below the access decorator. Two requests at once with one key wait for each other.
    """

    @wraps(view)
    def once(*args: Any, **kwargs: Any) -> Any:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return view(*args, **kwargs)
        if not 1 <= len(key) <= 200:
            raise InvalidInput({"Idempotency-Key": _("Use 1 to 200 characters.")})
        said = f"{request.method} {request.path}\n".encode() + request.get_data(cache=True)
        # Under the portal's key: whoever knows the rest could otherwise try out an address or an account
        digest = sign("idempotent request", hashlib.sha256(said).hexdigest())
        kept = _first_or_kept(int(g.person.id), key, digest)
        if kept.status is not None:
            if kept.request_digest != digest:
                raise Refusal(_("This Idempotency-Key came with another request before."))
            answer = Response(kept.body, kept.status, kept.headers, mimetype="application/json")
            answer.headers["Idempotent-Replayed"] = "true"
            return answer
        answer = make_response(view(*args, **kwargs))
        kept.status = answer.status_code
        kept.body = answer.get_data(as_text=True)
        kept.headers = {name: answer.headers[name] for name in _SAID_AGAIN if name in answer.headers}
        return answer

    once.is_idempotent = True  # type: ignore[attr-defined]
    return cast(View, once)


def _first_or_kept(caller_id: int, key: str, digest: str) -> KeptAnswer:
    values = {"caller_id": caller_id, "key": key, "request_digest": digest, "created_at": clock.now()}
    write_once(KeptAnswer, values, unique=["caller_id", "key"])
    return session.scalars(
        sa.select(KeptAnswer)
        .where(KeptAnswer.caller_id == caller_id, KeptAnswer.key == key)
        .with_for_update()
    ).one()


@recurring("core.forget-kept-answers", at="03:50")
def forget_kept_answers(_payload: dict[str, Any]) -> None:
    """Answers to idempotency keys are kept 30 days."""
    from datetime import timedelta

    session.execute(sa.delete(KeptAnswer).where(KeptAnswer.created_at < clock.now() - timedelta(days=30)))


_IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "required": False,
    "schema": {"type": "string"},
    "description": "The ETag of what you read. When it has changed since, the answer is 412 and nothing is changed.",
}


def may_be_stale(blueprint: Blueprint, sentence: str) -> Callable[[View], View]:
    """Says in the OpenAPI document that a route calls :func:`refuse_stale`; ``sentence`` describes its 412."""

    def document(view: View) -> View:
        described = blueprint.alt_response(412, description=sentence)(view)
        return cast(View, blueprint.doc(parameters=[_IF_MATCH])(described))

    return document


def etag_of(schema: type[ma.Schema], thing: Any) -> str:
    """What stands in ``ETag`` for ``thing`` as the API says it: another one after each change."""
    said = json.dumps(schema().dump(thing), sort_keys=True, default=str)
    return f'"{hashlib.sha256(said.encode()).hexdigest()[:32]}"'


def refuse_stale(etag: str) -> None:
    """412 when the caller says by ``If-Match`` that it read something else. Without the header, nothing is asked."""
    if "If-Match" in request.headers and not request.if_match.contains(etag.strip('"')):
        abort(412, description=_("Somebody changed it since you read it. Read it again, then change it."))


def problem(status: int, title: str, detail: str, errors: list[dict[str, str]] | None = None) -> Response:
    """An RFC 9457 problem document."""
    body: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    if errors:
        body["errors"] = errors
    response = jsonify(body)
    response.status_code = status
    response.mimetype = "application/problem+json"
    return response


def problem_of(error: Exception) -> Response:
    """The problem document for anything a view may raise."""
    if isinstance(error, Refusal):
        return problem(409, "Conflict", error.sentence)
    if isinstance(error, InvalidInput):
        errors = [
            {"pointer": _pointer(where), "detail": sentence} for where, sentence in error.problems.items()
        ]
        return problem(422, "Unprocessable Content", _("Some of it cannot be used."), errors)
    if isinstance(error, HTTPException):
        status = error.code or 500
        messages = getattr(error, "data", {}).get("messages") if hasattr(error, "data") else None
        if status == 422 and messages:
            return problem(422, "Unprocessable Content", _("Some of it cannot be used."), _flatten(messages))
        answer = problem(status, error.name, str(error.description or error.name))
        for name, value in error.get_headers():
            if name in {"Allow", "Retry-After", "WWW-Authenticate"}:
                answer.headers[name] = value
        if status == 401:
            answer.headers["WWW-Authenticate"] = "Bearer"
        return answer
    if isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError):
        return problem(503, "Service Unavailable", why_unavailable(error))
    return problem(500, "Internal Server Error", _("Something broke on our side. Nothing was changed."))


def why_unavailable(error: sa.exc.DBAPIError) -> str:
    """What to tell somebody whose request the database did not carry out."""
    if races.lost_by(error):
        return _(
            "Others kept changing the same things at the same moment. Nothing was changed; send it again."
        )
    if races.sqlstate_of(error) == races.LOCK_TIMEOUT:
        return _("Somebody else is changing this right now. Nothing was changed; try again in a moment.")
    if durability.is_disk_full(error):
        return _("The portal's disk is full. Nothing was changed; whoever runs the portal has to make room.")
    attempt = races.current_attempt()
    if attempt is not None and attempt.is_ending and races.is_cut_off(error):
        return _(
            "The database went away while this was being kept. Look whether it is there before you repeat it."
        )
    return _("The database is busy or away. Nothing was changed; try again in a moment.")


def _pointer(where: str) -> str:
    return where if where.startswith("/") or not where else "/" + where.replace(".", "/")


def _flatten(messages: Any, at: str = "") -> list[dict[str, str]]:
    """marshmallow's nested messages as JSON pointers; the location (``json``, ``query``) is left out."""
    if isinstance(messages, str):
        return [{"pointer": at, "detail": messages}]
    if isinstance(messages, list):
        return [entry for message in messages for entry in _flatten(message, at)]
    entries = []
    for name, below in messages.items():
        skip = (not at and name in {"json", "query", "headers", "path"}) or name == "_schema"
        escaped = str(name).replace("~", "~0").replace("/", "~1")
        entries += _flatten(below, at if skip else f"{at}/{escaped}")
    return entries


class PortalApi(Api):  # type: ignore[misc]
    """flask-smorest without its error handlers: pages and API share one place for errors (``core.pages``)."""

    def _register_error_handlers(self) -> None:
        return


def init_app(app: Flask) -> PortalApi:
    app.config.update(
        API_TITLE="Guildhall",
        API_VERSION="1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=None,
        ETAG_DISABLED=False,
    )
    api = PortalApi(app)
    api.spec.components.security_scheme("key", {"type": "http", "scheme": "bearer"})
    api.spec.options["security"] = [{"key": []}]
    app.extensions["portal_api"] = api
    return api
