"""Mails about leads, the mirror of the deal, and the clocks that run while nobody looks."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any

from core.database import session
from core.i18n import lazy_gettext
from core.jobs import recurring
from core.signals import receives
from events.signals import GuestRegistered
from partners.models import Partner
from partners.queries import onboarding
from partners.queries.onboarding import Step
from referrals import operations
from referrals.emails import leads as lead_emails
from referrals.models.leads import LeadOrigin
from referrals.operations import LeadData
from referrals.operations.holding import free_lead
from referrals.queries import leads as asked
from referrals.routing import Mode
from referrals.settings import RETURN_DAYS
from referrals.signals.deals import DealExpired, DealLost, DealWon
from referrals.signals.leads import LeadOffered, LeadReturned, OfferLapsed, OfferReminded

#: So many at a time; what is left is done by the next run.
_AT_ONCE = 200


def have_answered_a_lead(partner_ids: Collection[int]) -> Iterable[int]:
    """The firms that have accepted, declined or claimed at least one lead."""
    return asked.partners_who_answered(partner_ids)


onboarding.add_step(
    Step(
        "first_lead",
        lazy_gettext("Answer the first lead"),
        lazy_gettext("Who answers quickly is asked first."),
        30,
        "referrals.leads",
        have_answered_a_lead,
    )
)


@receives(GuestRegistered)
def a_guest_who_agreed_becomes_a_lead_for_the_host(signal: GuestRegistered) -> None:
    """Once a registration; a guest known already is a duplicate and reaches whoever has the first lead."""
    guest = signal.subject
    operations.receive_lead(
        LeadData(
            origin=LeadOrigin.EVENT,
            company=guest.company or None,
            person=guest.name,
            email=guest.email,
            phone=guest.phone or None,
            country=guest.country or None,
            source="event",
            campaign=guest.event.title[:120],
            event_partner_id=guest.partner_id,
            consent_version=(guest.consent_hash or "")[:12] or None,
            consent_at=guest.consented_at,
            caller_key=f"registration-{guest.id}",
        ),
        by=None,
    )


@receives(LeadOffered)
def write_to_the_partner_who_is_asked(signal: LeadOffered) -> None:
    lead_emails.offered(signal.subject)


@receives(OfferReminded)
def remind_the_partner_at_half_time(signal: OfferReminded) -> None:
    lead_emails.reminded(signal.subject)


@receives(OfferLapsed)
def tell_the_partner_that_the_offer_lapsed(signal: OfferLapsed) -> None:
    lead_emails.lapsed(signal.subject)


@receives(LeadReturned)
def tell_the_partner_that_the_portal_took_a_lead_back(signal: LeadReturned) -> None:
    if signal.by is None:
        lead_emails.returned(signal.subject, session.get_one(Partner, signal.former_partner_id))


@receives(DealWon)
def a_lead_is_won_with_its_deal(signal: DealWon) -> None:
    if signal.subject.lead is not None:
        operations.mirror_won(signal.subject.lead, by=signal.by)


@receives(DealLost)
def a_lead_is_lost_with_its_deal(signal: DealLost) -> None:
    deal = signal.subject
    if deal.lead is not None:
        operations.mirror_lost(deal.lead, reason=str(deal.lost_reason or ""), by=signal.by)


@receives(DealExpired)
def a_lead_goes_back_to_the_pool_when_protection_runs_out(signal: DealExpired) -> None:
    lead = signal.subject.lead
    if lead is not None and lead.is_held:
        free_lead(lead, reason="protection_ran_out", by=None)
        operations.route_lead(lead, by=None, mode=Mode.POOL)


@recurring("referrals.lead-clocks", every=timedelta(minutes=1))
def move_the_clocks_of_offers(_payload: dict[str, Any]) -> None:
    """Reminds at half time; what nobody answered in time goes to the next partner."""
    for offer in session.scalars(asked.offers_at_half_time().limit(_AT_ONCE)).all():
        operations.remind_of_offer(offer)
    for offer in session.scalars(asked.lapsed_offers().limit(_AT_ONCE)).all():
        operations.lapse_offer(offer)


@recurring("referrals.idle-leads", at="06:10")
def take_idle_leads_back(_payload: dict[str, Any]) -> None:
    """Leads that a partner holds and has not touched for so many days go back to the pool."""
    for lead in session.scalars(asked.idle_leads(RETURN_DAYS.value()).limit(_AT_ONCE)).all():
        operations.recycle_idle_lead(lead)
