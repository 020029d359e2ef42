"""The milestones of a won project on its deal's page: what is reached, and noting it."""

from typing import Any

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, url_for
from markupsafe import Markup
from wtforms import RadioField, StringField
from wtforms.validators import InputRequired, Length

from accounts.access import requires, signed_in_user, visitor
from accounts.permissions import Permission
from core.database import session
from core.forms import Form, choices
from core.i18n import gettext as _
from core.i18n import lazy_gettext as _l
from core.slots import fills, rendered
from referrals.models.deals import Deal, DealStatus, EstimateMilestone
from referrals.models.milestones import ReachedBy, ReachedMilestone
from referrals.operations import milestones as operations
from referrals.queries.deals import deals_visible_to
from referrals.queries.milestones import milestones_of, reached_of
from referrals.views import pages


class MilestoneForm(Form):
    """What shows that a milestone was reached."""

    way = RadioField(_l("Reached because"), [InputRequired(_l("This is needed."))])
    document = StringField(
        _l("Document"),
        [InputRequired(_l("This is needed.")), Length(max=500)],
        description=_l("The signed acceptance with its number and day, or the payment."),
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(data={"way": ReachedBy.ACCEPTED.value}, **kwargs)
        self.way.choices = choices((way.value, way.label) for way in ReachedBy)


@fills("referrals.deal.main", order=15)
def milestones_of_a_deal(deal: Deal, **_more: Any) -> Markup | None:
    """On a won deal: its milestones, and which are reached."""
    person = visitor()
    if person is None or deal.status is not DealStatus.WON:
        return None
    planned = milestones_of(deal.id)
    if not planned:
        return None
    return rendered(
        "referrals/deals/_milestones.html",
        deal=deal,
        planned=planned,
        reached=reached_of(deal.id),
        currency=planned[0].estimate.currency,
        may_note=person.is_staff and person.may(Permission.DEALS_REVIEW),
    )


def _deal(deal_id: int) -> Deal:
    user = signed_in_user()
    if not user.is_staff:
        abort(404)
    return session.scalar(deals_visible_to(user).where(Deal.id == deal_id)) or abort(404)


def _milestone(deal: Deal, milestone_id: int) -> EstimateMilestone:
    return next((one for one in milestones_of(deal.id) if one.id == milestone_id), None) or abort(404)


@pages.route("/staff/deals/<int:deal_id>/milestones/<int:milestone_id>", methods=["GET", "POST"])
@requires(Permission.DEALS_REVIEW)
def milestone(deal_id: int, milestone_id: int) -> Any:
    """Notes that a milestone was reached; what the partner has of it may be paid from then on."""
    deal = _deal(deal_id)
    found = _milestone(deal, milestone_id)
    form = MilestoneForm()
    if form.was_sent_and_holds():
        operations.reach_milestone(
            deal, found, way=ReachedBy(form.way.data), document=form.document.data or "", by=signed_in_user()
        )
        flash(_("Noted. What depends on it can be paid."), "good")
        return redirect(url_for("referrals.deal", deal_id=deal_id))
    page = render_template("referrals/deals/milestone.html", deal=deal, milestone=found, form=form)
    return page, form.status


@pages.post("/staff/deals/<int:deal_id>/milestones/<int:milestone_id>/undo")
@requires(Permission.DEALS_REVIEW)
def milestone_undo(deal_id: int, milestone_id: int) -> Any:
    """It was noted by mistake."""
    deal = _deal(deal_id)
    query = sa.select(ReachedMilestone).where(
        ReachedMilestone.deal_id == deal.id,
        ReachedMilestone.milestone_id == _milestone(deal, milestone_id).id,
        ReachedMilestone.undone_at.is_(None),
    )
    operations.undo_milestone(session.scalar(query) or abort(404), by=signed_in_user())
    flash(_("Undone. What depends on it waits again."), "good")
    return redirect(url_for("referrals.deal", deal_id=deal_id))
