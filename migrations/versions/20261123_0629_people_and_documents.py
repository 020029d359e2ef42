"""People at the vendor, documents and invitations of firms; the vendor's own opportunities; VAT of payout lines.

Revision: 0005_people_and_documents, after 0004_answers_said_again
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005_people_and_documents"
down_revision = "0004_answers_said_again"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")

NEW_ON_SQLITE: dict[str, str] = {
    "commissions_payout_line_is_frozen": "CREATE TRIGGER commissions_payout_line_is_frozen BEFORE UPDATE ON commissions_payout_line BEGIN "
    "SELECT RAISE(ABORT, 'a line of a payout is frozen; it can only be released, once') WHERE NEW.id <> "
    "OLD.id OR NEW.payout_id <> OLD.payout_id OR NEW.entry_id <> OLD.entry_id OR NEW.amount_minor <> "
    "OLD.amount_minor OR NEW.vat_bp IS DISTINCT FROM OLD.vat_bp OR NEW.vat_minor <> OLD.vat_minor OR "
    "NEW.frozen_at <> OLD.frozen_at OR OLD.released_at IS NOT NULL; END",
    "referrals_routing_circle_member_no_delete": "CREATE TRIGGER referrals_routing_circle_member_no_delete BEFORE DELETE ON "
    "referrals_routing_circle_member BEGIN SELECT RAISE(ABORT, 'referrals_routing_circle_member is "
    "append-only'); END",
    "referrals_routing_circle_member_no_update": "CREATE TRIGGER referrals_routing_circle_member_no_update BEFORE UPDATE ON "
    "referrals_routing_circle_member BEGIN SELECT RAISE(ABORT, 'referrals_routing_circle_member is "
    "append-only'); END",
    "referrals_routing_circle_no_delete": "CREATE TRIGGER referrals_routing_circle_no_delete BEFORE DELETE ON referrals_routing_circle BEGIN "
    "SELECT RAISE(ABORT, 'referrals_routing_circle is append-only'); END",
    "referrals_routing_circle_no_update": "CREATE TRIGGER referrals_routing_circle_no_update BEFORE UPDATE ON referrals_routing_circle BEGIN "
    "SELECT RAISE(ABORT, 'referrals_routing_circle is append-only'); END",
}

OLD_ON_SQLITE: dict[str, str] = {
    "commissions_payout_line_is_frozen": "CREATE TRIGGER commissions_payout_line_is_frozen BEFORE UPDATE ON commissions_payout_line BEGIN "
    "SELECT RAISE(ABORT, 'a line of a payout is frozen; it can only be released, once') WHERE NEW.id <> "
    "OLD.id OR NEW.payout_id <> OLD.payout_id OR NEW.entry_id <> OLD.entry_id OR NEW.amount_minor <> "
    "OLD.amount_minor OR NEW.frozen_at <> OLD.frozen_at OR OLD.released_at IS NOT NULL; END",
}

UP_ON_POSTGRESQL: tuple[str, ...] = (
    "CREATE OR REPLACE FUNCTION public.commissions_payout_line_is_frozen() RETURNS trigger LANGUAGE "
    "plpgsql AS $function$ BEGIN IF NEW.id <> OLD.id OR NEW.payout_id <> OLD.payout_id OR NEW.entry_id <> "
    "OLD.entry_id OR NEW.amount_minor <> OLD.amount_minor OR NEW.vat_bp IS DISTINCT FROM OLD.vat_bp OR "
    "NEW.vat_minor <> OLD.vat_minor OR NEW.frozen_at <> OLD.frozen_at OR OLD.released_at IS NOT NULL THEN "
    "RAISE EXCEPTION 'a line of a payout is frozen; it can only be released, once' USING ERRCODE = "
    "'check_violation'; END IF; RETURN NEW; END $function$",
    "CREATE TRIGGER referrals_routing_circle_no_delete BEFORE DELETE ON public.referrals_routing_circle "
    "FOR EACH ROW EXECUTE FUNCTION guildhall_refuse('referrals_routing_circle is append-only')",
    "CREATE TRIGGER referrals_routing_circle_no_truncate BEFORE TRUNCATE ON "
    "public.referrals_routing_circle FOR EACH STATEMENT EXECUTE FUNCTION "
    "guildhall_refuse('referrals_routing_circle is append-only')",
    "CREATE TRIGGER referrals_routing_circle_no_update BEFORE UPDATE ON public.referrals_routing_circle "
    "FOR EACH ROW EXECUTE FUNCTION guildhall_refuse('referrals_routing_circle is append-only')",
    "CREATE TRIGGER referrals_routing_circle_member_no_delete BEFORE DELETE ON "
    "public.referrals_routing_circle_member FOR EACH ROW EXECUTE FUNCTION "
    "guildhall_refuse('referrals_routing_circle_member is append-only')",
    "CREATE TRIGGER referrals_routing_circle_member_no_truncate BEFORE TRUNCATE ON "
    "public.referrals_routing_circle_member FOR EACH STATEMENT EXECUTE FUNCTION "
    "guildhall_refuse('referrals_routing_circle_member is append-only')",
    "CREATE TRIGGER referrals_routing_circle_member_no_update BEFORE UPDATE ON "
    "public.referrals_routing_circle_member FOR EACH ROW EXECUTE FUNCTION "
    "guildhall_refuse('referrals_routing_circle_member is append-only')",
)

DOWN_ON_POSTGRESQL: tuple[str, ...] = (
    "DROP TRIGGER IF EXISTS referrals_routing_circle_member_no_update ON referrals_routing_circle_member",
    "DROP TRIGGER IF EXISTS referrals_routing_circle_member_no_truncate ON referrals_routing_circle_member",
    "DROP TRIGGER IF EXISTS referrals_routing_circle_member_no_delete ON referrals_routing_circle_member",
    "DROP TRIGGER IF EXISTS referrals_routing_circle_no_update ON referrals_routing_circle",
    "DROP TRIGGER IF EXISTS referrals_routing_circle_no_truncate ON referrals_routing_circle",
    "DROP TRIGGER IF EXISTS referrals_routing_circle_no_delete ON referrals_routing_circle",
    "CREATE OR REPLACE FUNCTION public.commissions_payout_line_is_frozen() RETURNS trigger LANGUAGE "
    "plpgsql AS $function$ BEGIN IF NEW.id <> OLD.id OR NEW.payout_id <> OLD.payout_id OR NEW.entry_id <> "
    "OLD.entry_id OR NEW.amount_minor <> OLD.amount_minor OR NEW.frozen_at <> OLD.frozen_at OR "
    "OLD.released_at IS NOT NULL THEN RAISE EXCEPTION 'a line of a payout is frozen; it can only be "
    "released, once' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $function$",
)


def upgrade() -> None:
    connection = op.get_bind()
    aside = set_aside(connection)
    op.create_table(
        "referrals_routing_circle",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals_routing_circle")),
        sa.UniqueConstraint("digest", name=op.f("uq_referrals_routing_circle_digest")),
    )
    op.create_table(
        "referrals_own_opportunity",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=True),
        sa.Column("tax_key", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("responsible_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("holds_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "domain IS NOT NULL OR tax_key IS NOT NULL",
            name=op.f("ck_referrals_own_opportunity_is_known_by_something"),
        ),
        sa.ForeignKeyConstraint(
            ["responsible_id"],
            ["accounts_user.id"],
            name=op.f("fk_referrals_own_opportunity_responsible_id_accounts_user"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals_own_opportunity")),
    )
    with op.batch_alter_table("referrals_own_opportunity", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_referrals_own_opportunity_responsible_id"), ["responsible_id"], unique=False
        )
        batch_op.create_index(
            "ix_referrals_own_opportunity_until", ["ended_at", "holds_until", "id"], unique=False
        )
        batch_op.create_index(
            "uq_referrals_own_opportunity_domain",
            ["domain"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.create_index(
            "uq_referrals_own_opportunity_tax_key",
            ["tax_key"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "accounts_waiting_form",
        sa.Column(
            "sign_in_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["sign_in_id"],
            ["accounts_sign_in.id"],
            name=op.f("fk_accounts_waiting_form_sign_in_id_accounts_sign_in"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("sign_in_id", name=op.f("pk_accounts_waiting_form")),
    )
    with op.batch_alter_table("accounts_waiting_form", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_accounts_waiting_form_kept_at"), ["kept_at"], unique=False)

    op.create_table(
        "partners_contact",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "technical",
                "marketing",
                "finance",
                "sponsor",
                name="contactkind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_partners_contact_partner_id_partners_partner"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["accounts_user.id"], name=op.f("fk_partners_contact_user_id_accounts_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partners_contact")),
        sa.UniqueConstraint("partner_id", "kind", name=op.f("uq_partners_contact_partner_id_kind")),
    )
    with op.batch_alter_table("partners_contact", schema=None) as batch_op:
        batch_op.create_index("ix_partners_contact_user", ["user_id", "partner_id"], unique=False)

    op.create_table(
        "partners_document",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "contract",
                "registration",
                "licence",
                "insurance",
                "authority",
                "other",
                name="documentkind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("storage_key", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("from_vendor", sa.Boolean(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "storage_key IS NOT NULL OR withdrawn_at IS NOT NULL",
            name=op.f("ck_partners_document_is_there_while_it_holds"),
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_partners_document_partner_id_partners_partner"),
        ),
        sa.ForeignKeyConstraint(
            ["uploaded_by_id"],
            ["accounts_user.id"],
            name=op.f("fk_partners_document_uploaded_by_id_accounts_user"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partners_document")),
    )
    with op.batch_alter_table("partners_document", schema=None) as batch_op:
        batch_op.create_index("ix_partners_document_list", ["partner_id", "withdrawn_at", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_partners_document_uploaded_by_id"), ["uploaded_by_id"], unique=False
        )
        batch_op.create_index("ix_partners_document_valid_until", ["valid_until"], unique=False)
        batch_op.create_index("ix_partners_document_withdrawn_at", ["withdrawn_at"], unique=False)

    op.create_table(
        "partners_invitation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "partner_admin",
                "seller",
                "engineer",
                "partner_finance",
                "partner_manager",
                "finance",
                "author",
                "examiner",
                "programme_admin",
                "machine",
                name="role",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("locale", sa.Text(), nullable=True),
        sa.Column("token_digest", sa.Text(), nullable=True),
        sa.Column("invited_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["invited_by_id"],
            ["accounts_user.id"],
            name=op.f("fk_partners_invitation_invited_by_id_accounts_user"),
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_partners_invitation_partner_id_partners_partner"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partners_invitation")),
        sa.UniqueConstraint("partner_id", "email", name=op.f("uq_partners_invitation_partner_id_email")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_partners_invitation_token_digest")),
    )
    with op.batch_alter_table("partners_invitation", schema=None) as batch_op:
        batch_op.create_index("ix_partners_invitation_email", ["email"], unique=False)
        batch_op.create_index("ix_partners_invitation_expires_at", ["expires_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_partners_invitation_invited_by_id"), ["invited_by_id"], unique=False
        )

    op.create_table(
        "referrals_own_opportunity_key",
        sa.Column("opportunity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["key_id"],
            ["referrals_identity_key.id"],
            name=op.f("fk_referrals_own_opportunity_key_key_id_referrals_identity_key"),
        ),
        sa.ForeignKeyConstraint(
            ["opportunity_id"],
            ["referrals_own_opportunity.id"],
            name=op.f("fk_referrals_own_opportunity_key_opportunity_id_referrals_own_opportunity"),
        ),
        sa.PrimaryKeyConstraint("opportunity_id", "key_id", name=op.f("pk_referrals_own_opportunity_key")),
    )
    with op.batch_alter_table("referrals_own_opportunity_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_referrals_own_opportunity_key_key_id"), ["key_id"], unique=False)

    op.create_table(
        "referrals_routing_circle_member",
        sa.Column("circle_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_referrals_routing_circle_member_partner_id_partners_partner"),
        ),
        sa.PrimaryKeyConstraint("circle_id", "partner_id", name=op.f("pk_referrals_routing_circle_member")),
    )
    with op.batch_alter_table("referrals_routing_circle_member", schema=None) as batch_op:
        batch_op.create_index(
            "ix_referrals_routing_circle_member_partner", ["partner_id", "circle_id"], unique=False
        )

    with op.batch_alter_table("commissions_payout_line", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("vat_bp", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(
            sa.Column(
                "vat_minor",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                server_default="0",
                nullable=False,
            )
        )

    with op.batch_alter_table("referrals_estimate", schema=None) as batch_op:
        batch_op.add_column(sa.Column("valid_until", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("note", sa.Text(), nullable=True))

    with op.batch_alter_table("referrals_lead", schema=None) as batch_op:
        batch_op.add_column(sa.Column("round_began_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("referrals_routing_decision", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("circle_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_referrals_routing_decision_circle_id_referrals_routing_circle"),
            "referrals_routing_circle",
            ["circle_id"],
            ["id"],
        )

    with op.batch_alter_table("commissions_payout") as batch:
        batch.drop_constraint(op.f("ck_commissions_payout_something_is_sent"), type_="check")
        batch.create_check_constraint(
            op.f("ck_commissions_payout_something_is_sent"),
            sa.text(
                "withheld_minor >= 0 AND fee_minor >= 0 AND amount_minor + vat_minor - withheld_minor - fee_minor > 0"
            ),
        )
    bring_back(connection, aside, gone=OLD_ON_SQLITE, new=NEW_ON_SQLITE, also=UP_ON_POSTGRESQL)


def downgrade() -> None:
    connection = op.get_bind()
    aside = set_aside(connection)
    with op.batch_alter_table("commissions_payout") as batch:
        batch.drop_constraint(op.f("ck_commissions_payout_something_is_sent"), type_="check")
        batch.create_check_constraint(
            op.f("ck_commissions_payout_something_is_sent"),
            sa.text(
                "vat_minor >= 0 AND withheld_minor >= 0 AND fee_minor >= 0 AND amount_minor + vat_minor - withheld_minor - fee_minor > 0"
            ),
        )
    with op.batch_alter_table("referrals_routing_decision", schema=None) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_referrals_routing_decision_circle_id_referrals_routing_circle"), type_="foreignkey"
        )
        batch_op.drop_column("circle_id")

    with op.batch_alter_table("referrals_lead", schema=None) as batch_op:
        batch_op.drop_column("round_began_at")

    with op.batch_alter_table("referrals_estimate", schema=None) as batch_op:
        batch_op.drop_column("note")
        batch_op.drop_column("valid_until")

    with op.batch_alter_table("commissions_payout_line", schema=None) as batch_op:
        batch_op.drop_column("vat_minor")
        batch_op.drop_column("vat_bp")

    with op.batch_alter_table("referrals_routing_circle_member", schema=None) as batch_op:
        batch_op.drop_index("ix_referrals_routing_circle_member_partner")

    op.drop_table("referrals_routing_circle_member")
    with op.batch_alter_table("referrals_own_opportunity_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_referrals_own_opportunity_key_key_id"))

    op.drop_table("referrals_own_opportunity_key")
    with op.batch_alter_table("partners_invitation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_partners_invitation_invited_by_id"))
        batch_op.drop_index("ix_partners_invitation_expires_at")
        batch_op.drop_index("ix_partners_invitation_email")

    op.drop_table("partners_invitation")
    with op.batch_alter_table("partners_document", schema=None) as batch_op:
        batch_op.drop_index("ix_partners_document_withdrawn_at")
        batch_op.drop_index("ix_partners_document_valid_until")
        batch_op.drop_index(batch_op.f("ix_partners_document_uploaded_by_id"))
        batch_op.drop_index("ix_partners_document_list")

    op.drop_table("partners_document")
    with op.batch_alter_table("partners_contact", schema=None) as batch_op:
        batch_op.drop_index("ix_partners_contact_user")

    op.drop_table("partners_contact")
    with op.batch_alter_table("accounts_waiting_form", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_accounts_waiting_form_kept_at"))

    op.drop_table("accounts_waiting_form")
    with op.batch_alter_table("referrals_own_opportunity", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_referrals_own_opportunity_tax_key",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index(
            "uq_referrals_own_opportunity_domain",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index("ix_referrals_own_opportunity_until")
        batch_op.drop_index(batch_op.f("ix_referrals_own_opportunity_responsible_id"))

    op.drop_table("referrals_own_opportunity")
    op.drop_table("referrals_routing_circle")
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
