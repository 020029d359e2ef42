"""How PostgreSQL's driver is used: connections are looked at before they are taken, columns are named once.

A connection of the pool may have died while it rested: the server was started anew, or a proxy between forgot it.
Asking each before each request costs a way there and back; whether the other side hung up, the kernel knows.
"""

import select
import time
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Engine

#: After so many seconds of rest a connection is asked, since what lies between may have forgotten it silently.
_LONG_REST = 30.0
_MOST_STATEMENTS = 1000

#: The columns of each statement's rows, as the driver describes them.
_columns: dict[tuple[Any, int], list[Any]] = {}


class NamingOnce(psycopg.Cursor[Any]):
    """psycopg's own. The rows of one statement have the same columns each time, so they are described once."""

    _asked: Any = None

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        self._asked = query
        return super().execute(query, params, **options)

    def executemany(self, query: Any, params_seq: Any, **options: Any) -> Any:
        self._asked = None
        return super().executemany(query, params_seq, **options)

    @property
    def description(self) -> list[Any] | None:
        found = self.pgresult
        if type(self._asked) is not str or found is None or not found.nfields:
            return super().description
        key = (self._asked, found.nfields)
        columns = _columns.get(key)
        if columns is None:
            described = super().description
            if described is None:
                return None
            columns = [tuple(one) for one in described]
            if len(_columns) >= _MOST_STATEMENTS:
                _columns.clear()
            _columns[key] = columns
        return columns


def _has_hung_up(connection: Any) -> bool:
    """Whether the server ended the connection; what it says in passing (a notice) is read and is no reason."""
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    if not waiting.poll(0):
        return False
    try:
        connection.pgconn.consume_input()
    except psycopg.Error:
        return True
    return bool(connection.broken)


def look_before_taking(engine: Engine) -> None:
    """A connection that died while it rested is replaced, and with it all that are as old."""

    @event.listens_for(engine, "checkin")
    def note_when(_connection: Any, record: Any) -> None:
        record.info["rests_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def look(connection: Any, record: Any, _proxy: Any) -> None:
        rests_since = record.info.get("rests_since")
        if rests_since is None:
            return  # fresh
        try:
            if not connection.closed and not _has_hung_up(connection):
                if time.monotonic() - rests_since > _LONG_REST:
                    engine.dialect.do_ping(connection)
                return
        except psycopg.Error:
            pass
        raise sa.exc.InvalidatePoolError
