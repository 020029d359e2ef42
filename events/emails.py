"""What events writes to guests, to partners and to the vendor's people."""

from typing import Any

from accounts.models import User
from accounts.permissions import Permission
from core import mail, storage
from core.database import session
from core.i18n import country_name
from core.i18n import lazy_gettext as _l
from core.letters import kind
from core.settings import PROGRAMME_NAME
from events.calendars import Appointment, calendar_file
from events.models import Advance, Allocation, CoHost, Event, FundingClaim, FundingRequest, Registration
from partners.models import Partner
from partners.queries import active_members

kind("events", _l("Event funding: requests, claims, reimbursement"), "events/emails/")
kind(
    "events.guest", _l("Events I am a guest of"), "events/emails/registered", "events/emails/waitlisted",
    "events/emails/seat_offered", "events/emails/cancelled", can_be_stopped=False,
)  # fmt: skip


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


def reminder(registration: Registration) -> None:
    """It is soon; once a guest and event."""
    _write_to_guest("reminder", registration, with_calendar=True)


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


def about_advance(name: str, advance: Advance) -> None:
    """What became of an advance."""
    request = advance.request
    path = f"/funding/requests/{request.id}"
    _write_to_partner(name, advance.partner, request.created_by, path, funding=request, advance=advance)


def about_allocation(allocation: Allocation) -> None:
    """Money set aside for a firm lapses unused; everybody there who may ask for an event hears it."""
    if allocation.partner is not None:
        _write_to_partner(
            "unused_funds", allocation.partner, None, "/funding/requests/new", allocation=allocation
        )


def to_host(name: str, co_host: CoHost) -> None:
    """Somebody wants to join an event."""
    event = co_host.event
    path = f"/funding/events/{event.id}"
    _write_to_partner(name, event.partner, event.request.created_by, path, event=event, co_host=co_host)


def to_co_host(name: str, co_host: CoHost) -> None:
    """The host's answer, or that the event is off."""
    event = co_host.event
    _write_to_partner(
        name,
        co_host.partner,
        co_host.asked_by,
        "/funding",
        event=event,
        co_host=co_host,
        page=mail.absolute_url(event_path(event)),
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
