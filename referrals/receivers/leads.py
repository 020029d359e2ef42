"""Mails about leads, the mirror of the deal, and the clocks that run while nobody looks."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from core.database import session
from core.i18n import lazy_gettext
from core.imports import import_job
from core.jobs import enqueue, job, recurring
from core.signals import receives
from events.signals import GuestRegistered
from partners.models import Partner
from partners.queries import onboarding
from partners.queries.onboarding import Step
from partners.signals import PartnerSuspended
from referrals import operations
from referrals.emails import leads as lead_emails
from referrals.models.imports import LeadImport
from referrals.models.leads import LeadOrigin
from referrals.models.routing import PolicyReplay
from referrals.operations import LeadData, importing, replays
from referrals.operations.holding import free_lead
from referrals.operations.opportunities import end_opportunity, own_opportunity_of_lead
from referrals.operations.senders import find_neighbours
from referrals.queries.claims import partners_who_answered
from referrals.queries.imports import firms_withdrawn_from, leads_withdrawn_from
from referrals.queries.leads import idle_leads, leads_to_ask_about
from referrals.queries.offers import lapsed_offers, offers_at_half_time, open_offers_to
from referrals.queries.opportunities import OWN_OPPORTUNITY, opportunities_over
from referrals.queries.pool import leads_lying_in_the_pool
from referrals.routing import Mode
from referrals.settings import POOL_DAYS, PROGRESS_DAYS, RETURN_DAYS, UPDATE_DAYS
from referrals.signals.deals import DealExpired, DealLost, DealWon
from referrals.signals.imports import LeadsTakenBack
from referrals.signals.leads import (
    LeadOffered,
    LeadReturned,
    LeadWentToTriage,
    OfferLapsed,
    OfferReminded,
    UpdateReminded,
)

#: So many at a time; what is left is done by the next run.
_AT_ONCE = 200
#: Of so many leads a mail says the company, of the others their number.
_NAMED = 10
_FIRMS_AT_ONCE = 100


def have_answered_a_lead(partner_ids: onboarding.Firms) -> Iterable[int]:
    """The firms that have accepted, declined or claimed at least one lead."""
    return partners_who_answered(partner_ids)


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


@receives(LeadWentToTriage)
def tell_who_talks_to_the_company(signal: LeadWentToTriage) -> None:
    own = own_opportunity_of_lead(signal.subject) if signal.reason == OWN_OPPORTUNITY else None
    if own is not None and own.responsible.has_signed_up:
        lead_emails.came_to_our_own(signal.subject, own.responsible)


@recurring("referrals.own-opportunities", at="00:20")
def end_own_opportunities(_payload: dict[str, Any]) -> None:
    """Whose time is over: the company is for partners again, and its leads are given out."""
    for row in session.scalars(opportunities_over().limit(_AT_ONCE)).all():
        end_opportunity(row, by=None)


@recurring("referrals.lead-clocks", every=timedelta(minutes=1))
def move_the_clocks_of_offers(_payload: dict[str, Any]) -> None:
    """Reminds at half time; what nobody answered in time goes to the next partner."""
    for offer in session.scalars(offers_at_half_time().limit(_AT_ONCE)).all():
        operations.remind_of_offer(offer)
    for offer in session.scalars(lapsed_offers().limit(_AT_ONCE)).all():
        operations.lapse_offer(offer)


@recurring("referrals.pool-clocks", every=timedelta(minutes=30))
def move_the_clocks_of_the_pool(_payload: dict[str, Any]) -> None:
    """What nobody claims, or nobody may claim any more, is a manager's to decide."""
    for lead in session.scalars(leads_lying_in_the_pool(POOL_DAYS.value()).limit(_AT_ONCE)).all():
        operations.leave_the_pool(lead)


@recurring("referrals.update-reminders", at="08:10")
def ask_where_leads_stand(_payload: dict[str, Any]) -> None:
    """Leads without a word for long, or that have not moved on: their partner is asked."""
    found = leads_to_ask_about(UPDATE_DAYS.value(), PROGRESS_DAYS.value()).limit(_AT_ONCE)
    for lead in session.scalars(found).all():
        operations.remind_of_update(lead)


@receives(UpdateReminded)
def write_to_the_partner_who_is_silent(signal: UpdateReminded) -> None:
    lead_emails.update_due(signal.subject, signal.why)


@receives(PartnerSuspended)
def ask_others_when_a_partner_is_suspended(signal: PartnerSuspended) -> None:
    """What it was being asked goes to the next one at once; what it holds has its clock."""
    for offer in session.scalars(open_offers_to(signal.subject)).all():
        operations.withdraw_from_partner(offer, by=signal.by)


@recurring("referrals.idle-leads", at="06:10")
def take_idle_leads_back(_payload: dict[str, Any]) -> None:
    """Leads that a partner holds and has not touched for so many days go back to the pool."""
    for lead in session.scalars(idle_leads(RETURN_DAYS.value()).limit(_AT_ONCE)).all():
        operations.recycle_idle_lead(lead)


@recurring("referrals.lead-neighbours", at="03:30")
def look_who_sits_where_leads_come_from(_payload: dict[str, Any]) -> None:
    """Before from where they were sent is forgotten: partners whose people sign in from the same place."""
    find_neighbours()


import_job("referrals.check-leads", LeadImport, importing.check_rows)
import_job("referrals.take-leads", LeadImport, importing.take_rows)
import_job("referrals.route-leads", LeadImport, importing.route_some)
import_job("referrals.resume-leads", LeadImport, importing.resume_routing)
import_job("referrals.undo-leads", LeadImport, importing.undo_some)


@receives(LeadsTakenBack)
def explain_to_partners_why_offers_are_gone(signal: LeadsTakenBack) -> None:
    if signal.withdrawn:
        enqueue("referrals.explain-withdrawn", {"import_id": signal.subject.id, "after": 0})


@job("referrals.explain-withdrawn")
def explain_to_some_partners(payload: dict[str, Any]) -> None:
    """One mail a person, whatever the number of offers: to the next firms behind ``after``, by their numbers."""
    import_id = payload["import_id"]
    firms = firms_withdrawn_from(import_id, after=payload["after"], most=_FIRMS_AT_ONCE)
    withdrawn = leads_withdrawn_from(import_id, firms, most=_NAMED)
    for partner_id, (number, first) in withdrawn.items():
        lead_emails.withdrawn_together(
            session.get_one(Partner, partner_id), number, first, import_id=import_id
        )
    if len(firms) == _FIRMS_AT_ONCE:
        enqueue("referrals.explain-withdrawn", {"import_id": import_id, "after": firms[-1]})


@job("referrals.replay")
def play_a_replay(payload: dict[str, Any]) -> None:
    """Past leads under a draft of the routing policy."""
    replays.play(session.get_one(PolicyReplay, payload["replay_id"]))
