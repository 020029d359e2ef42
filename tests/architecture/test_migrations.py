"""Migrations make the schema that the models say, on both databases, up, down and up again."""

import re
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from core.database import Base, Database, JSONDocument
from core.migrating import alembic_config
from tests.conftest import an_empty_database

pytestmark = pytest.mark.pure


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
    """Every trigger, trigger function and check constraint of a database, by name, as the database tells them."""
    engine = Database(url).engine
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                rows = connection.execute(
                    sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
                )
                found = {f"trigger {name}": _plain(text) for name, text in rows}
                tables = connection.execute(
                    sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
                )
                for table, text in tables:
                    for name, check in re.findall(r"CONSTRAINT (\S+) CHECK (\(.*)", text or ""):
                        found[f"check {table} {name}"] = _plain(check.rstrip(", "))
                return found
            queries = {
                "trigger": "SELECT tgrelid::regclass::text || ' ' || tgname, pg_get_triggerdef(oid) FROM pg_trigger "
                "WHERE NOT tgisinternal",
                "function": "SELECT proname, pg_get_functiondef(oid) FROM pg_proc "
                "WHERE pronamespace = 'public'::regnamespace",
                "constraint": "SELECT conrelid::regclass::text || ' ' || conname, pg_get_constraintdef(oid) "
                "FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid <> 0",
                "index": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
            }
            return {
                f"{kind} {name}": _plain(text)
                for kind, query in queries.items()
                for name, text in connection.execute(sa.text(query))
                if "alembic_version" not in name
            }
    finally:
        engine.dispose()


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


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
