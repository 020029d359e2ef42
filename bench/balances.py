"""The balance of a partner with few and with many postings: it should take the same time."""

import itertools
from datetime import timedelta

import sqlalchemy as sa
from flask import Flask

from bench.measure import Figure, at_most, seconds
from commissions.ledger import balance_of
from commissions.models import Entry, EntryKind
from commissions.operations.entries import post_entries
from commissions.queries.earnings import balances
from core import clock
from core.database import session, transaction
from partners.models import Partner

FEW, MANY = 100, 20_000
# Small enough that PostgreSQL does not walk through all versions of one balance in one transaction.
_BATCH = 250
_numbers = itertools.count(1)


def measure(app: Flask) -> list[Figure]:
    """What a partner has by state, as the earnings page and the API ask it, and what it is owed by the ledger."""
    for number, lines in ((2, FEW), (3, MANY)):
        for start in range(0, lines, _BATCH):
            with app.app_context(), transaction():
                _post(number, min(_BATCH, lines - start))
    figures = []
    with app.app_context(), transaction():
        session.execute(sa.text("ANALYZE"))
    with app.app_context(), transaction():
        little, much = (session.get_one(Partner, number) for number in (2, 3))
        for what, ask in (
            ("balance by state (held, payable, in a run, paid)", balances),
            ("balance owed, from the ledger", lambda partner: balance_of(partner.id, "EUR")),
        ):
            few = seconds(lambda ask=ask: ask(little), times=15, warm=3)
            many = seconds(lambda ask=ask: ask(much), times=15, warm=3)
            note = f"{MANY:,} postings (ours) against {FEW} (the reference); constant time is about 1 ×."
            figures.append(at_most(what, many, few, 2, note))
    return figures


def _post(partner_id: int, number: int) -> None:
    """Lines of earnings, through the operation."""
    now = clock.now()
    post_entries(
        [
            Entry(
                kind=EntryKind.COMMISSION,
                partner_id=partner_id,
                amount_minor=1000,
                currency="EUR",
                rule="Bench",
                cause=f"bench:{next(_numbers)}",
                received_at=now,
                available_at=now + timedelta(days=place % 60),
                proof={"formula": "bench", "exact": "1000", "rounding": "none", "base_minor": 10_000},
            )
            for place in range(number)
        ],
        by=None,
    )
