"""Replays a past time's leads under a draft of the routing policy, beside the policy in force.

A quarter is played piece by piece, a job each: a job takes leads until its time is over, keeps what it remembers in the
replay's row, and writes the next one. So no job holds a worker for long, and a replay goes on where it stopped.
"""

import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from core import clock
from core.activity import Actor
from core.database import lock, session
from core.errors import Refusal
from core.i18n import gettext as _
from core.jobs import enqueue
from referrals.models.leads import Lead, LeadStatus
from referrals.models.routing import PolicyReplay, PolicyStatus, RoutingPolicy
from referrals.operations.routing import (
    lead_facts,
    network_facts,
    overrides_for,
    policy_for,
    policy_in_force,
    read_policy,
)
from referrals.queries.figures import first_received
from referrals.replaying import PastLead, Play

#: So many leads are played at most; of more, every second, third, … is.
MOST_REPLAYED = 20_000
#: A job begins no further leads after so many seconds; it takes this many at a time.
SECONDS_A_JOB = 15
AT_A_TIME = 50


def start_replay(
    draft: RoutingPolicy, starts_at: datetime, ends_at: datetime, *, by: Actor | None
) -> PolicyReplay:
    """Asks for a replay of the leads that came in between; jobs play it. Raises Refusal."""
    if draft.status is not PolicyStatus.DRAFT:
        raise Refusal(_("Only a draft is replayed."))
    row = PolicyReplay(
        policy_id=draft.id,
        against_id=policy_in_force().id,
        starts_at=starts_at,
        ends_at=ends_at,
        asked_at=clock.now(),
        asked_by_name=str(by.name) if by is not None else "",
    )
    session.add(row)
    session.flush()
    row.leads = int(session.scalar(sa.select(sa.func.count()).select_from(_leads_of(row).subquery())) or 0)
    enqueue("referrals.replay", {"replay_id": row.id})
    return row


def play(row: PolicyReplay) -> None:
    """Plays a piece, and keeps the outcome with the last one; a piece too many changes nothing."""
    lock(row)
    if row.finished_at is not None:
        return
    network = network_facts()
    sides = [
        (row.against, Play(network, row.memory.get("against"))),
        (row.policy, Play(network, row.memory.get("draft"))),
    ]
    really = Counter[str](row.memory.get("really", {}))
    ends = time.monotonic() + SECONDS_A_JOB
    numbers = _next(row)
    while numbers:
        leads = {lead.id: lead for lead in session.scalars(sa.select(Lead).where(Lead.id.in_(numbers)))}
        for policy, play_ in sides:
            for past in _past(policy, [leads[number] for number in numbers], seed=row.id):
                play_.take(past)
        really.update(str(partner_id) for partner_id in first_received(numbers))
        row.replayed += len(numbers)
        row.played_to_at, row.played_to_id = leads[numbers[-1]].received_at, numbers[-1]
        if time.monotonic() >= ends:
            break
        numbers = _next(row)
    against, draft = (play_ for _policy, play_ in sides)
    row.memory = {"against": against.as_json(), "draft": draft.as_json(), "really": dict(really)}
    if numbers:
        enqueue("referrals.replay", {"replay_id": row.id})
    else:
        _finish(row)


def stop_replay(row: PolicyReplay) -> None:
    """Leaves it at what was played so far."""
    lock(row)
    if row.finished_at is None:
        _finish(row)


def _finish(row: PolicyReplay) -> None:
    """Who received how much, without what only the next piece would have needed."""
    sides = [row.memory.get(name, {}) for name in ("against", "draft")]
    counts = [*(side.get("received", {}) for side in sides), row.memory.get("really", {})]
    row.outcome = {
        one: [side.get(one, 0) for side in counts]
        for one in sorted({*counts[0], *counts[1], *counts[2]}, key=int)
    }
    row.others = {name: [side.get(name, 0) for side in sides] for name in ("pooled", "nobody")}
    row.memory = {}
    row.finished_at = clock.now()


def _leads_of(row: PolicyReplay) -> sa.Select[int]:
    """The numbers of the leads of its time, without those that were none."""
    return sa.select(Lead.id).where(
        Lead.received_at >= row.starts_at,
        Lead.received_at < row.ends_at,
        Lead.status.not_in((LeadStatus.SPAM, LeadStatus.DUPLICATE, LeadStatus.UNQUALIFIED)),
    )


def _next(row: PolicyReplay) -> list[int]:
    """The next few to be played, in the order they came in; of very many only every second, third, …"""
    numbers = _leads_of(row).order_by(Lead.received_at, Lead.id)
    if row.played_to_at is not None:
        at, number = row.played_to_at, row.played_to_id
        numbers = numbers.where(
            sa.or_(Lead.received_at > at, sa.and_(Lead.received_at == at, Lead.id > number))
        )
    every = -(-row.leads // MOST_REPLAYED) or 1
    return list(session.scalars(numbers.limit(AT_A_TIME * every)))[every - 1 :: every]


def _past(policy_row: RoutingPolicy, leads: Sequence[Lead], *, seed: int) -> list[PastLead]:
    policy, queues = read_policy(policy_row)
    return [
        PastLead(
            lead.received_at,
            lead_facts(lead),
            seed * 1_000_003 + lead.id,
            policy_for(lead, policy, queues),
            tuple(overrides_for(lead)),
        )
        for lead in leads
    ]
