"""${message}

Revision: ${up_revision}, after ${down_revision | comma,n}
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")

# RULES

def upgrade() -> None:
    connection = op.get_bind()
    aside = set_aside(connection)
    ${upgrades if upgrades else "pass"}
    # CHECKS UP
    bring_back(connection, aside, gone=OLD_ON_SQLITE, new=NEW_ON_SQLITE, also=UP_ON_POSTGRESQL)


def downgrade() -> None:
    connection = op.get_bind()
    aside = set_aside(connection)
    # CHECKS DOWN
    ${downgrades if downgrades else "pass"}
    bring_back(connection, aside, gone=NEW_ON_SQLITE, new=OLD_ON_SQLITE, also=DOWN_ON_POSTGRESQL)


def set_aside(connection: sa.Connection) -> dict[str, str]:
    """SQLite changes a table by making it anew, and no trigger survives that: all step aside meanwhile."""
    if connection.dialect.name != "sqlite":
        return {}
    known = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    aside = {str(name): str(text) for name, text in known}
    for name in aside:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    return aside


def bring_back(
    connection: sa.Connection, aside: dict[str, str], gone: dict[str, str], new: dict[str, str], also: tuple[str, ...]
) -> None:
    """The triggers that stepped aside come back, without those ``gone`` and with the ``new``."""
    staying = {name: text for name, text in aside.items() if name not in gone} | new
    for statement in staying.values() if connection.dialect.name == "sqlite" else also:
        connection.exec_driver_sql(statement)
