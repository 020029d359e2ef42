"""How statements, payouts, their runs and disputes are found, by their numbers."""

import re
from collections.abc import Iterable

import sqlalchemy as sa
from flask import url_for

from accounts.models import User
from accounts.permissions import Permission
from commissions import wording
from commissions.models import Dispute, Payout, PayoutRun, Statement
from commissions.queries.disputes import disputes_matching, disputes_visible_to, with_lines
from commissions.queries.payouts import payouts_visible_to, runs_visible_to, statements_visible_to
from core import search
from core.database import session
from core.i18n import format_money
from core.i18n import gettext as _
from core.i18n import lazy_gettext as _l
from core.interface import dotted
from core.search import Found, Source, matches, number_meant
from core.statuses import status_of
from partners.models import Partner


def _statements(person: User, words: str, most: int) -> Iterable[Found]:
    rows = session.scalars(
        statements_visible_to(person)
        .join(Partner, Partner.id == Statement.partner_id)
        .where(sa.or_(matches(words, Statement.number, Statement.month), matches(words, Partner.name)))
        .limit(most)
    )
    return [
        Found(
            row.number,
            f"{row.partner.name} · {row.month} · {row.currency}",
            url_for("commissions.statement", number=row.number),
        )
        for row in rows
    ]


def _payouts(person: User, words: str, most: int) -> Iterable[Found]:
    """By their number, or by what an attempt is called on bank statements: *payout-17-1*."""
    named = _ON_BANK_STATEMENTS.fullmatch(words.casefold())
    number = number_meant(named[1] if named else words, "payout", _("Payout"))
    if number is None:
        return []
    page = "commissions.staff_payout" if person.is_staff else "commissions.payout"
    rows = session.scalars(payouts_visible_to(person).where(Payout.id == number).limit(most))
    return [
        Found(
            _("Payout %(number)s", number=row.id),
            dotted(
                row.partner.name if person.is_staff else "",
                format_money(row.net_minor, row.currency),
                status_of(row.status, "payout").word,
            ),
            url_for(page, payout_id=row.id),
        )
        for row in rows
    ]


def _runs(person: User, words: str, most: int) -> Iterable[Found]:
    number = number_meant(words, "payout run", _("Payout run"))
    if number is None:
        return []
    rows = session.scalars(runs_visible_to(person).where(PayoutRun.id == number).limit(most))
    return [
        Found(
            _("Payout run %(number)s", number=row.id),
            dotted(format_money(row.total_minor, row.currency), status_of(row.status, "run").word),
            url_for("commissions.run", run_id=row.id),
        )
        for row in rows
    ]


def _disputes(person: User, words: str, most: int) -> Iterable[Found]:
    """By their number, and by the sale, invoice, rule or partner of their line, the latest first."""
    rows = session.scalars(
        with_lines(disputes_matching(disputes_visible_to(person), text=words))
        .order_by(Dispute.id.desc())
        .limit(most)
    )
    return [
        Found(
            _("Dispute %(number)s: %(line)s", number=row.id, line=wording.title_of(row.entry)),
            dotted(
                row.partner.name if person.is_staff else "",
                row.entry.sale.external_id if row.entry.sale is not None else "",
                status_of(row.status, "dispute").word,
            ),
            url_for("commissions.dispute", dispute_id=row.id),
        )
        for row in rows
    ]


_ON_BANK_STATEMENTS = re.compile(r"payout-(\d+)-\d+", re.ASCII)

search.add(Source(_l("Statements"), "file-earmark-ruled", Permission.EARNINGS_READ, _statements, order=40))
search.add(Source(_l("Payouts"), "bank", Permission.EARNINGS_READ, _payouts, order=42))
search.add(Source(_l("Payout runs"), "list-check", Permission.RUNS_READ, _runs, order=43))
search.add(
    Source(
        _l("Disputes"), "flag", Permission.EARNINGS_READ, _disputes, order=44,
        all_url=lambda words: url_for("commissions.disputes", q=words),
    )
)  # fmt: skip
