"""At the door: a code that only the host's phone can use, a list for paper, a reminder before."""

import re
from datetime import timedelta

import pytest
from icalendar import Calendar

from core import storage
from core.database import session
from core.errors import Refusal
from core.settings import change_setting
from events import operations
from events.models import Registration
from events.settings import REMINDER_HOURS
from events.views.door import ticket_path
from tests.browser import Browser
from tests.events import cast


@pytest.fixture
def guest(acme):
    return cast.a_guest(cast.an_approved_request(acme).event)


@pytest.fixture
def ticket(app, guest):
    with app.test_request_context():
        return ticket_path(guest)


def test_a_guest_has_a_code_that_a_camera_reads(app, guest):
    page = Browser(app).open(f"/registrations/{guest.token}")
    picture = re.search(r'src="(/registrations/[^"]+/code\.svg)"', page.html)
    answer = page.client.get(picture[1])
    assert answer.mimetype == "image/svg+xml"
    assert b"<path" in answer.data and b"<script" not in answer.data


def test_the_hosts_phone_opens_the_guest_and_checks_in_with_one_tap(app, guest, ticket, ada, time):
    time.move_to(guest.event.starts_at)
    phone = Browser(app).sign_in(ada).open(ticket)
    assert phone.sees("Greta Guest") and phone.sees("Globex")
    assert guest.checked_in_at is None
    phone.press("Check in")
    assert phone.sees("Greta Guest of Globex is here.")
    assert guest.checked_in_at is not None
    assert "Check in" not in phone.buttons


def test_a_ticket_is_nothing_to_anybody_else(app, guest, ticket, rex):
    assert "/sign-in" in Browser(app).client.get(ticket).headers["Location"]
    Browser(app).sign_in(rex).open(ticket, expect=404)


def test_a_forged_ticket_opens_nothing(app, guest, ticket, ada):
    phone = Browser(app).sign_in(ada)
    other = cast.a_guest(guest.event, "Otto Other")
    signature = ticket.rsplit("/", 1)[1]
    for forged in (
        f"/tickets/{other.id}/{signature}",
        f"/tickets/{guest.id}/{'0' * 32}",
        f"/tickets/{guest.id}/{signature[:31]}",
        f"/tickets/{guest.id}/{signature}00",
        f"/tickets/{guest.id}/x",
        f"/tickets/999999/{signature}",
    ):
        phone.open(forged, expect=404)


def test_a_ticket_before_the_day_says_when(guest):
    with pytest.raises(Refusal, match="a day before"):
        operations.check_in(guest, by=None)


def test_the_list_for_paper_has_everybody_who_may_come(app, guest, ada):
    gone = cast.a_guest(guest.event, "Gone Gabi")
    operations.withdraw_registration(gone)
    page = Browser(app).sign_in(ada).open(f"/funding/events/{guest.event_id}/list")
    assert page.sees("Greta Guest") and page.sees(guest.code)
    assert not page.sees("Gone Gabi")


def test_a_guest_is_found_by_a_part_of_the_name(app, guest, ada, time):
    cast.a_guest(guest.event, "Willing Will")
    time.move_to(guest.event.starts_at)
    page = Browser(app).sign_in(ada).open(f"/funding/events/{guest.event_id}/check-in?q=greta")
    assert page.sees("Greta Guest") and not page.sees("Willing Will")


def test_guests_are_reminded_once_with_the_calendar_file(guest, time, run_jobs, mails):
    waiting = session.query(Registration).count()
    assert waiting == 1
    time.move_to(guest.event.starts_at - timedelta(hours=30))
    assert operations.remind_of_what_is_near() == 0
    time.move_to(guest.event.starts_at - timedelta(hours=20))
    operations.remind_of_what_is_near()
    operations.remind_of_what_is_near()
    run_jobs()
    written = [mail for mail in mails(to=guest.email) if mail["subject"] == "Soon: Cloud breakfast"]
    assert len(written) == 1
    key, name, _type = written[0]["attachments"][0]
    assert name == "event.ics"
    assert Calendar.from_ical(storage.read(key)).walk("VEVENT")[0]["summary"] == "Cloud breakfast"
    assert guest.code in written[0]["text"]


def test_a_cancelled_event_reminds_nobody(guest, time, pia, run_jobs, mails):
    time.move_to(guest.event.starts_at - timedelta(hours=20))
    operations.remind_of_what_is_near()
    operations.cancel_event(guest.event, "The hall is flooded.", by=None)
    run_jobs()
    assert not [mail for mail in mails(to=guest.email) if mail["subject"].startswith("Soon")]


def test_no_hours_no_reminders(guest, time, pia):
    change_setting(REMINDER_HOURS, "0", by=pia)
    time.move_to(guest.event.starts_at - timedelta(hours=20))
    assert operations.remind_of_what_is_near() == 0
