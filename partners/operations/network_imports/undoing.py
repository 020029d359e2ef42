"""An import taken back: firms with which nothing was done are forgotten or ended, the others stay."""

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from accounts import operations as accounts
from accounts.models import ApiKey, User
from accounts.permissions import Role
from core import clock
from core.activity import Actor, Deed
from core.bulk import among, know_sizes, portions
from core.database import Base, lock, note_a_hold, session
from core.i18n import gettext as _
from core.imports import ImportStatus, is_at, next_job
from core.jobs import enqueue
from core.signals import announce, announce_together
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
from partners.queries.members import forget_memberships

UNDONE_AT_ONCE = 1_000
TELL_JOB = "partners.tell-taken-back"
#: So many are written to in one job.
TOLD_AT_ONCE = 100
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
    know_sizes(Partner, Member, AgreementAcceptance, User)
    firms = session.scalars(
        sa.select(Partner)
        .where(Partner.import_id == row.id, Partner.id > _after(row))
        .order_by(Partner.id)
        .limit(UNDONE_AT_ONCE)
        # So held, nobody does something with them meanwhile.
        .with_for_update(of=Partner)
    ).all()
    note_a_hold()
    ids = [firm.id for firm in firms]
    touched = touched_firms(ids) | {firm.id for firm in firms if firm.has_left}
    on_record = _on_record(ids) - touched
    with_keys = _with_keys(on_record)
    for firm in firms:
        if firm.id in with_keys:
            _end(firm)
    _end_many(sorted(on_record - with_keys))
    gone = [number for number in ids if number not in touched and number not in on_record]
    _forget(gone)
    row.kept += len(touched)
    row.ended += len(on_record)
    row.forgotten += len(gone)
    session.flush()
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
                among(Member.partner_id, ids),
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
            touched |= set(session.scalars(sa.select(key.parent).where(among(key.parent, ids)).distinct()))
    return touched


def _on_record(ids: Collection[int]) -> set[int]:
    known: set[int] = set()
    for table in (Member, AgreementAcceptance):
        known |= set(
            session.scalars(sa.select(table.partner_id).where(among(table.partner_id, ids)).distinct())
        )
    return known


def _with_keys(ids: Collection[int]) -> set[int]:
    """Those of these firms of whose machines a key still works."""
    return set(
        session.scalars(
            sa.select(Member.partner_id)
            .join(ApiKey, ApiKey.user_id == Member.user_id)
            .where(among(Member.partner_id, ids), ApiKey.revoked_at.is_(None))
        )
    )


def _forget(ids: Collection[int]) -> None:
    for column in (Score.partner_id, TierEvaluation.partner_id, Partner.id):
        gone = sa.delete(column.class_).where(among(column, ids))
        session.execute(gone.execution_options(synchronize_session=False))


def _end(firm: Partner) -> None:
    terminate_partner(firm, reason=_("Its import was taken back."), heir=None, by=None)
    members = sa.select(Member).where(Member.partner_id == firm.id, Member.left_at.is_(None))
    for member in session.scalars(members).all():
        member.left_at = clock.now()
        if member.user.suspended_at is None:
            accounts.suspend_person(member.user, by=None)


def _end_many(ids: Sequence[int]) -> None:
    """The same for many with which nothing was done: they have nothing that somebody could take over."""
    now, reason = clock.now(), _("Its import was taken back.")
    in_bulk = {"synchronize_session": False}
    ended = {
        "status": PartnerStatus.TERMINATED, "status_reason": reason, "terminated_at": now, "heir_id": None,
        "parent_id": None,
    }  # fmt: skip
    session.execute(
        sa.update(Partner).where(among(Partner.id, ids)).values(ended).execution_options(**in_bulk)
    )
    for column in (Score.partner_id, TierEvaluation.partner_id):
        session.execute(sa.delete(column.class_).where(among(column, ids)).execution_options(**in_bulk))
    people = session.execute(
        sa.select(Member.id, Member.user_id, User.role, User.suspended_at)
        .join(Member.user)
        .where(among(Member.partner_id, ids), Member.left_at.is_(None))
        .order_by(Member.id)
    ).all()
    told = [one.id for one in people if one.role is Role.PARTNER_ADMIN and one.suspended_at is None]
    said = {"reason": reason, "heir_id": 0, "heir_name": ""}
    announce_together(
        signals.PartnersTakenBack(ids, None, reason=reason),
        [Deed(signals.PartnerTerminated.verb, "partner", number, number, said) for number in ids],
    )
    members = sa.update(Member).where(among(Member.id, [one.id for one in people]))
    session.execute(members.values(left_at=now).execution_options(**in_bulk))
    accounts.suspend_many([one.user_id for one in people], at=now, by=None)
    forget_memberships()
    for some in portions(told, TOLD_AT_ONCE):
        enqueue(TELL_JOB, {"members": some, "reason": reason})
