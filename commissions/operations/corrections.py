"""Corrections of a line by hand: posted beside what the rules grant, and taken back with the sale they belong to."""

from collections.abc import Mapping, Sequence, Set
from datetime import datetime

import sqlalchemy as sa

from commissions import rates
from commissions.models import Entry, EntryKind
from commissions.operations.entries import post_entries
from commissions.queries.plans import key_of
from core import clock
from core.activity import Actor
from core.database import session
from core.errors import Refusal
from core.i18n import format_money
from core.i18n import gettext as _
from core.money import LIMIT, half_up_ratio


def stands_at(entry: Entry) -> int:
    """What a line comes to with everything that corrected it, and what was taken back of that."""
    by_line = sa.select(Entry.id).where(Entry.corrects_id == entry.id)
    later = sa.select(sa.cast(sa.func.coalesce(sa.func.sum(Entry.amount_minor), 0), sa.BigInteger)).where(
        sa.or_(Entry.corrects_id == entry.id, Entry.corrects_id.in_(by_line))
    )
    return entry.amount_minor + int(session.scalar(later) or 0)


def correct_entry(
    entry: Entry, *, should_be_minor: int, reason: str, cause: str, kept: Sequence[int], by: Actor
) -> Entry:
    """Posts the difference that makes a line come to ``should_be_minor``; answers the new line.

    ``kept`` is what the customer keeps of each line of the sale now: later refunds take the same part of the
    correction. A correction is payable when the line it corrects is; one that takes back counts at once. Raises
    Refusal when there is no difference.
    """
    if entry.partner_id is None:
        raise Refusal(_("The vendor's own share is not owed to anybody."))
    if abs(should_be_minor) >= LIMIT:
        raise Refusal(_("That is more than the books can hold."))
    difference = should_be_minor - stands_at(entry)
    if not difference:
        raise Refusal(
            _("The line comes to %(amount)s already.", amount=format_money(should_be_minor, entry.currency))
        )
    now = clock.now()
    kept_minor = _kept_of(entry.line, kept)
    working = rates.CorrectionWorking(difference, kept_minor, kept_minor)
    proof = rates.proof_of(working, difference, entry.currency)
    correction = Entry(
        sale_id=entry.sale_id,
        line=entry.line,
        kind=EntryKind.ADJUSTMENT,
        partner_id=entry.partner_id,
        amount_minor=difference,
        currency=entry.currency,
        rule=entry.rule,
        cause=cause,
        received_at=now,
        available_at=max(now, entry.available_at) if difference > 0 else now,
        proof={**proof, "because": reason, "by": str(by.name)},
        corrects_id=entry.id,
    )
    return post_entries([correction], by=by)[0]


def follow_corrections(
    sale_id: int,
    kept: Sequence[int],
    earning: Set[rates.EntryKey],
    known: Sequence[Entry],
    received_at: datetime,
    cause: str,
    *,
    by: Actor | None,
) -> list[Entry]:
    """Takes back of each correction on a sale what the customer no longer keeps, by difference.

    A correction of a figure that the sale has no more (it is another partner's, or void) goes altogether. What was
    taken back returns when a payment or a chargeback that was won restores it, never above the correction.
    """
    by_id = {entry.id: entry for entry in known}
    posted = []
    for root in known:
        if root.kind is not EntryKind.ADJUSTMENT or "inputs" not in root.proof:
            continue
        inputs = root.proof["inputs"]
        is_earned = key_of(_origin(root, by_id)) in earning
        kept_minor = _kept_of(root.line, kept) if is_earned else 0
        of_minor = inputs["of_minor"] if is_earned else max(1, inputs["of_minor"])
        working = rates.CorrectionWorking(root.amount_minor, kept_minor, of_minor)
        before = root.amount_minor + sum(one.amount_minor for one in known if one.corrects_id == root.id)
        left = half_up_ratio(*working.exact)
        if left == before:
            continue
        posted.append(
            Entry(
                # The line itself may be reversed by the same cause, under the same rule.
                key=f"{root.key}|{cause}",
                sale_id=sale_id,
                line=root.line,
                kind=EntryKind.REVERSAL,
                partner_id=root.partner_id,
                amount_minor=left - before,
                currency=root.currency,
                rule=root.rule,
                cause=cause,
                received_at=received_at,
                available_at=received_at,
                proof=rates.proof_of(working, left, root.currency, granted_minor=before),
                corrects_id=root.id,
            )
        )
    return post_entries(posted, by=by)


def _origin(entry: Entry, by_id: Mapping[int, Entry]) -> Entry:
    """The line that a rule granted, at the beginning of all corrections."""
    while (before := by_id.get(entry.corrects_id or 0)) is not None:
        entry = before
    return entry


def _kept_of(line: int | None, kept: Sequence[int]) -> int:
    if line is None:
        return sum(kept)
    return kept[line] if line < len(kept) else 0
