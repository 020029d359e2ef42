"""Files of leads wait for room; what partners hold is counted by an index of its own.

Revision: 0006_room_for_files_of_leads, after 0005_people_and_documents
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006_room_for_files_of_leads"
down_revision = "0005_people_and_documents"
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
    with op.batch_alter_table("referrals_lead", schema=None) as batch_op:
        batch_op.create_index(
            "ix_referrals_lead_held",
            ["partner_id"],
            unique=False,
            postgresql_where=sa.text("status IN ('accepted', 'claimed', 'contacted', 'working')"),
            sqlite_where=sa.text("status IN ('accepted', 'claimed', 'contacted', 'working')"),
        )

    with op.batch_alter_table("referrals_lead_import", schema=None) as batch_op:
        batch_op.add_column(sa.Column("run_began_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(
            sa.Column(
                "run_began_with",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                server_default="0",
                nullable=False,
            )
        )
        batch_op.add_column(
            sa.Column(
                "without_room",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                server_default="0",
                nullable=False,
            )
        )
        batch_op.add_column(sa.Column("resumes_at", sa.DateTime(timezone=True), nullable=True))

    bring_back(connection, aside, gone=OLD_ON_SQLITE, new=NEW_ON_SQLITE, also=UP_ON_POSTGRESQL)


def downgrade() -> None:
    connection = op.get_bind()
    aside = set_aside(connection)
    with op.batch_alter_table("referrals_lead_import", schema=None) as batch_op:
        batch_op.drop_column("resumes_at")
        batch_op.drop_column("without_room")
        batch_op.drop_column("run_began_with")
        batch_op.drop_column("run_began_at")

    with op.batch_alter_table("referrals_lead", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_referrals_lead_held",
            postgresql_where=sa.text("status IN ('accepted', 'claimed', 'contacted', 'working')"),
            sqlite_where=sa.text("status IN ('accepted', 'claimed', 'contacted', 'working')"),
        )

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
