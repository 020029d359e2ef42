"""For the people of a firm: what they earned and why, statements, payouts, and where the money goes."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from babel.dates import format_date
from flask import Response, abort, render_template, request
from sqlalchemy.orm import joinedload

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from commissions.models import Entry, EntryKind, Statement
from commissions.models.entries import said_rule
from commissions.operations import statements
from commissions.operations.documents import movement_word
from commissions.queries.bonuses import refused_rewards
from commissions.queries.earnings import (
    Balance,
    EntryState,
    balances,
    earned_by_month,
    entries_as_shown,
    entries_visible_to,
    in_state,
)
from commissions.queries.payouts import (
    profile_of,
    statements_visible_to,
)
from commissions.views import pages
from core import clock, storage
from core.database import session, writes
from core.exports import csv_response
from core.i18n import current_locale, format_day
from core.i18n import gettext as _
from core.pagination import paginate
from core.settings import PROGRAMME_CURRENCY
from partners.models import Partner
from partners.queries import partner_of
from referrals.models import Sale
from referrals.operations.attribution import OWN_BECAUSE


def _firm() -> Partner:
    """The firm whose earnings are shown; the vendor's people look at a firm's from its own page."""
    return partner_of(signed_in_user()) or abort(404)


def _chosen_currency(found: list[Balance]) -> str:
    known = [balance.currency for balance in found]
    asked = request.args.get("currency", "")
    if asked in known:
        return asked
    main = PROGRAMME_CURRENCY.value()
    return main if main in known or not known else known[0]


@pages.get("/earnings")
@requires(Permission.EARNINGS_READ)
def earnings() -> Any:
    """What is held, payable, in a run and paid, and the lines it is made of."""
    partner = _firm()
    found = balances(partner)
    currency = _chosen_currency(found)
    balance = next((one for one in found if one.currency == currency), Balance(currency))
    rows = entries_as_shown(entries_visible_to(signed_in_user()).where(Entry.currency == currency))
    state = request.args.get("state", "")
    if state in set(EntryState):
        rows = in_state(rows, EntryState(state))
    kind = request.args.get("kind", "")
    if kind in set(EntryKind):
        rows = rows.where(Entry.kind == EntryKind(kind))
    rows = rows.options(joinedload(Entry.sale).joinedload(Sale.customer))
    if request.args.get("format") == "csv":
        return _as_csv(rows)
    months, series = _chart(partner, currency)
    profile = profile_of(partner)
    return render_template(
        "commissions/earnings/earnings.html",
        balance=balance,
        currencies=[one.currency for one in found],
        page=paginate(rows, scalars=False),
        state=state,
        months=months,
        series=series,
        profile=profile,
        kinds=[(str(kind), movement_word(str(kind))) for kind in EntryKind],
        states=[str(one) for one in EntryState],
        word=movement_word,
        refused=refused_rewards(partner),
        own_because=OWN_BECAUSE,
    )


def _as_csv(rows: sa.Select[*tuple[Any, ...]]) -> Response:
    head = [
        _("Day"),
        _("What"),
        _("Sale"),
        _("Rule"),
        _("State"),
        _("Payable from"),
        _("Amount, minor units"),
        _("Currency"),
    ]
    lines = [
        [
            entry.received_at.isoformat(timespec="seconds"),
            movement_word(str(entry.kind)),
            entry.sale.external_id if entry.sale is not None else "",
            entry.said_rule,
            state,
            entry.available_at.isoformat(timespec="seconds"),
            entry.amount_minor,
            entry.currency,
        ]
        for entry, state, _payout_id in session.execute(rows)
    ]
    return csv_response("earnings", head, lines)


def _chart(partner: Partner, currency: str) -> tuple[list[str], list[tuple[str, list[int]]]]:
    """The last twelve months of the programme: commission, services, and everything else, in minor units."""
    month = statements.month_of(clock.now())
    names = [month]
    while len(names) < 12:
        names.insert(0, _month_before(names[0]))
    sums: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for received_at, kind, amount in earned_by_month(partner, currency, statements.bounds_of(names[0])[0]):
        sums[_GROUPS.get(kind, "other")][statements.month_of(received_at)] += amount
    labels = [("commission", _("Commission")), ("split", _("Project shares")), ("other", _("Other"))]
    shown = [(label, [sums[group][name] for name in names]) for group, label in labels if group in sums]
    return [_month_name(name) for name in names], shown


_GROUPS = {EntryKind.COMMISSION: "commission", EntryKind.REVERSAL: "commission", EntryKind.SPLIT: "split"}


def _month_before(month: str) -> str:
    starts_at, _ends_at = statements.bounds_of(month)
    return statements.month_of(starts_at - timedelta(days=1))


def _month_name(month: str) -> str:
    return format_date(date.fromisoformat(f"{month}-01"), "LLL yy", locale=current_locale())


@pages.get("/statements")
@requires(Permission.EARNINGS_READ)
def statement_list() -> Any:
    """Every month that was closed."""
    _firm()
    return render_template(
        "commissions/statements/statements.html", page=paginate(statements_visible_to(signed_in_user()))
    )


def _statement(number: str) -> Statement:
    found = session.scalar(statements_visible_to(signed_in_user()).where(Statement.number == number))
    return found or abort(404)


@pages.get("/statements/<number>")
@requires(Permission.EARNINGS_READ)
def statement(number: str) -> Any:
    """One month: what was owed, what moved, what is owed."""
    found = _statement(number)
    zone = ZoneInfo(found.content["time_zone"])
    return render_template(
        "commissions/statements/statement.html",
        statement=found,
        first_day=found.starts_at.astimezone(zone).date(),
        last_day=(found.ends_at - timedelta(microseconds=1)).astimezone(zone).date(),
        word=movement_word,
        rule_word=said_rule,
        day_of=lambda text: format_day(datetime.fromisoformat(text).astimezone(zone).date()),
    )


@pages.get("/statements/<number>.pdf")
@requires(Permission.EARNINGS_READ)
@writes
def statement_document(number: str) -> Any:
    """The document, in the reader's language. The first time a partner fetches it is written down."""
    found = _statement(number)
    key = found.documents.get(current_locale())
    if key is None:
        abort(404)
    if partner_of(signed_in_user()) is not None:
        statements.mark_received(found, by=signed_in_user())
    answer = Response(storage.read(key), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="statement-{found.number}.pdf"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
