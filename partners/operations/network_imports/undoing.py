"""An import taken back: firms with which nothing was done are forgotten or ended, the others stay."""

from collections.abc import Collection

import sqlalchemy as sa

from accounts import operations as accounts
from accounts.models import User
from core import clock
from core.activity import Actor
from core.database import Base, lock, session
from core.i18n import gettext as _
from core.imports import ImportStatus, is_at, next_job
from core.signals import announce
from partners import signals
from partners.models import (
    AgreementAcceptance,
    Member,
    NetworkImport,
    Partner,
    PartnerStatus,
    Score,
    TierEvaluation,
)
from partners.operations.leaving import terminate_partner

UNDONE_AT_ONCE = 200
#: What a firm has without anybody doing something with it: figures of the night, and what came with the file.
_OF_ITSELF = {table.__tablename__ for table in (Partner, Member, AgreementAcceptance, Score, TierEvaluation)}


def start_undoing(row: NetworkImport, *, by: Actor | None) -> None:
    """Begins to take the firms of the file back. Raises Refusal."""
    lock(row)
    row.become(ImportStatus.UNDOING)
    announce(signals.FirmsTakenBack(row, by))
    next_job("partners.undo-firms", row)


def undo_some(row: NetworkImport) -> bool:
    """Takes the next firms back; tells whether there are more.

    Who has people or a signed agreement is ended, since those stay on record.
    """
    if not is_at(row, ImportStatus.UNDOING):
        return False
    firms = session.scalars(
        sa.select(Partner)
        .where(Partner.import_id == row.id, Partner.id > _after(row))
        .order_by(Partner.id)
        .limit(UNDONE_AT_ONCE)
    ).all()
    ids = [firm.id for firm in firms]
    touched = touched_firms(ids)
    on_record = _on_record(ids)
    for firm in firms:
        if firm.id in touched or firm.status is PartnerStatus.TERMINATED:
            row.kept += 1
        elif firm.id in on_record:
            _end(firm)
            row.ended += 1
        else:
            row.forgotten += 1
    gone = [number for number in ids if number not in touched and number not in on_record]
    for table in (Score, TierEvaluation):
        session.execute(sa.delete(table).where(table.partner_id.in_(gone)))
    session.execute(
        sa.delete(Partner).where(Partner.id.in_(gone)).execution_options(synchronize_session=False)
    )
    session.expire_all()
    if len(firms) == UNDONE_AT_ONCE:
        row.read_to = ids[-1]
        return True
    row.end(ImportStatus.UNDONE)
    return False


def _after(row: NetworkImport) -> int:
    """Firms are gone through by their numbers; ``read_to`` begins at 1, which belongs to no imported firm's past."""
    return row.read_to if row.read_to > 1 else 0


def touched_firms(ids: Collection[int]) -> set[int]:
    """Those of these firms of which any table knows more than came with the file, or whose people signed up."""
    touched = set(
        session.scalars(
            sa.select(Member.partner_id)
            .join(Member.user)
            .where(
                Member.partner_id.in_(ids),
                sa.or_(User.password_hash.is_not(None), User.provider_subject.is_not(None)),
            )
        )
    )
    for table in Base.metadata.tables.values():
        for key in table.foreign_keys:
            if key.column is not Partner.__table__.c.id:
                continue
            if table.name in _OF_ITSELF and key.parent.name == "partner_id":
                continue
            touched |= set(session.scalars(sa.select(key.parent).where(key.parent.in_(ids)).distinct()))
    return touched


def _on_record(ids: Collection[int]) -> set[int]:
    known: set[int] = set()
    for table in (Member, AgreementAcceptance):
        known |= set(session.scalars(sa.select(table.partner_id).where(table.partner_id.in_(ids)).distinct()))
    return known


def _end(firm: Partner) -> None:
    terminate_partner(firm, reason=_("Its import was taken back."), heir=None, by=None)
    members = sa.select(Member).where(Member.partner_id == firm.id, Member.left_at.is_(None))
    for member in session.scalars(members).all():
        member.left_at = clock.now()
        if member.user.suspended_at is None:
            accounts.suspend_person(member.user, by=None)
