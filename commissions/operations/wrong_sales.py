"""What a wrong sale had earned, moved when a person puts it right: voids it, or gives it to somebody else."""

import sqlalchemy as sa

from commissions import rates
from commissions.models import Assessment, BeneficiaryType, CapUse, Entry, EntryKind
from commissions.operations.accrual import (
    Cause,
    assess,
    behind_in_a_cap,
    cause_of,
    has_to_wait,
    hold_book,
    in_order,
    settle,
)
from commissions.operations.corrections import follow_corrections
from commissions.operations.entries import post_entries
from commissions.queries import plans as queries
from core.activity import Actor
from core.database import session
from referrals.models import Sale, SaleDecision


def put_right(sale: Sale, decision: SaleDecision, *, by: Actor | None) -> list[Entry]:
    """A person voided a sale, or gave it to somebody else: what stands is moved by difference; answers the new lines.

    What the former partner's other sales earn may change with it: the pair has another first sale, a cap more room.
    """
    for partner_id in sorted(
        {one for one in (decision.from_partner_id, decision.to_partner_id) if one is not None}
    ):
        hold_book(partner_id)
    before = queries.assessment_of(sale)
    behind = behind_in_a_cap(sale)
    moved = _leave_the_pair(before, sale) if before is not None else []
    posted: list[Entry] = []
    after: Assessment | None = None
    if sale.earns and not has_to_wait(sale, by=by):
        after, moved_here = assess(sale)
        moved += moved_here
    if after is not None:
        posted = settle(sale, after, decision, by=by)
    elif before is not None:
        posted = _settle_at_nothing(sale, decision, by=by)
    for other in in_order([*moved, *behind, *behind_in_a_cap(sale)]):
        assessment = queries.assessment_of(other)
        if other.id != sale.id and assessment is not None:
            posted += settle(other, assessment, decision, by=by)
    return posted


def _leave_the_pair(assessment: Assessment, sale: Sale) -> list[Sale]:
    """Takes a sale out of its pair; answers the pair's others when their first sale is another one now."""
    pair = assessment.pair
    session.delete(assessment)
    session.flush()
    others = queries.sales_of_pair(pair)
    if not others:
        session.delete(pair)
        session.flush()
        return []
    if pair.first_sale_id != sale.id:
        return []
    pair.first_sale_at, pair.first_sale_id = others[0].occurred_at, others[0].id
    session.flush()
    return others


def _settle_at_nothing(sale: Sale, fact: Cause, *, by: Actor | None) -> list[Entry]:
    """Takes back everything that stands on a sale."""
    for use in session.scalars(sa.select(CapUse).where(CapUse.sale_id == sale.id)):
        use.amount_minor = 0
    session.flush()
    known = list(session.scalars(queries.entries_of_sale(sale.id)))
    cause = cause_of(fact)
    reversals = [
        Entry(
            sale_id=sale.id,
            line=key.line,
            kind=EntryKind.REVERSAL,
            beneficiary_type=BeneficiaryType(key.beneficiary.type),
            partner_id=first.partner_id,
            amount_minor=-amount,
            currency=first.currency,
            plan_version_id=first.plan_version_id,
            rule=key.name,
            cause=cause,
            received_at=fact.received_at,
            available_at=fact.received_at,
            proof=rates.proof_of(None, 0, first.currency, granted_minor=amount),
            corrects_id=first.id,
        )
        for key, (amount, first) in queries.granted_by_key(known).items()
        if amount
    ]
    posted = post_entries(reversals, by=by)
    return posted + follow_corrections(sale.id, (), set(), known, fact.received_at, cause, by=by)
