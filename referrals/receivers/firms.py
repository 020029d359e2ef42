"""What becomes of leads, deals and customers when a firm or one of its people leaves, or a firm is another one."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from accounts.models import User
from core.database import session
from core.i18n import gettext as _
from core.i18n import ngettext
from core.jobs import job
from core.signals import receives
from partners.models import Member, Partner
from partners.queries.leaving import count, tells_of_open_work, tells_on_leaving, tells_on_merging
from partners.signals import MemberLeft, PartnersMerged, PartnerTerminated
from referrals.models.customers import Customer
from referrals.models.deals import OPEN, Deal
from referrals.models.leads import HELD, Lead
from referrals.operations.handing_on import (
    JOB,
    hand_on_everything,
    hand_on_some,
    hand_over_deals,
    move_everything,
)
from referrals.queries.codes import codes_of
from referrals.queries.offers import open_offers_to


@receives(PartnerTerminated)
def hand_on_what_the_firm_had(signal: PartnerTerminated) -> None:
    heir = session.get_one(Partner, signal.heir_id) if signal.heir_id else None
    hand_on_everything(signal.subject, heir, reason=signal.reason[:300], by=signal.by)


@job(JOB)
def hand_on_the_rest(payload: dict[str, Any]) -> None:
    """What is left of a firm, for some seconds at a time. An heir that has left meanwhile gets nothing more."""
    heir = session.get_one(Partner, payload["heir"]) if payload["heir"] else None
    by = session.get(User, payload["by"]) if payload["by"] else None
    hand_on_some(
        session.get_one(Partner, payload["partner"]),
        heir if heir is not None and heir.is_active else None,
        reason=payload["reason"],
        by=by,
        kind=payload["kind"],
        after=payload["after"],
    )


@receives(PartnersMerged)
def move_what_the_duplicate_had(signal: PartnersMerged) -> None:
    move_everything(signal.subject, session.get_one(Partner, signal.survivor_id))


@receives(MemberLeft)
def hand_over_what_somebody_had_open(signal: MemberLeft) -> None:
    successor = session.get_one(Member, signal.successor_id).user if signal.successor_id else None
    hand_over_deals(signal.subject, successor, note=signal.note, by=signal.by)


@tells_of_open_work
def what_somebody_has_open(member: Member) -> Iterable[str]:
    """Deals they look after, registered or behind a lead."""
    deals = count(
        sa.select(Deal).where(
            Deal.owner_id == member.user_id, Deal.partner_id == member.partner_id, Deal.closed_at.is_(None)
        )
    )
    if deals:
        yield ngettext("%(num)s open deal is theirs.", "%(num)s open deals are theirs.", deals)


def _held(partner: Partner) -> sa.Select[Lead]:
    return sa.select(Lead).where(Lead.partner_id == partner.id, Lead.status.in_(HELD))


def _registered(partner: Partner) -> sa.Select[Deal]:
    """Open deals that do not go with a lead."""
    return (
        sa.select(Deal)
        .outerjoin(Lead, Lead.id == Deal.lead_id)
        .where(
            Deal.partner_id == partner.id,
            Deal.status.in_(OPEN),
            sa.or_(Deal.lead_id.is_(None), Lead.status.not_in(HELD)),
        )
    )


@tells_on_leaving(order=20)
def what_is_handed_on(partner: Partner, heir: Partner | None) -> Iterable[str]:
    """Leads, deals, customers, codes: to the heir by name, or to nobody yet."""
    name = heir.name if heir is not None else ""
    offers, leads = count(open_offers_to(partner)), count(_held(partner))
    deals = count(_registered(partner))
    customers = count(sa.select(Customer).where(Customer.partner_id == partner.id))
    codes = count(codes_of(partner))
    if offers:
        yield ngettext(
            "%(num)s open offer is taken back; the next partner is asked.",
            "%(num)s open offers are taken back; the next partners are asked.",
            offers,
        )
    if leads and heir is not None:
        yield ngettext(
            "%(num)s open lead with its deal is offered to %(firm)s, or to others where a filter keeps it out.",
            "%(num)s open leads with their deals are offered to %(firm)s, or to others where a filter keeps it out.",
            leads,
            firm=name,
        )
    elif leads:
        yield ngettext(
            "%(num)s open lead with its deal goes back into routing.",
            "%(num)s open leads with their deals go back into routing.",
            leads,
        )
    if deals and heir is not None:
        yield ngettext(
            "%(num)s registered deal goes to %(firm)s, protection included.",
            "%(num)s registered deals go to %(firm)s, protection included.",
            deals,
            firm=name,
        )
    elif deals:
        yield ngettext(
            "%(num)s registered deal waits for a manager to hand it on.",
            "%(num)s registered deals wait for a manager to hand them on.",
            deals,
        )
    if customers and heir is not None:
        yield ngettext(
            "%(num)s customer goes to %(firm)s.", "%(num)s customers go to %(firm)s.", customers, firm=name
        )
    elif customers:
        yield ngettext(
            "%(num)s customer is nobody's and waits for a manager to hand it on.",
            "%(num)s customers are nobody's and wait for a manager to hand them on.",
            customers,
        )
    if codes:
        yield ngettext("%(num)s referral code ends.", "%(num)s referral codes end.", codes)


@tells_on_merging(order=20)
def what_moves(duplicate: Partner, survivor: Partner | None) -> Iterable[str]:
    """The same for a merge: everything goes along as it is."""
    assert survivor is not None
    leads, deals = count(_held(duplicate)), count(sa.select(Deal).where(Deal.partner_id == duplicate.id))
    customers = count(sa.select(Customer).where(Customer.partner_id == duplicate.id))
    codes = count(codes_of(duplicate))
    if leads:
        yield ngettext(
            "%(num)s open lead moves, with its clock.", "%(num)s open leads move, with their clocks.", leads
        )
    if deals:
        yield ngettext("%(num)s deal moves.", "%(num)s deals move.", deals)
    if customers:
        yield ngettext(
            "%(num)s customer goes to %(firm)s.",
            "%(num)s customers go to %(firm)s.",
            customers,
            firm=survivor.name,
        )
    if codes:
        yield ngettext(
            "%(num)s referral code is %(firm)s's.",
            "%(num)s referral codes are %(firm)s's.",
            codes,
            firm=survivor.name,
        )
    yield _("Sales stay attributed as they are; %(firm)s reads them.", firm=survivor.name)
