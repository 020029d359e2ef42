"""One shared SQL database: the base of every table, one session and one transaction a request.

``commit`` and ``rollback`` stand in this module and nowhere else. Writers on SQLite take the write lock at once
(``BEGIN IMMEDIATE``) and queue fairly for it; readers never wait. A request that only reads cannot write.
"""

import enum
import fcntl
import json
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import sqlalchemy as sa
from flask import Flask, current_app, has_request_context, request
from flask.globals import app_ctx
from sqlalchemy import event
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import URL, Connection, Dialect, Engine, make_url
from sqlalchemy.orm import DeclarativeBase, Session, registry, scoped_session
from sqlalchemy.types import TypeDecorator

from core import driver, durability, races

Row = TypeVar("Row", bound="Base")


def _in_utc(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC)


class Moment(TypeDecorator[datetime]):
    """A point in time: always aware, always UTC, on both databases. A naive datetime is refused."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A moment needs a time zone.")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """As SQLAlchemy would; PostgreSQL's driver reads moments by itself, so there one step is enough."""
        return super().result_processor(dialect, coltype) if dialect.name == "sqlite" else _in_utc


class JSONDocument(TypeDecorator[Any]):
    """Plain JSON: JSONB on PostgreSQL, text on SQLite. ``None`` is SQL's NULL."""

    impl = sa.JSON(none_as_null=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.JSONB(none_as_null=True))
        return dialect.type_descriptor(sa.JSON(none_as_null=True))


class Base(DeclarativeBase):
    """The parent of every table.

    Whole numbers are 64 bits wide, moments are UTC, states are plain text checked by their ``StrEnum``, and lists and
    dictionaries are JSON documents (replace them, do not change them in place).
    """

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    registry = registry(
        metadata=metadata,
        type_annotation_map={
            int: sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            str: sa.Text(),
            datetime: Moment(),
            date: sa.Date(),
            dict[str, Any]: JSONDocument(),
            list[str]: JSONDocument(),
            list[dict[str, Any]]: JSONDocument(),
            enum.Enum: sa.Enum(
                enum.Enum,
                native_enum=False,
                create_constraint=False,
                length=40,
                values_callable=lambda states: [state.value for state in states],
            ),
        },
    )

    id: Any

    #: Said in an address and in the audit trail; the class name in kebab-case unless a model says otherwise.
    thing: ClassVar[str] = ""


# Set while a request or a block only reads; the transaction then begins deferred and refuses to write.
_reading: ContextVar[bool] = ContextVar("guildhall_reading", default=False)


@contextmanager
def reading() -> Iterator[None]:
    """Only read inside: no write lock is taken, and an attempt to write is an error."""
    token = _reading.set(True)
    try:
        yield
    finally:
        _reading.reset(token)


class PortalSession(Session):
    """The session of a request, a command or a job. Nothing is written through it while it only reads."""

    # SQLAlchemy's event for this (``do_orm_execute``) makes it prepare each statement twice, on pages that ask eight.
    # What mypy knows of these three is what SQLAlchemy says.
    if not TYPE_CHECKING:

        def execute(self, statement: Any, *arguments: Any, **options: Any) -> Any:
            self._look_at(statement)
            return super().execute(statement, *arguments, **options)

        def scalar(self, statement: Any, *arguments: Any, **options: Any) -> Any:
            self._look_at(statement)
            return super().scalar(statement, *arguments, **options)

        def scalars(self, statement: Any, *arguments: Any, **options: Any) -> Any:
            self._look_at(statement)
            return super().scalars(statement, *arguments, **options)

    def _look_at(self, statement: Any) -> None:
        if statement.is_dml:
            _refuse_to_write_while_reading()
            self.info["has_written"] = True


def _refuse_to_write_while_reading(*_: Any) -> None:
    if _reading.get():
        raise RuntimeError("This request only reads; a GET never changes anything.")


def note_a_write() -> None:
    """Says that the session writes by the driver's own means, which no event tells it."""
    _refuse_to_write_while_reading()
    session.info["has_written"] = True


