"""Figures of leads: what routing scores firms by, one statement for all of them, and what home pages show."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

import sqlalchemy as sa

from core import clock
from core.bulk import among
from core.database import session
from partners.models import Partner
from referrals.models.deals import Deal, DealOrigin
from referrals.models.leads import HELD, Lead, LeadStatus
from referrals.models.routing import ClaimWay, LeadClaim, Offer, OfferStatus


@dataclass(frozen=True)
class OfferFigures:
    """What became of a partner's offers lately."""

    offered: int
    accepted: int


def offer_figures(since: datetime) -> dict[int, OfferFigures]:
    """Offers since then that were accepted, declined or lapsed, by partner, and how many of them were accepted."""
    rows = session.execute(
        sa.select(
            Offer.partner_id,
            sa.func.count(),
            sa.func.sum(sa.case((Offer.status == OfferStatus.ACCEPTED, 1), else_=0)),
        )
        .where(
            Offer.offered_at >= since,
            Offer.status.in_((OfferStatus.ACCEPTED, OfferStatus.DECLINED, OfferStatus.LAPSED)),
        )
        .group_by(Offer.partner_id)
    )
    return {partner_id: OfferFigures(int(offered), int(accepted)) for partner_id, offered, accepted in rows}


def median_answers(since: datetime) -> dict[int, float]:
    """The median working hours to an answer since then, by partner."""
    medians = medians_of_answers(Offer.offered_at >= since)
    rows = session.execute(sa.select(medians.c.partner_id, medians.c.hours))
    return {partner_id: float(hours) for partner_id, hours in rows}


def medians_of_answers(*wanted: sa.ColumnElement[bool]) -> sa.Subquery:
    """``partner_id``, the median working ``hours`` to an answer, and the ``number`` of the ``wanted`` offers."""
    answered = (
        sa.select(
            Offer.partner_id,
            Offer.answer_hours,
            sa.func.row_number()
            .over(partition_by=Offer.partner_id, order_by=Offer.answer_hours)
            .label("place"),
            sa.func.count().over(partition_by=Offer.partner_id).label("number"),
        )
        .where(Offer.answer_hours.is_not(None), *wanted)
        .subquery()
    )
    middle = answered.c.place * 2
    return (
        sa.select(
            answered.c.partner_id,
            sa.func.avg(answered.c.answer_hours).label("hours"),
            sa.func.max(answered.c.number).label("number"),
        )
        .where(middle >= answered.c.number, middle <= answered.c.number + 2)
        .group_by(answered.c.partner_id)
        .subquery()
    )


def open_lead_counts() -> dict[int, int]:
    """How many leads each partner holds or is being asked about."""
    held = session.execute(
        sa.select(Lead.partner_id, sa.func.count())
        .where(Lead.status.in_(HELD), Lead.partner_id.is_not(None))
        .group_by(Lead.partner_id)
    )
    counts = {int(partner_id): int(number) for partner_id, number in held if partner_id is not None}
    asked = session.execute(
        sa.select(Offer.partner_id, sa.func.count())
        .where(Offer.status == OfferStatus.OFFERED)
        .group_by(Offer.partner_id)
    )
    for partner_id, number in asked:
        counts[partner_id] = counts.get(partner_id, 0) + int(number)
    return counts


def first_received(lead_ids: Collection[int]) -> Sequence[int]:
    """For each of these leads that was offered, or taken from the pool: the partner who was first."""
    offers = sa.select(Offer.lead_id, Offer.partner_id, Offer.offered_at.label("at")).where(
        among(Offer.lead_id, lead_ids)
    )
    claims = sa.select(LeadClaim.lead_id, LeadClaim.partner_id, LeadClaim.claimed_at.label("at")).where(
        among(LeadClaim.lead_id, lead_ids), LeadClaim.way == ClaimWay.POOL
    )
    rows = session.execute(offers.union_all(claims)).all()
    first: dict[int, tuple[datetime, int]] = {}
    for lead_id, partner_id, at in rows:
        if lead_id not in first or at < first[lead_id][0]:
            first[lead_id] = (at, partner_id)
    return [partner_id for _at, partner_id in first.values()]


def received_counts(since: datetime) -> dict[int, int]:
    """How many leads each partner was offered, or took from the pool, since then."""
    offered = session.execute(
        sa.select(Offer.partner_id, sa.func.count())
        .where(Offer.offered_at >= since)
        .group_by(Offer.partner_id)
    )
    counts = {partner_id: int(number) for partner_id, number in offered}
    claimed = session.execute(
        sa.select(LeadClaim.partner_id, sa.func.count())
        .where(LeadClaim.claimed_at >= since, LeadClaim.way == ClaimWay.POOL, LeadClaim.was_meant())
        .group_by(LeadClaim.partner_id)
    )
    for partner_id, number in claimed:
        counts[partner_id] = counts.get(partner_id, 0) + int(number)
    return counts


