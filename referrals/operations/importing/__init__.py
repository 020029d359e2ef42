"""Leads from a file: looked at, checked row by row, taken in as a whole, routed, and taken back if it was a mistake."""

from referrals.operations.importing.checking import check_rows, check_with, upload_leads
from referrals.operations.importing.columns import columns
from referrals.operations.importing.pacing import (
    Room,
    go_on_routing,
    resume_routing,
    room_now,
    route_some,
    stop_routing,
)
from referrals.operations.importing.taking import start_taking, take_rows
from referrals.operations.importing.undoing import start_undoing, undo_some

__all__ = [
    "Room",
    "check_rows",
    "check_with",
    "columns",
    "go_on_routing",
    "resume_routing",
    "room_now",
    "route_some",
    "start_taking",
    "start_undoing",
    "stop_routing",
    "take_rows",
    "undo_some",
    "upload_leads",
]
