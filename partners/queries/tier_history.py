"""Which tier firms had when: by the decisions that moved them, which are kept for good."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from core.bulk import among
from core.database import session
from partners.models import TierDecision


class TierMove(NamedTuple):
    """A firm went from one tier to another."""

    at: datetime
    before: str
    after: str


class TierThen(NamedTuple):
    """The tier of a firm at a moment. ``since`` is ``None`` where it had it from the beginning."""

    tier: str
    since: datetime | None


def tier_moves(partner_ids: Collection[int]) -> dict[int, list[TierMove]]:
    """The moves of these firms, by firm, the earliest first. Firms that never moved are missing."""
    rows = session.execute(
        sa.select(TierDecision.partner_id, TierDecision.at, TierDecision.before, TierDecision.after)
        .where(among(TierDecision.partner_id, partner_ids), TierDecision.before != TierDecision.after)
        .order_by(TierDecision.partner_id, TierDecision.at, TierDecision.id)
    )
    found: dict[int, list[TierMove]] = defaultdict(list)
    for partner_id, at, before, after in rows:
        found[partner_id].append(TierMove(at, before, after))
    return found


def tier_at(moment: datetime, now: str, moves: Collection[TierMove]) -> TierThen:
    """The tier at ``moment`` of a firm that has the tier ``now`` and made these moves, the earliest first.

    Before its first move a firm had the tier that it moved from, also before it joined.
    """
    since: datetime | None = None
    for move in moves:
        if move.at > moment:
            return TierThen(move.before, since)
        since = move.at
    return TierThen(now, since)
