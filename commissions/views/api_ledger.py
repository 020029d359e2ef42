"""The books over the API: balances, lines, statements, runs and payouts."""

from datetime import datetime
from typing import Any

import marshmallow as ma
import sqlalchemy as sa
from flask import abort

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from commissions.models import Entry, Payout, PayoutLine, PayoutRun, Statement
from commissions.models.profiles import said_rate
from commissions.queries import payouts as queries
from commissions.queries.earnings import balances, entries_visible_to, entries_with_state, is_reversed
from commissions.queries.papers import papers_of
from core import clock
from core.api import MinorUnits, Moment, PageQuery, Schema, api_blueprint, list_schema
from core.database import session
from core.digits import number_in
from core.pagination import after_cursor
from partners.models import Partner
from partners.queries import rows_visible_to

blueprint = api_blueprint(
    "ledger", __name__, "Balances, lines of earnings, statements, payout runs and payouts."
)


class AsOfQuery(ma.Schema):
    """At which moment; now by default."""

    class Meta:
        unknown = ma.RAISE

    as_of = Moment()


class CurrencyBalanceSchema(Schema):
    """``total_minor`` is held, payable and in a run together; what was paid stands beside it."""

    currency = ma.fields.String(required=True)
    held_minor = MinorUnits(required=True)
    payable_minor = MinorUnits(required=True)
    in_run_minor = MinorUnits(required=True)
    paid_minor = MinorUnits(required=True)
    total_minor = MinorUnits(required=True)


class BalanceSchema(Schema):
    """What a partner has, per currency."""

    partner_id = ma.fields.String(required=True)
    as_of = Moment(required=True)
    balances = ma.fields.List(ma.fields.Nested(CurrencyBalanceSchema), required=True)


class LedgerEntrySchema(Schema):
    """A line of earnings and where it stands."""

    id = ma.fields.String(required=True)
    sale_id = ma.fields.String(required=True, allow_none=True)
    line = ma.fields.Integer(required=True, allow_none=True)
    kind = ma.fields.String(required=True)
    amount_minor = MinorUnits(required=True)
    currency = ma.fields.String(required=True)
    rule = ma.fields.String(required=True)
    cause = ma.fields.String(required=True)
    received_at = Moment(required=True)
    available_at = Moment(required=True)
    state = ma.fields.String(required=True)
    is_reversed = ma.fields.Boolean(required=True)
    payout_id = ma.fields.String(required=True, allow_none=True)
    proof = ma.fields.Dict(required=True)


class StatementSchema(Schema):
    """A closed month."""

    number = ma.fields.String(required=True)
    partner_id = ma.fields.String(required=True)
    currency = ma.fields.String(required=True)
    month = ma.fields.String(required=True)
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    opening_minor = MinorUnits(required=True)
    moved_minor = MinorUnits(required=True)
    closing_minor = MinorUnits(required=True)
    digest = ma.fields.String(required=True)
    issued_at = Moment(required=True)


class StatementPaperSchema(Schema):
    """An acceptance act (``act``) or a self-billing invoice; ``sha256`` is of its PDF."""

    kind = ma.fields.String(required=True)
    number = ma.fields.String(required=True)
    locale = ma.fields.String(required=True)
    sha256 = ma.fields.String(required=True)
    made_at = Moment(required=True)


class WholeStatementSchema(StatementSchema):
    """A closed month with its lines, and the papers that were made with it."""

    lines = ma.fields.List(ma.fields.Dict(), required=True)
    papers = ma.fields.List(ma.fields.Nested(StatementPaperSchema), required=True)


class PayoutSchema(Schema):
    """One sum to one partner: its lines sum to ``amount_minor``; what is sent is ``net_minor``.

    That is the amount with VAT on top, without the tax that is withheld and the fee of the way it is paid.
    """

    id = ma.fields.String(required=True)
    run_id = ma.fields.String(required=True)
    partner_id = ma.fields.String(required=True)
    currency = ma.fields.String(required=True)
    amount_minor = MinorUnits(required=True)
    vat_minor = MinorUnits(required=True)
    withheld_minor = MinorUnits(required=True)
    fee_minor = MinorUnits(required=True)
    net_minor = MinorUnits(required=True)
    method = ma.fields.String(required=True)
    destination = ma.fields.String(required=True)
    status = ma.fields.String(required=True)
    reference = ma.fields.String(required=True, allow_none=True)
    reason = ma.fields.String(required=True, allow_none=True)
    sent_at = Moment(required=True, allow_none=True)
    paid_at = Moment(required=True, allow_none=True)
    failed_at = Moment(required=True, allow_none=True)
    reversed_at = Moment(required=True, allow_none=True)


