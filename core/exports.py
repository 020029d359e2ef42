"""Lists as files for a spreadsheet: CSV in UTF-8, in which no cell can become a formula."""

import csv
import io
import itertools
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from flask import Response

#: What a spreadsheet may take for the start of a formula, full-width forms included.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def safe_cell(value: Any) -> str:
    """``value`` as text; a text that a spreadsheet could run gets an apostrophe before it. Numbers stay numbers."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    text = "".join(sign if sign.isprintable() or sign in "\n\t" else " " for sign in str(value))
    return f"'{text}" if text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA) else text


def csv_text(head: Sequence[Any], rows: Iterable[Sequence[Any]]) -> str:
    """The file's text; begins with the mark by which spreadsheets know UTF-8."""
    buffer = io.StringIO()
    buffer.write("\N{ZERO WIDTH NO-BREAK SPACE}")
    csv.writer(buffer).writerows([safe_cell(value) for value in row] for row in itertools.chain([head], rows))
    return buffer.getvalue()


def csv_response(name: str, head: Sequence[Any], rows: Iterable[Sequence[Any]]) -> Response:
    """``<name>.csv`` to download. ``name`` is ours, never what somebody typed."""
    answer = Response(csv_text(head, rows), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
