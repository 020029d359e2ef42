"""Files that come in row by row: kept, their columns agreed on, every row looked at, then taken in and perhaps back.

A step of an import is done by jobs of so many rows, each a transaction that says how far it came. So a worker that dies
loses nothing and repeats nothing, and a page can show how far it is.

A domain has a table that extends :class:`ImportedFile`, says in ``AFTER`` which step may follow which, and writes what
only it knows: its columns, what is wrong with a row, what a row becomes, and how that is undone.
"""

from core.imports.keeping import keep_files_for_a_time
from core.imports.models import BEFORE_TAKING, ImportedFile, ImportStatus
from core.imports.steps import (
    begin_checking,
    begin_taking,
    goes_on,
    import_job,
    is_at,
    keep_problems,
    keep_sheet,
    look_at,
    next_job,
    sheet_of,
    some_records,
)

__all__ = [
    "BEFORE_TAKING",
    "ImportStatus",
    "ImportedFile",
    "begin_checking",
    "begin_taking",
    "goes_on",
    "import_job",
    "is_at",
    "keep_files_for_a_time",
    "keep_problems",
    "keep_sheet",
    "look_at",
    "next_job",
    "sheet_of",
    "some_records",
]
