"""Leads: who may see which, the lists they stand in, and what is recorded about one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from math import cos, radians
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from accounts.models import User
from accounts.permissions import Permission
from core import clock
from core.activity import Activity
from core.database import session
from core.places import Coordinates
from partners.queries import partner_of
from referrals.models.leads import HELD, OPEN, Lead, LeadContact, LeadStatus
from referrals.models.routing import Offer
from referrals.queries.offers import is_offered_to
from referrals.queries.pool import may_claim, was_chosen


def leads_visible_to(user: User) -> sa.Select[Lead]:
    """Staff and the vendor's machines: all. A partner: what it holds or held last, is offered, or may claim."""
    leads = sa.select(Lead)
    if not user.may(Permission.LEADS_READ):
        return leads.where(sa.false())
    if user.is_staff:
        return leads
    firm = partner_of(user)
    if firm is not None:
        return leads.where(sa.or_(Lead.partner_id == firm.id, is_offered_to(firm.id), may_claim(firm.id)))
    return leads if user.is_machine else leads.where(sa.false())


def leads_shown_to(user: User) -> sa.Select[Lead]:
    """Also the leads of the pool that a partner was shown and somebody else took: to be told so in a sentence."""
    firm = None if user.is_staff else partner_of(user)
    if firm is None or not user.may(Permission.LEADS_CLAIM):
        return leads_visible_to(user)
    return sa.select(Lead).where(
        sa.or_(Lead.partner_id == firm.id, is_offered_to(firm.id), was_chosen(firm.id))
    )


def lead_shown_to(user: User, lead_id: int) -> Lead | None:
    """One of :func:`leads_shown_to`. Who races for a lead comes by here, so the statement is built once."""
    firm = None if user.is_staff else partner_of(user)
    if firm is None or not user.may(Permission.LEADS_CLAIM):
        return session.scalar(leads_visible_to(user).where(Lead.id == lead_id))
    return session.scalar(_shown_to_a_firm(), {"firm": firm.id, "lead": lead_id})


@cache
def _shown_to_a_firm() -> sa.Select[Lead]:
    firm: Any = sa.bindparam("firm", type_=sa.BigInteger())
    shown = sa.or_(Lead.partner_id == firm, is_offered_to(firm), was_chosen(firm))
    return sa.select(Lead).where(Lead.id == sa.bindparam("lead"), shown)


def leads_ever_shown_to(user: User) -> sa.Select[Lead]:
    """Also the leads that were once offered to a partner, whatever became of them: to be told what did."""
    firm = None if user.is_staff else partner_of(user)
    if firm is None or not user.may(Permission.LEADS_CLAIM):
        return leads_visible_to(user)
    return sa.select(Lead).where(sa.exists().where(Offer.lead_id == Lead.id, Offer.partner_id == firm.id))


def may_see_contact(user: User, lead: Lead) -> bool:
    """Name, e-mail, phone: the vendor, and the partner who holds the lead (or won or lost it)."""
    firm = None if user.is_staff else partner_of(user)
    if firm is None:
        return user.is_staff or user.is_machine
    return lead.partner_id == firm.id


def held_leads_visible_to(user: User) -> sa.Select[Lead]:
    """The leads that the user's firm holds now: customers who wait for a call first, then the nearest clock."""
    return (
        leads_visible_to(user)
        .where(Lead.status.in_(HELD), _is_own(user))
        .order_by(
            Lead.call_due_at.is_(None),
            sa.func.coalesce(Lead.call_due_at, Lead.contact_due_at, Lead.last_activity_at),
            Lead.id,
        )
    )


def past_leads_visible_to(user: User) -> sa.Select[Lead]:
    """What the user's firm won or lost, latest first."""
    return leads_visible_to(user).where(Lead.status.not_in(OPEN), _is_own(user)).order_by(Lead.id.desc())


def _is_own(user: User) -> sa.ColumnElement[bool]:
    firm = partner_of(user)
    return Lead.partner_id == firm.id if firm is not None else sa.false()


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


@dataclass(frozen=True)
class LeadFilter:
    """What a list is narrowed to; empty says nothing."""

    text: str = ""
    status: str = ""
    origin: str = ""
    country: str = ""
    source: str = ""
    partner_id: int | None = None
    import_id: int | None = None
    product: str = ""
    #: At most so many kilometres from a place.
    within: tuple[int, Coordinates] | None = None


def narrowed(rows: sa.Select[Any], wanted: LeadFilter) -> sa.Select[Any]:
    """A partner's list of leads, or of offers with their leads, narrowed by words, country, product and distance.

    Nothing is looked for that the partner may not read before it has the lead.
    """
    if wanted.country:
        rows = rows.where(Lead.country == wanted.country)
    if wanted.product:
        rows = rows.where(
            sa.cast(Lead.product_codes, sa.Text).contains(f'"{wanted.product}"', autoescape=True)
        )
    if wanted.text.strip():
        text = wanted.text.strip().lower()
        rows = rows.where(
            sa.or_(*(sa.func.lower(one).contains(text, autoescape=True) for one in (Lead.company, Lead.city)))
        )
    if wanted.within is not None:
        rows = rows.where(_is_within(*wanted.within))
    return rows


#: Of a degree of latitude.
_KILOMETRES = 111.2


def _is_within(most: int, place: Coordinates) -> sa.ColumnElement[bool]:
    """The lead is about so near, measured as on a flat map, which is right to some hundredths for hundreds of km.

    A database without trigonometry can answer it. A lead whose place is not known is not near.
    """
    latitude, longitude = place
    north = (Lead.latitude - latitude) * _KILOMETRES
    east = (Lead.longitude - longitude) * (_KILOMETRES * cos(radians(latitude)))
    return north * north + east * east <= most * most


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
    if wanted.import_id is not None:
        leads = leads.where(Lead.import_id == wanted.import_id)
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


def leads_to_ask_about(update_days: int, progress_days: int) -> sa.Select[Lead]:
    """Held leads without a word for ``update_days``, or not moved on after ``progress_days``; not asked lately."""
    now = clock.now()
    silent = Lead.last_activity_at <= now - timedelta(days=update_days)
    stuck = sa.and_(Lead.held_since <= now - timedelta(days=progress_days), Lead.status != LeadStatus.WORKING)
    asked_lately = Lead.reminded_at > now - timedelta(days=update_days)
    return (
        sa.select(Lead)
        .where(
            Lead.status.in_(HELD),
            sa.or_(silent, stuck),
            sa.or_(Lead.reminded_at.is_(None), sa.not_(asked_lately)),
        )
        .order_by(Lead.id)
    )


def idle_leads(days: int) -> sa.Select[Lead]:
    """Leads that a partner holds and has not touched for so many days."""
    return (
        sa.select(Lead)
        .where(
            Lead.status.in_(HELD),
            Lead.last_activity_at <= clock.now() - timedelta(days=days),
            sa.or_(Lead.extended_until.is_(None), Lead.extended_until <= clock.now()),
        )
        .order_by(Lead.id)
    )
