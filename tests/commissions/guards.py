"""Tables as their owner could change them: for tests of whatever looks behind the guards."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from core.database import current_database, session
from core.triggers import guards


@contextmanager
def without_guards() -> Iterator[None]:
    """What the owner of the tables could do: every guard off, and undone at the end."""
    savepoint = session.begin_nested()
    database = current_database()
    if database.is_sqlite:
        for name in guards("sqlite", "commissions_"):
            session.execute(sa.text(f"DROP TRIGGER {name}"))
    else:
        session.execute(sa.text("SET LOCAL session_replication_role = replica"))
    session.expire_all()
    yield
    if not database.is_sqlite:
        session.execute(sa.text("SET LOCAL session_replication_role = origin"))
    savepoint.rollback()
    session.expire_all()
