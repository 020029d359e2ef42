"""Events and their guests: planned, changed, held or cancelled; registered, waiting, at the door."""

import hashlib
import re
import secrets
import unicodedata
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from accounts.models import new_secret
from core import clock
from core.activity import Actor
from core.contacts import email_key, normalise_email
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.places import is_country
from core.settings import VENDOR_NAME
from core.signals import announce
from events import signals
from events.models import Event, EventStatus, FundingRequest, Registration, RegistrationStatus
from events.queries import gatherings as queries

#: Without what is easily taken for something else: 0 and O, 1 and I, 2 and Z, 5 and S, 8 and B.
CODE_SIGNS = "ACDEFGHJKLMNPQRTUVWXY34679"
#: What a host may change about a planned event.
CHANGEABLE = frozenset({"title", "description", "venue", "seats"})


def plan_event(request: FundingRequest, *, by: Actor | None) -> Event:
    """The event of an approved request."""
    event = Event(
        request=request,
        partner_id=request.partner_id,
        slug=_slug(request),
        status=EventStatus.PLANNED,
        created_at=clock.now(),
        description="",
        **{
            name: getattr(request, name)
            for name in (
                "activity", "title", "city", "country", "venue", "starts_at", "ends_at", "time_zone", "language",
                "seats",
            )
        },
    )  # fmt: skip
    session.add(event)
    session.flush()
    announce(signals.EventPlanned(event, by))
    return event


def _slug(request: FundingRequest) -> str:
    """The end of the event's address: title, city and day in plain letters; numbered when taken."""
    words = f"{request.title} {request.city}"
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or request.activity.replace("_", "-")
    day = request.starts_at.astimezone(ZoneInfo(request.time_zone)).date().isoformat()
    slug = f"{stem}-{day}"
    taken = set(session.scalars(sa.select(Event.slug).where(Event.slug.startswith(slug, autoescape=True))))
    number = 1
    while (slug if number == 1 else f"{slug}-{number}") in taken:
        number += 1
    return slug if number == 1 else f"{slug}-{number}"


def change_event(event: Event, *, by: Actor | None, **values: Any) -> None:
    """Changes what the public page says. More seats let people in from the waiting list. Raises InvalidInput."""
    strangers = sorted(set(values) - CHANGEABLE)
    if strangers:
        raise TypeError(f"An event has no {', '.join(strangers)} to change.")
    lock(event)
    if not event.is_planned:
        raise Refusal(_("“%(title)s” is closed already.", title=event.title))
    problems: dict[str, str] = {}
    if not 1 <= len(values.get("title", event.title)) <= 140:
        problems["title"] = _("Give it a title of up to 140 characters.")
    if len(values.get("description", "")) > 8000:
        problems["description"] = _("Up to 8,000 characters.")
    seats = values.get("seats", event.seats)
    if seats is not None and not 1 <= seats <= 100_000:
        problems["seats"] = _("Type a number from 1 to 100,000, or nothing.")
    elif seats is not None and seats < queries.taken_seats(event):
        problems["seats"] = _("%(taken)s guests have a seat already.", taken=queries.taken_seats(event))
    if problems:
        raise InvalidInput(problems)
    changed = sorted(name for name, value in values.items() if getattr(event, name) != value)
    if not changed:
        return
    for name in changed:
        setattr(event, name, values[name])
    event.sequence += 1
    session.flush()
    announce(signals.EventChanged(event, by, changed))
    _let_in_from_the_waiting_list(event, by=None)


def hold_event(event: Event, *, by: Actor | None) -> None:
    """It took place."""
    lock(event)
    event.hold()
    announce(signals.EventHeld(event, by))


def call_off(event: Event, reason: str, *, by: Actor | None) -> None:
    """Cancels a locked event; the guests are told why."""
    lock(event)
    event.cancel(reason)
    announce(signals.EventCancelled(event, by, reason))


def consent_text(event: Event) -> str:
    """What a guest agrees to, in the reader's language."""
    return _(
        "%(host)s and %(vendor)s may contact me about their products. I can take this back at any time.",
        host=event.partner.name,
        vendor=VENDOR_NAME.value(),
    )