class PayoutLineSchema(Schema):
    """A line of earnings as a payout settles it.

    ``vat_percent`` and ``vat_minor`` are frozen with it. They are null in a payout of the time when VAT was taken of
    its whole sum; the VAT of all other lines sums to the payout's.
    """

    entry_id = ma.fields.String(required=True)
    amount_minor = MinorUnits(required=True)
    vat_percent = ma.fields.String(required=True, allow_none=True)
    vat_minor = MinorUnits(required=True, allow_none=True)


class WholePayoutSchema(PayoutSchema):
    """One sum with the lines that it settles; ``entry_ids`` are those of ``lines``."""

    entry_ids = ma.fields.List(ma.fields.String(), required=True)
    lines = ma.fields.List(ma.fields.Nested(PayoutLineSchema), required=True)


class RunSchema(Schema):
    """A payout run: its state, what it pays, and the digest that was approved. ``net_minor`` is what is sent."""

    id = ma.fields.String(required=True)
    currency = ma.fields.String(required=True)
    status = ma.fields.String(required=True)
    total_minor = MinorUnits(required=True)
    vat_minor = MinorUnits(required=True)
    withheld_minor = MinorUnits(required=True)
    fee_minor = MinorUnits(required=True)
    net_minor = MinorUnits(required=True)
    digest = ma.fields.String(required=True, allow_none=True)
    proposed_by = ma.fields.String(required=True, allow_none=True)
    proposed_at = Moment(required=True, allow_none=True)
    approved_by = ma.fields.String(required=True, allow_none=True)
    approved_at = Moment(required=True, allow_none=True)
    payouts = ma.fields.List(ma.fields.Nested(WholePayoutSchema), required=True)


def _partner(partner_id: str) -> Partner:
    """The partner, if its money may be looked at."""
    allowed = rows_visible_to(signed_in_user(), Partner.id, Permission.BALANCES_READ)
    wanted = sa.select(Partner).where(Partner.id == number_in(partner_id), allowed)
    return session.scalar(wanted) or abort(404)


def _number(text: str) -> int:
    number = number_in(text)
    return number if number is not None else abort(404)


@blueprint.route("/partners/<partner_id>/balance", methods=["GET"])
@requires(Permission.BALANCES_READ)
@blueprint.arguments(AsOfQuery, location="query")
@blueprint.response(200, BalanceSchema)
def partner_balance(query: dict[str, Any], partner_id: str) -> Any:
    """What a partner has in each currency: held, payable, in a run, paid, and what is owed in total."""
    partner = _partner(partner_id)
    as_of: datetime = query.get("as_of") or clock.now()
    return {"partner_id": str(partner.id), "as_of": as_of, "balances": balances(partner, as_of)}


@blueprint.route("/partners/<partner_id>/entries", methods=["GET"])
@requires(Permission.BALANCES_READ)
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, list_schema(LedgerEntrySchema))
def partner_entries(query: dict[str, Any], partner_id: str) -> Any:
    """A partner's lines of earnings, oldest first."""
    partner = _partner(partner_id)
    lines = entries_visible_to(signed_in_user(), Permission.BALANCES_READ).where(
        Entry.partner_id == partner.id
    )
    after, limit = query.get("after"), query["limit"]
    rows = entries_with_state(lines.order_by(None).order_by(Entry.id)).add_columns(is_reversed())
    if after:
        rows = rows.where(Entry.id > int(after))
    found = list(session.execute(rows.limit(limit + 1)))
    more = len(found) > limit
    return {
        "items": [_said_entry(*row) for row in found[:limit]],
        "next": str(found[limit - 1][0].id) if more else None,
    }


def _said_entry(entry: Entry, state: str, payout_id: int | None, was_reversed: bool) -> dict[str, Any]:
    return {
        "id": str(entry.id),
        "sale_id": None if entry.sale_id is None else str(entry.sale_id),
        "line": entry.line,
        "kind": str(entry.kind),
        "amount_minor": entry.amount_minor,
        "currency": entry.currency,
        "rule": entry.rule,
        "cause": entry.cause,
        "received_at": entry.received_at,
        "available_at": entry.available_at,
        "state": state,
        "is_reversed": was_reversed,
        "payout_id": None if payout_id is None else str(payout_id),
        "proof": entry.proof,
    }


@blueprint.route("/partners/<partner_id>/statements", methods=["GET"])
@requires(Permission.BALANCES_READ)
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, list_schema(StatementSchema))
def partner_statements(query: dict[str, Any], partner_id: str) -> Any:
    """A partner's statements, oldest first."""
    partner = _partner(partner_id)
    rows, following = after_cursor(
        queries.statements_visible_to(signed_in_user(), Permission.BALANCES_READ).where(
            Statement.partner_id == partner.id
        ),
        Statement.id,
        after=query.get("after"),
        limit=query["limit"],
    )
    return {"items": [_said_statement(row) for row in rows], "next": following}


