"""Every question about leads, asked for whoever may see the answer."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from accounts.models import User
from accounts.permissions import Permission
from core import clock
from core.activity import Activity
from core.database import session
from partners.models import Partner
from partners.queries import partner_of
from referrals.models.leads import HELD, OPEN, Lead, LeadContact, LeadStatus
from referrals.models.routing import (
    ClaimWay,
    LeadClaim,
    Offer,
    OfferStatus,
    PolicyStatus,
    RoutingCandidate,
    RoutingDecision,
    RoutingPolicy,
)


def _latest_decision() -> sa.ScalarSelect[int]:
    """The number of the latest routing of the lead that is asked about."""
    return (
        sa.select(sa.func.max(RoutingDecision.id))
        .where(RoutingDecision.lead_id == Lead.id)
        .correlate(Lead)
        .scalar_subquery()
    )


def _was_chosen(partner_id: int) -> sa.ColumnElement[bool]:
    """The latest routing of the lead chose this partner."""
    return (
        sa.exists()
        .where(
            RoutingCandidate.decision_id == _latest_decision(),
            RoutingCandidate.partner_id == partner_id,
            RoutingCandidate.chosen,
        )
        .correlate(Lead)
    )


def _may_claim(partner_id: int) -> sa.ColumnElement[bool]:
    """The lead is in the pool, and its latest routing let this partner in."""
    return sa.and_(Lead.status == LeadStatus.AVAILABLE, _was_chosen(partner_id))


def _is_offered_to(partner_id: int) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        Offer.lead_id == Lead.id, Offer.partner_id == partner_id, Offer.status == OfferStatus.OFFERED
    )


def leads_visible_to(user: User) -> sa.Select[Lead]:
    """Staff and the vendor's machines: all. A partner: what it holds or held last, is offered, or may claim."""
    leads = sa.select(Lead)
    if not user.may(Permission.LEADS_READ):
        return leads.where(sa.false())
    if user.is_staff:
        return leads
    firm = partner_of(user)
    if firm is not None:
        return leads.where(sa.or_(Lead.partner_id == firm.id, _is_offered_to(firm.id), _may_claim(firm.id)))
    return leads if user.is_machine else leads.where(sa.false())


def leads_shown_to(user: User) -> sa.Select[Lead]:
    """Also the leads of the pool that a partner was shown and somebody else took: to be told so in a sentence."""
    firm = None if user.is_staff else partner_of(user)
    if firm is None or not user.may(Permission.LEADS_CLAIM):
        return leads_visible_to(user)
    return sa.select(Lead).where(
        sa.or_(Lead.partner_id == firm.id, _is_offered_to(firm.id), _was_chosen(firm.id))
    )


def leads_ever_shown_to(user: User) -> sa.Select[Lead]:
    """Also the leads that were once offered to a partner, whatever became of them: to be told what did."""
    firm = None if user.is_staff else partner_of(user)
    if firm is None or not user.may(Permission.LEADS_CLAIM):
        return leads_visible_to(user)
    return sa.select(Lead).where(sa.exists().where(Offer.lead_id == Lead.id, Offer.partner_id == firm.id))


def last_offer(lead: Lead, partner: Partner) -> Offer | None:
    """The latest offer of ``lead`` to ``partner``, answered or not."""
    return session.scalar(
        sa.select(Offer)
        .where(Offer.lead_id == lead.id, Offer.partner_id == partner.id)
        .order_by(Offer.id.desc())
        .limit(1)
    )


def may_see_contact(user: User, lead: Lead) -> bool:
    """Name, e-mail, phone: the vendor, and the partner who holds the lead (or won or lost it)."""
    firm = None if user.is_staff else partner_of(user)
    if firm is None:
        return user.is_staff or user.is_machine
    return lead.partner_id == firm.id


def held_leads_visible_to(user: User) -> sa.Select[Lead]:
    """The leads that the user's firm holds now, the nearest clock first."""
    return (
        leads_visible_to(user)
        .where(Lead.status.in_(HELD), _is_own(user))
        .order_by(sa.func.coalesce(Lead.contact_due_at, Lead.last_activity_at), Lead.id)
    )


