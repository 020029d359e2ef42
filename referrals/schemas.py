"""The shapes in which sales and what follows them come in over the API; the operations take what these load."""

from typing import Any

import marshmallow as ma

from core.api import MinorUnits, Moment, Schema, WholeNumber
from core.i18n import gettext as _
from partners.models import LineKind
from referrals.models.sales import BilledBy, ChargebackStatus, Paid, SaleType
from referrals.payees import account_digest

_MOST_LINES = 500
_MOST_METADATA = 50


def _name(**kwargs: Any) -> ma.fields.String:
    """A sender's own id or code: 1 to 200 characters."""
    return ma.fields.String(validate=ma.validate.Length(1, 200), **kwargs)


def _one_of(states: Any, **kwargs: Any) -> ma.fields.String:
    return ma.fields.String(validate=ma.validate.OneOf([str(state) for state in states]), **kwargs)


class CustomerIn(Schema):
    """Who bought: the vendor's own number for it, or its name."""

    external_id = _name(allow_none=True)
    name = ma.fields.String(validate=ma.validate.Length(max=300), allow_none=True)
    country = ma.fields.String(validate=ma.validate.Regexp(r"^[A-Z]{2}$"), allow_none=True)
    domain = ma.fields.String(validate=ma.validate.Length(max=300), allow_none=True)
    size = ma.fields.String(validate=ma.validate.Length(max=40), allow_none=True)
    tax_id = ma.fields.String(validate=ma.validate.Length(max=60), allow_none=True)
    #: The account that was paid from. It is compared with the partner's own, and only a digest of it is kept.
    account = ma.fields.String(validate=ma.validate.Length(max=60), allow_none=True)

    @ma.post_load
    def keep_no_account(self, data: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
        """An account as it is kept: :func:`referrals.payees.account_digest`."""
        if data.get("account"):
            data["account"] = account_digest(data["account"])
        return data

    @ma.validates_schema
    def says_who(self, data: dict[str, Any], **_kwargs: Any) -> None:
        """A customer without a number and a name could never be recognised."""
        if not data.get("external_id") and not data.get("name"):
            raise ma.ValidationError(_("Give the customer's external_id or name."), "external_id")


class SaleLineIn(Schema):
    """One line, amounts without tax; a proration is a negative ``unit_amount_minor``."""

    kind = _one_of(LineKind, required=True)
    product = ma.fields.String(validate=ma.validate.Length(max=200), allow_none=True)
    description = ma.fields.String(validate=ma.validate.Length(max=1000), load_default="", allow_none=True)
    quantity = WholeNumber(load_default=1, validate=ma.validate.Range(1, 10**9))
    unit_amount_minor = MinorUnits(required=True)
    discount_minor = MinorUnits(load_default=0, validate=ma.validate.Range(min=0))
    credit_minor = MinorUnits(load_default=0, validate=ma.validate.Range(min=0))
    tax_minor = MinorUnits(load_default=0)
    cost_minor = MinorUnits(allow_none=True)


class SaleIn(Schema):
    """A sale. Whose it is: ``partner_id``, ``deal_id``, ``referral_code``, or the customer's partner, in this order."""

    external_id = _name(required=True)
    invoice = _name(allow_none=True)
    occurred_at = Moment(required=True)
    received_at = Moment(allow_none=True)
    currency = ma.fields.String(required=True, validate=ma.validate.Regexp(r"^[A-Z]{3}$"))
    partner_id = _name(allow_none=True)
    deal_id = _name(allow_none=True)
    referral_code = _name(allow_none=True)
    customer = ma.fields.Nested(CustomerIn, required=True)
    type = _one_of(SaleType, load_default="new")
    billed_by = _one_of(BilledBy, load_default="vendor")
    plan = _name(allow_none=True)
    paid = _one_of(Paid, load_default="full")
    paid_minor = MinorUnits(allow_none=True)
    metadata = ma.fields.Dict(
        keys=ma.fields.String(validate=ma.validate.Length(1, 100)),
        load_default=dict,
        validate=ma.validate.Length(max=_MOST_METADATA),
    )
    lines = ma.fields.List(
        ma.fields.Nested(SaleLineIn), required=True, validate=ma.validate.Length(1, _MOST_LINES)
    )


class _LaterIn(Schema):
    """What every fact after a sale has. ``sale_external_id`` stands in it when the path does not name the sale."""

    external_id = _name(required=True)
    amount_minor = MinorUnits(required=True, validate=ma.validate.Range(min=1))
    occurred_at = Moment(required=True)
    received_at = Moment(allow_none=True)


class RefundIn(_LaterIn):
    """Money given back, net of tax: of one line (counted from 0), or spread over the sale."""

    line = WholeNumber(allow_none=True, validate=ma.validate.Range(0, _MOST_LINES - 1))


class PaymentIn(_LaterIn):
    """A part payment, net of tax."""


class ChargebackIn(_LaterIn):
    """One word of the customer's bank about a payment: the same ``external_id`` is opened first, then won or lost."""

    status = _one_of(ChargebackStatus, required=True)


class RefundByNameIn(RefundIn):
    """A refund whose sale may not have come yet."""

    sale_external_id = _name(required=True)


class PaymentByNameIn(PaymentIn):
    """A part payment whose sale may not have come yet."""

    sale_external_id = _name(required=True)


class ChargebackByNameIn(ChargebackIn):
    """A chargeback whose sale may not have come yet."""

    sale_external_id = _name(required=True)
