"""Sales from a file: the columns are agreed, every row is looked at, then all of it is taken in, or nothing.

A row is a line of a sale; rows with the same number that stand together are one sale. A sale that is there already
with the same contents changes nothing; with other contents it is told as a difference.

The sales of a file that is taken in by several jobs are worked out when the last of them is there, or it was stopped:
in the order in which they took place, whatever the order of the rows, so that nothing is granted that an earlier sale
takes back.
"""

from collections.abc import Callable
from functools import partial
from itertools import groupby
from typing import Any

from commissions.models import SaleImport
from commissions.operations.bulk import Accrual
from commissions.operations.plan_codes import unknown_plans
from commissions.operations.sale_columns import columns, sale_of
from commissions.queries import bulk as queries
from commissions.signals import SalesImported
from core.activity import Actor
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.imports import (
    ImportStatus,
    begin_checking,
    begin_taking,
    import_job,
    is_at,
    keep_problems,
    keep_sheet,
    next_job,
    some_records,
)
from core.jobs import enqueue, job
from core.sheets import Problems, Record
from core.signals import announce
from referrals.operations.sales import Outcome, look_at_sales, record_sales

SOURCE = "csv"
#: Rows, rows, sales.
CHECKED_AT_ONCE, TAKEN_AT_ONCE, WORKED_OUT_AT_ONCE = 10_000, 8_000, 4_000
CHECK_JOB, TAKE_JOB = "commissions.check-sales", "commissions.take-sales"
WORK_OUT_JOB = "commissions.work-out-stopped-sales"
_COLUMNS = {"/partner_id": "partner_id", "/currency": "currency", "/lines": "amount", "/plan": "plan"}


def upload_sales(content: bytes, name: str, *, by: Actor | None) -> SaleImport:
    """Keeps a file and guesses its columns; nothing is made of it yet. Raises InvalidInput at ``file``."""
    return keep_sheet(SaleImport, content, name, folder="sale-imports", columns=columns(), by=by)


def check_with(row: SaleImport, places: dict[str, int]) -> None:
    """Agrees on the columns and begins to look at the rows. Raises InvalidInput at a column that will not do."""
    begin_checking(row, places, columns())
    row.sales, row.known = 0, 0
    next_job(CHECK_JOB, row)


def _next_sales(row: SaleImport, most: int) -> tuple[list[list[Record]], bool]:
    """The next sales with their rows, and whether these are the last. A sale is never cut in two."""
    read = some_records(row, most + 1)
    groups = [list(rows) for _number, rows in groupby(read, key=lambda record: record.get("external_id"))]
    if len(read) <= most:
        return groups, True
    # The last one may have further rows behind those that were read.
    return (groups[:-1], False) if len(groups) > 1 else _next_sales(row, most * 2)


def check_rows(row: SaleImport) -> bool:
    """Looks at the next rows, and notes what is wrong with which; tells whether there are more."""
    if not is_at(row, ImportStatus.CHECKING):
        return False
    groups, is_last = _next_sales(row, CHECKED_AT_ONCE)
    found = Problems()
    looked = _of_each(groups, partial(look_at_sales, source=SOURCE))
    for rows, outcome in zip(groups, looked, strict=True):
        row.sales += 1
        row.known += outcome.sale_id is not None
        if outcome.problem is not None:
            _note(found, rows, outcome.problem)
    keep_problems(row, found)
    if is_last:
        row.become(ImportStatus.CHECKED)
        return False
    row.read_to = groups[-1][-1].number
    return True


def _note(found: Problems, rows: list[Record], problem: InvalidInput | Refusal) -> None:
    """What is wrong with a sale, at its first row."""
    if isinstance(problem, Refusal):
        found.add(rows[0].number, "external_id", problem.sentence)
        return
    for where, sentence in problem.problems.items():
        found.add(rows[0].number, _COLUMNS.get(where, where if "/" not in where else None), sentence)


def start_taking(row: SaleImport, *, leave_out_wrong: bool) -> None:
    """Takes the sales in: everything, or what is in order if that was asked for. Raises Refusal."""
    begin_taking(row, leave_out_wrong=leave_out_wrong)
    next_job(TAKE_JOB, row)


