"""Every question about disputes: whose, how long a line can be disputed, and who was right, rule by rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from accounts.models import User
from accounts.permissions import Permission
from commissions.models import (
    UNDECIDED,
    Dispute,
    DisputeMessage,
    DisputeStatus,
    Entry,
    JournalEntry,
    PlanVersion,
    Statement,
    StatementLine,
)
from commissions.settings import DISPUTE_DAYS
from core.bulk import portions
from core.database import session
from core.i18n import gettext as _
from core.search import number_meant
from partners.models import Partner
from partners.queries import rows_visible_to
from referrals.models import Sale


def disputes_visible_to(user: User) -> sa.Select[Dispute]:
    """The vendor's people who read earnings: all. A partner: those about its own lines."""
    return sa.select(Dispute).where(rows_visible_to(user, Dispute.partner_id, Permission.EARNINGS_READ))


def disputes_to_decide(user: User) -> sa.Select[Dispute]:
    """What the vendor owes an answer or a decision, if ``user`` decides: unanswered by their clocks, then answered."""
    if not user.may(Permission.DISPUTES_DECIDE):
        return sa.select(Dispute).where(sa.false())
    return in_order_of_the_queue(disputes_visible_to(user).where(Dispute.status.in_(UNDECIDED)))


def in_order_of_the_queue(disputes: sa.Select[Dispute]) -> sa.Select[Dispute]:
    """Unanswered ones first, by their clocks; then the oldest first."""
    return disputes.order_by(
        Dispute.answer_due_at.is_(None), Dispute.answer_due_at, Dispute.opened_at, Dispute.id
    )


def with_lines(disputes: sa.Select[Dispute]) -> sa.Select[Dispute]:
    """The same disputes with firm, line and sale at hand, for lists."""
    return disputes.options(
        joinedload(Dispute.partner),
        joinedload(Dispute.correction),
        joinedload(Dispute.entry).joinedload(Entry.sale).joinedload(Sale.customer),
    )


def with_everything(disputes: sa.Select[Dispute]) -> sa.Select[Dispute]:
    """The same disputes with all that was said, for a page about one."""
    return with_lines(disputes).options(
        selectinload(Dispute.messages).joinedload(DisputeMessage.author), joinedload(Dispute.opened_by)
    )


def dispute_of_line(entry: Entry) -> Dispute | None:
    """The dispute about a line that is open or was decided; one that was withdrawn is none."""
    return session.scalar(
        sa.select(Dispute).where(Dispute.entry_id == entry.id, Dispute.status != DisputeStatus.WITHDRAWN)
    )


def dispute_that_made(entry: Entry) -> Dispute | None:
    """The dispute that a correcting line came of."""
    return session.scalar(sa.select(Dispute).where(Dispute.correction_id == entry.id))


def can_be_disputed_until(entry: Entry) -> datetime | None:
    """The last moment to dispute a line: so many days after it, or after its statement.

    ``None`` while it stands on no statement yet: the days have not begun.
    """
    issued_at = session.scalar(
        sa.select(Statement.issued_at)
        .join(StatementLine, StatementLine.statement_id == Statement.id)
        .join(JournalEntry, JournalEntry.id == StatementLine.journal_entry_id)
        .where(JournalEntry.key == f"entry:{entry.id}")
    )
    if issued_at is None:
        return None
    return max(issued_at, entry.created_at) + timedelta(days=DISPUTE_DAYS.value())


def disputes_on_statement(statement: Statement) -> dict[int, Dispute]:
    """The disputes about lines of a statement, by the number of the line."""
    ids = [line["entry_id"] for line in statement.content["lines"] if "entry_id" in line]
    found: dict[int, Dispute] = {}
    for some in portions(ids, 500):
        query = (
            sa.select(Dispute)
            .where(Dispute.entry_id.in_(some), Dispute.status != DisputeStatus.WITHDRAWN)
            .options(joinedload(Dispute.correction))
        )
        found.update((dispute.entry_id, dispute) for dispute in session.scalars(query))
    return found


@dataclass(frozen=True)
class RuleDisputes:
    """How disputes about one rule's lines ended: corrected (the partner was right), rejected, and still open."""

    rule: str
    corrected: int
    rejected: int
    open: int


def _ended(*statuses: DisputeStatus) -> sa.ColumnElement[Any]:
    return sa.func.sum(sa.case((Dispute.status.in_(statuses), 1), else_=0))


def disputes_by_rule(version: PlanVersion) -> Sequence[RuleDisputes]:
    """For every rule of a version that was ever disputed, the most corrected first."""
    corrected, rejected = _ended(DisputeStatus.CORRECTED), _ended(DisputeStatus.REJECTED)
    rows = session.execute(
        sa.select(Entry.rule, corrected, rejected, _ended(*UNDECIDED))
        .join(Dispute, Dispute.entry_id == Entry.id)
        .where(Entry.plan_version_id == version.id, Dispute.status != DisputeStatus.WITHDRAWN)
        .group_by(Entry.rule)
        .order_by(corrected.desc(), rejected.desc(), Entry.rule)
    )
    return [RuleDisputes(rule, int(won), int(lost), int(still)) for rule, won, lost, still in rows]


def disputes_matching(
    disputes: sa.Select[Dispute], *, state: str = "", partner_id: int | None = None, text: str = ""
) -> sa.Select[Dispute]:
    """The disputes in a state (``undecided`` is open and answered), of a partner, and that ``text`` means.

    ``text`` is their number, or a part of their sale's or invoice's name, of their rule's, or of their partner's.
    """
    if state == "undecided":
        disputes = disputes.where(Dispute.status.in_(UNDECIDED))
    elif state in set(DisputeStatus):
        disputes = disputes.where(Dispute.status == DisputeStatus(state))
    if partner_id is not None:
        disputes = disputes.where(Dispute.partner_id == partner_id)
    if text.strip():
        disputes = (
            disputes.join(Entry, Entry.id == Dispute.entry_id)
            .outerjoin(Sale, Sale.id == Entry.sale_id)
            .join(Partner, Partner.id == Dispute.partner_id)
        )
        columns = (Sale.external_id, Sale.invoice, Entry.rule, Partner.name)
        wanted = text.strip().lower()
        fits = [sa.func.lower(column).contains(wanted, autoescape=True) for column in columns]
        number = number_meant(text.strip(), "dispute", _("Dispute"))
        if number is not None:
            fits.append(Dispute.id == number)
        disputes = disputes.where(sa.or_(*fits))
    return disputes


def disputes_late(now: datetime) -> sa.Select[Dispute]:
    """Those whose answer is overdue."""
    return (
        sa.select(Dispute)
        .where(Dispute.status == DisputeStatus.OPEN, Dispute.answer_due_at < now)
        .options(joinedload(Dispute.partner), joinedload(Dispute.entry))
        .order_by(Dispute.id)
    )
