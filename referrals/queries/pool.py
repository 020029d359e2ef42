"""The pool: which leads lie in it, and who may claim them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Permission
from core import clock
from partners.models import Partner, PartnerStatus
from partners.queries import partner_of
from referrals.models.leads import Lead, LeadStatus
from referrals.models.routing import CircleMember, RoutingCandidate, RoutingDecision


def _latest_decision() -> sa.ScalarSelect[int]:
    """The number of the latest routing of the lead that is asked about."""
    return (
        sa.select(sa.func.max(RoutingDecision.id))
        .where(RoutingDecision.lead_id == Lead.id)
        .correlate(Lead)
        .scalar_subquery()
    )


def _chose(whom: Callable[[Any], sa.ColumnElement[bool]]) -> sa.ColumnElement[bool]:
    """The latest routing of the lead chose a partner for whose number ``whom`` holds: by name, or in its circle."""
    by_name = sa.exists().where(
        RoutingCandidate.decision_id == _latest_decision(),
        RoutingCandidate.chosen,
        whom(RoutingCandidate.partner_id),
    )
    in_circle = sa.exists().where(
        RoutingDecision.id == _latest_decision(),
        CircleMember.circle_id == RoutingDecision.circle_id,
        whom(CircleMember.partner_id),
    )
    return sa.or_(by_name.correlate(Lead), in_circle.correlate(Lead))


def was_chosen(partner_id: int) -> sa.ColumnElement[bool]:
    """The latest routing of the lead chose this partner."""
    return _chose(lambda number: number == partner_id)


def may_claim(partner_id: int) -> sa.ColumnElement[bool]:
    """The lead is in the pool, and its latest routing let this partner in."""
    return sa.and_(Lead.status == LeadStatus.AVAILABLE, was_chosen(partner_id))


def pool_visible_to(user: User) -> sa.Select[Lead]:
    """What the user's firm may claim from the pool.

    Customers who asked to be called first, then those who are most active in the vendor's product, then the oldest.
    """
    firm = partner_of(user)
    if firm is None or not user.may(Permission.LEADS_READ):
        return sa.select(Lead).where(sa.false())
    return (
        sa.select(Lead)
        .where(may_claim(firm.id))
        .order_by(Lead.call_at.is_(None), Lead.warmth.desc(), Lead.id)
    )


def leads_lying_in_the_pool(days: int) -> sa.Select[Lead]:
    """Leads of the pool that nobody claimed for so many days, or that nobody may claim any more."""
    may_claim = _chose(lambda number: sa.and_(Partner.id == number, Partner.status == PartnerStatus.ACTIVE))
    too_long = Lead.last_activity_at <= clock.now() - timedelta(days=days)
    return (
        sa.select(Lead)
        .where(Lead.status == LeadStatus.AVAILABLE, sa.or_(too_long, sa.not_(may_claim)))
        .order_by(Lead.id)
    )
