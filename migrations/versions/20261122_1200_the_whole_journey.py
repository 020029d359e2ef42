"""The whole journey: every table of the first version, and the rules that the database itself enforces.

Revision: 0001_the_whole_journey, the first
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001_the_whole_journey"
down_revision = None
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")

# What no program may do, whoever writes to the database: triggers, the same rules in each database's words.
RULES_ON_SQLITE = (
    "CREATE TRIGGER core_activity_no_update BEFORE UPDATE ON core_activity BEGIN SELECT RAISE(ABORT, "
    "'core_activity is append-only'); END",
    "CREATE TRIGGER core_activity_no_delete BEFORE DELETE ON core_activity BEGIN SELECT RAISE(ABORT, "
    "'core_activity is append-only'); END",
    "CREATE TRIGGER partners_agreement_no_update BEFORE UPDATE ON partners_agreement BEGIN SELECT "
    "RAISE(ABORT, 'partners_agreement is append-only'); END",
    "CREATE TRIGGER partners_agreement_no_delete BEFORE DELETE ON partners_agreement BEGIN SELECT "
    "RAISE(ABORT, 'partners_agreement is append-only'); END",
    "CREATE TRIGGER referrals_consent_text_no_update BEFORE UPDATE ON referrals_consent_text BEGIN SELECT"
    " RAISE(ABORT, 'referrals_consent_text is append-only'); END",
    "CREATE TRIGGER referrals_consent_text_no_delete BEFORE DELETE ON referrals_consent_text BEGIN SELECT"
    " RAISE(ABORT, 'referrals_consent_text is append-only'); END",
    "CREATE TRIGGER commissions_journal_seal_no_update BEFORE UPDATE ON commissions_journal_seal BEGIN "
    "SELECT RAISE(ABORT, 'commissions_journal_seal is append-only'); END",
    "CREATE TRIGGER commissions_journal_seal_no_delete BEFORE DELETE ON commissions_journal_seal BEGIN "
    "SELECT RAISE(ABORT, 'commissions_journal_seal is append-only'); END",
    "CREATE TRIGGER commissions_journal_seal_balances BEFORE INSERT ON commissions_journal_seal BEGIN "
    "SELECT RAISE(ABORT, 'a journal entry has all its lines, at least two') WHERE NEW.lines < 2 OR "
    "NEW.lines <> (SELECT COUNT(*) FROM commissions_journal_line WHERE journal_entry_id = "
    "NEW.journal_entry_id); SELECT RAISE(ABORT, 'a journal entry balances in every currency') WHERE "
    "EXISTS (SELECT 1 FROM commissions_journal_line WHERE journal_entry_id = NEW.journal_entry_id GROUP "
    "BY currency HAVING SUM(amount_minor) <> 0); SELECT RAISE(ABORT, 'a reversal mirrors what it "
    "reverses') WHERE EXISTS (SELECT 1 FROM commissions_journal_line AS line JOIN "
    "commissions_journal_entry AS entry ON entry.id = NEW.journal_entry_id AND line.journal_entry_id IN "
    "(entry.id, entry.reverses_id) WHERE entry.reverses_id IS NOT NULL GROUP BY line.account_id HAVING "
    "SUM(line.amount_minor) <> 0); SELECT RAISE(ABORT, 'a payout takes no more than is owed') WHERE "
    "EXISTS (SELECT 1 FROM commissions_journal_line AS line JOIN commissions_journal_entry AS entry ON "
    "entry.id = line.journal_entry_id JOIN commissions_account AS account ON account.id = line.account_id"
    " JOIN commissions_balance AS balance ON balance.account_id = line.account_id WHERE "
    "line.journal_entry_id = NEW.journal_entry_id AND entry.kind = 'payout_reserved' AND ((account.type ="
    " 'liability' AND line.amount_minor > 0 AND balance.amount_minor > 0) OR (account.type = 'asset' AND "
    "line.amount_minor < 0 AND balance.amount_minor < 0))); SELECT RAISE(ABORT, 'no more is paid or "
    "released than was set aside') WHERE EXISTS (SELECT 1 FROM commissions_journal_line AS line JOIN "
    "commissions_account AS account ON account.id = line.account_id AND account.code LIKE '%:in_run:%' "
    "JOIN commissions_balance AS balance ON balance.account_id = line.account_id WHERE "
    "line.journal_entry_id = NEW.journal_entry_id AND balance.amount_minor > 0); END",
    "CREATE TRIGGER commissions_journal_chain_no_update BEFORE UPDATE ON commissions_journal_chain BEGIN "
    "SELECT RAISE(ABORT, 'commissions_journal_chain is append-only'); END",
    "CREATE TRIGGER commissions_journal_chain_no_delete BEFORE DELETE ON commissions_journal_chain BEGIN "
    "SELECT RAISE(ABORT, 'commissions_journal_chain is append-only'); END",
    "CREATE TRIGGER commissions_journal_chain_continues BEFORE INSERT ON commissions_journal_chain BEGIN "
    "SELECT RAISE(ABORT, 'a batch continues the chain where it ends') WHERE EXISTS (SELECT 1 FROM "
    "commissions_journal_chain WHERE last_id >= NEW.first_id) OR (EXISTS (SELECT 1 FROM "
    "commissions_journal_chain) AND NEW.previous_digest <> (SELECT digest FROM commissions_journal_chain "
    "ORDER BY id DESC LIMIT 1)); END",
    "CREATE TRIGGER commissions_proof_check_no_update BEFORE UPDATE ON commissions_proof_check BEGIN "
    "SELECT RAISE(ABORT, 'commissions_proof_check is append-only'); END",
    "CREATE TRIGGER commissions_proof_check_no_delete BEFORE DELETE ON commissions_proof_check BEGIN "
    "SELECT RAISE(ABORT, 'commissions_proof_check is append-only'); END",
    "CREATE TRIGGER academy_attempt_series_no_update BEFORE UPDATE ON academy_attempt_series BEGIN SELECT"
    " RAISE(ABORT, 'academy_attempt_series is append-only'); END",
    "CREATE TRIGGER academy_attempt_series_no_delete BEFORE DELETE ON academy_attempt_series BEGIN SELECT"
    " RAISE(ABORT, 'academy_attempt_series is append-only'); END",
    "CREATE TRIGGER commissions_journal_entry_no_update BEFORE UPDATE ON commissions_journal_entry BEGIN "
    "SELECT RAISE(ABORT, 'commissions_journal_entry is append-only'); END",
    "CREATE TRIGGER commissions_journal_entry_no_delete BEFORE DELETE ON commissions_journal_entry BEGIN "
    "SELECT RAISE(ABORT, 'commissions_journal_entry is append-only'); END",
    "CREATE TRIGGER commissions_payout_run_begins_as_a_draft BEFORE INSERT ON commissions_payout_run "
    "BEGIN SELECT RAISE(ABORT, 'a payout run begins as a draft') WHERE NEW.status <> 'draft'; END",
    "CREATE TRIGGER commissions_payout_run_keeps_the_rules BEFORE UPDATE ON commissions_payout_run BEGIN "
    "SELECT RAISE(ABORT, 'a payout run cannot take this step') WHERE NEW.status <> OLD.status AND "
    "OLD.status || '>' || NEW.status NOT IN ('draft>proposed', 'draft>withdrawn', 'proposed>approved', "
    "'proposed>draft', 'approved>sending', 'approved>withdrawn', 'sending>partly_sent', 'sending>done', "
    "'partly_sent>done', 'partly_sent>sending', 'done>partly_sent'); SELECT RAISE(ABORT, 'a proposed run "
    "is frozen: its list, total and proposer stay') WHERE OLD.status <> 'draft' AND (NEW.total_minor <> "
    "OLD.total_minor OR NEW.digest IS DISTINCT FROM OLD.digest OR NEW.proposed_by_id IS DISTINCT FROM "
    "OLD.proposed_by_id OR NEW.currency <> OLD.currency) AND NOT (NEW.status = 'draft' AND NEW.digest IS "
    "NULL); SELECT RAISE(ABORT, 'who approved a run stays') WHERE OLD.approved_by_id IS NOT NULL AND "
    "NEW.approved_by_id IS DISTINCT FROM OLD.approved_by_id; SELECT RAISE(ABORT, 'a run is proposed by "
    "somebody, with a digest and the sum of its lines') WHERE NEW.status = 'proposed' AND OLD.status = "
    "'draft' AND (NEW.proposed_by_id IS NULL OR NEW.digest IS NULL OR NEW.total_minor <= 0 OR "
    "NEW.total_minor <> (SELECT COALESCE(SUM(line.amount_minor), 0) FROM commissions_payout_line AS line "
    "JOIN commissions_payout AS payout ON payout.id = line.payout_id WHERE payout.run_id = NEW.id) OR "
    "NEW.total_minor <> (SELECT COALESCE(SUM(amount_minor), 0) FROM commissions_payout WHERE run_id = "
    "NEW.id)); END",
    "CREATE TRIGGER commissions_payout_run_stays BEFORE DELETE ON commissions_payout_run BEGIN SELECT "
    "RAISE(ABORT, 'a payout run is never removed') WHERE TRUE; END",
    "CREATE TRIGGER commissions_plan_version_keeps_what_was_published BEFORE UPDATE ON "
    "commissions_plan_version BEGIN SELECT RAISE(ABORT, 'a published plan version never changes') WHERE "
    "OLD.status <> 'draft' AND (NEW.plan_id <> OLD.plan_id OR NEW.number <> OLD.number OR "
    "CAST(NEW.definition AS TEXT) <> CAST(OLD.definition AS TEXT) OR NEW.currency <> OLD.currency OR "
    "NEW.effective_from <> OLD.effective_from OR NEW.status = 'draft'); END",
    "CREATE TRIGGER commissions_plan_version_stays BEFORE DELETE ON commissions_plan_version BEGIN SELECT"
    " RAISE(ABORT, 'a published plan version is never removed') WHERE OLD.status <> 'draft'; END",
    "CREATE TRIGGER partners_agreement_acceptance_no_update BEFORE UPDATE ON "
    "partners_agreement_acceptance BEGIN SELECT RAISE(ABORT, 'partners_agreement_acceptance is "
    "append-only'); END",
    "CREATE TRIGGER partners_agreement_acceptance_no_delete BEFORE DELETE ON "
    "partners_agreement_acceptance BEGIN SELECT RAISE(ABORT, 'partners_agreement_acceptance is "
    "append-only'); END",
    "CREATE TRIGGER academy_attempt_stays_as_it_ended BEFORE UPDATE ON academy_attempt BEGIN SELECT "
    "RAISE(ABORT, 'an attempt that has ended does not change') WHERE OLD.status <> 'open'; SELECT "
    "RAISE(ABORT, 'an attempt keeps its person, course and time') WHERE OLD.user_id <> NEW.user_id OR "
    "OLD.version_id <> NEW.version_id OR OLD.started_at <> NEW.started_at OR OLD.due_at <> NEW.due_at OR "
    "OLD.pass_mark <> NEW.pass_mark; END",
    "CREATE TRIGGER academy_attempt_stays BEFORE DELETE ON academy_attempt BEGIN SELECT RAISE(ABORT, "
    "'attempts are kept') WHERE 1 = 1; END",
    "CREATE TRIGGER commissions_account_stays_what_it_is BEFORE UPDATE ON commissions_account BEGIN "
    "SELECT RAISE(ABORT, 'an account keeps its code, type, currency and guard') WHERE NEW.id <> OLD.id OR"
    " NEW.code <> OLD.code OR NEW.type <> OLD.type OR NEW.currency <> OLD.currency OR NEW.guarded <> "
    "OLD.guarded OR NEW.partner_id IS DISTINCT FROM OLD.partner_id; END",
    "CREATE TRIGGER commissions_account_stays BEFORE DELETE ON commissions_account BEGIN SELECT "
    "RAISE(ABORT, 'an account is never removed') WHERE TRUE; END",
    "CREATE TRIGGER commissions_payout_into_a_draft BEFORE INSERT ON commissions_payout BEGIN SELECT "
    "RAISE(ABORT, 'payouts are put together while their run is a draft, in its currency') WHERE NOT "
    "EXISTS (SELECT 1 FROM commissions_payout_run WHERE id = NEW.run_id AND status = 'draft' AND currency"
    " = NEW.currency) OR NEW.status <> 'pending'; END",
    "CREATE TRIGGER commissions_payout_keeps_the_rules BEFORE UPDATE ON commissions_payout BEGIN SELECT "
    "RAISE(ABORT, 'a payout cannot take this step') WHERE NEW.status <> OLD.status AND OLD.status || '>' "
    "|| NEW.status NOT IN ('pending>sending', 'sending>unknown', 'sending>sent', 'sending>failed', "
    "'unknown>sent', 'unknown>failed', 'sent>paid', 'sent>failed', 'paid>reversed', 'failed>pending', "
    "'failed>sent'); SELECT RAISE(ABORT, 'amount, partner, method and destination of a payout are "
    "frozen') WHERE NEW.run_id <> OLD.run_id OR NEW.partner_id <> OLD.partner_id OR NEW.currency <> "
    "OLD.currency OR NEW.amount_minor <> OLD.amount_minor OR NEW.method <> OLD.method OR "
    "CAST(NEW.destination AS TEXT) <> CAST(OLD.destination AS TEXT); SELECT RAISE(ABORT, 'nothing is sent"
    " from a run that nobody approved') WHERE NEW.status <> 'pending' AND (SELECT status FROM "
    "commissions_payout_run WHERE id = NEW.run_id) NOT IN ('approved', 'sending', 'partly_sent', 'done');"
    " END",
    "CREATE TRIGGER commissions_payout_from_a_draft BEFORE DELETE ON commissions_payout BEGIN SELECT "
    "RAISE(ABORT, 'a payout is only removed from a draft') WHERE (SELECT status FROM "
    "commissions_payout_run WHERE id = OLD.run_id) <> 'draft'; END",
    "CREATE TRIGGER commissions_payment_file_is_only_executed BEFORE UPDATE ON commissions_payment_file "
    "BEGIN SELECT RAISE(ABORT, 'a payment file stays as it was made') WHERE NEW.id <> OLD.id OR "
    "NEW.run_id <> OLD.run_id OR NEW.message_id <> OLD.message_id OR NEW.sha256 <> OLD.sha256 OR "
    "NEW.total_minor <> OLD.total_minor OR OLD.executed_at IS NOT NULL; END",
    "CREATE TRIGGER commissions_payment_file_stays BEFORE DELETE ON commissions_payment_file BEGIN SELECT"
    " RAISE(ABORT, 'a payment file is never removed') WHERE TRUE; END",
    "CREATE TRIGGER commissions_statement_is_frozen BEFORE UPDATE ON commissions_statement BEGIN SELECT "
    "RAISE(ABORT, 'an issued statement is frozen') WHERE NEW.id <> OLD.id OR NEW.number <> OLD.number OR "
    "NEW.partner_id <> OLD.partner_id OR NEW.currency <> OLD.currency OR NEW.month <> OLD.month OR "
    "NEW.opening_minor <> OLD.opening_minor OR NEW.moved_minor <> OLD.moved_minor OR NEW.closing_minor <>"
    " OLD.closing_minor OR NEW.digest <> OLD.digest OR CAST(NEW.content AS TEXT) <> CAST(OLD.content AS "
    "TEXT); END",
    "CREATE TRIGGER commissions_statement_stays BEFORE DELETE ON commissions_statement BEGIN SELECT "
    "RAISE(ABORT, 'a statement is never removed') WHERE TRUE; END",
    "CREATE TRIGGER academy_attempt_item_stays_as_answered BEFORE UPDATE ON academy_attempt_item BEGIN "
    "SELECT RAISE(ABORT, 'an attempt that has ended does not change') WHERE EXISTS (SELECT 1 FROM "
    "academy_attempt WHERE id = NEW.attempt_id AND status <> 'open'); END",
    "CREATE TRIGGER academy_attempt_item_stays BEFORE DELETE ON academy_attempt_item BEGIN SELECT "
    "RAISE(ABORT, 'attempts are kept') WHERE 1 = 1; END",
    "CREATE TRIGGER academy_certificate_needs_its_exam BEFORE INSERT ON academy_certificate BEGIN SELECT "
    "RAISE(ABORT, 'a certificate needs a passed attempt of its holder') WHERE NOT EXISTS (SELECT 1 FROM "
    "academy_attempt WHERE id = NEW.attempt_id AND status = 'passed' AND user_id = NEW.user_id AND "
    "version_id = NEW.course_version_id); END",
    "CREATE TRIGGER academy_certificate_says_what_it_said BEFORE UPDATE ON academy_certificate BEGIN "
    "SELECT RAISE(ABORT, 'what a certificate says does not change') WHERE OLD.serial <> NEW.serial OR "
    "OLD.user_id <> NEW.user_id OR OLD.course_id <> NEW.course_id OR OLD.course_version_id <> "
    "NEW.course_version_id OR OLD.attempt_id <> NEW.attempt_id OR OLD.holder <> NEW.holder OR OLD.level "
    "<> NEW.level OR OLD.band <> NEW.band OR OLD.issued_at <> NEW.issued_at OR OLD.expires_at <> "
    "NEW.expires_at; SELECT RAISE(ABORT, 'a revoked certificate stays revoked') WHERE OLD.revoked_at IS "
    "NOT NULL AND NEW.revoked_at IS NULL; SELECT RAISE(ABORT, 'a superseded certificate stays so') WHERE "
    "OLD.superseded_at IS NOT NULL AND NEW.superseded_at IS NULL; END",
    "CREATE TRIGGER academy_certificate_stays BEFORE DELETE ON academy_certificate BEGIN SELECT "
    "RAISE(ABORT, 'certificates are kept') WHERE 1 = 1; END",
    "CREATE TRIGGER referrals_lead_contact_no_update BEFORE UPDATE ON referrals_lead_contact BEGIN SELECT"
    " RAISE(ABORT, 'referrals_lead_contact is append-only'); END",
    "CREATE TRIGGER referrals_lead_contact_no_delete BEFORE DELETE ON referrals_lead_contact BEGIN SELECT"
    " RAISE(ABORT, 'referrals_lead_contact is append-only'); END",
    "CREATE TRIGGER referrals_routing_decision_no_update BEFORE UPDATE ON referrals_routing_decision "
    "BEGIN SELECT RAISE(ABORT, 'referrals_routing_decision is append-only'); END",
    "CREATE TRIGGER referrals_routing_decision_no_delete BEFORE DELETE ON referrals_routing_decision "
    "BEGIN SELECT RAISE(ABORT, 'referrals_routing_decision is append-only'); END",
    "CREATE TRIGGER commissions_journal_line_no_update BEFORE UPDATE ON commissions_journal_line BEGIN "
    "SELECT RAISE(ABORT, 'commissions_journal_line is append-only'); END",
    "CREATE TRIGGER commissions_journal_line_no_delete BEFORE DELETE ON commissions_journal_line BEGIN "
    "SELECT RAISE(ABORT, 'commissions_journal_line is append-only'); END",
    "CREATE TRIGGER commissions_journal_line_before_the_seal BEFORE INSERT ON commissions_journal_line "
    "BEGIN SELECT RAISE(ABORT, 'nothing is added to a sealed journal entry') WHERE EXISTS (SELECT 1 FROM "
    "commissions_journal_seal WHERE journal_entry_id = NEW.journal_entry_id); END",
    "CREATE TRIGGER commissions_journal_line_whole BEFORE INSERT ON commissions_journal_line WHEN "
    "typeof(NEW.amount_minor) <> 'integer' BEGIN SELECT RAISE(ABORT, 'an amount is a whole number of "
    "minor units'); END",
    "CREATE TRIGGER commissions_journal_line_moves_balance AFTER INSERT ON commissions_journal_line BEGIN"
    " INSERT INTO commissions_balance (account_id, amount_minor, lines, last_line_id) SELECT "
    "NEW.account_id, NEW.amount_minor, 1, NEW.id FROM commissions_account WHERE id = NEW.account_id AND "
    "guarded ON CONFLICT (account_id) DO UPDATE SET amount_minor = commissions_balance.amount_minor + "
    "excluded.amount_minor, lines = commissions_balance.lines + 1, last_line_id = excluded.last_line_id; "
    "END",
    "CREATE TRIGGER commissions_balance_by_its_lines BEFORE UPDATE ON commissions_balance WHEN "
    "NEW.account_id <> OLD.account_id OR NEW.lines <> OLD.lines + 1 OR NEW.last_line_id <= "
    "OLD.last_line_id OR NOT EXISTS (SELECT 1 FROM commissions_journal_line WHERE id = NEW.last_line_id "
    "AND account_id = NEW.account_id AND amount_minor = NEW.amount_minor - OLD.amount_minor) BEGIN SELECT"
    " RAISE(ABORT, 'a balance is moved by its lines alone'); END",
    "CREATE TRIGGER commissions_balance_from_a_line BEFORE INSERT ON commissions_balance WHEN NOT EXISTS "
    "(SELECT 1 FROM commissions_journal_line WHERE id = NEW.last_line_id AND account_id = NEW.account_id)"
    " BEGIN SELECT RAISE(ABORT, 'a balance is moved by its lines alone'); END",
    "CREATE TRIGGER commissions_balance_stays BEFORE DELETE ON commissions_balance BEGIN SELECT "
    "RAISE(ABORT, 'a balance is never removed') WHERE TRUE; END",
    "CREATE TRIGGER commissions_payout_attempt_is_only_closed BEFORE UPDATE ON commissions_payout_attempt"
    " BEGIN SELECT RAISE(ABORT, 'an attempt is closed once and otherwise stays as it is') WHERE NEW.id <>"
    " OLD.id OR NEW.payout_id <> OLD.payout_id OR NEW.number <> OLD.number OR NEW.key <> OLD.key OR "
    "NEW.opened_at <> OLD.opened_at OR OLD.closed_at IS NOT NULL; END",
    "CREATE TRIGGER commissions_payout_attempt_stays BEFORE DELETE ON commissions_payout_attempt BEGIN "
    "SELECT RAISE(ABORT, 'an attempt is never removed') WHERE TRUE; END",
    "CREATE TRIGGER commissions_statement_line_no_update BEFORE UPDATE ON commissions_statement_line "
    "BEGIN SELECT RAISE(ABORT, 'commissions_statement_line is append-only'); END",
    "CREATE TRIGGER commissions_statement_line_no_delete BEFORE DELETE ON commissions_statement_line "
    "BEGIN SELECT RAISE(ABORT, 'commissions_statement_line is append-only'); END",
    "CREATE TRIGGER referrals_routing_candidate_no_update BEFORE UPDATE ON referrals_routing_candidate "
    "BEGIN SELECT RAISE(ABORT, 'referrals_routing_candidate is append-only'); END",
    "CREATE TRIGGER referrals_routing_candidate_no_delete BEFORE DELETE ON referrals_routing_candidate "
    "BEGIN SELECT RAISE(ABORT, 'referrals_routing_candidate is append-only'); END",
    "CREATE TRIGGER commissions_entry_no_update BEFORE UPDATE ON commissions_entry BEGIN SELECT "
    "RAISE(ABORT, 'commissions_entry is append-only'); END",
    "CREATE TRIGGER commissions_entry_no_delete BEFORE DELETE ON commissions_entry BEGIN SELECT "
    "RAISE(ABORT, 'commissions_entry is append-only'); END",
    "CREATE TRIGGER commissions_entry_whole BEFORE INSERT ON commissions_entry WHEN "
    "typeof(NEW.amount_minor) <> 'integer' BEGIN SELECT RAISE(ABORT, 'an amount is a whole number of "
    "minor units'); END",
    "CREATE TRIGGER commissions_entry_hold_is_only_lifted BEFORE UPDATE ON commissions_entry_hold BEGIN "
    "SELECT RAISE(ABORT, 'a hold is lifted once and otherwise stays as it is') WHERE NEW.id <> OLD.id OR "
    "NEW.entry_id <> OLD.entry_id OR NEW.cause <> OLD.cause OR NEW.placed_at <> OLD.placed_at OR "
    "OLD.lifted_at IS NOT NULL OR NEW.lifted_at IS NULL; END",
    "CREATE TRIGGER commissions_entry_hold_stays BEFORE DELETE ON commissions_entry_hold BEGIN SELECT "
    "RAISE(ABORT, 'a hold is never removed') WHERE TRUE; END",
    "CREATE TRIGGER commissions_payout_line_into_a_draft BEFORE INSERT ON commissions_payout_line BEGIN "
    "SELECT RAISE(ABORT, 'lines are put together while their run is a draft') WHERE (SELECT run.status "
    "FROM commissions_payout AS payout JOIN commissions_payout_run AS run ON run.id = payout.run_id WHERE"
    " payout.id = NEW.payout_id) <> 'draft'; SELECT RAISE(ABORT, 'a payout settles its own partners "
    "lines, each with its own amount') WHERE NOT EXISTS (SELECT 1 FROM commissions_payout AS payout JOIN "
    "commissions_entry AS entry ON entry.id = NEW.entry_id AND entry.partner_id = payout.partner_id AND "
    "entry.currency = payout.currency AND entry.amount_minor = NEW.amount_minor WHERE payout.id = "
    "NEW.payout_id); END",
    "CREATE TRIGGER commissions_payout_line_is_frozen BEFORE UPDATE ON commissions_payout_line BEGIN "
    "SELECT RAISE(ABORT, 'a line of a payout is frozen; it can only be released, once') WHERE NEW.id <> "
    "OLD.id OR NEW.payout_id <> OLD.payout_id OR NEW.entry_id <> OLD.entry_id OR NEW.amount_minor <> "
    "OLD.amount_minor OR NEW.frozen_at <> OLD.frozen_at OR OLD.released_at IS NOT NULL; END",
    "CREATE TRIGGER commissions_payout_line_from_a_draft BEFORE DELETE ON commissions_payout_line BEGIN "
    "SELECT RAISE(ABORT, 'a line is only removed from a draft') WHERE (SELECT run.status FROM "
    "commissions_payout AS payout JOIN commissions_payout_run AS run ON run.id = payout.run_id WHERE "
    "payout.id = OLD.payout_id) <> 'draft'; END",
)

RULES_ON_POSTGRESQL = (
    "CREATE OR REPLACE FUNCTION guildhall_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE "
    "EXCEPTION '%%', TG_ARGV[0] USING ERRCODE = 'check_violation'; END $$",
    "CREATE TRIGGER core_activity_no_update BEFORE UPDATE ON core_activity FOR EACH ROW EXECUTE FUNCTION "
    "guildhall_refuse('core_activity is append-only')",
    "CREATE TRIGGER core_activity_no_delete BEFORE DELETE ON core_activity FOR EACH ROW EXECUTE FUNCTION "
    "guildhall_refuse('core_activity is append-only')",
    "CREATE TRIGGER core_activity_no_truncate BEFORE TRUNCATE ON core_activity FOR EACH STATEMENT EXECUTE"
    " FUNCTION guildhall_refuse('core_activity is append-only')",
    "CREATE TRIGGER partners_agreement_no_update BEFORE UPDATE ON partners_agreement FOR EACH ROW EXECUTE"
    " FUNCTION guildhall_refuse('partners_agreement is append-only')",
    "CREATE TRIGGER partners_agreement_no_delete BEFORE DELETE ON partners_agreement FOR EACH ROW EXECUTE"
    " FUNCTION guildhall_refuse('partners_agreement is append-only')",
    "CREATE TRIGGER partners_agreement_no_truncate BEFORE TRUNCATE ON partners_agreement FOR EACH "
    "STATEMENT EXECUTE FUNCTION guildhall_refuse('partners_agreement is append-only')",
    "CREATE TRIGGER referrals_consent_text_no_update BEFORE UPDATE ON referrals_consent_text FOR EACH ROW"
    " EXECUTE FUNCTION guildhall_refuse('referrals_consent_text is append-only')",
    "CREATE TRIGGER referrals_consent_text_no_delete BEFORE DELETE ON referrals_consent_text FOR EACH ROW"
    " EXECUTE FUNCTION guildhall_refuse('referrals_consent_text is append-only')",
    "CREATE TRIGGER referrals_consent_text_no_truncate BEFORE TRUNCATE ON referrals_consent_text FOR EACH"
    " STATEMENT EXECUTE FUNCTION guildhall_refuse('referrals_consent_text is append-only')",
    "CREATE TRIGGER commissions_journal_seal_no_update BEFORE UPDATE ON commissions_journal_seal FOR EACH"
    " ROW EXECUTE FUNCTION guildhall_refuse('commissions_journal_seal is append-only')",
    "CREATE TRIGGER commissions_journal_seal_no_delete BEFORE DELETE ON commissions_journal_seal FOR EACH"
    " ROW EXECUTE FUNCTION guildhall_refuse('commissions_journal_seal is append-only')",
    "CREATE TRIGGER commissions_journal_seal_no_truncate BEFORE TRUNCATE ON commissions_journal_seal FOR "
    "EACH STATEMENT EXECUTE FUNCTION guildhall_refuse('commissions_journal_seal is append-only')",
    "CREATE OR REPLACE FUNCTION commissions_journal_seal_balances() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN IF NEW.lines < 2 OR NEW.lines <> (SELECT COUNT(*) FROM commissions_journal_line WHERE "
    "journal_entry_id = NEW.journal_entry_id) THEN RAISE EXCEPTION 'a journal entry has all its lines, at"
    " least two' USING ERRCODE = 'check_violation'; END IF; IF EXISTS (SELECT 1 FROM "
    "commissions_journal_line WHERE journal_entry_id = NEW.journal_entry_id GROUP BY currency HAVING "
    "SUM(amount_minor) <> 0) THEN RAISE EXCEPTION 'a journal entry balances in every currency' USING "
    "ERRCODE = 'check_violation'; END IF; IF EXISTS (SELECT 1 FROM commissions_journal_line AS line JOIN "
    "commissions_journal_entry AS entry ON entry.id = NEW.journal_entry_id AND line.journal_entry_id IN "
    "(entry.id, entry.reverses_id) WHERE entry.reverses_id IS NOT NULL GROUP BY line.account_id HAVING "
    "SUM(line.amount_minor) <> 0) THEN RAISE EXCEPTION 'a reversal mirrors what it reverses' USING "
    "ERRCODE = 'check_violation'; END IF; IF EXISTS (SELECT 1 FROM commissions_journal_line AS line JOIN "
    "commissions_journal_entry AS entry ON entry.id = line.journal_entry_id JOIN commissions_account AS "
    "account ON account.id = line.account_id JOIN commissions_balance AS balance ON balance.account_id = "
    "line.account_id WHERE line.journal_entry_id = NEW.journal_entry_id AND entry.kind = "
    "'payout_reserved' AND ((account.type = 'liability' AND line.amount_minor > 0 AND "
    "balance.amount_minor > 0) OR (account.type = 'asset' AND line.amount_minor < 0 AND "
    "balance.amount_minor < 0))) THEN RAISE EXCEPTION 'a payout takes no more than is owed' USING ERRCODE"
    " = 'check_violation'; END IF; IF EXISTS (SELECT 1 FROM commissions_journal_line AS line JOIN "
    "commissions_account AS account ON account.id = line.account_id AND account.code LIKE '%%:in_run:%%' "
    "JOIN commissions_balance AS balance ON balance.account_id = line.account_id WHERE "
    "line.journal_entry_id = NEW.journal_entry_id AND balance.amount_minor > 0) THEN RAISE EXCEPTION 'no "
    "more is paid or released than was set aside' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; "
    "END $$",
    "CREATE TRIGGER commissions_journal_seal_balances BEFORE INSERT ON commissions_journal_seal FOR EACH "
    "ROW EXECUTE FUNCTION commissions_journal_seal_balances()",
    "CREATE TRIGGER commissions_journal_chain_no_update BEFORE UPDATE ON commissions_journal_chain FOR "
    "EACH ROW EXECUTE FUNCTION guildhall_refuse('commissions_journal_chain is append-only')",
    "CREATE TRIGGER commissions_journal_chain_no_delete BEFORE DELETE ON commissions_journal_chain FOR "
    "EACH ROW EXECUTE FUNCTION guildhall_refuse('commissions_journal_chain is append-only')",
    "CREATE TRIGGER commissions_journal_chain_no_truncate BEFORE TRUNCATE ON commissions_journal_chain "
    "FOR EACH STATEMENT EXECUTE FUNCTION guildhall_refuse('commissions_journal_chain is append-only')",
    "CREATE OR REPLACE FUNCTION commissions_journal_chain_continues() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN IF EXISTS (SELECT 1 FROM commissions_journal_chain WHERE last_id >= NEW.first_id) OR "
    "(EXISTS (SELECT 1 FROM commissions_journal_chain) AND NEW.previous_digest <> (SELECT digest FROM "
    "commissions_journal_chain ORDER BY id DESC LIMIT 1)) THEN RAISE EXCEPTION 'a batch continues the "
    "chain where it ends' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$",
    "CREATE TRIGGER commissions_journal_chain_continues BEFORE INSERT ON commissions_journal_chain FOR "
    "EACH ROW EXECUTE FUNCTION commissions_journal_chain_continues()",
    "CREATE TRIGGER commissions_proof_check_no_update BEFORE UPDATE ON commissions_proof_check FOR EACH "
    "ROW EXECUTE FUNCTION guildhall_refuse('commissions_proof_check is append-only')",
    "CREATE TRIGGER commissions_proof_check_no_delete BEFORE DELETE ON commissions_proof_check FOR EACH "
    "ROW EXECUTE FUNCTION guildhall_refuse('commissions_proof_check is append-only')",
    "CREATE TRIGGER commissions_proof_check_no_truncate BEFORE TRUNCATE ON commissions_proof_check FOR "
    "EACH STATEMENT EXECUTE FUNCTION guildhall_refuse('commissions_proof_check is append-only')",
    "CREATE TRIGGER academy_attempt_series_no_update BEFORE UPDATE ON academy_attempt_series FOR EACH ROW"
    " EXECUTE FUNCTION guildhall_refuse('academy_attempt_series is append-only')",
    "CREATE TRIGGER academy_attempt_series_no_delete BEFORE DELETE ON academy_attempt_series FOR EACH ROW"
    " EXECUTE FUNCTION guildhall_refuse('academy_attempt_series is append-only')",
    "CREATE TRIGGER academy_attempt_series_no_truncate BEFORE TRUNCATE ON academy_attempt_series FOR EACH"
    " STATEMENT EXECUTE FUNCTION guildhall_refuse('academy_attempt_series is append-only')",
    "CREATE TRIGGER commissions_journal_entry_no_update BEFORE UPDATE ON commissions_journal_entry FOR "
    "EACH ROW EXECUTE FUNCTION guildhall_refuse('commissions_journal_entry is append-only')",
    "CREATE TRIGGER commissions_journal_entry_no_delete BEFORE DELETE ON commissions_journal_entry FOR "
    "EACH ROW EXECUTE FUNCTION guildhall_refuse('commissions_journal_entry is append-only')",
    "CREATE TRIGGER commissions_journal_entry_no_truncate BEFORE TRUNCATE ON commissions_journal_entry "
    "FOR EACH STATEMENT EXECUTE FUNCTION guildhall_refuse('commissions_journal_entry is append-only')",
    "CREATE OR REPLACE FUNCTION commissions_payout_run_begins_as_a_draft() RETURNS trigger LANGUAGE "
    "plpgsql AS $$ BEGIN IF NEW.status <> 'draft' THEN RAISE EXCEPTION 'a payout run begins as a draft' "
    "USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$",
    "CREATE TRIGGER commissions_payout_run_begins_as_a_draft BEFORE INSERT ON commissions_payout_run FOR "
    "EACH ROW EXECUTE FUNCTION commissions_payout_run_begins_as_a_draft()",
    "CREATE OR REPLACE FUNCTION commissions_payout_run_keeps_the_rules() RETURNS trigger LANGUAGE plpgsql"
    " AS $$ BEGIN IF NEW.status <> OLD.status AND OLD.status || '>' || NEW.status NOT IN "
    "('draft>proposed', 'draft>withdrawn', 'proposed>approved', 'proposed>draft', 'approved>sending', "
    "'approved>withdrawn', 'sending>partly_sent', 'sending>done', 'partly_sent>done', "
    "'partly_sent>sending', 'done>partly_sent') THEN RAISE EXCEPTION 'a payout run cannot take this step'"
    " USING ERRCODE = 'check_violation'; END IF; IF OLD.status <> 'draft' AND (NEW.total_minor <> "
    "OLD.total_minor OR NEW.digest IS DISTINCT FROM OLD.digest OR NEW.proposed_by_id IS DISTINCT FROM "
    "OLD.proposed_by_id OR NEW.currency <> OLD.currency) AND NOT (NEW.status = 'draft' AND NEW.digest IS "
    "NULL) THEN RAISE EXCEPTION 'a proposed run is frozen: its list, total and proposer stay' USING "
    "ERRCODE = 'check_violation'; END IF; IF OLD.approved_by_id IS NOT NULL AND NEW.approved_by_id IS "
    "DISTINCT FROM OLD.approved_by_id THEN RAISE EXCEPTION 'who approved a run stays' USING ERRCODE = "
    "'check_violation'; END IF; IF NEW.status = 'proposed' AND OLD.status = 'draft' AND "
    "(NEW.proposed_by_id IS NULL OR NEW.digest IS NULL OR NEW.total_minor <= 0 OR NEW.total_minor <> "
    "(SELECT COALESCE(SUM(line.amount_minor), 0) FROM commissions_payout_line AS line JOIN "
    "commissions_payout AS payout ON payout.id = line.payout_id WHERE payout.run_id = NEW.id) OR "
    "NEW.total_minor <> (SELECT COALESCE(SUM(amount_minor), 0) FROM commissions_payout WHERE run_id = "
    "NEW.id)) THEN RAISE EXCEPTION 'a run is proposed by somebody, with a digest and the sum of its "
    "lines' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$",
    "CREATE TRIGGER commissions_payout_run_keeps_the_rules BEFORE UPDATE ON commissions_payout_run FOR "
    "EACH ROW EXECUTE FUNCTION commissions_payout_run_keeps_the_rules()",
    "CREATE OR REPLACE FUNCTION commissions_payout_run_stays() RETURNS trigger LANGUAGE plpgsql AS $$ "
    "BEGIN IF TRUE THEN RAISE EXCEPTION 'a payout run is never removed' USING ERRCODE = "
    "'check_violation'; END IF; RETURN OLD; END $$",
    "CREATE TRIGGER commissions_payout_run_stays BEFORE DELETE ON commissions_payout_run FOR EACH ROW "
    "EXECUTE FUNCTION commissions_payout_run_stays()",
    "CREATE OR REPLACE FUNCTION commissions_plan_version_keeps_what_was_published() RETURNS trigger "
    "LANGUAGE plpgsql AS $$ BEGIN IF OLD.status <> 'draft' AND (NEW.plan_id <> OLD.plan_id OR NEW.number "
    "<> OLD.number OR CAST(NEW.definition AS TEXT) <> CAST(OLD.definition AS TEXT) OR NEW.currency <> "
    "OLD.currency OR NEW.effective_from <> OLD.effective_from OR NEW.status = 'draft') THEN RAISE "
    "EXCEPTION 'a published plan version never changes' USING ERRCODE = 'check_violation'; END IF; RETURN"
    " NEW; END $$",
    "CREATE TRIGGER commissions_plan_version_keeps_what_was_published BEFORE UPDATE ON "
    "commissions_plan_version FOR EACH ROW EXECUTE FUNCTION "
    "commissions_plan_version_keeps_what_was_published()",
    "CREATE OR REPLACE FUNCTION commissions_plan_version_stays() RETURNS trigger LANGUAGE plpgsql AS $$ "
    "BEGIN IF OLD.status <> 'draft' THEN RAISE EXCEPTION 'a published plan version is never removed' "
    "USING ERRCODE = 'check_violation'; END IF; RETURN OLD; END $$",
    "CREATE TRIGGER commissions_plan_version_stays BEFORE DELETE ON commissions_plan_version FOR EACH ROW"
    " EXECUTE FUNCTION commissions_plan_version_stays()",
    "CREATE TRIGGER partners_agreement_acceptance_no_update BEFORE UPDATE ON "
    "partners_agreement_acceptance FOR EACH ROW EXECUTE FUNCTION "
    "guildhall_refuse('partners_agreement_acceptance is append-only')",
    "CREATE TRIGGER partners_agreement_acceptance_no_delete BEFORE DELETE ON "
    "partners_agreement_acceptance FOR EACH ROW EXECUTE FUNCTION "
    "guildhall_refuse('partners_agreement_acceptance is append-only')",
    "CREATE TRIGGER partners_agreement_acceptance_no_truncate BEFORE TRUNCATE ON "
    "partners_agreement_acceptance FOR EACH STATEMENT EXECUTE FUNCTION "
    "guildhall_refuse('partners_agreement_acceptance is append-only')",
    "CREATE OR REPLACE FUNCTION academy_attempt_stays_as_it_ended() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN IF OLD.status <> 'open' THEN RAISE EXCEPTION 'an attempt that has ended does not change' "
    "USING ERRCODE = 'check_violation'; END IF; IF OLD.user_id <> NEW.user_id OR OLD.version_id <> "
    "NEW.version_id OR OLD.started_at <> NEW.started_at OR OLD.due_at <> NEW.due_at OR OLD.pass_mark <> "
    "NEW.pass_mark THEN RAISE EXCEPTION 'an attempt keeps its person, course and time' USING ERRCODE = "
    "'check_violation'; END IF; RETURN NEW; END $$",
    "CREATE TRIGGER academy_attempt_stays_as_it_ended BEFORE UPDATE ON academy_attempt FOR EACH ROW "
    "EXECUTE FUNCTION academy_attempt_stays_as_it_ended()",
    "CREATE OR REPLACE FUNCTION academy_attempt_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF 1"
    " = 1 THEN RAISE EXCEPTION 'attempts are kept' USING ERRCODE = 'check_violation'; END IF; RETURN OLD;"
    " END $$",
    "CREATE TRIGGER academy_attempt_stays BEFORE DELETE ON academy_attempt FOR EACH ROW EXECUTE FUNCTION "
    "academy_attempt_stays()",
    "CREATE OR REPLACE FUNCTION commissions_account_stays_what_it_is() RETURNS trigger LANGUAGE plpgsql "
    "AS $$ BEGIN IF NEW.id <> OLD.id OR NEW.code <> OLD.code OR NEW.type <> OLD.type OR NEW.currency <> "
    "OLD.currency OR NEW.guarded <> OLD.guarded OR NEW.partner_id IS DISTINCT FROM OLD.partner_id THEN "
    "RAISE EXCEPTION 'an account keeps its code, type, currency and guard' USING ERRCODE = "
    "'check_violation'; END IF; RETURN NEW; END $$",
    "CREATE TRIGGER commissions_account_stays_what_it_is BEFORE UPDATE ON commissions_account FOR EACH "
    "ROW EXECUTE FUNCTION commissions_account_stays_what_it_is()",
    "CREATE OR REPLACE FUNCTION commissions_account_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "IF TRUE THEN RAISE EXCEPTION 'an account is never removed' USING ERRCODE = 'check_violation'; END "
    "IF; RETURN OLD; END $$",
    "CREATE TRIGGER commissions_account_stays BEFORE DELETE ON commissions_account FOR EACH ROW EXECUTE "
    "FUNCTION commissions_account_stays()",
    "CREATE OR REPLACE FUNCTION commissions_payout_into_a_draft() RETURNS trigger LANGUAGE plpgsql AS $$ "
    "BEGIN IF NOT EXISTS (SELECT 1 FROM commissions_payout_run WHERE id = NEW.run_id AND status = 'draft'"
    " AND currency = NEW.currency) OR NEW.status <> 'pending' THEN RAISE EXCEPTION 'payouts are put "
    "together while their run is a draft, in its currency' USING ERRCODE = 'check_violation'; END IF; "
    "RETURN NEW; END $$",
    "CREATE TRIGGER commissions_payout_into_a_draft BEFORE INSERT ON commissions_payout FOR EACH ROW "
    "EXECUTE FUNCTION commissions_payout_into_a_draft()",
    "CREATE OR REPLACE FUNCTION commissions_payout_keeps_the_rules() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN IF NEW.status <> OLD.status AND OLD.status || '>' || NEW.status NOT IN ('pending>sending', "
    "'sending>unknown', 'sending>sent', 'sending>failed', 'unknown>sent', 'unknown>failed', 'sent>paid', "
    "'sent>failed', 'paid>reversed', 'failed>pending', 'failed>sent') THEN RAISE EXCEPTION 'a payout "
    "cannot take this step' USING ERRCODE = 'check_violation'; END IF; IF NEW.run_id <> OLD.run_id OR "
    "NEW.partner_id <> OLD.partner_id OR NEW.currency <> OLD.currency OR NEW.amount_minor <> "
    "OLD.amount_minor OR NEW.method <> OLD.method OR CAST(NEW.destination AS TEXT) <> "
    "CAST(OLD.destination AS TEXT) THEN RAISE EXCEPTION 'amount, partner, method and destination of a "
    "payout are frozen' USING ERRCODE = 'check_violation'; END IF; IF NEW.status <> 'pending' AND (SELECT"
    " status FROM commissions_payout_run WHERE id = NEW.run_id) NOT IN ('approved', 'sending', "
    "'partly_sent', 'done') THEN RAISE EXCEPTION 'nothing is sent from a run that nobody approved' USING "
    "ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$",
    "CREATE TRIGGER commissions_payout_keeps_the_rules BEFORE UPDATE ON commissions_payout FOR EACH ROW "
    "EXECUTE FUNCTION commissions_payout_keeps_the_rules()",
    "CREATE OR REPLACE FUNCTION commissions_payout_from_a_draft() RETURNS trigger LANGUAGE plpgsql AS $$ "
    "BEGIN IF (SELECT status FROM commissions_payout_run WHERE id = OLD.run_id) <> 'draft' THEN RAISE "
    "EXCEPTION 'a payout is only removed from a draft' USING ERRCODE = 'check_violation'; END IF; RETURN "
    "OLD; END $$",
    "CREATE TRIGGER commissions_payout_from_a_draft BEFORE DELETE ON commissions_payout FOR EACH ROW "
    "EXECUTE FUNCTION commissions_payout_from_a_draft()",
    "CREATE OR REPLACE FUNCTION commissions_payment_file_is_only_executed() RETURNS trigger LANGUAGE "
    "plpgsql AS $$ BEGIN IF NEW.id <> OLD.id OR NEW.run_id <> OLD.run_id OR NEW.message_id <> "
    "OLD.message_id OR NEW.sha256 <> OLD.sha256 OR NEW.total_minor <> OLD.total_minor OR OLD.executed_at "
    "IS NOT NULL THEN RAISE EXCEPTION 'a payment file stays as it was made' USING ERRCODE = "
    "'check_violation'; END IF; RETURN NEW; END $$",
    "CREATE TRIGGER commissions_payment_file_is_only_executed BEFORE UPDATE ON commissions_payment_file "
    "FOR EACH ROW EXECUTE FUNCTION commissions_payment_file_is_only_executed()",
    "CREATE OR REPLACE FUNCTION commissions_payment_file_stays() RETURNS trigger LANGUAGE plpgsql AS $$ "
    "BEGIN IF TRUE THEN RAISE EXCEPTION 'a payment file is never removed' USING ERRCODE = "
    "'check_violation'; END IF; RETURN OLD; END $$",
    "CREATE TRIGGER commissions_payment_file_stays BEFORE DELETE ON commissions_payment_file FOR EACH ROW"
    " EXECUTE FUNCTION commissions_payment_file_stays()",
    "CREATE OR REPLACE FUNCTION commissions_statement_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$ "
    "BEGIN IF NEW.id <> OLD.id OR NEW.number <> OLD.number OR NEW.partner_id <> OLD.partner_id OR "
    "NEW.currency <> OLD.currency OR NEW.month <> OLD.month OR NEW.opening_minor <> OLD.opening_minor OR "
    "NEW.moved_minor <> OLD.moved_minor OR NEW.closing_minor <> OLD.closing_minor OR NEW.digest <> "
    "OLD.digest OR CAST(NEW.content AS TEXT) <> CAST(OLD.content AS TEXT) THEN RAISE EXCEPTION 'an issued"
    " statement is frozen' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$",
    "CREATE TRIGGER commissions_statement_is_frozen BEFORE UPDATE ON commissions_statement FOR EACH ROW "
    "EXECUTE FUNCTION commissions_statement_is_frozen()",
    "CREATE OR REPLACE FUNCTION commissions_statement_stays() RETURNS trigger LANGUAGE plpgsql AS $$ "
    "BEGIN IF TRUE THEN RAISE EXCEPTION 'a statement is never removed' USING ERRCODE = 'check_violation';"
    " END IF; RETURN OLD; END $$",
    "CREATE TRIGGER commissions_statement_stays BEFORE DELETE ON commissions_statement FOR EACH ROW "
    "EXECUTE FUNCTION commissions_statement_stays()",
    "CREATE OR REPLACE FUNCTION academy_attempt_item_stays_as_answered() RETURNS trigger LANGUAGE plpgsql"
    " AS $$ BEGIN IF EXISTS (SELECT 1 FROM academy_attempt WHERE id = NEW.attempt_id AND status <> "
    "'open') THEN RAISE EXCEPTION 'an attempt that has ended does not change' USING ERRCODE = "
    "'check_violation'; END IF; RETURN NEW; END $$",
    "CREATE TRIGGER academy_attempt_item_stays_as_answered BEFORE UPDATE ON academy_attempt_item FOR EACH"
    " ROW EXECUTE FUNCTION academy_attempt_item_stays_as_answered()",
    "CREATE OR REPLACE FUNCTION academy_attempt_item_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    " IF 1 = 1 THEN RAISE EXCEPTION 'attempts are kept' USING ERRCODE = 'check_violation'; END IF; RETURN"
    " OLD; END $$",
    "CREATE TRIGGER academy_attempt_item_stays BEFORE DELETE ON academy_attempt_item FOR EACH ROW EXECUTE"
    " FUNCTION academy_attempt_item_stays()",
    "CREATE OR REPLACE FUNCTION academy_certificate_needs_its_exam() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN IF NOT EXISTS (SELECT 1 FROM academy_attempt WHERE id = NEW.attempt_id AND status = "
    "'passed' AND user_id = NEW.user_id AND version_id = NEW.course_version_id) THEN RAISE EXCEPTION 'a "
    "certificate needs a passed attempt of its holder' USING ERRCODE = 'check_violation'; END IF; RETURN "
    "NEW; END $$",
    "CREATE TRIGGER academy_certificate_needs_its_exam BEFORE INSERT ON academy_certificate FOR EACH ROW "
    "EXECUTE FUNCTION academy_certificate_needs_its_exam()",
    "CREATE OR REPLACE FUNCTION academy_certificate_says_what_it_said() RETURNS trigger LANGUAGE plpgsql "
    "AS $$ BEGIN IF OLD.serial <> NEW.serial OR OLD.user_id <> NEW.user_id OR OLD.course_id <> "
    "NEW.course_id OR OLD.course_version_id <> NEW.course_version_id OR OLD.attempt_id <> NEW.attempt_id "
    "OR OLD.holder <> NEW.holder OR OLD.level <> NEW.level OR OLD.band <> NEW.band OR OLD.issued_at <> "
    "NEW.issued_at OR OLD.expires_at <> NEW.expires_at THEN RAISE EXCEPTION 'what a certificate says does"
    " not change' USING ERRCODE = 'check_violation'; END IF; IF OLD.revoked_at IS NOT NULL AND "
    "NEW.revoked_at IS NULL THEN RAISE EXCEPTION 'a revoked certificate stays revoked' USING ERRCODE = "
    "'check_violation'; END IF; IF OLD.superseded_at IS NOT NULL AND NEW.superseded_at IS NULL THEN RAISE"
    " EXCEPTION 'a superseded certificate stays so' USING ERRCODE = 'check_violation'; END IF; RETURN "
    "NEW; END $$",
    "CREATE TRIGGER academy_certificate_says_what_it_said BEFORE UPDATE ON academy_certificate FOR EACH "
    "ROW EXECUTE FUNCTION academy_certificate_says_what_it_said()",
    "CREATE OR REPLACE FUNCTION academy_certificate_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "IF 1 = 1 THEN RAISE EXCEPTION 'certificates are kept' USING ERRCODE = 'check_violation'; END IF; "
    "RETURN OLD; END $$",
    "CREATE TRIGGER academy_certificate_stays BEFORE DELETE ON academy_certificate FOR EACH ROW EXECUTE "
    "FUNCTION academy_certificate_stays()",
    "CREATE TRIGGER referrals_lead_contact_no_update BEFORE UPDATE ON referrals_lead_contact FOR EACH ROW"
    " EXECUTE FUNCTION guildhall_refuse('referrals_lead_contact is append-only')",
    "CREATE TRIGGER referrals_lead_contact_no_delete BEFORE DELETE ON referrals_lead_contact FOR EACH ROW"
    " EXECUTE FUNCTION guildhall_refuse('referrals_lead_contact is append-only')",
    "CREATE TRIGGER referrals_lead_contact_no_truncate BEFORE TRUNCATE ON referrals_lead_contact FOR EACH"
    " STATEMENT EXECUTE FUNCTION guildhall_refuse('referrals_lead_contact is append-only')",
    "CREATE TRIGGER referrals_routing_decision_no_update BEFORE UPDATE ON referrals_routing_decision FOR "
    "EACH ROW EXECUTE FUNCTION guildhall_refuse('referrals_routing_decision is append-only')",
    "CREATE TRIGGER referrals_routing_decision_no_delete BEFORE DELETE ON referrals_routing_decision FOR "
    "EACH ROW EXECUTE FUNCTION guildhall_refuse('referrals_routing_decision is append-only')",
    "CREATE TRIGGER referrals_routing_decision_no_truncate BEFORE TRUNCATE ON referrals_routing_decision "
    "FOR EACH STATEMENT EXECUTE FUNCTION guildhall_refuse('referrals_routing_decision is append-only')",
    "CREATE TRIGGER commissions_journal_line_no_update BEFORE UPDATE ON commissions_journal_line FOR EACH"
    " ROW EXECUTE FUNCTION guildhall_refuse('commissions_journal_line is append-only')",
    "CREATE TRIGGER commissions_journal_line_no_delete BEFORE DELETE ON commissions_journal_line FOR EACH"
    " ROW EXECUTE FUNCTION guildhall_refuse('commissions_journal_line is append-only')",
    "CREATE TRIGGER commissions_journal_line_no_truncate BEFORE TRUNCATE ON commissions_journal_line FOR "
    "EACH STATEMENT EXECUTE FUNCTION guildhall_refuse('commissions_journal_line is append-only')",
    "CREATE OR REPLACE FUNCTION commissions_journal_line_before_the_seal() RETURNS trigger LANGUAGE "
    "plpgsql AS $$ BEGIN IF EXISTS (SELECT 1 FROM commissions_journal_seal WHERE journal_entry_id = "
    "NEW.journal_entry_id) THEN RAISE EXCEPTION 'nothing is added to a sealed journal entry' USING "
    "ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$",
    "CREATE TRIGGER commissions_journal_line_before_the_seal BEFORE INSERT ON commissions_journal_line "
    "FOR EACH ROW EXECUTE FUNCTION commissions_journal_line_before_the_seal()",
    "CREATE OR REPLACE FUNCTION commissions_journal_line_moves_balance() RETURNS trigger LANGUAGE plpgsql"
    " SECURITY DEFINER SET search_path = public, pg_temp AS $$ BEGIN INSERT INTO commissions_balance "
    "(account_id, amount_minor, lines, last_line_id) SELECT NEW.account_id, NEW.amount_minor, 1, NEW.id "
    "FROM commissions_account WHERE id = NEW.account_id AND guarded ON CONFLICT (account_id) DO UPDATE "
    "SET amount_minor = commissions_balance.amount_minor + excluded.amount_minor, lines = "
    "commissions_balance.lines + 1, last_line_id = excluded.last_line_id; RETURN NULL; END $$",
    "CREATE TRIGGER commissions_journal_line_moves_balance AFTER INSERT ON commissions_journal_line FOR "
    "EACH ROW EXECUTE FUNCTION commissions_journal_line_moves_balance()",
    "CREATE OR REPLACE FUNCTION commissions_balance_by_its_lines() RETURNS trigger LANGUAGE plpgsql AS $$"
    " BEGIN IF pg_trigger_depth() < 2 THEN RAISE EXCEPTION 'a balance is moved by its lines alone' USING "
    "ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$",
    "CREATE TRIGGER commissions_balance_by_its_lines BEFORE INSERT OR UPDATE ON commissions_balance FOR "
    "EACH ROW EXECUTE FUNCTION commissions_balance_by_its_lines()",
    "CREATE OR REPLACE FUNCTION commissions_balance_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "IF TRUE THEN RAISE EXCEPTION 'a balance is never removed' USING ERRCODE = 'check_violation'; END IF;"
    " RETURN OLD; END $$",
    "CREATE TRIGGER commissions_balance_stays BEFORE DELETE ON commissions_balance FOR EACH ROW EXECUTE "
    "FUNCTION commissions_balance_stays()",
    "CREATE OR REPLACE FUNCTION commissions_payout_attempt_is_only_closed() RETURNS trigger LANGUAGE "
    "plpgsql AS $$ BEGIN IF NEW.id <> OLD.id OR NEW.payout_id <> OLD.payout_id OR NEW.number <> "
    "OLD.number OR NEW.key <> OLD.key OR NEW.opened_at <> OLD.opened_at OR OLD.closed_at IS NOT NULL THEN"
    " RAISE EXCEPTION 'an attempt is closed once and otherwise stays as it is' USING ERRCODE = "
    "'check_violation'; END IF; RETURN NEW; END $$",
    "CREATE TRIGGER commissions_payout_attempt_is_only_closed BEFORE UPDATE ON commissions_payout_attempt"
    " FOR EACH ROW EXECUTE FUNCTION commissions_payout_attempt_is_only_closed()",
    "CREATE OR REPLACE FUNCTION commissions_payout_attempt_stays() RETURNS trigger LANGUAGE plpgsql AS $$"
    " BEGIN IF TRUE THEN RAISE EXCEPTION 'an attempt is never removed' USING ERRCODE = 'check_violation';"
    " END IF; RETURN OLD; END $$",
    "CREATE TRIGGER commissions_payout_attempt_stays BEFORE DELETE ON commissions_payout_attempt FOR EACH"
    " ROW EXECUTE FUNCTION commissions_payout_attempt_stays()",
    "CREATE TRIGGER commissions_statement_line_no_update BEFORE UPDATE ON commissions_statement_line FOR "
    "EACH ROW EXECUTE FUNCTION guildhall_refuse('commissions_statement_line is append-only')",
    "CREATE TRIGGER commissions_statement_line_no_delete BEFORE DELETE ON commissions_statement_line FOR "
    "EACH ROW EXECUTE FUNCTION guildhall_refuse('commissions_statement_line is append-only')",
    "CREATE TRIGGER commissions_statement_line_no_truncate BEFORE TRUNCATE ON commissions_statement_line "
    "FOR EACH STATEMENT EXECUTE FUNCTION guildhall_refuse('commissions_statement_line is append-only')",
    "CREATE TRIGGER referrals_routing_candidate_no_update BEFORE UPDATE ON referrals_routing_candidate "
    "FOR EACH ROW EXECUTE FUNCTION guildhall_refuse('referrals_routing_candidate is append-only')",
    "CREATE TRIGGER referrals_routing_candidate_no_delete BEFORE DELETE ON referrals_routing_candidate "
    "FOR EACH ROW EXECUTE FUNCTION guildhall_refuse('referrals_routing_candidate is append-only')",
    "CREATE TRIGGER referrals_routing_candidate_no_truncate BEFORE TRUNCATE ON "
    "referrals_routing_candidate FOR EACH STATEMENT EXECUTE FUNCTION "
    "guildhall_refuse('referrals_routing_candidate is append-only')",
    "CREATE TRIGGER commissions_entry_no_update BEFORE UPDATE ON commissions_entry FOR EACH ROW EXECUTE "
    "FUNCTION guildhall_refuse('commissions_entry is append-only')",
    "CREATE TRIGGER commissions_entry_no_delete BEFORE DELETE ON commissions_entry FOR EACH ROW EXECUTE "
    "FUNCTION guildhall_refuse('commissions_entry is append-only')",
    "CREATE TRIGGER commissions_entry_no_truncate BEFORE TRUNCATE ON commissions_entry FOR EACH STATEMENT"
    " EXECUTE FUNCTION guildhall_refuse('commissions_entry is append-only')",
    "CREATE OR REPLACE FUNCTION commissions_entry_hold_is_only_lifted() RETURNS trigger LANGUAGE plpgsql "
    "AS $$ BEGIN IF NEW.id <> OLD.id OR NEW.entry_id <> OLD.entry_id OR NEW.cause <> OLD.cause OR "
    "NEW.placed_at <> OLD.placed_at OR OLD.lifted_at IS NOT NULL OR NEW.lifted_at IS NULL THEN RAISE "
    "EXCEPTION 'a hold is lifted once and otherwise stays as it is' USING ERRCODE = 'check_violation'; "
    "END IF; RETURN NEW; END $$",
    "CREATE TRIGGER commissions_entry_hold_is_only_lifted BEFORE UPDATE ON commissions_entry_hold FOR "
    "EACH ROW EXECUTE FUNCTION commissions_entry_hold_is_only_lifted()",
    "CREATE OR REPLACE FUNCTION commissions_entry_hold_stays() RETURNS trigger LANGUAGE plpgsql AS $$ "
    "BEGIN IF TRUE THEN RAISE EXCEPTION 'a hold is never removed' USING ERRCODE = 'check_violation'; END "
    "IF; RETURN OLD; END $$",
    "CREATE TRIGGER commissions_entry_hold_stays BEFORE DELETE ON commissions_entry_hold FOR EACH ROW "
    "EXECUTE FUNCTION commissions_entry_hold_stays()",
    "CREATE OR REPLACE FUNCTION commissions_payout_line_into_a_draft() RETURNS trigger LANGUAGE plpgsql "
    "AS $$ BEGIN IF (SELECT run.status FROM commissions_payout AS payout JOIN commissions_payout_run AS "
    "run ON run.id = payout.run_id WHERE payout.id = NEW.payout_id) <> 'draft' THEN RAISE EXCEPTION "
    "'lines are put together while their run is a draft' USING ERRCODE = 'check_violation'; END IF; IF "
    "NOT EXISTS (SELECT 1 FROM commissions_payout AS payout JOIN commissions_entry AS entry ON entry.id ="
    " NEW.entry_id AND entry.partner_id = payout.partner_id AND entry.currency = payout.currency AND "
    "entry.amount_minor = NEW.amount_minor WHERE payout.id = NEW.payout_id) THEN RAISE EXCEPTION 'a "
    "payout settles its own partners lines, each with its own amount' USING ERRCODE = 'check_violation'; "
    "END IF; RETURN NEW; END $$",
    "CREATE TRIGGER commissions_payout_line_into_a_draft BEFORE INSERT ON commissions_payout_line FOR "
    "EACH ROW EXECUTE FUNCTION commissions_payout_line_into_a_draft()",
    "CREATE OR REPLACE FUNCTION commissions_payout_line_is_frozen() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN IF NEW.id <> OLD.id OR NEW.payout_id <> OLD.payout_id OR NEW.entry_id <> OLD.entry_id OR "
    "NEW.amount_minor <> OLD.amount_minor OR NEW.frozen_at <> OLD.frozen_at OR OLD.released_at IS NOT "
    "NULL THEN RAISE EXCEPTION 'a line of a payout is frozen; it can only be released, once' USING "
    "ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$",
    "CREATE TRIGGER commissions_payout_line_is_frozen BEFORE UPDATE ON commissions_payout_line FOR EACH "
    "ROW EXECUTE FUNCTION commissions_payout_line_is_frozen()",
    "CREATE OR REPLACE FUNCTION commissions_payout_line_from_a_draft() RETURNS trigger LANGUAGE plpgsql "
    "AS $$ BEGIN IF (SELECT run.status FROM commissions_payout AS payout JOIN commissions_payout_run AS "
    "run ON run.id = payout.run_id WHERE payout.id = OLD.payout_id) <> 'draft' THEN RAISE EXCEPTION 'a "
    "line is only removed from a draft' USING ERRCODE = 'check_violation'; END IF; RETURN OLD; END $$",
    "CREATE TRIGGER commissions_payout_line_from_a_draft BEFORE DELETE ON commissions_payout_line FOR "
    "EACH ROW EXECUTE FUNCTION commissions_payout_line_from_a_draft()",
)

FUNCTIONS_ON_POSTGRESQL = (
    "guildhall_refuse",
    "commissions_journal_seal_balances",
    "commissions_journal_chain_continues",
    "commissions_payout_run_begins_as_a_draft",
    "commissions_payout_run_keeps_the_rules",
    "commissions_payout_run_stays",
    "commissions_plan_version_keeps_what_was_published",
    "commissions_plan_version_stays",
    "academy_attempt_stays_as_it_ended",
    "academy_attempt_stays",
    "commissions_account_stays_what_it_is",
    "commissions_account_stays",
    "commissions_payout_into_a_draft",
    "commissions_payout_keeps_the_rules",
    "commissions_payout_from_a_draft",
    "commissions_payment_file_is_only_executed",
    "commissions_payment_file_stays",
    "commissions_statement_is_frozen",
    "commissions_statement_stays",
    "academy_attempt_item_stays_as_answered",
    "academy_attempt_item_stays",
    "academy_certificate_needs_its_exam",
    "academy_certificate_says_what_it_said",
    "academy_certificate_stays",
    "commissions_journal_line_before_the_seal",
    "commissions_journal_line_moves_balance",
    "commissions_balance_by_its_lines",
    "commissions_balance_stays",
    "commissions_payout_attempt_is_only_closed",
    "commissions_payout_attempt_stays",
    "commissions_entry_hold_is_only_lifted",
    "commissions_entry_hold_stays",
    "commissions_payout_line_into_a_draft",
    "commissions_payout_line_is_frozen",
    "commissions_payout_line_from_a_draft",
)


def upgrade() -> None:
    op.create_table(
        "academy_course",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column(
            "audience",
            sa.Enum(
                "everybody",
                "sellers",
                "engineers",
                "consultants",
                name="audience",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "level",
            sa.Enum("foundation", "professional", "expert", name="level", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("product_codes", JSON, nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_academy_course")),
        sa.UniqueConstraint("code", name=op.f("uq_academy_course_code")),
    )
    op.create_table(
        "accounts_limit_count",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("hits", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("expires_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_accounts_limit_count")),
    )
    op.create_index(
        op.f("ix_accounts_limit_count_expires_at"), "accounts_limit_count", ["expires_at"], unique=False
    )
    op.create_table(
        "accounts_user",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
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
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("locale", sa.Text(), nullable=True),
        sa.Column("time_zone", sa.Text(), nullable=True),
        sa.Column("theme", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("scopes", JSON, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts_user")),
        sa.UniqueConstraint("email", name=op.f("uq_accounts_user_email")),
    )
    op.create_table(
        "commissions_journal_chain",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("first_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("last_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entries", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("previous_digest", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commissions_journal_chain")),
        sa.UniqueConstraint("first_id", name=op.f("uq_commissions_journal_chain_first_id")),
        sa.UniqueConstraint("last_id", name=op.f("uq_commissions_journal_chain_last_id")),
        sa.UniqueConstraint("previous_digest", name=op.f("uq_commissions_journal_chain_previous_digest")),
    )
    op.create_table(
        "commissions_journal_seal",
        sa.Column(
            "journal_entry_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("lines", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("journal_entry_id", name=op.f("pk_commissions_journal_seal")),
    )
    op.create_table(
        "commissions_plan",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commissions_plan")),
        sa.UniqueConstraint("code", name=op.f("uq_commissions_plan_code")),
    )
    op.create_table(
        "commissions_proof_check",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lines", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("last_entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("differing", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commissions_proof_check")),
    )
    op.create_index(
        "ix_commissions_proof_check_finished_at", "commissions_proof_check", ["finished_at"], unique=False
    )
    op.create_table(
        "commissions_webhook_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commissions_webhook_event")),
        sa.UniqueConstraint("event_id", name=op.f("uq_commissions_webhook_event_event_id")),
    )
    op.create_index(
        op.f("ix_commissions_webhook_event_kind"), "commissions_webhook_event", ["kind"], unique=False
    )
    op.create_index(
        op.f("ix_commissions_webhook_event_received_at"),
        "commissions_webhook_event",
        ["received_at"],
        unique=False,
    )
    op.create_table(
        "core_activity",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("details", JSON, nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_activity")),
    )
    op.create_index("ix_core_activity_actor", "core_activity", ["actor_id", "id"], unique=False)
    op.create_index("ix_core_activity_at", "core_activity", ["at", "id"], unique=False)
    op.create_index("ix_core_activity_partner", "core_activity", ["partner_id", "id"], unique=False)
    op.create_index(
        "ix_core_activity_subject", "core_activity", ["subject_type", "subject_id", "id"], unique=False
    )
    op.create_table(
        "core_demo_clock",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seconds_ahead", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_demo_clock")),
    )
    op.create_table(
        "core_exchange_rate",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("rate", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_exchange_rate")),
        sa.UniqueConstraint("base", "quote", "day", name=op.f("uq_core_exchange_rate_base_quote_day")),
    )
    op.create_index("ix_core_exchange_rate_day", "core_exchange_rate", ["day", "id"], unique=False)
    op.create_table(
        "core_job",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("payload", JSON, nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("parked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_job")),
        sa.UniqueConstraint("key", name=op.f("uq_core_job_key")),
    )
    op.create_index("ix_core_job_parked_at", "core_job", ["parked_at"], unique=False)
    op.create_index(
        "ix_core_job_waiting",
        "core_job",
        ["run_at", "id"],
        unique=False,
        postgresql_where=sa.text("finished_at IS NULL AND parked_at IS NULL"),
        sqlite_where=sa.text("finished_at IS NULL AND parked_at IS NULL"),
    )
    op.create_table(
        "core_kept_answer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("caller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_digest", sa.Text(), nullable=False),
        sa.Column("status", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_kept_answer")),
        sa.UniqueConstraint("caller_id", "key", name=op.f("uq_core_kept_answer_caller_id_key")),
    )
    op.create_index(op.f("ix_core_kept_answer_created_at"), "core_kept_answer", ["created_at"], unique=False)
    op.create_table(
        "core_setting",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", JSON, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("changed_by_name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_core_setting")),
    )
    op.create_table(
        "events_budget",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("allocated_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "allocated_minor >= 0 AND allocated_minor <= amount_minor",
            name=op.f("ck_events_budget_allocated"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_events_budget_amount")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events_budget")),
    )
    op.create_index("ix_events_budget_list", "events_budget", ["ends_on", "id"], unique=False)
    op.create_table(
        "partners_agreement",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_ru", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("summary_ru", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.Text(), nullable=False),
        sa.Column("accept_by", sa.Date(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partners_agreement")),
        sa.UniqueConstraint("number", name=op.f("uq_partners_agreement_number")),
    )
    op.create_table(
        "partners_product",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_ru", sa.Text(), nullable=False),
        sa.Column("list_price_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column(
            "unit",
            sa.Enum("user", "company", "device", "site", name="unit", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column(
            "recurring",
            sa.Enum("month", "year", "once", name="recurrence", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partners_product")),
        sa.UniqueConstraint("code", name=op.f("uq_partners_product_code")),
    )
    op.create_table(
        "partners_question",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_ru", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partners_question")),
    )
    op.create_table(
        "partners_service",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_ru", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("description_ru", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partners_service")),
        sa.UniqueConstraint("code", name=op.f("uq_partners_service_code")),
    )
    op.create_table(
        "partners_tier",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("rank", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_ru", sa.Text(), nullable=False),
        sa.Column("lead_weight", sa.Text(), nullable=False),
        sa.Column("cofunding_rate", sa.Text(), nullable=False),
        sa.Column("cofunding_cap_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("support", sa.Text(), nullable=False),
        sa.Column("support_ru", sa.Text(), nullable=False),
        sa.Column("demands", sa.Text(), nullable=False),
        sa.Column("demands_ru", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partners_tier")),
        sa.UniqueConstraint("code", name=op.f("uq_partners_tier_code")),
        sa.UniqueConstraint("rank", name=op.f("uq_partners_tier_rank")),
    )
    op.create_table(
        "referrals_consent_text",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("first_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals_consent_text")),
        sa.UniqueConstraint("version", name=op.f("uq_referrals_consent_text_version")),
    )
    op.create_table(
        "referrals_identity_key",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("trigram_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals_identity_key")),
        sa.UniqueConstraint("kind", "value", name=op.f("uq_referrals_identity_key_kind_value")),
    )
    op.create_table(
        "referrals_received_fact",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("body", JSON, nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("subject_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals_received_fact")),
        sa.UniqueConstraint(
            "source", "kind", "external_id", name=op.f("uq_referrals_received_fact_source_kind_external_id")
        ),
    )
    op.create_table(
        "referrals_routing_policy",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "status",
            sa.Enum("draft", "published", "superseded", name="policystatus", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("definition", JSON, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_by_name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals_routing_policy")),
        sa.UniqueConstraint("code", "version", name=op.f("uq_referrals_routing_policy_code_version")),
    )
    op.create_index(
        "uq_referrals_routing_policy_published",
        "referrals_routing_policy",
        ["code"],
        unique=True,
        sqlite_where=sa.text("status = 'published'"),
        postgresql_where=sa.text("status = 'published'"),
    )
    op.create_table(
        "academy_attempt_series",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"],
            ["academy_course.id"],
            name=op.f("fk_academy_attempt_series_course_id_academy_course"),
        ),
        sa.ForeignKeyConstraint(
            ["granted_by_id"],
            ["accounts_user.id"],
            name=op.f("fk_academy_attempt_series_granted_by_id_accounts_user"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["accounts_user.id"], name=op.f("fk_academy_attempt_series_user_id_accounts_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_academy_attempt_series")),
    )
    op.create_index(
        op.f("ix_academy_attempt_series_course_id"), "academy_attempt_series", ["course_id"], unique=False
    )
    op.create_index(
        op.f("ix_academy_attempt_series_granted_by_id"),
        "academy_attempt_series",
        ["granted_by_id"],
        unique=False,
    )
    op.create_index(
        "ix_academy_attempt_series_of",
        "academy_attempt_series",
        ["user_id", "course_id", "granted_at"],
        unique=False,
    )
    op.create_table(
        "academy_course_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "status",
            sa.Enum("draft", "published", "superseded", name="versionstatus", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("editions", JSON, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["course_id"],
            ["academy_course.id"],
            name=op.f("fk_academy_course_version_course_id_academy_course"),
        ),
        sa.ForeignKeyConstraint(
            ["published_by_id"],
            ["accounts_user.id"],
            name=op.f("fk_academy_course_version_published_by_id_accounts_user"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_academy_course_version")),
        sa.UniqueConstraint("course_id", "number", name=op.f("uq_academy_course_version_course_id_number")),
    )
    op.create_index(
        op.f("ix_academy_course_version_course_id"), "academy_course_version", ["course_id"], unique=False
    )
    op.create_index(
        op.f("ix_academy_course_version_published_by_id"),
        "academy_course_version",
        ["published_by_id"],
        unique=False,
    )
    op.create_index(
        "uq_academy_course_version_draft",
        "academy_course_version",
        ["course_id"],
        unique=True,
        postgresql_where=sa.text("status = 'draft'"),
        sqlite_where=sa.text("status = 'draft'"),
    )
    op.create_index(
        "uq_academy_course_version_published",
        "academy_course_version",
        ["course_id"],
        unique=True,
        postgresql_where=sa.text("status = 'published'"),
        sqlite_where=sa.text("status = 'published'"),
    )
    op.create_table(
        "academy_enrolment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["academy_course.id"], name=op.f("fk_academy_enrolment_course_id_academy_course")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["accounts_user.id"], name=op.f("fk_academy_enrolment_user_id_accounts_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_academy_enrolment")),
        sa.UniqueConstraint("user_id", "course_id", name=op.f("uq_academy_enrolment_user_id_course_id")),
    )
    op.create_index(op.f("ix_academy_enrolment_course_id"), "academy_enrolment", ["course_id"], unique=False)
    op.create_table(
        "academy_question",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "single",
                "multiple",
                "true_false",
                "numeric",
                "short_text",
                "matching",
                name="questionkind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("tags", JSON, nullable=False),
        sa.Column("answer", JSON, nullable=False),
        sa.Column("editions", JSON, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["course_id"], ["academy_course.id"], name=op.f("fk_academy_question_course_id_academy_course")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_academy_question")),
        sa.UniqueConstraint("course_id", "name", name=op.f("uq_academy_question_course_id_name")),
    )
    op.create_table(
        "accounts_api_key",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("key_digest", sa.Text(), nullable=False),
        sa.Column("scopes", JSON, nullable=False),
        sa.Column("addresses", JSON, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["accounts_user.id"], name=op.f("fk_accounts_api_key_user_id_accounts_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts_api_key")),
        sa.UniqueConstraint("key_digest", name=op.f("uq_accounts_api_key_key_digest")),
    )
    op.create_index(op.f("ix_accounts_api_key_user_id"), "accounts_api_key", ["user_id"], unique=False)
    op.create_table(
        "accounts_one_time_token",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "invitation",
                "password_reset",
                "email_change",
                name="tokenpurpose",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("token_digest", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["accounts_user.id"], name=op.f("fk_accounts_one_time_token_user_id_accounts_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts_one_time_token")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_accounts_one_time_token_token_digest")),
    )
    op.create_index(
        op.f("ix_accounts_one_time_token_user_id"), "accounts_one_time_token", ["user_id"], unique=False
    )
    op.create_table(
        "accounts_sign_in",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token_digest", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("browser", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["accounts_user.id"], name=op.f("fk_accounts_sign_in_user_id_accounts_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts_sign_in")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_accounts_sign_in_token_digest")),
    )
    op.create_index(op.f("ix_accounts_sign_in_user_id"), "accounts_sign_in", ["user_id"], unique=False)
    op.create_table(
        "commissions_journal_entry",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_digest", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "accrual",
                "split",
                "bonus",
                "adjustment",
                "reversal",
                "reimbursement",
                "set_off",
                "payout_reserved",
                "payout_paid",
                "payout_released",
                "payout_reversed",
                "correction",
                name="journalkind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("reverses_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("actor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["id"],
            ["commissions_journal_seal.journal_entry_id"],
            name="fk_journal_entry_sealed",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"],
            ["commissions_journal_entry.id"],
            name=op.f("fk_commissions_journal_entry_reverses_id_commissions_journal_entry"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commissions_journal_entry")),
        sa.UniqueConstraint("key", name=op.f("uq_commissions_journal_entry_key")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_commissions_journal_entry_reverses_id")),
    )
    op.create_index(
        op.f("ix_commissions_journal_entry_occurred_at"),
        "commissions_journal_entry",
        ["occurred_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_commissions_journal_entry_source"), "commissions_journal_entry", ["source"], unique=False
    )
    op.create_table(
        "commissions_payout_run",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "proposed",
                "approved",
                "sending",
                "partly_sent",
                "done",
                "withdrawn",
                name="runstatus",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("total_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("left_out", JSON, nullable=False),
        sa.CheckConstraint(
            "(status NOT IN ('approved', 'sending', 'partly_sent', 'done') OR approved_by_id IS NOT NULL) AND (status NOT IN ('draft', 'proposed') OR approved_by_id IS NULL)",
            name=op.f("ck_commissions_payout_run_approved_by_somebody"),
        ),
        sa.CheckConstraint(
            "approved_by_id <> proposed_by_id", name=op.f("ck_commissions_payout_run_two_people")
        ),
        sa.ForeignKeyConstraint(
            ["approved_by_id"],
            ["accounts_user.id"],
            name=op.f("fk_commissions_payout_run_approved_by_id_accounts_user"),
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by_id"],
            ["accounts_user.id"],
            name=op.f("fk_commissions_payout_run_proposed_by_id_accounts_user"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commissions_payout_run")),
    )
    op.create_index(
        op.f("ix_commissions_payout_run_approved_by_id"),
        "commissions_payout_run",
        ["approved_by_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_commissions_payout_run_proposed_by_id"),
        "commissions_payout_run",
        ["proposed_by_id"],
        unique=False,
    )
    op.create_index(
        "ix_commissions_payout_run_status", "commissions_payout_run", ["status", "id"], unique=False
    )
    op.create_table(
        "commissions_plan_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("plan_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft", "published", "superseded", name="planversionstatus", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("effective_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("definition", JSON, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("simulated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("simulation", JSON, nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["plan_id"],
            ["commissions_plan.id"],
            name=op.f("fk_commissions_plan_version_plan_id_commissions_plan"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commissions_plan_version")),
        sa.UniqueConstraint("plan_id", "number", name=op.f("uq_commissions_plan_version_plan_id_number")),
    )
    op.create_index(
        "ix_commissions_plan_version_live",
        "commissions_plan_version",
        ["plan_id", "effective_from", "number"],
        unique=False,
    )
    op.create_table(
        "partners_partner",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("legal_name", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("postcode", sa.Text(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("website", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("tax_id", sa.Text(), nullable=False),
        sa.Column("tax_key", sa.Text(), nullable=True),
        sa.Column(
            "type",
            sa.Enum(
                "referral",
                "reseller",
                "integrator",
                "distributor",
                name="partnertype",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("plan_code", sa.Text(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "onboarding",
                "active",
                "suspended",
                "terminated",
                name="partnerstatus",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("status_reason", sa.Text(), nullable=False),
        sa.Column("regions", JSON, nullable=False),
        sa.Column("languages", JSON, nullable=False),
        sa.Column("products", JSON, nullable=False),
        sa.Column("services", JSON, nullable=False),
        sa.Column("industries", JSON, nullable=False),
        sa.Column("open_lead_cap", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("daily_lead_cap", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("business_hours", JSON, nullable=False),
        sa.Column("manager_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["manager_id"], ["accounts_user.id"], name=op.f("fk_partners_partner_manager_id_accounts_user")
        ),
        sa.ForeignKeyConstraint(
            ["tier"], ["partners_tier.code"], name=op.f("fk_partners_partner_tier_partners_tier")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partners_partner")),
    )
    op.create_index(op.f("ix_partners_partner_country"), "partners_partner", ["country"], unique=False)
    op.create_index(op.f("ix_partners_partner_domain"), "partners_partner", ["domain"], unique=False)
    op.create_index("ix_partners_partner_list", "partners_partner", ["status", "name", "id"], unique=False)
    op.create_index(op.f("ix_partners_partner_manager_id"), "partners_partner", ["manager_id"], unique=False)
    op.create_index(op.f("ix_partners_partner_name"), "partners_partner", ["name"], unique=False)
    op.create_index(op.f("ix_partners_partner_tax_key"), "partners_partner", ["tax_key"], unique=False)
    op.create_index(op.f("ix_partners_partner_tier"), "partners_partner", ["tier"], unique=False)
    op.create_table(
        "referrals_name_trigram",
        sa.Column("trigram", sa.Text(), nullable=False),
        sa.Column("key_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["key_id"],
            ["referrals_identity_key.id"],
            name=op.f("fk_referrals_name_trigram_key_id_referrals_identity_key"),
        ),
        sa.PrimaryKeyConstraint("trigram", "key_id", name=op.f("pk_referrals_name_trigram")),
    )
    op.create_index(
        op.f("ix_referrals_name_trigram_key_id"), "referrals_name_trigram", ["key_id"], unique=False
    )
    op.create_table(
        "academy_attempt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column(
            "status",
            sa.Enum("open", "passed", "failed", name="attemptstatus", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("pass_mark", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ran_out", sa.Boolean(), nullable=False),
        sa.Column("score", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("topics", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["academy_course.id"], name=op.f("fk_academy_attempt_course_id_academy_course")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["accounts_user.id"], name=op.f("fk_academy_attempt_user_id_accounts_user")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["academy_course_version.id"],
            name=op.f("fk_academy_attempt_version_id_academy_course_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_academy_attempt")),
    )
    op.create_index(op.f("ix_academy_attempt_course_id"), "academy_attempt", ["course_id"], unique=False)
    op.create_index(
        "ix_academy_attempt_due",
        "academy_attempt",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("status = 'open'"),
        sqlite_where=sa.text("status = 'open'"),
    )
    op.create_index(
        "ix_academy_attempt_history", "academy_attempt", ["user_id", "course_id", "started_at"], unique=False
    )
    op.create_index(op.f("ix_academy_attempt_version_id"), "academy_attempt", ["version_id"], unique=False)
    op.create_index(
        "uq_academy_attempt_open",
        "academy_attempt",
        ["user_id", "course_id"],
        unique=True,
        postgresql_where=sa.text("status = 'open'"),
        sqlite_where=sa.text("status = 'open'"),
    )
    op.create_table(
        "academy_exam",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("minutes", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("draws", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["academy_course_version.id"],
            name=op.f("fk_academy_exam_version_id_academy_course_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_academy_exam")),
        sa.UniqueConstraint("version_id", name=op.f("uq_academy_exam_version_id")),
    )
    op.create_table(
        "academy_lesson_completion",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("enrolment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lesson_key", sa.Text(), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["academy_enrolment.id"],
            name=op.f("fk_academy_lesson_completion_enrolment_id_academy_enrolment"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_academy_lesson_completion")),
        sa.UniqueConstraint(
            "enrolment_id", "lesson_key", name=op.f("uq_academy_lesson_completion_enrolment_id_lesson_key")
        ),
    )
    op.create_index(
        op.f("ix_academy_lesson_completion_lesson_key"),
        "academy_lesson_completion",
        ["lesson_key"],
        unique=False,
    )
    op.create_table(
        "academy_module",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("editions", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["academy_course_version.id"],
            name=op.f("fk_academy_module_version_id_academy_course_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_academy_module")),
    )
    op.create_index(op.f("ix_academy_module_version_id"), "academy_module", ["version_id"], unique=False)
    op.create_table(
        "commissions_account",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column(
            "type",
            sa.Enum(
                "asset",
                "liability",
                "expense",
                "income",
                "equity",
                name="accounttype",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("guarded", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "type IN ('asset', 'liability', 'expense', 'income', 'equity')",
            name=op.f("ck_commissions_account_type"),
        ),
        sa.CheckConstraint(
            "length(currency) = 3 AND currency = upper(currency)",
            name=op.f("ck_commissions_account_currency"),
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_commissions_account_partner_id_partners_partner"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commissions_account")),
        sa.UniqueConstraint("code", name=op.f("uq_commissions_account_code")),
        sa.UniqueConstraint("id", "currency", name=op.f("uq_commissions_account_id_currency")),
    )
    op.create_index(
        op.f("ix_commissions_account_partner_id"), "commissions_account", ["partner_id"], unique=False
    )
    op.create_table(
        "commissions_partner_book",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_commissions_partner_book_partner_id_partners_partner"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commissions_partner_book")),
        sa.UniqueConstraint("partner_id", name=op.f("uq_commissions_partner_book_partner_id")),
    )
    op.create_table(
        "commissions_payment_file",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("payout_ids", JSON, nullable=False),
        sa.Column("keys", JSON, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("execute_on", sa.Text(), nullable=False),
        sa.Column("debtor", JSON, nullable=False),
        sa.Column("total_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("executed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bank_reference", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["commissions_payout_run.id"],
            name=op.f("fk_commissions_payment_file_run_id_commissions_payout_run"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commissions_payment_file")),
        sa.UniqueConstraint("message_id", name=op.f("uq_commissions_payment_file_message_id")),
    )
    op.create_index(
        op.f("ix_commissions_payment_file_run_id"), "commissions_payment_file", ["run_id"], unique=False
    )
    op.create_table(
        "commissions_payout",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "method",
            sa.Enum("sepa", "stripe", "manual", name="payoutmethod", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("destination", JSON, nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "sending",
                "unknown",
                "sent",
                "paid",
                "failed",
                "reversed",
                name="payoutstatus",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("attempt", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reversed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_commissions_payout_positive")),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_commissions_payout_partner_id_partners_partner"),
        ),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["commissions_payout_run.id"],
            name=op.f("fk_commissions_payout_run_id_commissions_payout_run"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commissions_payout")),
        sa.UniqueConstraint("run_id", "partner_id", name=op.f("uq_commissions_payout_run_id_partner_id")),
    )
    op.create_index("ix_commissions_payout_partner", "commissions_payout", ["partner_id", "id"], unique=False)
    op.create_index("ix_commissions_payout_status", "commissions_payout", ["status", "id"], unique=False)
    op.create_table(
        "commissions_payout_profile",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "method",
            sa.Enum("sepa", "stripe", "manual", name="payoutmethod", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("iban", sa.Text(), nullable=False),
        sa.Column("bic", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("street", sa.Text(), nullable=False),
        sa.Column("postcode", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("stripe_account", sa.Text(), nullable=True),
        sa.Column("stripe_ready", sa.Boolean(), nullable=False),
        sa.Column("arrangement", sa.Text(), nullable=False),
        sa.Column(
            "vat_status",
            sa.Enum(
                "unknown",
                "registered",
                "small_business",
                "abroad",
                name="vatstatus",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_name", sa.Text(), nullable=False),
        sa.Column("pays_from", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_commissions_payout_profile_partner_id_partners_partner"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commissions_payout_profile")),
        sa.UniqueConstraint("partner_id", name=op.f("uq_commissions_payout_profile_partner_id")),
        sa.UniqueConstraint("stripe_account", name=op.f("uq_commissions_payout_profile_stripe_account")),
    )
    op.create_table(
        "commissions_statement",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opening_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("moved_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("closing_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("documents", JSON, nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "opening_minor + moved_minor = closing_minor", name=op.f("ck_commissions_statement_adds_up")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_commissions_statement_partner_id_partners_partner"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commissions_statement")),
        sa.UniqueConstraint("number", name=op.f("uq_commissions_statement_number")),
        sa.UniqueConstraint(
            "partner_id", "currency", "month", name=op.f("uq_commissions_statement_partner_id_currency_month")
        ),
    )
    op.create_index(
        "ix_commissions_statement_partner", "commissions_statement", ["partner_id", "id"], unique=False
    )
    op.create_table(
        "events_allocation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("budget_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("amount_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reserved_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("paid_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_events_allocation_amount")),
        sa.CheckConstraint(
            "reserved_minor + paid_minor <= amount_minor", name=op.f("ck_events_allocation_not_overdrawn")
        ),
        sa.CheckConstraint(
            "reserved_minor >= 0 AND paid_minor >= 0", name=op.f("ck_events_allocation_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["budget_id"], ["events_budget.id"], name=op.f("fk_events_allocation_budget_id_events_budget")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_events_allocation_partner_id_partners_partner"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events_allocation")),
    )
    op.create_index(op.f("ix_events_allocation_budget_id"), "events_allocation", ["budget_id"], unique=False)
    op.create_index(
        op.f("ix_events_allocation_partner_id"), "events_allocation", ["partner_id"], unique=False
    )
    op.create_table(
        "events_receipt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("storage_key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("likeness", sa.Text(), nullable=True),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_events_receipt_partner_id_partners_partner"),
        ),
        sa.ForeignKeyConstraint(
            ["uploaded_by_id"],
            ["accounts_user.id"],
            name=op.f("fk_events_receipt_uploaded_by_id_accounts_user"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events_receipt")),
    )
    op.create_index(op.f("ix_events_receipt_likeness"), "events_receipt", ["likeness"], unique=False)
    op.create_index(op.f("ix_events_receipt_partner_id"), "events_receipt", ["partner_id"], unique=False)
    op.create_index(op.f("ix_events_receipt_sha256"), "events_receipt", ["sha256"], unique=False)
    op.create_index(
        op.f("ix_events_receipt_uploaded_by_id"), "events_receipt", ["uploaded_by_id"], unique=False
    )
    op.create_table(
        "partners_agreement_acceptance",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("agreement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("accepted_by_name", sa.Text(), nullable=False),
        sa.Column("on_paper", sa.Boolean(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"],
            ["partners_agreement.id"],
            name=op.f("fk_partners_agreement_acceptance_agreement_id_partners_agreement"),
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_partners_agreement_acceptance_partner_id_partners_partner"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partners_agreement_acceptance")),
        sa.UniqueConstraint(
            "partner_id",
            "agreement_id",
            name=op.f("uq_partners_agreement_acceptance_partner_id_agreement_id"),
        ),
    )
    op.create_index(
        op.f("ix_partners_agreement_acceptance_agreement_id"),
        "partners_agreement_acceptance",
        ["agreement_id"],
        unique=False,
    )
    op.create_table(
        "partners_application",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "email_confirmed",
                "submitted",
                "in_review",
                "info_requested",
                "approved",
                "rejected",
                name="applicationstatus",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_key", sa.Text(), nullable=False),
        sa.Column("confirmation_digest", sa.Text(), nullable=True),
        sa.Column("confirmation_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("privacy_read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("privacy_hash", sa.Text(), nullable=True),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("legal_form", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("postcode", sa.Text(), nullable=False),
        sa.Column("tax_id", sa.Text(), nullable=False),
        sa.Column("tax_key", sa.Text(), nullable=True),
        sa.Column("website", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=True),
        sa.Column("employees", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "type",
            sa.Enum(
                "referral",
                "reseller",
                "integrator",
                "distributor",
                name="partnertype",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("regions", JSON, nullable=False),
        sa.Column("languages", JSON, nullable=False),
        sa.Column("products", JSON, nullable=False),
        sa.Column("services", JSON, nullable=False),
        sa.Column("industries", JSON, nullable=False),
        sa.Column(
            "heard_from",
            sa.Enum(
                "other_network",
                "customer",
                "website",
                "event",
                "partner",
                "other",
                name="heardfrom",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("heard_detail", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("answers", JSON, nullable=False),
        sa.Column("flags", JSON, nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("review_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "reason",
            sa.Enum(
                "coverage",
                "profile",
                "incomplete",
                "conflict",
                "other",
                name="rejectionreason",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("decision_note", sa.Text(), nullable=False),
        sa.Column("may_reapply_on", sa.Date(), nullable=True),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["accounts_user.id"],
            name=op.f("fk_partners_application_decided_by_id_accounts_user"),
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_partners_application_partner_id_partners_partner"),
        ),
        sa.ForeignKeyConstraint(
            ["reviewer_id"],
            ["accounts_user.id"],
            name=op.f("fk_partners_application_reviewer_id_accounts_user"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partners_application")),
        sa.UniqueConstraint("confirmation_digest", name=op.f("uq_partners_application_confirmation_digest")),
        sa.UniqueConstraint("token", name=op.f("uq_partners_application_token")),
    )
    op.create_index(
        "ix_partners_application_decided", "partners_application", ["decided_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_partners_application_decided_by_id"), "partners_application", ["decided_by_id"], unique=False
    )
    op.create_index(op.f("ix_partners_application_domain"), "partners_application", ["domain"], unique=False)
    op.create_index(
        op.f("ix_partners_application_email_key"), "partners_application", ["email_key"], unique=False
    )
    op.create_index(
        op.f("ix_partners_application_partner_id"), "partners_application", ["partner_id"], unique=False
    )
    op.create_index(
        "ix_partners_application_queue",
        "partners_application",
        ["status", "review_due_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_partners_application_reviewer_id"), "partners_application", ["reviewer_id"], unique=False
    )
    op.create_index(
        op.f("ix_partners_application_tax_key"), "partners_application", ["tax_key"], unique=False
    )
    op.create_table(
        "partners_member",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_partners_member_partner_id_partners_partner"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["accounts_user.id"], name=op.f("fk_partners_member_user_id_accounts_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partners_member")),
        sa.UniqueConstraint("user_id", name=op.f("uq_partners_member_user_id")),
    )
    op.create_index(op.f("ix_partners_member_partner_id"), "partners_member", ["partner_id"], unique=False)
    op.create_table(
        "referrals_customer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("domain", sa.Text(), nullable=True),
        sa.Column("size", sa.Text(), nullable=True),
        sa.Column("tax_id", sa.Text(), nullable=True),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("tax_key", sa.Text(), nullable=True),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_referrals_customer_partner_id_partners_partner"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals_customer")),
        sa.UniqueConstraint("external_id", name=op.f("uq_referrals_customer_external_id")),
    )
    op.create_index(op.f("ix_referrals_customer_domain"), "referrals_customer", ["domain"], unique=False)
    op.create_index("ix_referrals_customer_name", "referrals_customer", ["name", "id"], unique=False)
    op.create_index(op.f("ix_referrals_customer_name_key"), "referrals_customer", ["name_key"], unique=False)
    op.create_index(
        "ix_referrals_customer_partner_id_name",
        "referrals_customer",
        ["partner_id", "name", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_referrals_customer_tax_key"), "referrals_customer", ["tax_key"], unique=False)
    op.create_table(
        "referrals_lead",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "new",
                "triage",
                "spam",
                "duplicate",
                "unqualified",
                "qualified",
                "offered",
                "available",
                "accepted",
                "claimed",
                "contacted",
                "working",
                "won",
                "lost",
                "recycled",
                name="leadstatus",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "origin",
            sa.Enum(
                "embedded_form",
                "hosted_form",
                "api",
                "import",
                "product",
                "finder",
                "event",
                "staff",
                name="leadorigin",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("caller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("caller_key", sa.Text(), nullable=True),
        sa.Column("company", sa.Text(), nullable=True),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("tax_id", sa.Text(), nullable=True),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("postcode", sa.Text(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("industry", sa.Text(), nullable=True),
        sa.Column("employees", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("product_codes", JSON, nullable=False),
        sa.Column("service_kinds", JSON, nullable=False),
        sa.Column("size_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("call_at", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("campaign", sa.Text(), nullable=True),
        sa.Column("referral_code", sa.Text(), nullable=True),
        sa.Column("page_url", sa.Text(), nullable=True),
        sa.Column("event_partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("consent_version", sa.Text(), nullable=True),
        sa.Column("consent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("explicit_partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("wanted_partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("duplicate_of_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("spam_signs", JSON, nullable=False),
        sa.Column("held_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("contact_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("contacted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_activity_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "company IS NOT NULL OR email IS NOT NULL", name=op.f("ck_referrals_lead_says_who")
        ),
        sa.ForeignKeyConstraint(
            ["duplicate_of_id"],
            ["referrals_lead.id"],
            name=op.f("fk_referrals_lead_duplicate_of_id_referrals_lead"),
        ),
        sa.ForeignKeyConstraint(
            ["event_partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_referrals_lead_event_partner_id_partners_partner"),
        ),
        sa.ForeignKeyConstraint(
            ["explicit_partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_referrals_lead_explicit_partner_id_partners_partner"),
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_referrals_lead_partner_id_partners_partner"),
        ),
        sa.ForeignKeyConstraint(
            ["wanted_partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_referrals_lead_wanted_partner_id_partners_partner"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals_lead")),
        sa.UniqueConstraint("caller_id", "caller_key", name=op.f("uq_referrals_lead_caller_id_caller_key")),
    )
    op.create_index("ix_referrals_lead_due", "referrals_lead", ["contact_due_at"], unique=False)
    op.create_index(
        op.f("ix_referrals_lead_duplicate_of_id"), "referrals_lead", ["duplicate_of_id"], unique=False
    )
    op.create_index("ix_referrals_lead_idle", "referrals_lead", ["status", "last_activity_at"], unique=False)
    op.create_index(
        "ix_referrals_lead_partner", "referrals_lead", ["partner_id", "status", "id"], unique=False
    )
    op.create_index(op.f("ix_referrals_lead_received_at"), "referrals_lead", ["received_at"], unique=False)
    op.create_index("ix_referrals_lead_status", "referrals_lead", ["status", "id"], unique=False)
    op.create_table(
        "referrals_named_account",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_referrals_named_account_partner_id_partners_partner"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals_named_account")),
        sa.UniqueConstraint("domain", name=op.f("uq_referrals_named_account_domain")),
    )
    op.create_index(
        op.f("ix_referrals_named_account_partner_id"), "referrals_named_account", ["partner_id"], unique=False
    )
    op.create_table(
        "referrals_referral_code",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_referrals_referral_code_partner_id_partners_partner"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals_referral_code")),
        sa.UniqueConstraint("code", name=op.f("uq_referrals_referral_code_code")),
    )
    op.create_index(
        op.f("ix_referrals_referral_code_partner_id"), "referrals_referral_code", ["partner_id"], unique=False
    )
    op.create_table(
        "academy_attempt_item",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("attempt_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("question_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("shown", JSON, nullable=False),
        sa.Column("given", JSON, nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("score", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["academy_attempt.id"],
            name=op.f("fk_academy_attempt_item_attempt_id_academy_attempt"),
        ),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["academy_question.id"],
            name=op.f("fk_academy_attempt_item_question_id_academy_question"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_academy_attempt_item")),
        sa.UniqueConstraint(
            "attempt_id", "position", name=op.f("uq_academy_attempt_item_attempt_id_position")
        ),
    )
    op.create_index(
        op.f("ix_academy_attempt_item_question_id"), "academy_attempt_item", ["question_id"], unique=False
    )
    op.create_table(
        "academy_certificate",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("course_version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("attempt_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column(
            "level",
            sa.Enum("foundation", "professional", "expert", name="level", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column(
            "band",
            sa.Enum("passed", "distinction", name="band", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("revocation_reason", sa.Text(), nullable=False),
        sa.Column("reminded_days", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["academy_attempt.id"],
            name=op.f("fk_academy_certificate_attempt_id_academy_attempt"),
        ),
        sa.ForeignKeyConstraint(
            ["course_id"], ["academy_course.id"], name=op.f("fk_academy_certificate_course_id_academy_course")
        ),
        sa.ForeignKeyConstraint(
            ["course_version_id"],
            ["academy_course_version.id"],
            name=op.f("fk_academy_certificate_course_version_id_academy_course_version"),
        ),
        sa.ForeignKeyConstraint(
            ["revoked_by_id"],
            ["accounts_user.id"],
            name=op.f("fk_academy_certificate_revoked_by_id_accounts_user"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["accounts_user.id"], name=op.f("fk_academy_certificate_user_id_accounts_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_academy_certificate")),
        sa.UniqueConstraint("attempt_id", name=op.f("uq_academy_certificate_attempt_id")),
        sa.UniqueConstraint("serial", name=op.f("uq_academy_certificate_serial")),
    )
    op.create_index(
        op.f("ix_academy_certificate_course_id"), "academy_certificate", ["course_id"], unique=False
    )
    op.create_index(
        op.f("ix_academy_certificate_course_version_id"),
        "academy_certificate",
        ["course_version_id"],
        unique=False,
    )
    op.create_index(
        "ix_academy_certificate_expiry", "academy_certificate", ["expires_at", "id"], unique=False
    )
    op.create_index(
        "ix_academy_certificate_holder", "academy_certificate", ["user_id", "course_id"], unique=False
    )
    op.create_index("ix_academy_certificate_issued", "academy_certificate", ["issued_at", "id"], unique=False)
    op.create_index(
        op.f("ix_academy_certificate_revoked_by_id"), "academy_certificate", ["revoked_by_id"], unique=False
    )
    op.create_index(
        "uq_academy_certificate_standing",
        "academy_certificate",
        ["user_id", "course_id"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL AND superseded_at IS NULL"),
        sqlite_where=sa.text("revoked_at IS NULL AND superseded_at IS NULL"),
    )
    op.create_table(
        "academy_lesson",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("module_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("minutes", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("editions", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["module_id"], ["academy_module.id"], name=op.f("fk_academy_lesson_module_id_academy_module")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_academy_lesson")),
    )
    op.create_index(op.f("ix_academy_lesson_key"), "academy_lesson", ["key"], unique=False)
    op.create_index(op.f("ix_academy_lesson_module_id"), "academy_lesson", ["module_id"], unique=False)
    op.create_table(
        "commissions_balance",
        sa.Column(
            "account_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("amount_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lines", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("last_line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["commissions_account.id"],
            name=op.f("fk_commissions_balance_account_id_commissions_account"),
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_commissions_balance")),
    )
    op.create_table(
        "commissions_journal_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("journal_entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "amount_minor <> 0 AND amount_minor > -1000000000000000 AND amount_minor < 1000000000000000",
            name=op.f("ck_commissions_journal_line_amount_in_range"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id", "currency"],
            ["commissions_account.id", "commissions_account.currency"],
            name="fk_journal_line_currency_of_account",
        ),
        sa.ForeignKeyConstraint(
            ["journal_entry_id"],
            ["commissions_journal_entry.id"],
            name=op.f("fk_commissions_journal_line_journal_entry_id_commissions_journal_entry"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commissions_journal_line")),
    )
    op.create_index(
        "ix_commissions_journal_line_account", "commissions_journal_line", ["account_id", "id"], unique=False
    )
    op.create_index(
        op.f("ix_commissions_journal_line_journal_entry_id"),
        "commissions_journal_line",
        ["journal_entry_id"],
        unique=False,
    )
    op.create_table(
        "commissions_payout_attempt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("payout_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("order", JSON, nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["payout_id"],
            ["commissions_payout.id"],
            name=op.f("fk_commissions_payout_attempt_payout_id_commissions_payout"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commissions_payout_attempt")),
        sa.UniqueConstraint("key", name=op.f("uq_commissions_payout_attempt_key")),
        sa.UniqueConstraint(
            "payout_id", "number", name=op.f("uq_commissions_payout_attempt_payout_id_number")
        ),
    )
    op.create_index(
        "uq_commissions_payout_attempt_one_open",
        "commissions_payout_attempt",
        ["payout_id"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
        sqlite_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "commissions_statement_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("statement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("journal_entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("amount_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["journal_entry_id"],
            ["commissions_journal_entry.id"],
            name=op.f("fk_commissions_statement_line_journal_entry_id_commissions_journal_entry"),
        ),
        sa.ForeignKeyConstraint(
            ["statement_id"],
            ["commissions_statement.id"],
            name=op.f("fk_commissions_statement_line_statement_id_commissions_statement"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commissions_statement_line")),
        sa.UniqueConstraint("journal_entry_id", name=op.f("uq_commissions_statement_line_journal_entry_id")),
    )
    op.create_index(
        "ix_commissions_statement_line_statement",
        "commissions_statement_line",
        ["statement_id", "position"],
        unique=False,
    )
    op.create_table(
        "events_funding_request",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "submitted",
                "info_requested",
                "approved",
                "declined",
                "withdrawn",
                "expired",
                name="requeststatus",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "activity",
            sa.Enum(
                "seminar",
                "workshop",
                "breakfast",
                "conference_stand",
                "webinar",
                "digital_campaign",
                "mailing",
                "other",
                name="activity",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("venue", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("goal", sa.Text(), nullable=False),
        sa.Column("expected_guests", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("expected_leads", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seats", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("own_share_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("co_hosts", JSON, nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decision_note", sa.Text(), nullable=False),
        sa.Column("allocation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("approved_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("rate", sa.Text(), nullable=True),
        sa.Column("cap_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("claim_by", sa.Date(), nullable=True),
        sa.Column("reserved_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("reserved_minor >= 0", name=op.f("ck_events_funding_request_reserved")),
        sa.ForeignKeyConstraint(
            ["allocation_id"],
            ["events_allocation.id"],
            name=op.f("fk_events_funding_request_allocation_id_events_allocation"),
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["accounts_user.id"],
            name=op.f("fk_events_funding_request_created_by_id_accounts_user"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["accounts_user.id"],
            name=op.f("fk_events_funding_request_decided_by_id_accounts_user"),
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_events_funding_request_partner_id_partners_partner"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events_funding_request")),
    )
    op.create_index(
        op.f("ix_events_funding_request_allocation_id"),
        "events_funding_request",
        ["allocation_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_events_funding_request_created_by_id"),
        "events_funding_request",
        ["created_by_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_events_funding_request_decided_by_id"),
        "events_funding_request",
        ["decided_by_id"],
        unique=False,
    )
    op.create_index(
        "ix_events_funding_request_partner", "events_funding_request", ["partner_id", "id"], unique=False
    )
    op.create_index(
        "ix_events_funding_request_queue", "events_funding_request", ["status", "due_at", "id"], unique=False
    )
    op.create_index(
        "ix_events_funding_request_starts", "events_funding_request", ["starts_at", "id"], unique=False
    )
    op.create_table(
        "partners_application_note",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("from_applicant", sa.Boolean(), nullable=False),
        sa.Column("is_internal", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["partners_application.id"],
            name=op.f("fk_partners_application_note_application_id_partners_application"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partners_application_note")),
    )
    op.create_index(
        op.f("ix_partners_application_note_application_id"),
        "partners_application_note",
        ["application_id"],
        unique=False,
    )
    op.create_table(
        "referrals_customer_key",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["referrals_customer.id"],
            name=op.f("fk_referrals_customer_key_customer_id_referrals_customer"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals_customer_key")),
        sa.UniqueConstraint("kind", "value", name=op.f("uq_referrals_customer_key_kind_value")),
    )
    op.create_index(
        op.f("ix_referrals_customer_key_customer_id"), "referrals_customer_key", ["customer_id"], unique=False
    )
    op.create_table(
        "referrals_deal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lead_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "origin",
            sa.Enum("registered", "routed", name="dealorigin", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "submitted",
                "in_review",
                "info_requested",
                "approved",
                "won",
                "lost",
                "expired",
                "withdrawn",
                "rejected",
                name="dealstatus",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("domain", sa.Text(), nullable=True),
        sa.Column("tax_id", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("postcode", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("need", sa.Text(), nullable=False),
        sa.Column("product_codes", JSON, nullable=False),
        sa.Column("close_expected_on", sa.Date(), nullable=True),
        sa.Column("conflict", sa.Text(), nullable=True),
        sa.Column("conflict_findings", JSON, nullable=False),
        sa.Column("receipt", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decide_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("question", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column(
            "rejection_code",
            sa.Enum(
                "already_protected",
                "existing_customer",
                "vendor_opportunity",
                "not_enough_evidence",
                "outside_the_programme",
                "other",
                name="rejectioncode",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("rejection_text", sa.Text(), nullable=True),
        sa.Column("protected_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("extended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("extension_evidence", sa.Text(), nullable=True),
        sa.Column("reminded_days", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("order_reference", sa.Text(), nullable=True),
        sa.Column("order_reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("order_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("order_refused_because", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "lost_reason",
            sa.Enum(
                "price",
                "competitor",
                "no_budget",
                "no_decision",
                "missing_feature",
                "timing",
                "other",
                name="lostreason",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("lost_text", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["referrals_customer.id"],
            name=op.f("fk_referrals_deal_customer_id_referrals_customer"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["accounts_user.id"],
            name=op.f("fk_referrals_deal_decided_by_id_accounts_user"),
        ),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["referrals_lead.id"], name=op.f("fk_referrals_deal_lead_id_referrals_lead")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["accounts_user.id"], name=op.f("fk_referrals_deal_owner_id_accounts_user")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_referrals_deal_partner_id_partners_partner"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals_deal")),
    )
    op.create_index(op.f("ix_referrals_deal_customer_id"), "referrals_deal", ["customer_id"], unique=False)
    op.create_index(
        op.f("ix_referrals_deal_decided_by_id"), "referrals_deal", ["decided_by_id"], unique=False
    )
    op.create_index(op.f("ix_referrals_deal_domain"), "referrals_deal", ["domain"], unique=False)
    op.create_index(op.f("ix_referrals_deal_lead_id"), "referrals_deal", ["lead_id"], unique=False)
    op.create_index(
        op.f("ix_referrals_deal_order_reference"), "referrals_deal", ["order_reference"], unique=False
    )
    op.create_index(op.f("ix_referrals_deal_owner_id"), "referrals_deal", ["owner_id"], unique=False)
    op.create_index(
        "ix_referrals_deal_partner_id_status", "referrals_deal", ["partner_id", "status", "id"], unique=False
    )
    op.create_index(
        "ix_referrals_deal_status_decide_by", "referrals_deal", ["status", "decide_by", "id"], unique=False
    )
    op.create_index(
        "ix_referrals_deal_status_protected_until",
        "referrals_deal",
        ["status", "protected_until", "id"],
        unique=False,
    )
    op.create_index(
        "uq_referrals_deal_open_lead_id",
        "referrals_deal",
        ["lead_id"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
        sqlite_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "referrals_lead_claim",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lead_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("claimed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "way", sa.Enum("pool", "offer", name="claimway", native_enum=False, length=40), nullable=False
        ),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["claimed_by_id"],
            ["accounts_user.id"],
            name=op.f("fk_referrals_lead_claim_claimed_by_id_accounts_user"),
        ),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["referrals_lead.id"], name=op.f("fk_referrals_lead_claim_lead_id_referrals_lead")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_referrals_lead_claim_partner_id_partners_partner"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals_lead_claim")),
    )
    op.create_index(
        op.f("ix_referrals_lead_claim_lead_id"), "referrals_lead_claim", ["lead_id"], unique=False
    )
    op.create_index(
        "ix_referrals_lead_claim_partner", "referrals_lead_claim", ["partner_id", "claimed_at"], unique=False
    )
    op.create_index(
        "uq_referrals_lead_claim_active",
        "referrals_lead_claim",
        ["lead_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "referrals_lead_contact",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lead_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("call", "email", "meeting", "note", name="contactkind", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["referrals_lead.id"], name=op.f("fk_referrals_lead_contact_lead_id_referrals_lead")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_referrals_lead_contact_partner_id_partners_partner"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["accounts_user.id"], name=op.f("fk_referrals_lead_contact_user_id_accounts_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals_lead_contact")),
    )
    op.create_index(
        op.f("ix_referrals_lead_contact_lead_id"), "referrals_lead_contact", ["lead_id"], unique=False
    )
    op.create_table(
        "referrals_lead_key",
        sa.Column("lead_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["key_id"],
            ["referrals_identity_key.id"],
            name=op.f("fk_referrals_lead_key_key_id_referrals_identity_key"),
        ),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["referrals_lead.id"], name=op.f("fk_referrals_lead_key_lead_id_referrals_lead")
        ),
        sa.PrimaryKeyConstraint("lead_id", "key_id", name=op.f("pk_referrals_lead_key")),
    )
    op.create_index(op.f("ix_referrals_lead_key_key_id"), "referrals_lead_key", ["key_id"], unique=False)
    op.create_table(
        "referrals_routing_decision",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lead_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("policy_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("choice", sa.Text(), nullable=False),
        sa.Column("seed", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("overrides", JSON, nullable=False),
        sa.Column("filtered_out", JSON, nullable=False),
        sa.Column("partners_asked", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["lead_id"],
            ["referrals_lead.id"],
            name=op.f("fk_referrals_routing_decision_lead_id_referrals_lead"),
        ),
        sa.ForeignKeyConstraint(
            ["policy_id"],
            ["referrals_routing_policy.id"],
            name=op.f("fk_referrals_routing_decision_policy_id_referrals_routing_policy"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals_routing_decision")),
    )
    op.create_index(
        op.f("ix_referrals_routing_decision_lead_id"), "referrals_routing_decision", ["lead_id"], unique=False
    )
    op.create_table(
        "events_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("request_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column(
            "status",
            sa.Enum("planned", "held", "cancelled", name="eventstatus", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column(
            "activity",
            sa.Enum(
                "seminar",
                "workshop",
                "breakfast",
                "conference_stand",
                "webinar",
                "digital_campaign",
                "mailing",
                "other",
                name="activity",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("venue", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("seats", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partners_partner.id"], name=op.f("fk_events_event_partner_id_partners_partner")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["events_funding_request.id"],
            name=op.f("fk_events_event_request_id_events_funding_request"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events_event")),
        sa.UniqueConstraint("request_id", name=op.f("uq_events_event_request_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_events_event_slug")),
    )
    op.create_index(
        "ix_events_event_partner", "events_event", ["partner_id", "starts_at", "id"], unique=False
    )
    op.create_index("ix_events_event_public", "events_event", ["status", "starts_at", "id"], unique=False)
    op.create_table(
        "events_funding_claim",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("request_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "submitted",
                "info_requested",
                "proposed",
                "approved",
                "rejected",
                "appealed",
                "decided",
                "reimbursed",
                "expired",
                name="claimstatus",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("proposed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decision_note", sa.Text(), nullable=False),
        sa.Column("appeal_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("appeal", sa.Text(), nullable=False),
        sa.Column("reimbursed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "amount_minor IS NULL OR amount_minor >= 0", name=op.f("ck_events_funding_claim_amount")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["accounts_user.id"],
            name=op.f("fk_events_funding_claim_created_by_id_accounts_user"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["accounts_user.id"],
            name=op.f("fk_events_funding_claim_decided_by_id_accounts_user"),
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_events_funding_claim_partner_id_partners_partner"),
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by_id"],
            ["accounts_user.id"],
            name=op.f("fk_events_funding_claim_proposed_by_id_accounts_user"),
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["events_funding_request.id"],
            name=op.f("fk_events_funding_claim_request_id_events_funding_request"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events_funding_claim")),
        sa.UniqueConstraint("request_id", name=op.f("uq_events_funding_claim_request_id")),
    )
    op.create_index(
        op.f("ix_events_funding_claim_created_by_id"), "events_funding_claim", ["created_by_id"], unique=False
    )
    op.create_index(
        op.f("ix_events_funding_claim_decided_by_id"), "events_funding_claim", ["decided_by_id"], unique=False
    )
    op.create_index(
        "ix_events_funding_claim_partner", "events_funding_claim", ["partner_id", "id"], unique=False
    )
    op.create_index(
        op.f("ix_events_funding_claim_proposed_by_id"),
        "events_funding_claim",
        ["proposed_by_id"],
        unique=False,
    )
    op.create_index(
        "ix_events_funding_claim_queue", "events_funding_claim", ["status", "due_at", "id"], unique=False
    )
    op.create_table(
        "events_funding_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("request_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "room",
                "equipment",
                "speakers",
                "catering",
                "printing",
                "media",
                "agency",
                "travel",
                "other",
                name="costkind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_events_funding_line_amount")),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["events_funding_request.id"],
            name=op.f("fk_events_funding_line_request_id_events_funding_request"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events_funding_line")),
    )
    op.create_index(
        op.f("ix_events_funding_line_request_id"), "events_funding_line", ["request_id"], unique=False
    )
    op.create_table(
        "referrals_deal_key",
        sa.Column("deal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["referrals_deal.id"], name=op.f("fk_referrals_deal_key_deal_id_referrals_deal")
        ),
        sa.ForeignKeyConstraint(
            ["key_id"],
            ["referrals_identity_key.id"],
            name=op.f("fk_referrals_deal_key_key_id_referrals_identity_key"),
        ),
        sa.PrimaryKeyConstraint("deal_id", "key_id", name=op.f("pk_referrals_deal_key")),
    )
    op.create_index(op.f("ix_referrals_deal_key_key_id"), "referrals_deal_key", ["key_id"], unique=False)
    op.create_table(
        "referrals_estimate",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("deal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column(
            "billed_by",
            sa.Enum("vendor", "partner", name="billedby", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("total_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("licence_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["accounts_user.id"],
            name=op.f("fk_referrals_estimate_created_by_id_accounts_user"),
        ),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["referrals_deal.id"], name=op.f("fk_referrals_estimate_deal_id_referrals_deal")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals_estimate")),
        sa.UniqueConstraint("deal_id", "version", name=op.f("uq_referrals_estimate_deal_id_version")),
    )
    op.create_index(
        op.f("ix_referrals_estimate_created_by_id"), "referrals_estimate", ["created_by_id"], unique=False
    )
    op.create_table(
        "referrals_offer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lead_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("decision_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "offered",
                "accepted",
                "declined",
                "lapsed",
                "withdrawn",
                name="offerstatus",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("answer_hours", sa.Double(), nullable=True),
        sa.Column(
            "decline_reason",
            sa.Enum(
                "no_capacity",
                "outside_field",
                "outside_area",
                "unclear",
                "duplicate_of_ours",
                "spam",
                "other",
                name="declinereason",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("decline_note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["answered_by_id"],
            ["accounts_user.id"],
            name=op.f("fk_referrals_offer_answered_by_id_accounts_user"),
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"],
            ["referrals_routing_decision.id"],
            name=op.f("fk_referrals_offer_decision_id_referrals_routing_decision"),
        ),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["referrals_lead.id"], name=op.f("fk_referrals_offer_lead_id_referrals_lead")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_referrals_offer_partner_id_partners_partner"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals_offer")),
    )
    op.create_index("ix_referrals_offer_due", "referrals_offer", ["status", "due_at"], unique=False)
    op.create_index(
        "ix_referrals_offer_lately", "referrals_offer", ["offered_at", "partner_id"], unique=False
    )
    op.create_index(op.f("ix_referrals_offer_lead_id"), "referrals_offer", ["lead_id"], unique=False)
    op.create_index(
        "ix_referrals_offer_partner", "referrals_offer", ["partner_id", "status", "due_at"], unique=False
    )
    op.create_index(
        "uq_referrals_offer_open",
        "referrals_offer",
        ["lead_id", "partner_id"],
        unique=True,
        sqlite_where=sa.text("status = 'offered'"),
        postgresql_where=sa.text("status = 'offered'"),
    )
    op.create_table(
        "referrals_routing_candidate",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("decision_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("points", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("factors", JSON, nullable=False),
        sa.Column("waived", JSON, nullable=False),
        sa.Column("rank", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("chosen", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"],
            ["referrals_routing_decision.id"],
            name=op.f("fk_referrals_routing_candidate_decision_id_referrals_routing_decision"),
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_referrals_routing_candidate_partner_id_partners_partner"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals_routing_candidate")),
    )
    op.create_index(
        op.f("ix_referrals_routing_candidate_decision_id"),
        "referrals_routing_candidate",
        ["decision_id"],
        unique=False,
    )
    op.create_index(
        "ix_referrals_routing_candidate_partner",
        "referrals_routing_candidate",
        ["partner_id", "decision_id"],
        unique=False,
    )
    op.create_table(
        "referrals_sale",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("invoice", sa.Text(), nullable=True),
        sa.Column("customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("deal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "type",
            sa.Enum("new", "renewal", "expansion", name="saletype", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column(
            "billed_by",
            sa.Enum("vendor", "partner", name="billedby", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("plan_code", sa.Text(), nullable=True),
        sa.Column("referral_code", sa.Text(), nullable=True),
        sa.Column(
            "paid", sa.Enum("full", "none", "part", name="paid", native_enum=False, length=40), nullable=False
        ),
        sa.Column("paid_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("total_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("metadata", JSON, nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "attributed",
                "unattributed",
                "held",
                "reversed",
                name="salestatus",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "attribution_source",
            sa.Enum(
                "partner",
                "deal",
                "order",
                "code",
                "customer",
                "manager",
                name="attributionsource",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("attribution", JSON, nullable=False),
        sa.Column("held_because", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["referrals_customer.id"],
            name=op.f("fk_referrals_sale_customer_id_referrals_customer"),
        ),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["referrals_deal.id"], name=op.f("fk_referrals_sale_deal_id_referrals_deal")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_referrals_sale_partner_id_partners_partner"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals_sale")),
        sa.UniqueConstraint("invoice", name=op.f("uq_referrals_sale_invoice")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_referrals_sale_source_external_id")),
    )
    op.create_index(
        "ix_referrals_sale_customer_id_occurred_at",
        "referrals_sale",
        ["customer_id", "occurred_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_referrals_sale_deal_id"), "referrals_sale", ["deal_id"], unique=False)
    op.create_index("ix_referrals_sale_occurred_at", "referrals_sale", ["occurred_at", "id"], unique=False)
    op.create_index(
        "ix_referrals_sale_partner_id_occurred_at",
        "referrals_sale",
        ["partner_id", "occurred_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_referrals_sale_status_occurred_at",
        "referrals_sale",
        ["status", "occurred_at", "id"],
        unique=False,
    )
    op.create_table(
        "commissions_cap_use",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sale_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cap_key", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sale_name", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["sale_id"], ["referrals_sale.id"], name=op.f("fk_commissions_cap_use_sale_id_referrals_sale")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commissions_cap_use")),
        sa.UniqueConstraint("sale_id", "cap_key", name=op.f("uq_commissions_cap_use_sale_id_cap_key")),
    )
    op.create_index(
        "ix_commissions_cap_use_order",
        "commissions_cap_use",
        ["cap_key", "occurred_at", "sale_name"],
        unique=False,
    )
    op.create_table(
        "commissions_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("sale_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("line", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "commission",
                "split",
                "reversal",
                "bonus",
                "adjustment",
                "reimbursement",
                "set_off",
                name="entrykind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "beneficiary_type",
            sa.Enum("partner", "vendor", name="beneficiarytype", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("amount_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("plan_version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("available_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proof", JSON, nullable=False),
        sa.Column("corrects_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(beneficiary_type = 'partner') = (partner_id IS NOT NULL)",
            name=op.f("ck_commissions_entry_beneficiary"),
        ),
        sa.CheckConstraint(
            "amount_minor <> 0 AND amount_minor > -1000000000000000 AND amount_minor < 1000000000000000",
            name=op.f("ck_commissions_entry_amount_in_range"),
        ),
        sa.ForeignKeyConstraint(
            ["corrects_id"],
            ["commissions_entry.id"],
            name=op.f("fk_commissions_entry_corrects_id_commissions_entry"),
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_commissions_entry_partner_id_partners_partner"),
        ),
        sa.ForeignKeyConstraint(
            ["plan_version_id"],
            ["commissions_plan_version.id"],
            name=op.f("fk_commissions_entry_plan_version_id_commissions_plan_version"),
        ),
        sa.ForeignKeyConstraint(
            ["sale_id"], ["referrals_sale.id"], name=op.f("fk_commissions_entry_sale_id_referrals_sale")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commissions_entry")),
        sa.UniqueConstraint("key", name=op.f("uq_commissions_entry_key")),
    )
    op.create_index(
        "ix_commissions_entry_available", "commissions_entry", ["currency", "available_at"], unique=False
    )
    op.create_index(op.f("ix_commissions_entry_cause"), "commissions_entry", ["cause"], unique=False)
    op.create_index(
        op.f("ix_commissions_entry_corrects_id"), "commissions_entry", ["corrects_id"], unique=False
    )
    op.create_index(
        "ix_commissions_entry_partner",
        "commissions_entry",
        ["partner_id", "currency", "received_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_commissions_entry_plan_version_id"), "commissions_entry", ["plan_version_id"], unique=False
    )
    op.create_index("ix_commissions_entry_sale", "commissions_entry", ["sale_id", "id"], unique=False)
    op.create_table(
        "commissions_pair",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("plan_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("plan_version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("first_sale_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_sale_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["referrals_customer.id"],
            name=op.f("fk_commissions_pair_customer_id_referrals_customer"),
        ),
        sa.ForeignKeyConstraint(
            ["first_sale_id"],
            ["referrals_sale.id"],
            name=op.f("fk_commissions_pair_first_sale_id_referrals_sale"),
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_commissions_pair_partner_id_partners_partner"),
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["commissions_plan.id"], name=op.f("fk_commissions_pair_plan_id_commissions_plan")
        ),
        sa.ForeignKeyConstraint(
            ["plan_version_id"],
            ["commissions_plan_version.id"],
            name=op.f("fk_commissions_pair_plan_version_id_commissions_plan_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commissions_pair")),
        sa.UniqueConstraint(
            "customer_id",
            "partner_id",
            "plan_id",
            name=op.f("uq_commissions_pair_customer_id_partner_id_plan_id"),
        ),
    )
    op.create_index(op.f("ix_commissions_pair_partner_id"), "commissions_pair", ["partner_id"], unique=False)
    op.create_index(
        op.f("ix_commissions_pair_plan_version_id"), "commissions_pair", ["plan_version_id"], unique=False
    )
    op.create_table(
        "events_claim_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("claim_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "room",
                "equipment",
                "speakers",
                "catering",
                "printing",
                "media",
                "agency",
                "travel",
                "other",
                name="costkind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("supplier", sa.Text(), nullable=False),
        sa.Column("supplier_tax_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("dated_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("gross_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tax_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("excluded_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("excluded_because", sa.Text(), nullable=False),
        sa.Column("rate", sa.Text(), nullable=True),
        sa.Column("receipt_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("cut_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("is_refused", sa.Boolean(), nullable=False),
        sa.Column("vendor_note", sa.Text(), nullable=False),
        sa.Column("file_key", sa.Text(), nullable=True),
        sa.Column("document_by_tax", sa.Text(), nullable=True),
        sa.Column("document_by_name", sa.Text(), nullable=True),
        sa.Column("is_live", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "cut_minor >= 0 AND cut_minor <= gross_minor", name=op.f("ck_events_claim_line_cut")
        ),
        sa.CheckConstraint(
            "excluded_minor >= 0 AND excluded_minor <= gross_minor",
            name=op.f("ck_events_claim_line_excluded"),
        ),
        sa.CheckConstraint("gross_minor > 0", name=op.f("ck_events_claim_line_gross")),
        sa.CheckConstraint(
            "tax_minor >= 0 AND tax_minor < gross_minor", name=op.f("ck_events_claim_line_tax")
        ),
        sa.ForeignKeyConstraint(
            ["claim_id"],
            ["events_funding_claim.id"],
            name=op.f("fk_events_claim_line_claim_id_events_funding_claim"),
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_events_claim_line_partner_id_partners_partner"),
        ),
        sa.ForeignKeyConstraint(
            ["receipt_id"], ["events_receipt.id"], name=op.f("fk_events_claim_line_receipt_id_events_receipt")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events_claim_line")),
    )
    op.create_index(op.f("ix_events_claim_line_claim_id"), "events_claim_line", ["claim_id"], unique=False)
    op.create_index(
        op.f("ix_events_claim_line_partner_id"), "events_claim_line", ["partner_id"], unique=False
    )
    op.create_index(
        op.f("ix_events_claim_line_receipt_id"), "events_claim_line", ["receipt_id"], unique=False
    )
    op.create_index(
        "uq_events_claim_line_by_name",
        "events_claim_line",
        ["document_by_name"],
        unique=True,
        sqlite_where=sa.text("is_live"),
        postgresql_where=sa.text("is_live"),
    )
    op.create_index(
        "uq_events_claim_line_by_tax",
        "events_claim_line",
        ["document_by_tax"],
        unique=True,
        sqlite_where=sa.text("is_live"),
        postgresql_where=sa.text("is_live"),
    )
    op.create_index(
        "uq_events_claim_line_file",
        "events_claim_line",
        ["file_key"],
        unique=True,
        sqlite_where=sa.text("is_live"),
        postgresql_where=sa.text("is_live"),
    )
    op.create_table(
        "events_proof",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("claim_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "agenda",
                "photos",
                "attendees",
                "link",
                "screenshot",
                "copy",
                name="proofkind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("receipt_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["claim_id"],
            ["events_funding_claim.id"],
            name=op.f("fk_events_proof_claim_id_events_funding_claim"),
        ),
        sa.ForeignKeyConstraint(
            ["receipt_id"], ["events_receipt.id"], name=op.f("fk_events_proof_receipt_id_events_receipt")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events_proof")),
    )
    op.create_index(op.f("ix_events_proof_claim_id"), "events_proof", ["claim_id"], unique=False)
    op.create_index(op.f("ix_events_proof_receipt_id"), "events_proof", ["receipt_id"], unique=False)
    op.create_table(
        "events_registration",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "registered",
                "waitlisted",
                "withdrawn",
                name="registrationstatus",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_key", sa.Text(), nullable=False),
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("consented_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("consent_text", sa.Text(), nullable=False),
        sa.Column("consent_hash", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events_event.id"], name=op.f("fk_events_registration_event_id_events_event")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_events_registration_partner_id_partners_partner"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events_registration")),
        sa.UniqueConstraint("event_id", "code", name=op.f("uq_events_registration_event_id_code")),
        sa.UniqueConstraint("event_id", "email_key", name=op.f("uq_events_registration_event_id_email_key")),
        sa.UniqueConstraint("token", name=op.f("uq_events_registration_token")),
    )
    op.create_index(
        "ix_events_registration_list", "events_registration", ["event_id", "status", "id"], unique=False
    )
    op.create_index(
        op.f("ix_events_registration_partner_id"), "events_registration", ["partner_id"], unique=False
    )
    op.create_table(
        "referrals_chargeback",
        sa.Column(
            "status",
            sa.Enum("opened", "won", "lost", name="chargebackstatus", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("sale_external_id", sa.Text(), nullable=False),
        sa.Column("sale_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("amount_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["sale_id"], ["referrals_sale.id"], name=op.f("fk_referrals_chargeback_sale_id_referrals_sale")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals_chargeback")),
        sa.UniqueConstraint(
            "source", "external_id", "status", name=op.f("uq_referrals_chargeback_source_external_id_status")
        ),
    )
    op.create_index(
        "ix_referrals_chargeback_sale_external_id",
        "referrals_chargeback",
        ["source", "sale_external_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_referrals_chargeback_sale_id"), "referrals_chargeback", ["sale_id"], unique=False
    )
    op.create_table(
        "referrals_estimate_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("estimate_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "licence",
                "implementation",
                "integration",
                "customisation",
                "training",
                "support",
                "audit",
                "migration",
                "systems_integration",
                "mobile",
                "hosting",
                "administration",
                "other",
                name="linekind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("product", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("quantity_text", sa.Text(), nullable=False),
        sa.Column("unit_price_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("discount_percent_text", sa.Text(), nullable=False),
        sa.Column(
            "recurring",
            sa.Enum("month", "year", "once", name="recurrence", native_enum=False, length=40),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["estimate_id"],
            ["referrals_estimate.id"],
            name=op.f("fk_referrals_estimate_line_estimate_id_referrals_estimate"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals_estimate_line")),
        sa.UniqueConstraint(
            "estimate_id", "position", name=op.f("uq_referrals_estimate_line_estimate_id_position")
        ),
    )
    op.create_table(
        "referrals_estimate_milestone",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("estimate_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["estimate_id"],
            ["referrals_estimate.id"],
            name=op.f("fk_referrals_estimate_milestone_estimate_id_referrals_estimate"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals_estimate_milestone")),
        sa.UniqueConstraint(
            "estimate_id", "position", name=op.f("uq_referrals_estimate_milestone_estimate_id_position")
        ),
    )
    op.create_table(
        "referrals_payment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("sale_external_id", sa.Text(), nullable=False),
        sa.Column("sale_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("amount_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["sale_id"], ["referrals_sale.id"], name=op.f("fk_referrals_payment_sale_id_referrals_sale")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals_payment")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_referrals_payment_source_external_id")),
    )
    op.create_index(
        "ix_referrals_payment_sale_external_id",
        "referrals_payment",
        ["source", "sale_external_id"],
        unique=False,
    )
    op.create_index(op.f("ix_referrals_payment_sale_id"), "referrals_payment", ["sale_id"], unique=False)
    op.create_table(
        "referrals_refund",
        sa.Column("line", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("refused_because", sa.Text(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("sale_external_id", sa.Text(), nullable=False),
        sa.Column("sale_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("amount_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["sale_id"], ["referrals_sale.id"], name=op.f("fk_referrals_refund_sale_id_referrals_sale")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals_refund")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_referrals_refund_source_external_id")),
    )
    op.create_index(
        "ix_referrals_refund_refused_because", "referrals_refund", ["refused_because"], unique=False
    )
    op.create_index(
        "ix_referrals_refund_sale_external_id",
        "referrals_refund",
        ["source", "sale_external_id"],
        unique=False,
    )
    op.create_index(op.f("ix_referrals_refund_sale_id"), "referrals_refund", ["sale_id"], unique=False)
    op.create_table(
        "referrals_sale_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sale_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "licence",
                "implementation",
                "integration",
                "customisation",
                "training",
                "support",
                "audit",
                "migration",
                "systems_integration",
                "mobile",
                "hosting",
                "administration",
                "other",
                name="linekind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("product", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("unit_amount_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("discount_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("credit_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tax_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cost_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["sale_id"], ["referrals_sale.id"], name=op.f("fk_referrals_sale_line_sale_id_referrals_sale")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals_sale_line")),
        sa.UniqueConstraint("sale_id", "position", name=op.f("uq_referrals_sale_line_sale_id_position")),
    )
    op.create_table(
        "commissions_assessment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sale_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("pair_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("plan_version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner", JSON, nullable=False),
        sa.Column("customer", JSON, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["pair_id"],
            ["commissions_pair.id"],
            name=op.f("fk_commissions_assessment_pair_id_commissions_pair"),
        ),
        sa.ForeignKeyConstraint(
            ["plan_version_id"],
            ["commissions_plan_version.id"],
            name=op.f("fk_commissions_assessment_plan_version_id_commissions_plan_version"),
        ),
        sa.ForeignKeyConstraint(
            ["sale_id"], ["referrals_sale.id"], name=op.f("fk_commissions_assessment_sale_id_referrals_sale")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commissions_assessment")),
        sa.UniqueConstraint("sale_id", name=op.f("uq_commissions_assessment_sale_id")),
    )
    op.create_index("ix_commissions_assessment_pair", "commissions_assessment", ["pair_id"], unique=False)
    op.create_index(
        op.f("ix_commissions_assessment_plan_version_id"),
        "commissions_assessment",
        ["plan_version_id"],
        unique=False,
    )
    op.create_table(
        "commissions_entry_hold",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["commissions_entry.id"],
            name=op.f("fk_commissions_entry_hold_entry_id_commissions_entry"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commissions_entry_hold")),
        sa.UniqueConstraint("entry_id", "cause", name=op.f("uq_commissions_entry_hold_entry_id_cause")),
    )
    op.create_index("ix_commissions_entry_hold_cause", "commissions_entry_hold", ["cause"], unique=False)
    op.create_table(
        "commissions_payout_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("payout_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("amount_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["commissions_entry.id"],
            name=op.f("fk_commissions_payout_line_entry_id_commissions_entry"),
        ),
        sa.ForeignKeyConstraint(
            ["payout_id"],
            ["commissions_payout.id"],
            name=op.f("fk_commissions_payout_line_payout_id_commissions_payout"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commissions_payout_line")),
    )
    op.create_index("ix_commissions_payout_line_entry", "commissions_payout_line", ["entry_id"], unique=False)
    op.create_index(
        "ix_commissions_payout_line_payout",
        "commissions_payout_line",
        ["payout_id", "entry_id"],
        unique=False,
    )
    op.create_index(
        "uq_commissions_payout_line_entry_once",
        "commissions_payout_line",
        ["entry_id"],
        unique=True,
        postgresql_where=sa.text("released_at IS NULL"),
        sqlite_where=sa.text("released_at IS NULL"),
    )
    connection = op.get_bind()
    for rule in RULES_ON_SQLITE if connection.dialect.name == "sqlite" else RULES_ON_POSTGRESQL:
        connection.exec_driver_sql(rule)


def downgrade() -> None:
    connection = op.get_bind()
    op.drop_index(
        "uq_commissions_payout_line_entry_once",
        table_name="commissions_payout_line",
        postgresql_where=sa.text("released_at IS NULL"),
        sqlite_where=sa.text("released_at IS NULL"),
    )
    op.drop_index("ix_commissions_payout_line_payout", table_name="commissions_payout_line")
    op.drop_index("ix_commissions_payout_line_entry", table_name="commissions_payout_line")
    op.drop_table("commissions_payout_line")
    op.drop_index("ix_commissions_entry_hold_cause", table_name="commissions_entry_hold")
    op.drop_table("commissions_entry_hold")
    op.drop_index(op.f("ix_commissions_assessment_plan_version_id"), table_name="commissions_assessment")
    op.drop_index("ix_commissions_assessment_pair", table_name="commissions_assessment")
    op.drop_table("commissions_assessment")
    op.drop_table("referrals_sale_line")
    op.drop_index(op.f("ix_referrals_refund_sale_id"), table_name="referrals_refund")
    op.drop_index("ix_referrals_refund_sale_external_id", table_name="referrals_refund")
    op.drop_index("ix_referrals_refund_refused_because", table_name="referrals_refund")
    op.drop_table("referrals_refund")
    op.drop_index(op.f("ix_referrals_payment_sale_id"), table_name="referrals_payment")
    op.drop_index("ix_referrals_payment_sale_external_id", table_name="referrals_payment")
    op.drop_table("referrals_payment")
    op.drop_table("referrals_estimate_milestone")
    op.drop_table("referrals_estimate_line")
    op.drop_index(op.f("ix_referrals_chargeback_sale_id"), table_name="referrals_chargeback")
    op.drop_index("ix_referrals_chargeback_sale_external_id", table_name="referrals_chargeback")
    op.drop_table("referrals_chargeback")
    op.drop_index(op.f("ix_events_registration_partner_id"), table_name="events_registration")
    op.drop_index("ix_events_registration_list", table_name="events_registration")
    op.drop_table("events_registration")
    op.drop_index(op.f("ix_events_proof_receipt_id"), table_name="events_proof")
    op.drop_index(op.f("ix_events_proof_claim_id"), table_name="events_proof")
    op.drop_table("events_proof")
    op.drop_index(
        "uq_events_claim_line_file",
        table_name="events_claim_line",
        sqlite_where=sa.text("is_live"),
        postgresql_where=sa.text("is_live"),
    )
    op.drop_index(
        "uq_events_claim_line_by_tax",
        table_name="events_claim_line",
        sqlite_where=sa.text("is_live"),
        postgresql_where=sa.text("is_live"),
    )
    op.drop_index(
        "uq_events_claim_line_by_name",
        table_name="events_claim_line",
        sqlite_where=sa.text("is_live"),
        postgresql_where=sa.text("is_live"),
    )
    op.drop_index(op.f("ix_events_claim_line_receipt_id"), table_name="events_claim_line")
    op.drop_index(op.f("ix_events_claim_line_partner_id"), table_name="events_claim_line")
    op.drop_index(op.f("ix_events_claim_line_claim_id"), table_name="events_claim_line")
    op.drop_table("events_claim_line")
    op.drop_index(op.f("ix_commissions_pair_plan_version_id"), table_name="commissions_pair")
    op.drop_index(op.f("ix_commissions_pair_partner_id"), table_name="commissions_pair")
    op.drop_table("commissions_pair")
    op.drop_index("ix_commissions_entry_sale", table_name="commissions_entry")
    op.drop_index(op.f("ix_commissions_entry_plan_version_id"), table_name="commissions_entry")
    op.drop_index("ix_commissions_entry_partner", table_name="commissions_entry")
    op.drop_index(op.f("ix_commissions_entry_corrects_id"), table_name="commissions_entry")
    op.drop_index(op.f("ix_commissions_entry_cause"), table_name="commissions_entry")
    op.drop_index("ix_commissions_entry_available", table_name="commissions_entry")
    op.drop_table("commissions_entry")
    op.drop_index("ix_commissions_cap_use_order", table_name="commissions_cap_use")
    op.drop_table("commissions_cap_use")
    op.drop_index("ix_referrals_sale_status_occurred_at", table_name="referrals_sale")
    op.drop_index("ix_referrals_sale_partner_id_occurred_at", table_name="referrals_sale")
    op.drop_index("ix_referrals_sale_occurred_at", table_name="referrals_sale")
    op.drop_index(op.f("ix_referrals_sale_deal_id"), table_name="referrals_sale")
    op.drop_index("ix_referrals_sale_customer_id_occurred_at", table_name="referrals_sale")
    op.drop_table("referrals_sale")
    op.drop_index("ix_referrals_routing_candidate_partner", table_name="referrals_routing_candidate")
    op.drop_index(
        op.f("ix_referrals_routing_candidate_decision_id"), table_name="referrals_routing_candidate"
    )
    op.drop_table("referrals_routing_candidate")
    op.drop_index(
        "uq_referrals_offer_open",
        table_name="referrals_offer",
        sqlite_where=sa.text("status = 'offered'"),
        postgresql_where=sa.text("status = 'offered'"),
    )
    op.drop_index("ix_referrals_offer_partner", table_name="referrals_offer")
    op.drop_index(op.f("ix_referrals_offer_lead_id"), table_name="referrals_offer")
    op.drop_index("ix_referrals_offer_lately", table_name="referrals_offer")
    op.drop_index("ix_referrals_offer_due", table_name="referrals_offer")
    op.drop_table("referrals_offer")
    op.drop_index(op.f("ix_referrals_estimate_created_by_id"), table_name="referrals_estimate")
    op.drop_table("referrals_estimate")
    op.drop_index(op.f("ix_referrals_deal_key_key_id"), table_name="referrals_deal_key")
    op.drop_table("referrals_deal_key")
    op.drop_index(op.f("ix_events_funding_line_request_id"), table_name="events_funding_line")
    op.drop_table("events_funding_line")
    op.drop_index("ix_events_funding_claim_queue", table_name="events_funding_claim")
    op.drop_index(op.f("ix_events_funding_claim_proposed_by_id"), table_name="events_funding_claim")
    op.drop_index("ix_events_funding_claim_partner", table_name="events_funding_claim")
    op.drop_index(op.f("ix_events_funding_claim_decided_by_id"), table_name="events_funding_claim")
    op.drop_index(op.f("ix_events_funding_claim_created_by_id"), table_name="events_funding_claim")
    op.drop_table("events_funding_claim")
    op.drop_index("ix_events_event_public", table_name="events_event")
    op.drop_index("ix_events_event_partner", table_name="events_event")
    op.drop_table("events_event")
    op.drop_index(op.f("ix_referrals_routing_decision_lead_id"), table_name="referrals_routing_decision")
    op.drop_table("referrals_routing_decision")
    op.drop_index(op.f("ix_referrals_lead_key_key_id"), table_name="referrals_lead_key")
    op.drop_table("referrals_lead_key")
    op.drop_index(op.f("ix_referrals_lead_contact_lead_id"), table_name="referrals_lead_contact")
    op.drop_table("referrals_lead_contact")
    op.drop_index(
        "uq_referrals_lead_claim_active",
        table_name="referrals_lead_claim",
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_index("ix_referrals_lead_claim_partner", table_name="referrals_lead_claim")
    op.drop_index(op.f("ix_referrals_lead_claim_lead_id"), table_name="referrals_lead_claim")
    op.drop_table("referrals_lead_claim")
    op.drop_index(
        "uq_referrals_deal_open_lead_id",
        table_name="referrals_deal",
        postgresql_where=sa.text("closed_at IS NULL"),
        sqlite_where=sa.text("closed_at IS NULL"),
    )
    op.drop_index("ix_referrals_deal_status_protected_until", table_name="referrals_deal")
    op.drop_index("ix_referrals_deal_status_decide_by", table_name="referrals_deal")
    op.drop_index("ix_referrals_deal_partner_id_status", table_name="referrals_deal")
    op.drop_index(op.f("ix_referrals_deal_owner_id"), table_name="referrals_deal")
    op.drop_index(op.f("ix_referrals_deal_order_reference"), table_name="referrals_deal")
    op.drop_index(op.f("ix_referrals_deal_lead_id"), table_name="referrals_deal")
    op.drop_index(op.f("ix_referrals_deal_domain"), table_name="referrals_deal")
    op.drop_index(op.f("ix_referrals_deal_decided_by_id"), table_name="referrals_deal")
    op.drop_index(op.f("ix_referrals_deal_customer_id"), table_name="referrals_deal")
    op.drop_table("referrals_deal")
    op.drop_index(op.f("ix_referrals_customer_key_customer_id"), table_name="referrals_customer_key")
    op.drop_table("referrals_customer_key")
    op.drop_index(op.f("ix_partners_application_note_application_id"), table_name="partners_application_note")
    op.drop_table("partners_application_note")
    op.drop_index("ix_events_funding_request_starts", table_name="events_funding_request")
    op.drop_index("ix_events_funding_request_queue", table_name="events_funding_request")
    op.drop_index("ix_events_funding_request_partner", table_name="events_funding_request")
    op.drop_index(op.f("ix_events_funding_request_decided_by_id"), table_name="events_funding_request")
    op.drop_index(op.f("ix_events_funding_request_created_by_id"), table_name="events_funding_request")
    op.drop_index(op.f("ix_events_funding_request_allocation_id"), table_name="events_funding_request")
    op.drop_table("events_funding_request")
    op.drop_index("ix_commissions_statement_line_statement", table_name="commissions_statement_line")
    op.drop_table("commissions_statement_line")
    op.drop_index(
        "uq_commissions_payout_attempt_one_open",
        table_name="commissions_payout_attempt",
        postgresql_where=sa.text("closed_at IS NULL"),
        sqlite_where=sa.text("closed_at IS NULL"),
    )
    op.drop_table("commissions_payout_attempt")
    op.drop_index(op.f("ix_commissions_journal_line_journal_entry_id"), table_name="commissions_journal_line")
    op.drop_index("ix_commissions_journal_line_account", table_name="commissions_journal_line")
    op.drop_table("commissions_journal_line")
    op.drop_table("commissions_balance")
    op.drop_index(op.f("ix_academy_lesson_module_id"), table_name="academy_lesson")
    op.drop_index(op.f("ix_academy_lesson_key"), table_name="academy_lesson")
    op.drop_table("academy_lesson")
    op.drop_index(
        "uq_academy_certificate_standing",
        table_name="academy_certificate",
        postgresql_where=sa.text("revoked_at IS NULL AND superseded_at IS NULL"),
        sqlite_where=sa.text("revoked_at IS NULL AND superseded_at IS NULL"),
    )
    op.drop_index(op.f("ix_academy_certificate_revoked_by_id"), table_name="academy_certificate")
    op.drop_index("ix_academy_certificate_issued", table_name="academy_certificate")
    op.drop_index("ix_academy_certificate_holder", table_name="academy_certificate")
    op.drop_index("ix_academy_certificate_expiry", table_name="academy_certificate")
    op.drop_index(op.f("ix_academy_certificate_course_version_id"), table_name="academy_certificate")
    op.drop_index(op.f("ix_academy_certificate_course_id"), table_name="academy_certificate")
    op.drop_table("academy_certificate")
    op.drop_index(op.f("ix_academy_attempt_item_question_id"), table_name="academy_attempt_item")
    op.drop_table("academy_attempt_item")
    op.drop_index(op.f("ix_referrals_referral_code_partner_id"), table_name="referrals_referral_code")
    op.drop_table("referrals_referral_code")
    op.drop_index(op.f("ix_referrals_named_account_partner_id"), table_name="referrals_named_account")
    op.drop_table("referrals_named_account")
    op.drop_index("ix_referrals_lead_status", table_name="referrals_lead")
    op.drop_index(op.f("ix_referrals_lead_received_at"), table_name="referrals_lead")
    op.drop_index("ix_referrals_lead_partner", table_name="referrals_lead")
    op.drop_index("ix_referrals_lead_idle", table_name="referrals_lead")
    op.drop_index(op.f("ix_referrals_lead_duplicate_of_id"), table_name="referrals_lead")
    op.drop_index("ix_referrals_lead_due", table_name="referrals_lead")
    op.drop_table("referrals_lead")
    op.drop_index(op.f("ix_referrals_customer_tax_key"), table_name="referrals_customer")
    op.drop_index("ix_referrals_customer_partner_id_name", table_name="referrals_customer")
    op.drop_index(op.f("ix_referrals_customer_name_key"), table_name="referrals_customer")
    op.drop_index("ix_referrals_customer_name", table_name="referrals_customer")
    op.drop_index(op.f("ix_referrals_customer_domain"), table_name="referrals_customer")
    op.drop_table("referrals_customer")
    op.drop_index(op.f("ix_partners_member_partner_id"), table_name="partners_member")
    op.drop_table("partners_member")
    op.drop_index(op.f("ix_partners_application_tax_key"), table_name="partners_application")
    op.drop_index(op.f("ix_partners_application_reviewer_id"), table_name="partners_application")
    op.drop_index("ix_partners_application_queue", table_name="partners_application")
    op.drop_index(op.f("ix_partners_application_partner_id"), table_name="partners_application")
    op.drop_index(op.f("ix_partners_application_email_key"), table_name="partners_application")
    op.drop_index(op.f("ix_partners_application_domain"), table_name="partners_application")
    op.drop_index(op.f("ix_partners_application_decided_by_id"), table_name="partners_application")
    op.drop_index("ix_partners_application_decided", table_name="partners_application")
    op.drop_table("partners_application")
    op.drop_index(
        op.f("ix_partners_agreement_acceptance_agreement_id"), table_name="partners_agreement_acceptance"
    )
    op.drop_table("partners_agreement_acceptance")
    op.drop_index(op.f("ix_events_receipt_uploaded_by_id"), table_name="events_receipt")
    op.drop_index(op.f("ix_events_receipt_sha256"), table_name="events_receipt")
    op.drop_index(op.f("ix_events_receipt_partner_id"), table_name="events_receipt")
    op.drop_index(op.f("ix_events_receipt_likeness"), table_name="events_receipt")
    op.drop_table("events_receipt")
    op.drop_index(op.f("ix_events_allocation_partner_id"), table_name="events_allocation")
    op.drop_index(op.f("ix_events_allocation_budget_id"), table_name="events_allocation")
    op.drop_table("events_allocation")
    op.drop_index("ix_commissions_statement_partner", table_name="commissions_statement")
    op.drop_table("commissions_statement")
    op.drop_table("commissions_payout_profile")
    op.drop_index("ix_commissions_payout_status", table_name="commissions_payout")
    op.drop_index("ix_commissions_payout_partner", table_name="commissions_payout")
    op.drop_table("commissions_payout")
    op.drop_index(op.f("ix_commissions_payment_file_run_id"), table_name="commissions_payment_file")
    op.drop_table("commissions_payment_file")
    op.drop_table("commissions_partner_book")
    op.drop_index(op.f("ix_commissions_account_partner_id"), table_name="commissions_account")
    op.drop_table("commissions_account")
    op.drop_index(op.f("ix_academy_module_version_id"), table_name="academy_module")
    op.drop_table("academy_module")
    op.drop_index(op.f("ix_academy_lesson_completion_lesson_key"), table_name="academy_lesson_completion")
    op.drop_table("academy_lesson_completion")
    op.drop_table("academy_exam")
    op.drop_index(
        "uq_academy_attempt_open",
        table_name="academy_attempt",
        postgresql_where=sa.text("status = 'open'"),
        sqlite_where=sa.text("status = 'open'"),
    )
    op.drop_index(op.f("ix_academy_attempt_version_id"), table_name="academy_attempt")
    op.drop_index("ix_academy_attempt_history", table_name="academy_attempt")
    op.drop_index(
        "ix_academy_attempt_due",
        table_name="academy_attempt",
        postgresql_where=sa.text("status = 'open'"),
        sqlite_where=sa.text("status = 'open'"),
    )
    op.drop_index(op.f("ix_academy_attempt_course_id"), table_name="academy_attempt")
    op.drop_table("academy_attempt")
    op.drop_index(op.f("ix_referrals_name_trigram_key_id"), table_name="referrals_name_trigram")
    op.drop_table("referrals_name_trigram")
    op.drop_index(op.f("ix_partners_partner_tier"), table_name="partners_partner")
    op.drop_index(op.f("ix_partners_partner_tax_key"), table_name="partners_partner")
    op.drop_index(op.f("ix_partners_partner_name"), table_name="partners_partner")
    op.drop_index(op.f("ix_partners_partner_manager_id"), table_name="partners_partner")
    op.drop_index("ix_partners_partner_list", table_name="partners_partner")
    op.drop_index(op.f("ix_partners_partner_domain"), table_name="partners_partner")
    op.drop_index(op.f("ix_partners_partner_country"), table_name="partners_partner")
    op.drop_table("partners_partner")
    op.drop_index("ix_commissions_plan_version_live", table_name="commissions_plan_version")
    op.drop_table("commissions_plan_version")
    op.drop_index("ix_commissions_payout_run_status", table_name="commissions_payout_run")
    op.drop_index(op.f("ix_commissions_payout_run_proposed_by_id"), table_name="commissions_payout_run")
    op.drop_index(op.f("ix_commissions_payout_run_approved_by_id"), table_name="commissions_payout_run")
    op.drop_table("commissions_payout_run")
    op.drop_index(op.f("ix_commissions_journal_entry_source"), table_name="commissions_journal_entry")
    op.drop_index(op.f("ix_commissions_journal_entry_occurred_at"), table_name="commissions_journal_entry")
    op.drop_table("commissions_journal_entry")
    op.drop_index(op.f("ix_accounts_sign_in_user_id"), table_name="accounts_sign_in")
    op.drop_table("accounts_sign_in")
    op.drop_index(op.f("ix_accounts_one_time_token_user_id"), table_name="accounts_one_time_token")
    op.drop_table("accounts_one_time_token")
    op.drop_index(op.f("ix_accounts_api_key_user_id"), table_name="accounts_api_key")
    op.drop_table("accounts_api_key")
    op.drop_table("academy_question")
    op.drop_index(op.f("ix_academy_enrolment_course_id"), table_name="academy_enrolment")
    op.drop_table("academy_enrolment")
    op.drop_index(
        "uq_academy_course_version_published",
        table_name="academy_course_version",
        postgresql_where=sa.text("status = 'published'"),
        sqlite_where=sa.text("status = 'published'"),
    )
    op.drop_index(
        "uq_academy_course_version_draft",
        table_name="academy_course_version",
        postgresql_where=sa.text("status = 'draft'"),
        sqlite_where=sa.text("status = 'draft'"),
    )
    op.drop_index(op.f("ix_academy_course_version_published_by_id"), table_name="academy_course_version")
    op.drop_index(op.f("ix_academy_course_version_course_id"), table_name="academy_course_version")
    op.drop_table("academy_course_version")
    op.drop_index("ix_academy_attempt_series_of", table_name="academy_attempt_series")
    op.drop_index(op.f("ix_academy_attempt_series_granted_by_id"), table_name="academy_attempt_series")
    op.drop_index(op.f("ix_academy_attempt_series_course_id"), table_name="academy_attempt_series")
    op.drop_table("academy_attempt_series")
    op.drop_index(
        "uq_referrals_routing_policy_published",
        table_name="referrals_routing_policy",
        sqlite_where=sa.text("status = 'published'"),
        postgresql_where=sa.text("status = 'published'"),
    )
    op.drop_table("referrals_routing_policy")
    op.drop_table("referrals_received_fact")
    op.drop_table("referrals_identity_key")
    op.drop_table("referrals_consent_text")
    op.drop_table("partners_tier")
    op.drop_table("partners_service")
    op.drop_table("partners_question")
    op.drop_table("partners_product")
    op.drop_table("partners_agreement")
    op.drop_index("ix_events_budget_list", table_name="events_budget")
    op.drop_table("events_budget")
    op.drop_table("core_setting")
    op.drop_index(op.f("ix_core_kept_answer_created_at"), table_name="core_kept_answer")
    op.drop_table("core_kept_answer")
    op.drop_index(
        "ix_core_job_waiting",
        table_name="core_job",
        postgresql_where=sa.text("finished_at IS NULL AND parked_at IS NULL"),
        sqlite_where=sa.text("finished_at IS NULL AND parked_at IS NULL"),
    )
    op.drop_index("ix_core_job_parked_at", table_name="core_job")
    op.drop_table("core_job")
    op.drop_index("ix_core_exchange_rate_day", table_name="core_exchange_rate")
    op.drop_table("core_exchange_rate")
    op.drop_table("core_demo_clock")
    op.drop_index("ix_core_activity_subject", table_name="core_activity")
    op.drop_index("ix_core_activity_partner", table_name="core_activity")
    op.drop_index("ix_core_activity_at", table_name="core_activity")
    op.drop_index("ix_core_activity_actor", table_name="core_activity")
    op.drop_table("core_activity")
    op.drop_index(op.f("ix_commissions_webhook_event_received_at"), table_name="commissions_webhook_event")
    op.drop_index(op.f("ix_commissions_webhook_event_kind"), table_name="commissions_webhook_event")
    op.drop_table("commissions_webhook_event")
    op.drop_index("ix_commissions_proof_check_finished_at", table_name="commissions_proof_check")
    op.drop_table("commissions_proof_check")
    op.drop_table("commissions_plan")
    op.drop_table("commissions_journal_seal")
    op.drop_table("commissions_journal_chain")
    op.drop_table("accounts_user")
    op.drop_index(op.f("ix_accounts_limit_count_expires_at"), table_name="accounts_limit_count")
    op.drop_table("accounts_limit_count")
    op.drop_table("academy_course")
    if connection.dialect.name == "postgresql":
        for function in FUNCTIONS_ON_POSTGRESQL:
            connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {function}() CASCADE")
