"""An answer that is said again keeps its headers; notices are found by their moment.

Revision: 0004_answers_said_again, after 0003_papers_and_ratings
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004_answers_said_again"
down_revision = "0003_papers_and_ratings"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")

NEW_ON_SQLITE: dict[str, str] = {}

OLD_ON_SQLITE: dict[str, str] = {}

UP_ON_POSTGRESQL: tuple[str, ...] = ()

DOWN_ON_POSTGRESQL: tuple[str, ...] = ()


def upgrade() -> None:
    connection = op.get_bind()
    aside = set_aside(connection)
    with op.batch_alter_table("accounts_notice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_accounts_notice_user_id"))
        batch_op.create_index("ix_accounts_notice_latest", ["user_id", "at", "id"], unique=False)

    with op.batch_alter_table("core_kept_answer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("headers", JSON, nullable=True))

    bring_back(connection, aside, gone=OLD_ON_SQLITE, new=NEW_ON_SQLITE, also=UP_ON_POSTGRESQL)


def downgrade() -> None:
    connection = op.get_bind()
    aside = set_aside(connection)
    with op.batch_alter_table("core_kept_answer", schema=None) as batch_op:
        batch_op.drop_column("headers")

    with op.batch_alter_table("accounts_notice", schema=None) as batch_op:
        batch_op.drop_index("ix_accounts_notice_latest")
        batch_op.create_index(batch_op.f("ix_accounts_notice_user_id"), ["user_id", "id"], unique=False)

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
    connection: sa.Connection,
    aside: dict[str, str],
    gone: dict[str, str],
    new: dict[str, str],
    also: tuple[str, ...],
) -> None:
    """The triggers that stepped aside come back, without those ``gone`` and with the ``new``."""
    staying = {name: text for name, text in aside.items() if name not in gone} | new
    for statement in staying.values() if connection.dialect.name == "sqlite" else also:
        connection.exec_driver_sql(statement)
