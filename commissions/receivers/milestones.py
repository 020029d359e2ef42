"""Shares of a project wait for its milestones: asked anew whenever one is reached, or was noted by mistake."""

import sqlalchemy as sa

from commissions.operations.holds import place_milestone_holds
from core.database import session
from core.signals import receives
from referrals.models import Sale
from referrals.signals.milestones import MilestoneReached, MilestoneUndone


@receives(MilestoneReached, MilestoneUndone)
def ask_anew_what_waits(signal: MilestoneReached | MilestoneUndone) -> None:
    for sale in session.scalars(sa.select(Sale).where(Sale.deal_id == signal.subject.deal_id)).all():
        place_milestone_holds(sale, by=signal.by)
