"""What a firm had is handed on: leads, deals, customers, codes and named accounts, one by one or when it leaves."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa

from accounts.models import User
from core import clock, jobs
from core.activity import Actor
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.signals import announce
from partners.models import Member, Partner
from referrals.models.codes import ReferralCode
from referrals.models.customers import Customer
from referrals.models.deals import OPEN, Deal, DealStatus
from referrals.models.leads import HELD, Lead, NamedAccount
from referrals.models.links import ReferralLink
from referrals.models.missing import ReferralRequest, RequestStatus
from referrals.models.rates import ServiceRate
from referrals.models.ratings import Rating
from referrals.models.routing import LeadClaim, Offer, OfferStatus
from referrals.models.senders import LeadNeighbour
from referrals.operations.answering import withdraw_from_partner
from referrals.operations.holding import free_lead
from referrals.operations.routing import assign_lead, route_lead
from referrals.queries.offers import open_offers_to
from referrals.signals.customers import CustomerHandedOn
from referrals.signals.deals import DealHandedOn, DealHandedOver, DealWithdrawn

#: So long things of a firm that leaves are handed on in one transaction: routing a lead takes a while in a large
#: network, and what a transaction holds, others wait for.
SECONDS_A_JOB = 2.0
JOB = "referrals.hand-on"


def hand_on_customer(customer: Customer, partner: Partner, *, reason: str, by: Actor | None) -> None:
    """Another firm looks after the customer from now on; sales still to come count for it.

    Raises InvalidInput at ``reason``, Refusal when the firm does not take part.
    """
    _need(reason)
    _refuse_inactive(partner)
    lock(customer)
    before = customer.partner
    customer.partner_id = partner.id
    customer.former_partner_id = None
    session.flush()
    announce(
        CustomerHandedOn(
            customer, by, from_name=before.name if before else "", to_name=partner.name, reason=reason.strip()
        )
    )


def hand_on_deal(deal: Deal, partner: Partner, *, reason: str, by: Actor | None) -> None:
    """An open deal becomes another firm's, with its protection and its estimates. Raises Refusal when it is over.

    A deal that came with a lead goes with that lead instead.
    """
    _need(reason)
    _refuse_inactive(partner)
    lock(deal)
    if deal.status not in OPEN:
        raise Refusal(_("%(number)s is over.", number=deal.number))
    if deal.lead is not None and deal.lead.is_held:
        raise Refusal(_("%(number)s goes with its lead. Assign the lead.", number=deal.number))
    before = deal.partner.name
    deal.partner_id = partner.id
    deal.owner_id = None
    session.flush()
    session.refresh(deal)
    announce(DealHandedOn(deal, by, from_name=before, to_name=partner.name, reason=reason.strip()))


def hand_over_deals(member: Member, successor: User | None, *, note: str, by: Actor | None) -> None:
    """Somebody left the firm: their open deals, and so the leads behind them, are a colleague's or everybody's."""
    deals = sa.select(Deal).where(
        Deal.owner_id == member.user_id, Deal.partner_id == member.partner_id, Deal.closed_at.is_(None)
    )
    to_name = successor.name if successor is not None else ""
    for deal in session.scalars(deals.order_by(Deal.id).with_for_update()).all():
        deal.owner_id = successor.id if successor is not None else None
        announce(DealHandedOver(deal, by, from_name=member.user.name, to_name=to_name, reason=note))


def hand_on_everything(partner: Partner, heir: Partner | None, *, reason: str, by: Actor | None) -> None:
    """The firm left: what it had goes to ``heir``, or back into routing and to the managers' list.

    What one statement does is done here and now. The rest is handed on by jobs, one thing after the other, each job
    writing the next: nobody waits for a large firm, and a worker that dies is taken up where it was.
    """
    end_codes(partner)
    accounts = NamedAccount.partner_id == partner.id
    if heir is not None:
        session.execute(sa.update(NamedAccount).where(accounts).values(partner_id=heir.id))
    else:
        session.execute(sa.delete(NamedAccount).where(accounts))
    for column in (Lead.explicit_partner_id, Lead.wanted_partner_id, Lead.event_partner_id):
        session.execute(
            sa.update(Lead)
            .where(column == partner.id, Lead.closed_at.is_(None))
            .values({column.key: heir.id if heir is not None else None})
        )
    if heir is None:
        session.execute(
            sa.update(Customer)
            .where(Customer.partner_id == partner.id)
            .values(former_partner_id=partner.id, partner_id=None)
        )
    first = next(_things_of(partner, next(iter(_KINDS)), 0), None)
    if first is not None:
        kind, _row = first
        _go_on_later(partner, heir, reason=reason, by=by, kind=kind, after=0)


def _go_on_later(
    partner: Partner, heir: Partner | None, *, reason: str, by: Actor | None, kind: str, after: int
) -> None:
    jobs.enqueue(
        JOB,
        {
            "partner": partner.id,
            "heir": heir.id if heir is not None else None,
            "reason": reason,
            "by": by.id if by is not None else None,
            "kind": kind,
            "after": after,
        },
    )


def _things_of(partner: Partner, kind: str, after: int) -> Iterator[tuple[str, Any]]:
    """What the firm still has, from the one ``after`` that number of ``kind`` on; each is asked for when it is due."""
    kinds = list(_KINDS)
    for name in kinds[kinds.index(kind) :]:
        rows_of, column, _hand_on = _KINDS[name]
        rows = rows_of(partner).order_by(None).order_by(column).limit(1)
        while (row := session.scalar(rows.where(column > after))) is not None:
            after = row.id
            yield name, row
        after = 0


def hand_on_some(
    partner: Partner, heir: Partner | None, *, reason: str, by: Actor | None, kind: str, after: int
) -> None:
    """Hands on for :data:`SECONDS_A_JOB`, from the thing ``after`` that number of ``kind`` on.

    Writes the job for the rest, if there may be one.
    """
    ends = time.monotonic() + SECONDS_A_JOB
    for name, row in _things_of(partner, kind, after):
        _rows_of, _column, hand_on = _KINDS[name]
        hand_on(row, partner, heir, reason, by)
        session.flush()
        if time.monotonic() >= ends:
            _go_on_later(partner, heir, reason=reason, by=by, kind=name, after=row.id)
            return


def is_handed_on_now(partner: Partner) -> bool:
    """Whether jobs are still at work on what the firm had."""
    waiting = sa.select(jobs.Job.id).where(
        jobs.Job.kind == JOB,
        jobs.Job.finished_at.is_(None),
        jobs.Job.payload["partner"].as_integer() == partner.id,
    )
    return partner.has_left and session.scalar(waiting.limit(1)) is not None


def end_codes(partner: Partner) -> None:
    """The firm's referral codes name nobody any more."""
    session.execute(
        sa.update(ReferralCode)
        .where(ReferralCode.partner_id == partner.id, ReferralCode.ended_at.is_(None))
        .values(ended_at=clock.now())
    )