def past_leads_visible_to(user: User) -> sa.Select[Lead]:
    """What the user's firm won or lost, latest first."""
    return leads_visible_to(user).where(Lead.status.not_in(OPEN), _is_own(user)).order_by(Lead.id.desc())


def _is_own(user: User) -> sa.ColumnElement[bool]:
    firm = partner_of(user)
    return Lead.partner_id == firm.id if firm is not None else sa.false()


def pool_visible_to(user: User) -> sa.Select[Lead]:
    """What the user's firm may claim from the pool, oldest first."""
    firm = partner_of(user)
    if firm is None or not user.may(Permission.LEADS_READ):
        return sa.select(Lead).where(sa.false())
    return sa.select(Lead).where(_may_claim(firm.id)).order_by(Lead.id)


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
    """Offers that wait for an answer, the nearest clock first."""
    return offers_visible_to(user).where(Offer.status == OfferStatus.OFFERED).order_by(Offer.due_at, Offer.id)


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
    """How many offers lapsed since the lead was last given back or sorted."""
    return int(
        session.scalar(
            sa.select(sa.func.count()).where(Offer.lead_id == lead.id, Offer.status == OfferStatus.LAPSED)
        )
        or 0
    )


def active_claim(lead: Lead) -> LeadClaim | None:
    """Who holds the lead since when."""
    return session.scalar(
        sa.select(LeadClaim)
        .where(LeadClaim.lead_id == lead.id, LeadClaim.ended_at.is_(None))
        .options(joinedload(LeadClaim.partner), joinedload(LeadClaim.claimed_by))
    )


def claims_of(lead: Lead) -> Sequence[LeadClaim]:
    """Everybody who ever held the lead."""
    return session.scalars(
        sa.select(LeadClaim)
        .where(LeadClaim.lead_id == lead.id)
        .options(joinedload(LeadClaim.partner))
        .order_by(LeadClaim.id)
    ).all()


def contacts_of(lead: Lead, *, partner_id: int | None = None) -> Sequence[LeadContact]:
    """Calls, mails, meetings, notes, latest first; with ``partner_id`` only that partner's."""
    contacts = (
        sa.select(LeadContact).where(LeadContact.lead_id == lead.id).options(joinedload(LeadContact.user))
    )
    if partner_id is not None:
        contacts = contacts.where(LeadContact.partner_id == partner_id)
    return session.scalars(contacts.order_by(LeadContact.id.desc())).all()


def duplicates_of(lead: Lead) -> Sequence[Lead]:
    """The leads that came in again and point to this one."""
    return session.scalars(
        sa.select(Lead).where(Lead.duplicate_of_id == lead.id).order_by(Lead.id.desc()).limit(20)
    ).all()


def leads_by_number(ids: Iterable[int]) -> Sequence[Lead]:
    """The leads with these numbers, oldest first; for staff."""
    wanted = sorted(set(ids))[:20]
    return (
        session.scalars(sa.select(Lead).where(Lead.id.in_(wanted)).order_by(Lead.id)).all() if wanted else []
    )


def activity_of(lead: Lead) -> Sequence[Activity]:
    """What happened to the lead and its offers, latest first; staff only."""
    offers = sa.select(Offer.id).where(Offer.lead_id == lead.id)
    return session.scalars(
        sa.select(Activity)
        .where(
            sa.or_(
                sa.and_(Activity.subject_type == "lead", Activity.subject_id == lead.id),
                sa.and_(Activity.subject_type == "offer", Activity.subject_id.in_(offers)),
            )
        )
        .order_by(Activity.id.desc())
        .limit(200)
    ).all()


# Lists for staff


@dataclass(frozen=True)
class LeadFilter:
    """What a list is narrowed to; empty says nothing."""

    text: str = ""
    status: str = ""
    origin: str = ""
    country: str = ""
    source: str = ""
    partner_id: int | None = None


