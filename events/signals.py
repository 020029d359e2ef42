"""What happens to budgets, requests, events and claims."""

from dataclasses import dataclass
from typing import Any, ClassVar

from core.i18n import lazy_pgettext
from core.signals import Signal
from events.models import (
    Advance,
    Allocation,
    Budget,
    ClaimLine,
    CoHost,
    Event,
    FundingClaim,
    FundingRequest,
    Proof,
    Registration,
    YearPlan,
)


class BudgetMade(Signal[Budget]):
    """The vendor set money aside for events."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Budget made")


class AllocationMade(Signal[Allocation]):
    """A part of a budget is for one partner, or open."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Allocation made")


@dataclass(frozen=True)
class YearPlanned(Signal[YearPlan]):
    """So many events are wanted in a city in a year."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Year planned")

    year: int
    city: str
    events: int


class FundingRequested(Signal[FundingRequest]):
    """Submitted, also after a question: the vendor's clock runs."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Co-funding asked for")


@dataclass(frozen=True)
class FundingQuestionAsked(Signal[FundingRequest]):
    """The vendor wants to know something; the clock stands."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Question about a request asked")

    question: str


@dataclass(frozen=True)
class FundingRequestApproved(Signal[FundingRequest]):
    """So much is reserved; ``subject.event`` is there."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Co-funding approved")

    amount_minor: int
    currency: str


@dataclass(frozen=True)
class FundingRequestDeclined(Signal[FundingRequest]):
    """No money for it, and why."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Co-funding declined")

    reason: str


class FundingRequestWithdrawn(Signal[FundingRequest]):
    """The partner changed its mind; what was reserved is free again."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Request for co-funding withdrawn")


class FundingRequestExpired(Signal[FundingRequest]):
    """Its day passed; what was reserved is free again."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Request for co-funding expired")


@dataclass(frozen=True)
class AdvanceGranted(Signal[Advance]):
    """So much is to be paid before the event."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Advance granted")

    amount_minor: int
    currency: str


class AdvancePaid(Signal[Advance]):
    """The advance was paid out."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Advance paid")


@dataclass(frozen=True)
class AdvanceEnded(Signal[Advance]):
    """It is owed back: off the reimbursement of its claim, or, without one, off what the partner earns."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Advance set off")

    amount_minor: int
    currency: str


class CoHostAsked(Signal[CoHost]):
    """A partner wants to join another's event."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Asked to join an event")


class CoHostAnswered(Signal[CoHost]):
    """The host said yes or no."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Answered a co-host")


class CoHostWithdrew(Signal[CoHost]):
    """The partner took its question back."""

    said: ClassVar[Any] = lazy_pgettext("deed", "No longer wants to join")


class EventPlanned(Signal[Event]):
    """It has a date and, with guests, a public page."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Event planned")


@dataclass(frozen=True)
class EventChanged(Signal[Event]):
    """Its public description, place or seats changed."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Event changed")

    fields: list[str]


class EventHeld(Signal[Event]):
    """It took place."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Event held")


@dataclass(frozen=True)
class EventCancelled(Signal[Event]):
    """It does not take place, and why."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Event cancelled")

    reason: str


class SeatTaken(Signal[Registration]):
    """A guest registered, or waits for a seat."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Seat taken")


class GuestRegistered(Signal[Registration]):
    """A guest who agreed to be contacted registered: somebody to talk to, the host first."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Guest registered")


class SeatGivenUp(Signal[Registration]):
    """A guest does not come."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Seat given up")


class SeatOffered(Signal[Registration]):
    """A seat became free for somebody on the waiting list."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Seat offered")


class GuestCheckedIn(Signal[Registration]):
    """A guest was there."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Guest checked in")


class FundingClaimStarted(Signal[FundingClaim]):
    """The partner collects receipts."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Event report started")


class ClaimLineSaved(Signal[ClaimLine]):
    """A cost was written down or changed."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Cost saved")


@dataclass(frozen=True)
class ClaimLineRemoved(Signal[FundingClaim]):
    """A cost was taken out."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Cost removed")

    supplier: str
    number: str


class ProofAdded(Signal[Proof]):
    """Something shows that the event took place."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Proof added")


class ProofRemoved(Signal[FundingClaim]):
    """A proof was taken out."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Proof removed")


class FundingClaimSubmitted(Signal[FundingClaim]):
    """Handed in, also after a question: the vendor's clock runs."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Event report handed in")


class ClaimQuestionAsked(Signal[FundingClaim]):
    """Something has to be mended; what and why stands at the lines."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Event report sent back with a question")


@dataclass(frozen=True)
class FundingClaimProposed(Signal[FundingClaim]):
    """One person approved it; a second has to."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Reimbursement proposed")

    amount_minor: int
    currency: str


@dataclass(frozen=True)
class FundingClaimApproved(Signal[FundingClaim]):
    """So much is owed to the partner; ``more_minor`` of it is new, the rest was approved before an appeal."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Reimbursement approved")

    amount_minor: int
    currency: str
    more_minor: int


@dataclass(frozen=True)
class FundingClaimRejected(Signal[FundingClaim]):
    """Nothing is reimbursed, and why; an appeal is open."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Event report rejected")

    reason: str


class FundingClaimAppealed(Signal[FundingClaim]):
    """The partner sees it otherwise."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Decision appealed")


@dataclass(frozen=True)
class FundingClaimClosed(Signal[FundingClaim]):
    """The rejection stands, after an appeal or without one in time."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Event report closed")

    reason: str


class FundingClaimExpired(Signal[FundingClaim]):
    """It was not handed in by its day."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Event report expired")


class FundingClaimReimbursed(Signal[FundingClaim]):
    """The money was paid out."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Cost reimbursed")
