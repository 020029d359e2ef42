"""A large file does not fill all partners at once: what lacks only a partner with room waits for the next morning."""

from datetime import timedelta
from typing import Any

import pytest

from core import clock
from core.errors import Refusal
from core.imports import ImportStatus
from partners.operations import pause_partner
from referrals.models import LeadImport, LeadStatus
from referrals.models.routing import DeclineReason
from referrals.operations import importing
from referrals.operations.answering import decline_offer
from referrals.operations.importing import pacing
from referrals.operations.importing.undoing import start_undoing
from referrals.operations.routing.facts import midnight
from referrals.queries.decisions import latest_decision
from referrals.routing import Filter, reason_sentence
from tests.cast import a_partner
from tests.referrals.leads.cast import a_lead, the_asked, the_offer
from tests.referrals.leads.test_import import a_file, imported, leads


def rows(number: int, country: str = "DE", name: str = "Firm") -> list[str]:
    return [f"{name} {one};a@{name.lower()}-{one}.example;{country};;;;" for one in range(number)]


@pytest.fixture
def large(acme: Any, mona: Any, run_jobs: Any) -> LeadImport:
    """Twelve leads for the one partner, on a Monday morning; the policy lets it have ten a day."""
    return imported(a_file(*rows(12)), run_jobs, by=mona)


def states() -> list[str]:
    return [lead.status.value for lead in leads()]


def test_a_file_fills_half_of_a_partners_day_and_the_rest_waits_for_the_next_morning(large, run_jobs, time):
    assert states() == ["offered"] * 5 + ["qualified"] * 7
    assert (large.status, large.routed, large.waiting) == (ImportStatus.ROUTING, 5, 7)
    assert large.working_days_left == 2
    run_jobs()
    assert large.routed == 5
    time.move(days=1)
    run_jobs()
    assert large.routed == 10
    time.move(days=1)
    run_jobs()
    assert (large.status, large.routed) == (ImportStatus.DONE, 12)


def test_nothing_is_written_about_a_lead_that_only_waits(large):
    assert latest_decision(leads()[-1]) is None


def test_who_asks_meanwhile_finds_the_other_half(large, acme):
    lead = a_lead("Today", email="x@today.example")
    assert the_asked(lead) is acme


def test_it_goes_on_when_the_vendors_office_opens(large):
    assert large.resumes_at == pacing.vendors_calendar().next_open(large.run_began_at + timedelta(hours=15))
    assert large.resumes_at.weekday() == 1


def test_a_lead_that_nobody_could_serve_at_all_goes_to_triage_at_once(acme, mona, run_jobs):
    imported(a_file(*rows(1, "JP")), run_jobs, by=mona)
    assert states() == ["triage"]


def test_partners_elsewhere_do_not_wait_for_those_that_are_full(acme, mona, run_jobs):
    tokyo = a_partner("Tokyo Trading", country="JP")
    imported(a_file(*rows(12), *rows(2, "JP", "Nippon")), run_jobs, by=mona)
    assert states() == ["offered"] * 5 + ["qualified"] * 7 + ["offered"] * 2
    assert the_asked(leads()[-1]) is tokyo


def test_a_long_row_without_room_ends_the_day_and_the_next_one_begins_behind_it(
    acme, mona, run_jobs, time, monkeypatch
):
    monkeypatch.setattr(pacing, "MOST_WITHOUT_ROOM", 3)
    a_partner("Tokyo Trading", country="JP")
    row = imported(a_file(*rows(12), *rows(2, "JP", "Nippon")), run_jobs, by=mona)
    assert (row.routed, states()[-2:]) == (5, ["qualified"] * 2)
    time.move(days=1)
    run_jobs()
    assert states()[8:13] == ["offered"] * 4 + ["offered"]
    assert row.routed >= 11


