"""The rows of a checked file become firms; their admins are invited where that was asked for."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from accounts.models import User
from core.activity import Actor, Deed
from core.bulk import among, know_sizes, plain_rows
from core.database import session
from core.imports import ImportStatus, begin_taking, goes_on, is_at, next_job, some_records
from core.signals import announce, announce_together
from partners import queries, signals
from partners.models import AgreementAcceptance, Member, NetworkImport, Partner, PartnerStatus
from partners.operations.network_imports.checking import looked_at
from partners.operations.network_imports.columns import FirmRow
from partners.operations.network_imports.making import make_admins, make_firms

#: So many rows a job: some seconds of work. Each reads the names of all rows before its own.
TAKEN_AT_ONCE = 1_000


def start_taking(
    row: NetworkImport, *, leave_out_wrong: bool = False, invite_admins: bool = False, by: Actor | None
) -> None:
    """Takes the file in: everything or nothing, unless wrong rows are to be left out. Raises Refusal."""
    begin_taking(row, leave_out_wrong=leave_out_wrong)
    row.leaves_out_wrong = leave_out_wrong
    row.invites_admins = invite_admins
    announce(signals.FirmsTaken(row, by, leaves_out=row.wrong_rows, invites=invite_admins))
    next_job("partners.take-firms", row)


def take_rows(row: NetworkImport) -> bool:
    """Makes firms of the next rows; tells whether there are more.

    A row that was in order and is no longer ends an import of all or nothing.
    """
    if not is_at(row, ImportStatus.TAKING):
        return False
    by = row.created_by
    read = some_records(row, TAKEN_AT_ONCE)
    with plain_rows():
        found = looked_at(row, read)
        ready = [one for one in found if isinstance(one, FirmRow)]
        if len(ready) < len(found) and not row.leaves_out_wrong:
            row.become(ImportStatus.UNDOING)
            next_job("partners.undo-firms", row)
            return False
        know_sizes(Partner, AgreementAcceptance, Member, User)
        ids = make_firms(ready, import_id=row.id, agreement=queries.current_agreement(), by=by)
        if row.invites_admins:
            row.invited += make_admins(list(zip(ids, ready, strict=True)), by=by)
    row.taken += len(ready)
    if goes_on(row, read, TAKEN_AT_ONCE):
        return True
    row.end(ImportStatus.DONE)
    announce(signals.FirmsImported(row, None, taken=row.taken, invited=row.invited))
    return False


def invite_members(ids: Sequence[int], *, by: Actor | None) -> None:
    """Invites those of these members who still belong to a firm that has not left, and have not signed up."""
    members = session.scalars(
        sa.select(Member)
        .join(Member.user)
        .join(Member.partner)
        .options(contains_eager(Member.user), contains_eager(Member.partner))
        .where(
            among(Member.id, ids),
            Member.left_at.is_(None),
            User.suspended_at.is_(None),
            Partner.status != PartnerStatus.TERMINATED,
        )
        .order_by(Member.id)
    ).all()
    invited = [member for member in members if not member.user.has_signed_up]
    announce_together(
        signals.MembersInvited(invited, by),
        [Deed(signals.MemberInvited.verb, "member", member.id, member.partner_id) for member in invited],
    )
