"""How statements and payout runs are found, by their numbers."""

from collections.abc import Iterable

import sqlalchemy as sa
from flask import url_for

from accounts.models import User
from accounts.permissions import Permission
from commissions.models import Statement
from commissions.queries.payouts import statements_visible_to
from core import search
from core.database import session
from core.i18n import lazy_gettext as _l
from core.search import Found, Source, matches
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


search.add(Source(_l("Statements"), "file-earmark-ruled", Permission.EARNINGS_READ, _statements, order=40))
