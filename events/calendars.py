"""An event as a calendar file (iCalendar, RFC 5545), which every calendar program understands."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from icalendar import Calendar
from icalendar import Event as Entry


@dataclass(frozen=True, slots=True)
class Appointment:
    """What goes into the file; moments are aware, ``zone`` an IANA name."""

    uid: str
    title: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    place: str
    description: str
    url: str
    changed_at: datetime
    sequence: int = 0
    is_cancelled: bool = False


def calendar_file(one: Appointment) -> bytes:
    """The bytes of an ``.ics`` file with one appointment in the event's own time zone."""
    calendar = Calendar()
    calendar.add("prodid", "-//Guildhall//Events//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if one.is_cancelled else "PUBLISH")
    entry = Entry()
    entry.add("uid", one.uid)
    entry.add("dtstamp", one.changed_at)
    entry.add("dtstart", one.starts_at.astimezone(ZoneInfo(one.zone)))
    entry.add("dtend", one.ends_at.astimezone(ZoneInfo(one.zone)))
    entry.add("summary", one.title)
    entry.add("sequence", one.sequence)
    entry.add("status", "CANCELLED" if one.is_cancelled else "CONFIRMED")
    if one.place:
        entry.add("location", one.place)
    if one.description:
        entry.add("description", one.description)
    entry.add("url", one.url)
    calendar.add_component(entry)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())