@event.listens_for(PortalSession, "before_flush")
def _guard_flush(portal_session: Session, _context: Any, _instances: Any) -> None:
    changed = any(portal_session.is_modified(row) for row in portal_session.dirty)
    if portal_session.new or changed or portal_session.deleted:
        _refuse_to_write_while_reading()
        portal_session.info["has_written"] = True


def _patience() -> float | None:
    """For how many seconds the running transaction waits for others: a page's for some, a job's as long as it takes."""
    return float(current_app.config["LOCK_WAIT_SECONDS"]) if has_request_context() else None


_json = json.JSONDecoder()


def _read_json(document: str | bytes) -> Any:
    """A document as PostgreSQL's JSONB writes it, with neither space nor rest around it."""
    text = document if isinstance(document, str) else str(document, "utf-8")
    return [] if text == "[]" else _json.raw_decode(text)[0]


def _lower(text: Any) -> Any:
    return text.lower() if isinstance(text, str) else text


class FairQueue:
    """Writers of one SQLite file wait in the order they came.

    SQLite's own busy handler sleeps and tries again, so that under load one writer can starve the others. A lock on a
    file beside the database, held for the length of a write transaction, is fair, and the kernel gives it back when a
    process is killed.
    """

    def __init__(self, database_file: str) -> None:
        self.path = f"{database_file}.queue"

    def enter(self, patience: float | None = None) -> int:
        """Waits for its turn, for ever or for so many seconds. Raises OperationalError when they are over."""
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if patience is None:
            fcntl.flock(handle, fcntl.LOCK_EX)
            return handle
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._wait(handle, patience)
        return handle

    @staticmethod
    def _wait(handle: int, patience: float) -> None:
        """The kernel knows no time limit for such a lock, so a thread of its own stands in the queue."""
        mutex, has_come, has_left = threading.Lock(), threading.Event(), threading.Event()

        def stand_in_the_queue() -> None:
            fcntl.flock(handle, fcntl.LOCK_EX)
            with mutex:
                if has_left.is_set():
                    os.close(handle)
                has_come.set()

        threading.Thread(target=stand_in_the_queue, daemon=True).start()
        if has_come.wait(patience):
            return
        with mutex:
            if has_come.is_set():
                return
            has_left.set()
        why = sqlite3.OperationalError(
            f"database is locked: others have been writing for {patience:g} seconds"
        )
        raise sa.exc.OperationalError("BEGIN IMMEDIATE", None, why)

    @staticmethod
    def leave(handle: int) -> None:
        os.close(handle)


def _limit_the_wait(connection: Connection) -> None:
    """On PostgreSQL a page waits so long for a row that somebody else holds, and then says so."""
    patience = _patience()
    if patience is not None and not _reading.get():
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {int(patience * 1000)}")


