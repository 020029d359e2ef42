"""What happens to a lead that a partner holds: contacts, progress, giving back, and the end."""

from datetime import timedelta

import sqlalchemy as sa

from accounts.models import User
from core import clock
from core.activity import Actor
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.signals import announce
from partners.queries import partner_of
from referrals.models.leads import HELD, ContactKind, Lead, LeadContact, LeadStatus
from referrals.models.routing import LeadClaim
from referrals.operations.offering import withdraw_offers
from referrals.operations.routing import route_lead
from referrals.routing import Mode
from referrals.settings import EXTENSION_OF_LEADS, PROGRESS_DAYS, RETURN_DAYS
from referrals.signals.leads import (
    LeadContacted,
    LeadExtended,
    LeadLost,
    LeadReturned,
    LeadsMerged,
    LeadSorted,
    LeadWon,
    UpdateReminded,
)

#: What a person of the vendor may say a lead is.
SORTS = {
    "genuine": LeadStatus.QUALIFIED,
    "spam": LeadStatus.SPAM,
    "unqualified": LeadStatus.UNQUALIFIED,
    "duplicate": LeadStatus.DUPLICATE,
}


def log_contact(
    lead: Lead, *, kind: ContactKind, text: str, is_working: bool = False, by: User
) -> LeadContact:
    """Writes down what was said. The first call, mail or meeting stops the clock of the first contact.

    ``is_working``: the customer wants to go on. Raises InvalidInput at ``text``.
    """
    if not text.strip():
        raise InvalidInput({"text": _("Write a sentence about what was said.")})
    lock(lead)
    _refuse_unless_held_by(lead, by)
    contact = LeadContact(
        lead_id=lead.id,
        partner_id=lead.partner_id,
        user_id=by.id,
        kind=kind,
        text=text.strip()[:5000],
        at=clock.now(),
    )
    session.add(contact)
    is_first = kind is not ContactKind.NOTE and lead.contacted_at is None
    if is_first:
        lead.contacted_at = clock.now()
        lead.contact_due_at = lead.call_due_at = None
        if lead.status in {LeadStatus.ACCEPTED, LeadStatus.CLAIMED}:
            lead.become(LeadStatus.CONTACTED)
    if is_working and lead.status is not LeadStatus.WORKING:
        lead.contact_due_at = lead.call_due_at = None
        lead.become(LeadStatus.WORKING)
    lead.last_activity_at = clock.now()
    session.flush()
    announce(LeadContacted(lead, by, kind=kind.value, first=is_first))
    return contact


def return_lead(lead: Lead, *, reason: str, by: User) -> None:
    """The partner gives the lead back; it looks for another one. Raises InvalidInput at ``reason``."""
    if not reason.strip():
        raise InvalidInput({"reason": _("Say why, so that the next partner can be chosen better.")})
    lock(lead)
    _refuse_unless_held_by(lead, by)
    free_lead(lead, reason=reason.strip()[:500], by=by)
    route_lead(lead, by=by, mode=Mode.POOL)


def recycle_idle_lead(lead: Lead) -> None:
    """So many days without activity: the lead goes back to the pool."""
    lock(lead)
    idle = clock.now() - lead.last_activity_at
    if not lead.is_held or idle.days < RETURN_DAYS.value():
        return
    if lead.extended_until is not None and lead.extended_until > clock.now():
        return
    free_lead(lead, reason="no_activity", by=None)
    route_lead(lead, by=None, mode=Mode.POOL)


def extend_lead(lead: Lead, *, reason: str, by: User) -> None:
    """The partner keeps the lead longer, once while it holds it. Raises InvalidInput at ``reason``."""
    if not reason.strip():
        raise InvalidInput({"reason": _("Say why you need more time.")})
    lock(lead)
    _refuse_unless_held_by(lead, by)
    if lead.extended_until is not None:
        raise Refusal(_("You have asked for more time once already."))
    goes_back = max(lead.last_activity_at + timedelta(days=RETURN_DAYS.value()), clock.now())
    lead.extended_until = goes_back + timedelta(days=EXTENSION_OF_LEADS.value())
    lead.extension_reason = reason.strip()[:500]
    session.flush()
    announce(LeadExtended(lead, by, reason=lead.extension_reason))


def remind_of_update(lead: Lead) -> None:
    """Nothing was written down for so long, or it has not moved on: the partner is asked where it stands."""
    lead.reminded_at = clock.now()
    has_not_moved = (
        lead.held_since is not None
        and lead.status is not LeadStatus.WORKING
        and (clock.now() - lead.held_since >= timedelta(days=PROGRESS_DAYS.value()))
    )
    announce(UpdateReminded(lead, None, why="progress" if has_not_moved else "update"))


