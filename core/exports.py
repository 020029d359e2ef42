"""Lists as files for a spreadsheet: CSV in UTF-8, in which no cell can become a formula."""

import csv
import io
import itertools
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from flask import Response

from core.database import session
from core.i18n import gettext as _

#: So many rows of a list are downloaded; a last line says so where there are more.
MOST_ROWS = 10_000
#: A column: what stands above it, and what stands in it of each thing of the list.
Column = tuple[Any, Callable[[Any], Any]]

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
    if isinstance(value, Decimal):
        return format(value, "f")
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


def csv_of_list(name: str, columns: Sequence[Column], found: sa.Select[Any]) -> Response:
    """The list that ``found`` asks for (its first entity, a row each), as far as ``MOST_ROWS``, as a file."""
    things = session.scalars(found.limit(MOST_ROWS + 1)).unique().all()
    rows = [[cell(thing) for _heading, cell in columns] for thing in things[:MOST_ROWS]]
    if len(things) > MOST_ROWS:
        rows.append([_("Only the first %(num)s rows. Narrow the list for the others.", num=MOST_ROWS)])
    return csv_response(name, [heading for heading, _cell in columns], rows)
