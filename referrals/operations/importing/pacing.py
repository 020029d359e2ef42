"""The leads of a file look for their partners: as fast as partners have room for them; stopped, and gone on with.

A lead of a file is for its partner a lead like any other: it takes a place among the open leads and the leads of the
day, which are promises to the partner, and counts in fair shares. But files fill half of what a partner takes in a day
(its own limit or the policy's, the lower one), so that who asks today finds one with room: of five places two, of a
single one every other day's (:func:`referrals.routing.files_part`). A lead that lacks nothing but room waits for the
next working day. So does one that a partner declined or let lapse: its next partner is found within the same limits.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from core import clock
from core.activity import Actor
from core.database import lock, session
from core.imports import ImportStatus, is_at, next_job
from core.jobs import enqueue
from core.signals import announce
from core.vendor_time import vendors_calendar
from referrals.models.imports import LeadImport
from referrals.models.leads import Lead, LeadStatus
from referrals.operations.routing import read_policy, route_lead, route_of_a_file
from referrals.operations.routing.facts import midnight
from referrals.queries.decisions import published_policy
from referrals.queries.imports import free_places, has_asked_itself, waiting_in
from referrals.routing import Policy
from referrals.signals.imports import LeadsGoOn, LeadsImported, LeadsStopped

#: Routing asks the whole network for each, and writes to whom it asks.
ROUTED_AT_ONCE = 50
#: A job that has routed for so long leaves the rest to the next one: a lead that comes in meanwhile, and a partner who
#: answers, wait for what it holds.
SECONDS_A_JOB = 0.5
#: When so many in a row found no partner with room, it is enough for today. Tomorrow goes on behind them.
MOST_WITHOUT_ROOM = 100


@dataclass(frozen=True)
class Room:
    """What partners who take leads can get now, by their own limits and the policy's."""

    partners: int
    #: Leads of files a day, between them.
    a_day: int
    #: Open leads that they could have besides those they have.
    places: int

    def least_days(self, leads: int) -> int | None:
        """Working days that so many leads take at least, if every partner can serve each; None without any room."""
        at_once = min(self.a_day, self.places)
        return -(-leads // at_once) if at_once else None


def room_now() -> Room:
    """What partners can get at this moment."""
    published = published_policy()
    policy = read_policy(published)[0] if published is not None else Policy()
    return Room(*free_places(policy.open_leads_cap, policy.daily_cap, midnight().date().toordinal()))


def begin_routing(row: LeadImport) -> None:
    """Everything is taken in; what is to be given out begins to look for partners."""
    row.become(ImportStatus.ROUTING)
    row.read_to, row.routed = 0, row.taken - waiting_in(row)
    _begin_a_run(row)


def route_some(row: LeadImport) -> bool:
    """Routes the next leads of the file; tells whether there are more now. At the end the import is done."""
    if not is_at(row, ImportStatus.ROUTING) or row.resumes_at is not None:
        return False
    ends = time.monotonic() + SECONDS_A_JOB
    for lead in _next_leads(row):
        lock(lead)
        row.read_to = lead.id
        # Somebody sorted it by hand just now.
        if lead.status is LeadStatus.QUALIFIED:
            row.without_room = 0 if route_of_a_file(lead, by=None) else row.without_room + 1
        if time.monotonic() >= ends or row.without_room >= MOST_WITHOUT_ROOM:
            break
    session.flush()
    row.routed = row.taken - waiting_in(row)
    if row.routed >= row.taken:
        was_done = row.finished_at is not None
        row.end(ImportStatus.DONE)
        if not was_done:
            announce(LeadsImported(row, None, taken=row.taken, repeated=row.repeated))
        return False
    if row.without_room >= min(MOST_WITHOUT_ROOM, row.waiting):
        row.resumes_at = _next_morning()
        enqueue("referrals.resume-leads", {"import_id": row.id}, run_at=row.resumes_at)
        return False
    return True


def _next_leads(row: LeadImport) -> list[Lead]:
    """Those that wait behind the last one that was looked at; from the first one again behind the last of all."""
    waiting = sa.select(Lead).where(Lead.import_id == row.id, Lead.status == LeadStatus.QUALIFIED)
    behind = waiting.where(Lead.id > row.read_to).order_by(Lead.id).limit(ROUTED_AT_ONCE)
    found = list(session.scalars(behind))
    return found or list(session.scalars(waiting.order_by(Lead.id).limit(ROUTED_AT_ONCE)))


def resume_routing(row: LeadImport) -> bool:
    """The morning after: partners have room again. One that was stopped and went on meanwhile is not begun twice.

    A file that was done goes on for the leads that came back from a partner.
    """
    if is_at(row, ImportStatus.DONE) and waiting_in(row):
        row.become(ImportStatus.ROUTING)
        row.routed = row.taken - waiting_in(row)
        _begin_a_run(row)
    elif is_at(row, ImportStatus.ROUTING) and row.resumes_at is not None and row.resumes_at <= clock.now():
        _begin_a_run(row)
    return False


def ask_the_next_of_a_file(lead: Lead) -> None:
    """A lead of a file that a partner declined or let lapse: the next one is asked, within the limits of files.

    When it lacks nothing but room it waits for the next working day, as the rest of its file does. Nothing of a file
    that is taken back waits, nor a company that has asked by itself meanwhile.
    """
    row = session.get_one(LeadImport, lead.import_id)
    if row.status in (ImportStatus.UNDOING, ImportStatus.UNDONE) or has_asked_itself(lead):
        route_lead(lead, by=None)
    elif not route_of_a_file(lead, by=None):
        enqueue("referrals.resume-leads", {"import_id": row.id}, run_at=_next_morning())


def stop_routing(row: LeadImport, *, by: Actor | None) -> None:
    """What has not been routed waits from now on; partners keep what they were asked. Raises Refusal."""
    lock(row)
    row.become(ImportStatus.STOPPED)
    row.resumes_at = None
    announce(LeadsStopped(row, by, waiting=waiting_in(row)))


def go_on_routing(row: LeadImport, *, by: Actor | None) -> None:
    """The rest looks for partners again. Raises Refusal."""
    lock(row)
    row.become(ImportStatus.ROUTING)
    _begin_a_run(row)
    announce(LeadsGoOn(row, by))


def _begin_a_run(row: LeadImport) -> None:
    row.run_began_at, row.run_began_with = clock.now(), row.routed
    row.without_room, row.resumes_at = 0, None
    next_job("referrals.route-leads", row)


def _next_morning() -> datetime:
    """When the vendor's office next opens after today: somebody is there, should it go wrong."""
    return vendors_calendar().next_open(midnight() + timedelta(days=1))
