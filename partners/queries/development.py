"""Development plans, and how far each goal is by real data."""

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from accounts.models import User
from core.database import session
from partners.models import DevelopmentGoal, DevelopmentPlan, Partner, PlanStatus
from partners.queries.measures import between, measure_of, programme_today, values
from partners.tiers.windows import Period


def current_plan(partner: Partner) -> DevelopmentPlan | None:
    """The firm's plan that is being written or runs."""
    return session.scalar(_plans(partner).where(DevelopmentPlan.status != PlanStatus.CLOSED))


def past_plans(partner: Partner) -> list[DevelopmentPlan]:
    """The firm's closed plans, latest first."""
    return list(session.scalars(_plans(partner).where(DevelopmentPlan.status == PlanStatus.CLOSED).limit(20)))


def _plans(partner: Partner) -> sa.Select[DevelopmentPlan]:
    return (
        sa.select(DevelopmentPlan)
        .options(selectinload(DevelopmentPlan.goals), joinedload(DevelopmentPlan.partner))
        .where(DevelopmentPlan.partner_id == partner.id)
        .order_by(DevelopmentPlan.id.desc())
    )


def plans_to_agree(user: User) -> sa.Select[DevelopmentPlan]:
    """Plans that firms agreed to and the vendor has not: of the firms that ``user`` looks after."""
    return (
        sa.select(DevelopmentPlan)
        .join(DevelopmentPlan.partner)
        .options(contains_eager(DevelopmentPlan.partner))
        .where(
            DevelopmentPlan.status == PlanStatus.DRAFT,
            DevelopmentPlan.partner_agreed_at.is_not(None),
            DevelopmentPlan.vendor_agreed_at.is_(None),
            Partner.manager_id == user.id,
        )
        .order_by(DevelopmentPlan.partner_agreed_at, DevelopmentPlan.id)
    )


@dataclass(frozen=True)
class GoalProgress:
    """A goal with what is reached of it, and where it should be by today if it grew evenly."""

    goal: DevelopmentGoal
    value: int | None
    done: bool
    percent: int
    is_late: bool

    @property
    def is_measured(self) -> bool:
        return self.goal.measure != ""


def progress_of(plan: DevelopmentPlan) -> list[GoalProgress]:
    """Every goal with its progress: figures from the plan's first day to its goal's day. One statement a figure."""
    today = programme_today()
    found = []
    for goal in plan.goals:
        about = measure_of(goal.measure) if goal.measure else None
        if about is None or goal.target is None:
            done = goal.done_at is not None
            found.append(GoalProgress(goal, None, done, 100 if done else 0, not done and goal.due_on < today))
            continue
        period = Period(plan.starts_on, min(goal.due_on, today) + timedelta(days=1))
        known = values(about, goal.course, between(period), firms=[plan.partner_id]).get(plan.partner_id)
        value = known.value if known is not None else (0 if about.adds_up else None)
        done = value is not None and (value <= goal.target if about.less_is_better else value >= goal.target)
        percent = 100 if done else _percent(value, goal.target, about.less_is_better)
        found.append(GoalProgress(goal, value, done, percent, not done and goal.due_on < today))
    return found


def _percent(value: int | None, target: int, less_is_better: bool) -> int:
    if not value or value < 0:
        return 0
    return min(99, 100 * target // value if less_is_better else 100 * value // target)
