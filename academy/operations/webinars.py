"""Webinars: planned, changed, cancelled; seats taken and given up; who was there; the recording as a lesson."""

import csv
import io
from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from academy.models import Course, CourseVersion, Lesson, Seat, SeatStatus, Webinar
from academy.operations.courses import add_lesson
from academy.queries.webinars import seat_of, seats_of, seats_taken
from academy.signals import SeatBooked, WebinarCancelled, WebinarChanged, WebinarPlanned
from accounts.models import User
from core import clock
from core.database import lock, session, write_once
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.signals import announce


def save_webinar(
    webinar: Webinar | None,
    *,
    title: str,
    description: str,
    locale: str,
    host: User,
    starts_at: datetime,
    minutes: int,
    seats: int,
    link: str,
    course: Course | None,
    by: User,
) -> Webinar:
    """Plans a webinar or changes one. More seats let in who waits; a change reaches every calendar.

    Raises InvalidInput at ``starts_at`` when that is over, at ``seats`` when more have theirs already.
    """
    if webinar is not None:
        lock(webinar)
        _refuse_unless_planned(webinar)
    if starts_at <= clock.now():
        raise InvalidInput({"starts_at": _("That moment is over.")})
    if webinar is not None and seats < seats_taken(webinar):
        raise InvalidInput({"seats": _("More people than that have their seat already.")})
    is_new = webinar is None
    webinar = webinar or Webinar(sequence=0)
    before = (webinar.title, webinar.starts_at, webinar.minutes, webinar.link)
    webinar.title, webinar.description, webinar.locale = title.strip(), description.strip(), locale
    webinar.host, webinar.starts_at, webinar.minutes = host, starts_at, minutes
    webinar.seats, webinar.link, webinar.course = seats, link.strip(), course
    webinar.changed_at = clock.now()
    session.add(webinar)
    if is_new:
        session.flush()
        announce(WebinarPlanned(webinar, by))
        return webinar
    if before != (webinar.title, webinar.starts_at, webinar.minutes, webinar.link):
        webinar.sequence += 1
        session.flush()
        announce(WebinarChanged(webinar, by))
    session.flush()
    _let_in(webinar)
    return webinar


def _refuse_unless_planned(webinar: Webinar) -> None:
    if webinar.status != "planned":
        raise Refusal(_("This webinar has begun, or was cancelled."))


def cancel_webinar(webinar: Webinar, *, by: User) -> None:
    """Takes it out of every calendar."""
    lock(webinar)
    _refuse_unless_planned(webinar)
    webinar.cancelled_at = webinar.changed_at = clock.now()
    webinar.sequence += 1
    session.flush()
    announce(WebinarCancelled(webinar, by))


def take_seat(webinar: Webinar, *, by: User) -> Seat:
    """Takes a seat, or a place in the queue when all are taken. Twice is once. The webinar's row is the lock."""
    lock(webinar)
    _refuse_unless_planned(webinar)
    known = seat_of(webinar, by)
    if known is not None and known.status is not SeatStatus.GIVEN_UP:
        return known
    status = SeatStatus.BOOKED if seats_taken(webinar) < webinar.seats else SeatStatus.WAITING
    if known is not None:
        known.status, known.since = status, clock.now()
        session.flush()
        _tell(known, by)
        return known
    write_once(
        Seat,
        {"webinar_id": webinar.id, "user_id": by.id, "status": status, "since": clock.now()},
        unique=["webinar_id", "user_id"],
    )
    seat = seat_of(webinar, by)
    assert seat is not None
    _tell(seat, by)
    return seat


def _tell(seat: Seat, by: User | None) -> None:
    if seat.status is SeatStatus.BOOKED:
        announce(SeatBooked(seat, by))


def give_up_seat(webinar: Webinar, *, by: User) -> list[Seat]:
    """Gives a seat up; answers who of the queue got one."""
    lock(webinar)
    _refuse_unless_planned(webinar)
    seat = seat_of(webinar, by)
    if seat is None or seat.status is SeatStatus.GIVEN_UP:
        raise Refusal(_("You have no seat in this webinar."))
    seat.status = SeatStatus.GIVEN_UP
    session.flush()
    return _let_in(webinar)


def _let_in(webinar: Webinar) -> list[Seat]:
    """Gives free seats to who has waited longest."""
    free = webinar.seats - seats_taken(webinar)
    waiting = seats_of(webinar).where(Seat.status == SeatStatus.WAITING).order_by(None)
    lucky = list(session.scalars(waiting.order_by(Seat.since, Seat.id).limit(max(free, 0))))
    for seat in lucky:
        seat.status = SeatStatus.BOOKED
        session.flush()
        _tell(seat, None)
    return lucky


def check_in(seats: Collection[Seat], *, by: User) -> None:
    """Notes who was there."""
    for seat in seats:
        seat.attended_at = seat.attended_at or clock.now()
    session.flush()


def import_attendance(webinar: Webinar, source: str, *, by: User) -> tuple[int, list[str]]:
    """Notes who was there from a list of a meeting program: any line or column that holds a mailbox.

    Answers how many of them had a seat or wanted one, and the mailboxes that nobody here has.
    """
    mailboxes = {
        cell.strip().strip("<>").lower()
        for row in csv.reader(io.StringIO(source[:1_000_000]))
        for cell in row
        if "@" in cell and len(cell) < 255
    }
    people = {
        person.email.lower(): person
        for person in session.scalars(sa.select(User).where(sa.func.lower(User.email).in_(sorted(mailboxes))))
    }
    seats = {seat.user_id: seat for seat in session.scalars(seats_of(webinar))}
    for person in people.values():
        seat = seats.get(person.id)
        if seat is None:
            seat = Seat(webinar_id=webinar.id, user_id=person.id, status=SeatStatus.BOOKED, since=clock.now())
            session.add(seat)
        seat.attended_at = seat.attended_at or clock.now()
    session.flush()
    return len(people), sorted(mailboxes - people.keys())


def keep_recording(webinar: Webinar, address: str, draft: CourseVersion | None, *, by: User) -> Lesson | None:
    """Where the recording stands; with a ``draft`` of its course it becomes a lesson at the draft's end."""
    if webinar.status != "held":
        raise Refusal(_("There is no recording before it was held."))
    webinar.recording = address.strip()
    if draft is None:
        return None
    if not draft.modules:
        raise Refusal(_("The draft has no chapter yet. Add one first."))
    text = f"{webinar.description}\n\n[{webinar.title}]({webinar.recording})".strip()
    texts = {"en": {"title": webinar.title, "text": text}}
    lesson = add_lesson(draft.modules[-1], texts=texts, minutes=webinar.minutes, by=by)
    webinar.lesson_id = lesson.id
    return lesson
