"""What events does when something happened: it writes to the people concerned, and ends what is over every night."""

from typing import Any

import sqlalchemy as sa

from core import jobs
from core.database import session
from core.signals import receives
from events import emails, operations
from events.models import Event, Registration, RegistrationStatus
from events.signals import (
    ClaimQuestionAsked,
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
