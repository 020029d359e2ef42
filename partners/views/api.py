"""The API of partners: applications in, firms read, made and changed."""

from typing import Any

from flask import abort
from marshmallow import fields, validate

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from core import mail
from core.api import (
    Moment,
    PageQuery,
    Schema,
    WholeNumber,
    api_blueprint,
    etag_of,
    idempotent,
    list_schema,
    may_be_stale,
    refuse_stale,
)
from core.database import lock, session
from core.digits import number_in
from core.i18n import LOCALES
from core.pagination import after_cursor
from partners import emails, operations
from partners.models import HeardFrom, Partner, PartnerType
from partners.queries.contacts import with_contacts
from partners.queries.partners import partners_matching, partners_visible_to

blueprint = api_blueprint("partners", __name__, "Firms and their applications.")

_LINE = validate.Length(max=200)
_CODES = fields.List(fields.String(validate=_LINE), validate=validate.Length(max=300))


class BusinessHoursSchema(Schema):
    """When the firm works: weekdays (0 is Monday) and times of its own clock."""

    days = fields.List(
        WholeNumber(validate=validate.Range(0, 6)), required=True, validate=validate.Length(1, 7)
    )
    opens = fields.String(required=True, validate=_LINE)
    closes = fields.String(required=True, validate=_LINE)


class ProfileSchema(Schema):
    """What a firm says about itself."""

    legal_name = fields.String(validate=_LINE)
    region = fields.String(validate=_LINE, allow_none=True)
    city = fields.String(validate=_LINE)
    postcode = fields.String(validate=_LINE)
    latitude = fields.Float(allow_none=True, validate=validate.Range(-90, 90))
    longitude = fields.Float(allow_none=True, validate=validate.Range(-180, 180))
    website = fields.String(validate=_LINE)
    phone = fields.String(validate=_LINE, allow_none=True)
    tax_id = fields.String(validate=_LINE)
    regions = _CODES
    languages = _CODES
    products = _CODES
    services = _CODES
    industries = _CODES
    open_lead_cap = WholeNumber(validate=validate.Range(0, 10_000))
    daily_lead_cap = WholeNumber(validate=validate.Range(0, 10_000))
    time_zone = fields.String(validate=_LINE)
    business_hours = fields.Nested(BusinessHoursSchema)


class NewPartnerSchema(ProfileSchema):
    """A firm to add: active at once, its agreement noted as accepted."""

    name = fields.String(required=True, validate=validate.Length(1, 200))
    country = fields.String(required=True, validate=validate.Length(equal=2))
    tier = fields.String(load_default="registered", validate=_LINE)
    type = fields.String(
        load_default="reseller", validate=validate.OneOf([kind.value for kind in PartnerType])
    )
    plan = fields.String(load_default="standard", validate=validate.Length(1, 60))


class PartnerChangeSchema(ProfileSchema):
    """What to change of a firm; only what is given changes. A new ``tier`` needs a ``reason``."""

    name = fields.String(validate=validate.Length(1, 200))
    country = fields.String(validate=validate.Length(equal=2))
    type = fields.String(validate=validate.OneOf([kind.value for kind in PartnerType]))
    plan = fields.String(validate=validate.Length(1, 60))
    tier = fields.String(validate=_LINE)
    reason = fields.String(validate=validate.Length(max=4000))
    paused = fields.Boolean()


class VendorPersonSchema(Schema):
    """Somebody of the vendor."""

    name = fields.String(required=True)
    email = fields.String(required=True)


class ContactSchema(VendorPersonSchema):
    """Whom the firm turns to, and what for: technical, marketing, finance or sponsor."""

    kind = fields.String(required=True)


