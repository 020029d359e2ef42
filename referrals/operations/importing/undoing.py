"""An import taken back: what no partner has answered goes, and whoever was turned away for its sake is let in."""

from collections.abc import Sequence

import sqlalchemy as sa

from core.activity import Actor, Deed
from core.database import lock, session
from core.imports import ImportStatus, is_at, next_job
from core.signals import announce, announce_together
from referrals.models.identity import LeadKey
from referrals.models.imports import LeadImport
from referrals.models.leads import SEEKING, Lead, LeadStatus
from referrals.models.routing import RoutingDecision
from referrals.operations.holding import sort_lead
from referrals.signals.imports import ImportUndone
from referrals.signals.leads import LeadSorted, LeadsSortedOut

UNDONE_AT_ONCE = 500
#: The reason of a lead that came with a file and was taken back after it had been offered.
REASON = "import_undone"


def start_undoing(row: LeadImport, *, by: Actor | None) -> None:
    """Begins to take the leads of the file back. Raises Refusal."""
    lock(row)
    row.become(ImportStatus.UNDOING)
    announce(ImportUndone(row, by))
    next_job("referrals.undo-leads", row)


def undo_some(row: LeadImport) -> bool:
    """Takes the next leads back; tells whether there are more.

    Each is closed, and one that was never routed is forgotten altogether.
    """
    if not is_at(row, ImportStatus.UNDOING):
        return False
    leads = session.scalars(
        sa.select(Lead)
        .where(Lead.import_id == row.id, _can_go())
        .order_by(Lead.id)
        .limit(UNDONE_AT_ONCE)
        .with_for_update()
    ).all()
    routed = set(
        session.scalars(
            sa.select(RoutingDecision.lead_id).where(RoutingDecision.lead_id.in_([lead.id for lead in leads]))
        )
    )
    for lead in leads:
        if lead.id in routed and lead.status in SEEKING:
            sort_lead(lead, "unqualified", reason=REASON, by=None)
    _let_in_who_repeated([lead.id for lead in leads], row)
    _forget([lead for lead in leads if lead.id not in routed])
    session.expire_all()
    if len(leads) == UNDONE_AT_ONCE:
        return True
    kept = sa.select(sa.func.count()).where(
        Lead.import_id == row.id, sa.func.coalesce(Lead.reason, "") != REASON
    )
    row.kept = int(session.scalar(kept) or 0)
    row.end(ImportStatus.UNDONE)
    return False


def _forget(leads: Sequence[Lead]) -> None:
    """Nobody was ever asked to take them, so that nothing is left of them but their rows in the trail."""
    closed = [lead.id for lead in leads if lead.status in SEEKING]
    said = {"status": LeadStatus.UNQUALIFIED.value, "reason": REASON}
    announce_together(
        LeadsSortedOut(closed, None), [Deed(LeadSorted.verb, "lead", one, details=said) for one in closed]
    )
    gone = [lead.id for lead in leads]
    session.execute(sa.delete(LeadKey).where(LeadKey.lead_id.in_(gone)))
    session.execute(
        sa.update(Lead).where(Lead.duplicate_of_id.in_(gone)).values(duplicate_of_id=None)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    session.execute(sa.delete(Lead).where(Lead.id.in_(gone)).execution_options(synchronize_session=False))


def _can_go() -> sa.ColumnElement[bool]:
    """No partner has answered it. What was closed with a decision behind it stays closed."""
    decided = sa.exists().where(RoutingDecision.lead_id == Lead.id)
    closed = Lead.status.in_((LeadStatus.DUPLICATE, LeadStatus.UNQUALIFIED, LeadStatus.SPAM))
    return sa.or_(Lead.status.in_(SEEKING), sa.and_(closed, sa.not_(decided)))


def _let_in_who_repeated(lead_ids: list[int], row: LeadImport) -> None:
    """Leads that came another way and were taken for a repeat of one that goes are real ones after all."""
    turned_away = session.scalars(
        sa.select(Lead).where(
            Lead.duplicate_of_id.in_(lead_ids),
            Lead.status == LeadStatus.DUPLICATE,
            sa.or_(Lead.import_id.is_(None), Lead.import_id != row.id),
        )
    ).all()
    for lead in turned_away:
        sort_lead(lead, "genuine", by=None)
