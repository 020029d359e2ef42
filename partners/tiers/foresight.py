"""What is about to be lost and how to keep it, and the shortest way up: from the same rows as the decision."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from partners.tiers.deciding import Asked, Hold, earned_tier


@dataclass(frozen=True)
class Gap:
    """So much of a requirement is missing (or will be), in its measure's unit."""

    requirement: int
    missing: int
    value: int | None
    needed: int


@dataclass(frozen=True)
class Loss:
    """A tier that will be lost: when its requirements stop being met, when it is gone, why, and what remains."""

    tier: str
    lapses_on: date
    lost_on: date
    falls_to: str
    because: list[Gap]


@dataclass(frozen=True)
class WayUp:
    """A tier above, and everything that is missing for it."""

    tier: str
    gaps: list[Gap]


@dataclass(frozen=True)
class Foresight:
    """``loss`` is ``None`` while nothing that counts runs out before ``looks_until``."""

    tier: str
    earned: str
    looks_until: date
    loss: Loss | None
    up: WayUp | None
    held: Hold | None = None
    in_grace: bool = False
    ladder: list[WayUp] = field(default_factory=list)


def foresee(
    ranks: Sequence[str],
    current: str,
    rows: Sequence[Asked],
    *,
    grace_ends: date | None,
    hold: Hold | None,
    today: date,
    grace_days: int,
    horizon_days: int = 365,
) -> Foresight:
    """What the rows say about the days to come, if nothing new happens."""
    looks_until = today + timedelta(days=horizon_days)
    ladder = [_way_up(tier, rows) for tier in ranks[ranks.index(current) + 1 :] if _asks(tier, rows)]
    up = min(ladder, key=lambda way: (_cost(way), ranks.index(way.tier)), default=None)
    held = hold if hold is not None and hold.until >= today else None
    return Foresight(
        current,
        earned_tier(ranks, rows),
        looks_until,
        _loss(ranks, current, rows, grace_ends, held, today, grace_days, looks_until),
        up,
        held,
        grace_ends is not None,
        ladder,
    )


def _asks(tier: str, rows: Sequence[Asked]) -> bool:
    return any(row.tier == tier for row in rows)


def _way_up(tier: str, rows: Sequence[Asked]) -> WayUp:
    return WayUp(tier, [_gap(row) for row in rows if row.tier == tier and not row.met])


def _cost(way: WayUp) -> Fraction:
    """How far it is: each gap as a share of what is needed, added up; half of the deals and a quarter of the money."""
    return sum((Fraction(gap.missing, max(gap.needed, 1)) for gap in way.gaps), Fraction(0))


def _gap(row: Asked) -> Gap:
    return Gap(row.requirement, row.missing, row.value, row.needed)


def _loss(
    ranks: Sequence[str],
    current: str,
    rows: Sequence[Asked],
    grace_ends: date | None,
    held: Hold | None,
    today: date,
    grace_days: int,
    looks_until: date,
) -> Loss | None:
    if current == ranks[0]:
        return None
    mine = [row for row in rows if row.tier == current]
    if not mine:
        return None
    unmet = [row for row in mine if not row.met]
    if unmet:
        lapse = today
        gone = (
            grace_ends + timedelta(days=1) if grace_ends is not None else today + timedelta(days=grace_days)
        )
        because = [_gap(row) for row in unmet]
    else:
        ends = [row for row in mine if row.lapses_on is not None and row.lapses_on <= looks_until]
        if not ends:
            return None
        lapse = min(row.lapses_on for row in ends if row.lapses_on is not None)
        gone = lapse + timedelta(days=grace_days)
        because = [
            Gap(row.requirement, row.needed - (row.remains or 0), row.remains, row.needed)
            for row in ends
            if row.lapses_on is not None and row.lapses_on <= gone
        ]
    if held is not None:
        lapse, gone = max(lapse, held.until), max(gone, held.until + timedelta(days=grace_days))
    return Loss(current, lapse, gone, _falls_to(ranks, current, rows, gone), because)


def _falls_to(ranks: Sequence[str], current: str, rows: Sequence[Asked], day: date) -> str:
    """The highest lower tier that still stands on ``day``."""
    below = ranks[: ranks.index(current)]
    standing = [
        Asked(
            row.requirement,
            row.tier,
            row.value,
            row.needed,
            row.met and (row.lapses_on is None or row.lapses_on > day),
        )
        for row in rows
        if row.tier in below
    ]
    return earned_tier(below, standing)
