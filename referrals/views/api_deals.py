"""Deals over the API: register one, read it, and close it with its order."""

from typing import Any

import marshmallow as ma
from flask import abort, url_for

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from core.api import Moment, PageQuery, Schema, api_blueprint, idempotent, list_schema
from core.database import session
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.pagination import after_cursor
from partners.models import Partner
from partners.queries import partner_of
from referrals.models.deals import Deal
from referrals.operations import deals as operations
from referrals.operations.deals import DealData
from referrals.queries import deals as asked

blueprint = api_blueprint("referrals_deals", __name__, "Deals: registered, read, won.")


def _text(most: int) -> ma.fields.String:
    return ma.fields.String(allow_none=True, validate=ma.validate.Length(max=most))


class DealIn(Schema):
    """A company that a partner registers. ``partner_id`` is for the vendor's keys; a partner's key has its own."""

    partner_id = ma.fields.String(validate=ma.validate.Regexp(r"^\d{1,18}$"))
    company = ma.fields.String(required=True, validate=ma.validate.Length(1, 200))
    website = _text(300)
    tax_id = _text(60)
    country = _text(2)
    postcode = _text(20)
    city = _text(120)
    person = _text(200)
    email = _text(300)
    phone = _text(60)
    text = _text(5000)
    products = ma.fields.List(ma.fields.String(), load_default=list)
    close_expected_on = ma.fields.Date(allow_none=True)


class DealFindingSchema(Schema):
    """What the conflict check found, never whose it is."""

    hit_class = ma.fields.String(data_key="class", attribute="class")
    kind = ma.fields.String()
    outcome = ma.fields.String()
    protected_until = ma.fields.String(allow_none=True)


class DealEstimateSchema(Schema):
    """The newest version of what the project will cost, for the first year and without tax."""

    version = ma.fields.Integer()
    currency = ma.fields.String()
    total_minor = ma.fields.Integer()
    licence_minor = ma.fields.Integer()
    billed_by = ma.fields.String()
    valid_until = ma.fields.Date(allow_none=True)
    created_at = Moment()


class DealSchema(Schema):
    """A deal and where it stands. ``question`` is what the vendor asked, the reasons are what the partner reads."""

    id = ma.fields.String()
    number = ma.fields.String()
    status = ma.fields.String()
    partner_id = ma.fields.String()
    lead_id = ma.fields.String(allow_none=True)
    customer_id = ma.fields.String(allow_none=True)
    origin = ma.fields.String()
    company = ma.fields.String()
    website = ma.fields.String(allow_none=True)
    tax_id = ma.fields.String(allow_none=True)
    country = ma.fields.String(allow_none=True)
    postcode = ma.fields.String(allow_none=True)
    city = ma.fields.String(allow_none=True)
    person = ma.fields.String(allow_none=True)
    email = ma.fields.String(allow_none=True)
    phone = ma.fields.String(allow_none=True)
    text = ma.fields.String(attribute="need")
    products = ma.fields.List(ma.fields.String(), attribute="product_codes")
    close_expected_on = ma.fields.Date(allow_none=True)
    conflict = ma.fields.String(allow_none=True)
    conflict_findings = ma.fields.List(ma.fields.Nested(DealFindingSchema))
    receipt = ma.fields.String(allow_none=True)
    created_at = Moment()
    submitted_at = Moment(allow_none=True)
    decide_by = Moment(allow_none=True)
    decided_at = Moment(allow_none=True)
    protected_until = Moment(allow_none=True)
    extended_at = Moment(allow_none=True)
    question = ma.fields.String(allow_none=True)
    answer = ma.fields.String(allow_none=True)
    rejection_code = ma.fields.String(allow_none=True)
    rejection_text = ma.fields.String(allow_none=True)
    order = ma.fields.String(attribute="order_reference", allow_none=True)
    order_confirmed_at = Moment(allow_none=True)
    order_refused_because = ma.fields.String(allow_none=True)
    lost_reason = ma.fields.String(allow_none=True)
    closed_at = Moment(allow_none=True)
    estimate = ma.fields.Nested(DealEstimateSchema, allow_none=True)


class WinIn(Schema):
    """The order: a sale's ``external_id``, or an invoice's number."""

    order = ma.fields.String(required=True, validate=ma.validate.Length(1, 200))


@blueprint.route("/deals", methods=["POST"])
@requires(Permission.DEALS_WORK)
@idempotent
@blueprint.arguments(DealIn)
@blueprint.response(201, DealSchema)
def register_deal(data: dict[str, Any]) -> Any:
    """Registers a company for a partner; the conflict check answers at once."""
    partner = _partner(data.pop("partner_id", None))
    text, products = data.pop("text", None) or "", tuple(data.pop("products"))
    found = operations.register_deal(
        partner, DealData(need=text, products=products, **data), by=signed_in_user()
    )
    return found, 201, {"Location": url_for("referrals_deals_api.read_deal", deal_id=found.id)}


@blueprint.route("/deals", methods=["GET"])
@requires(Permission.DEALS_READ)
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, list_schema(DealSchema))
def list_deals(query: dict[str, Any]) -> Any:
    """The deals that the key may see, oldest first."""
    found, cursor = after_cursor(
        asked.with_everything(asked.deals_visible_to(signed_in_user())),
        Deal.id,
        after=query.get("after"),
        limit=query["limit"],
    )
    return {"items": found, "next": cursor}


@blueprint.route("/deals/<int:deal_id>", methods=["GET"])
@requires(Permission.DEALS_READ)
@blueprint.response(200, DealSchema)
def read_deal(deal_id: int) -> Any:
    """One deal."""
    return _visible(deal_id)


@blueprint.route("/deals/<int:deal_id>/win", methods=["POST"])
@requires(Permission.DEALS_WORK)
@idempotent
@blueprint.arguments(WinIn)
@blueprint.response(200, DealSchema)
def win_deal(data: dict[str, Any], deal_id: int) -> Any:
    """Names the order. The deal is won when the vendor says so, or knows the sale; until then it stays approved."""
    found = _visible(deal_id)
    operations.win_deal(found, order=data["order"], by=signed_in_user())
    return found


def _visible(deal_id: int) -> Deal:
    return session.scalar(asked.deals_visible_to(signed_in_user()).where(Deal.id == deal_id)) or abort(404)


def _partner(named: str | None) -> Partner:
    """The firm of a bound key, or the one that the vendor's key names."""
    own = partner_of(signed_in_user())
    if own is not None:
        if named not in (None, str(own.id)):
            raise InvalidInput({"/partner_id": _("This key belongs to another partner.")})
        return own
    found = session.get(Partner, int(named)) if named else None
    if found is None:
        raise InvalidInput({"/partner_id": _("There is no such partner.")})
    return found
