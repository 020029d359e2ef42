"""What a partner answers: accept, decline, claim; and what happens when it does not."""

from datetime import datetime

import sqlalchemy as sa

from accounts.models import User
from core import clock
from core.activity import Actor
from core.database import lock, note_a_hold, session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.signals import announce
from partners.models import Partner
from partners.queries import has_valid_agreement, partner_of
from referrals.models.leads import Lead, LeadStatus
from referrals.models.routing import ClaimWay, DeclineReason, LeadClaim, Offer, OfferStatus
from referrals.operations.offering import close_offer, hours_to_answer, why_withdrawn, withdraw_offers
from referrals.operations.routing import policy_in_force, read_policy, route_lead, send_to_triage
from referrals.queries.claims import held_count
from referrals.queries.offers import lapses_of, open_offer, open_offers_of
from referrals.settings import CALL_HOURS, CONTACT_HOURS, LAPSES_TO_TRIAGE
from referrals.signals.leads import (
    LeadAccepted,
    LeadClaimed,
    LeadDeclined,
    OfferLapsed,
    OfferReminded,
    OfferWithdrawn,
)


def accept_offer(offer: Offer, *, by: User) -> Lead:
    """The partner takes the lead: its contact data opens, its clock starts, a deal begins."""
    _refuse_a_partner_without_standing(offer.partner)
    lead = lock(offer.lead)
    hours = hours_to_answer(offer)
    if not close_offer(offer, OfferStatus.ACCEPTED):
        raise Refusal(_no_longer_open(offer))
    offer.answered_by_id = by.id
    offer.answer_hours = hours
    withdraw_offers(lead, by=by)
    lead.become(LeadStatus.ACCEPTED)
    _hand_over(lead, offer.partner, ClaimWay.OFFER, by=by)
    announce(LeadAccepted(offer, by))
    _open_the_deal(lead, offer.partner, by=by)
    return lead


def decline_offer(offer: Offer, *, reason: DeclineReason, note: str = "", by: User) -> None:
    """The partner says no, with a reason; the next one is asked at once. Raises InvalidInput at ``note``."""
    if reason is DeclineReason.OTHER and not note.strip():
        raise InvalidInput({"note": _("Say in a few words why.")})
    lead = lock(offer.lead)
    hours = hours_to_answer(offer)
    if not close_offer(offer, OfferStatus.DECLINED):
        raise Refusal(_no_longer_open(offer))
    offer.answered_by_id = by.id
    offer.answer_hours = hours
    offer.decline_reason = reason
    offer.decline_note = note.strip()[:1000] or None
    session.flush()
    announce(LeadDeclined(offer, by, reason=reason.value))
    if reason is DeclineReason.SPAM and not open_offers_of(lead):
        _back_to_qualified(lead)
        send_to_triage(lead, "called_spam", by=by)
        return
    _ask_the_next(lead)


def lapse_offer(offer: Offer) -> None:
    """The time to answer is over: the next partner is asked, or after so many lapses a manager decides."""
    lead = lock(offer.lead)
    if offer.due_at > clock.now() or not close_offer(offer, OfferStatus.LAPSED):
        return
    announce(OfferLapsed(offer, None))
    if open_offers_of(lead):
        return
    if lapses_of(lead) >= LAPSES_TO_TRIAGE.value():
        _back_to_qualified(lead)
        send_to_triage(lead, "nobody_answered", by=None)
        return
    _ask_the_next(lead)


def remind_of_offer(offer: Offer) -> None:
    """Half of the time is over."""
    if not offer.is_open or offer.remind_at is None:
        return
    offer.remind_at = None
    announce(OfferReminded(offer, None))


def withdraw_from_partner(offer: Offer, *, by: Actor | None) -> None:
    """The partner can no longer take it (it was suspended, say): somebody else is asked at once."""
    lead = lock(offer.lead)
    if close_offer(offer, OfferStatus.WITHDRAWN):
        announce(OfferWithdrawn(offer, by))
        _ask_the_next(lead)


def leave_the_pool(lead: Lead) -> None:
    """Nobody claimed it in time, or nobody is left who could: a manager decides."""
    lock(lead)
    if lead.status is LeadStatus.AVAILABLE:
        send_to_triage(lead, "nobody_claimed", by=None)


def _ask_the_next(lead: Lead) -> None:
    """Routes anew, without who declined or lapsed, unless somebody else is still being asked."""
    from referrals.operations.importing.pacing import ask_the_next_of_a_file

    if open_offers_of(lead):
        return
    _back_to_qualified(lead)
    if lead.import_id is None:
        route_lead(lead, by=None)
    else:
        ask_the_next_of_a_file(lead)


def _back_to_qualified(lead: Lead) -> None:
    if lead.status is not LeadStatus.QUALIFIED:
        lead.become(LeadStatus.QUALIFIED)


