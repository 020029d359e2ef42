"""The API of leads: in, read, routed, answered for a partner; and the conflict check."""

from ipaddress import ip_address
from typing import Any

import marshmallow as ma
from flask import abort
from marshmallow import validate

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from core.api import (
    MinorUnits,
    Moment,
    PageQuery,
    Schema,
    WholeNumber,
    api_blueprint,
    idempotent,
    list_schema,
)
from core.database import session
from core.digits import number_in
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.money import currencies
from core.pagination import after_cursor
from core.places import is_country
from partners.models import Partner
from partners.queries import partner_of
from referrals import operations
from referrals.matching import Identity, finding_sentence
from referrals.models.leads import Lead, LeadOrigin, LeadStatus
from referrals.models.routing import DeclineReason, Offer, RoutingDecision
from referrals.operations import LeadData
from referrals.operations.conflicts import check_conflict
from referrals.operations.routing import rows_of
from referrals.queries.decisions import latest_decision
from referrals.queries.leads import (
    LeadFilter,
    leads_ever_shown_to,
    leads_matching,
    leads_shown_to,
    leads_visible_to,
    may_see_contact,
)
from referrals.queries.names import Names
from referrals.queries.offers import last_offer, open_offer
from referrals.routing import row_answer
from referrals.views.wording import without_contact

blueprint = api_blueprint("leads", __name__, "Leads: in, routed, answered; and who was first.")


def _text(most: int, **kwargs: Any) -> ma.fields.String:
    return ma.fields.String(allow_none=True, load_default=None, validate=validate.Length(max=most), **kwargs)


def _is_an_address(typed: str) -> None:
    try:
        ip_address(typed.strip())
    except ValueError as error:
        raise ma.ValidationError(
            _("That is not an IP address, such as 203.0.113.7 or 2001:db8::7; leave out the port.")
        ) from error


def _codes() -> Any:
    return ma.fields.List(
        ma.fields.String(validate=validate.Length(1, 80)), load_default=list, validate=validate.Length(max=50)
    )


class ConsentSchema(Schema):
    """To which text somebody agreed, and when."""

    version = ma.fields.String(required=True, validate=validate.Length(1, 80))
    at = Moment(required=True)


class LeadInSchema(Schema):
    """A lead. Company or e-mail is needed; products and services are codes of the catalogue."""

    company = _text(200)
    website = _text(300)
    tax_id = _text(60)
    person = _text(200)
    email = _text(254)
    phone = _text(60)
    country = _text(60)
    region = _text(60)
    city = _text(120)
    postcode = _text(20)
    language = _text(20)
    industry = _text(80)
    employees = WholeNumber(allow_none=True, load_default=None, validate=validate.Range(0, 10**9))
    products = _codes()
    services = _codes()
    size_minor = MinorUnits(allow_none=True, load_default=None, validate=validate.Range(min=0))
    currency = ma.fields.String(allow_none=True, load_default=None, validate=validate.Length(equal=3))
    text = _text(5000)
    call_at = _text(120)
    source = _text(80)
    campaign = _text(120)
    referral_code = _text(60)
    page_url = _text(500)
    consent = ma.fields.Nested(ConsentSchema, allow_none=True, load_default=None)
    partner_id = _text(20)
    visitor_ip = ma.fields.String(
        allow_none=True,
        load_default=None,
        validate=_is_an_address,
        metadata={
            "description": "The IP address of the visitor who filled in your form, to see a partner that sends leads "
            "to itself. It is kept for a month, as a digest under the portal's key, and never shown; an address that "
            "is not of the Internet says nothing and is not kept.",
            "example": "2001:db8::7",
        },
    )


