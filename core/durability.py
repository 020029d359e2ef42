"""What was confirmed stays confirmed: the database has to wait for the disk, and a disk that fails ends the process.

After a failed fsync nobody knows which pages have reached the disk, and a second fsync says that all is well. So the
process stops at once; the next start reads what is really there. PostgreSQL does so by itself.
"""

import logging
import os
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event
from sqlalchemy.engine import Engine

from core.config import Misconfigured

log = logging.getLogger(__name__)

#: SQLite's codes: fsync of the file or of its folder has failed.
_FSYNC_FAILED = {1034, 1290}
_DISK_FULL = 13
#: PostgreSQL's.
_DISK_FULL_STATE = "53100"
_EXIT_INPUT_OUTPUT = 74

_WANTED = {
    "fsync": {"on"},
    "full_page_writes": {"on"},
    "synchronous_commit": {"on", "local", "remote_write", "remote_apply"},
}


def is_disk_full(error: BaseException) -> bool:
    """Whether the database had no room to write."""
    cause = getattr(error, "orig", None)
    return (
        getattr(cause, "sqlite_errorcode", None) == _DISK_FULL
        or getattr(cause, "sqlstate", "") == _DISK_FULL_STATE
    )


def stop_when_the_disk_fails(engine: Engine) -> None:
    """Ends the process at the first failed fsync of SQLite, whoever runs into it: a page, a job, a command."""

    @event.listens_for(engine, "handle_error")
    def look(context: Any) -> None:
        if getattr(context.original_exception, "sqlite_errorcode", None) in _FSYNC_FAILED:
            log.critical("the disk has failed: %s; nothing more is written", context.original_exception)
            logging.shutdown()
            os._exit(_EXIT_INPUT_OUTPUT)


def refuse_a_forgetful_database(app: Flask) -> None:
    """The start-up check. Raises Misconfigured in production when the database confirms what it may still forget."""
    if app.config["KIND"] != "production":
        return
    from core.database import reading

    with app.app_context(), reading(), app.extensions["database"].engine.connect() as connection:
        lax = forgetful_settings(connection)
    if lax:
        raise Misconfigured(
            f"The database does not wait for the disk ({', '.join(lax)}): after a power cut, payments that were "
            "confirmed may be gone. Switch that on before the portal serves."
        )


def forgetful_settings(connection: sa.Connection) -> list[str]:
    """The settings of the database by which something confirmed could be lost, as ``name=value``."""
    if connection.dialect.name == "sqlite":
        level = connection.exec_driver_sql("PRAGMA synchronous").scalar()
        return [] if level in (2, 3) else [f"synchronous={level}"]
    found = {name: connection.scalar(sa.text(f"SHOW {name}")) for name in _WANTED}
    return [f"{name}={value}" for name, value in found.items() if value not in _WANTED[name]]