def claim_lead(lead: Lead, *, by: User) -> Lead:
    """The partner takes a lead from the pool; of all who try, exactly one gets it.

    A lead that is offered to the partner is accepted. Raises Refusal, which never says whose it is now.
    """
    partner = partner_of(by)
    if partner is None:
        raise Refusal(_("Only a partner claims a lead."))
    # Who comes second finds it claimed, and a claimed lead is offered to nobody: that need not be asked.
    offer = open_offer(lead, partner) if lead.status is LeadStatus.OFFERED else None
    if offer is not None:
        return accept_offer(offer, by=by)
    # Most who come second are told so before anything is locked, or as soon as the first is done.
    if lead.status is not LeadStatus.AVAILABLE or not _holds_in_the_pool(lead):
        raise Refusal(why_not_in_the_pool(lead, partner))
    _refuse_a_partner_without_standing(partner)
    _refuse_hoarding(partner)
    lead.become(LeadStatus.CLAIMED)
    _hand_over(lead, partner, ClaimWay.POOL, by=by)
    announce(LeadClaimed(lead, by))
    _open_the_deal(lead, partner, by=by)
    return lead


_IN_THE_POOL = (
    sa.select(Lead)
    .where(Lead.id == sa.bindparam("lead"), Lead.status == LeadStatus.AVAILABLE)
    .with_for_update(of=Lead, key_share=True)
    .execution_options(populate_existing=True)
)


def _holds_in_the_pool(lead: Lead) -> bool:
    """Waits for whoever is just claiming the lead; holds its row if it still lies in the pool then. Reads it afresh.

    Who comes too late holds nothing: the others who wait are told at once as well, not one after the other.
    """
    session.flush()
    if session.scalar(_IN_THE_POOL, {"lead": lead.id}) is None:
        session.refresh(lead)
        return False
    note_a_hold()
    return True


def why_not_in_the_pool(lead: Lead, partner: Partner) -> str:
    """For who comes too late for a lead: never says who has it, unless it is the partner itself."""
    if lead.partner_id == partner.id and lead.is_held:
        return _("You have claimed %(lead)s already.", lead=lead.title_without_contact)
    if lead.partner_id is None:
        return _("%(lead)s is no longer in the pool.", lead=lead.title_without_contact)
    return _("%(lead)s has already been claimed.", lead=lead.title_without_contact)


def _refuse_a_partner_without_standing(partner: Partner) -> None:
    if not partner.is_active:
        raise Refusal(_("%(partner)s is not active, so it cannot take leads.", partner=partner.name))
    if not has_valid_agreement(partner):
        raise Refusal(_("Accept the current agreement first; then you can take leads."))


def _refuse_hoarding(partner: Partner) -> None:
    """At most so many open leads a partner. Counted while its row is held, so that two claims see each other.

    Whoever is offering it leads meanwhile, hundreds of a file perhaps, is not waited for.
    """
    session.flush()
    session.refresh(partner, with_for_update={"of": Partner, "key_share": True})
    note_a_hold()
    policy, _queues = read_policy(policy_in_force())
    cap = min(policy.open_leads_cap, partner.open_lead_cap)
    held = held_count(partner)
    if held >= cap:
        raise Refusal(
            _(
                "You hold %(held)s leads of %(cap)s at most. Close one or give one back first.",
                held=held,
                cap=cap,
            )
        )


def _hand_over(lead: Lead, partner: Partner, way: ClaimWay, *, by: User) -> None:
    """From now on the lead is this partner's, alone."""
    lead.partner_id = partner.id
    lead.held_since = clock.now()
    lead.last_activity_at = clock.now()
    lead.contacted_at = None
    lead.contact_due_at = partner.calendar.add_working_hours(clock.now(), CONTACT_HOURS.value())
    lead.call_due_at = _call_due(lead, partner)
    session.add(
        LeadClaim(
            lead_id=lead.id, partner_id=partner.id, claimed_by_id=by.id, way=way, claimed_at=clock.now()
        )
    )
    session.flush()


def _call_due(lead: Lead, partner: Partner) -> datetime | None:
    """When the customer has to have been called: at the moment it named, or soon in the partner's working hours.

    None when it did not ask to be called.
    """
    if not lead.call_at:
        return None
    named = lead.call_moment
    if named is not None and named > clock.now():
        return named
    return partner.calendar.add_working_hours(clock.now(), CALL_HOURS.value())


def _open_the_deal(lead: Lead, partner: Partner, *, by: Actor | None) -> None:
    from referrals.operations.deals import open_deal

    open_deal(lead, partner, by=by)


def _no_longer_open(offer: Offer) -> str:
    return {
        OfferStatus.ACCEPTED: _("Somebody of your firm has accepted this lead already."),
        OfferStatus.DECLINED: _("Somebody of your firm has declined this lead already."),
        OfferStatus.LAPSED: _("The time to answer is over; the lead has gone to the next partner."),
        OfferStatus.WITHDRAWN: why_withdrawn(offer),
        OfferStatus.OFFERED: "",
    }[offer.status]
