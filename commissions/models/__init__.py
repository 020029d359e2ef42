"""The tables of commissions, one module a subject."""

from commissions.models.bank import (
    BankLine,
    BankStatement,
    PayingAccount,
    PaymentFile,
    StatementFormat,
    StripeComparison,
)
from commissions.models.disputes import UNDECIDED, Dispute, DisputeMessage, DisputeStatus
from commissions.models.entries import BeneficiaryType, EarnedDay, Entry, EntryHold, EntryKind
from commissions.models.imports import SaleImport
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
from commissions.models.long_runs import LongRunStatus, Recomputation
from commissions.models.papers import SERVICES, PaperKind, StatementPaper
from commissions.models.payouts import (
    PAYOUT_STEPS,
    RUN_STEPS,
    Payout,
    PayoutAttempt,
    PayoutLine,
    PayoutRun,
    PayoutStatus,
    RunStatus,
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
from commissions.models.profiles import (
    PayoutMethod,
    PayoutProfile,
    TaxPaper,
    TaxPaperKind,
    VatStatus,
    masked_account,
    masked_iban,
)
from commissions.models.proofs import ProofCheck
from commissions.models.recruitments import Recruitment
from commissions.models.sale_reports import SaleReport, SaleReportStatus
from commissions.models.statements import Statement, StatementLine
from commissions.models.webhooks import WebhookEvent

__all__ = [
    "PAYOUT_STEPS",
    "RUN_STEPS",
    "SERVICES",
    "UNDECIDED",
    "Account",
    "AccountType",
    "Assessment",
    "BankLine",
    "BankStatement",
    "BeneficiaryType",
    "CachedBalance",
    "CapUse",
    "ChainBatch",
    "Dispute",
    "DisputeMessage",
    "DisputeStatus",
    "EarnedDay",
    "Entry",
    "EntryHold",
    "EntryKind",
    "JournalEntry",
    "JournalKind",
    "JournalLine",
    "JournalSeal",
    "LongRunStatus",
    "Pair",
    "PaperKind",
    "PartnerBook",
    "PayingAccount",
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
    "Recomputation",
    "Recruitment",
    "RunStatus",
    "SaleImport",
    "SaleReport",
    "SaleReportStatus",
    "Statement",
    "StatementFormat",
    "StatementLine",
    "StatementPaper",
    "StripeComparison",
    "TaxPaper",
    "TaxPaperKind",
    "VatStatus",
    "WebhookEvent",
    "masked_account",
    "masked_iban",
]
