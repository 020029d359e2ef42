"""Asking for many rows at once in statements that are kept; all others do it with :func:`core.bulk.among`."""

import json
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from core.database import current_database


def written(ids: Iterable[int]) -> str:
    """``ids`` as the one value that :func:`among_written` asks for."""
    if current_database().is_sqlite:
        return json.dumps(list(ids))
    return "{" + ",".join(map(str, ids)) + "}"


def among_written(column: Any, ids: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """``column`` is one of ``ids``, which are ``written`` already, or will be when a kept statement is asked."""
    if current_database().is_sqlite:
        values = sa.func.json_each(ids).table_valued("value")
        return column.in_(sa.select(values.c.value))  # type: ignore[no-any-return]
    return column == sa.func.any(sa.cast(ids, postgresql.ARRAY(sa.BigInteger)))  # type: ignore[no-any-return]
