"""Decides about a lead and keeps the decision, without doing anything about it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from core import clock
from core.database import JSONDocument, current_database, session
from partners.queries import tiers_by_code
from referrals.models.leads import Lead
from referrals.models.routing import RoutingCandidate, RoutingDecision, RoutingPolicy
from referrals.operations.routing.facts import facts_for_scores, lead_facts, sort_network
from referrals.operations.routing.overrides import overrides_for
from referrals.operations.routing.policies import Queue, read_policy
from referrals.operations.routing.tables import filtered_json, reasons, table_text
from referrals.queries.candidates import Sorted, planned_anew
from referrals.routing import Decision, Mode, Policy, Row, choose, score_of


@dataclass(frozen=True)
class Decided:
    """What the policy says, and the whole network sorted by its filters."""

    decision: Decision
    network: Sorted

    @property
    def chosen(self) -> list[int]:
        return [int(partner_id) for partner_id in self.decision.chosen]


def policy_for(lead: Lead, policy: Policy, queues: tuple[Queue, ...], mode: Mode | None = None) -> Policy:
    """The policy as it holds for this lead: its queue may say another mode, and ``mode`` overrules both."""
    queue = next((queue for queue in queues if queue.takes(lead)), None)
    if queue is not None:
        policy = replace(policy, mode=queue.mode, k=queue.k)
    return policy if mode is None else replace(policy, mode=mode)


def decide(lead: Lead, row: RoutingPolicy, *, seed: int, mode: Mode | None = None) -> Decided:
    """What the policy says about the lead now. ``mode`` overrules the policy's."""
    policy = policy_for(lead, *read_policy(row), mode=mode)
    session.flush()
    # From here on everything is only read.
    with session.no_autoflush:
        overrides = [] if mode is Mode.POOL else overrides_for(lead)
        facts, ladder = lead_facts(lead), tiers_by_code()
        with planned_anew():
            network = sort_network(lead, facts, policy, ladder)
            failures = network.failures_of([int(override.partner_id) for override in overrides])
            candidates = facts_for_scores(facts, network, ladder, besides=failures)
    said = {str(partner_id): failed for partner_id, failed in failures.items()}
    return Decided(choose(facts, candidates, said, policy, seed, overrides), network)


def keep_decision(lead: Lead, row: RoutingPolicy, decided: Decided) -> RoutingDecision:
    """Writes the decision down with everybody who was considered."""
    decision = decided.decision
    ranked = decision.ranked
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
    )
    session.add(kept)
    session.flush()
    _keep_chosen(kept, [row for row in ranked if row.chosen])
    return kept


def _keep_chosen(kept: RoutingDecision, rows: Sequence[Row]) -> None:
    """Who may see the lead, each in a row of its own; into a pool these are thousands, in one statement."""
    if not rows:
        return
    # Everybody was asked for the same factors.
    weight = sum(scored.weight for scored in rows[0].factors)
    written = [(int(row.partner_id), row.points, score_of(row.points or 0, weight), row.rank) for row in rows]
    unpack = sa.func.json_each if current_database().is_sqlite else sa.func.jsonb_array_elements
    listed = unpack(sa.literal(written, JSONDocument())).table_valued(sa.column("value", JSONDocument()))
    kinds = (sa.BigInteger, sa.BigInteger, sa.Float, sa.BigInteger)
    figures: list[Any] = [
        sa.cast(listed.c.value[place].as_string(), kind) for place, kind in enumerate(kinds)
    ]
    partner_id, points, score, rank = figures
    nothing = sa.literal([], JSONDocument())
    session.execute(
        sa.insert(RoutingCandidate).from_select(
            ["decision_id", "partner_id", "points", "score", "factors", "waived", "rank", "chosen"],
            sa.select(
                sa.literal(kept.id, sa.BigInteger),
                partner_id,
                points,
                score,
                nothing,
                nothing,
                rank,
                sa.true(),
            ),
        )
    )