def leads_matching(leads: sa.Select[Lead], wanted: LeadFilter) -> sa.Select[Lead]:
    """``leads`` narrowed, newest first. ``status`` may be ``open`` for all that something can come of."""
    if wanted.status == "open":
        leads = leads.where(Lead.status.in_(OPEN))
    elif wanted.status in set(LeadStatus):
        leads = leads.where(Lead.status == LeadStatus(wanted.status))
    if wanted.origin:
        leads = leads.where(Lead.origin == wanted.origin)
    if wanted.country:
        leads = leads.where(Lead.country == wanted.country)
    if wanted.source:
        leads = leads.where(Lead.source == wanted.source)
    if wanted.partner_id is not None:
        leads = leads.where(Lead.partner_id == wanted.partner_id)
    if wanted.text:
        text = wanted.text.strip().lower()
        for sign in ("\\", "%", "_"):
            text = text.replace(sign, f"\\{sign}")
        like = f"%{text}%"
        leads = leads.where(
            sa.or_(
                *(
                    sa.func.lower(column).like(like, escape="\\")
                    for column in (Lead.company, Lead.email, Lead.person, Lead.city)
                )
            )
        )
    return leads.order_by(Lead.id.desc())


def triage_visible_to(user: User) -> sa.Select[Lead]:
    """Leads that wait for a person's decision, oldest first."""
    return leads_visible_to(user).where(Lead.status == LeadStatus.TRIAGE).order_by(Lead.id)


def count(query: sa.Select[Any]) -> int:
    """How many rows a list has."""
    return int(session.scalar(sa.select(sa.func.count()).select_from(query.order_by(None).subquery())) or 0)


def status_counts() -> dict[str, int]:
    """How many leads there are in each state."""
    rows = session.execute(sa.select(Lead.status, sa.func.count()).group_by(Lead.status))
    return {str(status): int(number) for status, number in rows}


def sources_of_leads() -> list[str]:
    """What callers said the source was, for a filter."""
    return list(
        session.scalars(
            sa.select(Lead.source).where(Lead.source.is_not(None)).distinct().order_by(Lead.source).limit(30)
        )
    )


def countries_of_leads() -> list[str]:
    """The countries of leads, for a filter."""
    return list(session.scalars(sa.select(Lead.country).where(Lead.country.is_not(None)).distinct()))


# Routing


def published_policy(code: str = "standard") -> RoutingPolicy | None:
    """The version that routes now."""
    return session.scalar(
        sa.select(RoutingPolicy).where(
            RoutingPolicy.code == code, RoutingPolicy.status == PolicyStatus.PUBLISHED
        )
    )


def policies() -> sa.Select[RoutingPolicy]:
    """Every version, latest first."""
    return sa.select(RoutingPolicy).order_by(RoutingPolicy.version.desc())


def latest_decision(lead: Lead) -> RoutingDecision | None:
    """How the lead was last routed."""
    return session.scalar(
        sa.select(RoutingDecision)
        .where(RoutingDecision.lead_id == lead.id)
        .order_by(RoutingDecision.id.desc())
        .limit(1)
    )


def decisions_of(lead: Lead) -> Sequence[RoutingDecision]:
    """Every routing of the lead, latest first."""
    return session.scalars(
        sa.select(RoutingDecision)
        .where(RoutingDecision.lead_id == lead.id)
        .order_by(RoutingDecision.id.desc())
    ).all()


def candidates_of(decision: RoutingDecision) -> Sequence[RoutingCandidate]:
    """Who was scored, in the order of their rank, with the partner at hand."""
    return session.scalars(
        sa.select(RoutingCandidate)
        .where(RoutingCandidate.decision_id == decision.id)
        .options(joinedload(RoutingCandidate.partner))
        .order_by(RoutingCandidate.rank)
    ).all()


def best_candidate(decision: RoutingDecision) -> RoutingCandidate | None:
    """Who came first."""
    return session.scalar(
        sa.select(RoutingCandidate).where(
            RoutingCandidate.decision_id == decision.id, RoutingCandidate.rank == 1
        )
    )


def candidate_count(decision: RoutingDecision) -> int:
    """How many were scored."""
    return count(sa.select(RoutingCandidate.id).where(RoutingCandidate.decision_id == decision.id))


def own_candidate(decision: RoutingDecision, partner: Partner) -> RoutingCandidate | None:
    """The partner's own row of a decision; ``None`` when it was filtered out."""
    return session.scalar(
        sa.select(RoutingCandidate).where(
            RoutingCandidate.decision_id == decision.id, RoutingCandidate.partner_id == partner.id
        )
    )


