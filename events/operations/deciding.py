"""What every decision of the vendor holds to: working-day clocks, and nobody decides for their own firm."""

from datetime import datetime

from accounts.models import User
from core import clock
from core.activity import Actor
from core.calendars import WorkingCalendar
from core.errors import Refusal
from core.i18n import gettext as _
from core.settings import PROGRAMME_COUNTRY, PROGRAMME_TIME_ZONE
from partners.queries import partner_of


def in_working_days(days: int) -> datetime:
    """The moment so many of the vendor's working days from now."""
    calendar = WorkingCalendar(zone=PROGRAMME_TIME_ZONE.value(), country=PROGRAMME_COUNTRY.value() or None)
    return calendar.add_working_days(clock.now(), days)


def refuse_own_firm(partner_id: int, by: Actor | None) -> None:
    """Raises Refusal when ``by`` belongs to the firm that is decided about."""
    firm = partner_of(by) if isinstance(by, User) else None
    if firm is not None and firm.id == partner_id:
        raise Refusal(_("Somebody else decides about your own firm."))
