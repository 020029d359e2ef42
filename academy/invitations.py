"""Invitations to webinars and talks as iCalendar (RFC 5545, RFC 5546), which every calendar understands."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress, vText


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a calendar shows. ``zone`` is the reader's own; ``sequence`` grows with every change."""

    uid: str
    title: str
    description: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    place: str
    url: str
    organiser: str
    mailbox: str
    attendee: str
    changed_at: datetime
    sequence: int
    is_cancelled: bool = False


def invitation_file(one: Invitation) -> bytes:
    """The ``.ics`` of one invitation: a request, or its cancellation under the same UID."""
    calendar = Calendar()
    calendar.add("prodid", "-//Guildhall//Academy//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if one.is_cancelled else "REQUEST")
    entry = Event()
    entry.add("uid", one.uid)
    entry.add("sequence", one.sequence)
    entry.add("dtstamp", one.changed_at)
    entry.add("dtstart", one.starts_at.astimezone(ZoneInfo(one.zone)))
    entry.add("dtend", one.ends_at.astimezone(ZoneInfo(one.zone)))
    entry.add("summary", one.title)
    entry.add("description", f"{one.description}\n\n{one.url}".strip())
    entry.add("location", one.place or one.url)
    entry.add("url", one.url)
    entry.add("status", "CANCELLED" if one.is_cancelled else "CONFIRMED")
    organiser = vCalAddress(f"mailto:{one.mailbox}")
    organiser.params["CN"] = vText(one.organiser)
    entry["organizer"] = organiser
    attendee = vCalAddress(f"mailto:{one.attendee}")
    attendee.params["PARTSTAT"] = vText("ACCEPTED")
    entry.add("attendee", attendee, encode=False)
    calendar.add_component(entry)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())
