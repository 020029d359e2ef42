"""Events and their guests: seats, the waiting list, consent, the calendar file, the door."""

import pytest
from icalendar import Calendar

from core.errors import InvalidInput, Refusal
from core.signals import _receivers
from events import operations
from events.calendars import calendar_file
from events.emails import appointment
from events.models import Activity, EventStatus, RegistrationStatus
from events.signals import GuestRegistered
from tests.browser import Browser
from tests.events import cast


@pytest.fixture
def heard():
    """The guests that were announced as somebody to talk to."""
    guests = []
    _receivers[GuestRegistered].append(listener := lambda signal: guests.append(signal.subject.name))
    yield guests
    _receivers[GuestRegistered].remove(listener)


def test_only_a_guest_who_agreed_is_announced_and_only_once(acme, heard):
    event = cast.an_approved_request(acme).event
    cast.a_guest(event, "Silent Sue", agrees=False)
    willing = cast.a_guest(event, "Willing Will")
    cast.a_guest(event, "Willing Will")
    assert heard == ["Willing Will"]
    assert willing.consent_text == (
        "Acme and Guildhall may contact me about their products. I can take this back at any time."
    )
    assert willing.consent_hash is not None


def test_a_freed_seat_goes_to_whoever_waits_longest(acme, mails):
    event = cast.an_approved_request(acme, seats=1).event
    first, second, third = (cast.a_guest(event, name) for name in ("One A", "Two B", "Three C"))
    assert [guest.status for guest in (first, second, third)] == ["registered", "waitlisted", "waitlisted"]
    operations.withdraw_registration(first)
    assert [guest.status for guest in (first, second, third)] == ["withdrawn", "registered", "waitlisted"]
    assert mails(to=second.email)[-1]["subject"] == "A seat is free for you: Cloud breakfast"


def test_more_seats_let_people_in(acme):
    event = cast.an_approved_request(acme, seats=1).event
    cast.a_guest(event, "One A")
    waiting = cast.a_guest(event, "Two B")
    operations.change_event(event, seats=2, by=None)
    assert waiting.status is RegistrationStatus.REGISTERED
    with pytest.raises(InvalidInput, match="2 guests have a seat already"):
        operations.change_event(event, seats=1, by=None)


def test_who_registers_again_keeps_seat_and_code(acme):
    event = cast.an_approved_request(acme).event
    assert cast.a_guest(event, "Greta Guest") is cast.a_guest(event, "Greta Guest")


def test_a_cancelled_event_tells_its_guests_and_takes_itself_out_of_calendars(acme, run_jobs, mails):
    event = cast.an_approved_request(acme).event
    guest = cast.a_guest(event)
    operations.cancel_event(event, "The hall is flooded.", by=None)
    run_jobs()
    mail = mails(to=guest.email)[-1]
    assert mail["subject"] == "Cancelled: Cloud breakfast"
    assert "The hall is flooded." in mail["text"]
    assert b"METHOD:CANCEL" in calendar_file(appointment(event))


def test_the_calendar_file_is_in_the_events_own_time_zone(acme):
    event = cast.an_approved_request(acme, title="Frühstück, mit Ünlaut").event
    entry = Calendar.from_ical(calendar_file(appointment(event))).walk("VEVENT")[0]
    assert entry["SUMMARY"] == "Frühstück, mit Ünlaut"
    assert entry["DTSTART"].params["TZID"] == "Europe/Berlin"
    assert entry["DTSTART"].dt == event.starts_at


def test_nobody_registers_for_what_is_over(acme, time):
    event = cast.an_approved_request(acme).event
    time.move(days=40)
    with pytest.raises(Refusal, match="is closed"):
        cast.a_guest(event)


def test_the_door_opens_a_day_before_and_counts_everyone_once(acme, time):
    event = cast.an_approved_request(acme).event
    guest = cast.a_guest(event)
    with pytest.raises(Refusal, match="opens a day before"):
        operations.check_in(guest, by=None)
    time.move_to(event.starts_at)
    operations.check_in(guest, by=None)
    with pytest.raises(Refusal, match="checked in already"):
        operations.check_in(guest, by=None)
    operations.undo_check_in(guest, by=None)
    assert guest.checked_in_at is None


def test_an_event_is_not_held_before_it_began(acme, time):
    event = cast.an_approved_request(acme).event
    with pytest.raises(Refusal, match="has not begun"):
        operations.hold_event(event, by=None)
    time.move_to(event.starts_at)
    operations.hold_event(event, by=None)
    assert event.status is EventStatus.HELD


def test_a_mailing_has_no_public_page(app, acme):
    event = cast.an_approved_request(acme, activity=Activity.MAILING).event
    page = Browser(app).open(f"/events/{event.slug}", expect=404)
    assert not page.open("/events").sees("Cloud breakfast")


def test_a_guest_finds_the_code_and_a_way_out_at_their_own_link(app, acme, mails):
    event = cast.an_approved_request(acme).event
    guest = cast.a_guest(event)
    page = Browser(app).open(f"/registrations/{guest.token}")
    assert page.sees(guest.code)
    page.press("Give up my seat")
    assert page.sees("Your seat is free for somebody else now.")
    page.open("/registrations/somebody-elses", expect=404)


def test_the_list_of_guests_is_a_file_without_formulas(app, acme, ada):
    event = cast.an_approved_request(acme).event
    cast.a_guest(event, "Mallory", company="=HYPERLINK(1)")
    page = Browser(app).sign_in(ada).open(f"/funding/events/{event.id}/guests.csv")
    assert "'=HYPERLINK(1)" in page.html


def test_text_of_a_host_can_do_no_harm(app, acme):
    event = cast.an_approved_request(acme).event
    harm = "**Hello** <script>alert(1)</script> [x](javascript:alert(1))"
    operations.change_event(event, description=harm, by=None)
    page = Browser(app).open(f"/events/{event.slug}")
    assert "<script>alert" not in page.html and 'href="javascript' not in page.html
    assert "<strong>Hello</strong>" in page.html
