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
    _refuse(table, "UPDATE")
    never_removed(table)


def never_removed(table: Table) -> None:
    """Rows of ``table`` stay. What of them may change, rules of their own say (:func:`refuse_when`)."""
    _refuse(table, "DELETE")
    on_postgresql(
        table,
        f"CREATE TRIGGER {table.name}_no_truncate BEFORE TRUNCATE ON {table.name} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION guildhall_refuse('{table.name} is append-only')",
    )


def _refuse(table: Table, deed: str) -> None:
    on_postgresql(table, _REFUSE_ON_POSTGRESQL)
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


def refuse_when(table: Table, deed: str, name: str, rules: list[tuple[str, str]]) -> None:
    """Before each ``deed`` (``INSERT``, ``UPDATE``, ``DELETE``) on a row, every rule is asked; a true one refuses.

    A rule is (sentence, condition). Conditions speak of ``NEW`` and ``OLD`` in SQL that both databases understand.
    """
    full_name = f"{table.name}_{name}"
    in_sqlite = " ".join(
        f"SELECT RAISE(ABORT, {_quoted(sentence)}) WHERE {condition};" for sentence, condition in rules
    )
    on_sqlite(table, f"CREATE TRIGGER {full_name} BEFORE {deed} ON {table.name} BEGIN {in_sqlite} END")
    in_plpgsql = " ".join(
        f"IF {condition} THEN RAISE EXCEPTION {_quoted(sentence)} USING ERRCODE = 'check_violation'; END IF;"
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


def refuse_rows_when(table: Table, name: str, rules: list[tuple[str, str, str]]) -> None:
    """Of every INSERT each rule is asked; a true one refuses: row by row on SQLite, once a statement on PostgreSQL.

    A rule is (sentence, condition on ``NEW``, condition on all new rows, which are the table ``fresh``). Asked once,
    thousands of rows cost little. What belongs to a new row is looked up by an index, row by row (:func:`of_each`): a
    plan is kept, and what PostgreSQL knew of the sizes of tables when it made one may be long over.
    """
    full_name = f"{table.name}_{name}"
    in_sqlite = " ".join(
        f"SELECT RAISE(ABORT, {_quoted(sentence)}) WHERE {condition};" for sentence, condition, _all in rules
    )
    on_sqlite(table, f"CREATE TRIGGER {full_name} BEFORE INSERT ON {table.name} BEGIN {in_sqlite} END")
    in_plpgsql = " ".join(
        f"IF {condition} THEN RAISE EXCEPTION {_quoted(sentence)} USING ERRCODE = 'check_violation'; END IF;"
        for sentence, _row, condition in rules
    )
    on_postgresql(
        table,
        f"CREATE OR REPLACE FUNCTION {full_name}() RETURNS trigger LANGUAGE plpgsql "
        "SET enable_seqscan = off AS $$ "
        f"BEGIN {in_plpgsql} RETURN NULL; END $$",
    )
    on_postgresql(
        table,
        f"CREATE TRIGGER {full_name} AFTER INSERT ON {table.name} REFERENCING NEW TABLE AS fresh "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {full_name}()",
    )


def of_each(before: str, table: str, name: str, condition: str) -> str:
    """The rows of ``table``, called ``name``, that belong to each row of ``before``, as a part of FROM.

    Looked up in that direction and no other: PostgreSQL does not turn a limited subquery round.
    """
    return f"{before} CROSS JOIN LATERAL (SELECT * FROM {table} AS its WHERE {condition} OFFSET 0) AS {name}"  # noqa: S608


def _quoted(sentence: str) -> str:
    doubled = sentence.replace("'", "''")
    return f"'{doubled}'"
