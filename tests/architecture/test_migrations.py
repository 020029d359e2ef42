"""Migrations make the schema that the models say, on both databases, up, down and up again."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from core.database import Base, Database, JSONDocument
from core.migrating import alembic_config
from migrations import rules
from tests.conftest import an_empty_database

pytestmark = pytest.mark.pure

CONSTRAINTS = (
    "SELECT 'constraint ' || conrelid::regclass::text || ' ' || conname, pg_get_constraintdef(oid) "
    "FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid <> 0"
)
INDEXES = "SELECT 'index ' || indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"


def _same_type(_context: Any, _column: Any, _known: Any, _there: Any, wanted: Any) -> bool | None:
    return False if isinstance(wanted, JSONDocument) else None


def differences(url: str) -> list[Any]:
    """What Alembic would still change; triggers and checks are compared apart."""
    engine = Database(url).engine
    try:
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": _same_type})
            return list(compare_metadata(context, Base.metadata))
    finally:
        engine.dispose()


def rules_of(url: str) -> dict[str, str]:
    """Every trigger, function, constraint and index of a database, by name, as the database tells them."""
    engine = Database(url).engine
    try:
        with engine.connect() as connection:
            found = {f"{rule.kind} {rule.name}": rule.text for rule in rules.rules_of(connection)}
            found |= {
                f"check {table} {name}": text for (table, name), text in rules.checks_of(connection).items()
            }
            if engine.dialect.name == "postgresql":
                for query in (CONSTRAINTS, INDEXES):
                    found |= dict(connection.execute(sa.text(query)).all())  # type: ignore[arg-type]
            return {name: text for name, text in found.items() if "alembic_version" not in name}
    finally:
        engine.dispose()


def test_migrations_make_what_the_models_say(tmp_path: Path, application: Any) -> None:
    with an_empty_database(tmp_path) as migrated, an_empty_database(tmp_path) as made:
        command.upgrade(alembic_config(migrated), "head")
        assert differences(migrated) == []
        database = Database(made)
        Base.metadata.create_all(database.engine)
        database.engine.dispose()
        wanted, there = rules_of(made), rules_of(migrated)
        assert there.keys() ^ wanted.keys() == set()
        assert {name: there[name] for name in wanted if there[name] != wanted[name]} == {}


def test_migrations_go_up_down_and_up(tmp_path: Path, application: Any) -> None:
    with an_empty_database(tmp_path) as url:
        config = alembic_config(url)
        command.upgrade(config, "head")
        command.downgrade(config, "base")
        engine = Database(url).engine
        try:
            left = set(sa.inspect(engine).get_table_names()) - {"alembic_version"}
        finally:
            engine.dispose()
        assert left == set()
        command.upgrade(config, "head")
        assert differences(url) == []