def test_a_company_that_asks_again_does_not_wait_for_the_files_turn(large, acme):
    waiting = leads()[11]
    again = a_lead("Firm 11", email="other@firm-11.example")
    assert (again.status, again.duplicate_of_id) == (LeadStatus.DUPLICATE, waiting.id)
    assert waiting.status is LeadStatus.OFFERED and the_offer(waiting).partner is acme


def test_stopped_nothing_more_goes_out_until_somebody_goes_on(large, mona, run_jobs, time):
    importing.stop_routing(large, by=mona)
    time.move(days=1)
    run_jobs()
    assert (large.status, large.routed) == (ImportStatus.STOPPED, 5)
    importing.go_on_routing(large, by=mona)
    run_jobs()
    assert (large.status, large.routed) == (ImportStatus.ROUTING, 10)


def test_stopped_and_gone_on_with_it_still_goes_out_once_a_morning(large, mona, run_jobs, time):
    importing.stop_routing(large, by=mona)
    importing.go_on_routing(large, by=mona)
    run_jobs()
    assert large.routed == 5
    time.move(days=1)
    run_jobs()
    assert (large.routed, large.run_began_with) == (10, 5)


def test_one_that_waits_for_the_morning_can_be_taken_back(large, mona, run_jobs, time):
    start_undoing(large, by=mona)
    assert large.resumes_at is None
    run_jobs()
    assert large.status is ImportStatus.UNDONE
    time.move(days=1)
    run_jobs()
    assert states() == ["unqualified"] * 5, "what was offered is withdrawn, what waited is gone"


def test_stopped_it_can_be_taken_back(large, mona, run_jobs):
    importing.stop_routing(large, by=mona)
    with pytest.raises(Refusal):
        importing.stop_routing(large, by=mona)
    start_undoing(large, by=mona)
    assert large.read_to == 1, "from here on it counts the leads that went"
    run_jobs()
    assert large.status is ImportStatus.UNDONE


def test_the_room_is_what_partners_can_take_by_their_own_limits_and_the_policys(acme, mona):
    sleepy = a_partner("Sleepy")
    pause_partner(sleepy, by=mona)
    acme.open_lead_cap, acme.daily_lead_cap = 12, 500
    assert importing.room_now() == importing.Room(partners=1, a_day=5, places=12)
    a_lead()
    room = importing.room_now()
    assert (room.places, room.least_days(5), room.least_days(6)) == (11, 1, 2)
    assert importing.Room(partners=0, a_day=0, places=0).least_days(6) is None


def test_the_pace_so_far_says_when_the_last_one_will_have_been_routed(mona, time):
    row = LeadImport(taken=1000, routed=0, run_began_at=clock.now(), run_began_with=0)
    assert (row.done_at, row.working_days_left) == (None, None), "nothing to go by yet"
    row.routed = 100
    time.move(minutes=2)
    assert row.done_at == clock.now() + timedelta(minutes=18)


def test_before_it_is_taken_the_page_says_what_will_happen(browser, mona, acme, run_jobs):
    row = importing.upload_leads(a_file(*rows(12)), "archive.csv", by=mona)
    places = {name: place for name, place in row.places.items() if name not in ("products", "size")}
    importing.check_with(row, places, by=mona)
    run_jobs()
    browser.sign_in(mona).open(f"/staff/leads/imports/{row.id}")
    for words in (
        "Leads of files a day, between them",
        "takes 3 working days at least",
        "files fill half at most",
    ):
        assert browser.sees(words)
    browser.press("Take 12 leads in", expect=200)
    run_jobs()
    browser.open(f"/staff/leads/imports/{row.id}")
    assert browser.sees("Partners have no more room today: 7 leads wait.")
    assert browser.sees("2 more working days")
    browser.press("Stop for now", expect=200)
    assert browser.sees("7 leads wait for you to go on")
    browser.press("Go on", expect=200)
    assert row.status is ImportStatus.ROUTING


def test_a_lead_that_waits_says_where(browser, large, mona):
    waiting = leads()[11]
    browser.sign_in(mona).open(f"/staff/leads/{waiting.id}").click("How far the file is")
    assert browser.url == f"/staff/leads/imports/{large.id}"


