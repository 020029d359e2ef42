"""The books: what everybody is owed, in double entry. Posted once, never edited, undone by mirror entries."""

from commissions.ledger.audit import audit
from commissions.ledger.chain import seal_the_chain
from commissions.ledger.codes import AccountCode
from commissions.ledger.posting import (
    Draft,
    IdempotencyConflict,
    balance_of,
    balance_of_account,
    post,
    post_many,
    post_new,
    reverse,
)

__all__ = [
    "AccountCode",
    "Draft",
    "IdempotencyConflict",
    "audit",
    "balance_of",
    "balance_of_account",
    "post",
    "post_many",
    "post_new",
    "reverse",
    "seal_the_chain",
]
