"""The tables of commissions, one module a subject."""

from commissions.models.entries import BeneficiaryType, Entry, EntryHold, EntryKind
from commissions.models.ledger import (
    Account,
    AccountType,
    CachedBalance,
    ChainBatch,
    JournalEntry,
    JournalKind,
    JournalLine,
    JournalSeal,
)
from commissions.models.payouts import (
    PAYOUT_STEPS,
    RUN_STEPS,
    PaymentFile,
    Payout,
    PayoutAttempt,
    PayoutLine,
    PayoutMethod,
    PayoutProfile,
    PayoutRun,
    PayoutStatus,
    RunStatus,
    VatStatus,
    masked_iban,
)
from commissions.models.plans import (
    Assessment,
    CapUse,
    Pair,
    PartnerBook,
    Plan,
    PlanVersion,
    PlanVersionStatus,
)
from commissions.models.proofs import ProofCheck
from commissions.models.statements import Statement, StatementLine
from commissions.models.webhooks import WebhookEvent

__all__ = [
    "PAYOUT_STEPS",
    "RUN_STEPS",
    "Account",
    "AccountType",
    "Assessment",
    "BeneficiaryType",
    "CachedBalance",
    "CapUse",
    "ChainBatch",
    "Entry",
    "EntryHold",
    "EntryKind",
    "JournalEntry",
    "JournalKind",
    "JournalLine",
    "JournalSeal",
    "Pair",
    "PartnerBook",
    "PaymentFile",
    "Payout",
    "PayoutAttempt",
    "PayoutLine",
    "PayoutMethod",
    "PayoutProfile",
    "PayoutRun",
    "PayoutStatus",
    "Plan",
    "PlanVersion",
    "PlanVersionStatus",
    "ProofCheck",
    "RunStatus",
    "Statement",
    "StatementLine",
    "VatStatus",
    "WebhookEvent",
    "masked_iban",
]
