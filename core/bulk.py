"""Many rows at once: COPY on PostgreSQL, one prepared statement on SQLite. For work over thousands of rows.

Values are plain tuples, checked by the database like any others: constraints and triggers hold. Nothing here knows
what an object is, so memory does not grow with the number of rows.
"""

import gc
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from core.database import Base, JSONDocument, Moment, current_database, note_a_write, session

Thing = TypeVar("Thing")


def new_ids(table: type[Base], number: int) -> list[int]:
    """Ids for rows that are about to be inserted, taken so that nobody else gets them."""
    if not number:
        return []
    columns: sa.Table = table.__table__  # type: ignore[assignment]
    if current_database().is_sqlite:
        # Whoever writes holds the whole database.
        last = session.scalar(sa.select(sa.func.max(columns.c.id))) or 0
        return list(range(last + 1, last + 1 + number))
    sequence = session.scalar(sa.select(sa.func.pg_get_serial_sequence(columns.name, "id")))
    taken = sa.func.nextval(sa.cast(sa.literal_column(f"'{sequence}'"), postgresql.REGCLASS))
    ids = sa.select(taken).select_from(sa.func.generate_series(1, number).table_valued())
    return list(session.scalars(ids).all())


def defaults_of(table: type[Base]) -> dict[str, Any]:
    """What a new row has in each column where nobody says anything: the model's default, else ``None``.

    Rows that are written at once all have the same columns, so what the ORM would fill in is filled in by this.
    """
    columns: sa.Table = table.__table__  # type: ignore[assignment]
    return {column.key: _default(column) for column in columns.columns}


def _default(column: sa.Column[Any]) -> Any:
    default: Any = column.default
    if default is None:
        return None
    if default.is_scalar:
        return default.arg
    if default.is_callable:
        return default.arg(None)  # SQLAlchemy hands over what it knows of the statement
    raise TypeError(f"The default of {column} is not known before the row is written.")


def portions(values: Sequence[Thing], most: int) -> Iterator[Sequence[Thing]]:
    """``values`` in their order, ``most`` at a time."""
    return (values[start : start + most] for start in range(0, len(values), most))


def among(column: Any, values: Collection[Any]) -> sa.ColumnElement[bool]:
    """The condition that ``column`` is one of thousands of values, which go to the database as one."""
    if not values:
        return sa.false()
    if current_database().is_sqlite:
        known = sa.func.json_each(json.dumps(list(values))).table_valued("value")
        return column.in_(sa.select(known.c.value))  # type: ignore[no-any-return]
    kind = sa.BigInteger if isinstance(column.type, sa.Integer) else sa.Text
    return column == sa.any_(sa.literal(list(values), postgresql.ARRAY(kind)))  # type: ignore[no-any-return]


def insert_of(table: type[Base]) -> Any:
    """An INSERT that knows ON CONFLICT, in the running database's own words."""
    if current_database().is_sqlite:
        return sqlite.insert(table.__table__)  # type: ignore[arg-type]
    return postgresql.insert(table.__table__)  # type: ignore[arg-type]


def know_sizes(*tables: type[Base]) -> None:
    """Tells PostgreSQL how large those tables are that have more than doubled since it looked, for what it plans next.

    Otherwise it plans as if they were empty still. It looks at the columns by which rows are found; the others, among
    them long documents, are left alone, and so is a table that has only grown a little. Plans made before are dropped:
    the checks of foreign keys keep theirs for as long as a connection lives, and one that was made for a few rows
    walks through the whole table for every row of a bulk.
    """
    if current_database().is_sqlite:
        return
    session.execute(sa.text("DISCARD PLANS"))
    by_name = {table.__tablename__: table for table in tables}
    grown = session.scalars(sa.text(_GROWN), {"names": list(by_name), "much": _MUCH}).all()
    if grown:
        said = ", ".join(f"{name} ({', '.join(_found_by(by_name[name]))})" for name in sorted(grown))
        session.execute(sa.text(f"ANALYZE {said}"))