class LeadSchema(Schema):
    """A lead as the caller may see it: whom to call is null until the partner has it."""

    id = ma.fields.String(required=True)
    number = ma.fields.String(required=True)
    status = ma.fields.String(required=True)
    duplicate_of = ma.fields.String(required=True, allow_none=True)
    reason = ma.fields.String(allow_none=True)
    partner_id = ma.fields.String(allow_none=True)
    received_at = Moment(required=True)
    company = ma.fields.String(allow_none=True)
    website = ma.fields.String(allow_none=True)
    tax_id = ma.fields.String(allow_none=True)
    person = ma.fields.String(allow_none=True)
    email = ma.fields.String(allow_none=True)
    phone = ma.fields.String(allow_none=True)
    country = ma.fields.String(allow_none=True)
    region = ma.fields.String(allow_none=True)
    city = ma.fields.String(allow_none=True)
    postcode = ma.fields.String(allow_none=True)
    language = ma.fields.String(allow_none=True)
    industry = ma.fields.String(allow_none=True)
    employees = WholeNumber(allow_none=True)
    products = ma.fields.List(ma.fields.String())
    services = ma.fields.List(ma.fields.String())
    size_minor = MinorUnits(allow_none=True)
    currency = ma.fields.String(allow_none=True)
    text = ma.fields.String(allow_none=True)
    call_at = ma.fields.String(allow_none=True)
    origin = ma.fields.String()
    source = ma.fields.String(allow_none=True)
    campaign = ma.fields.String(allow_none=True)
    referral_code = ma.fields.String(allow_none=True)
    offer = ma.fields.Nested(
        Schema.from_dict({"id": ma.fields.String(), "due_at": Moment()}, name="LeadOfferSchema"),
        allow_none=True,
    )


class LeadQuery(PageQuery):
    """Which leads: by state, or ``open`` for all that something can still come of."""

    status = ma.fields.String(validate=validate.OneOf(["open", *(status.value for status in LeadStatus)]))


class FilteredSchema(Schema):
    """What kept a partner out."""

    filter = ma.fields.String(required=True)
    reason = ma.fields.String(required=True)


class FactorSchema(Schema):
    """One factor: its value from 0 to 1 and its weight."""

    name = ma.fields.String(required=True)
    value = ma.fields.Float(required=True)
    weight = ma.fields.Float(required=True)


class CandidateSchema(Schema):
    """One partner's line in the table."""

    partner_id = ma.fields.String(required=True)
    eligible = ma.fields.Boolean(required=True)
    filtered_by = ma.fields.List(ma.fields.Nested(FilteredSchema), required=True)
    score = ma.fields.Float(required=True, allow_none=True)
    factors = ma.fields.List(ma.fields.Nested(FactorSchema), required=True)
    rank = ma.fields.Integer(required=True, allow_none=True)
    chosen = ma.fields.Boolean(required=True)


class OverrideSchema(Schema):
    """What spoke for one partner before any score; without a partner, for the vendor itself."""

    kind = ma.fields.String(required=True)
    partner_id = ma.fields.String(required=True)
    evidence = ma.fields.String(required=True)
    applied = ma.fields.Boolean(required=True)


class RoutingSchema(Schema):
    """How a lead was last routed. A partner's key sees its own line only."""

    policy = ma.fields.String(required=True)
    mode = ma.fields.String(required=True)
    seed = ma.fields.Integer(required=True)
    made_at = Moment(required=True)
    overrides = ma.fields.List(ma.fields.Nested(OverrideSchema), required=True)
    candidates = ma.fields.List(ma.fields.Nested(CandidateSchema), required=True)


class DeclineSchema(Schema):
    """Why not."""

    reason = ma.fields.String(
        required=True, validate=validate.OneOf([reason.value for reason in DeclineReason])
    )
    note = _text(1000)


class ConflictCheckSchema(Schema):
    """A company, by whatever is known of it."""

    company = _text(200)
    tax_id = _text(60)
    website = _text(300)
    domain = _text(300)
    email = _text(254)
    phone = _text(60)
    country = _text(2)
    postcode = _text(20)


class ConflictFindingSchema(Schema):
    """One hit: what it is and how it was recognised, never whose it is."""

    hit_class = ma.fields.String(required=True, data_key="class")
    key = ma.fields.String(required=True)
    outcome = ma.fields.String(required=True)
    protected_until = Moment(allow_none=True)
    sentence = ma.fields.String(required=True)


