"""A file comes in, its columns are agreed, and every row is looked at before any lead is made of it."""

from core.activity import Actor
from core.i18n import gettext as _
from core.imports import (
    ImportStatus,
    begin_checking,
    goes_on,
    is_at,
    keep_sheet,
    look_at,
    next_job,
    some_records,
)
from core.signals import announce
from referrals.models.imports import LeadImport
from referrals.operations.importing.columns import Usual, columns, lead_data
from referrals.operations.intake import catalogue_now, lead_from
from referrals.signals.imports import LeadsUploaded

MOST_LEADS = 200_000
#: So many rows a job.
CHECKED_AT_ONCE = 4000


def upload_leads(
    content: bytes, name: str, *, source: str = "", campaign: str = "", by: Actor | None
) -> LeadImport:
    """Keeps a file of leads and guesses its columns; nothing is made of it yet. Raises InvalidInput at ``file``."""
    row = keep_sheet(
        LeadImport,
        content,
        name,
        folder="lead-imports",
        columns=columns(),
        most=MOST_LEADS,
        by=by,
        source=source.strip()[:80],
        campaign=campaign.strip()[:120],
    )
    announce(LeadsUploaded(row, by, rows=row.row_count))
    return row


def check_with(row: LeadImport, places: dict[str, int], *, by: Actor | None) -> None:
    """Agrees on the columns and begins to look at the rows. Raises InvalidInput at a column that will not do."""
    besides = {}
    if not {"company", "email"} & places.keys():
        besides["company"] = _("Choose the column of the company, of the e-mail, or both.")
    begin_checking(row, places, columns(), besides=besides)
    next_job("referrals.check-leads", row)


def check_rows(row: LeadImport) -> bool:
    """Looks at the next rows, and notes what is wrong with which; tells whether there are more.

    At the end somebody decides.
    """
    if not is_at(row, ImportStatus.CHECKING):
        return False
    catalogue, usual = catalogue_now(), Usual(row.source, row.campaign)
    read = some_records(row, CHECKED_AT_ONCE)
    look_at(row, read, lambda record: lead_from(lead_data(record, usual, catalogue), None, catalogue))
    if goes_on(row, read, CHECKED_AT_ONCE):
        return True
    row.become(ImportStatus.CHECKED)
    return False
