"""Webinars: seats, the queue, calendars in everybody's own time zone, attendance, recordings."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from icalendar import Calendar

from academy import operations, queries
from academy.emails import invitation
from academy.models import Webinar
from core import clock
from core.database import session
from core.errors import InvalidInput, Refusal
from core.jobs import Job
from tests.academy.cast import a_course


def a_webinar(host: Any, *, seats: int = 2, course: Any = None, **changes: Any) -> Webinar:
    """A webinar next Monday at 9 UTC."""
    values: dict[str, Any] = {
        "title": "News of spring", "description": "What is **new**.", "locale": "en", "host": host,
        "starts_at": clock.now() + timedelta(days=7), "minutes": 60, "seats": seats,
        "link": "https://meet.example/spring", "course": course, "by": host,
    }  # fmt: skip
    return operations.save_webinar(None, **{**values, **changes})


def changed(webinar: Webinar, by: Any, **changes: Any) -> Webinar:
    names = ("title", "description", "locale", "host", "starts_at", "minutes", "seats", "link", "course")
    return operations.save_webinar(
        webinar, **{**{name: getattr(webinar, name) for name in names}, **changes, "by": by}
    )


def statuses(webinar: Webinar) -> list[tuple[str, str]]:
    return [
        (seat.user.name.split()[0], str(seat.status)) for seat in session.scalars(queries.seats_of(webinar))
    ]


def test_seats_go_to_who_comes_first_and_the_queue_moves_up(
    arthur: Any, sam: Any, ada: Any, rex: Any, time: Any, mails: Any
) -> None:
    webinar = a_webinar(arthur, seats=1)
    for person in (sam, ada, rex):
        operations.take_seat(webinar, by=person)
        time.move(minutes=1)
    assert statuses(webinar) == [("Sam", "booked"), ("Ada", "waiting"), ("Rex", "waiting")]
    operations.give_up_seat(webinar, by=sam)
    assert ("Ada", "booked") in statuses(webinar)
    assert "You have a seat" in mails(to=ada.email)[-1]["text"]
    changed(webinar, arthur, seats=2)
    assert ("Rex", "booked") in statuses(webinar)
    assert "You have a seat" in mails(to=rex.email)[-1]["text"]


def test_a_seat_is_taken_once_and_can_be_taken_again(arthur: Any, sam: Any) -> None:
    webinar = a_webinar(arthur)
    assert operations.take_seat(webinar, by=sam) is operations.take_seat(webinar, by=sam)
    operations.give_up_seat(webinar, by=sam)
    with pytest.raises(Refusal, match="no seat"):
        operations.give_up_seat(webinar, by=sam)
    assert operations.take_seat(webinar, by=sam).status == "booked"


def test_the_invitation_is_in_ones_own_time_zone_and_a_change_replaces_it(arthur: Any, sam: Any) -> None:
    sam.time_zone = "Asia/Tokyo"
    webinar = a_webinar(arthur, starts_at=datetime(2026, 4, 1, 8, 0, tzinfo=UTC))
    entry = Calendar.from_ical(invitation(webinar, sam)).walk("VEVENT")[0]
    start = entry["dtstart"].dt
    assert (start.hour, str(start.tzinfo)) == (17, "Asia/Tokyo")
    assert start.astimezone(UTC) == webinar.starts_at
    uid = str(entry["uid"])
    changed(webinar, arthur, starts_at=webinar.starts_at + timedelta(hours=1))
    later = Calendar.from_ical(invitation(webinar, sam))
    entry = later.walk("VEVENT")[0]
    assert (str(entry["uid"]), int(entry["sequence"]), str(later["method"])) == (uid, 1, "REQUEST")
    operations.cancel_webinar(webinar, by=arthur)
    gone = Calendar.from_ical(invitation(webinar, sam))
    assert (str(gone["method"]), str(gone.walk("VEVENT")[0]["status"])) == ("CANCEL", "CANCELLED")
    assert str(gone.walk("VEVENT")[0]["uid"]) == uid


def test_whoever_has_a_seat_hears_of_changes_and_of_the_end(arthur: Any, sam: Any, mails: Any) -> None:
    sam.time_zone = "America/New_York"
    webinar = a_webinar(arthur, starts_at=datetime(2026, 4, 1, 13, 0, tzinfo=UTC))
    operations.take_seat(webinar, by=sam)
    assert "9:00" in mails(to=sam.email)[-1]["text"]
    changed(webinar, arthur, starts_at=webinar.starts_at + timedelta(hours=2))
    assert mails(to=sam.email)[-1]["subject"] == "Changed: News of spring"
    assert "11:00" in mails(to=sam.email)[-1]["text"]
    before = len(mails(to=sam.email))
    changed(webinar, arthur, seats=50)
    assert len(mails(to=sam.email)) == before
    operations.cancel_webinar(webinar, by=arthur)
    assert mails(to=sam.email)[-1]["subject"] == "Cancelled: News of spring"
    attachments = session.scalars(
        sa.select(Job).where(Job.kind == "core.mail").order_by(Job.id.desc())
    ).first()
    assert attachments is not None
    assert attachments.payload["attachments"][0][2] == "text/calendar"


def test_what_cannot_be_planned_says_why(arthur: Any, sam: Any, ada: Any) -> None:
    with pytest.raises(InvalidInput) as problem:
        a_webinar(arthur, starts_at=clock.now() - timedelta(minutes=1))
    assert "starts_at" in problem.value.problems
    webinar = a_webinar(arthur)
    operations.take_seat(webinar, by=sam)
    operations.take_seat(webinar, by=ada)
    with pytest.raises(InvalidInput) as problem:
        changed(webinar, arthur, seats=1)
    assert "seats" in problem.value.problems


def test_attendance_comes_from_a_list_or_one_by_one(arthur: Any, sam: Any, ada: Any, time: Any) -> None:
    webinar = a_webinar(arthur)
    operations.take_seat(webinar, by=sam)
    time.move(days=7, hours=2)
    source = f"Name,Mail\nSam,{sam.email.upper()}\nAda,<{ada.email}>\nGuest,guest@nowhere.example\n"
    found, unknown = operations.import_attendance(webinar, source, by=arthur)
    assert (found, unknown) == (2, ["guest@nowhere.example"])
    assert all(seat.attended_at for seat in session.scalars(queries.seats_of(webinar)))


def test_a_recording_becomes_a_lesson_of_the_draft(arthur: Any, time: Any) -> None:
    course = a_course()
    webinar = a_webinar(arthur, course=course)
    with pytest.raises(Refusal, match="before it was held"):
        operations.keep_recording(webinar, "https://vimeo.com/1", None, by=arthur)
    time.move(days=8)
    draft = operations.begin_draft(course, by=arthur)
    lesson = operations.keep_recording(webinar, "https://vimeo.com/1", draft, by=arthur)
    assert lesson is not None
    assert lesson.edition["text"].endswith("[News of spring](https://vimeo.com/1)")
    assert draft.lessons[-1] is lesson


def test_a_learner_takes_a_seat_on_the_page(browser: Any, arthur: Any, sam: Any) -> None:
    sam.time_zone = "Europe/Moscow"
    webinar = a_webinar(arthur, seats=1)
    browser.sign_in(sam).open("/academy").click("Webinars").click("News of spring")
    assert browser.sees("Europe/Moscow")
    assert browser.sees("The host's time")
    assert not browser.sees("meet.example")
    browser.press("Take a seat")
    assert browser.sees("You have a seat.")
    browser.click("For your calendar")
    assert browser.response.mimetype == "text/calendar"
    browser.open(f"/academy/webinars/{webinar.id}").press("Give the seat up")
    browser.open(f"/academy/webinars/{webinar.id}/invitation.ics", expect=404)


def test_a_host_plans_changes_and_checks_in_on_the_pages(
    browser: Any, arthur: Any, sam: Any, time: Any
) -> None:
    arthur.time_zone = "Asia/Tokyo"
    browser.sign_in(arthur).open("/academy/webinars").click("Plan a webinar")
    browser.fill("Title", "Spring").fill("Day", "2026-03-09").fill("Time", "10:00").fill("Minutes", "45")
    browser.fill("Seats", "20").press("Plan the webinar")
    assert browser.heading == "Spring"
    webinar = session.scalars(sa.select(Webinar)).one()
    assert webinar.starts_at == datetime(2026, 3, 9, 1, 0, tzinfo=UTC)
    browser.click("Change").fill("Time", "11:00").press("Save")
    operations.take_seat(webinar, by=sam)
    time.move_to(datetime(2026, 3, 9, 2, 10, tzinfo=UTC))
    browser.open(f"/academy/webinars/{webinar.id}").press("Is here")
    time.move(days=1)
    browser.open(f"/academy/webinars/{webinar.id}")
    browser.fill("List of those who were there", (BytesIO(b"x@y.example\n"), "list.csv")).press(
        "Read the list"
    )
    assert browser.sees("x@y.example")
    browser.fill("Address of the recording", "https://vimeo.com/9").press("Save")
    assert browser.sees("The recording is there.")
    browser.open("/academy/webinars")
    assert "Watch: Spring" in browser.links or browser.sees("Watch")
