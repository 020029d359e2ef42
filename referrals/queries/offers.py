"""Offers: who is being asked about which lead, who was, and whose time is over."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from accounts.models import User
from accounts.permissions import Permission
from core import clock
from core.database import session
from partners.models import Partner
from partners.queries import partner_of
from referrals.models.leads import Lead
from referrals.models.routing import Offer, OfferStatus


def is_offered_to(partner_id: int) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        Offer.lead_id == Lead.id, Offer.partner_id == partner_id, Offer.status == OfferStatus.OFFERED
    )


def last_offer(lead: Lead, partner: Partner) -> Offer | None:
    """The latest offer of ``lead`` to ``partner``, answered or not."""
    return session.scalar(
        sa.select(Offer)
        .where(Offer.lead_id == lead.id, Offer.partner_id == partner.id)
        .order_by(Offer.id.desc())
        .limit(1)
    )


def offers_visible_to(user: User) -> sa.Select[Offer]:
    """Staff: every offer. A partner: those made to it."""
    offers = sa.select(Offer).join(Offer.lead).options(contains_eager(Offer.lead))
    if not user.may(Permission.LEADS_READ):
        return offers.where(sa.false())
    if user.is_staff:
        return offers
    firm = partner_of(user)
    if firm is not None:
        return offers.where(Offer.partner_id == firm.id)
    return offers if user.is_machine else offers.where(sa.false())


def open_offers_visible_to(user: User) -> sa.Select[Offer]:
    """Offers that wait for an answer: customers who asked to be called first, then the nearest clock."""
    return (
        offers_visible_to(user)
        .where(Offer.status == OfferStatus.OFFERED)
        .order_by(Lead.call_at.is_(None), Offer.due_at, Offer.id)
    )


def open_offer(lead: Lead, partner: Partner) -> Offer | None:
    """The offer of ``lead`` that ``partner`` has not answered yet."""
    return session.scalar(
        sa.select(Offer).where(
            Offer.lead_id == lead.id, Offer.partner_id == partner.id, Offer.status == OfferStatus.OFFERED
        )
    )


def open_offers_of(lead: Lead) -> Sequence[Offer]:
    """Everybody who is being asked right now."""
    return session.scalars(
        sa.select(Offer)
        .where(Offer.lead_id == lead.id, Offer.status == OfferStatus.OFFERED)
        .options(joinedload(Offer.partner))
        .order_by(Offer.id)
    ).all()


def offers_of(lead: Lead) -> Sequence[Offer]:
    """Every offer of the lead, in order."""
    return session.scalars(
        sa.select(Offer).where(Offer.lead_id == lead.id).options(joinedload(Offer.partner)).order_by(Offer.id)
    ).all()


def lapses_of(lead: Lead) -> int:
    """How many offers of the lead have lapsed since it last began to look for a partner."""
    lapsed = sa.select(sa.func.count()).where(Offer.lead_id == lead.id, Offer.status == OfferStatus.LAPSED)
    if lead.round_began_at is not None:
        lapsed = lapsed.where(Offer.offered_at >= lead.round_began_at)
    return int(session.scalar(lapsed) or 0)


def lapsed_offers() -> sa.Select[Offer]:
    """Offers whose time is over and that nobody answered."""
    return (
        sa.select(Offer)
        .where(Offer.status == OfferStatus.OFFERED, Offer.due_at <= clock.now())
        .order_by(Offer.id)
    )


def offers_at_half_time() -> sa.Select[Offer]:
    """Offers with half of their time gone, not reminded of yet."""
    return (
        sa.select(Offer)
        .where(
            Offer.status == OfferStatus.OFFERED,
            Offer.remind_at.is_not(None),
            Offer.remind_at <= clock.now(),
            Offer.due_at > clock.now(),
        )
        .order_by(Offer.id)
    )


def open_offers_to(partner: Partner) -> sa.Select[Offer]:
    """What the partner is being asked."""
    return (
        sa.select(Offer)
        .where(Offer.partner_id == partner.id, Offer.status == OfferStatus.OFFERED)
        .order_by(Offer.id)
    )