def partner_names(ids: Iterable[int]) -> dict[int, str]:
    """Names by id, in one query."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    rows = session.execute(sa.select(Partner.id, Partner.name).where(Partner.id.in_(wanted))).all()
    return {row.id: row.name for row in rows}


# Figures about partners, one query each, for all partners at once


@dataclass(frozen=True)
class OfferFigures:
    """What became of a partner's offers lately."""

    offered: int
    accepted: int


def offer_figures(since: datetime) -> dict[int, OfferFigures]:
    """Answered or lapsed offers since then, by partner; a declined one with a reason counts as answered."""
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
    answered = (
        sa.select(
            Offer.partner_id,
            Offer.answer_hours,
            sa.func.row_number()
            .over(partition_by=Offer.partner_id, order_by=Offer.answer_hours)
            .label("place"),
            sa.func.count().over(partition_by=Offer.partner_id).label("number"),
        )
        .where(Offer.offered_at >= since, Offer.answer_hours.is_not(None))
        .subquery()
    )
    middle = answered.c.place * 2
    rows = session.execute(
        sa.select(answered.c.partner_id, sa.func.avg(answered.c.answer_hours))
        .where(middle >= answered.c.number, middle <= answered.c.number + 2)
        .group_by(answered.c.partner_id)
    )
    return {partner_id: float(hours) for partner_id, hours in rows}


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


def held_count(partner: Partner) -> int:
    """How many leads the partner holds now."""
    return int(
        session.scalar(sa.select(sa.func.count()).where(Lead.partner_id == partner.id, Lead.status.in_(HELD)))
        or 0
    )


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
        .where(LeadClaim.claimed_at >= since, LeadClaim.way == ClaimWay.POOL)
        .group_by(LeadClaim.partner_id)
    )
    for partner_id, number in claimed:
        counts[partner_id] = counts.get(partner_id, 0) + int(number)
    return counts


def answers_to(lead: Lead) -> tuple[set[int], set[int]]:
    """Who declined this lead or gave it back, and who let it lapse or lie."""
    declined: set[int] = set()
    lapsed: set[int] = set()
    for partner_id, status in session.execute(
        sa.select(Offer.partner_id, Offer.status).where(
            Offer.lead_id == lead.id, Offer.status.in_((OfferStatus.DECLINED, OfferStatus.LAPSED))
        )
    ):
        (declined if status is OfferStatus.DECLINED else lapsed).add(partner_id)
    for partner_id, reason in session.execute(
        sa.select(LeadClaim.partner_id, LeadClaim.end_reason).where(
            LeadClaim.lead_id == lead.id,
            LeadClaim.ended_at.is_not(None),
            LeadClaim.end_reason != "reassigned",
        )
    ):
        (lapsed if reason in {"no_activity", "protection_ran_out"} else declined).add(partner_id)
    return declined, lapsed


def partners_who_answered(partner_ids: Collection[int]) -> set[int]:
    """Of these firms, those that accepted, declined or claimed a lead at least once."""
    answered = sa.select(Offer.partner_id).where(
        Offer.partner_id.in_(partner_ids), Offer.status.in_((OfferStatus.ACCEPTED, OfferStatus.DECLINED))
    )
    claimed = sa.select(LeadClaim.partner_id).where(LeadClaim.partner_id.in_(partner_ids))
    return set(session.scalars(answered.union(claimed)))


@dataclass(frozen=True)
class LeadFigures:
    """A partner's last 90 days: leads received, those it took, those won, and its median answer."""

    received: int
    taken: int
    won: int
    median_hours: float | None


def lead_figures(partner: Partner) -> LeadFigures:
    """For the home page of a partner."""
    since = clock.now() - timedelta(days=90)
    claims = sa.select(sa.func.count()).where(
        LeadClaim.partner_id == partner.id, LeadClaim.claimed_at >= since
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
    return LeadFigures(
        received=int(offered or 0) + int(from_pool),
        taken=int(taken),
        won=int(won or 0),
        median_hours=median(hours) if hours else None,
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


# What is due


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


def idle_leads(days: int) -> sa.Select[Lead]:
    """Leads that a partner holds and has not touched for so many days."""
    return (
        sa.select(Lead)
        .where(Lead.status.in_(HELD), Lead.last_activity_at <= clock.now() - timedelta(days=days))
        .order_by(Lead.id)
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
