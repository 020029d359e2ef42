"""For the vendor's people: the books, and what every partner earned."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import joinedload

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from commissions import ledger
from commissions.models import (
    Account,
    CachedBalance,
    Entry,
    JournalEntry,
    JournalLine,
    Statement,
)
from commissions.operations.documents import movement_word
from commissions.queries import payouts as queries
from commissions.queries.bonuses import refused_rewards
from commissions.queries.earnings import (
    EntryState,
    balances,
    entries_as_shown,
    entries_visible_to,
    in_state,
)
from commissions.views import pages
from commissions.wording import said_account
from core.database import session
from core.i18n import gettext as _
from core.pagination import paginate
from partners.models import Partner
from partners.queries import partners_visible_to
from referrals.models import Sale
from referrals.operations.attribution import OWN_BECAUSE


@pages.get("/staff/books")
@requires(Permission.LEDGER_READ)
def books() -> Any:
    """The journal, latest first, and what stands on the vendor's accounts."""
    entries = sa.select(JournalEntry).options(joinedload(JournalEntry.lines)).order_by(JournalEntry.id.desc())
    query = request.args.get("q", "").strip()
    if query:
        entries = entries.where(
            sa.or_(JournalEntry.key.contains(query, autoescape=True), JournalEntry.source == query)
        )
    sums = session.execute(
        sa.select(
            Account.code, Account.currency, sa.cast(sa.func.sum(JournalLine.amount_minor), sa.BigInteger)
        )
        .join(JournalLine, JournalLine.account_id == Account.id)
        .where(Account.partner_id.is_(None))
        .group_by(Account.id, Account.code, Account.currency)
        .order_by(Account.currency, Account.code)
    ).all()
    owed = session.execute(
        sa.select(Account.currency, sa.cast(-sa.func.sum(CachedBalance.amount_minor), sa.BigInteger))
        .join(CachedBalance, CachedBalance.account_id == Account.id)
        .group_by(Account.currency)
        .order_by(Account.currency)
    ).all()
    page = paginate(entries)
    return render_template(
        "commissions/payouts/staff/books.html",
        page=page,
        sums=sums,
        owed=owed,
        account_word=said_account,
        partner_names=_names_in(page.items),
    )


def _names_in(entries: Sequence[JournalEntry]) -> dict[int | None, str]:
    """The firms whose accounts stand in these entries."""
    ids = {line.account.partner_id for entry in entries for line in entry.lines}
    rows = session.execute(sa.select(Partner.id, Partner.name).where(Partner.id.in_(ids)))
    return {row.id: row.name for row in rows}


@pages.post("/staff/books/audit")
@requires(Permission.LEDGER_READ)
def books_audit() -> Any:
    """Asks the books for proof, now."""
    problems = ledger.audit()
    if problems:
        flash(_("The books break a rule: %(problem)s", problem=problems[0]), "bad")
    else:
        flash(_("Every rule of the books holds."), "good")
    return redirect(url_for("commissions.books"))


@pages.get("/staff/earnings")
@requires(Permission.BALANCES_READ)
def staff_earnings() -> Any:
    """Every line of earnings of every partner, the latest first."""
    lines = entries_visible_to(signed_in_user(), Permission.BALANCES_READ)
    rows = entries_as_shown(lines).options(joinedload(Entry.sale).joinedload(Sale.customer))
    state = request.args.get("state", "")
    if state in set(EntryState):
        rows = in_state(rows, EntryState(state))
    return render_template(
        "commissions/payouts/staff/earnings.html",
        page=paginate(rows, scalars=False),
        states=[str(one) for one in EntryState],
        word=movement_word,
    )


@pages.get("/staff/partners/<int:partner_id>/earnings")
@requires(Permission.BALANCES_READ)
def partner_earnings(partner_id: int) -> Any:
    """What one partner earned, for the vendor's people."""
    partner = session.scalar(partners_visible_to(signed_in_user()).where(Partner.id == partner_id)) or abort(
        404
    )
    lines = entries_visible_to(signed_in_user(), Permission.BALANCES_READ).where(
        Entry.partner_id == partner.id
    )
    return render_template(
        "commissions/payouts/staff/partner_earnings.html",
        partner=partner,
        balances=balances(partner),
        page=paginate(
            entries_as_shown(lines).options(joinedload(Entry.sale).joinedload(Sale.customer)), scalars=False
        ),
        statements=session.scalars(
            queries.statements_visible_to(signed_in_user())
            .where(Statement.partner_id == partner.id)
            .limit(24)
        ).all(),
        profile=queries.profile_of(partner),
        word=movement_word,
        refused=refused_rewards(partner),
        own_because=OWN_BECAUSE,
    )
