"""The scorecard of a firm: its kept figures, and their way through the last twelve months."""

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from core.database import session
from partners.models import Partner, Score
from partners.queries.measures import Measure, by_month, measure_of, measures

REVENUE = "total_revenue"


@dataclass(frozen=True)
class Card:
    """One figure: over the last 365 days, over those before, and its place in the tier."""

    measure: Measure
    score: Score

    @property
    def direction(self) -> str | None:
        """``up`` or ``down`` against the year before."""
        if self.score.before is None or self.score.before == self.score.value:
            return None
        return "up" if self.score.value > self.score.before else "down"

    @property
    def quarter(self) -> int | None:
        """1 for the best quarter of the tier to 4; ``None`` among too few firms."""
        place = self.score.place
        return None if place is None else 4 - min(place, 99) // 25


def cards_of(partner: Partner) -> list[Card]:
    """Every figure that is kept of the firm, in the order of the measures. One statement."""
    kept = {
        row.measure: row for row in session.scalars(sa.select(Score).where(Score.partner_id == partner.id))
    }
    return [Card(one, kept[one.code]) for one in measures() if one.code in kept]


@dataclass(frozen=True)
class Trend:
    """A measure month by month, the running month last."""

    measure: Measure
    months: list[date]
    amounts: list[int]


def trend_of(partner: Partner, code: str) -> Trend | None:
    """The last twelve months of one measure; ``None`` for one that has no months."""
    measure = measure_of(code)
    if measure is None or measure.stands:
        return None
    found = by_month(measure, partner.id)
    return Trend(measure, [month for month, _value in found], [value for _month, value in found])


def trends() -> list[Measure]:
    """What can be followed month by month."""
    return [one for one in measures() if not one.stands]


def first_trend() -> str:
    """The measure that pages show first: revenue, where it is measured."""
    if measure_of(REVENUE) is not None:
        return REVENUE
    return next((one.code for one in trends()), "")