class ConflictVerdictSchema(Schema):
    """clear, needs_review or conflict, and until when somebody is protected."""

    result = ma.fields.String(required=True)
    protected_until = Moment(allow_none=True)
    findings = ma.fields.List(ma.fields.Nested(ConflictFindingSchema), required=True)


@blueprint.route("/leads", methods=["POST"])
@requires(Permission.LEADS_WRITE)
@idempotent
@blueprint.arguments(LeadInSchema)
@blueprint.response(201, LeadSchema)
def post_lead(data: dict[str, Any]) -> Any:
    """A lead in: checked, and routed at once. A repeat is answered 201 with the status ``duplicate``."""
    consent = data.pop("consent") or {}
    partner_id = data.pop("partner_id")
    visitor_ip = data.pop("visitor_ip")
    currency = data["currency"]
    if currency is not None and currency not in currencies():
        raise InvalidInput({"currency": _("That is not a currency's code, such as EUR.")})
    lead = operations.receive_lead(
        LeadData(
            origin=LeadOrigin.API,
            products=tuple(data.pop("products")),
            services=tuple(data.pop("services")),
            consent_version=consent.get("version"),
            consent_at=consent.get("at"),
            partner_id=_number(partner_id, "partner_id"),
            address=visitor_ip,
            **data,
        ),
        by=signed_in_user(),
    )
    return as_json(lead)


def _number(given: str | None, name: str) -> int | None:
    if given is None:
        return None
    number = number_in(given)
    if number is None:
        raise InvalidInput({name: _("There is no such partner.")})
    return number


@blueprint.route("/leads", methods=["GET"])
@requires(Permission.LEADS_READ)
@blueprint.arguments(LeadQuery, location="query")
@blueprint.response(200, list_schema(LeadSchema))
def get_leads(query: dict[str, Any]) -> Any:
    """The leads the key may see, oldest first."""
    leads = leads_visible_to(signed_in_user())
    if query.get("status"):
        leads = leads_matching(leads, LeadFilter(status=query["status"]))
    rows, following = after_cursor(leads, Lead.id, after=query.get("after"), limit=query["limit"])
    return {"items": [as_json(lead) for lead in rows], "next": following}


@blueprint.route("/leads/<number>", methods=["GET"])
@requires(Permission.LEADS_READ)
@blueprint.response(200, LeadSchema)
def get_lead(number: str) -> Any:
    """One lead and where it stands."""
    return as_json(_visible(number))


@blueprint.route("/leads/<number>/routing", methods=["GET"])
@requires(Permission.ROUTING_READ)
@blueprint.response(200, RoutingSchema)
def get_routing(number: str) -> Any:
    """The candidate table and the choice, as they were made."""
    lead = _visible(number)
    decision = latest_decision(lead) or abort(404)
    return routing_json(decision, partner_of(signed_in_user()))


@blueprint.route("/leads/<number>/claim", methods=["POST"])
@requires(Permission.LEADS_CLAIM)
@idempotent
@blueprint.response(200, LeadSchema)
def post_claim(number: str) -> Any:
    """Takes a lead from the pool for the key's partner. Of all who try one gets it, the others 409."""
    _bound_partner()
    lead = _found(leads_shown_to(signed_in_user()), number)
    return as_json(operations.claim_lead(lead, by=signed_in_user()))


@blueprint.route("/leads/<number>/acceptance", methods=["POST"])
@requires(Permission.LEADS_CLAIM)
@idempotent
@blueprint.response(200, LeadSchema)
def post_acceptance(number: str) -> Any:
    """Accepts the offer that was made to the key's partner."""
    return as_json(operations.accept_offer(_offer(number), by=signed_in_user()))


@blueprint.route("/leads/<number>/decline", methods=["POST"])
@requires(Permission.LEADS_CLAIM)
@idempotent
@blueprint.arguments(DeclineSchema)
@blueprint.response(200, LeadSchema)
def post_decline(data: dict[str, Any], number: str) -> Any:
    """Declines the offer that was made to the key's partner; the next one is asked."""
    offer = _offer(number)
    lead = offer.lead
    operations.decline_offer(
        offer, reason=DeclineReason(data["reason"]), note=data["note"] or "", by=signed_in_user()
    )
    return {"id": str(lead.id), "number": lead.number, "status": "declined", "duplicate_of": None,
            "received_at": lead.received_at}  # fmt: skip


