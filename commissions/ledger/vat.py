"""VAT on payouts: that of each line is worked out again, summed up, and held against the paper that lists the line."""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from commissions.models import Payout, PayoutLine
from commissions.queries.vat import rates_on_papers, vat_at
from core.database import session

_AT_ONCE = 1000


def payouts_with_other_vat() -> Iterator[str]:
    """A sentence for every payout and line whose VAT is not what it should be.

    Payouts whose lines have no rate are of the time when VAT was taken of the whole payout; they stay as they are.
    """
    sums = (
        sa.select(Payout.id, Payout.vat_minor, sa.func.sum(PayoutLine.vat_minor))
        .join(PayoutLine, PayoutLine.payout_id == Payout.id)
        .group_by(Payout.id, Payout.vat_minor)
        .having(sa.func.count(PayoutLine.vat_bp) > 0, sa.func.sum(PayoutLine.vat_minor) != Payout.vat_minor)
        .order_by(Payout.id)
    )
    for payout_id, said, of_lines in session.execute(sums):
        yield f"payout {payout_id} says {said} of VAT, its lines have {of_lines}"
    after = 0
    query = (
        sa.select(
            PayoutLine.id, PayoutLine.entry_id, PayoutLine.payout_id, PayoutLine.vat_bp, PayoutLine.vat_minor,
            PayoutLine.released_at,
        )
        .where(sa.or_(PayoutLine.vat_bp > 0, PayoutLine.vat_minor != 0))
        .order_by(PayoutLine.id)
        .limit(_AT_ONCE)
    )  # fmt: skip
    while lines := session.execute(query.where(PayoutLine.id > after)).all():
        after = lines[-1].id
        for bp in sorted({line.vat_bp or 0 for line in lines}):
            at_rate = [line for line in lines if (line.vat_bp or 0) == bp]
            due = vat_at({line.entry_id: bp for line in at_rate})
            for line in at_rate:
                if line.vat_minor != due[line.entry_id]:
                    yield (
                        f"the line of earnings {line.entry_id} has {line.vat_minor} of VAT in payout "
                        f"{line.payout_id}, at its rate it is {due[line.entry_id]}"
                    )
        yield from _other_than_on_papers(lines)


def _other_than_on_papers(lines: Sequence[Any]) -> Iterator[str]:
    """Lines of live payouts that a paper lists at another rate."""
    live = [line for line in lines if line.released_at is None]
    papers = rates_on_papers([line.entry_id for line in live])
    for line in live:
        bp, number = papers.get(line.entry_id, (line.vat_bp, ""))
        if bp != line.vat_bp:
            yield (
                f"the line of earnings {line.entry_id} has VAT at {line.vat_bp} in payout {line.payout_id} "
                f"and at {bp} on paper {number}"
            )
