"""What co-funding is about: budgets, requests, the events themselves, their guests, and claims with receipts."""

from events.models.advances import Advance, AdvanceStatus
from events.models.claims import (
    APPEALABLE,
    CHECKLISTS,
    OPEN_CLAIMS,
    ClaimLine,
    ClaimStatus,
    FundingClaim,
    LineField,
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
    YearPlan,
    city_key,
)
from events.models.gatherings import Event, EventStatus, Registration, RegistrationStatus
from events.models.hosts import CoHost, CoHostStatus

__all__ = [
    "APPEALABLE",
    "CHECKLISTS",
    "OPEN_CLAIMS",
    "OPEN_REQUESTS",
    "Activity",
    "Advance",
    "AdvanceStatus",
    "Allocation",
    "Budget",
    "ClaimLine",
    "ClaimStatus",
    "CoHost",
    "CoHostStatus",
    "CostKind",
    "Event",
    "EventStatus",
    "FundingClaim",
    "FundingLine",
    "FundingRequest",
    "LineField",
    "Proof",
    "ProofKind",
    "Receipt",
    "Registration",
    "RegistrationStatus",
    "RequestStatus",
    "YearPlan",
    "city_key",
]
