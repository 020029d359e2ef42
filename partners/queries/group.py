"""A parent firm and its branches: the figures of each and of the whole."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from core.database import session
from partners.models import Partner, Score
from partners.queries.measures import Measure, MeasureUnit, measures


@dataclass(frozen=True)
class GroupFigures:
    """What is kept of several firms: a value by firm and measure, and the sums of what can be added up."""

    measures: list[Measure]
    values: dict[tuple[int, str], int]
    sums: dict[str, int]


def branch_figures(firms: Sequence[Partner]) -> GroupFigures:
    """The kept figures of these firms over the last 365 days; shares and times have no sum. One statement."""
    added = [
        one for one in measures() if one.unit in {MeasureUnit.MONEY, MeasureUnit.COUNT} and not one.stands
    ]
    codes = [one.code for one in added]
    rows = session.execute(
        sa.select(Score.partner_id, Score.measure, Score.value).where(
            Score.partner_id.in_([firm.id for firm in firms]), Score.measure.in_(codes)
        )
    )
    values = {(firm, measure): value for firm, measure, value in rows}
    sums: dict[str, int] = {}
    for (_firm, measure), value in values.items():
        sums[measure] = sums.get(measure, 0) + value
    return GroupFigures([one for one in added if one.code in sums], values, sums)
