"""How long files that came in are kept: they hold people and accounts in the clear, and what they became holds less."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core import retention
from core.database import session
from core.i18n import lazy_gettext as _l
from core.imports.models import ImportedFile, ImportStatus
from core.imports.steps import forget_file

#: No job reads the file at these steps.
_AT_REST = (ImportStatus.UPLOADED, ImportStatus.CHECKED, ImportStatus.DONE, ImportStatus.UNDONE)


def keep_files_for_a_time(code: str, table: type[ImportedFile], label: Any) -> None:
    """Declares the rule by which the files of one kind of import go, a month after they were last needed.

    What became of their rows, and what was wrong with them, stays with the import.
    """

    def due(limit: datetime) -> sa.Select[Any]:
        return sa.select(table.id).where(
            table.file_key != "",
            table.status.in_(_AT_REST),
            sa.func.coalesce(table.finished_at, table.created_at) < limit,
        )

    def clear(ids: list[int]) -> None:
        for row in session.scalars(sa.select(table).where(table.id.in_(ids))):
            forget_file(row)

    retention.rule(
        code, label, _l("The file goes; what its rows became stays."), months=1, due=due, clear=clear
    )
