"""A firm's development plan, for whoever looks after the firm."""

from typing import Any

from accounts.access import requires
from accounts.permissions import Permission
from partners.views import partners
from partners.views.development import Side
from partners.views.standing import partner_or_404


def _theirs(partner_id: int) -> Side:
    return Side(partner_or_404(partner_id), by_staff=True)


@partners.get("/staff/partners/<int:partner_id>/plan")
@requires(Permission.PARTNERS_READ)
def partner_plan(partner_id: int) -> Any:
    """The plan with its progress."""
    return _theirs(partner_id).page()


@partners.route("/staff/partners/<int:partner_id>/plan/change", methods=["GET", "POST"])
@requires(Permission.PARTNERS_WRITE)
def partner_plan_change(partner_id: int) -> Any:
    """Its name and days."""
    return _theirs(partner_id).change()


@partners.post("/staff/partners/<int:partner_id>/plan/goals")
@requires(Permission.PARTNERS_WRITE)
def partner_plan_goal(partner_id: int) -> Any:
    """One more goal."""
    return _theirs(partner_id).add_goal()


@partners.post("/staff/partners/<int:partner_id>/plan/goals/<int:goal_id>/removal")
@requires(Permission.PARTNERS_WRITE)
def partner_plan_goal_removal(partner_id: int, goal_id: int) -> Any:
    """One goal less."""
    return _theirs(partner_id).remove_goal(goal_id)


@partners.post("/staff/partners/<int:partner_id>/plan/goals/<int:goal_id>/tick")
@requires(Permission.PARTNERS_WRITE)
def partner_plan_goal_tick(partner_id: int, goal_id: int) -> Any:
    """Done, or not."""
    return _theirs(partner_id).tick_goal(goal_id)


@partners.post("/staff/partners/<int:partner_id>/plan/agreement")
@requires(Permission.PARTNERS_WRITE)
def partner_plan_agreement(partner_id: int) -> Any:
    """The vendor agrees."""
    return _theirs(partner_id).agree()


@partners.post("/staff/partners/<int:partner_id>/plan/closing")
@requires(Permission.PARTNERS_WRITE)
def partner_plan_closing(partner_id: int) -> Any:
    """It is over."""
    return _theirs(partner_id).close()
