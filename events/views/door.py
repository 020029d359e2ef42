"""The door: guests checked in by a phone that read their code, by typing it, by name, or from paper afterwards."""

import io
from typing import Any

import segno
from flask import Response, abort, flash, redirect, render_template, request, url_for

from accounts.access import public, requires, signed_in_user
from accounts.permissions import Permission
from core.database import session
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.mail import absolute_url
from core.pagination import paginate
from core.signing import is_genuine, sign
from events import operations
from events.forms import CheckInForm
from events.models import Event, Registration, RegistrationStatus
from events.operations.gatherings import guest_by_code
from events.queries import gatherings
from events.views import events
from events.views.gatherings import hosted_or_404

_PURPOSE = "event-ticket"


def ticket_path(guest: Registration) -> str:
    """Where a guest's code leads: whoever scans it is asked to sign in, and only the host gets further."""
    return url_for("events.ticket", registration_id=guest.id, signature=sign(_PURPOSE, _what(guest))[:32])


def _what(guest: Registration) -> str:
    return f"{guest.event_id}:{guest.id}:{guest.code}"


@events.get("/registrations/<token>/code.svg")
@public
def registration_code(token: str) -> Any:
    """The guest's code as a picture that any phone's camera reads."""
    guest: Registration = gatherings.registration_by_token(token) or abort(404)
    picture = io.BytesIO()
    code = segno.make(absolute_url(ticket_path(guest)), error="m")
    code.save(picture, kind="svg", border=3, scale=5, light="#fff")
    answer = Response(picture.getvalue(), mimetype="image/svg+xml")
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@events.route("/tickets/<int:registration_id>/<signature>", methods=["GET", "POST"])
@requires(Permission.FUNDING_REQUEST)
def ticket(registration_id: int, signature: str) -> Any:
    """What a scanned code opens on the host's phone: who it is, and one button."""
    guest = session.get(Registration, registration_id)
    if guest is None or not is_genuine(_PURPOSE, _what(guest), _whole(guest, signature)):
        abort(404)
    row = hosted_or_404(guest.event_id)
    if request.method == "POST":
        operations.check_in(guest, by=signed_in_user())
        flash(_("%(name)s of %(company)s is here.", name=guest.name, company=guest.company), "good")
        return redirect(url_for("events.ticket", registration_id=guest.id, signature=signature))
    return render_template(
        "events/ticket.html", event=row, guest=guest, counts=gatherings.guest_counts(row), signature=signature
    )


def _whole(guest: Registration, signature: str) -> str:
    """A ticket carries half of the signature, 128 bits, so that its picture stays coarse enough for a bad camera."""
    return signature + sign(_PURPOSE, _what(guest))[32:] if len(signature) == 32 else ""


@events.route("/funding/events/<int:event_id>/check-in", methods=["GET", "POST"])
@requires(Permission.FUNDING_REQUEST)
def check_in(event_id: int) -> Any:
    """The door, for a phone: a code to type, or a name to tap."""
    row = hosted_or_404(event_id)
    form = CheckInForm()
    if form.was_sent_and_holds():
        try:
            guest = guest_by_code(row, form.code.data)
        except InvalidInput as problem:
            form.complain(problem)
        else:
            operations.check_in(guest, by=signed_in_user())
            flash(_("%(name)s of %(company)s is here.", name=guest.name, company=guest.company), "good")
            return redirect(url_for("events.check_in", event_id=row.id))
    sought = request.args.get("q", "").strip()
    return (
        render_template(
            "events/check_in.html",
            event=row,
            form=form,
            counts=gatherings.guest_counts(row),
            page=paginate(gatherings.guests_of(row, sought=sought), size=50),
            sought=sought,
        ),
        form.status,
    )


@events.get("/funding/events/<int:event_id>/list")
@requires(Permission.FUNDING_READ)
def guest_list(event_id: int) -> Any:
    """The list for the door on paper, when there is no network."""
    visible = gatherings.events_visible_to(signed_in_user())
    row: Event = session.scalar(visible.where(Event.id == event_id)) or abort(404)
    wanted = gatherings.guests_of(row).where(Registration.status != RegistrationStatus.WITHDRAWN)
    return render_template("events/guest_list.html", event=row, guests=session.scalars(wanted).all())


def _guest(row: Event, registration_id: int) -> Registration:
    guest: Registration = session.scalar(
        gatherings.guests_of(row).where(Registration.id == registration_id)
    ) or abort(404)
    return guest


@events.post("/funding/events/<int:event_id>/guests/<int:registration_id>/check-in")
@requires(Permission.FUNDING_REQUEST)
def guest_check_in(event_id: int, registration_id: int) -> Any:
    """This guest is here."""
    row = hosted_or_404(event_id)
    guest = _guest(row, registration_id)
    operations.check_in(guest, by=signed_in_user())
    flash(_("%(name)s of %(company)s is here.", name=guest.name, company=guest.company), "good")
    return redirect(url_for("events.check_in", event_id=row.id))


@events.post("/funding/events/<int:event_id>/guests/<int:registration_id>/check-in-undone")
@requires(Permission.FUNDING_REQUEST)
def guest_check_in_undone(event_id: int, registration_id: int) -> Any:
    """It was somebody else."""
    row = hosted_or_404(event_id)
    operations.undo_check_in(_guest(row, registration_id), by=signed_in_user())
    flash(_("Taken back."), "good")
    return redirect(url_for("events.check_in", event_id=row.id))
