"""Receipts: who may download which, which look like another's, which have been kept long enough."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from accounts.models import User
from accounts.permissions import Permission
from core.database import session
from core.likeness import NEAR, difference
from events.models import OPEN_CLAIMS, ClaimLine, FundingClaim, Proof, Receipt
from partners.queries import rows_visible_to

#: As many are shown for one line.
_MOST = 3


@dataclass(frozen=True, slots=True)
class Match:
    """A line of another claim that may stand for the same receipt. ``bits``: how far its picture is; 0 is the same."""

    line: ClaimLine
    bits: int | None
    same_day_and_sum: bool

    @property
    def looks_alike(self) -> bool:
        return self.bits is not None


def receipts_visible_to(user: User) -> sa.Select[Receipt]:
    """The files ``user`` may download."""
    return sa.select(Receipt).where(rows_visible_to(user, Receipt.partner_id, Permission.FUNDING_READ))


def look_alikes(claim: FundingClaim) -> dict[int, list[Match]]:
    """For each line, lines of other claims, anybody's, with nearly the same picture or the same day and sum.

    Three queries, however many lines. Pictures are compared here: some ten thousand a programme are a few
    milliseconds, and no database counts differing bits in the same way.
    """
    found: dict[int, dict[int, int | None]] = defaultdict(dict)
    pictures = _pictures_elsewhere(claim)
    for line in claim.lines:
        likeness = line.receipt.likeness if line.receipt is not None else None
        if likeness is not None:
            for other, theirs in pictures:
                bits = difference(likeness, theirs)
                if bits <= NEAR:
                    found[line.id][other] = bits
    same_sum = _same_day_and_sum(claim)
    for line_id, others in same_sum.items():
        for other in others:
            found[line_id].setdefault(other, None)
    rows = _lines({other for others in found.values() for other in others})
    return {
        line_id: sorted(
            (Match(rows[other], bits, other in same_sum[line_id]) for other, bits in others.items()),
            key=lambda match: (not match.same_day_and_sum, NEAR + 1 if match.bits is None else match.bits),
        )[:_MOST]
        for line_id, others in found.items()
        if others
    }


def _pictures_elsewhere(claim: FundingClaim) -> list[tuple[int, str]]:
    rows = session.execute(
        sa.select(ClaimLine.id, Receipt.likeness)
        .join(ClaimLine.receipt)
        .where(ClaimLine.claim_id != claim.id, Receipt.likeness.is_not(None))
    )
    return [(line_id, likeness) for line_id, likeness in rows if likeness is not None]


def _same_day_and_sum(claim: FundingClaim) -> dict[int, set[int]]:
    mine, theirs = sa.orm.aliased(ClaimLine), sa.orm.aliased(ClaimLine)
    rows = session.execute(
        sa.select(mine.id, theirs.id).where(
            mine.claim_id == claim.id,
            theirs.claim_id != claim.id,
            theirs.dated_on == mine.dated_on,
            theirs.gross_minor == mine.gross_minor,
            theirs.currency == mine.currency,
        )
    )
    pairs: dict[int, set[int]] = defaultdict(set)
    for own, other in rows:
        pairs[own].add(other)
    return pairs


def _lines(ids: Iterable[int]) -> dict[int, ClaimLine]:
    rows = session.scalars(
        sa.select(ClaimLine)
        .where(ClaimLine.id.in_(ids))
        .options(
            joinedload(ClaimLine.claim).joinedload(FundingClaim.partner),
            joinedload(ClaimLine.claim).joinedload(FundingClaim.request),
        )
    )
    return {row.id: row for row in rows}


def originals_older_than(before: datetime) -> sa.Select[Receipt]:
    """Files uploaded before ``before`` that no open claim needs, oldest first."""
    needed_as_receipt = sa.exists().where(
        ClaimLine.receipt_id == Receipt.id,
        ClaimLine.claim_id == FundingClaim.id,
        FundingClaim.status.in_(OPEN_CLAIMS),
    )
    needed_as_proof = sa.exists().where(
        Proof.receipt_id == Receipt.id,
        Proof.claim_id == FundingClaim.id,
        FundingClaim.status.in_(OPEN_CLAIMS),
    )
    return (
        sa.select(Receipt)
        .where(
            Receipt.uploaded_at < before, Receipt.deleted_at.is_(None), ~needed_as_receipt, ~needed_as_proof
        )
        .order_by(Receipt.id)
    )
