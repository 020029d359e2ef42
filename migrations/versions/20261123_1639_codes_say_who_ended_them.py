"""Referral codes say when they had ended and whether the vendor did it.

Revision: 0007_codes_say_who_ended_them, after 0006_room_for_files_of_leads
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007_codes_say_who_ended_them"
down_revision = "0006_room_for_files_of_leads"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")

NEW_ON_SQLITE: dict[str, str] = {
    "referrals_code_gap_no_delete": "CREATE TRIGGER referrals_code_gap_no_delete BEFORE DELETE ON referrals_code_gap BEGIN SELECT "
    "RAISE(ABORT, 'referrals_code_gap is append-only'); END",
    "referrals_code_gap_no_update": "CREATE TRIGGER referrals_code_gap_no_update BEFORE UPDATE ON referrals_code_gap BEGIN SELECT "
    "RAISE(ABORT, 'referrals_code_gap is append-only'); END",
}

OLD_ON_SQLITE: dict[str, str] = {}

UP_ON_POSTGRESQL: tuple[str, ...] = (
    "CREATE TRIGGER referrals_code_gap_no_delete BEFORE DELETE ON public.referrals_code_gap FOR EACH ROW "
    "EXECUTE FUNCTION guildhall_refuse('referrals_code_gap is append-only')",
    "CREATE TRIGGER referrals_code_gap_no_truncate BEFORE TRUNCATE ON public.referrals_code_gap FOR EACH "
    "STATEMENT EXECUTE FUNCTION guildhall_refuse('referrals_code_gap is append-only')",
    "CREATE TRIGGER referrals_code_gap_no_update BEFORE UPDATE ON public.referrals_code_gap FOR EACH ROW "
    "EXECUTE FUNCTION guildhall_refuse('referrals_code_gap is append-only')",
)

DOWN_ON_POSTGRESQL: tuple[str, ...] = (
    "DROP TRIGGER IF EXISTS referrals_code_gap_no_update ON referrals_code_gap",
    "DROP TRIGGER IF EXISTS referrals_code_gap_no_truncate ON referrals_code_gap",
    "DROP TRIGGER IF EXISTS referrals_code_gap_no_delete ON referrals_code_gap",
)


def upgrade() -> None:
    connection = op.get_bind()
    aside = set_aside(connection)
    op.create_table(
        "referrals_code_gap",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revived_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["code_id"],
            ["referrals_referral_code.id"],
            name=op.f("fk_referrals_code_gap_code_id_referrals_referral_code"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals_code_gap")),
    )
    with op.batch_alter_table("referrals_code_gap", schema=None) as batch_op:
        batch_op.create_index("ix_referrals_code_gap_code_id", ["code_id", "ended_at"], unique=False)

    with op.batch_alter_table("referrals_referral_code", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("ended_by_vendor", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.drop_index("ix_referrals_referral_code_partner_id")
        batch_op.create_index("ix_referrals_referral_code_partner_id", ["partner_id", "id"], unique=False)

    # A lead keeps its code in the code's own spelling from now on, by which the index finds it.
    op.execute(
        "UPDATE referrals_lead SET referral_code = upper(referral_code) WHERE referral_code IS NOT NULL "
        "AND referral_code <> upper(referral_code) "
        "AND upper(referral_code) IN (SELECT code FROM referrals_referral_code)"
    )
    bring_back(connection, aside, gone=OLD_ON_SQLITE, new=NEW_ON_SQLITE, also=UP_ON_POSTGRESQL)


def downgrade() -> None:
    connection = op.get_bind()
    aside = set_aside(connection)
    with op.batch_alter_table("referrals_referral_code", schema=None) as batch_op:
        batch_op.drop_index("ix_referrals_referral_code_partner_id")
        batch_op.create_index("ix_referrals_referral_code_partner_id", ["partner_id"], unique=False)
        batch_op.drop_column("ended_by_vendor")

    with op.batch_alter_table("referrals_code_gap", schema=None) as batch_op:
        batch_op.drop_index("ix_referrals_code_gap_code_id")

    op.drop_table("referrals_code_gap")
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