#: A table of fewer bytes is read through in no time, however it is planned.
_MUCH = 1_000_000
_GROWN = """
    SELECT relname FROM pg_class WHERE oid = ANY (CAST(CAST(:names AS text[]) AS regclass[]))
    AND pg_relation_size(oid) > greatest(:much, 2 * relpages * CAST(current_setting('block_size') AS bigint))
"""


def _found_by(table: type[Base]) -> list[str]:
    """The columns that an index begins with."""
    columns: sa.Table = table.__table__  # type: ignore[assignment]
    unique = [each for each in columns.constraints if isinstance(each, sa.UniqueConstraint) and each.columns]
    known = [
        list(columns.primary_key.columns),
        *(list(index.columns) for index in columns.indexes),
        *(list(constraint.columns) for constraint in unique),
    ]
    return sorted({found[0].name for found in known if found})


class Document(str):
    """A document that is JSON text already, for a column of :class:`core.database.JSONDocument`."""

    __slots__ = ()


@contextmanager
def plain_rows() -> Iterator[None]:
    """Python does not look for rings of objects inside, where tens of thousands of plain rows are made and let go.

    It looks whenever some hundred objects were made, finds none, and takes half of the time. For a step, not for ever.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _written(
    rows: Iterable[Sequence[Any]], writers: Sequence[tuple[int, Callable[[Any], Any]]]
) -> Iterator[Sequence[Any]]:
    """The rows as this database takes them. What stands in the row before as well is worked out once."""
    seen: list[Any] = [None] * len(writers)
    known: list[Any] = [writer(None) for _place, writer in writers]
    numbered = [(number, place, writer) for number, (place, writer) in enumerate(writers)]
    for row in rows:
        values = list(row)
        for number, place, writer in numbered:
            value = values[place]
            if value is not seen[number]:
                seen[number] = value
                known[number] = str(value) if type(value) is Document else writer(value)
            values[place] = known[number]
        yield values


#: Kinds of columns whose values :func:`_said` knows how to say.
_SAYABLE = {sa.BigInteger, sa.Integer, sa.Text, sa.String, sa.Enum, Moment, JSONDocument}
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
_NEEDS_ESCAPES = re.compile(r"[\\\t\n\r]").search
_ROWS_OF_A_BLOCK = 2_000


def _blocks(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Rows as COPY reads them, many together."""
    lines = ("\t".join([str(value) if type(value) is int else _said(value) for value in row]) for row in rows)
    while block := list(islice(lines, _ROWS_OF_A_BLOCK)):
        yield "\n".join([*block, ""])


def _said(value: str | datetime | None) -> str:
    if value is None:
        return r"\N"
    said = str(value)
    return said.translate(_ESCAPES) if _NEEDS_ESCAPES(said) else said


def _as_json(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)


def insert_rows(table: type[Base], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Inserts plain rows, whose values stand in the order of ``columns``."""
    note_a_write()
    session.flush()
    found: sa.Table = table.__table__  # type: ignore[assignment]
    dialect = session.get_bind().dialect
    kinds = [found.c[name].type for name in columns]
    is_sayable = dialect.name == "postgresql" and all(type(kind) in _SAYABLE for kind in kinds)
    # How each value is written by this database: moments, states, documents.
    processors = [
        _as_json
        if is_sayable and type(kind) is JSONDocument
        else kind.dialect_impl(dialect).bind_processor(dialect)
        for kind in kinds
    ]
    writers = [(place, writer) for place, writer in enumerate(processors) if writer is not None]
    written = _written(rows, writers) if writers else rows
    names = ", ".join(f'"{name}"' for name in columns)
    connection: Any = session.connection().connection.dbapi_connection
    with_cursor = connection.cursor()
    try:
        if dialect.name == "postgresql":
            with with_cursor.copy(f"COPY {found.name} ({names}) FROM STDIN") as copy:
                if is_sayable:
                    for block in _blocks(written):
                        copy.write(block)
                else:
                    for row in written:
                        copy.write_row(row)
        else:
            marks = ", ".join("?" for _name in columns)
            statement = f"INSERT INTO {found.name} ({names}) VALUES ({marks})"  # noqa: S608 - names of our own
            with_cursor.executemany(statement, written)
    finally:
        with_cursor.close()
