"""Money that lapses, or can soon not be claimed, is said in time and once."""

from datetime import date, timedelta

from events import operations
from tests.events import cast


def test_unused_money_is_said_before_it_lapses(acme, ada, time, run_jobs, mails):
    cast.an_allocation(acme, amount=50_000)
    assert operations.remind_of_money() == 0
    time.move(days=(date(2026, 12, 5) - date(2026, 3, 2)).days)
    operations.remind_of_money()
    operations.remind_of_money()
    run_jobs()
    assert [mail["subject"] for mail in mails(to=ada.email)] == ["€500.00 for events lapses soon"]


def test_a_cost_nobody_claimed_is_said_before_its_last_day(acme, ada, time, run_jobs, mails):
    request = cast.a_held_request(acme, time)
    time.move_to(request.ends_at + timedelta(days=20))
    assert operations.remind_of_money() == 1
    run_jobs()
    subjects = [mail["subject"] for mail in mails(to=ada.email)]
    assert [one for one in subjects if one.startswith("Claim the cost of “Cloud breakfast” by")]


def test_used_money_needs_no_reminder(acme, ada, time):
    cast.an_approved_request(acme, allocation=cast.an_allocation(acme, amount=150_000))
    time.move(days=(date(2026, 12, 5) - date(2026, 3, 2)).days)
    assert operations.remind_of_money() == 0