@blueprint.route("/conflict-checks", methods=["POST"])
@requires(Permission.CONFLICTS_READ)
@idempotent
@blueprint.arguments(ConflictCheckSchema)
@blueprint.response(200, ConflictVerdictSchema)
def post_conflict_check(data: dict[str, Any]) -> Any:
    """Whether somebody has a right to a company already; nothing is kept of the question."""
    domain = data.pop("domain")
    data["website"] = data["website"] or domain
    if not any(data[name] for name in ("company", "tax_id", "website", "email", "phone")):
        raise InvalidInput({"company": _("Give the company, its site, an e-mail, a phone or a tax number.")})
    if data["country"] and not is_country(data["country"].upper()):
        raise InvalidInput({"country": _("That is not a country's code, such as DE.")})
    verdict = check_conflict(Identity(**data), partner=partner_of(signed_in_user()))
    return {
        "result": verdict.outcome.value,
        "protected_until": verdict.protected_until,
        "findings": [
            {
                "hit_class": finding.hit_class.value,
                "key": finding.kind.value,
                "outcome": finding.outcome.value,
                "protected_until": finding.protected_until,
                "sentence": finding_sentence(finding),
            }
            for finding in verdict.findings
        ],
    }


# What is found, and as what it is said


def _found(leads: Any, number: str) -> Lead:
    lead: Lead = session.scalar(leads.where(Lead.id == number_in(number))) or abort(404)
    return lead


def _visible(number: str) -> Lead:
    return _found(leads_visible_to(signed_in_user()), number)


def _bound_partner() -> Partner:
    partner = partner_of(signed_in_user())
    if partner is None:
        raise Refusal(_("Only a key of a partner can answer for it."))
    return partner


def _offer(number: str) -> Offer:
    """The partner's offer of this lead: the open one, else the last, which then says why it is no longer open."""
    partner = _bound_partner()
    lead = _found(leads_ever_shown_to(signed_in_user()), number)
    return last_offer(lead, partner) or abort(404)


def as_json(lead: Lead) -> dict[str, Any]:
    """A lead for whoever asks; whom to call only for the vendor and for who holds it."""
    me = signed_in_user()
    opened = may_see_contact(me, lead)
    firm = partner_of(me)
    offer = open_offer(lead, firm) if firm is not None else None
    shown = {
        name: getattr(lead, name)
        for name in ("company", "country", "region", "city", "language", "industry", "employees", "size_minor",
                     "currency", "source", "campaign")
    }  # fmt: skip
    hidden = {
        name: getattr(lead, name) if opened else None
        for name in ("website", "tax_id", "person", "email", "phone", "postcode", "call_at", "referral_code")
    }
    return {
        **shown,
        **hidden,
        "id": str(lead.id),
        "number": lead.number,
        "status": lead.status.value,
        "duplicate_of": str(lead.duplicate_of_id) if lead.duplicate_of_id and opened else None,
        "reason": lead.reason if opened else None,
        "partner_id": str(lead.partner_id) if lead.partner_id and opened else None,
        "received_at": lead.received_at,
        "products": lead.product_codes,
        "services": lead.service_kinds,
        "text": lead.text if opened else without_contact(lead.text),
        "origin": lead.origin.value,
        "offer": {"id": str(offer.id), "due_at": offer.due_at} if offer is not None else None,
    }


def routing_json(decision: RoutingDecision, own: Partner | None) -> dict[str, Any]:
    """The whole table for the vendor; for a partner its own line, without the others."""
    names = Names()
    mine = None if own is None else str(own.id)
    return {
        "policy": decision.policy,
        "mode": decision.mode,
        "seed": decision.seed,
        "made_at": decision.made_at,
        "overrides": [one for one in decision.overrides if mine in (None, one["partner_id"])],
        "candidates": [row_answer(row, names) for row in rows_of(decision) if mine in (None, row.partner_id)],
    }