def _held_by(partner: Partner) -> sa.Select[Lead]:
    return sa.select(Lead).where(Lead.partner_id == partner.id, Lead.status.in_(HELD))


def _open_deals_of(partner: Partner) -> sa.Select[Deal]:
    return sa.select(Deal).where(Deal.partner_id == partner.id, Deal.closed_at.is_(None))


def _customers_of(partner: Partner) -> sa.Select[Customer]:
    return sa.select(Customer).where(Customer.partner_id == partner.id)


def _take_offer_back(
    offer: Offer, _partner: Partner, _heir: Partner | None, _reason: str, by: Actor | None
) -> None:
    withdraw_from_partner(offer, by=by)


def _hand_on_lead(lead: Lead, partner: Partner, heir: Partner | None, reason: str, by: Actor | None) -> None:
    """To the heir as a manager would assign it; where a filter keeps the heir out, or without one, anew to anybody."""
    lock(lead)
    if lead.partner_id != partner.id or not lead.is_held:
        return  # A manager has assigned it meanwhile.
    if heir is not None:
        try:
            with session.begin_nested():
                assign_lead(lead, heir, reason=reason, by=by)
        except Refusal:
            session.refresh(lead)
        else:
            return
    free_lead(lead, reason="partner_left", by=by)
    route_lead(lead, by=by)


def _hand_on_registration(
    deal: Deal, partner: Partner, heir: Partner | None, reason: str, by: Actor | None
) -> None:
    """Registered deals go to the heir; without one they stand in the managers' list. Drafts are nobody's."""
    lock(deal)
    if deal.partner_id != partner.id:
        return  # A manager has handed it on meanwhile.
    if deal.status is DealStatus.DRAFT:
        deal.become(DealStatus.WITHDRAWN)
        announce(DealWithdrawn(deal, by))
    elif heir is not None and deal.status in OPEN:
        hand_on_deal(deal, heir, reason=reason, by=by)


