"""An approved funding claim becomes money owed: one line of earnings, payable at once."""

from commissions.models import Entry, EntryKind
from commissions.operations.entries import post_entries
from core import clock
from core.signals import receives
from events.signals import FundingClaimApproved


@receives(FundingClaimApproved)
def owe_a_reimbursement_when_a_funding_claim_is_approved(signal: FundingClaimApproved) -> None:
    """Once a claim; a claim that reimburses nothing owes nothing."""
    claim = signal.subject
    if not claim.amount_minor:
        return
    post_entries(
        [
            Entry(
                kind=EntryKind.REIMBURSEMENT,
                partner_id=claim.partner_id,
                amount_minor=claim.amount_minor,
                currency=claim.currency,
                rule="event reimbursement",
                cause=f"funding-claim:{claim.id}",
                received_at=clock.now(),
                available_at=clock.now(),
                proof={
                    "claim_id": claim.id,
                    "formula": "as approved",
                    "exact": str(claim.amount_minor),
                    "rounding": "none",
                },
            )
        ],
        by=signal.by,
    )
