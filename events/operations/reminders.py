"""Reminders: guests before their event, partners before money lapses. Each is a job with a key, so it comes once."""

from datetime import timedelta

from core import clock, jobs
from core.database import session
from core.settings import PROGRAMME_TIME_ZONE
from events.queries.gatherings import events_beginning_before
from events.queries.reminders import allocations_lapsing_by, claims_due_by
from events.settings import REMINDER_HOURS, UNUSED_DAYS


def remind_of_what_is_near() -> int:
    """Notes a reminder for the guests of every event that begins within the programme's hours; answers how many."""
    hours = REMINDER_HOURS.value()
    if not hours:
        return 0
    near = session.scalars(events_beginning_before(clock.now() + timedelta(hours=hours))).all()
    for event in near:
        jobs.enqueue("events.remind-guests", {"event": event.id}, key=f"event-reminder:{event.id}")
    return len(near)


def remind_of_money() -> int:
    """Notes a reminder for every allocation that lapses unused soon and every cost that can soon not be claimed."""
    until = clock.today(PROGRAMME_TIME_ZONE.value()) + timedelta(days=UNUSED_DAYS.value())
    lapsing = session.scalars(allocations_lapsing_by(until)).all()
    for allocation in lapsing:
        jobs.enqueue(
            "events.remind-of-allocation",
            {"allocation": allocation.id},
            key=f"allocation-reminder:{allocation.id}",
        )
    unclaimed = session.scalars(claims_due_by(until)).all()
    for request in unclaimed:
        jobs.enqueue("events.remind-to-claim", {"request": request.id}, key=f"claim-reminder:{request.id}")
    return len(lapsing) + len(unclaimed)
