"""What events does when something happened: it writes to the people concerned, and ends what is over every night."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from core import jobs
from core.database import session
from core.i18n import lazy_gettext, ngettext
from core.signals import receives
from events import emails, operations
from events.models import (
    AdvanceStatus,
    Allocation,
    CoHost,
    CoHostStatus,
    Event,
    FundingRequest,
    Registration,
    RegistrationStatus,
)
from events.queries import measures
from events.signals import (
    AdvanceEnded,
    ClaimQuestionAsked,
    CoHostAnswered,
    CoHostAsked,
    EventCancelled,
    FundingClaimAppealed,
    FundingClaimApproved,
    FundingClaimClosed,
    FundingClaimReimbursed,
    FundingClaimRejected,
    FundingClaimSubmitted,
    FundingQuestionAsked,
    FundingRequestApproved,
    FundingRequestDeclined,
    FundingRequested,
    SeatOffered,
    SeatTaken,
)
from partners.models import Partner
from partners.queries.leaving import count, tells_on_leaving, tells_on_merging
from partners.queries.measures import Measure, MeasureUnit, measures_by
from partners.signals import PartnersMerged, PartnerTerminated


@receives(SeatTaken)
def confirm_the_registration_by_mail(signal: SeatTaken) -> None:
    emails.seat_taken(signal.subject)


@receives(SeatOffered)
def tell_the_guest_that_a_seat_is_free(signal: SeatOffered) -> None:
    emails.seat_offered(signal.subject)


@receives(EventCancelled)
def tell_the_guests_when_an_event_is_cancelled(signal: EventCancelled) -> None:
    jobs.enqueue(
        "events.tell-guests", {"event": signal.subject.id}, key=f"event-cancelled:{signal.subject.id}"
    )


@jobs.job("events.tell-guests")
def tell_guests(payload: dict[str, Any]) -> None:
    """Writes to everybody who still wanted to come."""
    event = session.get_one(Event, payload["event"])
    guests = sa.select(Registration).where(
        Registration.event_id == event.id, Registration.status != RegistrationStatus.WITHDRAWN
    )
    for guest in session.scalars(guests).all():
        emails.cancelled(guest, event.cancel_reason)
    joined = sa.select(CoHost).where(CoHost.event_id == event.id, CoHost.status == CoHostStatus.ACCEPTED)
    for co_host in session.scalars(joined).all():
        emails.to_co_host("event_cancelled_partner", co_host)
    emails.to_manager("event_cancelled_partner", event.partner, f"/funding/events/{event.id}", event=event)


@jobs.job("events.remind-guests")
def remind_guests(payload: dict[str, Any]) -> None:
    """Writes to everybody who has a seat, unless the event was called off meanwhile."""
    event = session.get_one(Event, payload["event"])
    if not event.is_planned:
        return
    guests = sa.select(Registration).where(
        Registration.event_id == event.id, Registration.status == RegistrationStatus.REGISTERED
    )
    for guest in session.scalars(guests).all():
        emails.reminder(guest)


@jobs.job("events.remind-of-allocation")
def remind_of_allocation(payload: dict[str, Any]) -> None:
    """Money set aside for a partner lapses soon, and some of it is unused."""
    allocation = session.get_one(Allocation, payload["allocation"])
    if allocation.available_minor > 0:
        emails.about_allocation(allocation)


@jobs.job("events.remind-to-claim")
def remind_to_claim(payload: dict[str, Any]) -> None:
    """The last day to claim a cost is near."""
    emails.about_request("claim_soon", session.get_one(FundingRequest, payload["request"]))


@receives(AdvanceEnded)
def tell_the_partner_that_an_advance_is_owed_back(signal: AdvanceEnded) -> None:
    if signal.subject.status is AdvanceStatus.TAKEN_BACK:
        emails.about_advance("advance_taken_back", signal.subject)


@receives(CoHostAsked)
def tell_the_host_that_somebody_wants_to_join(signal: CoHostAsked) -> None:
    emails.to_host("co_host_asked", signal.subject)


@receives(CoHostAnswered)
def tell_the_co_host_what_the_host_says(signal: CoHostAnswered) -> None:
    emails.to_co_host("co_host_answered", signal.subject)


@receives(FundingRequested)
def tell_the_manager_about_a_request(signal: FundingRequested) -> None:
    request = signal.subject
    emails.to_manager("request_waits", request.partner, f"/funding/requests/{request.id}", funding=request)


@receives(FundingQuestionAsked)
def ask_the_partner_about_a_request(signal: FundingQuestionAsked) -> None:
    emails.about_request("request_question", signal.subject)


@receives(FundingRequestApproved)
def tell_the_partner_that_a_request_is_approved(signal: FundingRequestApproved) -> None:
    emails.about_request("request_approved", signal.subject)


@receives(FundingRequestDeclined)
def tell_the_partner_why_a_request_is_declined(signal: FundingRequestDeclined) -> None:
    emails.about_request("request_declined", signal.subject)


@receives(FundingClaimSubmitted, FundingClaimAppealed)
def tell_the_manager_about_a_claim(signal: FundingClaimSubmitted | FundingClaimAppealed) -> None:
    claim = signal.subject
    emails.to_manager(
        "claim_waits", claim.partner, f"/funding/claims/{claim.id}", claim=claim, funding=claim.request
    )


@receives(ClaimQuestionAsked)
def ask_the_partner_to_mend_a_claim(signal: ClaimQuestionAsked) -> None:
    emails.about_claim("claim_question", signal.subject)


@receives(FundingClaimApproved)
def tell_the_partner_what_is_reimbursed(signal: FundingClaimApproved) -> None:
    emails.about_claim("claim_approved", signal.subject)


@receives(FundingClaimRejected, FundingClaimClosed)
def tell_the_partner_why_nothing_is_reimbursed(signal: FundingClaimRejected | FundingClaimClosed) -> None:
    emails.about_claim("claim_rejected", signal.subject)


@receives(FundingClaimReimbursed)
def tell_the_partner_that_the_money_was_sent(signal: FundingClaimReimbursed) -> None:
    emails.about_claim("claim_reimbursed", signal.subject)


@jobs.recurring("events.close-what-is-over", at="02:20")
def close_what_is_over(_payload: dict[str, Any]) -> None:
    """Requests and claims whose day has passed lapse, and release what was reserved."""
    operations.close_what_is_over()


measures_by(
    Measure(
        "events_held",
        lazy_gettext("Events held"),
        MeasureUnit.COUNT,
        lazy_gettext("Co-funded events that took place."),
        70,
        facts=measures.events_held,
        for_tiers=False,
        endpoint="events.funding",
    )
)


@jobs.recurring("events.remind-guests-of-what-is-near", every=timedelta(hours=1))
def remind_of_what_is_near(_payload: dict[str, Any]) -> None:
    """Guests are reminded before their event."""
    operations.remind_of_what_is_near()


@jobs.recurring("events.remind-of-money", at="08:10")
def remind_of_money(_payload: dict[str, Any]) -> None:
    """Partners are reminded before money lapses."""
    operations.remind_of_money()


@jobs.recurring("events.delete-old-originals", at="02:40")
def delete_old_originals(_payload: dict[str, Any]) -> None:
    """Receipts are kept for 24 months."""
    operations.delete_old_originals()


@receives(PartnerTerminated)
def give_up_requests_of_a_firm_that_left(signal: PartnerTerminated) -> None:
    """Open requests are withdrawn and what was reserved is free; the cost of an event that is over is still paid."""
    operations.give_up_requests(signal.subject, by=signal.by)


@receives(PartnersMerged)
def move_requests_of_a_duplicate(signal: PartnersMerged) -> None:
    operations.move_requests(signal.subject, session.get_one(Partner, signal.survivor_id))


@tells_on_leaving(order=30)
def requests_given_up(partner: Partner, _heir: Partner | None) -> Iterable[str]:
    """How many requests are withdrawn."""
    number = len(operations.requests_to_give_up(partner))
    if number:
        yield ngettext(
            "%(num)s funding request is withdrawn and its event called off; reserved money is free again.",
            "%(num)s funding requests are withdrawn and their events called off; reserved money is free again.",
            number,
        )


@tells_on_merging(order=30)
def requests_moved(duplicate: Partner, _survivor: Partner | None) -> Iterable[str]:
    """How many requests move."""
    number = count(sa.select(FundingRequest).where(FundingRequest.partner_id == duplicate.id))
    if number:
        yield ngettext(
            "%(num)s funding request moves with its event and claim.",
            "%(num)s funding requests move with their events and claims.",
            number,
        )
