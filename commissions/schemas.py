"""The shapes in which the API speaks of plans, sales' earnings, and what follows a sale."""

from typing import Any

import marshmallow as ma

from core.api import Moment, Schema


class BeneficiarySchema(Schema):
    """Whose a line is."""

    type = ma.fields.String(required=True)
    id = ma.fields.String(required=True, allow_none=True)


class EntrySchema(Schema):
    """A line of earnings with its proof."""

    id = ma.fields.String(required=True)
    line = ma.fields.Integer(required=True, allow_none=True)
    kind = ma.fields.String(required=True)
    beneficiary = ma.fields.Nested(BeneficiarySchema, required=True)
    amount_minor = ma.fields.Integer(required=True)
    currency = ma.fields.String(required=True)
    plan_version = ma.fields.String(required=True, allow_none=True)
    rule = ma.fields.String(required=True)
    available_at = Moment(required=True)
    proof = ma.fields.Dict(required=True)


class SaleSchema(Schema):
    """A sale and what it earns. ``held_because`` says what a sale under review waits for: ``no_plan``, ``no_rate`` …"""

    id = ma.fields.String(required=True)
    external_id = ma.fields.String(required=True)
    status = ma.fields.String(required=True)
    held_because = ma.fields.String(required=True, allow_none=True)
    partner_id = ma.fields.String(required=True, allow_none=True)
    customer_id = ma.fields.String(required=True)
    deal_id = ma.fields.String(required=True, allow_none=True)
    currency = ma.fields.String(required=True)
    total_minor = ma.fields.Integer(required=True)
    occurred_at = Moment(required=True)
    received_at = Moment(required=True)
    entries = ma.fields.List(ma.fields.Nested(EntrySchema), required=True)


class LaterFactSchema(Schema):
    """A payment, a refund or a chargeback, and what it changed. ``sale_id`` is null until its sale has come."""

    id = ma.fields.String(required=True)
    external_id = ma.fields.String(required=True)
    sale_id = ma.fields.String(required=True, allow_none=True)
    amount_minor = ma.fields.Integer(required=True)
    occurred_at = Moment(required=True)
    status = ma.fields.String(required=True)
    entries = ma.fields.List(ma.fields.Nested(EntrySchema), required=True)


class DefinitionIn(ma.Schema):
    """A plan version as it is written; everything wrong in it is answered with a JSON pointer."""

    class Meta:
        unknown = ma.INCLUDE

    name = ma.fields.Raw(required=True)
    currency = ma.fields.Raw(required=True)
    effective_from = ma.fields.Raw(required=True)
    match = ma.fields.Raw()
    hold_days = ma.fields.Raw()
    rebinds = ma.fields.Raw()
    converts = ma.fields.Raw()
    rules = ma.fields.Raw()
    splits = ma.fields.Raw()


class VersionSchema(Schema):
    """A plan version."""

    plan = ma.fields.String(required=True)
    version = ma.fields.Integer(required=True)
    status = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    currency = ma.fields.String(required=True)
    effective_from = Moment(required=True)
    simulated_at = Moment(required=True, allow_none=True)
    published_at = Moment(required=True, allow_none=True)
    definition = ma.fields.Dict(required=True)


class SimulationIn(Schema):
    """How far back to go."""

    months = ma.fields.Integer(load_default=12, validate=ma.validate.Range(1, 60))


class SimulationSchema(Schema):
    """What a version would have granted over past sales."""

    since = ma.fields.String(required=True)
    sales = ma.fields.Integer(required=True)
    unmatched = ma.fields.Integer(required=True)
    totals = ma.fields.List(ma.fields.Dict(), required=True)
    partners = ma.fields.List(ma.fields.Dict(), required=True)


class QuoteQuery(ma.Schema):
    """One line that might be sold now, to a new customer unless said otherwise."""

    class Meta:
        unknown = ma.RAISE

    kind = ma.fields.String(load_default="licence")
    product = ma.fields.String()
    amount_minor = ma.fields.Integer(required=True, strict=False, validate=ma.validate.Range(0, 10**15 - 1))
    quantity = ma.fields.Integer(load_default=1, validate=ma.validate.Range(1, 10**9))
    currency = ma.fields.String(validate=ma.validate.Regexp(r"^[A-Z]{3}$"))
    billed_by = ma.fields.String(load_default="vendor", validate=ma.validate.OneOf(["vendor", "partner"]))
    type = ma.fields.String(load_default="new", validate=ma.validate.OneOf(["new", "renewal", "expansion"]))
    tier = ma.fields.String()
    partner_type = ma.fields.String()
    country = ma.fields.String(validate=ma.validate.Regexp(r"^[A-Z]{2}$"))


class QuotedEntrySchema(Schema):
    """What the line would earn, and for whom."""

    kind = ma.fields.String(required=True)
    beneficiary = ma.fields.Nested(BeneficiarySchema, required=True)
    rule = ma.fields.String(required=True)
    amount_minor = ma.fields.Integer(required=True)
    currency = ma.fields.String(required=True)
    proof = ma.fields.Dict(required=True)


class QuoteSchema(Schema):
    """An answer computed by the live version."""

    plan_version = ma.fields.String(required=True)
    currency = ma.fields.String(required=True)
    entries = ma.fields.List(ma.fields.Nested(QuotedEntrySchema), required=True)


def plain(data: dict[str, Any]) -> dict[str, Any]:
    """What a schema loaded, without what was not given."""
    return {name: value for name, value in data.items() if value is not None}
