"""What events writes to guests, to partners and to the vendor's people."""

from typing import Any

from accounts.models import User
from accounts.permissions import Permission
from core import mail, storage
from core.database import session
from core.i18n import country_name
from core.settings import PROGRAMME_NAME
from events.calendars import Appointment, calendar_file
from events.models import Event, FundingClaim, FundingRequest, Registration
from partners.models import Partner
from partners.queries import active_members


def event_path(event: Event) -> str:
    """The public page."""
    return f"/events/{event.slug}"


def guest_path(registration: Registration) -> str:
    """The guest's own page."""
    return f"/registrations/{registration.token}"


def place_of(event: Event) -> str:
    """Where it is, in one line."""
    country = country_name(event.country) if event.country else ""
    return ", ".join(part for part in (event.venue, event.city, country) if part)


def appointment(event: Event) -> Appointment:
    """The event for a calendar."""
    return Appointment(
        uid=f"event-{event.id}-{event.request_id}@{mail.absolute_url('').split('://')[-1].split(':')[0]}",
        title=event.title,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        zone=event.time_zone,
        place=place_of(event),
        description=event.description,
        url=mail.absolute_url(event_path(event)),
        changed_at=event.created_at,
        sequence=event.sequence,
        is_cancelled=bool(event.cancel_reason),
    )


def _write_to_guest(name: str, registration: Registration, *, with_calendar: bool, **context: Any) -> None:
    event = registration.event
    attachments = []
    if with_calendar:
        key = storage.keep(calendar_file(appointment(event)), folder="calendars")
        attachments = [(key, "event.ics", "text/calendar")]
    mail.send(
        f"events/emails/{name}",
        to=registration.email,
        locale=registration.locale,
        attachments=attachments,
        registration=registration,
        event=event,
        place=place_of(event),
        event_url=mail.absolute_url(event_path(event)),
        url=mail.absolute_url(guest_path(registration)),
        **context,
    )


def seat_taken(registration: Registration) -> None:
    """A seat with the calendar file, or a place on the waiting list."""
    name = "registered" if registration.has_seat else "waitlisted"
    _write_to_guest(name, registration, with_calendar=registration.has_seat)


def seat_offered(registration: Registration) -> None:
    """A seat became free."""
    _write_to_guest("seat_offered", registration, with_calendar=True)


def cancelled(registration: Registration, reason: str) -> None:
    """The event does not take place; the calendar file takes it out of calendars."""
    _write_to_guest("cancelled", registration, with_calendar=True, reason=reason)


def _people_who_ask(partner: Partner) -> list[User]:
    members = session.scalars(active_members(partner)).all()
    return [member.user for member in members if member.user.may(Permission.FUNDING_REQUEST)]


def _write_to_partner(name: str, partner: Partner, author: User | None, path: str, **context: Any) -> None:
    """Writes to whoever asked; when they are gone, to everybody of the firm who may ask."""
    people = _people_who_ask(partner)
    if author is not None and author in people:
        people = [author]
    for person in people:
        mail.send(
            f"events/emails/{name}",
            to=person.email,
            locale=person.locale,
            name=person.name,
            programme=PROGRAMME_NAME.value(),
            url=mail.absolute_url(path),
            **context,
        )


def about_request(name: str, request: FundingRequest) -> None:
    """A decision or a question about a request."""
    _write_to_partner(
        name, request.partner, request.created_by, f"/funding/requests/{request.id}", funding=request
    )


def about_claim(name: str, claim: FundingClaim) -> None:
    """A decision or a question about a claim."""
    _write_to_partner(
        name,
        claim.partner,
        claim.created_by,
        f"/funding/claims/{claim.id}",
        claim=claim,
        funding=claim.request,
    )


def to_manager(name: str, partner: Partner, path: str, **context: Any) -> None:
    """Something waits for the partner's manager."""
    manager = partner.manager
    if manager is None or manager.suspended_at is not None or not manager.may(Permission.FUNDING_DECIDE):
        return
    mail.send(
        f"events/emails/{name}",
        to=manager.email,
        locale=manager.locale,
        name=manager.name,
        partner=partner,
        url=mail.absolute_url(path),
        **context,
    )
