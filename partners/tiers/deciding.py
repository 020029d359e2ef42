"""Which tier is earned, and what follows from it today: the rule of the nightly run and of the dry run alike."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Asked:
    """One requirement of a tier as it stands for a firm."""

    requirement: int
    tier: str
    value: int | None
    needed: int
    met: bool
    lapses_on: date | None = None
    remains: int | None = None

    @property
    def missing(self) -> int:
        """By how much it is missed, in the measure's unit; 0 when it is met."""
        return 0 if self.met else abs(self.needed - (self.value or 0))


def earned_tier(ranks: Sequence[str], rows: Iterable[Asked]) -> str:
    """The highest tier whose requirements are all met; ``ranks`` go from the ground up, the lowest is everybody's.

    A higher tier that asks for nothing is given by hand only.
    """
    asks: dict[str, list[bool]] = {}
    for row in rows:
        asks.setdefault(row.tier, []).append(row.met)
    for tier in reversed(ranks[1:]):
        if tier in asks and all(asks[tier]):
            return tier
    return ranks[0]


def is_met(value: int | None, needed: int, *, at_most: bool) -> bool:
    """Whether a measured value does; what could not be measured does not, unless nothing is needed."""
    if value is None:
        return not at_most and needed == 0
    return value <= needed if at_most else value >= needed


@dataclass(frozen=True, slots=True)
class Hold:
    """A tier set by hand, until and including a day."""

    tier: str
    is_exact: bool
    until: date


def wanted_tier(ranks: Sequence[str], earned: str, hold: Hold | None, today: date) -> str:
    """What the firm should be in: what it earned, or what was set by hand while that holds."""
    if hold is None or hold.until < today or hold.tier not in ranks:
        return earned
    if hold.is_exact:
        return hold.tier
    return max(earned, hold.tier, key=ranks.index)


class Move(StrEnum):
    """What follows today."""

    NONE = "none"
    UP = "up"
    DOWN = "down"
    WARN = "warn"
    RECOVER = "recover"


@dataclass(frozen=True, slots=True)
class Step:
    """What follows today; ``ends_on`` is the last day of a grace that begins."""

    move: Move
    tier: str
    ends_on: date | None = None


def next_step(
    ranks: Sequence[str],
    current: str,
    wanted: str,
    *,
    grace_ends: date | None,
    today: date,
    grace_days: int,
    moves_up_today: bool,
) -> Step:
    """Up at once or on a review date; down only when an announced grace is over; back to calm when it is met again."""
    here, there = ranks.index(current), ranks.index(wanted)
    if there < here:
        if grace_ends is None and grace_days > 0:
            return Step(Move.WARN, wanted, today + timedelta(days=grace_days))
        if grace_ends is None or today > grace_ends:
            return Step(Move.DOWN, wanted)
        return Step(Move.NONE, current, grace_ends)
    if there > here and moves_up_today:
        return Step(Move.UP, wanted)
    return Step(Move.RECOVER if grace_ends is not None else Move.NONE, current)


class Review(StrEnum):
    """When firms move up: as soon as they earn it, or on the first day of a month or quarter."""

    AT_ONCE = "at_once"
    MONTH = "month"
    QUARTER = "quarter"


def review_day(review: Review, today: date) -> date:
    """Today or the next day on which firms move up."""
    if review is Review.AT_ONCE or (today.day == 1 and (review is Review.MONTH or today.month % 3 == 1)):
        return today
    months = 1 if review is Review.MONTH else 3 - (today.month - 1) % 3
    count = today.year * 12 + today.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def tally(ranks: Sequence[str], tiers: Iterable[str]) -> Mapping[str, int]:
    """How many firms are in each tier, the lowest first."""
    counts = dict.fromkeys(ranks, 0)
    for tier in tiers:
        counts[tier] = counts.get(tier, 0) + 1
    return counts
