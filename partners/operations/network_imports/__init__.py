"""Firms from a file: looked at, checked row by row, taken in as a whole, and taken back if it was a mistake."""

from partners.operations.network_imports.checking import check_rows, check_with, upload_firms
from partners.operations.network_imports.columns import columns
from partners.operations.network_imports.making import INVITE_JOB
from partners.operations.network_imports.taking import invite_members, start_taking, take_rows
from partners.operations.network_imports.undoing import TELL_JOB, start_undoing, undo_some

__all__ = [
    "INVITE_JOB",
    "TELL_JOB",
    "check_rows",
    "check_with",
    "columns",
    "invite_members",
    "start_taking",
    "start_undoing",
    "take_rows",
    "undo_some",
    "upload_firms",
]
