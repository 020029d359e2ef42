"""Every question about deals, asked for whoever may see the answer."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from accounts.models import User
from accounts.permissions import Permission
from core import clock
from core.database import session
from core.digits import number_in
from partners.models import Partner
from partners.queries import rows_visible_to
from referrals.models.deals import OPEN, UNDECIDED, Deal, DealKey, DealOrigin, DealStatus, Estimate


def deals_visible_to(user: User) -> sa.Select[Deal]:
    """A partner: its own. The vendor: everything that was handed in, never a draft."""
    visible = sa.select(Deal).where(rows_visible_to(user, Deal.partner_id, Permission.DEALS_READ))
    return visible.where(Deal.status != DealStatus.DRAFT) if user.is_staff else visible


def with_everything(deals: sa.Select[Deal]) -> sa.Select[Deal]:
    """The same deals with partner, owner, customer, and the versions of the estimate at hand, without their lines."""
    return deals.options(
        joinedload(Deal.partner),
        joinedload(Deal.owner),
        joinedload(Deal.customer),
        selectinload(Deal.estimates).joinedload(Estimate.created_by),
    )


#: A deal's number as people type it; its last part is the deal's own.
_NUMBER = re.compile(r"d-[0-9]{4}-([0-9]{1,18})")


@dataclass(frozen=True)
class DealFilter:
    """What a list is narrowed to; empty says nothing. ``state`` is a status, ``open``, ``undecided`` or ``order``."""

    text: str = ""
    state: str = ""
    partner_id: int | None = None


def deals_matching(deals: sa.Select[Deal], wanted: DealFilter) -> sa.Select[Deal]:
    """``deals`` narrowed, newest first."""
    if wanted.state == "open":
        deals = deals.where(Deal.status.in_(OPEN | {DealStatus.DRAFT}))
    elif wanted.state == "undecided":
        deals = deals.where(Deal.status.in_(UNDECIDED))
    elif wanted.state == "order":
        deals = deals.where(_order_is_reported())
    elif wanted.state in set(DealStatus):
        deals = deals.where(Deal.status == DealStatus(wanted.state))
    if wanted.partner_id is not None:
        deals = deals.where(Deal.partner_id == wanted.partner_id)
    if wanted.text:
        text = wanted.text.strip().lower()
        for sign in ("\\", "%", "_"):
            text = text.replace(sign, f"\\{sign}")
        columns = (Deal.company, Deal.domain, Deal.order_reference)
        found = [sa.func.lower(one).like(f"%{text}%", escape="\\") for one in columns]
        firms = sa.select(Partner.id).where(sa.func.lower(Partner.name).like(f"%{text}%", escape="\\"))
        numbered = _NUMBER.fullmatch(text)
        deals = deals.where(
            sa.or_(*found, Deal.partner_id.in_(firms), *([Deal.id == int(numbered[1])] if numbered else []))
        )
    return deals.order_by(Deal.id.desc())


def deal_numbered(deals: sa.Select[Deal], number: str) -> Deal | None:
    """The one of ``deals`` that people call so: ``D-2026-0418``."""
    numbered = _NUMBER.fullmatch(number.strip().lower())
    one = session.scalar(deals.where(Deal.id == int(numbered[1]))) if numbered else None
    return one if one is not None and one.number.lower() == number.strip().lower() else None


def deals_named(deals: sa.Select[Deal], text: str, *, most: int) -> Sequence[Deal]:
    """At most ``most`` of ``deals`` that ``text`` means: by number or company, whose name begins with it first.

    A text that is a whole number, or the last part of one, means that deal; one that is the whole name of companies
    means their deals only.
    """
    digits = number_in(text)
    one = session.scalar(deals.where(Deal.id == digits)) if digits is not None else deal_numbered(deals, text)
    if one is not None:
        return [one]
    typed = text.lower()
    for word in typed.split()[:6]:
        deals = deals.where(
            sa.or_(
                *(
                    sa.func.lower(column).contains(word, autoescape=True)
                    for column in (Deal.company, Deal.domain)
                )
            )
        )
    begins = sa.func.lower(Deal.company).startswith(typed, autoescape=True)
    found = session.scalars(
        deals.order_by(None)
        .order_by(sa.case((begins, 0), else_=1), sa.func.length(Deal.company), Deal.company, Deal.id.desc())
        .limit(most)
    ).all()
    return [one for one in found if one.company.casefold() == text.casefold()] or found


def _order_is_reported() -> sa.ColumnElement[bool]:
    return sa.and_(
        Deal.status == DealStatus.APPROVED,
        Deal.order_reported_at.is_not(None),
        Deal.order_confirmed_at.is_(None),
    )


def deals_to_decide(user: User) -> sa.Select[Deal]:
    """Registrations that wait for the vendor, the nearest clock first."""
    return (
        deals_visible_to(user)
        .where(Deal.status.in_((DealStatus.SUBMITTED, DealStatus.IN_REVIEW)))
        .options(joinedload(Deal.partner))
        .order_by(Deal.decide_by, Deal.id)
    )


def orders_to_confirm(user: User) -> sa.Select[Deal]:
    """Deals whose order a partner has reported, the oldest first."""
    return (
        deals_visible_to(user)
        .where(_order_is_reported())
        .options(joinedload(Deal.partner))
        .order_by(Deal.order_reported_at, Deal.id)
    )


def deals_waiting_for(user: User) -> sa.Select[Deal]:
    """What a partner has to do about its deals: questions asked, and protection that ends soon."""
    soon = clock.when_asked(timedelta(days=14))
    return (
        deals_visible_to(user)
        .where(
            sa.or_(
                Deal.status == DealStatus.INFO_REQUESTED,
                sa.and_(
                    Deal.status == DealStatus.APPROVED,
                    Deal.protected_until <= soon,
                    Deal.order_reported_at.is_(None),
                ),
            )
        )
        .order_by(Deal.protected_until, Deal.id)
    )


def deal_of_lead(lead_id: int) -> Deal | None:
    """The latest deal that came of a lead."""
    return session.scalar(sa.select(Deal).where(Deal.lead_id == lead_id).order_by(Deal.id.desc()).limit(1))


def open_registrations(partner: Partner) -> int:
    """How many of the partner's own registrations count against its limit."""
    return int(
        session.scalar(
            sa.select(sa.func.count()).where(
                Deal.partner_id == partner.id,
                Deal.origin == DealOrigin.REGISTERED,
                Deal.status.in_(OPEN),
            )
        )
        or 0
    )