class Database:
    """An engine prepared for either database, and the sessions on it.

    ``bound_to`` is a connection whose transaction somebody else owns (a test): every session then lives inside a
    savepoint of it.
    """

    def __init__(self, url: str | URL) -> None:
        self.url = make_url(url)
        self.bound_to: Connection | None = None
        if self.url.get_backend_name() == "sqlite":
            self.engine = self._sqlite_engine()
        else:
            self.engine = sa.create_engine(
                self.url, pool_size=8, max_overflow=8, isolation_level="READ COMMITTED", hide_parameters=True,
                json_deserializer=_read_json, connect_args={"cursor_factory": driver.NamingOnce},
            )  # fmt: skip
            driver.look_before_taking(self.engine)
            event.listen(self.engine, "begin", _limit_the_wait)

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    def _sqlite_engine(self) -> Engine:
        in_memory = self.url.database in (None, "", ":memory:")
        if not in_memory:
            Path(str(self.url.database)).absolute().parent.mkdir(parents=True, exist_ok=True)
        arguments = {"isolation_level": None, "timeout": 30}
        # What people typed has no place in logs, where an error tells its statement
        engine = sa.create_engine(self.url, connect_args=arguments, hide_parameters=True)
        durability.stop_when_the_disk_fails(engine)
        queue = None if in_memory else FairQueue(str(self.url.database))

        @event.listens_for(engine, "connect")
        def prepare(connection: Any, _record: Any) -> None:
            for pragma in (
                "journal_mode=WAL",
                "synchronous=FULL",
                "foreign_keys=ON",
                "recursive_triggers=ON",
                "trusted_schema=OFF",
            ):
                connection.execute(f"PRAGMA {pragma}")
            # SQLite's own knows the case of English letters only, so nobody would find "Снегирь" by "снегирь"
            connection.create_function("lower", 1, _lower, deterministic=True)

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            if _reading.get():
                connection.exec_driver_sql("BEGIN")
                return
            if queue is not None:
                connection.info["place_in_queue"] = queue.enter(_patience())
            connection.exec_driver_sql("BEGIN IMMEDIATE")

        @event.listens_for(engine, "checkin")
        def leave_the_queue(_connection: Any, record: Any) -> None:
            handle = record.info.pop("place_in_queue", None)
            if handle is not None:
                FairQueue.leave(handle)

        return engine

    def new_session(self) -> PortalSession:
        if self.bound_to is not None:
            return PortalSession(bind=self.bound_to, join_transaction_mode="create_savepoint")
        return PortalSession(bind=self.engine)


def current_database() -> Database:
    """The database of the running application."""
    database: Database = current_app.extensions["database"]
    return database


session: scoped_session[PortalSession] = scoped_session(
    lambda: current_database().new_session(),  # type: ignore[arg-type]
    scopefunc=lambda: id(app_ctx._get_current_object()),  # type: ignore[attr-defined]
)
"""The session of the running request, command or job. It begins a transaction at the first query."""


def lock(row: Row) -> Row:
    """Hold ``row`` until the transaction ends, and read it afresh; whoever also wants it waits.

    Unwritten changes are written first, since a refresh would drop them. SQLite's writer already holds the whole
    database, there it is a plain read.
    """
    session.flush()
    session.refresh(row, with_for_update={"of": type(row)})
    note_a_hold()
    return row


def note_a_hold() -> None:
    """Says that the transaction holds rows for which others may wait, so that it should end soon."""
    session.info["holds_rows"] = True


def holds(column: Any, value: str) -> sa.ColumnElement[bool]:
    """The condition that the JSON list in ``column`` holds ``value``."""
    if current_database().is_sqlite:
        entries = sa.func.json_each(column).table_valued("value")
        return sa.exists(sa.select(1).select_from(entries).where(entries.c.value == value))
    wanted = sa.cast(sa.literal(json.dumps([value])), postgresql.JSONB)
    return sa.type_coerce(column, postgresql.JSONB).contains(wanted)


def write_once(
    table: type[Base], values: dict[str, Any], *, unique: list[str], where: sa.TextClause | None = None
) -> None:
    """Writes a row unless one with the same ``unique`` columns is there; waits for whoever is just writing it.

    ``where`` is the condition of the index, if that is a partial one.
    """
    insert: Any
    if current_database().is_sqlite:
        from sqlalchemy.dialects.sqlite import insert as insert
    else:
        from sqlalchemy.dialects.postgresql import insert as insert
    session.execute(
        insert(table).values(**values).on_conflict_do_nothing(index_elements=unique, index_where=where)
    )


def write_many_once(table: type[Base], rows: list[dict[str, Any]], *, unique: list[str]) -> None:
    """The same for many rows of equal keys, in their order; give them in one that is the same everywhere."""
    if not rows:
        return
    if current_database().is_sqlite:
        from sqlalchemy.dialects.sqlite import insert

        session.execute(insert(table).on_conflict_do_nothing(index_elements=unique), rows)
        return
    note_a_write()
    columns: sa.Table = table.__table__  # type: ignore[assignment]
    # A list a column goes over as one value, where a row each would be parsed thousands of times.
    lists = [
        sa.func.unnest(sa.literal([row[name] for row in rows], postgresql.ARRAY(columns.c[name].type)))
        for name in rows[0]
    ]
    session.execute(
        postgresql.insert(columns)
        .from_select(list(rows[0]), sa.select(*lists))
        .on_conflict_do_nothing(index_elements=unique)
    )


