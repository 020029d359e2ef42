"""What the pages of every import have in common."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, request

from core.exports import csv_response
from core.i18n import gettext as _
from core.imports.forms import ColumnsForm
from core.imports.models import ImportedFile
from core.imports.steps import sheet_of
from core.sheets import MOST_BYTES, Column

#: Said beside the field of the file.
MOST_MB = MOST_BYTES // 2**20


def takes_sheets(pages: Blueprint, view: str) -> None:
    """Lets a file that is larger than other requests in at ``view``; said before anything reads the form."""
    endpoint = f"{pages.name}.{view}"

    @pages.url_value_preprocessor
    def let_large_files_in(wanted: str | None, _values: dict[str, Any] | None) -> None:
        if wanted == endpoint:
            request.max_content_length = MOST_BYTES + 64 * 1024


def shown(row: ImportedFile, form: ColumnsForm, columns: Sequence[Column]) -> dict[str, Any]:
    """What components/imports.html asks for, to show where a file stands."""
    first_rows = sheet_of(row).first_rows() if row.is_to_be_agreed_on else []
    return {"row": row, "form": form, "columns": columns, "first_rows": first_rows}


def problems_file(row: ImportedFile, columns: Sequence[Column]) -> Response:
    """What is wrong, as a file to mend the other one by."""
    labels = {column.name: column.label for column in columns}
    return csv_response(
        "problems",
        [_("Row"), _("Column"), _("What is wrong")],
        (
            [one["row"], labels.get(one["column"], one["column"] or ""), one["sentence"]]
            for one in row.problems
        ),
    )