class PartnerSchema(Schema):
    """A firm in the programme. ``manager`` and ``contacts``: who at the vendor looks after it, while they are there."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    legal_name = fields.String(required=True)
    country = fields.String(required=True)
    region = fields.String(required=True, allow_none=True)
    city = fields.String(required=True)
    postcode = fields.String(required=True)
    latitude = fields.Float(required=True, allow_none=True)
    longitude = fields.Float(required=True, allow_none=True)
    website = fields.String(required=True)
    phone = fields.String(required=True, allow_none=True)
    tax_id = fields.String(required=True)
    type = fields.String(required=True)
    tier = fields.String(required=True)
    plan = fields.String(required=True, attribute="plan_code")
    status = fields.String(required=True)
    paused = fields.Boolean(required=True, attribute="is_paused")
    regions = fields.List(fields.String(), required=True)
    languages = fields.List(fields.String(), required=True)
    products = fields.List(fields.String(), required=True)
    services = fields.List(fields.String(), required=True)
    industries = fields.List(fields.String(), required=True)
    open_lead_cap = WholeNumber(required=True)
    daily_lead_cap = WholeNumber(required=True)
    time_zone = fields.String(required=True)
    business_hours = fields.Nested(BusinessHoursSchema, required=True)
    manager = fields.Nested(VendorPersonSchema, required=True, allow_none=True, attribute="present_manager")
    contacts = fields.List(fields.Nested(ContactSchema), required=True, attribute="present_contacts")
    created_at = Moment(required=True)


class PartnerListQuery(PageQuery):
    """Which firms: by state, tier, country, or words of name and city."""

    status = fields.String(validate=_LINE)
    tier = fields.String(validate=_LINE)
    country = fields.String(validate=validate.Length(equal=2))
    q = fields.String(validate=_LINE)


class NewApplicationSchema(Schema):
    """A firm that would like to join. The mailbox is asked to confirm before anybody reads it."""

    company = fields.String(required=True, validate=validate.Length(1, 200))
    country = fields.String(required=True, validate=validate.Length(equal=2))
    person = fields.String(required=True, validate=validate.Length(1, 200))
    email = fields.String(required=True, validate=validate.Length(3, 254))
    locale = fields.String(load_default="en", validate=validate.OneOf(list(LOCALES)))
    privacy_read = fields.Boolean(required=True, validate=validate.Equal(True))
    position = fields.String(validate=_LINE)
    phone = fields.String(validate=_LINE)
    legal_form = fields.String(validate=_LINE)
    region = fields.String(validate=_LINE)
    city = fields.String(required=True, validate=_LINE)
    postcode = fields.String(validate=_LINE)
    tax_id = fields.String(validate=_LINE)
    website = fields.String(validate=_LINE)
    employees = WholeNumber(validate=validate.Range(1, 1_000_000))
    type = fields.String(required=True, validate=validate.OneOf([kind.value for kind in PartnerType]))
    regions = _CODES
    languages = fields.List(fields.String(validate=_LINE), required=True, validate=validate.Length(1, 50))
    products = _CODES
    services = fields.List(fields.String(validate=_LINE), required=True, validate=validate.Length(1, 50))
    industries = _CODES
    heard_from = fields.String(required=True, validate=validate.OneOf([source.value for source in HeardFrom]))
    heard_detail = fields.String(validate=_LINE)
    about = fields.String(required=True, validate=validate.Length(1, 4000))


class ApplicationSchema(Schema):
    """Where an application stands. ``status_url`` is the applicant's own page: for the applicant's eyes only."""

    id = fields.String(required=True)
    status = fields.String(required=True)
    next = fields.String(required=True)
    status_url = fields.String(required=True)
    created_at = Moment(required=True)


@blueprint.route("/applications", methods=["POST"])
@requires(Permission.APPLICATIONS_WRITE)
@idempotent
@blueprint.arguments(NewApplicationSchema)
@blueprint.response(201, ApplicationSchema)
def post_application(data: dict[str, Any]) -> Any:
    """Apply on behalf of a firm, from the vendor's own site. The firm confirms by the link in our mail."""
    first = {name: data.pop(name) for name in ("company", "country", "person", "email", "locale")}
    privacy_read = data.pop("privacy_read")
    application = operations.start_application(**first, source="api")
    operations.send_application(application, privacy_read=privacy_read, **data)
    return {
        "id": str(application.id),
        "status": application.status.value,
        "next": "confirm_email",
        "status_url": mail.absolute_url(emails.status_path(application)),
        "created_at": application.created_at,
    }


@blueprint.route("/partners", methods=["GET"])
@requires(Permission.PARTNERS_READ)
@blueprint.arguments(PartnerListQuery, location="query")
@blueprint.response(200, list_schema(PartnerSchema))
def get_partners(query: dict[str, Any]) -> Any:
    """The firms the key may see: all, or with a key bound to a firm that one."""
    firms = partners_matching(
        partners_visible_to(signed_in_user()),
        text=query.get("q", ""),
        status=query.get("status", ""),
        tier=query.get("tier", ""),
        country=query.get("country", ""),
    )
    rows, after = after_cursor(
        with_contacts(firms), Partner.id, after=query.get("after"), limit=query["limit"]
    )
    return {"items": rows, "next": after}


@blueprint.route("/partners", methods=["POST"])
@requires(Permission.PARTNERS_WRITE)
@idempotent
@blueprint.arguments(NewPartnerSchema)
@blueprint.response(201, PartnerSchema)
def post_partner(data: dict[str, Any]) -> Any:
    """Add a firm: active, its agreement accepted."""
    return operations.make_partner(by=signed_in_user(), **data)


def _partner(number: str) -> Partner:
    visible = partners_visible_to(signed_in_user())
    return session.scalar(visible.where(Partner.id == number_in(number))) or abort(404)


@blueprint.route("/partners/<number>", methods=["GET"])
@requires(Permission.PARTNERS_READ)
@blueprint.response(200, PartnerSchema)
def get_partner(number: str) -> Any:
    """One firm. Its ``ETag`` changes with it."""
    return _with_etag(_partner(number))


def _with_etag(firm: Partner) -> Any:
    return firm, 200, {"ETag": etag_of(PartnerSchema, firm)}


@blueprint.route("/partners/<number>", methods=["PATCH"])
@requires(Permission.PARTNERS_WRITE)
@blueprint.arguments(PartnerChangeSchema)
@blueprint.response(200, PartnerSchema)
@may_be_stale(blueprint, "The firm has changed since it was read.")
def patch_partner(data: dict[str, Any], number: str) -> Any:
    """Change a firm: profile, plan, pause, and with a reason its tier. With ``If-Match``, only what you have read."""
    firm = lock(_partner(number))
    refuse_stale(etag_of(PartnerSchema, firm))
    me = signed_in_user()
    tier, reason, paused = data.pop("tier", None), data.pop("reason", ""), data.pop("paused", None)
    if "plan" in data:
        data["plan_code"] = data.pop("plan")
    operations.change_partner(firm, by=me, **data)
    if tier is not None and tier != firm.tier:
        operations.change_tier(firm, tier, reason=reason, by=me)
    if paused is not None and paused != firm.is_paused:
        (operations.pause_partner if paused else operations.resume_partner)(firm, by=me)
    return _with_etag(firm)
