"""The steps that every import goes through in the same way, and how one job follows another."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from core import clock, storage
from core.activity import Actor
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.i18n import speaking
from core.imports.models import ImportedFile, ImportStatus
from core.jobs import enqueue, job
from core.sheets import (
    MOST_PROBLEMS,
    MOST_ROWS,
    Column,
    Problems,
    Record,
    RefusedSheet,
    Sheet,
    guessed,
    open_sheet,
    problems_of,
    records,
    sheet_again,
)

AnyFile = TypeVar("AnyFile", bound=ImportedFile)


def keep_sheet(
    table: type[AnyFile],
    content: bytes,
    name: str,
    *,
    folder: str,
    columns: Sequence[Column],
    most: int = MOST_ROWS,
    by: Actor | None,
    **further: Any,
) -> AnyFile:
    """Keeps a file of 1 to ``most`` rows and guesses its columns; nothing is made of it yet.

    ``further`` are values of the table's own columns. Raises InvalidInput at ``file``.
    """
    try:
        sheet = open_sheet(content)
        count, marks = sheet.survey()
    except RefusedSheet as refused:
        raise InvalidInput({"file": str(refused)}) from refused
    if not count:
        raise InvalidInput({"file": _("The file has headings and no rows.")})
    if count > most:
        sentence = _("A file can have 1 to %(most)s rows; this one has %(count)s.", most=most, count=count)
        raise InvalidInput({"file": sentence})
    file_key = storage.keep(content, folder=folder)
    storage.put(_marks_of(file_key), json.dumps(marks).encode())
    row = table(
        name=name[-200:],
        file_key=file_key,
        encoding=sheet.encoding,
        delimiter=sheet.delimiter,
        header=list(sheet.header),
        row_count=count,
        places=guessed(sheet.header, columns),
        created_at=clock.now(),
        created_by_id=by.id if by is not None else None,
        created_by_name=str(by.name) if by is not None else "",
        **further,
    )
    session.add(row)
    session.flush()
    return row


def sheet_of(row: ImportedFile) -> Sheet:
    """The kept file, read piece by piece; a job begins near the row where the one before ended."""
    try:
        marks = json.loads(storage.read(_marks_of(row.file_key)))
    except FileNotFoundError:  # kept by an earlier version of the portal
        marks = []
    opened = partial(storage.opened, row.file_key)
    return sheet_again(opened, encoding=row.encoding, delimiter=row.delimiter, header=row.header, marks=marks)


def forget_file(row: ImportedFile) -> None:
    """The file goes, and what was noted of its rows."""
    storage.forget(row.file_key)
    storage.forget(_marks_of(row.file_key))
    row.file_key = ""


def _marks_of(file_key: str) -> str:
    """Where it is noted at which byte some of the rows begin."""
    return f"{file_key}.rows"


def some_records(row: ImportedFile, most: int) -> list[Record]:
    """The next rows of the present step."""
    return list(islice(records(sheet_of(row), row.places, after=row.read_to), most))


def begin_checking(
    row: ImportedFile,
    places: dict[str, int],
    columns: Sequence[Column],
    *,
    besides: Mapping[str, str] | None = None,
) -> None:
    """Agrees on the columns; what was found wrong before is forgotten.

    ``besides`` is what else speaks against these columns. Raises InvalidInput at a column that will not do, Refusal
    when the rows are taken in already or the file is not kept any more.
    """
    lock(row)
    _refuse_without_a_file(row)
    problems = problems_of(places, columns, row.header) or dict(besides or {})
    if problems:
        raise InvalidInput(problems)
    row.become(ImportStatus.CHECKING)
    row.places = places
    row.problems, row.problem_count, row.wrong_rows = [], 0, 0


def begin_taking(row: ImportedFile, *, leave_out_wrong: bool) -> None:
    """Everything or nothing is taken in, unless what is wrong is to be left out. Raises Refusal."""
    lock(row)
    if row.status is not ImportStatus.CHECKED:
        raise Refusal(_("This import has moved on in the meantime. Load the page again."))
    _refuse_without_a_file(row)
    if row.wrong_rows and not leave_out_wrong:
        raise Refusal(_("Some rows are wrong. Mend the file, or leave these rows out."))
    if row.wrong_rows >= row.unit_count:
        raise Refusal(_("No row can be taken in."))
    row.become(ImportStatus.TAKING)


def _refuse_without_a_file(row: ImportedFile) -> None:
    if not row.file_key:
        raise Refusal(_("The file is not kept any more. Upload it again."))


def is_at(row: ImportedFile, step: ImportStatus) -> bool:
    """Holds the import; whether it is still at this step, and nobody stopped or undid it."""
    lock(row)
    return row.status is step


def goes_on(row: ImportedFile, read: Sequence[Record], most: int) -> bool:
    """Notes how far the step has come; whether there are further rows, when ``most`` were asked for."""
    if len(read) < most:
        return False
    row.read_to = read[-1].number
    return True


# What is wrong


def look_at(row: ImportedFile, read: Iterable[Record], look: Callable[[Record], object]) -> None:
    """Looks at each row, and notes what is wrong with it: the InvalidInput that ``look`` raises, by column."""
    found = Problems()
    for record in read:
        try:
            look(record)
        except InvalidInput as problem:
            for column, sentence in problem.problems.items():
                found.add(record.number, column, sentence)
    keep_problems(row, found)


def keep_problems(row: ImportedFile, found: Problems) -> None:
    """Adds to the file what was found in some of its rows."""
    kept = [{"row": one.row, "column": one.column, "sentence": one.sentence} for one in found.kept]
    row.problems = [*row.problems, *kept][:MOST_PROBLEMS]
    row.problem_count += found.count
    row.wrong_rows += found.rows


# Jobs


def next_job(kind: str, row: ImportedFile) -> None:
    """Goes on with the import after this transaction."""
    enqueue(kind, {"import_id": row.id})


def import_job(kind: str, table: type[AnyFile], step: Callable[[AnyFile], bool]) -> None:
    """Jobs of ``kind`` do ``step``, some rows each, and write the next job as long as it tells that there are more."""

    @job(kind)
    def do_some(payload: dict[str, Any]) -> None:
        row = session.get_one(table, payload["import_id"])
        with speaking(row.language):
            has_more = step(row)
        if has_more:
            next_job(kind, row)