def rivals_of(deal: Deal) -> sa.Select[Deal]:
    """Other partners' standing deals that share a key with this one (tax number, domain, e-mail, phone, name).

    For the vendor's eyes only.
    """
    own = sa.select(DealKey.key_id).where(DealKey.deal_id == deal.id)
    return (
        sa.select(Deal)
        .where(
            Deal.id != deal.id,
            Deal.status.in_([*OPEN, DealStatus.WON]),
            Deal.partner_id != deal.partner_id,
            Deal.id.in_(sa.select(DealKey.deal_id).where(DealKey.key_id.in_(own))),
        )
        .options(joinedload(Deal.partner))
        .order_by(Deal.submitted_at, Deal.id)
    )


# What is due


def late_decisions(moment: datetime) -> sa.Select[Deal]:
    """Registrations that the vendor should have decided and has not been told about."""
    return (
        sa.select(Deal)
        .where(Deal.status.in_(UNDECIDED), Deal.decide_by <= moment, Deal.escalated_at.is_(None))
        .order_by(Deal.id)
    )


def expired_deals(moment: datetime) -> sa.Select[Deal]:
    """Approved deals whose protection ran out, but not those whose order is being confirmed."""
    return (
        sa.select(Deal)
        .where(
            Deal.status == DealStatus.APPROVED,
            Deal.protected_until <= moment,
            sa.not_(_order_is_reported()),
        )
        .order_by(Deal.id)
    )


def deals_ending_within(moment: datetime, days: int) -> sa.Select[Deal]:
    """Approved deals whose protection ends within so many days, and whose partner was not reminded of that yet."""
    return (
        sa.select(Deal)
        .where(
            Deal.status == DealStatus.APPROVED,
            Deal.protected_until > moment,
            Deal.protected_until <= moment + timedelta(days=days),
            sa.or_(Deal.reminded_days.is_(None), Deal.reminded_days > days),
        )
        .order_by(Deal.id)
    )


def estimates_to_begin_with(user: User, but: Deal) -> list[tuple[int, str]]:
    """The newest estimates of the firm's other deals: number of the estimate, company with the deal's number."""
    newest = (
        sa.select(sa.func.max(Estimate.id))
        .join(Deal, Deal.id == Estimate.deal_id)
        .where(rows_visible_to(user, Deal.partner_id, Permission.DEALS_READ), Deal.id != but.id)
        .group_by(Estimate.deal_id)
    )
    found = session.scalars(
        sa.select(Estimate)
        .where(Estimate.id.in_(newest))
        .options(joinedload(Estimate.deal))
        .order_by(Estimate.id.desc())
        .limit(50)
    )
    return [(one.id, f"{one.deal.company} · {one.deal.number}") for one in found]
