"""What the portal holds about a person, and taking it away: each domain says it of its own tables.

A person is an e-mail address, and a number where they sign in here. A holding is one kind of rows about them: how to
read them (for the file that everybody may have of their own data), how to overwrite what names them, and what stays
all the same and why. Books keep their numbers and amounts; names go.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.database import session


@dataclass(frozen=True)
class Person:
    """Whom it is about. ``user_id`` is ``None`` for a lead's contact, a guest or an applicant."""

    email: str
    user_id: int | None = None
    #: As it stands copied beside deeds, where it stands.
    name: str = ""


@dataclass(frozen=True)
class Holding:
    """One kind of rows about people. Its columns' names are the words of the file; ``code`` is its heading there."""

    code: str
    label: Any
    #: What is held of somebody, or ``None`` when it can't be anything (rows of users, asked for a guest).
    rows: Callable[[Person], sa.Select[*tuple[Any, ...]] | None]
    #: Takes what names the person out of these rows; answers how many rows that were. May raise Refusal.
    overwrite: Callable[[Person], int] | None = None
    #: What stays, and why: a sentence.
    kept: Any = ""
    #: Files beside the rows: (name, storage key).
    files: Callable[[Person], Iterable[tuple[str, str]]] | None = None


@dataclass(frozen=True)
class Held:
    """How much of one kind is held of somebody."""

    holding: Holding
    count: int


_holdings: list[Holding] = []


def without_bylines(person: Person, *names: Any) -> int:
    """Takes a user's name out of columns that hold it as a copy; answers in how many rows. Such a copy has no number,
    so a namesake's goes as well: a by-line less is better than a name too many."""
    number = 0
    for column in names if person.user_id is not None and person.name else ():
        statement = sa.update(column.class_).where(column == person.name).values({column.key: "–"})
        done: Any = session.execute(statement.execution_options(synchronize_session=False))
        number += done.rowcount
    return number


def holds(*holdings: Holding) -> None:
    """Adds kinds of rows about people, each once."""
    known = {one.code for one in _holdings}
    _holdings.extend(one for one in holdings if one.code not in known)


def held_of(person: Person) -> list[Held]:
    """What is held of ``person``, without the kinds of which there is nothing: one query a kind."""
    found = []
    for holding in _holdings:
        rows = holding.rows(person)
        if rows is None:
            continue
        count = session.scalar(sa.select(sa.func.count()).select_from(rows.order_by(None).subquery())) or 0
        if count:
            found.append(Held(holding, count))
    return found


def records_of(person: Person) -> Iterator[tuple[Holding, Iterator[dict[str, Any]]]]:
    """Everything held of ``person``, kind by kind, row by row."""
    for holding in _holdings:
        rows = holding.rows(person)
        if rows is not None:
            yield holding, (dict(row) for row in session.execute(rows).mappings())


def files_of(person: Person) -> Iterator[tuple[str, str]]:
    """The files held of ``person``: (``<code>/<name>``, storage key)."""
    for holding in _holdings:
        if holding.files is not None:
            yield from ((f"{holding.code}/{name}", key) for name, key in holding.files(person))


def overwrite(person: Person) -> dict[str, int]:
    """Takes what names ``person`` out of every domain, the upper ones first; answers how many rows of each kind."""
    numbers = {}
    for holding in reversed(_holdings):
        if holding.overwrite is not None:
            session.flush()
            number = holding.overwrite(person)
            if number:
                numbers[holding.code] = number
    return numbers
