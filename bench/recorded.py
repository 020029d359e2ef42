"""What a request asks of PostgreSQL, written down so that the bare driver can do the same for another row.

A request is recorded twice, for two rows of the same kind. What differs between the two depends on the row: the row's
own number, numbers the database gave to new rows, or texts with such a number in them. The rest is the same for every
row. So nobody keeps a list of statements by hand that is no longer true after the next change.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
import sqlalchemy as sa
from flask import Flask

from core.database import current_database

COMMIT, ROLLBACK = "COMMIT", "ROLLBACK"


@dataclass
class Step:
    """One statement with its parameters, and the rows that were read of it. ``is_many``: once for each parameters."""

    statement: str
    parameters: Any = None
    rows: list[Any] = field(default_factory=list)
    is_many: bool = False


@contextmanager
def recording(app: Flask) -> Iterator[list[Step]]:
    """The steps of everything that is asked inside, in order, with the ends of transactions."""
    steps: list[Step] = []

    class Noting(psycopg.Cursor[Any]):
        def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
            steps.append(Step(query, params))
            return super().execute(query, params, **options)

        def executemany(self, query: Any, params_seq: Any, **options: Any) -> Any:
            steps.append(Step(query, list(params_seq), is_many=True))
            return super().executemany(query, params_seq, **options)

        def fetchone(self) -> Any:
            row = super().fetchone()
            steps[-1].rows += [row] if row is not None else []
            return row

        def fetchall(self) -> Any:
            rows = super().fetchall()
            steps[-1].rows += rows
            return rows

    def note_with(connection: Any, *_: Any) -> None:
        connection.cursor_factory = Noting

    def forget_with(connection: Any, *_: Any) -> None:
        connection.cursor_factory = psycopg.Cursor

    def note_commit(_connection: Any) -> None:
        steps.append(Step(COMMIT))

    def note_rollback(_connection: Any) -> None:
        steps.append(Step(ROLLBACK))

    with app.app_context():
        engine = current_database().engine
    heard = [
        (engine, "checkout", note_with),
        (engine, "checkin", forget_with),
        (engine, "commit", note_commit),
        (engine, "rollback", note_rollback),
    ]
    for target, name, listener in heard:
        sa.event.listen(target, name, listener)
    try:
        yield steps
    finally:
        for target, name, listener in heard:
            sa.event.remove(target, name, listener)


@dataclass(frozen=True)
class _Returned:
    """A number that the database gave to a new row of an earlier step."""

    step: int
    row: int
    column: int


@dataclass(frozen=True)
class _Text:
    """A text in which the row's number stands between the parts."""

    parts: tuple[str, ...]


class _Number:
    """The row's own number."""


class Deed:
    """The same request for any row of its kind.

    The number of a row has to be unlike every other number in it, else the two can't be told apart.
    """

    def __init__(self, one: list[Step], of_one: int, other: list[Step], of_other: int) -> None:
        """``one`` and ``other`` were recorded for the rows with the numbers ``of_one`` and ``of_other``.

        Raises:
            ValueError: the two did not ask the same statements.
        """
        if [step.statement for step in one] != [step.statement for step in other]:
            raise ValueError("Two requests of one kind asked different statements.")
        self.steps = other
        self._earlier, self._numbers = one, (of_one, of_other)
        self._learnt = [self._kind(at, step.parameters, other[at].parameters) for at, step in enumerate(one)]

    def does(self, connection: Any, at: int, number: int, rows: list[list[Any]]) -> bool:
        """Does the step ``at`` for the row ``number``; whether it found rows just as it did when it was recorded.

        ``rows`` holds what the steps before it read, and is added to.
        """
        step, read = self.steps[at], []
        if step.statement in (COMMIT, ROLLBACK):
            (connection.commit if step.statement == COMMIT else connection.rollback)()
        else:
            parameters = _filled(self._learnt[at], number, rows)
            cursor = connection.cursor()
            (cursor.executemany if step.is_many else cursor.execute)(step.statement, parameters)
            read = cursor.fetchall() if cursor.description else []
        rows.append(read)
        return bool(read) == bool(step.rows)

    def _kind(self, at: int, one: Any, other: Any) -> Any:
        """How a parameter of the step ``at`` follows from the row, by its value in both recordings."""
        if isinstance(one, Mapping):
            return {name: self._kind(at, value, other[name]) for name, value in one.items()}
        if isinstance(one, list) and len(one) == len(other):
            return [self._kind(at, *pair) for pair in zip(one, other, strict=True)]
        if one == other or (one, other) == self._numbers:
            return other if one == other else _Number()
        if isinstance(one, str):
            parts, of_other = (
                str(text).split(str(of)) for text, of in zip((one, other), self._numbers, strict=True)
            )
            return _Text(tuple(parts)) if parts == of_other else other
        return self._returned(at, one, other) or other

    def _returned(self, at: int, one: Any, other: Any) -> _Returned | None:
        for step in range(at - 1, -1, -1):
            both = zip(self._earlier[step].rows, self.steps[step].rows, strict=False)
            for row, (in_one, in_other) in enumerate(both):
                for column, pair in enumerate(zip(in_one, in_other, strict=True)):
                    if pair == (one, other):
                        return _Returned(step, row, column)
        return None


def _filled(kind: Any, number: int, rows: list[list[Any]]) -> Any:
    """The parameters of a step for the row ``number``."""
    if isinstance(kind, dict):
        return {name: _filled(one, number, rows) for name, one in kind.items()}
    if isinstance(kind, list):
        return [_filled(one, number, rows) for one in kind]
    if isinstance(kind, _Number):
        return number
    if isinstance(kind, _Text):
        return str(number).join(kind.parts)
    if isinstance(kind, _Returned):
        return rows[kind.step][kind.row][kind.column]
    return kind