def received_in_all(since: datetime | sa.BindParameter[datetime]) -> sa.ColumnElement[int]:
    """A column: how many leads all partners together were offered, or took from the pool, since then."""
    offered = sa.select(sa.func.count()).select_from(Offer).where(Offer.offered_at >= since)
    claimed = (
        sa.select(sa.func.count())
        .select_from(LeadClaim)
        .where(LeadClaim.claimed_at >= since, LeadClaim.way == ClaimWay.POOL, LeadClaim.was_meant())
    )
    return offered.scalar_subquery() + claimed.scalar_subquery()


def from_leads() -> sa.ColumnElement[int]:
    """How many deals of a query began with a lead of the vendor; ``None`` of no deals."""
    return sa.func.sum(sa.case((Deal.origin == DealOrigin.ROUTED, 1), else_=0))


@dataclass(frozen=True)
class LeadFigures:
    """A partner's last 90 days: leads received, those it took, those won, its median answer, its deals.

    ``from_vendor`` of the ``deals`` began with a lead of the vendor.
    """

    received: int
    taken: int
    won: int
    median_hours: float | None
    deals: int
    from_vendor: int


def lead_figures(partner: Partner) -> LeadFigures:
    """For the home page of a partner."""
    since = clock.now() - timedelta(days=90)
    claims = sa.select(sa.func.count()).where(
        LeadClaim.partner_id == partner.id, LeadClaim.claimed_at >= since, LeadClaim.was_meant()
    )
    taken = session.scalar(claims) or 0
    from_pool = session.scalar(claims.where(LeadClaim.way == ClaimWay.POOL)) or 0
    offered = session.scalar(
        sa.select(sa.func.count()).where(Offer.partner_id == partner.id, Offer.offered_at >= since)
    )
    won = session.scalar(
        sa.select(sa.func.count()).where(
            Lead.partner_id == partner.id, Lead.status == LeadStatus.WON, Lead.closed_at >= since
        )
    )
    answers = session.scalars(
        sa.select(Offer.answer_hours)
        .where(Offer.partner_id == partner.id, Offer.offered_at >= since, Offer.answer_hours.is_not(None))
        .limit(1000)
    )
    hours = [answer for answer in answers if answer is not None]
    deals, from_vendor = session.execute(
        sa.select(sa.func.count(), from_leads()).where(
            Deal.partner_id == partner.id, Deal.created_at >= since
        )
    ).one()
    return LeadFigures(
        received=int(offered or 0) + int(from_pool),
        taken=int(taken),
        won=int(won or 0),
        median_hours=median(hours) if hours else None,
        deals=int(deals),
        from_vendor=int(from_vendor or 0),
    )


@dataclass(frozen=True)
class NetworkFigures:
    """The vendor's last 30 days of leads."""

    received: int
    with_partner: int
    won: int


def network_figures() -> NetworkFigures:
    """For the home page of the vendor's people: what came in, and how much of it has a partner."""
    since = clock.now() - timedelta(days=30)
    rows = session.execute(
        sa.select(Lead.status, sa.func.count())
        .where(Lead.received_at >= since, Lead.status.not_in((LeadStatus.SPAM, LeadStatus.DUPLICATE)))
        .group_by(Lead.status)
    )
    counts = {status: int(number) for status, number in rows}
    placed = HELD | {LeadStatus.WON, LeadStatus.LOST}
    return NetworkFigures(
        received=sum(counts.values()),
        with_partner=sum(number for status, number in counts.items() if status in placed),
        won=counts.get(LeadStatus.WON, 0),
    )


def decided_leads() -> dict[int, tuple[int, int]]:
    """Won leads and decided leads by partner."""
    rows = session.execute(
        sa.select(
            Lead.partner_id,
            sa.func.count(),
            sa.func.sum(sa.case((Lead.status == LeadStatus.WON, 1), else_=0)),
        )
        .where(Lead.status.in_((LeadStatus.WON, LeadStatus.LOST)), Lead.partner_id.is_not(None))
        .group_by(Lead.partner_id)
    )
    return {
        int(partner_id): (int(won), int(number)) for partner_id, number, won in rows if partner_id is not None
    }
