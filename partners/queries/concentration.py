"""How much of the network hangs on single firms: shares of revenue, leads and renewals of the last 365 days."""

from dataclasses import dataclass
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from core.database import session
from partners.models import Partner, Score
from partners.queries.measures import measure_of
from partners.settings import KEY_PERCENT, RISK_PERCENT

#: What is shared out, in this order; those nobody measures are left out.
SHARED = ("total_revenue", "leads_taken", "renewals")


def shared_measures() -> list[str]:
    """What the report can show in this installation."""
    return [code for code in SHARED if measure_of(code) is not None]


def totals() -> dict[str, int]:
    """The network's sum of each shared measure, from the kept scores: one statement."""
    rows = session.execute(
        sa.select(Score.measure, sa.func.sum(Score.value))
        .where(Score.measure.in_(SHARED), Score.value > 0)
        .group_by(Score.measure)
    )
    return {measure: int(value) for measure, value in rows}


def firms_by_share(code: str) -> sa.Select[int]:
    """The numbers of firms with any of ``code``, the largest share first."""
    return (
        sa.select(Score.partner_id)
        .where(Score.measure == code, Score.value > 0)
        .order_by(Score.value.desc(), Score.partner_id)
    )


@dataclass(frozen=True)
class Weight:
    """One firm's values and shares (0 to 1) of each shared measure."""

    partner: Partner
    amounts: dict[str, int]
    shares: dict[str, Decimal]

    def level(self, code: str) -> str:
        """``risk`` over the one setting, ``key`` from the other on, else nothing."""
        share = self.shares.get(code, Decimal(0)) * 100
        if share > RISK_PERCENT.value():
            return "risk"
        return "key" if share >= KEY_PERCENT.value() else ""


def weights(firms: list[int], sums: dict[str, int]) -> list[Weight]:
    """The weights of these firms, in their order. Two statements."""
    rows = session.execute(
        sa.select(Score.partner_id, Score.measure, Score.value).where(
            Score.partner_id.in_(firms), Score.measure.in_(SHARED)
        )
    )
    values: dict[int, dict[str, int]] = {}
    for firm, measure, value in rows:
        values.setdefault(firm, {})[measure] = value
    known = {
        one.id: one
        for one in session.scalars(
            sa.select(Partner)
            .options(joinedload(Partner.manager), joinedload(Partner.tier_row))
            .where(Partner.id.in_(firms))
        )
    }
    return [
        Weight(
            known[firm],
            values.get(firm, {}),
            {
                code: Decimal(max(value, 0)) / sums[code]
                for code, value in values.get(firm, {}).items()
                if sums.get(code)
            },
        )
        for firm in firms
        if firm in known
    ]


def heavy_firms(code: str) -> list[Weight]:
    """The firms from the key share on, the largest first; never more than a hundred by their nature."""
    sums = totals()
    whole = sums.get(code, 0)
    if whole <= 0:
        return []
    least = -(-whole * KEY_PERCENT.value() // 100)
    rows = session.scalars(firms_by_share(code).where(Score.value >= least).limit(100)).all()
    return weights(list(rows), sums)
