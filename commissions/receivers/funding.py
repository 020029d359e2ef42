"""An approved funding claim becomes money owed: one line of earnings, payable at once.

So does an advance; once its claim is decided, or none came, a line of the same size takes it back: off the
reimbursement, or off whatever the partner earns next.
"""

import sqlalchemy as sa

from commissions.models import Entry, EntryKind
from commissions.operations.entries import post_entries
from commissions.queries.payouts import entries_of_payout
from commissions.signals import PayoutPaid
from core import clock
from core.database import session
from core.signals import receives
from events.models import Advance, FundingClaim
from events.operations import mark_advance_paid, mark_reimbursed
from events.signals import AdvanceEnded, AdvanceGranted, FundingClaimApproved


@receives(FundingClaimApproved)
def owe_a_reimbursement_when_a_funding_claim_is_approved(signal: FundingClaimApproved) -> None:
    """Once a claim, and once more for what an appeal won; nothing more owes nothing."""
    claim = signal.subject
    if not signal.more_minor:
        return
    is_first = signal.more_minor == signal.amount_minor
    post_entries(
        [
            Entry(
                kind=EntryKind.REIMBURSEMENT,
                partner_id=claim.partner_id,
                amount_minor=signal.more_minor,
                currency=claim.currency,
                rule="event reimbursement",
                cause=f"funding-claim:{claim.id}" if is_first else f"funding-claim-appeal:{claim.id}",
                received_at=clock.now(),
                available_at=clock.now(),
                proof={
                    "claim_id": claim.id,
                    "formula": "as approved",
                    "exact": str(signal.more_minor),
                    "rounding": "none",
                },
            )
        ],
        by=signal.by,
    )


@receives(AdvanceGranted)
def owe_an_advance_when_it_is_granted(signal: AdvanceGranted) -> None:
    """Payable at once: it is meant to come before the event."""
    post_entries(
        [_line(signal.subject, signal.amount_minor, "event advance", _granted(signal.subject))], by=signal.by
    )


@receives(AdvanceEnded)
def take_an_advance_back_when_it_ends(signal: AdvanceEnded) -> None:
    """The same sum the other way, whether a claim covers it or nothing does."""
    advance = signal.subject
    granted = session.scalars(sa.select(Entry).where(Entry.cause == _granted(advance))).one()
    line = _line(advance, -granted.amount_minor, "event advance set off", f"event-advance-end:{advance.id}")
    line.corrects_id = granted.id
    post_entries([line], by=signal.by)


@receives(PayoutPaid)
def note_at_the_event_what_was_paid(signal: PayoutPaid) -> None:
    """A reimbursement or an advance that arrived, and what an appeal won, are written down at their event."""
    lines = entries_of_payout(signal.subject).where(Entry.kind == EntryKind.REIMBURSEMENT)
    for entry in session.scalars(lines).all():
        kind, _sign, number = entry.cause.partition(":")
        if kind == "event-advance":
            mark_advance_paid(session.get_one(Advance, int(number)), by=signal.by)
        elif kind in {"funding-claim", "funding-claim-appeal"}:
            mark_reimbursed(session.get_one(FundingClaim, int(number)), by=signal.by)


def _granted(advance: Advance) -> str:
    return f"event-advance:{advance.id}"


def _line(advance: Advance, amount_minor: int, rule: str, cause: str) -> Entry:
    return Entry(
        kind=EntryKind.REIMBURSEMENT,
        partner_id=advance.partner_id,
        amount_minor=amount_minor,
        currency=advance.currency,
        rule=rule,
        cause=cause,
        received_at=clock.now(),
        available_at=clock.now(),
        proof={
            "advance_id": advance.id,
            "formula": "as approved",
            "exact": str(amount_minor),
            "rounding": "none",
        },
    )
