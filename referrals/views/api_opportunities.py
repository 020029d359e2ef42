"""The vendor's own opportunities over the API, so that its CRM keeps the list: added, read, changed, ended."""

from typing import Any

import marshmallow as ma
from flask import abort, url_for

from accounts.access import requires, signed_in_user
from accounts.models import User
from accounts.permissions import Permission
from core.api import (
    Moment,
    PageQuery,
    Schema,
    api_blueprint,
    etag_of,
    idempotent,
    list_schema,
    may_be_stale,
    refuse_stale,
)
from core.database import lock, session
from core.digits import number_in
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.pagination import after_cursor
from referrals.models.opportunities import OwnOpportunity
from referrals.operations import opportunities as operations
from referrals.operations.opportunities import OpportunityData, last_day
from referrals.queries.opportunities import (
    opportunities_in_state,
    opportunities_visible_to,
    who_may_be_responsible,
)

blueprint = api_blueprint(
    "opportunities", __name__, "Companies that the vendor talks to itself, so that no partner is sent there."
)

_EMAIL = ma.validate.Length(3, 254)
_NOTE = ma.validate.Length(max=1000)


class OwnOpportunityIn(Schema):
    """A company, by its ``website``, its ``tax_id`` of ``country``, or both; who talks to it, and until which day.

    ``responsible_email`` is of one of the vendor's people who decide about leads; ``until`` is at most a year away.
    """

    company = ma.fields.String(required=True, validate=ma.validate.Length(1, 200))
    website = ma.fields.String(load_default="", allow_none=True, validate=ma.validate.Length(max=300))
    tax_id = ma.fields.String(load_default="", allow_none=True, validate=ma.validate.Length(max=60))
    country = ma.fields.String(load_default="", allow_none=True, validate=ma.validate.Length(equal=2))
    responsible_email = ma.fields.String(required=True, validate=_EMAIL)
    until = ma.fields.Date(required=True)
    note = ma.fields.String(load_default="", allow_none=True, validate=_NOTE)


class OwnOpportunityChange(Schema):
    """What to change; only what is given changes. Another company is another opportunity."""

    responsible_email = ma.fields.String(validate=_EMAIL)
    until = ma.fields.Date()
    note = ma.fields.String(validate=_NOTE)


class OwnOpportunitySchema(Schema):
    """A company that the vendor talks to. ``status``: holds, over (its day has passed) or ended."""

    id = ma.fields.String(required=True)
    status = ma.fields.String(required=True)
    company = ma.fields.String(required=True)
    domain = ma.fields.String(required=True, allow_none=True)
    tax_id = ma.fields.String(required=True, allow_none=True)
    country = ma.fields.String(required=True, allow_none=True)
    responsible_email = ma.fields.String(required=True)
    responsible_name = ma.fields.String(required=True)
    until = ma.fields.Date(required=True)
    note = ma.fields.String(required=True)
    created_at = Moment(required=True)
    ended_at = Moment(required=True, allow_none=True)


class OwnOpportunityQuery(PageQuery):
    """Which of them: by state."""

    status = ma.fields.String(validate=ma.validate.OneOf(["holds", "over", "ended"]))


@blueprint.route("/own-opportunities", methods=["POST"])
@requires(Permission.OPPORTUNITIES_WRITE)
@idempotent
@blueprint.arguments(OwnOpportunityIn)
@blueprint.response(201, OwnOpportunitySchema)
def post_own_opportunity(data: dict[str, Any]) -> Any:
    """Keeps a company for the vendor: its leads wait for whoever is responsible. 409 when a partner was promised it."""
    responsible, until = _person(data.pop("responsible_email")), data.pop("until")
    said = {name: value or "" for name, value in data.items()}
    row = operations.keep_opportunity(
        OpportunityData(responsible=responsible, until=until, **said), by=signed_in_user()
    )
    where = url_for("opportunities_api.get_own_opportunity", opportunity_id=row.id)
    return _said(row), 201, {"Location": where, "ETag": _etag(row)}


@blueprint.route("/own-opportunities", methods=["GET"])
@requires(Permission.OPPORTUNITIES_READ)
@blueprint.arguments(OwnOpportunityQuery, location="query")
@blueprint.response(200, list_schema(OwnOpportunitySchema))
def get_own_opportunities(query: dict[str, Any]) -> Any:
    """The companies of the list, oldest first, ended ones too."""
    rows, following = after_cursor(
        opportunities_in_state(signed_in_user(), query.get("status", "")),
        OwnOpportunity.id,
        after=query.get("after"),
        limit=query["limit"],
    )
    return {"items": [_said(row) for row in rows], "next": following}


@blueprint.route("/own-opportunities/<opportunity_id>", methods=["GET"])
@requires(Permission.OPPORTUNITIES_READ)
@blueprint.response(200, OwnOpportunitySchema)
def get_own_opportunity(opportunity_id: str) -> Any:
    """One company of the list. Its ``ETag`` changes with it."""
    return _with_etag(_visible(opportunity_id))


@blueprint.route("/own-opportunities/<opportunity_id>", methods=["PATCH"])
@requires(Permission.OPPORTUNITIES_WRITE)
@blueprint.arguments(OwnOpportunityChange)
@blueprint.response(200, OwnOpportunitySchema)
@may_be_stale(blueprint, "The opportunity has changed since it was read.")
def patch_own_opportunity(data: dict[str, Any], opportunity_id: str) -> Any:
    """Somebody else talks to the company, or until another day. With ``If-Match``, only what you have read."""
    row = lock(_visible(opportunity_id))
    refuse_stale(_etag(row))
    email = data.get("responsible_email")
    operations.change_opportunity(
        row,
        responsible=row.responsible if email is None else _person(email),
        until=data.get("until", last_day(row)),
        note=data.get("note", row.note),
        by=signed_in_user(),
    )
    return _with_etag(row)


@blueprint.route("/own-opportunities/<opportunity_id>/end", methods=["POST"])
@requires(Permission.OPPORTUNITIES_WRITE)
@idempotent
@blueprint.response(200, OwnOpportunitySchema)
def end_own_opportunity(opportunity_id: str) -> Any:
    """Gives the company back to partners: its leads that waited are routed now. Twice is as once."""
    row = _visible(opportunity_id)
    operations.end_opportunity(row, by=signed_in_user())
    return _with_etag(row)


def _visible(opportunity_id: str) -> OwnOpportunity:
    rows = opportunities_visible_to(signed_in_user())
    return session.scalar(rows.where(OwnOpportunity.id == number_in(opportunity_id))) or abort(404)


def _person(email: str) -> User:
    """Raises InvalidInput for an address that none of the vendor's people who decide about leads has."""
    people = {person.email: person for person in who_may_be_responsible()}
    found = people.get(email.strip().lower())
    if found is None:
        sentence = _("None of the vendor's people who decide about leads has this address.")
        raise InvalidInput({"responsible_email": sentence})
    return found


def _said(row: OwnOpportunity) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "status": "ended" if row.ended_at is not None else "holds" if row.holds else "over",
        "company": row.company,
        "domain": row.domain,
        "tax_id": row.tax_key,
        "country": row.country,
        "responsible_email": row.responsible.email,
        "responsible_name": row.responsible.name,
        "until": last_day(row),
        "note": row.note,
        "created_at": row.created_at,
        "ended_at": row.ended_at,
    }


def _etag(row: OwnOpportunity) -> str:
    return etag_of(OwnOpportunitySchema, _said(row))


def _with_etag(row: OwnOpportunity) -> Any:
    return _said(row), 200, {"ETag": _etag(row)}
