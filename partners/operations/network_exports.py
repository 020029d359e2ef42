"""Everything that is known of the network, as one ZIP of CSV files, made by a job and kept for some days."""

import csv
import io
import json
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import clock, storage
from core.activity import Actor
from core.database import current_database, lock, outside, reading, session
from core.errors import Refusal
from core.exports import safe_cell
from core.i18n import gettext as _
from core.jobs import enqueue
from core.signals import announce
from partners import signals
from partners.models import NetworkExport
from partners.queries.networks import export_tables, rows_of

KEPT_FOR = timedelta(days=7)
JOB = "partners.export-network"


def ask_export(*, by: Actor | None) -> NetworkExport:
    """Asks for everything as a file; a job makes it. Raises Refusal while another one is being made."""
    if session.scalar(sa.select(NetworkExport.id).where(NetworkExport.finished_at.is_(None)).limit(1)):
        raise Refusal(_("An export is being made already."))
    row = NetworkExport(
        asked_at=clock.now(),
        asked_by_id=by.id if by is not None else None,
        asked_by_name=str(by.name) if by is not None else "",
    )
    session.add(row)
    session.flush()
    announce(signals.NetworkExportAsked(row, by))
    enqueue(JOB, {"export": row.id}, key=f"network-export:{row.id}")
    return row


def make_export(row: NetworkExport) -> None:
    """Writes every registered table, row by row, so that memory does not grow with the network.

    It is read by a transaction of its own that holds nothing: a large network takes minutes, and on SQLite whoever may
    write keeps everybody else from writing.
    """
    if row.finished_at is not None:
        return
    with outside(), reading(), current_database().new_session() as reader:
        content, counts = _everything(reader)
    if lock(row).finished_at is not None:
        return
    row.file_key = storage.keep(content, folder="network-exports")
    row.size = len(content)
    row.tables = counts
    row.finished_at = clock.now()


def _everything(reader: Session) -> tuple[bytes, dict[str, int]]:
    """The ZIP, and how many rows each of its files has."""
    counts: dict[str, int] = {}
    with tempfile.SpooledTemporaryFile(max_size=8 << 20) as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for table in export_tables():
                head, rows = rows_of(table, reader)
                with archive.open(f"{table.name}.csv", "w") as member:
                    counts[table.name] = _write(member, head, rows)
        file.seek(0)
        return file.read(), counts


def _write(member: Any, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    text = io.TextIOWrapper(member, encoding="utf-8-sig", newline="")
    writer = csv.writer(text)
    writer.writerow([safe_cell(name) for name in head])
    number = 0
    for row in rows:
        writer.writerow([_cell(value) for value in row])
        number += 1
    text.flush()
    text.detach()
    return number


def _cell(value: Any) -> str:
    """Lists and documents as JSON, which no spreadsheet takes for a formula."""
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return safe_cell(value)


def take_export(row: NetworkExport, *, by: Actor | None) -> bytes:
    """The file, for somebody who takes it along; noted in the audit trail. Raises Refusal when it is gone."""
    if row.file_key is None:
        raise Refusal(_("The file is not there any more. Ask for a new one."))
    announce(signals.NetworkExportDownloaded(row, by, size=row.size))
    return storage.read(row.file_key)


def forget_old_exports() -> None:
    """Files lie around for a week at most; who asked for them stays on record."""
    old = sa.select(NetworkExport).where(
        NetworkExport.file_key.is_not(None), NetworkExport.finished_at < clock.now() - KEPT_FOR
    )
    for row in session.scalars(old).all():
        storage.forget(str(row.file_key))
        row.file_key = None
