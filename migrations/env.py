"""How Alembic meets the database: an engine of its own, foreign keys off on SQLite and checked afterwards."""

from importlib import import_module

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import event

from core.database import Base, JSONDocument, Moment

config = context.config

# Every module that holds tables, so that the metadata is whole.
for module in (
    "core.activity", "core.api", "core.clock", "core.jobs", "core.settings", "accounts.limits", "accounts.models",
    "partners.models", "academy.models", "events.models", "referrals.models", "commissions.models",
):  # fmt: skip
    import_module(module)


def render_item(kind: str, item: object, _autogen: AutogenContext) -> str | bool:
    """Migrations name plain types only, so that they never import today's code."""
    if kind == "type" and isinstance(item, Moment):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, JSONDocument):
        return "JSON"
    if kind == "server_default" and isinstance(item, sa.DefaultClause):
        # SQLite would write 0 and 1, which PostgreSQL does not take for a truth value.
        if isinstance(item.arg, sa.False_):
            return "sa.false()"
        if isinstance(item.arg, sa.True_):
            return "sa.true()"
    return False


def compare_type(
    _context: object, _column: object, _known: object, known_type: object, model_type: object
) -> bool | None:
    """Our own JSON and moment types equal what they are in the database."""
    if isinstance(model_type, JSONDocument):
        return False
    return None


def run() -> None:
    url = config.get_main_option("sqlalchemy.url") or ""
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    is_sqlite = engine.dialect.name == "sqlite"
    if is_sqlite:

        @event.listens_for(engine, "connect")
        def prepare(connection: object, _record: object) -> None:
            # Batch migrations drop and remake tables; with foreign keys on that would delete their children.
            connection.isolation_level = None  # type: ignore[attr-defined]
            connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[attr-defined]

        @event.listens_for(engine, "begin")
        def begin(connection: sa.Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_item=render_item,
            compare_type=compare_type,
            render_as_batch=is_sqlite,
            transaction_per_migration=False,
        )
        with context.begin_transaction():
            context.run_migrations()
            if is_sqlite:
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
                if broken:
                    raise RuntimeError(f"The migration broke foreign keys: {broken[:5]}")
    engine.dispose()


run()
