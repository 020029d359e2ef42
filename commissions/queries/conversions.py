"""By which rate a sale in another currency is told in its plan's."""

from datetime import date
from typing import Any

import sqlalchemy as sa

from core.api import moment_text
from core.database import session
from core.exchange import OLDEST, ExchangeRate, rate_on
from referrals.models import Sale

#: Why a sale waits whose rate is not known yet.
NO_RATE = "no_rate"


def conversion_on(day: date, sold_in: str, paid_in: str) -> dict[str, Any] | None:
    """The rate of a day with its source and the moment it was noted, as it is kept with what it converts."""
    rate = rate_on(day, sold_in, paid_in)
    if rate is None:
        return None
    pairs = [(sold_in, paid_in), (paid_in, sold_in), ("EUR", sold_in), ("EUR", paid_in)]
    row = session.scalar(
        sa.select(ExchangeRate)
        .where(
            sa.or_(
                *(sa.and_(ExchangeRate.base == base, ExchangeRate.quote == quote) for base, quote in pairs)
            ),
            ExchangeRate.day <= day,
            ExchangeRate.day >= day - OLDEST,
        )
        .order_by(ExchangeRate.day.desc(), ExchangeRate.id.desc())
        .limit(1)
    )
    return {
        "from": sold_in,
        "to": paid_in,
        "rate": rate,
        "source": row.source if row is not None else "",
        "day": (row.day if row is not None else day).isoformat(),
        "noted_at": moment_text(row.noted_at) if row is not None else "",
    }


def sales_without_a_rate() -> sa.Select[Sale]:
    """Sales that wait for the rate of their day, oldest first."""
    return sa.select(Sale).where(Sale.held_because == NO_RATE).order_by(Sale.occurred_at, Sale.id)
