"""Events as their hosts see them: the public text, the guests, the door."""

from typing import Any

from flask import abort, flash, redirect, render_template, url_for

from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from core import clock
from core.database import session
from core.errors import InvalidInput
from core.exports import csv_response
from core.i18n import gettext as _
from core.mail import absolute_url
from core.pagination import paginate
from events import operations
from events.emails import event_path, place_of
from events.forms import EventForm, JoiningAnswerForm, ReasonForm, event_values
from events.models import CHECKLISTS, Event
from events.queries import gatherings
from events.views import events
from partners.queries import partner_of


def _event(event_id: int) -> Event:
    """An event the reader may look behind."""
    visible = gatherings.events_visible_to(signed_in_user())
    row: Event = session.scalar(visible.where(Event.id == event_id)) or abort(404)
    return row


def hosted_or_404(event_id: int) -> Event:
    """An event of the reader's own firm."""
    row = _event(event_id)
    firm = partner_of(signed_in_user())
    if firm is None or firm.id != row.partner_id:
        abort(404)
    return row


@events.get("/funding/events/<int:event_id>")
@requires(Permission.FUNDING_READ)
def event(event_id: int) -> Any:
    """An event from behind: how many come, what the claim will need, what to do next."""
    row = _event(event_id)
    me = signed_in_user()
    return render_template(
        "events/event.html",
        event=row,
        place=place_of(row),
        counts=gatherings.guest_counts(row),
        page=paginate(gatherings.guests_of(row)),
        is_own=not me.is_staff,
        may_write=me.may(Permission.FUNDING_REQUEST) and not me.is_staff,
        checklist=CHECKLISTS[row.activity],
        public_url=absolute_url(event_path(row)),
        cancellation=ReasonForm() if row.is_planned else None,
        now_at=clock.now(),
        joined=session.scalars(gatherings.joinings_of(row)).all(),
        refusal=JoiningAnswerForm(),
    )


@events.get("/funding/events/<int:event_id>/guests.csv")
@requires(Permission.FUNDING_READ)
def event_guests_csv(event_id: int) -> Any:
    """The guests as a file: also the list for the door when there is no network."""
    row = _event(event_id)
    head = [_("Code"), _("Name"), _("Company"), _("Position"), _("E-mail"), _("State"), _("Checked in")]
    head.append(_("Agreed to be contacted"))
    lines = []
    for one in session.scalars(gatherings.guests_of(row)).all():
        about = (one.code, one.name, one.company, one.position, one.email, one.shown_status)
        lines.append((*about, one.checked_in_at, one.may_be_contacted))
    return csv_response(f"guests-{row.slug}", head, lines)


@events.route("/funding/events/<int:event_id>/edit", methods=["GET", "POST"])
@requires(Permission.FUNDING_REQUEST)
def edit_event(event_id: int) -> Any:
    """What the public page says."""
    row = hosted_or_404(event_id)
    form = EventForm(obj=row)
    if form.was_sent_and_holds():
        try:
            operations.change_event(row, by=signed_in_user(), **event_values(form, row))
            flash(_("Saved. The public page says so now."), "good")
            return redirect(url_for("events.event", event_id=row.id))
        except InvalidInput as problem:
            form.complain(problem)
    return render_template("events/event_form.html", form=form, event=row), form.status


@events.post("/funding/events/<int:event_id>/holding")
@requires(Permission.FUNDING_REQUEST)
def event_holding(event_id: int) -> Any:
    """It took place."""
    row = hosted_or_404(event_id)
    operations.hold_event(row, by=signed_in_user())
    flash(_("Noted. Claim the cost as soon as the receipts are there."), "good")
    return redirect(url_for("events.event", event_id=row.id))


@events.post("/funding/events/<int:event_id>/cancellation")
@requires(Permission.FUNDING_REQUEST)
def event_cancellation(event_id: int) -> Any:
    """It does not take place."""
    row = hosted_or_404(event_id)
    form = ReasonForm()
    if form.was_sent_and_holds():
        operations.cancel_event(row, form.reason.data, by=signed_in_user())
        flash(_("Cancelled. The guests are told by mail."), "good")
    else:
        flash(_("Say why; the guests read it."), "bad")
    return redirect(url_for("events.event", event_id=row.id))


@events.post("/funding/events/<int:event_id>/claim")
@requires(Permission.FUNDING_REQUEST)
def event_claim(event_id: int) -> Any:
    """Begins the claim, or goes on with it."""
    row = hosted_or_404(event_id)
    claim = operations.start_claim(row.request, by=signed_in_user())
    return redirect(url_for("events.claim", claim_id=claim.id))
