"""Noting that a milestone of a project was reached, and that it was noted by mistake."""

from accounts.models import User
from core import clock
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.signals import announce
from referrals.models.deals import Deal, DealStatus, EstimateMilestone
from referrals.models.milestones import ReachedBy, ReachedMilestone
from referrals.queries.milestones import milestones_of, reached_of
from referrals.signals.milestones import MilestoneReached, MilestoneUndone


def reach_milestone(
    deal: Deal, milestone: EstimateMilestone, *, way: ReachedBy, document: str, by: User
) -> ReachedMilestone:
    """The customer accepted or paid it, as a document shows. Raises InvalidInput at ``document``."""
    if not document.strip():
        raise InvalidInput({"document": _("Name the document that shows it.")})
    lock(deal)
    if deal.status is not DealStatus.WON:
        raise Refusal(_("Milestones are reached after the deal is won."))
    if milestone.id not in {one.id for one in milestones_of(deal.id)}:
        raise Refusal(_("The last estimate has no such milestone."))
    if milestone.id in reached_of(deal.id):
        raise Refusal(_("%(name)s is reached already.", name=milestone.name))
    reached = ReachedMilestone(
        deal=deal,
        milestone=milestone,
        way=way,
        document=document.strip()[:500],
        reached_at=clock.now(),
        noted_by_id=by.id,
    )
    session.add(reached)
    session.flush()
    announce(MilestoneReached(reached, by, name=milestone.name, document=reached.document))
    return reached


def undo_milestone(reached: ReachedMilestone, *, by: User) -> None:
    """It was noted by mistake: what depends on it and is not paid waits again."""
    lock(reached.deal)
    if reached.undone_at is not None:
        raise Refusal(_("That was undone already."))
    reached.undone_at = clock.now()
    session.flush()
    announce(MilestoneUndone(reached, by, name=reached.milestone.name))
