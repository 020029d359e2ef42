"""Papers that go with statements: which are made, by which agreement, and which lines are no service of the partner."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from commissions.models import (
    SERVICES,
    Entry,
    EntryKind,
    JournalEntry,
    Payout,
    PayoutLine,
    Statement,
    StatementLine,
    StatementPaper,
)
from core.bulk import portions
from core.database import session
from partners.models import Agreement, AgreementAcceptance
from referrals.models import BilledBy, Sale


def papers_of(statements: Sequence[Statement]) -> dict[int, list[StatementPaper]]:
    """What was made with each of these statements, by its number in the database."""
    ids = [statement.id for statement in statements]
    found: dict[int, list[StatementPaper]] = {statement_id: [] for statement_id in ids}
    query = sa.select(StatementPaper).where(StatementPaper.statement_id.in_(ids)).order_by(StatementPaper.id)
    for paper in session.scalars(query):
        found[paper.statement_id].append(paper)
    return found


def statements_of_payout(payout: Payout) -> Sequence[Statement]:
    """The statements on which the lines of a payout stand, the oldest first."""
    line = sa.literal("entry:") + sa.cast(PayoutLine.entry_id, sa.Text)
    of_its_lines = (
        sa.select(StatementLine.statement_id)
        .join(JournalEntry, JournalEntry.id == StatementLine.journal_entry_id)
        .join(PayoutLine, JournalEntry.key == line)
        .where(PayoutLine.payout_id == payout.id)
    )
    query = sa.select(Statement).where(Statement.id.in_(of_its_lines))
    return session.scalars(query.order_by(Statement.month, Statement.id)).all()


def acceptance_at(partner_id: int, moment: datetime) -> AgreementAcceptance | None:
    """The latest version of the agreement that a partner had accepted at ``moment``."""
    return session.scalar(
        sa.select(AgreementAcceptance)
        .join(AgreementAcceptance.agreement)
        .options(joinedload(AgreementAcceptance.agreement))
        .where(AgreementAcceptance.partner_id == partner_id, AgreementAcceptance.accepted_at <= moment)
        .order_by(Agreement.number.desc())
        .limit(1)
    )


def services_among(lines: Sequence[tuple[int, EntryKind]]) -> set[int]:
    """Of these (line, kind), what the partner did for the vendor: no costs given back, set-offs or vendor's parts."""
    of_a_kind = [entry_id for entry_id, kind in lines if kind in SERVICES]
    return set(of_a_kind) - vendors_parts(of_a_kind)


def vendors_parts(entry_ids: Sequence[int]) -> set[int]:
    """Of these lines, what is the vendor's part of sales that the partner billed itself, corrections included."""
    found: set[int] = set()
    for some in portions(entry_ids, 500):
        found.update(session.scalars(all_vendors_parts(Entry.id.in_(some))))
    return found


def all_vendors_parts(among: sa.ColumnElement[bool]) -> sa.Select[int]:
    """The same as a query, of the lines for which ``among`` holds."""
    first, second = aliased(Entry), aliased(Entry)
    return (
        sa.select(Entry.id)
        .join(Sale, Sale.id == Entry.sale_id)
        .outerjoin(first, first.id == Entry.corrects_id)
        .outerjoin(second, second.id == first.corrects_id)
        .where(
            among,
            Sale.billed_by == BilledBy.PARTNER,
            Sale.partner_id == Entry.partner_id,
            sa.func.coalesce(second.kind, first.kind, Entry.kind) == EntryKind.SPLIT.value,
        )
    )
