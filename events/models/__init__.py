"""What co-funding is about: budgets, requests, the events themselves, their guests, and claims with receipts."""

from events.models.claims import (
    CHECKLISTS,
    OPEN_CLAIMS,
    ClaimLine,
    ClaimStatus,
    FundingClaim,
    Proof,
    ProofKind,
    Receipt,
)
from events.models.funding import (
    OPEN_REQUESTS,
    Activity,
    Allocation,
    Budget,
    CostKind,
    FundingLine,
    FundingRequest,
    RequestStatus,
)
from events.models.gatherings import Event, EventStatus, Registration, RegistrationStatus

__all__ = [
    "CHECKLISTS",
    "OPEN_CLAIMS",
    "OPEN_REQUESTS",
    "Activity",
    "Allocation",
    "Budget",
    "ClaimLine",
    "ClaimStatus",
    "CostKind",
    "Event",
    "EventStatus",
    "FundingClaim",
    "FundingLine",
    "FundingRequest",
    "Proof",
    "ProofKind",
    "Receipt",
    "Registration",
    "RegistrationStatus",
    "RequestStatus",
]