@contextmanager
def transaction() -> Iterator[scoped_session[PortalSession]]:
    """One transaction of a command or a job: committed at the end, rolled back by any exception."""
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.remove()


def _give_back_the_lock() -> None:
    database = current_database()
    if _reading.get() or not session.registry.has():
        return
    if database.bound_to is not None:
        # A test's one connection: what is written aside must not lie inside the request's own savepoint
        if not session.info.get("has_written"):
            session.rollback()
        return
    if not database.is_sqlite:
        return
    if session.info.get("has_written"):
        raise RuntimeError("This request has written already; nothing can be written aside any more.")
    session.rollback()


@contextmanager
def aside() -> Iterator[PortalSession]:
    """A short transaction of its own, which stays whatever becomes of the request (counters, last use of a key).

    Only before the request itself has written anything: SQLite has one writer, and who may write holds its lock from
    the first query. So the lock is given back first, and taken anew by the request's next query.
    """
    _give_back_the_lock()
    token = _reading.set(False)
    with current_database().new_session() as own:
        try:
            yield own
            own.commit()
        except BaseException:
            own.rollback()
            raise
        finally:
            _reading.reset(token)


@contextmanager
def outside() -> Iterator[None]:
    """No transaction is open inside, so that whoever calls another computer there holds up nobody.

    What was read before is read afresh afterwards. Refused when something was written already: it would be lost.
    """
    if current_database().bound_to is None and session.registry.has():
        if session.info.get("has_written"):
            raise RuntimeError("Something was written already; the other side is called before that.")
        session.rollback()
    attempt = races.current_attempt()
    if attempt is not None:
        attempt.has_called_out = True
    yield


def end_request(keep: bool) -> None:
    """The edge: what the request did is kept, or undone."""
    if keep:
        attempt = races.current_attempt()
        if attempt is not None:
            attempt.is_ending = True
        session.commit()
    else:
        session.rollback()


def undo_before_refusing(refusal: BaseException) -> None:
    """Undoes what the request did so far, unless it only read: that stays at hand for the page that says why not.

    A refusal that answers an error of the database leaves a transaction that is good for nothing.
    """
    is_waited_for = session.info.get("has_written") or session.info.get("holds_rows")
    has_plans = session.new or session.dirty or session.deleted
    if is_waited_for or has_plans or refusal.__context__ is not None:
        end_request(keep=False)


def init_app(app: Flask) -> None:
    app.extensions["database"] = Database(app.config["DATABASE_URL"])
    if not app.extensions["database"].is_sqlite:
        app.wsgi_app = races.RepeatLostRaces(app.wsgi_app)  # type: ignore[method-assign]

    @app.before_request
    def know_whether_it_only_reads() -> None:
        view = app.view_functions.get(request.endpoint or "")
        only_reads = request.method in {"GET", "HEAD", "OPTIONS"} and not getattr(view, "writes", False)
        _reading.set(only_reads)

    @app.after_request
    def end_the_transaction(response: Any) -> Any:
        # What only read has nothing to keep: its transaction ends with its session.
        if not _reading.get():
            end_request(keep=response.status_code < 400)
        return response

    @app.teardown_appcontext
    def forget_the_session(_error: BaseException | None) -> None:
        session.remove()

    @app.teardown_request
    def stop_reading(_error: BaseException | None) -> None:
        _reading.set(False)


Writes = TypeVar("Writes")


def writes(view: Writes) -> Writes:
    """Marks a GET that must write (a counted click); everything else that is fetched only reads."""
    view.writes = True  # type: ignore[attr-defined]
    return view
