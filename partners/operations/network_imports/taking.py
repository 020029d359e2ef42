"""The rows of a checked file become firms; their admins are invited where that was asked for."""

from accounts.permissions import Role
from core.activity import Actor
from core.errors import InvalidInput
from core.imports import ImportStatus, begin_taking, goes_on, is_at, next_job, some_records
from core.signals import announce
from partners import queries, signals
from partners.models import NetworkImport
from partners.operations.agreements import accept_agreement
from partners.operations.firms import admit_partner
from partners.operations.members import add_member
from partners.operations.network_imports.checking import Twins, earlier_records, known_now, looked_at
from partners.operations.network_imports.columns import FirmRow

#: So many rows a job.
TAKEN_AT_ONCE = 200


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
    known, twins = known_now(), Twins(earlier_records(row), read)
    ready: list[FirmRow] = []
    for record in read:
        try:
            ready.append(looked_at(record, known, twins))
        except InvalidInput:
            if row.leaves_out_wrong:
                continue
            row.become(ImportStatus.UNDOING)
            next_job("partners.undo-firms", row)
            return False
    for one in ready:
        _take(row, one, by)
    row.taken += len(ready)
    if goes_on(row, read, TAKEN_AT_ONCE):
        return True
    row.end(ImportStatus.DONE)
    announce(signals.FirmsImported(row, None, taken=row.taken, invited=row.invited))
    return False


def _take(row: NetworkImport, one: FirmRow, by: Actor | None) -> None:
    firm = admit_partner(**one.firm, manager=one.manager, by=by)
    firm.import_id = row.id
    current = queries.current_agreement() if one.is_signed else None
    if current is not None:
        accept_agreement(firm, current, by=by, on_paper=True)
    if one.admin_email and row.invites_admins:
        add_member(firm, email=one.admin_email, name=one.admin_name, role=Role.PARTNER_ADMIN, by=by)
        row.invited += 1
