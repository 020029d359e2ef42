"""Papers of statements, customers' ratings, and where a lead's form came from; seals are checked a statement at once.

Revision: 0003_papers_and_ratings, after 0002_the_network_in_full
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003_papers_and_ratings"
down_revision = "0002_the_network_in_full"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")

NEW_ON_SQLITE: dict[str, str] = {
    "commissions_statement_paper_no_delete": "CREATE TRIGGER commissions_statement_paper_no_delete BEFORE DELETE ON commissions_statement_paper "
    "BEGIN SELECT RAISE(ABORT, 'commissions_statement_paper is append-only'); END",
    "commissions_statement_paper_no_update": "CREATE TRIGGER commissions_statement_paper_no_update BEFORE UPDATE ON commissions_statement_paper "
    "BEGIN SELECT RAISE(ABORT, 'commissions_statement_paper is append-only'); END",
    "referrals_rating_says_what_it_said": "CREATE TRIGGER referrals_rating_says_what_it_said BEFORE UPDATE ON referrals_rating BEGIN SELECT "
    "RAISE(ABORT, 'an answer of a customer does not change') WHERE OLD.deal_id <> NEW.deal_id OR "
    "(OLD.answered_at IS NOT NULL AND (NEW.answered_at IS NULL OR OLD.answered_at <> NEW.answered_at OR "
    "OLD.stars <> NEW.stars OR OLD.was_partner <> NEW.was_partner)); END",
}

OLD_ON_SQLITE: dict[str, str] = {}

UP_ON_POSTGRESQL: tuple[str, ...] = (
    "DROP TRIGGER IF EXISTS commissions_journal_seal_balances ON commissions_journal_seal",
    "DROP TRIGGER IF EXISTS commissions_journal_line_before_the_seal ON commissions_journal_line",
    "CREATE OR REPLACE FUNCTION public.commissions_journal_line_before_the_seal() RETURNS trigger "
    "LANGUAGE plpgsql SET enable_seqscan TO 'off' AS $function$ BEGIN IF EXISTS (SELECT 1 FROM fresh "
    "CROSS JOIN LATERAL (SELECT * FROM commissions_journal_seal AS its WHERE its.journal_entry_id = "
    "fresh.journal_entry_id OFFSET 0) AS seal) THEN RAISE EXCEPTION 'nothing is added to a sealed journal "
    "entry' USING ERRCODE = 'check_violation'; END IF; RETURN NULL; END $function$",
    "CREATE OR REPLACE FUNCTION public.commissions_journal_seal_balances() RETURNS trigger LANGUAGE "
    "plpgsql SET enable_seqscan TO 'off' AS $function$ BEGIN IF EXISTS (SELECT 1 FROM fresh WHERE "
    "fresh.lines < 2 OR fresh.lines <> (SELECT COUNT(*) FROM commissions_journal_line AS line WHERE "
    "line.journal_entry_id = fresh.journal_entry_id)) THEN RAISE EXCEPTION 'a journal entry has all its "
    "lines, at least two' USING ERRCODE = 'check_violation'; END IF; IF EXISTS (SELECT 1 FROM fresh CROSS "
    "JOIN LATERAL (SELECT * FROM commissions_journal_line AS its WHERE its.journal_entry_id = "
    "fresh.journal_entry_id OFFSET 0) AS line GROUP BY line.journal_entry_id, line.currency HAVING "
    "SUM(line.amount_minor) <> 0) THEN RAISE EXCEPTION 'a journal entry balances in every currency' USING "
    "ERRCODE = 'check_violation'; END IF; IF EXISTS (SELECT 1 FROM fresh CROSS JOIN LATERAL (SELECT * "
    "FROM commissions_journal_entry AS its WHERE its.id = fresh.journal_entry_id AND its.reverses_id IS "
    "NOT NULL OFFSET 0) AS entry WHERE EXISTS (SELECT 1 FROM commissions_journal_line AS line WHERE "
    "line.journal_entry_id IN (entry.id, entry.reverses_id) GROUP BY line.account_id HAVING "
    "SUM(line.amount_minor) <> 0)) THEN RAISE EXCEPTION 'a reversal mirrors what it reverses' USING "
    "ERRCODE = 'check_violation'; END IF; IF EXISTS (SELECT 1 FROM fresh CROSS JOIN LATERAL (SELECT * "
    "FROM commissions_journal_entry AS its WHERE its.id = fresh.journal_entry_id AND its.kind = "
    "'payout_reserved' OFFSET 0) AS entry CROSS JOIN LATERAL (SELECT * FROM commissions_journal_line AS "
    "its WHERE its.journal_entry_id = entry.id OFFSET 0) AS line CROSS JOIN LATERAL (SELECT * FROM "
    "commissions_account AS its WHERE its.id = line.account_id OFFSET 0) AS account CROSS JOIN LATERAL "
    "(SELECT * FROM commissions_balance AS its WHERE its.account_id = line.account_id AND "
    "its.amount_minor <> 0 OFFSET 0) AS stands WHERE (account.type = 'liability' AND line.amount_minor > "
    "0 AND stands.amount_minor > 0) OR (account.type = 'asset' AND line.amount_minor < 0 AND "
    "stands.amount_minor < 0)) THEN RAISE EXCEPTION 'a payout takes no more than is owed' USING ERRCODE = "
    "'check_violation'; END IF; IF EXISTS (SELECT 1 FROM (SELECT DISTINCT line.account_id FROM fresh "
    "CROSS JOIN LATERAL (SELECT * FROM commissions_journal_line AS its WHERE its.journal_entry_id = "
    "fresh.journal_entry_id OFFSET 0) AS line) AS touched CROSS JOIN LATERAL (SELECT * FROM "
    "commissions_account AS its WHERE its.id = touched.account_id AND its.code LIKE '%%:in_run:%%' OFFSET "
    "0) AS account CROSS JOIN LATERAL (SELECT * FROM commissions_balance AS its WHERE its.account_id = "
    "touched.account_id AND its.amount_minor > 0 OFFSET 0) AS stands) THEN RAISE EXCEPTION 'no more is "
    "paid or released than was set aside' USING ERRCODE = 'check_violation'; END IF; RETURN NULL; END "
    "$function$",
    "CREATE OR REPLACE FUNCTION public.referrals_rating_says_what_it_said() RETURNS trigger LANGUAGE "
    "plpgsql AS $function$ BEGIN IF OLD.deal_id <> NEW.deal_id OR (OLD.answered_at IS NOT NULL AND "
    "(NEW.answered_at IS NULL OR OLD.answered_at <> NEW.answered_at OR OLD.stars <> NEW.stars OR "
    "OLD.was_partner <> NEW.was_partner)) THEN RAISE EXCEPTION 'an answer of a customer does not change' "
    "USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $function$",
    "CREATE TRIGGER commissions_journal_line_before_the_seal AFTER INSERT ON "
    "public.commissions_journal_line REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION "
    "commissions_journal_line_before_the_seal()",
    "CREATE TRIGGER commissions_journal_seal_balances AFTER INSERT ON public.commissions_journal_seal "
    "REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION "
    "commissions_journal_seal_balances()",
    "CREATE TRIGGER commissions_statement_paper_no_delete BEFORE DELETE ON "
    "public.commissions_statement_paper FOR EACH ROW EXECUTE FUNCTION "
    "guildhall_refuse('commissions_statement_paper is append-only')",
    "CREATE TRIGGER commissions_statement_paper_no_truncate BEFORE TRUNCATE ON "
    "public.commissions_statement_paper FOR EACH STATEMENT EXECUTE FUNCTION "
    "guildhall_refuse('commissions_statement_paper is append-only')",
    "CREATE TRIGGER commissions_statement_paper_no_update BEFORE UPDATE ON "
    "public.commissions_statement_paper FOR EACH ROW EXECUTE FUNCTION "
    "guildhall_refuse('commissions_statement_paper is append-only')",
    "CREATE TRIGGER referrals_rating_says_what_it_said BEFORE UPDATE ON public.referrals_rating FOR EACH "
    "ROW EXECUTE FUNCTION referrals_rating_says_what_it_said()",
)

DOWN_ON_POSTGRESQL: tuple[str, ...] = (
    "DROP TRIGGER IF EXISTS referrals_rating_says_what_it_said ON referrals_rating",
    "DROP TRIGGER IF EXISTS commissions_statement_paper_no_update ON commissions_statement_paper",
    "DROP TRIGGER IF EXISTS commissions_statement_paper_no_truncate ON commissions_statement_paper",
    "DROP TRIGGER IF EXISTS commissions_statement_paper_no_delete ON commissions_statement_paper",
    "DROP TRIGGER IF EXISTS commissions_journal_seal_balances ON commissions_journal_seal",
    "DROP TRIGGER IF EXISTS commissions_journal_line_before_the_seal ON commissions_journal_line",
    "DROP FUNCTION IF EXISTS referrals_rating_says_what_it_said() CASCADE",
    "CREATE OR REPLACE FUNCTION public.commissions_journal_line_before_the_seal() RETURNS trigger "
    "LANGUAGE plpgsql AS $function$ BEGIN IF EXISTS (SELECT 1 FROM commissions_journal_seal WHERE "
    "journal_entry_id = NEW.journal_entry_id) THEN RAISE EXCEPTION 'nothing is added to a sealed journal "
    "entry' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $function$",
    "CREATE OR REPLACE FUNCTION public.commissions_journal_seal_balances() RETURNS trigger LANGUAGE "
    "plpgsql AS $function$ BEGIN IF NEW.lines < 2 OR NEW.lines <> (SELECT COUNT(*) FROM "
    "commissions_journal_line WHERE journal_entry_id = NEW.journal_entry_id) THEN RAISE EXCEPTION 'a "
    "journal entry has all its lines, at least two' USING ERRCODE = 'check_violation'; END IF; IF EXISTS "
    "(SELECT 1 FROM commissions_journal_line WHERE journal_entry_id = NEW.journal_entry_id GROUP BY "
    "currency HAVING SUM(amount_minor) <> 0) THEN RAISE EXCEPTION 'a journal entry balances in every "
    "currency' USING ERRCODE = 'check_violation'; END IF; IF EXISTS (SELECT 1 FROM "
    "commissions_journal_entry AS entry WHERE entry.id = NEW.journal_entry_id AND entry.reverses_id IS "
    "NOT NULL AND EXISTS (SELECT 1 FROM commissions_journal_line AS line WHERE line.journal_entry_id IN "
    "(entry.id, entry.reverses_id) GROUP BY line.account_id HAVING SUM(line.amount_minor) <> 0)) THEN "
    "RAISE EXCEPTION 'a reversal mirrors what it reverses' USING ERRCODE = 'check_violation'; END IF; IF "
    "EXISTS (SELECT 1 FROM commissions_journal_line WHERE journal_entry_id = NEW.journal_entry_id AND "
    "(SELECT entry.kind FROM commissions_journal_entry AS entry WHERE entry.id = NEW.journal_entry_id) = "
    "'payout_reserved' AND (((SELECT its.type FROM commissions_account AS its WHERE its.id = "
    "commissions_journal_line.account_id) = 'liability' AND amount_minor > 0 AND (SELECT its.amount_minor "
    "FROM commissions_balance AS its WHERE its.account_id = commissions_journal_line.account_id) > 0) OR "
    "((SELECT its.type FROM commissions_account AS its WHERE its.id = "
    "commissions_journal_line.account_id) = 'asset' AND amount_minor < 0 AND (SELECT its.amount_minor "
    "FROM commissions_balance AS its WHERE its.account_id = commissions_journal_line.account_id) < 0))) "
    "THEN RAISE EXCEPTION 'a payout takes no more than is owed' USING ERRCODE = 'check_violation'; END "
    "IF; IF EXISTS (SELECT 1 FROM commissions_journal_line WHERE journal_entry_id = NEW.journal_entry_id "
    "AND (SELECT its.code FROM commissions_account AS its WHERE its.id = "
    "commissions_journal_line.account_id) LIKE '%%:in_run:%%' AND (SELECT its.amount_minor FROM "
    "commissions_balance AS its WHERE its.account_id = commissions_journal_line.account_id) > 0) THEN "
    "RAISE EXCEPTION 'no more is paid or released than was set aside' USING ERRCODE = 'check_violation'; "
    "END IF; RETURN NEW; END $function$",
    "CREATE TRIGGER commissions_journal_line_before_the_seal BEFORE INSERT ON "
    "public.commissions_journal_line FOR EACH ROW EXECUTE FUNCTION "
    "commissions_journal_line_before_the_seal()",
    "CREATE TRIGGER commissions_journal_seal_balances BEFORE INSERT ON public.commissions_journal_seal "
    "FOR EACH ROW EXECUTE FUNCTION commissions_journal_seal_balances()",
)


def upgrade() -> None:
    connection = op.get_bind()
    aside = set_aside(connection)
    op.create_table(
        "commissions_statement_paper",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("statement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("act", "self_billing", name="paperkind", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("storage_key", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["statement_id"],
            ["commissions_statement.id"],
            name=op.f("fk_commissions_statement_paper_statement_id_commissions_statement"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commissions_statement_paper")),
        sa.UniqueConstraint("number", name=op.f("uq_commissions_statement_paper_number")),
        sa.UniqueConstraint(
            "statement_id", "kind", name=op.f("uq_commissions_statement_paper_statement_id_kind")
        ),
    )
    op.create_table(
        "referrals_lead_neighbour",
        sa.Column("lead_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["lead_id"],
            ["referrals_lead.id"],
            name=op.f("fk_referrals_lead_neighbour_lead_id_referrals_lead"),
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_referrals_lead_neighbour_partner_id_partners_partner"),
        ),
        sa.PrimaryKeyConstraint("lead_id", "partner_id", name=op.f("pk_referrals_lead_neighbour")),
    )
    with op.batch_alter_table("referrals_lead_neighbour", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_referrals_lead_neighbour_partner_id"), ["partner_id"], unique=False
        )

    op.create_table(
        "referrals_lead_sender",
        sa.Column("lead_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["referrals_lead.id"], name=op.f("fk_referrals_lead_sender_lead_id_referrals_lead")
        ),
        sa.PrimaryKeyConstraint("lead_id", name=op.f("pk_referrals_lead_sender")),
    )
    with op.batch_alter_table("referrals_lead_sender", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_referrals_lead_sender_seen_at"), ["seen_at"], unique=False)

    op.create_table(
        "referrals_rating",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("deal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("open_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stars", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("was_partner", sa.Boolean(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("set_aside_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("set_aside_because", sa.Text(), nullable=False),
        sa.Column("set_aside_by_name", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (stars IS NULL)", name=op.f("ck_referrals_rating_stars_with_the_answer")
        ),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (was_partner IS NULL)",
            name=op.f("ck_referrals_rating_whose_with_the_answer"),
        ),
        sa.CheckConstraint("stars BETWEEN 1 AND 5", name=op.f("ck_referrals_rating_one_to_five")),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["referrals_customer.id"],
            name=op.f("fk_referrals_rating_customer_id_referrals_customer"),
        ),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["referrals_deal.id"], name=op.f("fk_referrals_rating_deal_id_referrals_deal")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_referrals_rating_partner_id_partners_partner"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals_rating")),
        sa.UniqueConstraint("deal_id", name=op.f("uq_referrals_rating_deal_id")),
    )
    with op.batch_alter_table("referrals_rating", schema=None) as batch_op:
        batch_op.create_index("ix_referrals_rating_answered", ["answered_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_referrals_rating_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_referrals_rating_email", ["email"], unique=False)
        batch_op.create_index("ix_referrals_rating_partner", ["partner_id", "answered_at"], unique=False)

    bring_back(connection, aside, gone=OLD_ON_SQLITE, new=NEW_ON_SQLITE, also=UP_ON_POSTGRESQL)


def downgrade() -> None:
    connection = op.get_bind()
    aside = set_aside(connection)
    with op.batch_alter_table("referrals_rating", schema=None) as batch_op:
        batch_op.drop_index("ix_referrals_rating_partner")
        batch_op.drop_index("ix_referrals_rating_email")
        batch_op.drop_index(batch_op.f("ix_referrals_rating_customer_id"))
        batch_op.drop_index("ix_referrals_rating_answered")

    op.drop_table("referrals_rating")
    with op.batch_alter_table("referrals_lead_sender", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_referrals_lead_sender_seen_at"))

    op.drop_table("referrals_lead_sender")
    with op.batch_alter_table("referrals_lead_neighbour", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_referrals_lead_neighbour_partner_id"))

    op.drop_table("referrals_lead_neighbour")
    op.drop_table("commissions_statement_paper")
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
