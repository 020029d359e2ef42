"""Disputes over the API: a partner's program questions a line, the vendor's answers and decides."""

from collections.abc import Callable
from typing import Any

import marshmallow as ma
from flask import abort

from accounts.access import requires, signed_in_user
from accounts.models import User
from accounts.permissions import Permission
from commissions.models import Dispute, DisputeMessage, DisputeStatus, Entry
from commissions.operations import disputes as operations
from commissions.operations.accrual import hold_book
from commissions.operations.corrections import stands_at
from commissions.queries import disputes as asked
from commissions.queries.earnings import entries_visible_to
from core.api import (
    MinorUnits,
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

blueprint = api_blueprint("disputes", __name__, "Disputes about lines of earnings.")

_TEXT = ma.validate.Length(1, operations.LONGEST_TEXT)
_ID = ma.validate.Regexp(r"^\d{1,18}$")


class DisputesQuery(PageQuery):
    """Which disputes: of a partner, in a state; ``undecided`` is open and answered."""

    partner_id = ma.fields.String(validate=_ID)
    status = ma.fields.String(validate=ma.validate.OneOf(["undecided", *DisputeStatus]))


class DisputeIn(Schema):
    """What is wrong with a line; ``expected_minor`` is what it should come to, in the line's currency."""

    entry_id = ma.fields.String(required=True, validate=_ID)
    text = ma.fields.String(required=True, validate=_TEXT)
    expected_minor = MinorUnits(allow_none=True)


class TextIn(Schema):
    """What one side says to the other."""

    text = ma.fields.String(required=True, validate=_TEXT)


class CorrectionIn(Schema):
    """What the line comes to from now on, all in all, in its currency, and why."""

    should_be_minor = MinorUnits(required=True)
    reason = ma.fields.String(required=True, validate=_TEXT)


class RejectionIn(Schema):
    """Why the line is right as it is."""

    reason = ma.fields.String(required=True, validate=_TEXT)


class DisputeMessageSchema(Schema):
    """What one side said; ``side`` is partner or vendor."""

    at = Moment(required=True)
    side = ma.fields.String(required=True)
    author = ma.fields.String(required=True)
    text = ma.fields.String(required=True)


class DisputeSchema(Schema):
    """A dispute: ``amount_minor`` is the disputed line's, ``correction_minor`` that of the line which corrects it.

    While it is open, ``answer_due_at`` is the vendor's clock. Corrected is won by the partner, rejected is lost.
    """

    id = ma.fields.String(required=True)
    entry_id = ma.fields.String(required=True)
    partner_id = ma.fields.String(required=True)
    sale_id = ma.fields.String(required=True, allow_none=True)
    rule = ma.fields.String(required=True)
    status = ma.fields.String(required=True)
    currency = ma.fields.String(required=True)
    amount_minor = MinorUnits(required=True)
    expected_minor = MinorUnits(required=True, allow_none=True)
    correction_entry_id = ma.fields.String(required=True, allow_none=True)
    correction_minor = MinorUnits(required=True, allow_none=True)
    opened_at = Moment(required=True)
    answer_due_at = Moment(required=True, allow_none=True)
    answered_at = Moment(required=True, allow_none=True)
    decided_at = Moment(required=True, allow_none=True)


class WholeDisputeSchema(DisputeSchema):
    """A dispute with everything that was said; ``stands_at_minor`` is what the line comes to with its corrections."""

    stands_at_minor = MinorUnits(required=True)
    messages = ma.fields.List(ma.fields.Nested(DisputeMessageSchema), required=True)


def _said(dispute: Dispute) -> dict[str, Any]:
    entry, correction = dispute.entry, dispute.correction
    return {
        "id": str(dispute.id),
        "entry_id": str(dispute.entry_id),
        "partner_id": str(dispute.partner_id),
        "sale_id": None if entry.sale_id is None else str(entry.sale_id),
        "rule": entry.rule,
        "status": str(dispute.status),
        "currency": entry.currency,
        "amount_minor": entry.amount_minor,
        "expected_minor": dispute.expected_minor,
        "correction_entry_id": None if correction is None else str(correction.id),
        "correction_minor": None if correction is None else correction.amount_minor,
        "opened_at": dispute.opened_at,
        "answer_due_at": dispute.answer_due_at,
        "answered_at": dispute.answered_at,
        "decided_at": dispute.decided_at,
    }


def _whole(dispute: Dispute) -> dict[str, Any]:
    return {
        **_said(dispute),
        "stands_at_minor": stands_at(dispute.entry),
        "messages": [_said_message(message) for message in dispute.messages],
    }


def _said_message(message: DisputeMessage) -> dict[str, Any]:
    side = "vendor" if message.is_vendors else "partner"
    return {"at": message.at, "side": side, "author": message.author.name, "text": message.text}


def _with_etag(dispute: Dispute, status: int = 200) -> Any:
    said = _whole(dispute)
    return said, status, {"ETag": etag_of(WholeDisputeSchema, said)}


def _dispute(dispute_id: str) -> Dispute:
    query = asked.with_everything(asked.disputes_visible_to(signed_in_user()))
    return session.scalar(query.where(Dispute.id == number_in(dispute_id))) or abort(404)


def _changed(dispute_id: str, change: Callable[[Dispute, User], Any]) -> Any:
    """Carries a change out and answers the dispute; with ``If-Match`` only on what the caller has read."""
    found = _dispute(dispute_id)
    # In the order of `correct_line`, so that two who decide at once wait for each other and never both ways.
    hold_book(found.partner_id)
    lock(found)
    refuse_stale(etag_of(WholeDisputeSchema, _whole(found)))
    change(found, signed_in_user())
    session.flush()
    return _with_etag(found)


@blueprint.route("/disputes", methods=["POST"])
@requires(Permission.DISPUTES_OPEN)
@idempotent
@blueprint.arguments(DisputeIn)
@blueprint.response(201, WholeDisputeSchema)
def post_dispute(data: dict[str, Any]) -> Any:
    """A partner's key questions a line of its own: the line waits for the decision, and the vendor's clock runs."""
    user = signed_in_user()
    entry = session.scalar(entries_visible_to(user).where(Entry.id == int(data["entry_id"])))
    if entry is None:
        raise InvalidInput({"/entry_id": _("There is no such line.")})
    opened = operations.open_dispute(entry, data["text"], expected_minor=data.get("expected_minor"), by=user)
    return _with_etag(opened, 201)


@blueprint.route("/disputes", methods=["GET"])
@requires(Permission.EARNINGS_READ)
@blueprint.arguments(DisputesQuery, location="query")
@blueprint.response(200, list_schema(DisputeSchema))
def list_disputes(query: dict[str, Any]) -> Any:
    """Disputes, oldest first; a partner's key sees its own."""
    partner_id = query.get("partner_id")
    found = asked.disputes_matching(
        asked.with_lines(asked.disputes_visible_to(signed_in_user())),
        state=query.get("status", ""),
        partner_id=None if partner_id is None else int(partner_id),
    )
    rows, following = after_cursor(found, Dispute.id, after=query.get("after"), limit=query["limit"])
    return {"items": [_said(row) for row in rows], "next": following}


@blueprint.route("/disputes/<dispute_id>", methods=["GET"])
@requires(Permission.EARNINGS_READ)
@blueprint.response(200, WholeDisputeSchema)
def get_dispute(dispute_id: str) -> Any:
    """A dispute with everything that was said."""
    return _with_etag(_dispute(dispute_id))


@blueprint.route("/disputes/<dispute_id>/answer", methods=["POST"])
@requires(Permission.DISPUTES_DECIDE)
@idempotent
@blueprint.arguments(TextIn)
@blueprint.response(200, WholeDisputeSchema)
@may_be_stale(blueprint, "The dispute has changed since it was read.")
def answer_dispute(data: dict[str, Any], dispute_id: str) -> Any:
    """The vendor explains: its clock stands, and the line waits until somebody decides."""
    return _changed(dispute_id, lambda found, user: operations.answer_dispute(found, data["text"], by=user))


@blueprint.route("/disputes/<dispute_id>/reply", methods=["POST"])
@requires(Permission.DISPUTES_OPEN)
@idempotent
@blueprint.arguments(TextIn)
@blueprint.response(200, WholeDisputeSchema)
@may_be_stale(blueprint, "The dispute has changed since it was read.")
def reply_to_dispute(data: dict[str, Any], dispute_id: str) -> Any:
    """The partner asks further: the vendor's clock runs anew."""
    return _changed(dispute_id, lambda found, user: operations.reply_to_answer(found, data["text"], by=user))


@blueprint.route("/disputes/<dispute_id>/withdrawal", methods=["POST"])
@requires(Permission.DISPUTES_OPEN)
@idempotent
@blueprint.response(200, WholeDisputeSchema)
@may_be_stale(blueprint, "The dispute has changed since it was read.")
def withdraw_dispute(dispute_id: str) -> Any:
    """The partner takes it back; the line waits no longer."""
    return _changed(dispute_id, lambda found, user: operations.withdraw_dispute(found, by=user))


@blueprint.route("/disputes/<dispute_id>/correction", methods=["POST"])
@requires(Permission.DISPUTES_DECIDE)
@idempotent
@blueprint.arguments(CorrectionIn)
@blueprint.response(200, WholeDisputeSchema)
@may_be_stale(blueprint, "The dispute has changed since it was read.")
def correct_disputed_line(data: dict[str, Any], dispute_id: str) -> Any:
    """The partner was right: the difference is posted as a line of its own, and the hold ends."""
    return _changed(dispute_id, lambda found, user: operations.correct_line(found, **data, by=user))


@blueprint.route("/disputes/<dispute_id>/rejection", methods=["POST"])
@requires(Permission.DISPUTES_DECIDE)
@idempotent
@blueprint.arguments(RejectionIn)
@blueprint.response(200, WholeDisputeSchema)
@may_be_stale(blueprint, "The dispute has changed since it was read.")
def reject_dispute(data: dict[str, Any], dispute_id: str) -> Any:
    """The line was right: it stays as it is, and the hold ends."""
    return _changed(dispute_id, lambda found, user: operations.reject_dispute(found, data["reason"], by=user))
