"""Rules that the database itself enforces, on both databases, whoever writes to it.

A trigger is created with its table and stands in the migrations as text; a test compares the two.
"""

import re

from sqlalchemy import DDL, Table, event

_REFUSE_ON_POSTGRESQL = """
CREATE OR REPLACE FUNCTION guildhall_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '%%', TG_ARGV[0] USING ERRCODE = 'check_violation'; END $$
"""

# The triggers that must stand in a database, by its kind: (table, trigger).
_declared: dict[str, set[tuple[str, str]]] = {"sqlite": set(), "postgresql": set()}


def guards(dialect: str, prefix: str = "") -> set[str]:
    """The names of all triggers declared for ``dialect`` on tables whose names begin with ``prefix``."""
    return {trigger for table, trigger in _declared[dialect] if table.startswith(prefix)}


def _declare(dialect: str, table: Table, statement: str) -> None:
    named = re.match(r"\s*CREATE TRIGGER (\w+)", statement)
    if named is not None:
        _declared[dialect].add((table.name, named[1]))


def on_sqlite(table: Table, statement: str) -> None:
    """Runs ``statement`` after ``table`` is created on SQLite. A per cent sign is written twice."""
    _declare("sqlite", table, statement)
    event.listen(table, "after_create", DDL(statement).execute_if(dialect="sqlite"))  # type: ignore[no-untyped-call]


def on_postgresql(table: Table, statement: str) -> None:
    """Runs ``statement`` after ``table`` is created on PostgreSQL. A per cent sign is written twice."""
    _declare("postgresql", table, statement)
    event.listen(table, "after_create", DDL(statement).execute_if(dialect="postgresql"))  # type: ignore[no-untyped-call]


def append_only(table: Table) -> None:
    """Rows of ``table`` can be added, never changed or removed."""
    on_postgresql(table, _REFUSE_ON_POSTGRESQL)
    for deed in ("UPDATE", "DELETE"):
        name = f"{table.name}_no_{deed.lower()}"
        sentence = f"{table.name} is append-only"
        on_sqlite(
            table,
            f"CREATE TRIGGER {name} BEFORE {deed} ON {table.name} BEGIN SELECT RAISE(ABORT, '{sentence}'); END",
        )
        on_postgresql(
            table,
            f"CREATE TRIGGER {name} BEFORE {deed} ON {table.name} "
            f"FOR EACH ROW EXECUTE FUNCTION guildhall_refuse('{sentence}')",
        )
    on_postgresql(
        table,
        f"CREATE TRIGGER {table.name}_no_truncate BEFORE TRUNCATE ON {table.name} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION guildhall_refuse('{table.name} is append-only')",
    )


def refuse_when(table: Table, deed: str, name: str, rules: list[tuple[str, str]]) -> None:
    """Before each ``deed`` (``INSERT``, ``UPDATE``, ``DELETE``) on a row, every rule is asked; a true one refuses.

    A rule is (sentence, condition). Conditions speak of ``NEW`` and ``OLD`` in SQL that both databases understand.
    """
    full_name = f"{table.name}_{name}"
    in_sqlite = " ".join(
        f"SELECT RAISE(ABORT, '{sentence}') WHERE {condition};" for sentence, condition in rules
    )
    on_sqlite(table, f"CREATE TRIGGER {full_name} BEFORE {deed} ON {table.name} BEGIN {in_sqlite} END")
    in_plpgsql = " ".join(
        f"IF {condition} THEN RAISE EXCEPTION '{sentence}' USING ERRCODE = 'check_violation'; END IF;"
        for sentence, condition in rules
    )
    answer = "OLD" if deed == "DELETE" else "NEW"
    on_postgresql(
        table,
        f"CREATE OR REPLACE FUNCTION {full_name}() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN {in_plpgsql} RETURN {answer}; END $$",
    )
    on_postgresql(
        table,
        f"CREATE TRIGGER {full_name} BEFORE {deed} ON {table.name} FOR EACH ROW EXECUTE FUNCTION {full_name}()",
    )
