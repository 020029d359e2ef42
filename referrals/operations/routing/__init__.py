"""Which partner gets a lead: the policy, the facts, the decision and its table, and what follows from it."""

from referrals.operations.routing.deciding import decide, policy_for
from referrals.operations.routing.facts import facts_for_scores, lead_facts, network_facts
from referrals.operations.routing.leading import (
    assign_lead,
    put_into_pool,
    route_lead,
    route_of_a_file,
    send_to_triage,
)
from referrals.operations.routing.overrides import overrides_for
from referrals.operations.routing.policies import (
    Queue,
    draft_policy,
    policy_in_force,
    publish_draft,
    publish_policy,
    read_policy,
)
from referrals.operations.routing.tables import OwnPlace, left_out_by_reason, place_of, ranking_of, rows_of

__all__ = [
    "OwnPlace",
    "Queue",
    "assign_lead",
    "decide",
    "draft_policy",
    "facts_for_scores",
    "lead_facts",
    "left_out_by_reason",
    "network_facts",
    "overrides_for",
    "place_of",
    "policy_for",
    "policy_in_force",
    "publish_draft",
    "publish_policy",
    "put_into_pool",
    "ranking_of",
    "read_policy",
    "route_lead",
    "route_of_a_file",
    "rows_of",
    "send_to_triage",
]
