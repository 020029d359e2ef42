"""Development plans: written by either side, agreed by both, ticked off, closed."""

from datetime import date

from accounts.models import User
from core import clock
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.signals import announce
from partners import signals
from partners.models import DevelopmentGoal, DevelopmentPlan, GoalKind, Partner, PlanStatus
from partners.queries.development import current_plan
from partners.queries.measures import measure_of

MOST_GOALS = 40


def make_plan(
    partner: Partner,
    plan: DevelopmentPlan | None = None,
    *,
    title: str,
    summary: str,
    starts_on: date | None,
    ends_on: date | None,
    by: User,
) -> DevelopmentPlan:
    """Begins a firm's plan, or changes the one that stands. Raises InvalidInput by field."""
    lock(partner)
    problems: dict[str, str] = {}
    if not title.strip():
        problems["title"] = _("This is needed.")
    if starts_on is None:
        problems["starts_on"] = _("This is needed.")
    if ends_on is None or (starts_on is not None and ends_on <= starts_on):
        problems["ends_on"] = _("Choose a day after the first.")
    if problems:
        raise InvalidInput(problems)
    assert starts_on is not None and ends_on is not None
    if plan is None:
        if current_plan(partner) is not None:
            raise Refusal(_("There is a plan already. Close it first."))
        plan = DevelopmentPlan(
            partner_id=partner.id,
            status=PlanStatus.DRAFT,
            created_at=clock.now(),
            title="",
            starts_on=starts_on,
        )
        session.add(plan)
    else:
        plan.take_back_agreements()
    plan.title, plan.summary = title.strip(), summary.strip()
    plan.starts_on, plan.ends_on = starts_on, ends_on
    session.flush()
    return plan


def add_goal(
    plan: DevelopmentPlan,
    *,
    kind: GoalKind | str,
    text: str,
    measure: str = "",
    course: str = "",
    target: int | None = None,
    due_on: date | None,
    by: User,
) -> DevelopmentGoal:
    """Adds a goal; both sides are asked again. Raises InvalidInput by field."""
    lock(plan)
    plan.check_is_open()
    problems: dict[str, str] = {}
    about = measure_of(measure) if measure else None
    if kind not in set(GoalKind):
        problems["kind"] = _("Choose one of the list.")
    if not text.strip() and about is None:
        problems["text"] = _("This is needed.")
    if measure and about is None:
        problems["measure"] = _("Choose one of the list.")
    if about is not None and (target is None or not 0 < target < 10**12):
        problems["target"] = _("Type a number above zero.")
    if about is None and kind == GoalKind.FIGURE:
        problems["measure"] = _("Choose what is measured.")
    if due_on is None or not plan.starts_on <= due_on <= plan.ends_on:
        problems["due_on"] = _("Choose a day within the plan.")
    if len(plan.goals) >= MOST_GOALS:
        problems[""] = _("A plan holds at most %(most)s goals.", most=MOST_GOALS)
    if problems:
        raise InvalidInput(problems)
    assert due_on is not None
    plan.take_back_agreements()
    goal = DevelopmentGoal(
        kind=GoalKind(kind),
        text=text.strip(),
        measure=measure,
        course=course if about is not None and about.courses is not None else "",
        target=target if about is not None else None,
        due_on=due_on,
    )
    plan.goals.append(goal)
    session.flush()
    return goal


def remove_goal(goal: DevelopmentGoal, *, by: User) -> None:
    """Takes a goal out; both sides are asked again."""
    plan = lock(goal.plan)
    plan.take_back_agreements()
    plan.goals.remove(goal)
    session.flush()


def tick_goal(goal: DevelopmentGoal, *, by: User) -> None:
    """Notes that something without a figure is done, or takes the tick back."""
    lock(goal)
    goal.plan.check_is_open()
    if goal.measure:
        raise Refusal(_("This goal is measured; nobody ticks it off."))
    done = goal.done_at is None
    goal.done_at = clock.now() if done else None
    goal.done_by_name = by.name if done else ""
    session.flush()


def agree_to_plan(plan: DevelopmentPlan, *, by: User) -> None:
    """One side agrees; when both have, the plan is agreed."""
    lock(plan)
    plan.check_is_open()
    if not plan.goals:
        raise Refusal(_("A plan needs a goal before anybody agrees to it."))
    if by.is_staff:
        if plan.vendor_agreed_at is not None:
            raise Refusal(_("The vendor has agreed already."))
        plan.vendor_agreed_at, plan.vendor_agreed_by_name = clock.now(), by.name
    else:
        if plan.partner_agreed_at is not None:
            raise Refusal(_("The firm has agreed already."))
        plan.partner_agreed_at, plan.partner_agreed_by_name = clock.now(), by.name
    both = plan.vendor_agreed_at is not None and plan.partner_agreed_at is not None
    if both:
        plan.status = PlanStatus.AGREED
    session.flush()
    announce(signals.DevelopmentPlanAgreed(plan, by) if both else signals.DevelopmentPlanProposed(plan, by))


def close_plan(plan: DevelopmentPlan, *, note: str, by: User) -> None:
    """Ends a plan, with a word on what came of it; a new one can begin."""
    lock(plan)
    plan.check_is_open()
    if len(note.strip()) < 3:
        raise InvalidInput({"note": _("Say in a sentence what came of it.")})
    plan.status = PlanStatus.CLOSED
    plan.closed_at = clock.now()
    plan.closing_note = note.strip()
    session.flush()
    announce(signals.DevelopmentPlanClosed(plan, by))