def merge_leads(lead: Lead, other: Lead, *, by: User) -> None:
    """``other`` is the same as ``lead``: it becomes its repeat, and lends it what ``lead`` does not know.

    Raises InvalidInput at ``other``; Refusal while a partner works on ``other``.
    """
    if lead.id in {other.id, other.duplicate_of_id}:
        raise InvalidInput({"other": _("Say which other lead is the same.")})
    lock(lead)
    if not lead.is_open:
        raise Refusal(_("%(lead)s is closed.", lead=lead.name))
    sort_lead(other, "duplicate", duplicate_of=lead, by=by)
    for name in _LENT:
        if getattr(lead, name) in (None, "", []) and getattr(other, name) not in (None, "", []):
            setattr(lead, name, getattr(other, name))
    lead.warmth = max(lead.warmth, other.warmth)
    session.execute(sa.update(Lead).where(Lead.duplicate_of_id == other.id).values(duplicate_of_id=lead.id))
    session.flush()
    announce(LeadsMerged(lead, by, merged_id=other.id))


#: What a merged lead lends where the other knows nothing.
_LENT = (
    "company", "website", "tax_id", "person", "email", "phone", "country", "region", "city", "postcode", "latitude",
    "longitude", "language", "industry", "employees", "product_codes", "service_kinds", "size_minor", "currency",
    "text", "call_at", "source", "campaign", "referral_code",
)  # fmt: skip


def free_lead(lead: Lead, *, reason: str, by: Actor | None) -> None:
    """Takes the lead from whoever is asked or holds it, and makes it ready to be routed anew."""
    lock(lead)
    if not lead.is_open:
        raise Refusal(_("%(lead)s is closed.", lead=lead.name))
    withdraw_offers(lead, by=by)
    if lead.status in HELD and lead.partner_id is not None:
        former = lead.partner_id
        _end_claim(lead, reason)
        lead.become(LeadStatus.RECYCLED)
        lead.partner_id = None
        lead.held_since = lead.contact_due_at = lead.call_due_at = lead.contacted_at = None
        lead.reminded_at = lead.extended_until = lead.extension_reason = None
        session.flush()
        announce(LeadReturned(lead, by, reason=reason, former_partner_id=former))
    if lead.status is not LeadStatus.QUALIFIED:
        lead.become(LeadStatus.QUALIFIED)
    lead.reason = None
    lead.round_began_at = clock.now()


def _end_claim(lead: Lead, reason: str) -> None:
    session.execute(
        sa.update(LeadClaim)
        .where(LeadClaim.lead_id == lead.id, LeadClaim.ended_at.is_(None))
        .values(ended_at=clock.now(), end_reason=reason)
    )


def sort_lead(
    lead: Lead, sort: str, *, reason: str = "", duplicate_of: Lead | None = None, by: Actor | None
) -> None:
    """A person says what a lead is. A genuine one is routed; the others are closed.

    Raises InvalidInput at ``reason`` or ``duplicate_of``; Refusal while a partner holds it.
    """
    status = SORTS[sort]
    lock(lead)
    if lead.status in HELD or lead.status in {LeadStatus.WON, LeadStatus.LOST}:
        raise Refusal(_("A partner works on %(lead)s. Take it back first.", lead=lead.name))
    if status is LeadStatus.DUPLICATE and (duplicate_of is None or duplicate_of.id == lead.id):
        raise InvalidInput({"duplicate_of": _("Say which lead it repeats.")})
    if status is LeadStatus.UNQUALIFIED and not reason.strip():
        raise InvalidInput({"reason": _("Say why nobody should work on it.")})
    withdraw_offers(lead, by=by)
    if status is LeadStatus.QUALIFIED:
        lead.duplicate_of_id = None
        lead.round_began_at = clock.now()
    _step_aside(lead, status)
    lead.reason = reason.strip()[:500] or None
    if status is LeadStatus.DUPLICATE and duplicate_of is not None:
        lead.duplicate_of_id = duplicate_of.duplicate_of_id or duplicate_of.id
    session.flush()
    announce(LeadSorted(lead, by, status=status.value, reason=reason.strip()))
    if status is LeadStatus.QUALIFIED:
        route_lead(lead, by=by)


def _step_aside(lead: Lead, status: LeadStatus) -> None:
    """Closing goes by way of the triage, where a person stands."""
    if status is LeadStatus.QUALIFIED:
        lead.become(LeadStatus.QUALIFIED)
        return
    if lead.status is not LeadStatus.TRIAGE:
        if lead.status is not LeadStatus.QUALIFIED:
            lead.become(LeadStatus.QUALIFIED)
        lead.become(LeadStatus.TRIAGE)
    lead.become(status)


def mirror_won(lead: Lead, *, by: Actor | None) -> None:
    """The lead's deal was won."""
    if lead.status is not LeadStatus.WON:
        lead.become(LeadStatus.WON)
        announce(LeadWon(lead, by))


def mirror_lost(lead: Lead, *, reason: str, by: Actor | None) -> None:
    """The lead's deal was lost."""
    if lead.status in HELD:
        lead.reason = reason or None
        _end_claim(lead, "lost")
        lead.become(LeadStatus.LOST)
        announce(LeadLost(lead, by, reason=reason))


def _refuse_unless_held_by(lead: Lead, by: User) -> None:
    firm = partner_of(by)
    if not lead.is_held or (firm is not None and lead.partner_id != firm.id):
        raise Refusal(_("This lead is not with you any more."))
