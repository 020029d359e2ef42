"""The firms somebody looks after, as one: figures, months, and which of them need attention today."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from accounts.models import User
from core.database import session
from partners.models import (
    Partner,
    PartnerStatus,
    RulesStatus,
    Score,
    TierEvaluation,
    TierGrace,
    TierRequirement,
    TierRules,
)
from partners.queries.measures import programme_today
from partners.queries.partners import partners_visible_to

LOOKS_AHEAD = timedelta(days=120)
MOST_SHOWN = 8
_IN_CARE = (PartnerStatus.ONBOARDING, PartnerStatus.ACTIVE, PartnerStatus.SUSPENDED)


@dataclass(frozen=True)
class Portfolio:
    """Whose firms: one's own, or the whole network for whoever looks after none."""

    is_own: bool
    firms: sa.Select[int]


def portfolio_of(user: User) -> Portfolio:
    """The firms ``user`` manages; the whole network when there are none."""
    care = partners_visible_to(user).order_by(None).where(Partner.status.in_(_IN_CARE))
    own = care.where(Partner.manager_id == user.id)
    is_own = session.scalar(own.with_only_columns(Partner.id).limit(1)) is not None
    return Portfolio(is_own, (own if is_own else care).with_only_columns(Partner.id))


@dataclass(frozen=True)
class Figures:
    """Sums over the portfolio, of the last 365 days and of those before."""

    firms: int
    amounts: dict[str, tuple[int, int]]

    def value(self, code: str) -> int:
        """The sum of the last 365 days."""
        return self.amounts.get(code, (0, 0))[0]

    def before(self, code: str) -> int:
        """The sum of the 365 days before."""
        return self.amounts.get(code, (0, 0))[1]


def figures_of(portfolio: Portfolio, codes: tuple[str, ...]) -> Figures:
    """How many firms, and their kept figures added up. Two statements."""
    count = session.scalar(sa.select(sa.func.count()).select_from(portfolio.firms.subquery())) or 0
    rows = session.execute(
        sa.select(Score.measure, sa.func.sum(Score.value), sa.func.sum(Score.before))
        .where(Score.measure.in_(codes), Score.partner_id.in_(portfolio.firms))
        .group_by(Score.measure)
    )
    return Figures(count, {code: (int(now or 0), int(before or 0)) for code, now, before in rows})


@dataclass(frozen=True)
class Attention:
    """A firm about to lose its tier: announced already, or foreseen."""

    partner: Partner
    day: date
    is_announced: bool


def in_danger(portfolio: Portfolio) -> list[Attention]:
    """Firms in an announced grace, then those whose tier lapses within 120 days, the nearest day first."""
    graces = session.scalars(
        sa.select(TierGrace)
        .options(joinedload(TierGrace.partner).joinedload(Partner.tier_row))
        .where(TierGrace.closed_on.is_(None), TierGrace.partner_id.in_(portfolio.firms))
        .order_by(TierGrace.ends_on, TierGrace.id)
        .limit(MOST_SHOWN)
    ).all()
    announced = [Attention(row.partner, row.ends_on, True) for row in graces]
    known = {row.partner.id for row in announced}
    foreseen = session.execute(
        sa.select(Partner, sa.func.min(TierEvaluation.lapses_on))
        .options(joinedload(Partner.tier_row))
        .join(TierEvaluation, TierEvaluation.partner_id == Partner.id)
        .join(TierRequirement, TierRequirement.id == TierEvaluation.requirement_id)
        .join(TierRules, TierRules.id == TierRequirement.rules_id)
        .where(
            TierRules.status == RulesStatus.PUBLISHED,
            TierRequirement.tier == Partner.tier,
            TierEvaluation.lapses_on <= programme_today() + LOOKS_AHEAD,
            Partner.id.in_(portfolio.firms),
        )
        .group_by(Partner.id)
        .order_by(sa.func.min(TierEvaluation.lapses_on), Partner.id)
        .limit(MOST_SHOWN)
    )
    return [
        *announced,
        *(Attention(firm, day, False) for firm, day in foreseen if firm.id not in known and day is not None),
    ][:MOST_SHOWN]


@dataclass(frozen=True)
class Swing:
    """A firm whose figure moved most against the year before."""

    partner: Partner
    value: int
    before: int

    @property
    def change(self) -> int:
        return self.value - self.before


def swings(portfolio: Portfolio, code: str) -> list[Swing]:
    """The firms whose ``code`` changed most, either way, the largest loss first."""
    change: Any = Score.value - Score.before
    rows = session.execute(
        sa.select(Partner, Score.value, Score.before)
        .options(joinedload(Partner.tier_row))
        .join(Score, Score.partner_id == Partner.id)
        .where(Score.measure == code, change != 0, Partner.id.in_(portfolio.firms))
        .order_by(sa.func.abs(change).desc(), Partner.id)
        .limit(MOST_SHOWN)
    )
    found = [Swing(firm, value, before or 0) for firm, value, before in rows]
    return sorted(found, key=lambda swing: swing.change)
