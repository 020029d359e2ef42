"""What the database is asked: for tests that hold many against few."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from core.database import session


@contextmanager
def heard_statements() -> Iterator[list[str]]:
    """The statements that run inside, in their order."""
    heard: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        heard.append(statement)

    bound = session.get_bind()
    sa.event.listen(bound, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        sa.event.remove(bound, "before_cursor_execute", hear)
