"""Long lists: how many leads stand in them, counted only as far as anybody reads, and which values a filter offers."""

from functools import cache
from typing import Any

import sqlalchemy as sa

from core.database import session
from referrals.models.leads import Lead, LeadStatus

MOST_COUNTED = 1000
"""A tab counts to here and says "1,000+" beyond (templates/components/tabs.html)."""


def count(query: sa.Select[Any]) -> int:
    """How many rows a list has, ``MOST_COUNTED + 1`` when there are more."""
    rows = query.order_by(None).limit(MOST_COUNTED + 1).subquery()
    return int(session.scalar(sa.select(sa.func.count()).select_from(rows)) or 0)


def status_counts() -> dict[str, int]:
    """How many leads are in each state, ``MOST_COUNTED + 1`` where there are more: one statement, by the index."""
    found = session.execute(_counts_by_status(MOST_COUNTED)).one()
    return {status.value: int(number) for status, number in zip(LeadStatus, found, strict=True) if number}


@cache
def _counts_by_status(most: int) -> sa.Select[Any]:
    # States and limit stand in the text: for values it does not know PostgreSQL may plan to read all of a state
    counts = [
        sa.select(sa.func.count())
        .select_from(
            sa.select(Lead.id)
            .where(Lead.status == sa.literal_column(f"'{status.value}'"))
            .limit(sa.literal_column(str(most + 1)))
            .subquery()
        )
        .scalar_subquery()
        .label(status.value)
        for status in LeadStatus
    ]
    return sa.select(*counts)


def countries_of_leads() -> list[str]:
    """The countries of leads, for a filter."""
    return distinct_values(Lead.country)


def distinct_values(column: Any) -> list[Any]:
    """The different values of an indexed column in their order, found one by one along its index.

    So a table of millions of rows is asked once for every value, not once for every row.
    """
    return list(session.scalars(_walk_along(column)))


@cache
def _walk_along(column: Any) -> sa.Select[Any]:
    walk = sa.select(sa.func.min(column).label("value")).cte("walk", recursive=True)
    following = sa.select(sa.func.min(column)).where(column > walk.c.value).correlate(walk).scalar_subquery()
    walk = walk.union_all(sa.select(following).where(walk.c.value.is_not(None)))
    return sa.select(walk.c.value).where(walk.c.value.is_not(None))