def _hand_on_care(
    customer: Customer, partner: Partner, heir: Partner | None, reason: str, by: Actor | None
) -> None:
    lock(customer)
    if customer.partner_id != partner.id:
        return  # A manager has handed it on meanwhile.
    if heir is not None:
        hand_on_customer(customer, heir, reason=reason, by=by)
    else:
        customer.former_partner_id, customer.partner_id = customer.partner_id, None


#: What a firm has, in the order in which it is handed on: deals that go with a lead have gone with it by then.
_KINDS: dict[str, tuple[Callable[[Partner], sa.Select[Any]], Any, Callable[..., None]]] = {
    "offers": (open_offers_to, Offer.id, _take_offer_back),
    "leads": (_held_by, Lead.id, _hand_on_lead),
    "deals": (_open_deals_of, Deal.id, _hand_on_registration),
    "customers": (_customers_of, Customer.id, _hand_on_care),
}


def move_everything(duplicate: Partner, survivor: Partner) -> None:
    """Two entries of one firm: what one had is the other's, as if it had been from the start.

    Sales and their decisions stay where they were attributed: the lines of earnings belong to them.
    """
    both = (duplicate.id, survivor.id)
    twice = (
        sa.select(Offer.lead_id)
        .where(Offer.partner_id.in_(both), Offer.status == OfferStatus.OFFERED)
        .group_by(Offer.lead_id)
        .having(sa.func.count() > 1)
    )
    session.execute(
        sa.update(Offer)
        .where(
            Offer.partner_id == duplicate.id, Offer.status == OfferStatus.OFFERED, Offer.lead_id.in_(twice)
        )
        .values(status=OfferStatus.WITHDRAWN, answered_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    already = sa.select(LeadNeighbour.lead_id).where(LeadNeighbour.partner_id == survivor.id)
    session.execute(
        sa.delete(LeadNeighbour)
        .where(LeadNeighbour.partner_id == duplicate.id, LeadNeighbour.lead_id.in_(already))
        .execution_options(synchronize_session=False)
    )
    _drop_what_both_have(duplicate, survivor)
    columns = (
        Offer.partner_id, LeadClaim.partner_id, Lead.partner_id, Lead.explicit_partner_id, Lead.wanted_partner_id,
        Lead.event_partner_id, NamedAccount.partner_id, Deal.partner_id, Customer.partner_id,
        Customer.former_partner_id, ReferralCode.partner_id, ReferralLink.partner_id, ServiceRate.partner_id,
        ReferralRequest.partner_id, Rating.partner_id, LeadNeighbour.partner_id,
    )  # fmt: skip
    for column in columns:
        session.execute(
            sa.update(column.class_)
            .where(column == duplicate.id)
            .values({column.key: survivor.id})
            .execution_options(synchronize_session=False)
        )
    session.expire_all()


def _drop_what_both_have(duplicate: Partner, survivor: Partner) -> None:
    """Of a rate or an open request for an order that both have, the survivor's stays."""
    rates = sa.select(ServiceRate.name, ServiceRate.currency).where(ServiceRate.partner_id == survivor.id)
    session.execute(
        sa.delete(ServiceRate)
        .where(
            ServiceRate.partner_id == duplicate.id,
            sa.tuple_(ServiceRate.name, ServiceRate.currency).in_(rates),
        )
        .execution_options(synchronize_session=False)
    )
    is_open = ReferralRequest.status == RequestStatus.OPEN
    asked = sa.select(ReferralRequest.order_number).where(ReferralRequest.partner_id == survivor.id, is_open)
    session.execute(
        sa.update(ReferralRequest)
        .where(ReferralRequest.partner_id == duplicate.id, is_open, ReferralRequest.order_number.in_(asked))
        .values(
            status=RequestStatus.REJECTED,
            decided_at=clock.now(),
            reason=_("Merged: the request of %(name)s for this order goes on.", name=survivor.name),
        )
        .execution_options(synchronize_session=False)
    )


def _refuse_inactive(partner: Partner) -> None:
    if not partner.is_active:
        raise Refusal(_("%(name)s is not active, so nothing is handed to it.", name=partner.name))


def _need(reason: str) -> None:
    if len(reason.strip()) < 3:
        raise InvalidInput({"reason": _("Say why, in a sentence.")})
