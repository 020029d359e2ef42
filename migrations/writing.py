"""Writes a migration from what the models say: ``make migration M="leads can be snoozed"``.

Alembic compares tables, columns and indexes. Triggers, functions and checks, which it does not see, are compared here:
a database made by the migrations beside one made from the models, on SQLite and on PostgreSQL. Read and mend what
comes out; ``tests/architecture/test_migrations.py`` says whether it is right.
"""

import os
import sys
import tempfile
import textwrap
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from alembic import command

from core.database import Base, Database
from core.migrating import alembic_config
from migrations.rules import Checks, Rule, checks_of, rules_of
from tests.conftest import make_app
from tests.services import a_postgresql_database, an_embedded_server


@dataclass(frozen=True)
class Difference:
    """What models and migrations do not agree on, in one database: rules and checks to come and to go."""

    new: list[Rule]
    gone: list[Rule]
    new_checks: Checks
    gone_checks: Checks


def main(message: str) -> None:
    with tempfile.TemporaryDirectory() as name, an_embedded_server() as server:
        folder = Path(name)
        os.environ["TEST_DATABASE_URL"] = server.render_as_string(hide_password=False)
        migrated = f"sqlite:///{folder / 'migrated.db'}"
        make_app(migrated, folder)
        on_sqlite = compare(migrated, f"sqlite:///{folder / 'made.db'}")
        with a_postgresql_database() as one, a_postgresql_database() as other:
            on_postgresql = compare(one, other)
        script = command.revision(alembic_config(migrated), message=message, autogenerate=True)
        assert script is not None and not isinstance(script, list)
        path = Path(script.path)
        path.write_text(with_rules(path.read_text("utf-8"), on_sqlite, on_postgresql), "utf-8")


def compare(migrated: str, made: str) -> Difference:
    """Fills the two empty databases, one by the migrations, one from the models, and compares their rules."""
    command.upgrade(alembic_config(migrated), "head")
    wanted, there = Database(made).engine, Database(migrated).engine
    try:
        with wanted.begin() as new, there.connect() as old:
            Base.metadata.create_all(new)
            wanted_rules, rules = rules_of(new), rules_of(old)
            wanted_checks, checks = checks_of(new), checks_of(old)
            in_both = {*sa.inspect(new).get_table_names()} & {*sa.inspect(old).get_table_names()}
    finally:
        wanted.dispose()
        there.dispose()
    return Difference(
        new=[rule for rule in wanted_rules if rule not in rules],
        gone=[rule for rule in rules if rule not in wanted_rules],
        new_checks={key: text for key, text in wanted_checks.items() - checks.items() if key[0] in in_both},
        gone_checks={key: text for key, text in checks.items() - wanted_checks.items() if key[0] in in_both},
    )


def with_rules(script: str, on_sqlite: Difference, on_postgresql: Difference) -> str:
    """The migration's text with the rules of both databases put into its constants and functions."""
    up, down = on_postgresql, Difference(on_postgresql.gone, on_postgresql.new, {}, {})
    constants = [
        _dictionary("NEW_ON_SQLITE", on_sqlite.new),
        _dictionary("OLD_ON_SQLITE", on_sqlite.gone),
        _statements("UP_ON_POSTGRESQL", up),
        _statements("DOWN_ON_POSTGRESQL", down),
    ]
    head, _, rest = script.partition("# RULES\n")
    script = head + "\n".join(constants) + rest
    script = script.replace("    # CHECKS UP\n", _checks(on_sqlite.gone_checks, on_sqlite.new_checks))
    return script.replace("    # CHECKS DOWN\n", _checks(on_sqlite.new_checks, on_sqlite.gone_checks))


def _dictionary(name: str, rules: list[Rule]) -> str:
    lines = "".join(f"    {rule.name!r}: {_text(rule.text)},\n" for rule in rules)
    return f"{name}: dict[str, str] = {{\n{lines}}}\n"


def _statements(name: str, difference: Difference) -> str:
    """Triggers go before their functions and come after them; a function that only changes is replaced."""
    staying = {rule.name for rule in difference.new if rule.kind == "function"}
    gone = [rule for rule in reversed(difference.gone) if rule.kind == "trigger" or rule.name not in staying]
    texts = [rule.removal for rule in gone] + [rule.text for rule in difference.new]
    # psycopg reads a single per cent sign as a place for a value.
    lines = "".join(f"    {_text(text.replace('%', '%%'))},\n" for text in texts)
    return f"{name}: tuple[str, ...] = (\n{lines})\n"


def _text(statement: str) -> str:
    pieces = textwrap.wrap(statement, 100, break_long_words=False, break_on_hyphens=False)
    return " ".join(repr(piece + " ") for piece in pieces[:-1]) + " " + repr(pieces[-1])


def _checks(gone: Checks, new: Checks) -> str:
    lines = ""
    for table in sorted({table for table, _ in (*gone, *new)}):
        lines += f'    with op.batch_alter_table("{table}") as batch:\n'
        for _, name in sorted(key for key in gone if key[0] == table):
            lines += f'        batch.drop_constraint(op.f("{name}"), type_="check")\n'
        for (_, name), text in sorted((key, text) for key, text in new.items() if key[0] == table):
            lines += f'        batch.create_check_constraint(op.f("{name}"), sa.text({text!r}))\n'
    return lines


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]))
