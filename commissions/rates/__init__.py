"""The engine of what partners earn: exact, pure, and without a database.

``parse`` reads a plan version, ``compute`` says what a sale earns under it, given all payments, refunds and
chargebacks known, ``postings`` turns that into differences to what was posted, ``recompute`` works a stored
proof out again, and ``explain`` tells why.
"""

from commissions.rates.bare import BETWEEN, WITHIN, Asked, Bare, BareEntry, BareSale, entries_as_text
from commissions.rates.bulk import Bulk, PlainLine, Written, assessed
from commissions.rates.computation import (
    Beneficiary,
    Computation,
    Entry,
    EntryKey,
    Posting,
    compute,
    first_postings,
    postings,
    targets,
)
from commissions.rates.conversion import Conversion, converted
from commissions.rates.explanation import explain
from commissions.rates.facts import (
    Chargeback,
    CustomerFacts,
    LineFacts,
    Pair,
    PartnerFacts,
    Payment,
    Refund,
    SaleFacts,
)
from commissions.rates.matching import CapKey, cap_keys
from commissions.rates.plan import LICENCE, LINE_KINDS, PlanVersion, Rule, Split
from commissions.rates.proofs import CorrectionWorking, Proof, proof_of, recompute
from commissions.rates.remaining import ConflictingFacts
from commissions.rates.terms import add_months, available_at, months_between, term_ends_at
from commissions.rates.validation import InvalidDefinition, Known, Problem, parse, problems_of

__all__ = [
    "BETWEEN",
    "LICENCE",
    "LINE_KINDS",
    "WITHIN",
    "Asked",
    "Bare",
    "BareEntry",
    "BareSale",
    "Beneficiary",
    "Bulk",
    "CapKey",
    "Chargeback",
    "Computation",
    "ConflictingFacts",
    "Conversion",
    "CorrectionWorking",
    "CustomerFacts",
    "Entry",
    "EntryKey",
    "InvalidDefinition",
    "Known",
    "LineFacts",
    "Pair",
    "PartnerFacts",
    "Payment",
    "PlainLine",
    "PlanVersion",
    "Posting",
    "Problem",
    "Proof",
    "Refund",
    "Rule",
    "SaleFacts",
    "Split",
    "Written",
    "add_months",
    "assessed",
    "available_at",
    "cap_keys",
    "compute",
    "converted",
    "entries_as_text",
    "explain",
    "first_postings",
    "months_between",
    "parse",
    "postings",
    "problems_of",
    "proof_of",
    "recompute",
    "targets",
    "term_ends_at",
]
