"""Firms by their numbers, as lists of leads and sales name them."""

from collections.abc import Iterable

import sqlalchemy as sa

from core.database import session
from partners.models import Partner


def partners_by_number(ids: Iterable[int]) -> dict[int, Partner]:
    """Partners by their numbers, in one query."""
    wanted = sorted(set(ids))
    found = session.scalars(sa.select(Partner).where(Partner.id.in_(wanted))).all() if wanted else []
    return {partner.id: partner for partner in found}


def partner_names(ids: Iterable[int]) -> dict[int, str]:
    """Names by id, in one query."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    rows = session.execute(sa.select(Partner.id, Partner.name).where(Partner.id.in_(wanted))).all()
    return {row.id: row.name for row in rows}
