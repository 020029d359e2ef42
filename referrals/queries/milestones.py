"""Which milestones a project has, and which of them are reached."""

from collections.abc import Sequence

import sqlalchemy as sa

from core.database import session
from referrals.models.deals import Estimate, EstimateMilestone
from referrals.models.milestones import ReachedMilestone
from referrals.models.sales import Paid, Sale

#: A sale names its milestone here: ``{"milestone": "Acceptance test"}``.
NAMED_IN = "milestone"


def milestones_of(deal_id: int) -> Sequence[EstimateMilestone]:
    """The milestones of the deal's last estimate, in their order."""
    last = (
        sa.select(Estimate.id)
        .where(Estimate.deal_id == deal_id)
        .order_by(Estimate.version.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = sa.select(EstimateMilestone).where(EstimateMilestone.estimate_id == last)
    return session.scalars(query.order_by(EstimateMilestone.position)).all()


def reached_of(deal_id: int) -> dict[int, ReachedMilestone]:
    """What counts as reached, by milestone."""
    rows = session.scalars(
        sa.select(ReachedMilestone).where(
            ReachedMilestone.deal_id == deal_id, ReachedMilestone.undone_at.is_(None)
        )
    )
    return {row.milestone_id: row for row in rows}


def times_undone(deal_id: int) -> int:
    """How often a milestone of the deal was noted by mistake."""
    return (
        session.scalar(
            sa.select(sa.func.count())
            .select_from(ReachedMilestone)
            .where(ReachedMilestone.deal_id == deal_id, ReachedMilestone.undone_at.is_not(None))
        )
        or 0
    )


def milestones_to_come(sale: Sale) -> list[EstimateMilestone]:
    """What has to be reached before the shares of a sale can be paid; nothing for a sale without milestones.

    A sale that names a milestone of its deal waits for that one, and not when the customer has paid it in full. One
    that names none is for the whole project, and waits for all.
    """
    if sale.deal_id is None:
        return []
    planned = milestones_of(sale.deal_id)
    name = str(sale.metadata_.get(NAMED_IN) or "").casefold()
    named = [one for one in planned if name and one.name.casefold() == name]
    if named and sale.paid_now is Paid.FULL:
        return []
    reached = reached_of(sale.deal_id) if planned else {}
    return [one for one in named or planned if one.id not in reached]
