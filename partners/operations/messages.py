"""Writing to each other: a firm and the vendor, about a thing or in general."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from accounts.models import User
from core import clock
from core.database import lock, session, write_once
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.signals import announce
from core.vendor_time import in_working_days
from partners import signals
from partners.models import Message, Partner, Thread, ThreadReading
from partners.settings import ANSWER_DAYS

LONGEST_MESSAGE = 8000


def open_thread(
    partner: Partner,
    *,
    subject: str,
    text: str,
    by: User,
    about: tuple[str, int, str] | None = None,
    people: Sequence[User] = (),
) -> Thread:
    """Begins a conversation with its first message. ``about``: kind, number and name of a thing.

    Raises InvalidInput at ``subject`` or ``text``.
    """
    subject = " ".join(subject.split())
    if not subject or len(subject) > 200:
        raise InvalidInput({"subject": _("Say in a line what it is about.")})
    kind, number, title = about or ("", None, "")
    thread = Thread(
        partner_id=partner.id,
        subject=subject,
        about_kind=kind,
        about_id=number,
        about_title=title[:200],
        opened_by_id=by.id,
        opened_at=clock.now(),
        last_message_at=clock.now(),
        people=_vendors_people([*people, *([by] if by.is_staff else [])]),
    )
    session.add(thread)
    session.flush()
    write_message(thread, text, by=by)
    return thread


def write_message(thread: Thread, text: str, *, by: User) -> Message:
    """Adds a message. The firm's word starts the vendor's clock, the vendor's stops it; a closed thread opens again.

    Whoever of the vendor answers is named in the thread from then on. Raises InvalidInput at ``text``.
    """
    text = text.strip()
    if not text:
        raise InvalidInput({"text": _("Write something.")})
    if len(text) > LONGEST_MESSAGE:
        raise InvalidInput({"text": _("At most %(most)s characters.", most=LONGEST_MESSAGE)})
    lock(thread)
    message = Message(
        thread=thread, author_id=by.id, from_vendor=by.is_staff, text=text, written_at=clock.now()
    )
    session.add(message)
    session.flush()
    thread.last_message_id, thread.last_message_at = message.id, message.written_at
    thread.closed_at = None
    if by.is_staff:
        thread.answer_due_at = None
        thread.people = _vendors_people([*thread.people, by])
    else:
        thread.answer_due_at = thread.answer_due_at or answer_due()
    read_thread(thread, by=by)
    announce(signals.MessageWritten(message, by))
    return message


def answer_due() -> datetime:
    """When an answer is due to what is asked now: the setting's working days, in the vendor's calendar."""
    return in_working_days(ANSWER_DAYS.value())


def name_people(thread: Thread, people: Sequence[User], *, by: User) -> None:
    """Sets who of the vendor is named in the thread. Raises Refusal when somebody is not of the vendor."""
    if any(not person.is_staff for person in people):
        raise Refusal(_("Only the vendor's people can be named."))
    lock(thread)
    thread.people = _vendors_people(people)
    session.flush()
    announce(signals.ThreadPeopleChanged(thread, by, people=[person.name for person in thread.people]))


def close_thread(thread: Thread, *, by: User) -> None:
    """Nothing is left to say; the clock stops, and a new message opens it again."""
    lock(thread)
    if thread.closed_at is not None:
        raise Refusal(_("This conversation is closed already."))
    thread.closed_at, thread.answer_due_at = clock.now(), None
    announce(signals.ThreadClosed(thread, by))


def read_thread(thread: Thread, *, by: User) -> None:
    """Keeps how far this person has read."""
    values = {"thread_id": thread.id, "user_id": by.id, "message_id": 0}
    write_once(ThreadReading, values, unique=["thread_id", "user_id"])
    session.execute(
        sa.update(ThreadReading)
        .where(
            ThreadReading.thread_id == thread.id,
            ThreadReading.user_id == by.id,
            ThreadReading.message_id < thread.last_message_id,
        )
        .values(message_id=thread.last_message_id)
    )


def _vendors_people(people: Sequence[User]) -> list[User]:
    """Each of them once, in their order."""
    return list({person.id: person for person in people if person.is_staff}.values())