# What files leave to those who ask today


@pytest.mark.parametrize(
    ("limit", "of_files"), [(1, 0), (2, 1), (3, 1), (4, 2), (5, 2), (6, 3), (10, 5), (200, 5)]
)
def test_half_of_what_a_partner_takes_a_day_rounded_up_is_left_to_who_asks_today(
    limit, of_files, acme, mona, run_jobs
):
    acme.daily_lead_cap = limit
    skip_a_day = (midnight().date().toordinal() + acme.id) % 2
    imported(a_file(*rows(12)), run_jobs, by=mona)
    assert states().count("offered") == (skip_a_day if limit == 1 else of_files)
    if limit > 1:
        assert the_asked(a_lead("Today", email="x@today.example")) is acme


def test_of_one_place_a_day_files_get_every_other_one(acme, mona, run_jobs, time):
    acme.daily_lead_cap = 1
    row = imported(a_file(*rows(4)), run_jobs, by=mona)
    found = [row.routed]
    for _day in range(3):
        time.move(days=1)
        run_jobs()
        found.append(row.routed)
    assert found in ([0, 1, 1, 2], [1, 1, 2, 2]), "a lead that waits for this partner alone is not stuck"
    time.move(days=1 + (found[-1] == found[-2]))
    assert the_asked(a_lead("Today", email="x@today.example")) is acme


def test_the_reason_says_that_the_place_is_kept(acme, mona):
    said = reason_sentence(Filter.DAILY, {"today": 0, "cap": 0, "of_a_file": True}, lambda *_: "")
    assert said == "Takes one lead a day; today's place is kept from files, for whoever asks today."
    said = reason_sentence(Filter.DAILY, {"today": 3, "cap": 2, "of_a_file": True}, lambda *_: "")
    assert said == "Has received 3 leads today; files fill 2 of its day at most."


def test_the_room_counts_what_files_may_fill(acme, rival, mona):
    acme.daily_lead_cap, rival.daily_lead_cap = 5, 1
    assert importing.room_now().a_day == 2 + (midnight().date().toordinal() + rival.id) % 2


def test_a_declined_lead_of_a_file_finds_the_next_partner_within_the_limits_of_files(
    acme, ada, mona, run_jobs, time
):
    row = imported(a_file(*rows(1)), run_jobs, by=mona)
    assert row.status is ImportStatus.DONE
    acme.daily_lead_cap = 1
    rival = a_partner("Rival")
    rival.daily_lead_cap = 2
    assert the_asked(a_lead("Today", email="x@today.example")) is rival
    lead = leads()[0]
    decline_offer(the_offer(lead), reason=DeclineReason.NO_CAPACITY, by=ada)
    assert lead.status is LeadStatus.QUALIFIED, "the place that is left is for who asks today"
    assert the_asked(a_lead("Tonight", email="x@tonight.example")) is rival
    time.move(days=1)
    run_jobs()
    assert lead.status is LeadStatus.OFFERED and the_offer(lead).partner is rival
    assert (row.status, row.routed) == (ImportStatus.DONE, 1)


def test_a_declined_lead_whose_company_has_asked_by_itself_does_not_wait(acme, ada, mona, run_jobs):
    imported(a_file(*rows(1)), run_jobs, by=mona)
    a_lead("Firm 0", email="other@firm-0.example")
    rival = a_partner("Rival")
    rival.daily_lead_cap = 1
    lead = leads()[0]
    decline_offer(the_offer(lead), reason=DeclineReason.NO_CAPACITY, by=ada)
    assert the_offer(lead).partner is rival


def test_a_declined_lead_that_nobody_else_serves_goes_to_triage(acme, ada, mona, run_jobs):
    imported(a_file(*rows(1)), run_jobs, by=mona)
    lead = leads()[0]
    decline_offer(the_offer(lead), reason=DeclineReason.NO_CAPACITY, by=ada)
    assert lead.status is LeadStatus.TRIAGE
