"""The tables of referrals, one module a subject."""

from referrals.models.codes import ReferralCode
from referrals.models.customers import Customer, CustomerKey
from referrals.models.deals import (
    Deal,
    DealKey,
    DealOrigin,
    DealStatus,
    Estimate,
    EstimateLine,
    EstimateMilestone,
    LostReason,
    RejectionCode,
)
from referrals.models.hooks import HookKind, HookMessage, LeadHook
from referrals.models.identity import IdentityKey, LeadKey, NameTrigram
from referrals.models.imports import LeadImport
from referrals.models.leads import (
    ConsentText,
    ContactKind,
    Lead,
    LeadContact,
    LeadOrigin,
    LeadStatus,
    NamedAccount,
)
from referrals.models.links import LeadTouch, LinkClick, ReferralLink
from referrals.models.milestones import ReachedBy, ReachedMilestone
from referrals.models.missing import ReferralRequest, RequestStatus
from referrals.models.rates import ServiceRate
from referrals.models.ratings import Rating
from referrals.models.routing import (
    ClaimWay,
    DeclineReason,
    LeadClaim,
    Offer,
    OfferStatus,
    PolicyReplay,
    PolicyStatus,
    RoutingCandidate,
    RoutingDecision,
    RoutingPolicy,
)
from referrals.models.sales import (
    AttributionSource,
    BilledBy,
    Chargeback,
    ChargebackStatus,
    Paid,
    Payment,
    ReceivedFact,
    Refund,
    Sale,
    SaleDecision,
    SaleLine,
    SaleStatus,
    SaleType,
)
from referrals.models.senders import LeadNeighbour, LeadSender

__all__ = [
    "AttributionSource",
    "BilledBy",
    "Chargeback",
    "ChargebackStatus",
    "ClaimWay",
    "ConsentText",
    "ContactKind",
    "Customer",
    "CustomerKey",
    "Deal",
    "DealKey",
    "DealOrigin",
    "DealStatus",
    "DeclineReason",
    "Estimate",
    "EstimateLine",
    "EstimateMilestone",
    "HookKind",
    "HookMessage",
    "IdentityKey",
    "Lead",
    "LeadClaim",
    "LeadContact",
    "LeadHook",
    "LeadImport",
    "LeadKey",
    "LeadNeighbour",
    "LeadOrigin",
    "LeadSender",
    "LeadStatus",
    "LeadTouch",
    "LinkClick",
    "LostReason",
    "NameTrigram",
    "NamedAccount",
    "Offer",
    "OfferStatus",
    "Paid",
    "Payment",
    "PolicyReplay",
    "PolicyStatus",
    "Rating",
    "ReachedBy",
    "ReachedMilestone",
    "ReceivedFact",
    "ReferralCode",
    "ReferralLink",
    "ReferralRequest",
    "Refund",
    "RejectionCode",
    "RequestStatus",
    "RoutingCandidate",
    "RoutingDecision",
    "RoutingPolicy",
    "Sale",
    "SaleDecision",
    "SaleLine",
    "SaleStatus",
    "SaleType",
    "ServiceRate",
]
