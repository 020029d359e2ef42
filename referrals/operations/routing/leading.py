"""Gives a lead its partner: decides, keeps the decision, and carries it out; or does what a manager says."""

import sqlalchemy as sa

from core.activity import Actor
from core.database import session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.signals import announce
from partners.models import Partner
from referrals.models.leads import Lead, LeadStatus
from referrals.models.routing import RoutingDecision, RoutingPolicy
from referrals.operations.offering import make_offers
from referrals.operations.routing.deciding import Decided, decide, keep_decision
from referrals.operations.routing.policies import policy_in_force
from referrals.operations.routing.seeds import fresh_seed
from referrals.queries.decisions import chosen_by
from referrals.queries.names import Names
from referrals.queries.opportunities import OWN_OPPORTUNITY
from referrals.routing import Mode, OverrideKind, reason_sentence
from referrals.signals.leads import LeadAssigned, LeadRouted, LeadWentToTriage


def route_lead(
    lead: Lead,
    *,
    by: Actor | None,
    seed: int | None = None,
    mode: Mode | None = None,
    is_by_hand: bool = False,
) -> RoutingDecision:
    """Routes a qualified lead: offers it, puts it into the pool, or leaves it to the triage. Keeps the whole table.

    ``is_by_hand``: a manager wants it so, whoever may speak for it.
    """
    _refuse_unless_qualified(lead)
    row = policy_in_force()
    seed = fresh_seed() if seed is None else seed
    return _carry_out(lead, row, decide(lead, row, seed=seed, mode=mode, is_by_hand=is_by_hand), by=by)


def route_of_a_file(lead: Lead, *, by: Actor | None) -> bool:
    """Routes a lead whose turn it is in a file, unless it lacks nothing but a partner with room: then it waits."""
    _refuse_unless_qualified(lead)
    row = policy_in_force()
    decided = decide(lead, row, seed=fresh_seed(), is_of_a_file=True)
    if decided.lacks_only_room:
        return False
    _carry_out(lead, row, decided, by=by)
    return True


def _refuse_unless_qualified(lead: Lead) -> None:
    if lead.status is not LeadStatus.QUALIFIED:
        raise Refusal(_("Only a qualified lead is routed."))


def _carry_out(lead: Lead, row: RoutingPolicy, decided: Decided, *, by: Actor | None) -> RoutingDecision:
    kept = keep_decision(lead, row, decided)
    decision = decided.decision
    announce(LeadRouted(lead, by, policy=row.name, mode=decision.mode.value, eligible=len(decision.ranked)))
    chosen = decided.chosen
    if decision.is_the_vendors_own:
        send_to_triage(lead, OWN_OPPORTUNITY, by=by)
    elif not chosen:
        send_to_triage(lead, "nobody_with_room" if decided.lacks_only_room else "nobody_eligible", by=by)
    elif decision.mode is Mode.POOL:
        lead.become(LeadStatus.AVAILABLE)
    else:
        lead.become(LeadStatus.OFFERED)
        firms = {firm.id: firm for firm in session.scalars(sa.select(Partner).where(Partner.id.in_(chosen)))}
        make_offers(lead, [firms[partner_id] for partner_id in chosen], kept, by=by)
    return kept


def send_to_triage(lead: Lead, reason: str, *, by: Actor | None) -> None:
    """A person has to decide; the lead stands in the managers' list until then."""
    lead.reason = reason
    lead.become(LeadStatus.TRIAGE)
    announce(LeadWentToTriage(lead, by, reason=reason))


def assign_lead(lead: Lead, partner: Partner, *, reason: str, by: Actor | None) -> None:
    """A manager's choice: only this partner is asked now. Raises Refusal with what stands against it."""
    from referrals.operations.holding import free_lead

    if not reason.strip():
        raise InvalidInput({"reason": _("Say why, for whoever reads this later.")})
    free_lead(lead, reason="reassigned", by=by)
    lead.explicit_partner_id = partner.id
    decision = route_lead(lead, by=by)
    if partner.id not in chosen_by(decision):
        names = Names()
        against = [
            reason_sentence(entry["filter"], entry["params"], names)
            for result in decision.overrides
            if result["kind"] == OverrideKind.EXPLICIT
            for entry in result["stopped_by"]
        ]
        raise Refusal(" ".join([_("%(partner)s cannot get it.", partner=partner.name), *against]))
    announce(LeadAssigned(lead, by, to_partner_id=partner.id, reason=reason.strip()))


def put_into_pool(lead: Lead, *, by: Actor | None) -> None:
    """Every partner who passes the filters may claim it."""
    from referrals.operations.holding import free_lead

    free_lead(lead, reason="reassigned", by=by)
    lead.explicit_partner_id = None
    route_lead(lead, by=by, mode=Mode.POOL, is_by_hand=True)
