"""The city board: who holds what where and when, what clashes, what is planned; light for a year of 480 events."""

from datetime import timedelta

import pytest

from core import clock
from core.database import session
from core.errors import InvalidInput
from core.settings import change_setting
from events import operations
from events.models import FundingRequest, RequestStatus
from events.queries.board import year_of_events
from events.settings import CLASH_DAYS
from tests.browser import Browser
from tests.events import cast


def at(days: int):
    return clock.now() + timedelta(days=days)


def test_events_of_a_city_clash_when_they_are_near(acme, rival, mona, pia):
    first = cast.an_approved_request(acme, starts_at=at(30))
    near = cast.a_submitted_request(rival, starts_at=at(40), city="BERLIN ")
    far = cast.a_submitted_request(rival, starts_at=at(60), title="Later")
    elsewhere = cast.a_submitted_request(rival, starts_at=at(30), city="Bonn")
    board = year_of_events(2026, mona)
    assert board.clashes == {first.id: [near.id], near.id: [first.id]}
    assert [city.key for city in board.cities] == ["berlin", "bonn"]
    change_setting(CLASH_DAYS, "10", by=pia)
    assert year_of_events(2026, mona).clashes == {}
    assert far.id and elsewhere.id


def test_a_partner_sees_what_is_approved_and_its_own_wishes(acme, rival, ada, rex):
    cast.an_approved_request(acme, title="Approved")
    cast.a_submitted_request(acme, title="Wanted")
    assert [len(year_of_events(2026, who).slots) for who in (ada, rex)] == [2, 1]


def test_the_year_is_counted_against_its_plan(acme, pia, mona):
    operations.plan_year(2026, country="DE", city="Berlin", events=6, by=pia)
    operations.plan_year(2026, country="DE", city="Hamburg", events=2, by=pia)
    cast.an_approved_request(acme)
    cast.a_submitted_request(acme, title="Wanted")
    berlin, hamburg = year_of_events(2026, mona).cities
    assert (berlin.approved, berlin.planned, berlin.open_slots) == (1, 6, 5)
    assert (hamburg.approved, hamburg.open_slots) == (0, 2)
    operations.plan_year(2026, country="DE", city="hamburg", events=0, by=pia)
    assert len(year_of_events(2026, mona).cities) == 1
    with pytest.raises(InvalidInput):
        operations.plan_year(2026, country="XX", city="", events=-1, by=pia)


def test_planned_through_the_page(app, pia, ada, acme):
    admin = Browser(app).sign_in(pia).open("/event-board").click("Plan the year")
    admin.fill("Country", "Germany").fill("City", "Dresden").fill("Events", "4").press("Save the plan")
    assert admin.sees("Dresden")
    assert Browser(app).sign_in(ada).open("/event-board").sees("4 slots open")


def test_a_decider_reads_what_is_near_on_the_request(app, acme, rival, mona):
    cast.an_approved_request(acme)
    request = cast.a_submitted_request(rival, title="Too near")
    assert Browser(app).sign_in(mona).open(f"/funding/requests/{request.id}").sees("Near it in Berlin:")


def test_480_events_ask_the_database_no_more_than_five(app, acme, rival, mona, ada):
    for number in range(5):
        cast.an_approved_request(acme, title=f"Number {number}", city=f"City {number}")
    staff = Browser(app).sign_in(mona).open("/event-board")
    partner = Browser(app).sign_in(ada).open("/event-board")
    few = staff.queries, partner.queries
    model = session.query(FundingRequest).filter_by(title="Number 0").one()
    kept = {column.key for column in FundingRequest.__mapper__.column_attrs} - {"id", "reserved_minor"}
    for number in range(475):
        row = FundingRequest(**{name: getattr(model, name) for name in kept}, reserved_minor=0)
        row.partner_id, row.city = (acme.id, rival.id)[number % 2], f"City {number % 40}"
        row.starts_at = at(20 + number % 280)
        row.ends_at = row.starts_at + timedelta(hours=3)
        row.status = RequestStatus.APPROVED
        session.add(row)
    session.flush()
    staff.open("/event-board")
    partner.open("/event-board")
    assert (staff.queries, partner.queries) == few
    assert staff.sees("480")
    assert len(staff.html) < 250_000


def test_last_years_event_is_offered_again(app, acme, ada, time):
    request = cast.an_approved_request(acme)
    time.move_to(request.starts_at + timedelta(days=330))
    partner = Browser(app).sign_in(ada).open("/funding")
    assert partner.sees("A year ago")
    partner.press("Again")
    draft = session.query(FundingRequest).filter_by(status=RequestStatus.DRAFT).one()
    assert draft.starts_at - request.starts_at == timedelta(weeks=52)
    assert not Browser(app).sign_in(ada).open("/funding").sees("A year ago")
