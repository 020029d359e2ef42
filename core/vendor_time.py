"""The vendor's own working time, by which every clock runs that the vendor answers to."""

from datetime import datetime

from core import clock
from core.calendars import WorkingCalendar
from core.settings import PROGRAMME_COUNTRY, PROGRAMME_TIME_ZONE


def vendors_calendar() -> WorkingCalendar:
    """Office hours in the programme's time zone, without the public holidays of its country, where one is set."""
    return WorkingCalendar(zone=PROGRAMME_TIME_ZONE.value(), country=PROGRAMME_COUNTRY.value() or None)


def in_working_days(days: int) -> datetime:
    """The moment so many of the vendor's working days from now."""
    return vendors_calendar().add_working_days(clock.now(), days)