def take_rows(row: SaleImport) -> bool:
    """Records the next sales, or works them out; tells whether there are more to do.

    What cannot be recorded is left out and told.
    """
    if is_at(row, ImportStatus.WORKING_OUT):
        return _work_out(row)
    if row.status is not ImportStatus.TAKING:
        return False
    by = row.created_by
    is_first = row.read_to <= 1
    groups, is_last = _next_sales(row, TAKEN_AT_ONCE)
    is_whole = is_first and is_last
    found = Problems()
    was_wrong = row.wrong_rows > 0
    recorded = _of_each(groups, partial(record_sales, by=by, source=SOURCE, is_a_part=not is_whole))
    for rows, outcome in zip(groups, recorded, strict=True):
        row.taken += outcome.is_new
        if outcome.problem is not None:
            row.left_out += 1
            if not was_wrong:
                _note(found, rows, outcome.problem)
    keep_problems(row, found)
    if groups:
        row.read_to = groups[-1][-1].number
    if not is_last:
        return True
    if is_whole:
        return _end(row)
    row.become(ImportStatus.WORKING_OUT)
    row.read_to = 0
    return True


def _work_out(row: SaleImport) -> bool:
    last = _work_out_some(row, after=row.read_to)
    if last is None:
        return _end(row)
    row.read_to = last
    return True


def _work_out_some(row: SaleImport, *, after: int) -> int | None:
    """Posts what the next sales of a file earn, by their dates; answers the last of them, ``None`` where none is left.

    Sales that others told meanwhile, or that no plan holds for yet, are looked at and change nothing.
    """
    sale_ids = queries.not_worked_out(SOURCE, row.created_at, after=after or None, most=WORKED_OUT_AT_ONCE)
    Accrual(by=row.created_by).work_out(sale_ids)
    return sale_ids[-1] if sale_ids else None


def _end(row: SaleImport) -> bool:
    row.end(ImportStatus.DONE)
    announce(SalesImported(row, row.created_by, taken=row.taken, left_out=row.left_out))
    return False


def _of_each(
    groups: list[list[Record]], deed: Callable[[list[dict[str, Any]]], list[Outcome]]
) -> list[Outcome]:
    """What each sale came to, in its place; ``deed`` gets those together that can be read and whose plan is known."""
    outcomes: dict[int, Outcome] = {}
    read: dict[int, dict[str, Any]] = {}
    for place, rows in enumerate(groups):
        try:
            read[place] = sale_of(rows)
        except InvalidInput as problem:
            outcomes[place] = Outcome(problem=problem)
    places = list(read)
    for at, unknown in unknown_plans(list(read.values()), source=SOURCE).items():
        outcomes[places[at]] = Outcome(problem=unknown)
        del read[places[at]]
    outcomes.update(zip(read, deed(list(read.values())), strict=True))
    return [outcomes[place] for place in range(len(groups))]


def stop_taking(row: SaleImport) -> None:
    """Ends it after the running step; what was taken in stays, and is worked out."""
    lock(row)
    row.become(ImportStatus.STOPPED)
    enqueue(WORK_OUT_JOB, {"import_id": row.id, "after": 0})


def resume_taking(row: SaleImport) -> None:
    """Lets it go on where it was."""
    lock(row)
    row.become(ImportStatus.TAKING)
    next_job(TAKE_JOB, row)


import_job(CHECK_JOB, SaleImport, check_rows)
import_job(TAKE_JOB, SaleImport, take_rows)


@job(WORK_OUT_JOB)
def work_out_stopped_sales(payload: dict[str, Any]) -> None:
    """Some of the sales of a file that was stopped; one that goes on is worked out when all of it is there."""
    row = session.get_one(SaleImport, payload["import_id"])
    if not is_at(row, ImportStatus.STOPPED):
        return
    last = _work_out_some(row, after=payload["after"])
    if last is not None:
        enqueue(WORK_OUT_JOB, {"import_id": row.id, "after": last})
