"""A firm's development plan, for its own people; both sides use the same page by their own addresses."""

from typing import Any

from flask import abort, flash, redirect, render_template, url_for

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from core.errors import InvalidInput
from core.i18n import gettext as _
from partners import operations, queries, wording
from partners.forms.standing import ClosingForm, GoalForm, PlanForm
from partners.models import DevelopmentGoal, DevelopmentPlan, Partner
from partners.queries import development as asked
from partners.views import partners


class Side:
    """Whose page it is: the addresses, and who may write."""

    def __init__(self, partner: Partner, *, by_staff: bool) -> None:
        self.partner = partner
        self.by_staff = by_staff
        self.may_write = signed_in_user().may(
            Permission.PARTNERS_WRITE if by_staff else Permission.FIRM_MANAGE
        )

    def url(self, name: str, **more: Any) -> str:
        """``plan``, ``plan_change``, ``plan_goal`` … on this side."""
        if self.by_staff:
            return url_for(f"partners.partner_{name}", partner_id=self.partner.id, **more)
        return url_for(f"partners.firm_{name}", **more)

    def back(self) -> Any:
        return redirect(self.url("plan"))

    def plan(self) -> DevelopmentPlan:
        """The plan that stands."""
        return asked.current_plan(self.partner) or abort(404)

    def goal(self, goal_id: int) -> DevelopmentGoal:
        """A goal of it."""
        return next((goal for goal in self.plan().goals if goal.id == goal_id), None) or abort(404)

    def page(self, goal: GoalForm | None = None, closing: ClosingForm | None = None) -> Any:
        """The plan with its progress, or how to begin one."""
        plan = asked.current_plan(self.partner)
        wrong = bool((goal is not None and goal.errors) or (closing is not None and closing.errors))
        return render_template(
            "partners/standing/plan.html",
            side=self,
            partner=self.partner,
            plan=plan,
            progress=asked.progress_of(plan) if plan is not None else [],
            past=asked.past_plans(self.partner),
            goal_form=goal or GoalForm(prefix="goal", data={"due_on": plan.ends_on} if plan else {}),
            closing=closing or ClosingForm(prefix="closing"),
            words=wording,
            i_agreed=plan is not None
            and (plan.vendor_agreed_at if self.by_staff else plan.partner_agreed_at) is not None,
        ), 422 if wrong else 200

    def change(self) -> Any:
        """Begins the plan or changes its name and days."""
        plan = asked.current_plan(self.partner)
        form = PlanForm(plan)
        if form.was_sent_and_holds():
            try:
                operations.make_plan(
                    self.partner,
                    plan,
                    title=form.title.data,
                    summary=form.summary.data or "",
                    starts_on=form.starts_on.data,
                    ends_on=form.ends_on.data,
                    by=signed_in_user(),
                )
                flash(_("Saved. Both sides agree once the goals stand."), "good")
                return self.back()
            except InvalidInput as problem:
                form.complain(problem)
        return render_template(
            "partners/standing/plan_form.html", side=self, form=form, partner=self.partner, plan=plan
        ), form.status

    def add_goal(self) -> Any:
        """One more goal."""
        form = GoalForm(prefix="goal")
        if form.was_sent_and_holds():
            try:
                operations.add_goal(self.plan(), by=signed_in_user(), **form.values())
                flash(_("Added. A changed plan is agreed to anew."), "good")
                return self.back()
            except InvalidInput as problem:
                form.complain(problem)
        return self.page(goal=form)

    def remove_goal(self, goal_id: int) -> Any:
        """Takes a goal out."""
        operations.remove_goal(self.goal(goal_id), by=signed_in_user())
        flash(_("Taken out. A changed plan is agreed to anew."), "good")
        return self.back()

    def tick_goal(self, goal_id: int) -> Any:
        """Done, or not done after all."""
        operations.tick_goal(self.goal(goal_id), by=signed_in_user())
        return self.back()

    def agree(self) -> Any:
        """This side agrees."""
        plan = self.plan()
        operations.agree_to_plan(plan, by=signed_in_user())
        flash(
            _("The plan is agreed by both sides.")
            if plan.status == "agreed"
            else _("Noted. The other side is asked by mail."),
            "good",
        )
        return self.back()

    def close(self) -> Any:
        """It is over."""
        form = ClosingForm(prefix="closing")
        if form.was_sent_and_holds():
            try:
                operations.close_plan(self.plan(), note=form.note.data, by=signed_in_user())
                flash(_("Closed. A new plan can begin."), "good")
                return self.back()
            except InvalidInput as problem:
                form.complain(problem)
        return self.page(closing=form)


def _ours() -> Side:
    return Side(queries.partner_of(signed_in_user()) or abort(404), by_staff=False)


@partners.get("/firm/plan")
@requires(Permission.FIRM_READ)
def firm_plan() -> Any:
    """Our plan with the vendor, and how far it is."""
    return _ours().page()


@partners.route("/firm/plan/change", methods=["GET", "POST"])
@requires(Permission.FIRM_MANAGE)
def firm_plan_change() -> Any:
    """Its name and days."""
    return _ours().change()


@partners.post("/firm/plan/goals")
@requires(Permission.FIRM_MANAGE)
def firm_plan_goal() -> Any:
    """One more goal."""
    return _ours().add_goal()


@partners.post("/firm/plan/goals/<int:goal_id>/removal")
@requires(Permission.FIRM_MANAGE)
def firm_plan_goal_removal(goal_id: int) -> Any:
    """One goal less."""
    return _ours().remove_goal(goal_id)


@partners.post("/firm/plan/goals/<int:goal_id>/tick")
@requires(Permission.FIRM_MANAGE)
def firm_plan_goal_tick(goal_id: int) -> Any:
    """Done, or not."""
    return _ours().tick_goal(goal_id)


@partners.post("/firm/plan/agreement")
@requires(Permission.FIRM_MANAGE)
def firm_plan_agreement() -> Any:
    """We agree."""
    return _ours().agree()
