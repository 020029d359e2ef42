"""A long list in pages: numbered for people, by cursor for machines. No page reads the whole of a long list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from flask import request

from core.addresses import url_for
from core.database import session
from core.digits import number_in

Thing = TypeVar("Thing")
PAGE_SIZE = 25
COUNTED = 10_000
"""A list is counted to here, and says "more than" beyond: nobody leafs further, they filter."""


@dataclass(frozen=True)
class Page(Generic[Thing]):
    """One page of a list; ``number`` counts from 1, ``total`` is the list's length, at most ``COUNTED``."""

    items: Sequence[Thing]
    number: int
    size: int
    total: int
    #: There are more than were counted.
    goes_on: bool = False

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        return (self.number - 1) * self.size + 1 if self.total else 0

    @property
    def last(self) -> int:
        return min(self.number * self.size, self.total)

    @property
    def has_previous(self) -> bool:
        return self.number > 1

    @property
    def has_next(self) -> bool:
        return self.number < self.pages

    def url(self, number: int) -> str:
        """The address of another page of the same list, with the same filters."""
        arguments: dict[str, Any] = {
            **(request.view_args or {}),
            **request.args.to_dict(flat=False),
            "page": number,
        }
        return url_for(str(request.endpoint), **arguments)

    def window(self) -> list[int]:
        """The page numbers to offer: the ends and the neighbours."""
        near = {1, self.pages, *range(max(1, self.number - 2), min(self.pages, self.number + 2) + 1)}
        return sorted(near)


def paginate(query: "sa.Select[Any]", *, size: int = PAGE_SIZE, scalars: bool = True) -> Page[Any]:
    """The page of ``query`` that the address asks for (``?page=``): two queries, whatever the length."""
    found = session.scalar(_counted(query)) or 0
    total = min(found, COUNTED)
    number = _asked_page(total, size)
    limited = query.limit(size).offset((number - 1) * size)
    items = session.scalars(limited).unique().all() if scalars else session.execute(limited).all()
    return Page(items, number, size, total, goes_on=found > COUNTED)


def _counted(query: "sa.Select[Any]") -> "sa.Select[Any]":
    """How many rows ``query`` has, as far as they are counted; which columns it would read matters when rows merge."""
    rows = query.order_by(None).limit(COUNTED + 1)
    # SQLAlchemy says nowhere in public whether a Select merges rows: `distinct` and `group_by` only set. To keep all
    # columns of every list instead would make the database read them (up to COUNTED rows) to count, and a mark at each
    # call could be forgotten and count wrong. tests/core/test_pagination.py notices should the names change.
    if not (query._distinct or query._group_by_clauses):
        rows = rows.with_only_columns(sa.literal(1), maintain_column_froms=True)
    return sa.select(sa.func.count()).select_from(rows.subquery())


def page_of(rows: Sequence[Thing], *, size: int = PAGE_SIZE) -> Page[Thing]:
    """The same of a list that is at hand as a whole."""
    number = _asked_page(len(rows), size)
    return Page(rows[(number - 1) * size : number * size], number, size, len(rows))


def _asked_page(total: int, size: int) -> int:
    """The page in the address, within what there is."""
    pages = max(1, -(-total // size))
    return min(max(1, number_in(request.args.get("page")) or 1), pages)


def after_cursor(
    query: "sa.Select[Any]", column: Any, *, after: str | None, limit: int
) -> tuple[list[Any], str | None]:
    """At most ``limit`` (1 to 100) rows of ``query`` by ascending ``column`` (unique whole numbers).

    Starts behind the cursor ``after``; answers the rows and the cursor of the next page, ``None`` at the end.
    """
    if after:
        query = query.where(column > int(after))
    rows = list(session.scalars(query.order_by(None).order_by(column).limit(limit + 1)).unique())
    more = len(rows) > limit
    rows = rows[:limit]
    return rows, str(getattr(rows[-1], column.key)) if more and rows else None
