"""The rules that a database itself enforces, as it tells them: triggers, their functions, and checks."""

import re
from dataclasses import dataclass

import sqlalchemy as sa

_ON_SQLITE = ("SELECT 'trigger', name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name",)
_ON_POSTGRESQL = (
    "SELECT 'function', proname, pg_get_functiondef(oid) FROM pg_proc "
    "WHERE pronamespace = 'public'::regnamespace ORDER BY proname",
    "SELECT 'trigger', tgrelid::regclass::text || ' ' || tgname, pg_get_triggerdef(oid) FROM pg_trigger "
    "WHERE NOT tgisinternal ORDER BY tgrelid::regclass::text, tgname",
)

Checks = dict[tuple[str, str], str]
"""Conditions by table and name."""


@dataclass(frozen=True, order=True)
class Rule:
    """One rule: its kind (``function``, ``trigger``), its name, on PostgreSQL after the table's, and its text."""

    kind: str
    name: str
    text: str

    @property
    def removal(self) -> str:
        """The statement that takes the rule away, unless its table has taken it along."""
        if self.kind == "function":
            return f"DROP FUNCTION IF EXISTS {self.name}() CASCADE"
        table, _, name = self.name.rpartition(" ")
        return f"DROP TRIGGER IF EXISTS {name} ON {table}"


def rules_of(connection: sa.Connection) -> list[Rule]:
    """Every trigger and function of the database, functions first, white space made plain."""
    queries = _ON_SQLITE if connection.dialect.name == "sqlite" else _ON_POSTGRESQL
    return [
        Rule(kind, name, _plain(text))
        for query in queries
        for kind, name, text in connection.exec_driver_sql(query)
    ]


def checks_of(connection: sa.Connection) -> Checks:
    """Every check constraint of the database."""
    inspector = sa.inspect(connection)
    return {
        (table, str(check["name"])): _plain(check["sqltext"])
        for table in inspector.get_table_names()
        for check in inspector.get_check_constraints(table)
    }


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
