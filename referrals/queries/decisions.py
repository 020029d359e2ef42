"""How leads were routed: the policies, the decisions with their tables of candidates, and who said no before."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from core.database import session
from partners.models import Partner
from referrals.models.leads import Lead
from referrals.models.routing import (
    MISTAKE,
    CircleMember,
    LeadClaim,
    Offer,
    OfferStatus,
    PolicyReplay,
    PolicyStatus,
    RoutingCandidate,
    RoutingCircle,
    RoutingDecision,
    RoutingPolicy,
)


def published_policy(code: str = "standard") -> RoutingPolicy | None:
    """The version that routes now."""
    return session.scalar(_PUBLISHED, {"code": code})


_PUBLISHED = sa.select(RoutingPolicy).where(
    RoutingPolicy.code == sa.bindparam("code"), RoutingPolicy.status == PolicyStatus.PUBLISHED
)


def policies() -> sa.Select[RoutingPolicy]:
    """Every version, latest first."""
    return sa.select(RoutingPolicy).order_by(RoutingPolicy.version.desc())


def replays_of(policy: RoutingPolicy) -> Sequence[PolicyReplay]:
    """The replays of a draft, latest first."""
    return session.scalars(
        sa.select(PolicyReplay)
        .where(PolicyReplay.policy_id == policy.id)
        .order_by(PolicyReplay.id.desc())
        .limit(10)
    ).all()


def latest_decision(lead: Lead) -> RoutingDecision | None:
    """How the lead was last routed."""
    return session.scalar(
        sa.select(RoutingDecision)
        .where(RoutingDecision.lead_id == lead.id)
        .order_by(RoutingDecision.id.desc())
        .limit(1)
    )


def decisions_near(partner: Partner, since: datetime) -> sa.Select[RoutingDecision]:
    """How each lead was last routed since then that came from a country the partner serves, latest first.

    Only decisions since the partner is active: of those before it could not have been part.
    """
    countries = {code.partition("-")[0] for code in partner.regions} or {partner.country}
    begins = max(since, partner.activated_at or partner.created_at)
    later = sa.orm.aliased(RoutingDecision)
    was_last = ~sa.exists().where(later.lead_id == RoutingDecision.lead_id, later.id > RoutingDecision.id)
    return (
        sa.select(RoutingDecision)
        .join(RoutingDecision.lead)
        .options(contains_eager(RoutingDecision.lead))
        .where(RoutingDecision.made_at >= begins, Lead.country.in_(countries), was_last)
        .order_by(RoutingDecision.id.desc())
    )


def decisions_of(lead: Lead) -> Sequence[RoutingDecision]:
    """Every routing of the lead, latest first."""
    return session.scalars(
        sa.select(RoutingDecision)
        .where(RoutingDecision.lead_id == lead.id)
        .order_by(RoutingDecision.id.desc())
    ).all()


def candidates_of(decision: RoutingDecision) -> Sequence[RoutingCandidate]:
    """Who has a row of a decision, in the order of their rank, with the partner at hand."""
    return session.scalars(
        sa.select(RoutingCandidate)
        .where(RoutingCandidate.decision_id == decision.id)
        .options(joinedload(RoutingCandidate.partner))
        .order_by(RoutingCandidate.rank)
    ).all()


def chosen_by(decision: RoutingDecision) -> set[int]:
    """Whom a decision chose, to be asked or to claim it from the pool."""
    by_name = sa.select(RoutingCandidate.partner_id).where(
        RoutingCandidate.decision_id == decision.id, RoutingCandidate.chosen
    )
    in_circle = sa.select(CircleMember.partner_id).where(CircleMember.circle_id == decision.circle_id)
    return set(session.scalars(by_name.union_all(in_circle)))


def circle_with(digest: str) -> int | None:
    """The circle of partners with this digest."""
    return session.scalar(_CIRCLE, {"digest": digest})


_CIRCLE = sa.select(RoutingCircle.id).where(RoutingCircle.digest == sa.bindparam("digest"))


def answers_to(lead: Lead) -> tuple[set[int], set[int]]:
    """Who declined this lead or gave it back, and who let it lapse or lie."""
    declined: set[int] = set()
    lapsed: set[int] = set()
    offers = sa.select(Offer.partner_id, sa.cast(Offer.status, sa.Text).label("how")).where(
        Offer.lead_id == lead.id, Offer.status.in_((OfferStatus.DECLINED, OfferStatus.LAPSED))
    )
    claims = sa.select(LeadClaim.partner_id, LeadClaim.end_reason).where(
        LeadClaim.lead_id == lead.id,
        LeadClaim.ended_at.is_not(None),
        LeadClaim.end_reason.not_in(("reassigned", MISTAKE)),
    )
    for partner_id, how in session.execute(offers.union_all(claims)):
        (lapsed if how in {"lapsed", "no_activity", "protection_ran_out"} else declined).add(partner_id)
    return declined, lapsed
