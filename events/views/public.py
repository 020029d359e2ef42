"""Events as anybody sees them: the list, one event with its registration, the guest's own page."""

from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for

from accounts.access import public
from accounts.limits import per_address
from core import clock
from core.database import session
from core.errors import InvalidInput
from core.i18n import country_name, current_locale
from core.i18n import gettext as _
from core.pagination import paginate
from events import operations
from events.calendars import calendar_file
from events.emails import appointment, place_of
from events.forms import GuestForm
from events.models import Event, Registration
from events.operations.gatherings import consent_text
from events.queries import gatherings
from events.views import events


@events.get("/events")
@public
def public_events() -> Any:
    """What is on, the next one first; by country and language."""
    upcoming = gatherings.upcoming_events()
    country, language = request.args.get("country", ""), request.args.get("language", "")
    shown = upcoming
    if country:
        shown = shown.where(Event.country == country)
    if language:
        shown = shown.where(Event.language == language)
    return render_template("events/public/events.html", page=paginate(shown), filters_of=_filters())


def _filters() -> dict[str, list[str]]:
    """The countries and languages there is something to choose from."""
    rows = session.execute(
        gatherings.upcoming_events()
        .with_only_columns(Event.country, Event.language)
        .order_by(None)
        .distinct()
    ).all()
    return {
        "country": sorted({row[0] for row in rows if row[0]}, key=country_name),
        "language": sorted({row[1] for row in rows}),
    }


def _event(slug: str) -> Event:
    event: Event = session.scalar(gatherings.public_events().where(Event.slug == slug)) or abort(404)
    return event


@events.route("/events/<slug>", methods=["GET", "POST"])
@public
@per_address("20 per hour")
def public_event(slug: str) -> Any:
    """One event, and how to register. The answer is the same for who is registered already: look into your mail."""
    event = _event(slug)
    form = GuestForm(consent=consent_text(event))
    if form.was_sent_and_holds():
        try:
            row = operations.register_guest(
                event,
                name=form.name.data,
                email=form.email.data,
                company=form.company.data,
                position=form.position.data or "",
                phone=form.phone.data or "",
                agrees=form.agrees.data,
                locale=current_locale(),
            )
        except InvalidInput as problem:
            form.complain(problem)
        else:
            return redirect(url_for("events.registered", slug=slug, waits=None if row.has_seat else "1"))
    return (
        render_template(
            "events/public/event.html",
            event=event,
            form=form,
            place=place_of(event),
            hosts=gatherings.hosts_of(event),
            free=gatherings.free_seats(event),
        ),
        form.status,
    )


@events.get("/events/<slug>/registered")
@public
def registered(slug: str) -> Any:
    """What comes next for somebody who just registered."""
    return render_template(
        "events/public/registered.html", event=_event(slug), waits=request.args.get("waits") == "1"
    )


@events.get("/events/<slug>/calendar.ics")
@public
def event_calendar(slug: str) -> Any:
    """The event for a calendar program."""
    answer = Response(calendar_file(appointment(_event(slug))), mimetype="text/calendar")
    answer.headers.set("Content-Disposition", "attachment", filename="event.ics")
    return answer


def _registration(token: str) -> Registration:
    row: Registration = gatherings.registration_by_token(token) or abort(404)
    return row


@events.get("/registrations/<token>")
@public
def registration(token: str) -> Any:
    """The guest's own page: the code for the door, and a way out."""
    row = _registration(token)
    return render_template(
        "events/public/registration.html",
        registration=row,
        event=row.event,
        place=place_of(row.event),
        now_at=clock.now(),
    )


@events.post("/registrations/<token>/withdrawal")
@public
def registration_withdrawal(token: str) -> Any:
    """The guest does not come."""
    row = _registration(token)
    operations.withdraw_registration(row)
    flash(_("Your seat is free for somebody else now."), "good")
    return redirect(url_for("events.registration", token=token))
