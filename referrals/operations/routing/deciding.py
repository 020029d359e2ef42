"""Decides about a lead and keeps the decision, without doing anything about it."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from core import clock
from core.database import current_database, session
from partners.queries import tiers_by_code
from referrals.models.leads import Lead
from referrals.models.routing import (
    CircleMember,
    RoutingCandidate,
    RoutingCircle,
    RoutingDecision,
    RoutingPolicy,
)
from referrals.operations.routing.facts import facts_for_scores, lead_facts, sort_network
from referrals.operations.routing.overrides import overrides_for, vendors_own
from referrals.operations.routing.policies import Queue, read_policy
from referrals.operations.routing.tables import filtered_json, reasons, table_text
from referrals.queries.candidates import Sorted, planned_anew
from referrals.queries.decisions import circle_with
from referrals.routing import NO_PARTNER, Decision, Filter, Mode, Policy, Row, choose, score_of

_OF_ROOM = frozenset({Filter.OPEN_LEADS, Filter.DAILY})


@dataclass(frozen=True)
class Decided:
    """What the policy says, and the whole network sorted by its filters."""

    decision: Decision
    network: Sorted

    @property
    def chosen(self) -> list[int]:
        return [int(partner_id) for partner_id in self.decision.chosen]

    @property
    def lacks_only_room(self) -> bool:
        """Nobody is chosen, but somebody would be whose day or whose list of open leads is full."""
        if self.chosen or self.decision.is_the_vendors_own:
            return False
        return any({one.filter for one in entry.failed} <= _OF_ROOM for entry in self.network.left_out)


def policy_for(lead: Lead, policy: Policy, queues: tuple[Queue, ...], mode: Mode | None = None) -> Policy:
    """The policy as it holds for this lead: its queue may say another mode, and ``mode`` overrules both."""
    queue = next((queue for queue in queues if queue.takes(lead)), None)
    if queue is not None:
        policy = replace(policy, mode=queue.mode, k=queue.k)
    return policy if mode is None else replace(policy, mode=mode)


def decide(
    lead: Lead,
    row: RoutingPolicy,
    *,
    seed: int,
    mode: Mode | None = None,
    is_by_hand: bool = False,
    is_of_a_file: bool = False,
) -> Decided:
    """What the policy says about the lead now. ``mode`` overrules the policy's; ``is_by_hand`` every override.

    A lead that goes back into the pool belongs to nobody but, perhaps, the vendor itself. One of a file fills a part
    of a partner's day only (:func:`referrals.routing.files_part`).
    """
    policy = policy_for(lead, *read_policy(row), mode=mode)
    session.flush()
    # From here on everything is only read.
    with session.no_autoflush:
        asks = vendors_own if mode is Mode.POOL else overrides_for
        overrides = [] if is_by_hand else asks(lead)
        facts, ladder = lead_facts(lead), tiers_by_code()
        with planned_anew():
            network = sort_network(lead, facts, policy, ladder, is_of_a_file=is_of_a_file)
            failures = network.failures_of(
                int(override.partner_id) for override in overrides if override.partner_id != NO_PARTNER
            )
            candidates = facts_for_scores(facts, network, ladder, besides=failures)
    said = {str(partner_id): failed for partner_id, failed in failures.items()}
    return Decided(choose(facts, candidates, said, policy, seed, overrides), network)


def keep_decision(lead: Lead, row: RoutingPolicy, decided: Decided) -> RoutingDecision:
    """Writes the decision down with everybody who was considered."""
    decision = decided.decision
    ranked = decision.ranked
    in_pool = decision.mode is Mode.POOL and bool(decided.chosen)
    kept = RoutingDecision(
        lead_id=lead.id,
        policy_id=row.id,
        policy=decision.policy,
        mode=decision.mode.value,
        choice=decision.choice.value,
        seed=decision.seed,
        made_at=clock.now(),
        overrides=[
            {
                "kind": result.override.kind.value,
                "partner_id": result.override.partner_id,
                "evidence": result.override.evidence,
                "applied": result.is_applied,
                "unknown": result.is_unknown,
                "stopped_by": [filtered_json(entry) for entry in result.stopped_by],
            }
            for result in decision.overrides
        ],
        filtered_out=reasons(decided.network),
        ranking=table_text(ranked, decided.network),
        partners_asked=decided.network.asked,
        circle_id=_circle_of(sorted(decided.chosen)) if in_pool else None,
    )
    session.add(kept)
    session.flush()
    if not in_pool:
        _keep_asked(kept, [row for row in ranked if row.chosen])
    return kept


def _keep_asked(kept: RoutingDecision, rows: Sequence[Row]) -> None:
    """Who is asked, each in a row of its own."""
    if not rows:
        return
    # Everybody was asked for the same factors.
    weight = sum(scored.weight for scored in rows[0].factors)
    session.execute(
        sa.insert(RoutingCandidate),
        [
            {
                "decision_id": kept.id,
                "partner_id": int(row.partner_id),
                "points": row.points,
                "score": score_of(row.points or 0, weight),
                "factors": [],
                "waived": [],
                "rank": row.rank,
                "chosen": True,
            }
            for row in rows
        ],
    )


def _circle_of(partner_ids: list[int]) -> int:
    """The circle of just these partners, made if there was none. Of two who make the same one, one waits."""
    digest = hashlib.sha256(",".join(map(str, partner_ids)).encode()).hexdigest()
    known = circle_with(digest)
    if known is not None:
        return known
    on_sqlite = current_database().is_sqlite
    insert: Any = sqlite.insert if on_sqlite else postgresql.insert
    made: int | None = session.scalar(
        insert(RoutingCircle)
        .values(digest=digest, made_at=clock.now())
        .on_conflict_do_nothing(index_elements=["digest"])
        .returning(RoutingCircle.id)
    )
    if made is None:
        return session.scalars(sa.select(RoutingCircle.id).where(RoutingCircle.digest == digest)).one()
    each: Any
    if on_sqlite:
        each = sa.select(sa.func.json_each(json.dumps(partner_ids)).table_valued("value").c.value)
    else:
        each = sa.select(sa.func.unnest(sa.literal(partner_ids, postgresql.ARRAY(sa.BigInteger))))
    members = each.add_columns(sa.literal(made, sa.BigInteger))
    session.execute(sa.insert(CircleMember).from_select(["partner_id", "circle_id"], members))
    return made
