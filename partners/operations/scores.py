"""The scorecard's figures of all firms: worked out at night, each with its place among the firms of the tier."""

from bisect import bisect_left
from collections import defaultdict
from typing import Any

import sqlalchemy as sa

from core.bulk import portions
from core.database import session
from partners.models import Partner, Score
from partners.operations.tier_evaluation import EVALUATED
from partners.queries.measures import Measure, last_days, measures, programme_today, values

YEAR = 365
FEWEST_PEERS = 5
_AT_ONCE = 5_000


def keep_scores() -> int:
    """Replaces the scores of all firms, here and now; answers how many there are.

    The worker does it in a transaction a measure, by :func:`keep_scores_of`.
    """
    forget_lost_measures()
    return sum(keep_scores_of(measure) for measure in measures())


def forget_lost_measures() -> None:
    """Drops the scores of what nobody measures any more."""
    known = [measure.code for measure in measures()]
    session.execute(sa.delete(Score).where(Score.measure.not_in(known)))


def keep_scores_of(measure: Measure) -> int:
    """Replaces one figure of all firms, each with its place; answers how many have it. A handful of statements."""
    tiers = dict(
        iter(session.execute(sa.select(Partner.id, Partner.tier).where(Partner.status.in_(EVALUATED))))
    )
    session.execute(sa.delete(Score).where(Score.measure == measure.code))
    rows = _scores(measure, tiers)
    for some in portions(rows, _AT_ONCE):
        # With its nulls spelled out every row has the same columns, so that all of them are one statement.
        session.execute(sa.insert(Score), some, execution_options={"render_nulls": True})
    return len(rows)


def _scores(measure: Measure, tiers: dict[int, str]) -> list[dict[str, Any]]:
    now = values(measure, "", last_days(YEAR))
    before = {} if measure.stands else values(measure, "", last_days(YEAR, back=YEAR))
    amounts: dict[int, int] = {
        firm: now[firm].value if firm in now else 0 for firm in tiers if firm in now or measure.adds_up
    }
    by_tier: dict[str, list[int]] = defaultdict(list)
    for firm, amount in amounts.items():
        by_tier[tiers[firm]].append(amount)
    for peers in by_tier.values():
        peers.sort()
    today = programme_today()
    return [
        {
            "partner_id": firm,
            "measure": measure.code,
            "day": today,
            "value": amount,
            "before": _before(measure, before.get(firm)),
            "place": place_among(by_tier[tiers[firm]], amount, less_is_better=measure.less_is_better),
            "peers": len(by_tier[tiers[firm]]) - 1,
        }
        for firm, amount in amounts.items()
    ]


def _before(measure: Measure, found: Any) -> int | None:
    if found is not None:
        return int(found.value)
    return 0 if measure.adds_up and not measure.stands else None


def place_among(peers: list[int], amount: int, *, less_is_better: bool) -> int | None:
    """The share (0 to 100) of the sorted ``peers``, one of which is the firm, that do less well than ``amount``.

    ``None`` among fewer than five others, where a share would point at one of them.
    """
    others = len(peers) - 1
    if others < FEWEST_PEERS:
        return None
    worse = len(peers) - bisect_left(peers, amount + 1) if less_is_better else bisect_left(peers, amount)
    return 100 * worse // others