def register_guest(
    event: Event,
    *,
    name: str,
    email: str,
    company: str,
    position: str = "",
    phone: str = "",
    country: str = "",
    agrees: bool = False,
    locale: str = "en",
) -> Registration:
    """Gives a guest a seat, or a place on the waiting list. Raises InvalidInput by field.

    Who is registered already gets the same row again and the mail once more; who gave up a seat may come back.
    """
    problems: dict[str, str] = {}
    address = normalise_email(email)
    if address is None:
        problems["email"] = _("Type an e-mail address such as ann@example.com.")
    for field, value, most in (("name", name, 120), ("company", company, 160)):
        if not 1 <= len(value) <= most:
            problems[field] = _("Type up to %(most)s characters.", most=most)
    for field, value in (("position", position), ("phone", phone)):
        if len(value) > 120:
            problems[field] = _("Type up to %(most)s characters.", most=120)
    if country and not is_country(country):
        problems["country"] = _("Choose a country.")
    if problems or address is None:
        raise InvalidInput(problems)
    lock(event)
    if not event.takes_registrations:
        raise Refusal(_("Registration for “%(title)s” is closed.", title=event.title))
    key = str(email_key(address))
    row = session.scalar(
        sa.select(Registration).where(Registration.event_id == event.id, Registration.email_key == key)
    )
    if row is not None and row.status is not RegistrationStatus.WITHDRAWN:
        announce(signals.SeatTaken(row, None))
        return row
    free = queries.free_seats(event)
    status = RegistrationStatus.REGISTERED if free is None or free > 0 else RegistrationStatus.WAITLISTED
    if row is None:
        row = Registration(
            event=event,
            partner_id=event.partner_id,
            token=new_secret(),
            code=_free_code(event),
            email_key=key,
            created_at=clock.now(),
        )
        session.add(row)
    told_before = row.may_be_contacted
    row.status = status
    row.name, row.email, row.company, row.position, row.phone = name, address, company, position, phone
    row.country = country or event.country
    row.locale = locale
    if agrees:
        row.consented_at = clock.now()
        row.consent_text = consent_text(event)
        row.consent_hash = hashlib.sha256(row.consent_text.encode()).hexdigest()
    session.flush()
    announce(signals.SeatTaken(row, None))
    if agrees and not told_before:
        announce(signals.GuestRegistered(row, None))
    return row


def _free_code(event: Event) -> str:
    taken = set(session.scalars(sa.select(Registration.code).where(Registration.event_id == event.id)))
    while True:
        code = "".join(secrets.choice(CODE_SIGNS) for _sign in range(6))
        if code not in taken:
            return code


def withdraw_registration(registration: Registration) -> None:
    """The guest gives up the seat; whoever waits longest gets it."""
    event = lock(registration.event)
    lock(registration)
    if registration.status is RegistrationStatus.WITHDRAWN:
        return
    if event.is_over:
        raise Refusal(_("“%(title)s” is over.", title=event.title))
    registration.status = RegistrationStatus.WITHDRAWN
    session.flush()
    announce(signals.SeatGivenUp(registration, None))
    _let_in_from_the_waiting_list(event, by=None)


def _let_in_from_the_waiting_list(event: Event, *, by: Actor | None) -> None:
    """Free seats of a locked event go to those who wait longest."""
    free = queries.free_seats(event)
    waiting = (
        sa.select(Registration)
        .where(Registration.event_id == event.id, Registration.status == RegistrationStatus.WAITLISTED)
        .order_by(Registration.id)
        .limit(free)
    )
    if free == 0 or not event.takes_registrations:
        return
    for row in session.scalars(waiting).all():
        row.status = RegistrationStatus.REGISTERED
        session.flush()
        announce(signals.SeatOffered(row, by))


def check_in(registration: Registration, *, by: Actor | None) -> None:
    """The guest is there; who waited for a seat has one now. Not before the day of the event."""
    event = registration.event
    lock(registration)
    if event.status is EventStatus.CANCELLED:
        raise Refusal(_("“%(title)s” was cancelled.", title=event.title))
    if event.starts_at - clock.now() > timedelta(hours=24):
        raise Refusal(_("Check-in opens a day before the event."))
    if registration.checked_in_at is not None:
        raise Refusal(_("%(name)s is checked in already.", name=registration.name))
    registration.checked_in_at = clock.now()
    registration.status = RegistrationStatus.REGISTERED
    announce(signals.GuestCheckedIn(registration, by))


def undo_check_in(registration: Registration, *, by: Actor | None) -> None:
    """It was somebody else. Not once the cost is being claimed: the list is part of the proof."""
    lock(registration)
    if registration.event.request.claim is not None:
        raise Refusal(_("The list of attendees is part of a claim already."))
    registration.checked_in_at = None


def guest_by_code(event: Event, code: str) -> Registration:
    """The guest with this check-in code. Raises InvalidInput when there is none."""
    tidy = "".join(code.split()).upper()
    row = session.scalar(
        sa.select(Registration).where(Registration.event_id == event.id, Registration.code == tidy)
    )
    if row is None:
        raise InvalidInput({"code": _("No guest of this event has the code %(code)s.", code=tidy[:12])})
    return row
