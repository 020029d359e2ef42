"""Telling the network something: publish, withdraw, and note who has read it."""

from collections.abc import Sequence
from datetime import datetime

from accounts.models import User
from core import clock
from core.database import lock, session, write_once
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.signals import announce
from partners import signals
from partners.models import Announcement, AnnouncementReading
from partners.queries.announcements import addressed_firms


def publish_announcement(
    *,
    title: str,
    text: str,
    by: User,
    title_ru: str = "",
    text_ru: str = "",
    tiers: Sequence[str] = (),
    types: Sequence[str] = (),
    countries: Sequence[str] = (),
    ends_at: datetime | None = None,
    by_mail: bool = False,
) -> Announcement:
    """Publishes at once; ``by_mail`` also writes to the admins of the firms. Raises InvalidInput by field."""
    problems: dict[str, str] = {}
    if ends_at is not None and ends_at <= clock.now():
        problems["ends_on"] = _("Choose a day to come.")
    if session.scalars(addressed_firms([*tiers], [*types], [*countries]).limit(1)).first() is None:
        problems["tiers"] = _("No firm fits all of what is ticked.")
    for name, given, other in (("title_ru", title_ru, text_ru), ("text_ru", text_ru, title_ru)):
        if other.strip() and not given.strip():
            problems[name] = _("Translate both, the title and the text, or neither.")
    if problems:
        raise InvalidInput(problems)
    row = Announcement(
        title=title.strip(),
        title_ru=title_ru.strip(),
        text=text.strip(),
        text_ru=text_ru.strip(),
        tiers=[*tiers],
        types=[*types],
        countries=[*countries],
        published_at=clock.now(),
        published_by_id=by.id,
        published_by_name=by.name,
        ends_at=ends_at,
    )
    session.add(row)
    session.flush()
    announce(signals.AnnouncementPublished(row, by, by_mail=by_mail))
    return row


def withdraw_announcement(announcement: Announcement, *, by: User) -> None:
    """Takes it off the partners' pages; who has read it stays known."""
    lock(announcement)
    if announcement.withdrawn_at is not None:
        raise Refusal(_("This announcement is withdrawn already."))
    announcement.withdrawn_at = clock.now()
    announce(signals.AnnouncementWithdrawn(announcement, by))


def read_announcement(announcement: Announcement, *, by: User) -> None:
    """Keeps that this person of a firm has opened it."""
    values = {"announcement_id": announcement.id, "user_id": by.id, "read_at": clock.now()}
    write_once(AnnouncementReading, values, unique=["announcement_id", "user_id"])