def _said_statement(row: Statement) -> dict[str, Any]:
    return {
        "number": row.number,
        "partner_id": str(row.partner_id),
        "currency": row.currency,
        "month": row.month,
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
        "opening_minor": row.opening_minor,
        "moved_minor": row.moved_minor,
        "closing_minor": row.closing_minor,
        "digest": row.digest,
        "issued_at": row.issued_at,
    }


@blueprint.route("/partners/<partner_id>/statements/<number>", methods=["GET"])
@requires(Permission.BALANCES_READ)
@blueprint.response(200, WholeStatementSchema)
def partner_statement(partner_id: str, number: str) -> Any:
    """One statement with its lines, as it was frozen."""
    partner = _partner(partner_id)
    found = session.scalar(
        queries.statements_visible_to(signed_in_user(), Permission.BALANCES_READ).where(
            Statement.partner_id == partner.id, Statement.number == number
        )
    ) or abort(404)
    papers = papers_of([found])[found.id]
    return {**_said_statement(found), "lines": found.content["lines"], "papers": papers}


@blueprint.route("/payout-runs/<run_id>", methods=["GET"])
@requires(Permission.RUNS_READ)
@blueprint.response(200, RunSchema)
def payout_run(run_id: str) -> Any:
    """A payout run with its payouts and lines."""
    wanted = queries.runs_visible_to(signed_in_user()).where(PayoutRun.id == _number(run_id))
    found = session.scalar(wanted) or abort(404)
    payouts = session.scalars(sa.select(Payout).where(Payout.run_id == found.id).order_by(Payout.id)).all()
    lines = _lines_where(Payout.run_id == found.id)
    vat, withheld, fees, net = queries.net_of_run(found)
    return {
        "id": str(found.id),
        "currency": found.currency,
        "status": str(found.status),
        "total_minor": found.total_minor,
        "vat_minor": vat,
        "withheld_minor": withheld,
        "fee_minor": fees,
        "net_minor": net,
        "digest": found.digest,
        "proposed_by": found.proposed_by.name if found.proposed_by is not None else None,
        "proposed_at": found.proposed_at,
        "approved_by": found.approved_by.name if found.approved_by is not None else None,
        "approved_at": found.approved_at,
        "payouts": [_said_payout(payout, lines) for payout in payouts],
    }


def _lines_where(condition: sa.ColumnElement[bool]) -> dict[int, list[dict[str, Any]]]:
    """payout → the lines it settles, of the payouts that ``condition`` is true of."""
    found: dict[int, list[dict[str, Any]]] = {}
    rows = session.execute(
        sa.select(
            PayoutLine.payout_id,
            PayoutLine.entry_id,
            PayoutLine.amount_minor,
            PayoutLine.vat_bp,
            PayoutLine.vat_minor,
        )
        .join(Payout, Payout.id == PayoutLine.payout_id)
        .where(condition)
        .order_by(PayoutLine.entry_id)
    )
    for payout_id, entry_id, amount, vat_bp, vat in rows:
        line = {
            "entry_id": str(entry_id),
            "amount_minor": amount,
            "vat_percent": said_rate(vat_bp) if vat_bp is not None else None,
            "vat_minor": vat if vat_bp is not None else None,
        }
        found.setdefault(payout_id, []).append(line)
    return found


def _said_payout(payout: Payout, lines: dict[int, list[dict[str, Any]]]) -> dict[str, Any]:
    settled = lines.get(payout.id, [])
    return {
        "id": str(payout.id),
        "run_id": str(payout.run_id),
        "partner_id": str(payout.partner_id),
        "currency": payout.currency,
        "amount_minor": payout.amount_minor,
        "vat_minor": payout.vat_minor,
        "withheld_minor": payout.withheld_minor,
        "fee_minor": payout.fee_minor,
        "net_minor": payout.net_minor,
        "method": str(payout.method),
        "destination": payout.said_destination,
        "status": str(payout.status),
        "reference": payout.reference,
        "reason": payout.reason,
        "sent_at": payout.sent_at,
        "paid_at": payout.paid_at,
        "failed_at": payout.failed_at,
        "reversed_at": payout.reversed_at,
        "entry_ids": [line["entry_id"] for line in settled],
        "lines": settled,
    }


@blueprint.route("/payouts/<payout_id>", methods=["GET"])
@requires(Permission.RUNS_READ)
@blueprint.response(200, WholePayoutSchema)
def api_payout(payout_id: str) -> Any:
    """A payout and the lines it settles."""
    found = session.scalar(
        queries.payouts_visible_to(signed_in_user(), Permission.RUNS_READ).where(
            Payout.id == _number(payout_id)
        )
    ) or abort(404)
    return _said_payout(found, _lines_where(Payout.id == found.id))
