"""The network in full: every table and rule that came after the first version.

Revision: 0002_the_network_in_full, after 0001_the_whole_journey
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002_the_network_in_full"
down_revision = "0001_the_whole_journey"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")

NEW_ON_SQLITE: dict[str, str] = {
    "academy_attempt_stays_as_it_ended": "CREATE TRIGGER academy_attempt_stays_as_it_ended BEFORE UPDATE ON academy_attempt BEGIN SELECT "
    "RAISE(ABORT, 'an attempt that has ended does not change') WHERE OLD.status <> 'open'; SELECT "
    "RAISE(ABORT, 'an attempt keeps its person, course and time') WHERE OLD.user_id <> NEW.user_id OR "
    "OLD.version_id <> NEW.version_id OR OLD.started_at <> NEW.started_at OR OLD.due_at <> NEW.due_at OR "
    "OLD.pass_mark <> NEW.pass_mark OR OLD.penalty <> NEW.penalty; END",
    "academy_certificate_says_what_it_said": "CREATE TRIGGER academy_certificate_says_what_it_said BEFORE UPDATE ON academy_certificate BEGIN "
    "SELECT RAISE(ABORT, 'what a certificate says does not change') WHERE OLD.serial <> NEW.serial OR "
    "OLD.user_id <> NEW.user_id OR OLD.course_id <> NEW.course_id OR OLD.course_version_id <> "
    "NEW.course_version_id OR OLD.attempt_id <> NEW.attempt_id OR OLD.level <> NEW.level OR OLD.band <> "
    "NEW.band OR OLD.issued_at <> NEW.issued_at OR OLD.expires_at <> NEW.expires_at; SELECT RAISE(ABORT, "
    "'a certificate names its holder until their data is erased') WHERE OLD.holder <> NEW.holder AND NOT "
    "EXISTS (SELECT 1 FROM accounts_user WHERE id = OLD.user_id AND erased_at IS NOT NULL); SELECT "
    "RAISE(ABORT, 'a revoked certificate stays revoked') WHERE OLD.revoked_at IS NOT NULL AND "
    "NEW.revoked_at IS NULL; SELECT RAISE(ABORT, 'a superseded certificate stays so') WHERE "
    "OLD.superseded_at IS NOT NULL AND NEW.superseded_at IS NULL; END",
    "academy_signing_key_stays": "CREATE TRIGGER academy_signing_key_stays BEFORE DELETE ON academy_signing_key BEGIN SELECT "
    "RAISE(ABORT, 'signing keys are kept') WHERE 1 = 1; END",
    "academy_signing_key_stays_itself": "CREATE TRIGGER academy_signing_key_stays_itself BEFORE UPDATE ON academy_signing_key BEGIN SELECT "
    "RAISE(ABORT, 'a signing key does not change') WHERE OLD.name <> NEW.name OR OLD.public_key <> "
    "NEW.public_key OR OLD.private_key <> NEW.private_key OR OLD.created_at <> NEW.created_at; SELECT "
    "RAISE(ABORT, 'a retired signing key stays retired') WHERE OLD.retired_at IS NOT NULL AND "
    "NEW.retired_at IS NULL; END",
    "academy_submission_stays_whose_it_is": "CREATE TRIGGER academy_submission_stays_whose_it_is BEFORE UPDATE ON academy_submission BEGIN SELECT "
    "RAISE(ABORT, 'a work stays with its author') WHERE OLD.user_id <> NEW.user_id OR OLD.practical_id <> "
    "NEW.practical_id OR OLD.submitted_at <> NEW.submitted_at; SELECT RAISE(ABORT, 'a verdict is needed') "
    "WHERE NEW.status IN ('passed', 'failed') AND NOT EXISTS (SELECT 1 FROM academy_verdict WHERE "
    "submission_id = NEW.id); SELECT RAISE(ABORT, 'a passed work stays passed') WHERE OLD.status = "
    "'passed' AND NEW.status <> 'passed'; END",
    "academy_verdict_no_delete": "CREATE TRIGGER academy_verdict_no_delete BEFORE DELETE ON academy_verdict BEGIN SELECT RAISE(ABORT, "
    "'academy_verdict is append-only'); END",
    "academy_verdict_no_update": "CREATE TRIGGER academy_verdict_no_update BEFORE UPDATE ON academy_verdict BEGIN SELECT RAISE(ABORT, "
    "'academy_verdict is append-only'); END",
    "commissions_bank_line_stays": "CREATE TRIGGER commissions_bank_line_stays BEFORE UPDATE ON commissions_bank_line BEGIN SELECT "
    "RAISE(ABORT, 'a line of a bank statement stays as the bank wrote it') WHERE NEW.amount_minor <> "
    "OLD.amount_minor OR NEW.currency <> OLD.currency OR NEW.reference <> OLD.reference OR "
    "NEW.statement_id <> OLD.statement_id; END",
    "commissions_dispute_keeps_its_line": "CREATE TRIGGER commissions_dispute_keeps_its_line BEFORE UPDATE ON commissions_dispute BEGIN SELECT "
    "RAISE(ABORT, 'a dispute is about one line, and once decided stays decided') WHERE NEW.id <> OLD.id "
    "OR NEW.entry_id <> OLD.entry_id OR NEW.partner_id <> OLD.partner_id OR NEW.opened_at <> "
    "OLD.opened_at OR (OLD.decided_at IS NOT NULL AND (NEW.status <> OLD.status OR NEW.decided_at IS NULL "
    "OR NEW.decided_at <> OLD.decided_at OR COALESCE(NEW.correction_id, 0) <> COALESCE(OLD.correction_id, "
    "0))); END",
    "commissions_dispute_message_no_delete": "CREATE TRIGGER commissions_dispute_message_no_delete BEFORE DELETE ON commissions_dispute_message "
    "BEGIN SELECT RAISE(ABORT, 'commissions_dispute_message is append-only'); END",
    "commissions_dispute_message_no_update": "CREATE TRIGGER commissions_dispute_message_no_update BEFORE UPDATE ON commissions_dispute_message "
    "BEGIN SELECT RAISE(ABORT, 'commissions_dispute_message is append-only'); END",
    "commissions_dispute_stays": "CREATE TRIGGER commissions_dispute_stays BEFORE DELETE ON commissions_dispute BEGIN SELECT "
    "RAISE(ABORT, 'a dispute is never removed') WHERE TRUE; END",
    "commissions_earned_day_by_its_lines": "CREATE TRIGGER commissions_earned_day_by_its_lines BEFORE UPDATE ON commissions_earned_day WHEN "
    "NEW.partner_id <> OLD.partner_id OR NEW.currency <> OLD.currency OR NEW.available_on <> "
    "OLD.available_on OR NEW.entries <> OLD.entries + 1 OR NEW.last_entry_id <= OLD.last_entry_id OR NOT "
    "EXISTS (SELECT 1 FROM commissions_entry WHERE id = NEW.last_entry_id AND partner_id = NEW.partner_id "
    "AND currency = NEW.currency AND date(available_at) = NEW.available_on AND amount_minor = "
    "NEW.amount_minor - OLD.amount_minor) BEGIN SELECT RAISE(ABORT, 'the sum of a day is moved by its "
    "lines alone'); END",
    "commissions_earned_day_from_a_line": "CREATE TRIGGER commissions_earned_day_from_a_line BEFORE INSERT ON commissions_earned_day WHEN NOT "
    "EXISTS (SELECT 1 FROM commissions_entry WHERE id = NEW.last_entry_id AND partner_id = NEW.partner_id "
    "AND currency = NEW.currency AND amount_minor = NEW.amount_minor) BEGIN SELECT RAISE(ABORT, 'the sum "
    "of a day is moved by its lines alone'); END",
    "commissions_earned_day_stays": "CREATE TRIGGER commissions_earned_day_stays BEFORE DELETE ON commissions_earned_day BEGIN SELECT "
    "RAISE(ABORT, 'the sum of a day is never removed') WHERE TRUE; END",
    "commissions_entry_moves_its_day": "CREATE TRIGGER commissions_entry_moves_its_day AFTER INSERT ON commissions_entry WHEN NEW.partner_id "
    "IS NOT NULL BEGIN INSERT INTO commissions_earned_day (partner_id, currency, available_on, "
    "amount_minor, entries, last_entry_id) VALUES (NEW.partner_id, NEW.currency, date(NEW.available_at), "
    "NEW.amount_minor, 1, NEW.id) ON CONFLICT (partner_id, currency, available_on) DO UPDATE SET "
    "amount_minor = commissions_earned_day.amount_minor + excluded.amount_minor, entries = "
    "commissions_earned_day.entries + excluded.entries, last_entry_id = excluded.last_entry_id; END",
    "commissions_journal_line_moves_balance": "CREATE TRIGGER commissions_journal_line_moves_balance AFTER INSERT ON commissions_journal_line BEGIN "
    "INSERT INTO commissions_balance (account_id, amount_minor, lines, last_line_id) SELECT "
    "NEW.account_id, NEW.amount_minor, 1, NEW.id FROM commissions_account WHERE id = NEW.account_id AND "
    "guarded ON CONFLICT (account_id) DO UPDATE SET amount_minor = commissions_balance.amount_minor + "
    "excluded.amount_minor, lines = commissions_balance.lines + excluded.lines, last_line_id = "
    "excluded.last_line_id; END",
    "commissions_journal_seal_balances": "CREATE TRIGGER commissions_journal_seal_balances BEFORE INSERT ON commissions_journal_seal BEGIN "
    "SELECT RAISE(ABORT, 'a journal entry has all its lines, at least two') WHERE NEW.lines < 2 OR "
    "NEW.lines <> (SELECT COUNT(*) FROM commissions_journal_line WHERE journal_entry_id = "
    "NEW.journal_entry_id); SELECT RAISE(ABORT, 'a journal entry balances in every currency') WHERE "
    "EXISTS (SELECT 1 FROM commissions_journal_line WHERE journal_entry_id = NEW.journal_entry_id GROUP "
    "BY currency HAVING SUM(amount_minor) <> 0); SELECT RAISE(ABORT, 'a reversal mirrors what it "
    "reverses') WHERE EXISTS (SELECT 1 FROM commissions_journal_entry AS entry WHERE entry.id = "
    "NEW.journal_entry_id AND entry.reverses_id IS NOT NULL AND EXISTS (SELECT 1 FROM "
    "commissions_journal_line AS line WHERE line.journal_entry_id IN (entry.id, entry.reverses_id) GROUP "
    "BY line.account_id HAVING SUM(line.amount_minor) <> 0)); SELECT RAISE(ABORT, 'a payout takes no more "
    "than is owed') WHERE EXISTS (SELECT 1 FROM commissions_journal_line WHERE journal_entry_id = "
    "NEW.journal_entry_id AND (SELECT entry.kind FROM commissions_journal_entry AS entry WHERE entry.id = "
    "NEW.journal_entry_id) = 'payout_reserved' AND (((SELECT its.type FROM commissions_account AS its "
    "WHERE its.id = commissions_journal_line.account_id) = 'liability' AND amount_minor > 0 AND (SELECT "
    "its.amount_minor FROM commissions_balance AS its WHERE its.account_id = "
    "commissions_journal_line.account_id) > 0) OR ((SELECT its.type FROM commissions_account AS its WHERE "
    "its.id = commissions_journal_line.account_id) = 'asset' AND amount_minor < 0 AND (SELECT "
    "its.amount_minor FROM commissions_balance AS its WHERE its.account_id = "
    "commissions_journal_line.account_id) < 0))); SELECT RAISE(ABORT, 'no more is paid or released than "
    "was set aside') WHERE EXISTS (SELECT 1 FROM commissions_journal_line WHERE journal_entry_id = "
    "NEW.journal_entry_id AND (SELECT its.code FROM commissions_account AS its WHERE its.id = "
    "commissions_journal_line.account_id) LIKE '%:in_run:%' AND (SELECT its.amount_minor FROM "
    "commissions_balance AS its WHERE its.account_id = commissions_journal_line.account_id) > 0); END",
    "commissions_paying_account_is_only_closed": "CREATE TRIGGER commissions_paying_account_is_only_closed BEFORE UPDATE ON commissions_paying_account "
    "BEGIN SELECT RAISE(ABORT, 'an account that payouts came from stays as it was') WHERE NEW.id <> "
    "OLD.id OR NEW.method <> OLD.method OR NEW.currency <> OLD.currency OR CAST(NEW.details AS TEXT) <> "
    "CAST(OLD.details AS TEXT) OR OLD.closed_at IS NOT NULL; END",
    "commissions_payment_file_is_only_executed": "CREATE TRIGGER commissions_payment_file_is_only_executed BEFORE UPDATE ON commissions_payment_file "
    "BEGIN SELECT RAISE(ABORT, 'a payment file stays as it was made') WHERE NEW.id <> OLD.id OR "
    "NEW.run_id <> OLD.run_id OR NEW.message_id <> OLD.message_id OR NEW.method <> OLD.method OR "
    "NEW.sha256 <> OLD.sha256 OR NEW.total_minor <> OLD.total_minor OR OLD.executed_at IS NOT NULL; END",
    "commissions_payout_keeps_the_rules": "CREATE TRIGGER commissions_payout_keeps_the_rules BEFORE UPDATE ON commissions_payout BEGIN SELECT "
    "RAISE(ABORT, 'a payout cannot take this step') WHERE NEW.status <> OLD.status AND OLD.status || '>' "
    "|| NEW.status NOT IN ('pending>sending', 'sending>unknown', 'sending>sent', 'sending>failed', "
    "'unknown>sent', 'unknown>failed', 'sent>paid', 'sent>failed', 'paid>reversed', 'failed>pending', "
    "'failed>sent'); SELECT RAISE(ABORT, 'amount, partner, method and destination of a payout are "
    "frozen') WHERE NEW.run_id <> OLD.run_id OR NEW.partner_id <> OLD.partner_id OR NEW.currency <> "
    "OLD.currency OR NEW.amount_minor <> OLD.amount_minor OR NEW.method <> OLD.method OR NEW.vat_minor <> "
    "OLD.vat_minor OR NEW.withheld_minor <> OLD.withheld_minor OR NEW.fee_minor <> OLD.fee_minor OR "
    "CAST(NEW.destination AS TEXT) <> CAST(OLD.destination AS TEXT); SELECT RAISE(ABORT, 'nothing is sent "
    "from a run that nobody approved') WHERE NEW.status <> 'pending' AND (SELECT status FROM "
    "commissions_payout_run WHERE id = NEW.run_id) NOT IN ('approved', 'sending', 'partly_sent', 'done'); "
    "END",
    "commissions_recruitment_is_only_ended": "CREATE TRIGGER commissions_recruitment_is_only_ended BEFORE UPDATE ON commissions_recruitment BEGIN "
    "SELECT RAISE(ABORT, 'who recruited whom is ended once and otherwise stays as it is') WHERE NEW.id <> "
    "OLD.id OR NEW.partner_id <> OLD.partner_id OR NEW.recruiter_id <> OLD.recruiter_id OR NEW.noted_at "
    "<> OLD.noted_at OR OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL; END",
    "commissions_recruitment_stays": "CREATE TRIGGER commissions_recruitment_stays BEFORE DELETE ON commissions_recruitment BEGIN SELECT "
    "RAISE(ABORT, 'who recruited whom is never removed') WHERE TRUE; END",
    "commissions_sale_report_keeps_what_was_told": "CREATE TRIGGER commissions_sale_report_keeps_what_was_told BEFORE UPDATE ON commissions_sale_report "
    "BEGIN SELECT RAISE(ABORT, 'a report stays as it was told, and once decided stays decided') WHERE "
    "NEW.id <> OLD.id OR NEW.partner_id <> OLD.partner_id OR NEW.number <> OLD.number OR NEW.file_sha256 "
    "<> OLD.file_sha256 OR CAST(NEW.lines AS TEXT) <> CAST(OLD.lines AS TEXT) OR (OLD.status <> "
    "'reported' AND (NEW.status <> OLD.status OR COALESCE(NEW.sale_id, 0) <> COALESCE(OLD.sale_id, 0))); "
    "END",
    "commissions_sale_report_stays": "CREATE TRIGGER commissions_sale_report_stays BEFORE DELETE ON commissions_sale_report BEGIN SELECT "
    "RAISE(ABORT, 'a report of a sale is never removed') WHERE TRUE; END",
    "commissions_statement_is_frozen": "CREATE TRIGGER commissions_statement_is_frozen BEFORE UPDATE ON commissions_statement BEGIN SELECT "
    "RAISE(ABORT, 'an issued statement is frozen') WHERE NEW.id <> OLD.id OR NEW.number <> OLD.number OR "
    "NEW.partner_id <> OLD.partner_id OR NEW.currency <> OLD.currency OR NEW.month <> OLD.month OR "
    "NEW.opening_minor <> OLD.opening_minor OR NEW.moved_minor <> OLD.moved_minor OR NEW.closing_minor <> "
    "OLD.closing_minor OR NEW.digest <> OLD.digest OR (OLD.signed_at IS NOT NULL AND (NEW.signed_at IS "
    "NULL OR NEW.signed_at <> OLD.signed_at OR NEW.signed_digest <> OLD.signed_digest)) OR "
    "CAST(NEW.content AS TEXT) <> CAST(OLD.content AS TEXT); END",
    "commissions_tax_paper_is_only_checked": "CREATE TRIGGER commissions_tax_paper_is_only_checked BEFORE UPDATE ON commissions_tax_paper BEGIN "
    "SELECT RAISE(ABORT, 'a tax paper stays as it was uploaded') WHERE NEW.id <> OLD.id OR NEW.partner_id "
    "<> OLD.partner_id OR NEW.sha256 <> OLD.sha256 OR NEW.storage_key <> OLD.storage_key OR NEW.kind <> "
    "OLD.kind OR OLD.checked_at IS NOT NULL; END",
    "core_activity_says_what_it_said": "CREATE TRIGGER core_activity_says_what_it_said BEFORE UPDATE ON core_activity BEGIN SELECT "
    "RAISE(ABORT, 'the audit trail is append-only') WHERE NEW.id <> OLD.id OR NEW.at <> OLD.at OR "
    "NEW.verb <> OLD.verb OR NEW.actor_id IS DISTINCT FROM OLD.actor_id OR NEW.subject_type <> "
    "OLD.subject_type OR NEW.subject_id IS DISTINCT FROM OLD.subject_id OR NEW.partner_id IS DISTINCT "
    "FROM OLD.partner_id; SELECT RAISE(ABORT, 'the audit trail keeps who did it until their data is "
    "erased') WHERE (NEW.actor_name <> OLD.actor_name OR NEW.address IS DISTINCT FROM OLD.address) AND "
    "NOT EXISTS (SELECT 1 FROM accounts_user WHERE erased_at IS NOT NULL AND id = OLD.actor_id); SELECT "
    "RAISE(ABORT, 'the audit trail keeps its details until their person is erased') WHERE "
    "CAST(NEW.details AS TEXT) <> CAST(OLD.details AS TEXT) AND NOT (OLD.subject_type = 'user' AND EXISTS "
    "(SELECT 1 FROM accounts_user WHERE erased_at IS NOT NULL AND id = OLD.subject_id)); END",
    "partners_tier_decision_no_delete": "CREATE TRIGGER partners_tier_decision_no_delete BEFORE DELETE ON partners_tier_decision BEGIN SELECT "
    "RAISE(ABORT, 'partners_tier_decision is append-only'); END",
    "partners_tier_decision_no_update": "CREATE TRIGGER partners_tier_decision_no_update BEFORE UPDATE ON partners_tier_decision BEGIN SELECT "
    "RAISE(ABORT, 'partners_tier_decision is append-only'); END",
    "partners_tier_grace_keeps_its_days": "CREATE TRIGGER partners_tier_grace_keeps_its_days BEFORE UPDATE ON partners_tier_grace BEGIN SELECT "
    "RAISE(ABORT, 'an announced grace is only closed') WHERE OLD.closed_on IS NOT NULL OR "
    "NEW.announced_on <> OLD.announced_on OR NEW.ends_on < OLD.ends_on OR NEW.partner_id <> "
    "OLD.partner_id; END",
    "partners_tier_requirement_delete_in_a_draft": "CREATE TRIGGER partners_tier_requirement_delete_in_a_draft BEFORE DELETE ON "
    "partners_tier_requirement BEGIN SELECT RAISE(ABORT, 'requirements change in a draft only') WHERE NOT "
    "EXISTS (SELECT 1 FROM partners_tier_rules WHERE id = OLD.rules_id AND status = 'draft'); END",
    "partners_tier_requirement_insert_in_a_draft": "CREATE TRIGGER partners_tier_requirement_insert_in_a_draft BEFORE INSERT ON "
    "partners_tier_requirement BEGIN SELECT RAISE(ABORT, 'requirements change in a draft only') WHERE NOT "
    "EXISTS (SELECT 1 FROM partners_tier_rules WHERE id = NEW.rules_id AND status = 'draft'); END",
    "partners_tier_requirement_update_in_a_draft": "CREATE TRIGGER partners_tier_requirement_update_in_a_draft BEFORE UPDATE ON "
    "partners_tier_requirement BEGIN SELECT RAISE(ABORT, 'requirements change in a draft only') WHERE NOT "
    "EXISTS (SELECT 1 FROM partners_tier_rules WHERE id = OLD.rules_id AND status = 'draft'); END",
    "partners_tier_rules_stays": "CREATE TRIGGER partners_tier_rules_stays BEFORE DELETE ON partners_tier_rules BEGIN SELECT "
    "RAISE(ABORT, 'published tier rules stay') WHERE OLD.status <> 'draft'; END",
    "partners_tier_rules_stays_as_published": "CREATE TRIGGER partners_tier_rules_stays_as_published BEFORE UPDATE ON partners_tier_rules BEGIN "
    "SELECT RAISE(ABORT, 'published tier rules are only superseded') WHERE OLD.status <> 'draft' AND "
    "(NEW.number <> OLD.number OR NEW.note <> OLD.note OR NEW.status = 'draft' OR (OLD.status = "
    "'superseded' AND NEW.status <> 'superseded')); END",
    "referrals_lead_touch_no_delete": "CREATE TRIGGER referrals_lead_touch_no_delete BEFORE DELETE ON referrals_lead_touch BEGIN SELECT "
    "RAISE(ABORT, 'referrals_lead_touch is append-only'); END",
    "referrals_lead_touch_no_update": "CREATE TRIGGER referrals_lead_touch_no_update BEFORE UPDATE ON referrals_lead_touch BEGIN SELECT "
    "RAISE(ABORT, 'referrals_lead_touch is append-only'); END",
    "referrals_link_click_no_delete": "CREATE TRIGGER referrals_link_click_no_delete BEFORE DELETE ON referrals_link_click BEGIN SELECT "
    "RAISE(ABORT, 'referrals_link_click is append-only'); END",
    "referrals_link_click_no_update": "CREATE TRIGGER referrals_link_click_no_update BEFORE UPDATE ON referrals_link_click BEGIN SELECT "
    "RAISE(ABORT, 'referrals_link_click is append-only'); END",
    "referrals_reached_milestone_is_only_undone": "CREATE TRIGGER referrals_reached_milestone_is_only_undone BEFORE UPDATE ON "
    "referrals_reached_milestone BEGIN SELECT RAISE(ABORT, 'a reached milestone is undone once and "
    "otherwise stays as it is') WHERE NEW.id <> OLD.id OR NEW.deal_id <> OLD.deal_id OR NEW.milestone_id "
    "<> OLD.milestone_id OR NEW.way <> OLD.way OR NEW.document <> OLD.document OR NEW.reached_at <> "
    "OLD.reached_at OR OLD.undone_at IS NOT NULL OR NEW.undone_at IS NULL; END",
    "referrals_reached_milestone_stays": "CREATE TRIGGER referrals_reached_milestone_stays BEFORE DELETE ON referrals_reached_milestone BEGIN "
    "SELECT RAISE(ABORT, 'a reached milestone is never removed') WHERE TRUE; END",
    "referrals_sale_decision_no_delete": "CREATE TRIGGER referrals_sale_decision_no_delete BEFORE DELETE ON referrals_sale_decision BEGIN "
    "SELECT RAISE(ABORT, 'referrals_sale_decision is append-only'); END",
    "referrals_sale_decision_no_update": "CREATE TRIGGER referrals_sale_decision_no_update BEFORE UPDATE ON referrals_sale_decision BEGIN "
    "SELECT RAISE(ABORT, 'referrals_sale_decision is append-only'); END",
}

OLD_ON_SQLITE: dict[str, str] = {
    "academy_attempt_stays_as_it_ended": "CREATE TRIGGER academy_attempt_stays_as_it_ended BEFORE UPDATE ON academy_attempt BEGIN SELECT "
    "RAISE(ABORT, 'an attempt that has ended does not change') WHERE OLD.status <> 'open'; SELECT "
    "RAISE(ABORT, 'an attempt keeps its person, course and time') WHERE OLD.user_id <> NEW.user_id OR "
    "OLD.version_id <> NEW.version_id OR OLD.started_at <> NEW.started_at OR OLD.due_at <> NEW.due_at OR "
    "OLD.pass_mark <> NEW.pass_mark; END",
    "academy_certificate_says_what_it_said": "CREATE TRIGGER academy_certificate_says_what_it_said BEFORE UPDATE ON academy_certificate BEGIN "
    "SELECT RAISE(ABORT, 'what a certificate says does not change') WHERE OLD.serial <> NEW.serial OR "
    "OLD.user_id <> NEW.user_id OR OLD.course_id <> NEW.course_id OR OLD.course_version_id <> "
    "NEW.course_version_id OR OLD.attempt_id <> NEW.attempt_id OR OLD.holder <> NEW.holder OR OLD.level "
    "<> NEW.level OR OLD.band <> NEW.band OR OLD.issued_at <> NEW.issued_at OR OLD.expires_at <> "
    "NEW.expires_at; SELECT RAISE(ABORT, 'a revoked certificate stays revoked') WHERE OLD.revoked_at IS "
    "NOT NULL AND NEW.revoked_at IS NULL; SELECT RAISE(ABORT, 'a superseded certificate stays so') WHERE "
    "OLD.superseded_at IS NOT NULL AND NEW.superseded_at IS NULL; END",
    "commissions_journal_line_moves_balance": "CREATE TRIGGER commissions_journal_line_moves_balance AFTER INSERT ON commissions_journal_line BEGIN "
    "INSERT INTO commissions_balance (account_id, amount_minor, lines, last_line_id) SELECT "
    "NEW.account_id, NEW.amount_minor, 1, NEW.id FROM commissions_account WHERE id = NEW.account_id AND "
    "guarded ON CONFLICT (account_id) DO UPDATE SET amount_minor = commissions_balance.amount_minor + "
    "excluded.amount_minor, lines = commissions_balance.lines + 1, last_line_id = excluded.last_line_id; "
    "END",
    "commissions_journal_seal_balances": "CREATE TRIGGER commissions_journal_seal_balances BEFORE INSERT ON commissions_journal_seal BEGIN "
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
    "entry.id = line.journal_entry_id JOIN commissions_account AS account ON account.id = line.account_id "
    "JOIN commissions_balance AS balance ON balance.account_id = line.account_id WHERE "
    "line.journal_entry_id = NEW.journal_entry_id AND entry.kind = 'payout_reserved' AND ((account.type = "
    "'liability' AND line.amount_minor > 0 AND balance.amount_minor > 0) OR (account.type = 'asset' AND "
    "line.amount_minor < 0 AND balance.amount_minor < 0))); SELECT RAISE(ABORT, 'no more is paid or "
    "released than was set aside') WHERE EXISTS (SELECT 1 FROM commissions_journal_line AS line JOIN "
    "commissions_account AS account ON account.id = line.account_id AND account.code LIKE '%:in_run:%' "
    "JOIN commissions_balance AS balance ON balance.account_id = line.account_id WHERE "
    "line.journal_entry_id = NEW.journal_entry_id AND balance.amount_minor > 0); END",
    "commissions_payment_file_is_only_executed": "CREATE TRIGGER commissions_payment_file_is_only_executed BEFORE UPDATE ON commissions_payment_file "
    "BEGIN SELECT RAISE(ABORT, 'a payment file stays as it was made') WHERE NEW.id <> OLD.id OR "
    "NEW.run_id <> OLD.run_id OR NEW.message_id <> OLD.message_id OR NEW.sha256 <> OLD.sha256 OR "
    "NEW.total_minor <> OLD.total_minor OR OLD.executed_at IS NOT NULL; END",
    "commissions_payout_keeps_the_rules": "CREATE TRIGGER commissions_payout_keeps_the_rules BEFORE UPDATE ON commissions_payout BEGIN SELECT "
    "RAISE(ABORT, 'a payout cannot take this step') WHERE NEW.status <> OLD.status AND OLD.status || '>' "
    "|| NEW.status NOT IN ('pending>sending', 'sending>unknown', 'sending>sent', 'sending>failed', "
    "'unknown>sent', 'unknown>failed', 'sent>paid', 'sent>failed', 'paid>reversed', 'failed>pending', "
    "'failed>sent'); SELECT RAISE(ABORT, 'amount, partner, method and destination of a payout are "
    "frozen') WHERE NEW.run_id <> OLD.run_id OR NEW.partner_id <> OLD.partner_id OR NEW.currency <> "
    "OLD.currency OR NEW.amount_minor <> OLD.amount_minor OR NEW.method <> OLD.method OR "
    "CAST(NEW.destination AS TEXT) <> CAST(OLD.destination AS TEXT); SELECT RAISE(ABORT, 'nothing is sent "
    "from a run that nobody approved') WHERE NEW.status <> 'pending' AND (SELECT status FROM "
    "commissions_payout_run WHERE id = NEW.run_id) NOT IN ('approved', 'sending', 'partly_sent', 'done'); "
    "END",
    "commissions_statement_is_frozen": "CREATE TRIGGER commissions_statement_is_frozen BEFORE UPDATE ON commissions_statement BEGIN SELECT "
    "RAISE(ABORT, 'an issued statement is frozen') WHERE NEW.id <> OLD.id OR NEW.number <> OLD.number OR "
    "NEW.partner_id <> OLD.partner_id OR NEW.currency <> OLD.currency OR NEW.month <> OLD.month OR "
    "NEW.opening_minor <> OLD.opening_minor OR NEW.moved_minor <> OLD.moved_minor OR NEW.closing_minor <> "
    "OLD.closing_minor OR NEW.digest <> OLD.digest OR CAST(NEW.content AS TEXT) <> CAST(OLD.content AS "
    "TEXT); END",
    "core_activity_no_update": "CREATE TRIGGER core_activity_no_update BEFORE UPDATE ON core_activity BEGIN SELECT RAISE(ABORT, "
    "'core_activity is append-only'); END",
}

UP_ON_POSTGRESQL: tuple[str, ...] = (
    "DROP TRIGGER IF EXISTS core_activity_no_update ON core_activity",
    "DROP TRIGGER IF EXISTS commissions_journal_line_moves_balance ON commissions_journal_line",
    "CREATE OR REPLACE FUNCTION public.academy_attempt_stays_as_it_ended() RETURNS trigger LANGUAGE "
    "plpgsql AS $function$ BEGIN IF OLD.status <> 'open' THEN RAISE EXCEPTION 'an attempt that has ended "
    "does not change' USING ERRCODE = 'check_violation'; END IF; IF OLD.user_id <> NEW.user_id OR "
    "OLD.version_id <> NEW.version_id OR OLD.started_at <> NEW.started_at OR OLD.due_at <> NEW.due_at OR "
    "OLD.pass_mark <> NEW.pass_mark OR OLD.penalty <> NEW.penalty THEN RAISE EXCEPTION 'an attempt keeps "
    "its person, course and time' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $function$",
    "CREATE OR REPLACE FUNCTION public.academy_certificate_says_what_it_said() RETURNS trigger LANGUAGE "
    "plpgsql AS $function$ BEGIN IF OLD.serial <> NEW.serial OR OLD.user_id <> NEW.user_id OR "
    "OLD.course_id <> NEW.course_id OR OLD.course_version_id <> NEW.course_version_id OR OLD.attempt_id "
    "<> NEW.attempt_id OR OLD.level <> NEW.level OR OLD.band <> NEW.band OR OLD.issued_at <> "
    "NEW.issued_at OR OLD.expires_at <> NEW.expires_at THEN RAISE EXCEPTION 'what a certificate says does "
    "not change' USING ERRCODE = 'check_violation'; END IF; IF OLD.holder <> NEW.holder AND NOT EXISTS "
    "(SELECT 1 FROM accounts_user WHERE id = OLD.user_id AND erased_at IS NOT NULL) THEN RAISE EXCEPTION "
    "'a certificate names its holder until their data is erased' USING ERRCODE = 'check_violation'; END "
    "IF; IF OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS NULL THEN RAISE EXCEPTION 'a revoked "
    "certificate stays revoked' USING ERRCODE = 'check_violation'; END IF; IF OLD.superseded_at IS NOT "
    "NULL AND NEW.superseded_at IS NULL THEN RAISE EXCEPTION 'a superseded certificate stays so' USING "
    "ERRCODE = 'check_violation'; END IF; RETURN NEW; END $function$",
    "CREATE OR REPLACE FUNCTION public.academy_signing_key_stays() RETURNS trigger LANGUAGE plpgsql AS "
    "$function$ BEGIN IF 1 = 1 THEN RAISE EXCEPTION 'signing keys are kept' USING ERRCODE = "
    "'check_violation'; END IF; RETURN OLD; END $function$",
    "CREATE OR REPLACE FUNCTION public.academy_signing_key_stays_itself() RETURNS trigger LANGUAGE "
    "plpgsql AS $function$ BEGIN IF OLD.name <> NEW.name OR OLD.public_key <> NEW.public_key OR "
    "OLD.private_key <> NEW.private_key OR OLD.created_at <> NEW.created_at THEN RAISE EXCEPTION 'a "
    "signing key does not change' USING ERRCODE = 'check_violation'; END IF; IF OLD.retired_at IS NOT "
    "NULL AND NEW.retired_at IS NULL THEN RAISE EXCEPTION 'a retired signing key stays retired' USING "
    "ERRCODE = 'check_violation'; END IF; RETURN NEW; END $function$",
    "CREATE OR REPLACE FUNCTION public.academy_submission_stays_whose_it_is() RETURNS trigger LANGUAGE "
    "plpgsql AS $function$ BEGIN IF OLD.user_id <> NEW.user_id OR OLD.practical_id <> NEW.practical_id OR "
    "OLD.submitted_at <> NEW.submitted_at THEN RAISE EXCEPTION 'a work stays with its author' USING "
    "ERRCODE = 'check_violation'; END IF; IF NEW.status IN ('passed', 'failed') AND NOT EXISTS (SELECT 1 "
    "FROM academy_verdict WHERE submission_id = NEW.id) THEN RAISE EXCEPTION 'a verdict is needed' USING "
    "ERRCODE = 'check_violation'; END IF; IF OLD.status = 'passed' AND NEW.status <> 'passed' THEN RAISE "
    "EXCEPTION 'a passed work stays passed' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END "
    "$function$",
    "CREATE OR REPLACE FUNCTION public.commissions_bank_line_stays() RETURNS trigger LANGUAGE plpgsql AS "
    "$function$ BEGIN IF NEW.amount_minor <> OLD.amount_minor OR NEW.currency <> OLD.currency OR "
    "NEW.reference <> OLD.reference OR NEW.statement_id <> OLD.statement_id THEN RAISE EXCEPTION 'a line "
    "of a bank statement stays as the bank wrote it' USING ERRCODE = 'check_violation'; END IF; RETURN "
    "NEW; END $function$",
    "CREATE OR REPLACE FUNCTION public.commissions_dispute_keeps_its_line() RETURNS trigger LANGUAGE "
    "plpgsql AS $function$ BEGIN IF NEW.id <> OLD.id OR NEW.entry_id <> OLD.entry_id OR NEW.partner_id <> "
    "OLD.partner_id OR NEW.opened_at <> OLD.opened_at OR (OLD.decided_at IS NOT NULL AND (NEW.status <> "
    "OLD.status OR NEW.decided_at IS NULL OR NEW.decided_at <> OLD.decided_at OR "
    "COALESCE(NEW.correction_id, 0) <> COALESCE(OLD.correction_id, 0))) THEN RAISE EXCEPTION 'a dispute "
    "is about one line, and once decided stays decided' USING ERRCODE = 'check_violation'; END IF; RETURN "
    "NEW; END $function$",
    "CREATE OR REPLACE FUNCTION public.commissions_dispute_stays() RETURNS trigger LANGUAGE plpgsql AS "
    "$function$ BEGIN IF TRUE THEN RAISE EXCEPTION 'a dispute is never removed' USING ERRCODE = "
    "'check_violation'; END IF; RETURN OLD; END $function$",
    "CREATE OR REPLACE FUNCTION public.commissions_earned_day_by_its_lines() RETURNS trigger LANGUAGE "
    "plpgsql AS $function$ BEGIN IF pg_trigger_depth() < 2 THEN RAISE EXCEPTION 'the sum of a day is "
    "moved by its lines alone' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $function$",
    "CREATE OR REPLACE FUNCTION public.commissions_earned_day_stays() RETURNS trigger LANGUAGE plpgsql AS "
    "$function$ BEGIN IF TRUE THEN RAISE EXCEPTION 'the sum of a day is never removed' USING ERRCODE = "
    "'check_violation'; END IF; RETURN OLD; END $function$",
    "CREATE OR REPLACE FUNCTION public.commissions_entry_moves_its_day() RETURNS trigger LANGUAGE plpgsql "
    "SECURITY DEFINER SET search_path TO 'public', 'pg_temp' AS $function$ BEGIN INSERT INTO "
    "commissions_earned_day (partner_id, currency, available_on, amount_minor, entries, last_entry_id) "
    "SELECT partner_id, currency, (available_at AT TIME ZONE 'UTC')::date, SUM(amount_minor), COUNT(*), "
    "MAX(id) FROM fresh WHERE partner_id IS NOT NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 ON CONFLICT "
    "(partner_id, currency, available_on) DO UPDATE SET amount_minor = "
    "commissions_earned_day.amount_minor + excluded.amount_minor, entries = "
    "commissions_earned_day.entries + excluded.entries, last_entry_id = excluded.last_entry_id; RETURN "
    "NULL; END $function$",
    "CREATE OR REPLACE FUNCTION public.commissions_journal_line_moves_balance() RETURNS trigger LANGUAGE "
    "plpgsql SECURITY DEFINER SET search_path TO 'public', 'pg_temp' AS $function$ BEGIN INSERT INTO "
    "commissions_balance (account_id, amount_minor, lines, last_line_id) SELECT fresh.account_id, "
    "SUM(fresh.amount_minor), COUNT(*), MAX(fresh.id) FROM fresh JOIN commissions_account AS account ON "
    "account.id = fresh.account_id AND account.guarded GROUP BY fresh.account_id ORDER BY "
    "fresh.account_id ON CONFLICT (account_id) DO UPDATE SET amount_minor = "
    "commissions_balance.amount_minor + excluded.amount_minor, lines = commissions_balance.lines + "
    "excluded.lines, last_line_id = excluded.last_line_id; RETURN NULL; END $function$",
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
    "CREATE OR REPLACE FUNCTION public.commissions_paying_account_is_only_closed() RETURNS trigger "
    "LANGUAGE plpgsql AS $function$ BEGIN IF NEW.id <> OLD.id OR NEW.method <> OLD.method OR NEW.currency "
    "<> OLD.currency OR CAST(NEW.details AS TEXT) <> CAST(OLD.details AS TEXT) OR OLD.closed_at IS NOT "
    "NULL THEN RAISE EXCEPTION 'an account that payouts came from stays as it was' USING ERRCODE = "
    "'check_violation'; END IF; RETURN NEW; END $function$",
    "CREATE OR REPLACE FUNCTION public.commissions_payment_file_is_only_executed() RETURNS trigger "
    "LANGUAGE plpgsql AS $function$ BEGIN IF NEW.id <> OLD.id OR NEW.run_id <> OLD.run_id OR "
    "NEW.message_id <> OLD.message_id OR NEW.method <> OLD.method OR NEW.sha256 <> OLD.sha256 OR "
    "NEW.total_minor <> OLD.total_minor OR OLD.executed_at IS NOT NULL THEN RAISE EXCEPTION 'a payment "
    "file stays as it was made' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $function$",
    "CREATE OR REPLACE FUNCTION public.commissions_payout_keeps_the_rules() RETURNS trigger LANGUAGE "
    "plpgsql AS $function$ BEGIN IF NEW.status <> OLD.status AND OLD.status || '>' || NEW.status NOT IN "
    "('pending>sending', 'sending>unknown', 'sending>sent', 'sending>failed', 'unknown>sent', "
    "'unknown>failed', 'sent>paid', 'sent>failed', 'paid>reversed', 'failed>pending', 'failed>sent') THEN "
    "RAISE EXCEPTION 'a payout cannot take this step' USING ERRCODE = 'check_violation'; END IF; IF "
    "NEW.run_id <> OLD.run_id OR NEW.partner_id <> OLD.partner_id OR NEW.currency <> OLD.currency OR "
    "NEW.amount_minor <> OLD.amount_minor OR NEW.method <> OLD.method OR NEW.vat_minor <> OLD.vat_minor "
    "OR NEW.withheld_minor <> OLD.withheld_minor OR NEW.fee_minor <> OLD.fee_minor OR "
    "CAST(NEW.destination AS TEXT) <> CAST(OLD.destination AS TEXT) THEN RAISE EXCEPTION 'amount, "
    "partner, method and destination of a payout are frozen' USING ERRCODE = 'check_violation'; END IF; "
    "IF NEW.status <> 'pending' AND (SELECT status FROM commissions_payout_run WHERE id = NEW.run_id) NOT "
    "IN ('approved', 'sending', 'partly_sent', 'done') THEN RAISE EXCEPTION 'nothing is sent from a run "
    "that nobody approved' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $function$",
    "CREATE OR REPLACE FUNCTION public.commissions_recruitment_is_only_ended() RETURNS trigger LANGUAGE "
    "plpgsql AS $function$ BEGIN IF NEW.id <> OLD.id OR NEW.partner_id <> OLD.partner_id OR "
    "NEW.recruiter_id <> OLD.recruiter_id OR NEW.noted_at <> OLD.noted_at OR OLD.ended_at IS NOT NULL OR "
    "NEW.ended_at IS NULL THEN RAISE EXCEPTION 'who recruited whom is ended once and otherwise stays as "
    "it is' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $function$",
    "CREATE OR REPLACE FUNCTION public.commissions_recruitment_stays() RETURNS trigger LANGUAGE plpgsql "
    "AS $function$ BEGIN IF TRUE THEN RAISE EXCEPTION 'who recruited whom is never removed' USING ERRCODE "
    "= 'check_violation'; END IF; RETURN OLD; END $function$",
    "CREATE OR REPLACE FUNCTION public.commissions_sale_report_keeps_what_was_told() RETURNS trigger "
    "LANGUAGE plpgsql AS $function$ BEGIN IF NEW.id <> OLD.id OR NEW.partner_id <> OLD.partner_id OR "
    "NEW.number <> OLD.number OR NEW.file_sha256 <> OLD.file_sha256 OR CAST(NEW.lines AS TEXT) <> "
    "CAST(OLD.lines AS TEXT) OR (OLD.status <> 'reported' AND (NEW.status <> OLD.status OR "
    "COALESCE(NEW.sale_id, 0) <> COALESCE(OLD.sale_id, 0))) THEN RAISE EXCEPTION 'a report stays as it "
    "was told, and once decided stays decided' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END "
    "$function$",
    "CREATE OR REPLACE FUNCTION public.commissions_sale_report_stays() RETURNS trigger LANGUAGE plpgsql "
    "AS $function$ BEGIN IF TRUE THEN RAISE EXCEPTION 'a report of a sale is never removed' USING ERRCODE "
    "= 'check_violation'; END IF; RETURN OLD; END $function$",
    "CREATE OR REPLACE FUNCTION public.commissions_statement_is_frozen() RETURNS trigger LANGUAGE plpgsql "
    "AS $function$ BEGIN IF NEW.id <> OLD.id OR NEW.number <> OLD.number OR NEW.partner_id <> "
    "OLD.partner_id OR NEW.currency <> OLD.currency OR NEW.month <> OLD.month OR NEW.opening_minor <> "
    "OLD.opening_minor OR NEW.moved_minor <> OLD.moved_minor OR NEW.closing_minor <> OLD.closing_minor OR "
    "NEW.digest <> OLD.digest OR (OLD.signed_at IS NOT NULL AND (NEW.signed_at IS NULL OR NEW.signed_at "
    "<> OLD.signed_at OR NEW.signed_digest <> OLD.signed_digest)) OR CAST(NEW.content AS TEXT) <> "
    "CAST(OLD.content AS TEXT) THEN RAISE EXCEPTION 'an issued statement is frozen' USING ERRCODE = "
    "'check_violation'; END IF; RETURN NEW; END $function$",
    "CREATE OR REPLACE FUNCTION public.commissions_tax_paper_is_only_checked() RETURNS trigger LANGUAGE "
    "plpgsql AS $function$ BEGIN IF NEW.id <> OLD.id OR NEW.partner_id <> OLD.partner_id OR NEW.sha256 <> "
    "OLD.sha256 OR NEW.storage_key <> OLD.storage_key OR NEW.kind <> OLD.kind OR OLD.checked_at IS NOT "
    "NULL THEN RAISE EXCEPTION 'a tax paper stays as it was uploaded' USING ERRCODE = 'check_violation'; "
    "END IF; RETURN NEW; END $function$",
    "CREATE OR REPLACE FUNCTION public.core_activity_says_what_it_said() RETURNS trigger LANGUAGE plpgsql "
    "AS $function$ BEGIN IF NEW.id <> OLD.id OR NEW.at <> OLD.at OR NEW.verb <> OLD.verb OR NEW.actor_id "
    "IS DISTINCT FROM OLD.actor_id OR NEW.subject_type <> OLD.subject_type OR NEW.subject_id IS DISTINCT "
    "FROM OLD.subject_id OR NEW.partner_id IS DISTINCT FROM OLD.partner_id THEN RAISE EXCEPTION 'the "
    "audit trail is append-only' USING ERRCODE = 'check_violation'; END IF; IF (NEW.actor_name <> "
    "OLD.actor_name OR NEW.address IS DISTINCT FROM OLD.address) AND NOT EXISTS (SELECT 1 FROM "
    "accounts_user WHERE erased_at IS NOT NULL AND id = OLD.actor_id) THEN RAISE EXCEPTION 'the audit "
    "trail keeps who did it until their data is erased' USING ERRCODE = 'check_violation'; END IF; IF "
    "CAST(NEW.details AS TEXT) <> CAST(OLD.details AS TEXT) AND NOT (OLD.subject_type = 'user' AND EXISTS "
    "(SELECT 1 FROM accounts_user WHERE erased_at IS NOT NULL AND id = OLD.subject_id)) THEN RAISE "
    "EXCEPTION 'the audit trail keeps its details until their person is erased' USING ERRCODE = "
    "'check_violation'; END IF; RETURN NEW; END $function$",
    "CREATE OR REPLACE FUNCTION public.partners_tier_grace_keeps_its_days() RETURNS trigger LANGUAGE "
    "plpgsql AS $function$ BEGIN IF OLD.closed_on IS NOT NULL OR NEW.announced_on <> OLD.announced_on OR "
    "NEW.ends_on < OLD.ends_on OR NEW.partner_id <> OLD.partner_id THEN RAISE EXCEPTION 'an announced "
    "grace is only closed' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $function$",
    "CREATE OR REPLACE FUNCTION public.partners_tier_requirement_delete_in_a_draft() RETURNS trigger "
    "LANGUAGE plpgsql AS $function$ BEGIN IF NOT EXISTS (SELECT 1 FROM partners_tier_rules WHERE id = "
    "OLD.rules_id AND status = 'draft') THEN RAISE EXCEPTION 'requirements change in a draft only' USING "
    "ERRCODE = 'check_violation'; END IF; RETURN OLD; END $function$",
    "CREATE OR REPLACE FUNCTION public.partners_tier_requirement_insert_in_a_draft() RETURNS trigger "
    "LANGUAGE plpgsql AS $function$ BEGIN IF NOT EXISTS (SELECT 1 FROM partners_tier_rules WHERE id = "
    "NEW.rules_id AND status = 'draft') THEN RAISE EXCEPTION 'requirements change in a draft only' USING "
    "ERRCODE = 'check_violation'; END IF; RETURN NEW; END $function$",
    "CREATE OR REPLACE FUNCTION public.partners_tier_requirement_update_in_a_draft() RETURNS trigger "
    "LANGUAGE plpgsql AS $function$ BEGIN IF NOT EXISTS (SELECT 1 FROM partners_tier_rules WHERE id = "
    "OLD.rules_id AND status = 'draft') THEN RAISE EXCEPTION 'requirements change in a draft only' USING "
    "ERRCODE = 'check_violation'; END IF; RETURN NEW; END $function$",
    "CREATE OR REPLACE FUNCTION public.partners_tier_rules_stays() RETURNS trigger LANGUAGE plpgsql AS "
    "$function$ BEGIN IF OLD.status <> 'draft' THEN RAISE EXCEPTION 'published tier rules stay' USING "
    "ERRCODE = 'check_violation'; END IF; RETURN OLD; END $function$",
    "CREATE OR REPLACE FUNCTION public.partners_tier_rules_stays_as_published() RETURNS trigger LANGUAGE "
    "plpgsql AS $function$ BEGIN IF OLD.status <> 'draft' AND (NEW.number <> OLD.number OR NEW.note <> "
    "OLD.note OR NEW.status = 'draft' OR (OLD.status = 'superseded' AND NEW.status <> 'superseded')) THEN "
    "RAISE EXCEPTION 'published tier rules are only superseded' USING ERRCODE = 'check_violation'; END "
    "IF; RETURN NEW; END $function$",
    "CREATE OR REPLACE FUNCTION public.referrals_reached_milestone_is_only_undone() RETURNS trigger "
    "LANGUAGE plpgsql AS $function$ BEGIN IF NEW.id <> OLD.id OR NEW.deal_id <> OLD.deal_id OR "
    "NEW.milestone_id <> OLD.milestone_id OR NEW.way <> OLD.way OR NEW.document <> OLD.document OR "
    "NEW.reached_at <> OLD.reached_at OR OLD.undone_at IS NOT NULL OR NEW.undone_at IS NULL THEN RAISE "
    "EXCEPTION 'a reached milestone is undone once and otherwise stays as it is' USING ERRCODE = "
    "'check_violation'; END IF; RETURN NEW; END $function$",
    "CREATE OR REPLACE FUNCTION public.referrals_reached_milestone_stays() RETURNS trigger LANGUAGE "
    "plpgsql AS $function$ BEGIN IF TRUE THEN RAISE EXCEPTION 'a reached milestone is never removed' "
    "USING ERRCODE = 'check_violation'; END IF; RETURN OLD; END $function$",
    "CREATE TRIGGER academy_signing_key_stays BEFORE DELETE ON public.academy_signing_key FOR EACH ROW "
    "EXECUTE FUNCTION academy_signing_key_stays()",
    "CREATE TRIGGER academy_signing_key_stays_itself BEFORE UPDATE ON public.academy_signing_key FOR EACH "
    "ROW EXECUTE FUNCTION academy_signing_key_stays_itself()",
    "CREATE TRIGGER academy_submission_stays_whose_it_is BEFORE UPDATE ON public.academy_submission FOR "
    "EACH ROW EXECUTE FUNCTION academy_submission_stays_whose_it_is()",
    "CREATE TRIGGER academy_verdict_no_delete BEFORE DELETE ON public.academy_verdict FOR EACH ROW "
    "EXECUTE FUNCTION guildhall_refuse('academy_verdict is append-only')",
    "CREATE TRIGGER academy_verdict_no_truncate BEFORE TRUNCATE ON public.academy_verdict FOR EACH "
    "STATEMENT EXECUTE FUNCTION guildhall_refuse('academy_verdict is append-only')",
    "CREATE TRIGGER academy_verdict_no_update BEFORE UPDATE ON public.academy_verdict FOR EACH ROW "
    "EXECUTE FUNCTION guildhall_refuse('academy_verdict is append-only')",
    "CREATE TRIGGER commissions_bank_line_stays BEFORE UPDATE ON public.commissions_bank_line FOR EACH "
    "ROW EXECUTE FUNCTION commissions_bank_line_stays()",
    "CREATE TRIGGER commissions_dispute_keeps_its_line BEFORE UPDATE ON public.commissions_dispute FOR "
    "EACH ROW EXECUTE FUNCTION commissions_dispute_keeps_its_line()",
    "CREATE TRIGGER commissions_dispute_stays BEFORE DELETE ON public.commissions_dispute FOR EACH ROW "
    "EXECUTE FUNCTION commissions_dispute_stays()",
    "CREATE TRIGGER commissions_dispute_message_no_delete BEFORE DELETE ON "
    "public.commissions_dispute_message FOR EACH ROW EXECUTE FUNCTION "
    "guildhall_refuse('commissions_dispute_message is append-only')",
    "CREATE TRIGGER commissions_dispute_message_no_truncate BEFORE TRUNCATE ON "
    "public.commissions_dispute_message FOR EACH STATEMENT EXECUTE FUNCTION "
    "guildhall_refuse('commissions_dispute_message is append-only')",
    "CREATE TRIGGER commissions_dispute_message_no_update BEFORE UPDATE ON "
    "public.commissions_dispute_message FOR EACH ROW EXECUTE FUNCTION "
    "guildhall_refuse('commissions_dispute_message is append-only')",
    "CREATE TRIGGER commissions_earned_day_by_its_lines BEFORE INSERT OR UPDATE ON "
    "public.commissions_earned_day FOR EACH ROW EXECUTE FUNCTION commissions_earned_day_by_its_lines()",
    "CREATE TRIGGER commissions_earned_day_stays BEFORE DELETE ON public.commissions_earned_day FOR EACH "
    "ROW EXECUTE FUNCTION commissions_earned_day_stays()",
    "CREATE TRIGGER commissions_entry_moves_its_day AFTER INSERT ON public.commissions_entry REFERENCING "
    "NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION commissions_entry_moves_its_day()",
    "CREATE TRIGGER commissions_journal_line_moves_balance AFTER INSERT ON "
    "public.commissions_journal_line REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION "
    "commissions_journal_line_moves_balance()",
    "CREATE TRIGGER commissions_paying_account_is_only_closed BEFORE UPDATE ON "
    "public.commissions_paying_account FOR EACH ROW EXECUTE FUNCTION "
    "commissions_paying_account_is_only_closed()",
    "CREATE TRIGGER commissions_recruitment_is_only_ended BEFORE UPDATE ON public.commissions_recruitment "
    "FOR EACH ROW EXECUTE FUNCTION commissions_recruitment_is_only_ended()",
    "CREATE TRIGGER commissions_recruitment_stays BEFORE DELETE ON public.commissions_recruitment FOR "
    "EACH ROW EXECUTE FUNCTION commissions_recruitment_stays()",
    "CREATE TRIGGER commissions_sale_report_keeps_what_was_told BEFORE UPDATE ON "
    "public.commissions_sale_report FOR EACH ROW EXECUTE FUNCTION "
    "commissions_sale_report_keeps_what_was_told()",
    "CREATE TRIGGER commissions_sale_report_stays BEFORE DELETE ON public.commissions_sale_report FOR "
    "EACH ROW EXECUTE FUNCTION commissions_sale_report_stays()",
    "CREATE TRIGGER commissions_tax_paper_is_only_checked BEFORE UPDATE ON public.commissions_tax_paper "
    "FOR EACH ROW EXECUTE FUNCTION commissions_tax_paper_is_only_checked()",
    "CREATE TRIGGER core_activity_says_what_it_said BEFORE UPDATE ON public.core_activity FOR EACH ROW "
    "EXECUTE FUNCTION core_activity_says_what_it_said()",
    "CREATE TRIGGER partners_tier_decision_no_delete BEFORE DELETE ON public.partners_tier_decision FOR "
    "EACH ROW EXECUTE FUNCTION guildhall_refuse('partners_tier_decision is append-only')",
    "CREATE TRIGGER partners_tier_decision_no_truncate BEFORE TRUNCATE ON public.partners_tier_decision "
    "FOR EACH STATEMENT EXECUTE FUNCTION guildhall_refuse('partners_tier_decision is append-only')",
    "CREATE TRIGGER partners_tier_decision_no_update BEFORE UPDATE ON public.partners_tier_decision FOR "
    "EACH ROW EXECUTE FUNCTION guildhall_refuse('partners_tier_decision is append-only')",
    "CREATE TRIGGER partners_tier_grace_keeps_its_days BEFORE UPDATE ON public.partners_tier_grace FOR "
    "EACH ROW EXECUTE FUNCTION partners_tier_grace_keeps_its_days()",
    "CREATE TRIGGER partners_tier_requirement_delete_in_a_draft BEFORE DELETE ON "
    "public.partners_tier_requirement FOR EACH ROW EXECUTE FUNCTION "
    "partners_tier_requirement_delete_in_a_draft()",
    "CREATE TRIGGER partners_tier_requirement_insert_in_a_draft BEFORE INSERT ON "
    "public.partners_tier_requirement FOR EACH ROW EXECUTE FUNCTION "
    "partners_tier_requirement_insert_in_a_draft()",
    "CREATE TRIGGER partners_tier_requirement_update_in_a_draft BEFORE UPDATE ON "
    "public.partners_tier_requirement FOR EACH ROW EXECUTE FUNCTION "
    "partners_tier_requirement_update_in_a_draft()",
    "CREATE TRIGGER partners_tier_rules_stays BEFORE DELETE ON public.partners_tier_rules FOR EACH ROW "
    "EXECUTE FUNCTION partners_tier_rules_stays()",
    "CREATE TRIGGER partners_tier_rules_stays_as_published BEFORE UPDATE ON public.partners_tier_rules "
    "FOR EACH ROW EXECUTE FUNCTION partners_tier_rules_stays_as_published()",
    "CREATE TRIGGER referrals_lead_touch_no_delete BEFORE DELETE ON public.referrals_lead_touch FOR EACH "
    "ROW EXECUTE FUNCTION guildhall_refuse('referrals_lead_touch is append-only')",
    "CREATE TRIGGER referrals_lead_touch_no_truncate BEFORE TRUNCATE ON public.referrals_lead_touch FOR "
    "EACH STATEMENT EXECUTE FUNCTION guildhall_refuse('referrals_lead_touch is append-only')",
    "CREATE TRIGGER referrals_lead_touch_no_update BEFORE UPDATE ON public.referrals_lead_touch FOR EACH "
    "ROW EXECUTE FUNCTION guildhall_refuse('referrals_lead_touch is append-only')",
    "CREATE TRIGGER referrals_link_click_no_delete BEFORE DELETE ON public.referrals_link_click FOR EACH "
    "ROW EXECUTE FUNCTION guildhall_refuse('referrals_link_click is append-only')",
    "CREATE TRIGGER referrals_link_click_no_truncate BEFORE TRUNCATE ON public.referrals_link_click FOR "
    "EACH STATEMENT EXECUTE FUNCTION guildhall_refuse('referrals_link_click is append-only')",
    "CREATE TRIGGER referrals_link_click_no_update BEFORE UPDATE ON public.referrals_link_click FOR EACH "
    "ROW EXECUTE FUNCTION guildhall_refuse('referrals_link_click is append-only')",
    "CREATE TRIGGER referrals_reached_milestone_is_only_undone BEFORE UPDATE ON "
    "public.referrals_reached_milestone FOR EACH ROW EXECUTE FUNCTION "
    "referrals_reached_milestone_is_only_undone()",
    "CREATE TRIGGER referrals_reached_milestone_stays BEFORE DELETE ON public.referrals_reached_milestone "
    "FOR EACH ROW EXECUTE FUNCTION referrals_reached_milestone_stays()",
    "CREATE TRIGGER referrals_sale_decision_no_delete BEFORE DELETE ON public.referrals_sale_decision FOR "
    "EACH ROW EXECUTE FUNCTION guildhall_refuse('referrals_sale_decision is append-only')",
    "CREATE TRIGGER referrals_sale_decision_no_truncate BEFORE TRUNCATE ON public.referrals_sale_decision "
    "FOR EACH STATEMENT EXECUTE FUNCTION guildhall_refuse('referrals_sale_decision is append-only')",
    "CREATE TRIGGER referrals_sale_decision_no_update BEFORE UPDATE ON public.referrals_sale_decision FOR "
    "EACH ROW EXECUTE FUNCTION guildhall_refuse('referrals_sale_decision is append-only')",
)

DOWN_ON_POSTGRESQL: tuple[str, ...] = (
    "DROP TRIGGER IF EXISTS referrals_sale_decision_no_update ON referrals_sale_decision",
    "DROP TRIGGER IF EXISTS referrals_sale_decision_no_truncate ON referrals_sale_decision",
    "DROP TRIGGER IF EXISTS referrals_sale_decision_no_delete ON referrals_sale_decision",
    "DROP TRIGGER IF EXISTS referrals_reached_milestone_stays ON referrals_reached_milestone",
    "DROP TRIGGER IF EXISTS referrals_reached_milestone_is_only_undone ON referrals_reached_milestone",
    "DROP TRIGGER IF EXISTS referrals_link_click_no_update ON referrals_link_click",
    "DROP TRIGGER IF EXISTS referrals_link_click_no_truncate ON referrals_link_click",
    "DROP TRIGGER IF EXISTS referrals_link_click_no_delete ON referrals_link_click",
    "DROP TRIGGER IF EXISTS referrals_lead_touch_no_update ON referrals_lead_touch",
    "DROP TRIGGER IF EXISTS referrals_lead_touch_no_truncate ON referrals_lead_touch",
    "DROP TRIGGER IF EXISTS referrals_lead_touch_no_delete ON referrals_lead_touch",
    "DROP TRIGGER IF EXISTS partners_tier_rules_stays_as_published ON partners_tier_rules",
    "DROP TRIGGER IF EXISTS partners_tier_rules_stays ON partners_tier_rules",
    "DROP TRIGGER IF EXISTS partners_tier_requirement_update_in_a_draft ON partners_tier_requirement",
    "DROP TRIGGER IF EXISTS partners_tier_requirement_insert_in_a_draft ON partners_tier_requirement",
    "DROP TRIGGER IF EXISTS partners_tier_requirement_delete_in_a_draft ON partners_tier_requirement",
    "DROP TRIGGER IF EXISTS partners_tier_grace_keeps_its_days ON partners_tier_grace",
    "DROP TRIGGER IF EXISTS partners_tier_decision_no_update ON partners_tier_decision",
    "DROP TRIGGER IF EXISTS partners_tier_decision_no_truncate ON partners_tier_decision",
    "DROP TRIGGER IF EXISTS partners_tier_decision_no_delete ON partners_tier_decision",
    "DROP TRIGGER IF EXISTS core_activity_says_what_it_said ON core_activity",
    "DROP TRIGGER IF EXISTS commissions_tax_paper_is_only_checked ON commissions_tax_paper",
    "DROP TRIGGER IF EXISTS commissions_sale_report_stays ON commissions_sale_report",
    "DROP TRIGGER IF EXISTS commissions_sale_report_keeps_what_was_told ON commissions_sale_report",
    "DROP TRIGGER IF EXISTS commissions_recruitment_stays ON commissions_recruitment",
    "DROP TRIGGER IF EXISTS commissions_recruitment_is_only_ended ON commissions_recruitment",
    "DROP TRIGGER IF EXISTS commissions_paying_account_is_only_closed ON commissions_paying_account",
    "DROP TRIGGER IF EXISTS commissions_journal_line_moves_balance ON commissions_journal_line",
    "DROP TRIGGER IF EXISTS commissions_entry_moves_its_day ON commissions_entry",
    "DROP TRIGGER IF EXISTS commissions_earned_day_stays ON commissions_earned_day",
    "DROP TRIGGER IF EXISTS commissions_earned_day_by_its_lines ON commissions_earned_day",
    "DROP TRIGGER IF EXISTS commissions_dispute_message_no_update ON commissions_dispute_message",
    "DROP TRIGGER IF EXISTS commissions_dispute_message_no_truncate ON commissions_dispute_message",
    "DROP TRIGGER IF EXISTS commissions_dispute_message_no_delete ON commissions_dispute_message",
    "DROP TRIGGER IF EXISTS commissions_dispute_stays ON commissions_dispute",
    "DROP TRIGGER IF EXISTS commissions_dispute_keeps_its_line ON commissions_dispute",
    "DROP TRIGGER IF EXISTS commissions_bank_line_stays ON commissions_bank_line",
    "DROP TRIGGER IF EXISTS academy_verdict_no_update ON academy_verdict",
    "DROP TRIGGER IF EXISTS academy_verdict_no_truncate ON academy_verdict",
    "DROP TRIGGER IF EXISTS academy_verdict_no_delete ON academy_verdict",
    "DROP TRIGGER IF EXISTS academy_submission_stays_whose_it_is ON academy_submission",
    "DROP TRIGGER IF EXISTS academy_signing_key_stays_itself ON academy_signing_key",
    "DROP TRIGGER IF EXISTS academy_signing_key_stays ON academy_signing_key",
    "DROP FUNCTION IF EXISTS referrals_reached_milestone_stays() CASCADE",
    "DROP FUNCTION IF EXISTS referrals_reached_milestone_is_only_undone() CASCADE",
    "DROP FUNCTION IF EXISTS partners_tier_rules_stays_as_published() CASCADE",
    "DROP FUNCTION IF EXISTS partners_tier_rules_stays() CASCADE",
    "DROP FUNCTION IF EXISTS partners_tier_requirement_update_in_a_draft() CASCADE",
    "DROP FUNCTION IF EXISTS partners_tier_requirement_insert_in_a_draft() CASCADE",
    "DROP FUNCTION IF EXISTS partners_tier_requirement_delete_in_a_draft() CASCADE",
    "DROP FUNCTION IF EXISTS partners_tier_grace_keeps_its_days() CASCADE",
    "DROP FUNCTION IF EXISTS core_activity_says_what_it_said() CASCADE",
    "DROP FUNCTION IF EXISTS commissions_tax_paper_is_only_checked() CASCADE",
    "DROP FUNCTION IF EXISTS commissions_sale_report_stays() CASCADE",
    "DROP FUNCTION IF EXISTS commissions_sale_report_keeps_what_was_told() CASCADE",
    "DROP FUNCTION IF EXISTS commissions_recruitment_stays() CASCADE",
    "DROP FUNCTION IF EXISTS commissions_recruitment_is_only_ended() CASCADE",
    "DROP FUNCTION IF EXISTS commissions_paying_account_is_only_closed() CASCADE",
    "DROP FUNCTION IF EXISTS commissions_entry_moves_its_day() CASCADE",
    "DROP FUNCTION IF EXISTS commissions_earned_day_stays() CASCADE",
    "DROP FUNCTION IF EXISTS commissions_earned_day_by_its_lines() CASCADE",
    "DROP FUNCTION IF EXISTS commissions_dispute_stays() CASCADE",
    "DROP FUNCTION IF EXISTS commissions_dispute_keeps_its_line() CASCADE",
    "DROP FUNCTION IF EXISTS commissions_bank_line_stays() CASCADE",
    "DROP FUNCTION IF EXISTS academy_submission_stays_whose_it_is() CASCADE",
    "DROP FUNCTION IF EXISTS academy_signing_key_stays_itself() CASCADE",
    "DROP FUNCTION IF EXISTS academy_signing_key_stays() CASCADE",
    "CREATE OR REPLACE FUNCTION public.academy_attempt_stays_as_it_ended() RETURNS trigger LANGUAGE "
    "plpgsql AS $function$ BEGIN IF OLD.status <> 'open' THEN RAISE EXCEPTION 'an attempt that has ended "
    "does not change' USING ERRCODE = 'check_violation'; END IF; IF OLD.user_id <> NEW.user_id OR "
    "OLD.version_id <> NEW.version_id OR OLD.started_at <> NEW.started_at OR OLD.due_at <> NEW.due_at OR "
    "OLD.pass_mark <> NEW.pass_mark THEN RAISE EXCEPTION 'an attempt keeps its person, course and time' "
    "USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $function$",
    "CREATE OR REPLACE FUNCTION public.academy_certificate_says_what_it_said() RETURNS trigger LANGUAGE "
    "plpgsql AS $function$ BEGIN IF OLD.serial <> NEW.serial OR OLD.user_id <> NEW.user_id OR "
    "OLD.course_id <> NEW.course_id OR OLD.course_version_id <> NEW.course_version_id OR OLD.attempt_id "
    "<> NEW.attempt_id OR OLD.holder <> NEW.holder OR OLD.level <> NEW.level OR OLD.band <> NEW.band OR "
    "OLD.issued_at <> NEW.issued_at OR OLD.expires_at <> NEW.expires_at THEN RAISE EXCEPTION 'what a "
    "certificate says does not change' USING ERRCODE = 'check_violation'; END IF; IF OLD.revoked_at IS "
    "NOT NULL AND NEW.revoked_at IS NULL THEN RAISE EXCEPTION 'a revoked certificate stays revoked' USING "
    "ERRCODE = 'check_violation'; END IF; IF OLD.superseded_at IS NOT NULL AND NEW.superseded_at IS NULL "
    "THEN RAISE EXCEPTION 'a superseded certificate stays so' USING ERRCODE = 'check_violation'; END IF; "
    "RETURN NEW; END $function$",
    "CREATE OR REPLACE FUNCTION public.commissions_journal_line_moves_balance() RETURNS trigger LANGUAGE "
    "plpgsql SECURITY DEFINER SET search_path TO 'public', 'pg_temp' AS $function$ BEGIN INSERT INTO "
    "commissions_balance (account_id, amount_minor, lines, last_line_id) SELECT NEW.account_id, "
    "NEW.amount_minor, 1, NEW.id FROM commissions_account WHERE id = NEW.account_id AND guarded ON "
    "CONFLICT (account_id) DO UPDATE SET amount_minor = commissions_balance.amount_minor + "
    "excluded.amount_minor, lines = commissions_balance.lines + 1, last_line_id = excluded.last_line_id; "
    "RETURN NULL; END $function$",
    "CREATE OR REPLACE FUNCTION public.commissions_journal_seal_balances() RETURNS trigger LANGUAGE "
    "plpgsql AS $function$ BEGIN IF NEW.lines < 2 OR NEW.lines <> (SELECT COUNT(*) FROM "
    "commissions_journal_line WHERE journal_entry_id = NEW.journal_entry_id) THEN RAISE EXCEPTION 'a "
    "journal entry has all its lines, at least two' USING ERRCODE = 'check_violation'; END IF; IF EXISTS "
    "(SELECT 1 FROM commissions_journal_line WHERE journal_entry_id = NEW.journal_entry_id GROUP BY "
    "currency HAVING SUM(amount_minor) <> 0) THEN RAISE EXCEPTION 'a journal entry balances in every "
    "currency' USING ERRCODE = 'check_violation'; END IF; IF EXISTS (SELECT 1 FROM "
    "commissions_journal_line AS line JOIN commissions_journal_entry AS entry ON entry.id = "
    "NEW.journal_entry_id AND line.journal_entry_id IN (entry.id, entry.reverses_id) WHERE "
    "entry.reverses_id IS NOT NULL GROUP BY line.account_id HAVING SUM(line.amount_minor) <> 0) THEN "
    "RAISE EXCEPTION 'a reversal mirrors what it reverses' USING ERRCODE = 'check_violation'; END IF; IF "
    "EXISTS (SELECT 1 FROM commissions_journal_line AS line JOIN commissions_journal_entry AS entry ON "
    "entry.id = line.journal_entry_id JOIN commissions_account AS account ON account.id = line.account_id "
    "JOIN commissions_balance AS balance ON balance.account_id = line.account_id WHERE "
    "line.journal_entry_id = NEW.journal_entry_id AND entry.kind = 'payout_reserved' AND ((account.type = "
    "'liability' AND line.amount_minor > 0 AND balance.amount_minor > 0) OR (account.type = 'asset' AND "
    "line.amount_minor < 0 AND balance.amount_minor < 0))) THEN RAISE EXCEPTION 'a payout takes no more "
    "than is owed' USING ERRCODE = 'check_violation'; END IF; IF EXISTS (SELECT 1 FROM "
    "commissions_journal_line AS line JOIN commissions_account AS account ON account.id = line.account_id "
    "AND account.code LIKE '%%:in_run:%%' JOIN commissions_balance AS balance ON balance.account_id = "
    "line.account_id WHERE line.journal_entry_id = NEW.journal_entry_id AND balance.amount_minor > 0) "
    "THEN RAISE EXCEPTION 'no more is paid or released than was set aside' USING ERRCODE = "
    "'check_violation'; END IF; RETURN NEW; END $function$",
    "CREATE OR REPLACE FUNCTION public.commissions_payment_file_is_only_executed() RETURNS trigger "
    "LANGUAGE plpgsql AS $function$ BEGIN IF NEW.id <> OLD.id OR NEW.run_id <> OLD.run_id OR "
    "NEW.message_id <> OLD.message_id OR NEW.sha256 <> OLD.sha256 OR NEW.total_minor <> OLD.total_minor "
    "OR OLD.executed_at IS NOT NULL THEN RAISE EXCEPTION 'a payment file stays as it was made' USING "
    "ERRCODE = 'check_violation'; END IF; RETURN NEW; END $function$",
    "CREATE OR REPLACE FUNCTION public.commissions_payout_keeps_the_rules() RETURNS trigger LANGUAGE "
    "plpgsql AS $function$ BEGIN IF NEW.status <> OLD.status AND OLD.status || '>' || NEW.status NOT IN "
    "('pending>sending', 'sending>unknown', 'sending>sent', 'sending>failed', 'unknown>sent', "
    "'unknown>failed', 'sent>paid', 'sent>failed', 'paid>reversed', 'failed>pending', 'failed>sent') THEN "
    "RAISE EXCEPTION 'a payout cannot take this step' USING ERRCODE = 'check_violation'; END IF; IF "
    "NEW.run_id <> OLD.run_id OR NEW.partner_id <> OLD.partner_id OR NEW.currency <> OLD.currency OR "
    "NEW.amount_minor <> OLD.amount_minor OR NEW.method <> OLD.method OR CAST(NEW.destination AS TEXT) <> "
    "CAST(OLD.destination AS TEXT) THEN RAISE EXCEPTION 'amount, partner, method and destination of a "
    "payout are frozen' USING ERRCODE = 'check_violation'; END IF; IF NEW.status <> 'pending' AND (SELECT "
    "status FROM commissions_payout_run WHERE id = NEW.run_id) NOT IN ('approved', 'sending', "
    "'partly_sent', 'done') THEN RAISE EXCEPTION 'nothing is sent from a run that nobody approved' USING "
    "ERRCODE = 'check_violation'; END IF; RETURN NEW; END $function$",
    "CREATE OR REPLACE FUNCTION public.commissions_statement_is_frozen() RETURNS trigger LANGUAGE plpgsql "
    "AS $function$ BEGIN IF NEW.id <> OLD.id OR NEW.number <> OLD.number OR NEW.partner_id <> "
    "OLD.partner_id OR NEW.currency <> OLD.currency OR NEW.month <> OLD.month OR NEW.opening_minor <> "
    "OLD.opening_minor OR NEW.moved_minor <> OLD.moved_minor OR NEW.closing_minor <> OLD.closing_minor OR "
    "NEW.digest <> OLD.digest OR CAST(NEW.content AS TEXT) <> CAST(OLD.content AS TEXT) THEN RAISE "
    "EXCEPTION 'an issued statement is frozen' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END "
    "$function$",
    "CREATE TRIGGER commissions_journal_line_moves_balance AFTER INSERT ON "
    "public.commissions_journal_line FOR EACH ROW EXECUTE FUNCTION "
    "commissions_journal_line_moves_balance()",
    "CREATE TRIGGER core_activity_no_update BEFORE UPDATE ON public.core_activity FOR EACH ROW EXECUTE "
    "FUNCTION guildhall_refuse('core_activity is append-only')",
)


def upgrade() -> None:
    connection = op.get_bind()
    aside = set_aside(connection)
    op.create_table(
        "academy_article",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("product_codes", JSON, nullable=False),
        sa.Column("editions", JSON, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_academy_article")),
        sa.UniqueConstraint("slug", name=op.f("uq_academy_article_slug")),
    )
    op.create_table(
        "academy_path",
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
        sa.Column("editions", JSON, nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_academy_path")),
        sa.UniqueConstraint("code", name=op.f("uq_academy_path_code")),
    )
    op.create_table(
        "academy_signing_key",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("private_key", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_academy_signing_key")),
        sa.UniqueConstraint("name", name=op.f("uq_academy_signing_key_name")),
    )
    with op.batch_alter_table("academy_signing_key", schema=None) as batch_op:
        batch_op.create_index(
            "uq_academy_signing_key_in_use",
            ["purpose"],
            unique=True,
            postgresql_where=sa.text("retired_at IS NULL"),
            sqlite_where=sa.text("retired_at IS NULL"),
        )

    op.create_table(
        "commissions_bank_statement",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "format",
            sa.Enum("camt053", "onec", name="statementformat", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_by_name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commissions_bank_statement")),
        sa.UniqueConstraint("sha256", name=op.f("uq_commissions_bank_statement_sha256")),
    )
    op.create_table(
        "commissions_paying_account",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "method",
            sa.Enum(
                "sepa",
                "foreign",
                "onec",
                "stripe",
                "manual",
                name="payoutmethod",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("details", JSON, nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by_name", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commissions_paying_account")),
    )
    with op.batch_alter_table("commissions_paying_account", schema=None) as batch_op:
        batch_op.create_index(
            "uq_commissions_paying_account_open",
            ["method", "currency"],
            unique=True,
            postgresql_where=sa.text("closed_at IS NULL"),
            sqlite_where=sa.text("closed_at IS NULL"),
        )

    op.create_table(
        "commissions_recomputation",
        sa.Column("until_sale_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("last_sale_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lines", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("posted", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("differences", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("differing", JSON, nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "status",
            sa.Enum("running", "stopped", "done", name="longrunstatus", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("of", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("done", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commissions_recomputation")),
    )
    with op.batch_alter_table("commissions_recomputation", schema=None) as batch_op:
        batch_op.create_index(
            "uq_commissions_recomputation_one_at_a_time",
            ["status"],
            unique=True,
            postgresql_where=sa.text("status = 'running'"),
            sqlite_where=sa.text("status = 'running'"),
        )

    op.create_table(
        "commissions_stripe_comparison",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("compared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("days", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("counts", JSON, nullable=False),
        sa.Column("findings", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commissions_stripe_comparison")),
    )
    op.create_table(
        "core_bounce",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_bounce")),
    )
    with op.batch_alter_table("core_bounce", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_core_bounce_address"), ["address"], unique=False)
        batch_op.create_index(batch_op.f("ix_core_bounce_at"), ["at"], unique=False)

    op.create_table(
        "core_webhook_endpoint",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("event_types", JSON, nullable=False),
        sa.Column("sealed_secret", sa.Text(), nullable=False),
        sa.Column("sealed_old_secret", sa.Text(), nullable=True),
        sa.Column("old_secret_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_because", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_webhook_endpoint")),
    )
    op.create_table(
        "core_webhook_message",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_webhook_message")),
        sa.UniqueConstraint("public_id", name=op.f("uq_core_webhook_message_public_id")),
    )
    with op.batch_alter_table("core_webhook_message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_core_webhook_message_at"), ["at"], unique=False)

    op.create_table(
        "events_year_plan",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("year", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("city_key", sa.Text(), nullable=False),
        sa.Column("events", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("events > 0 AND events <= 1000", name=op.f("ck_events_year_plan_events")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events_year_plan")),
        sa.UniqueConstraint(
            "year", "country", "city_key", name=op.f("uq_events_year_plan_year_country_city_key")
        ),
    )
    op.create_table(
        "partners_resource",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "price_list",
                "deck",
                "logo",
                "template",
                "case",
                "other",
                name="resourcekind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_ru", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("tiers", JSON, nullable=False),
        sa.Column("co_branded", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("storage_key", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_name", sa.Text(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partners_resource")),
    )
    with op.batch_alter_table("partners_resource", schema=None) as batch_op:
        batch_op.create_index("ix_partners_resource_list", ["retired_at", "kind", "id"], unique=False)

    op.create_table(
        "partners_tier_rules",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "status",
            sa.Enum("draft", "published", "superseded", name="rulesstatus", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_name", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_by_name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partners_tier_rules")),
        sa.UniqueConstraint("number", name=op.f("uq_partners_tier_rules_number")),
    )
    with op.batch_alter_table("partners_tier_rules", schema=None) as batch_op:
        batch_op.create_index(
            "uq_partners_tier_rules_draft",
            ["status"],
            unique=True,
            sqlite_where=sa.text("status = 'draft'"),
            postgresql_where=sa.text("status = 'draft'"),
        )
        batch_op.create_index(
            "uq_partners_tier_rules_published",
            ["status"],
            unique=True,
            sqlite_where=sa.text("status = 'published'"),
            postgresql_where=sa.text("status = 'published'"),
        )

    op.create_table(
        "referrals_lead_hook",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "kind", sa.Enum("lead", "product", name="hookkind", native_enum=False, length=40), nullable=False
        ),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("generation", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("mapping", JSON, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals_lead_hook")),
        sa.UniqueConstraint("slug", name=op.f("uq_referrals_lead_hook_slug")),
    )
    op.create_table(
        "academy_article_vote",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("article_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("is_useful", sa.Boolean(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("voted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["academy_article.id"],
            name=op.f("fk_academy_article_vote_article_id_academy_article"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["accounts_user.id"], name=op.f("fk_academy_article_vote_user_id_accounts_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_academy_article_vote")),
        sa.UniqueConstraint("article_id", "user_id", name=op.f("uq_academy_article_vote_article_id_user_id")),
    )
    with op.batch_alter_table("academy_article_vote", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_academy_article_vote_user_id"), ["user_id"], unique=False)

    op.create_table(
        "academy_course_file",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("storage_key", sa.Text(), nullable=False),
        sa.Column("width", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("height", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["added_by_id"],
            ["accounts_user.id"],
            name=op.f("fk_academy_course_file_added_by_id_accounts_user"),
        ),
        sa.ForeignKeyConstraint(
            ["course_id"], ["academy_course.id"], name=op.f("fk_academy_course_file_course_id_academy_course")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_academy_course_file")),
        sa.UniqueConstraint("key", name=op.f("uq_academy_course_file_key")),
    )
    with op.batch_alter_table("academy_course_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_academy_course_file_added_by_id"), ["added_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_academy_course_file_course_id"), ["course_id"], unique=False)

    op.create_table(
        "academy_path_step",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("path_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["academy_course.id"], name=op.f("fk_academy_path_step_course_id_academy_course")
        ),
        sa.ForeignKeyConstraint(
            ["path_id"], ["academy_path.id"], name=op.f("fk_academy_path_step_path_id_academy_path")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_academy_path_step")),
        sa.UniqueConstraint("path_id", "course_id", name=op.f("uq_academy_path_step_path_id_course_id")),
    )
    with op.batch_alter_table("academy_path_step", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_academy_path_step_course_id"), ["course_id"], unique=False)

    op.create_table(
        "academy_practical",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("editions", JSON, nullable=False),
        sa.Column("rubric", JSON, nullable=False),
        sa.Column("needed", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("minutes", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.CheckConstraint("needed > 0", name=op.f("ck_academy_practical_needs_something")),
        sa.ForeignKeyConstraint(
            ["course_id"], ["academy_course.id"], name=op.f("fk_academy_practical_course_id_academy_course")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_academy_practical")),
        sa.UniqueConstraint("course_id", name=op.f("uq_academy_practical_course_id")),
    )
    op.create_table(
        "academy_slot",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("examiner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["examiner_id"], ["accounts_user.id"], name=op.f("fk_academy_slot_examiner_id_accounts_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_academy_slot")),
        sa.UniqueConstraint("examiner_id", "starts_at", name=op.f("uq_academy_slot_examiner_id_starts_at")),
    )
    with op.batch_alter_table("academy_slot", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_academy_slot_starts_at"), ["starts_at"], unique=False)

    op.create_table(
        "accounts_authenticator_app",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sealed_secret", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["accounts_user.id"],
            name=op.f("fk_accounts_authenticator_app_user_id_accounts_user"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts_authenticator_app")),
    )
    with op.batch_alter_table("accounts_authenticator_app", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_accounts_authenticator_app_user_id"), ["user_id"], unique=False)

    op.create_table(
        "accounts_data_export",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("storage_key", sa.Text(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("records", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["asked_by_id"],
            ["accounts_user.id"],
            name=op.f("fk_accounts_data_export_asked_by_id_accounts_user"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["accounts_user.id"], name=op.f("fk_accounts_data_export_user_id_accounts_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts_data_export")),
    )
    with op.batch_alter_table("accounts_data_export", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_accounts_data_export_asked_by_id"), ["asked_by_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_accounts_data_export_email"), ["email"], unique=False)
        batch_op.create_index(batch_op.f("ix_accounts_data_export_made_at"), ["made_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_accounts_data_export_user_id"), ["user_id"], unique=False)

    op.create_table(
        "accounts_notice",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["accounts_user.id"], name=op.f("fk_accounts_notice_user_id_accounts_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts_notice")),
    )
    with op.batch_alter_table("accounts_notice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_accounts_notice_at"), ["at"], unique=False)
        batch_op.create_index(
            "ix_accounts_notice_unread",
            ["user_id"],
            unique=False,
            postgresql_where=sa.text("read_at IS NULL"),
            sqlite_where=sa.text("read_at IS NULL"),
        )
        batch_op.create_index("ix_accounts_notice_user_id", ["user_id", "id"], unique=False)

    op.create_table(
        "accounts_passkey",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("credential_id", sa.Text(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("sign_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("transports", JSON, nullable=False),
        sa.Column("is_synced", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["accounts_user.id"], name=op.f("fk_accounts_passkey_user_id_accounts_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_accounts_passkey_credential_id")),
    )
    with op.batch_alter_table("accounts_passkey", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_accounts_passkey_user_id"), ["user_id"], unique=False)

    op.create_table(
        "accounts_passkey_challenge",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("challenge", sa.Text(), nullable=False),
        sa.Column(
            "ceremony",
            sa.Enum(
                "enrolment",
                "sign_in",
                "second_factor",
                "confirmation",
                name="ceremony",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["accounts_user.id"],
            name=op.f("fk_accounts_passkey_challenge_user_id_accounts_user"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts_passkey_challenge")),
        sa.UniqueConstraint("challenge", name=op.f("uq_accounts_passkey_challenge_challenge")),
    )
    with op.batch_alter_table("accounts_passkey_challenge", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_accounts_passkey_challenge_created_at"), ["created_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_accounts_passkey_challenge_user_id"), ["user_id"], unique=False)

    op.create_table(
        "accounts_recovery_code",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code_digest", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["accounts_user.id"], name=op.f("fk_accounts_recovery_code_user_id_accounts_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts_recovery_code")),
        sa.UniqueConstraint("code_digest", name=op.f("uq_accounts_recovery_code_code_digest")),
    )
    with op.batch_alter_table("accounts_recovery_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_accounts_recovery_code_user_id"), ["user_id"], unique=False)

    op.create_table(
        "accounts_stopped_mail",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["accounts_user.id"], name=op.f("fk_accounts_stopped_mail_user_id_accounts_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts_stopped_mail")),
        sa.UniqueConstraint("user_id", "kind", name=op.f("uq_accounts_stopped_mail_user_id_kind")),
    )
    op.create_table(
        "commissions_sale_import",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "uploaded",
                "checking",
                "checked",
                "taking",
                "stopped",
                "done",
                name="saleimportstatus",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("file_key", sa.Text(), nullable=False),
        sa.Column("encoding", sa.Text(), nullable=False),
        sa.Column("delimiter", sa.Text(), nullable=False),
        sa.Column("header", JSON, nullable=False),
        sa.Column("row_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("places", JSON, nullable=False),
        sa.Column("read_to", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("problems", JSON, nullable=False),
        sa.Column("problem_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("wrong_rows", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sales", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("known", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("taken", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("left_out", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_by_name", sa.Text(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["accounts_user.id"],
            name=op.f("fk_commissions_sale_import_created_by_id_accounts_user"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commissions_sale_import")),
    )
    with op.batch_alter_table("commissions_sale_import", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_commissions_sale_import_created_by_id"), ["created_by_id"], unique=False
        )

    op.create_table(
        "core_webhook_delivery",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("endpoint_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "status",
            sa.Enum("waiting", "delivered", "given_up", name="deliverystatus", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("attempts", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("resent", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_status", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("last_answer", sa.Text(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["endpoint_id"],
            ["core_webhook_endpoint.id"],
            name=op.f("fk_core_webhook_delivery_endpoint_id_core_webhook_endpoint"),
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["core_webhook_message.id"],
            name=op.f("fk_core_webhook_delivery_message_id_core_webhook_message"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_webhook_delivery")),
        sa.UniqueConstraint(
            "endpoint_id", "message_id", name=op.f("uq_core_webhook_delivery_endpoint_id_message_id")
        ),
    )
    with op.batch_alter_table("core_webhook_delivery", schema=None) as batch_op:
        batch_op.create_index("ix_core_webhook_delivery_endpoint", ["endpoint_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_core_webhook_delivery_message_id"), ["message_id"], unique=False)

    op.create_table(
        "partners_announcement",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_ru", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_ru", sa.Text(), nullable=False),
        sa.Column("tiers", JSON, nullable=False),
        sa.Column("types", JSON, nullable=False),
        sa.Column("countries", JSON, nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("published_by_name", sa.Text(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["published_by_id"],
            ["accounts_user.id"],
            name=op.f("fk_partners_announcement_published_by_id_accounts_user"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partners_announcement")),
    )
    with op.batch_alter_table("partners_announcement", schema=None) as batch_op:
        batch_op.create_index("ix_partners_announcement_published_at", ["published_at"], unique=False)

    op.create_table(
        "partners_network_export",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("asked_by_name", sa.Text(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("file_key", sa.Text(), nullable=True),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tables", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["asked_by_id"],
            ["accounts_user.id"],
            name=op.f("fk_partners_network_export_asked_by_id_accounts_user"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partners_network_export")),
    )
    op.create_table(
        "partners_network_import",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "uploaded",
                "checking",
                "checked",
                "taking",
                "done",
                "undoing",
                "undone",
                name="importstatus",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("file_key", sa.Text(), nullable=False),
        sa.Column("encoding", sa.Text(), nullable=False),
        sa.Column("delimiter", sa.Text(), nullable=False),
        sa.Column("header", JSON, nullable=False),
        sa.Column("row_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("places", JSON, nullable=False),
        sa.Column("read_to", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("problems", JSON, nullable=False),
        sa.Column("problem_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("wrong_rows", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("leaves_out_wrong", sa.Boolean(), nullable=False),
        sa.Column("invites_admins", sa.Boolean(), nullable=False),
        sa.Column("taken", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("invited", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("forgotten", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ended", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kept", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_by_name", sa.Text(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["accounts_user.id"],
            name=op.f("fk_partners_network_import_created_by_id_accounts_user"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partners_network_import")),
    )
    op.create_table(
        "partners_tier_dry_run",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rules_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by_name", sa.Text(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counts", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["rules_id"],
            ["partners_tier_rules.id"],
            name=op.f("fk_partners_tier_dry_run_rules_id_partners_tier_rules"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partners_tier_dry_run")),
    )
    with op.batch_alter_table("partners_tier_dry_run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_partners_tier_dry_run_rules_id"), ["rules_id"], unique=False)

    op.create_table(
        "partners_tier_requirement",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rules_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("course", sa.Text(), nullable=False),
        sa.Column(
            "window",
            sa.Enum("rolling", "year", "lifetime", name="window", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("days", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "comparison",
            sa.Enum("at_least", "at_most", name="comparison", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("value", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("per", sa.Enum("firm", "person", name="per", native_enum=False, length=40), nullable=False),
        sa.CheckConstraint(
            "(\"window\" = 'rolling') = (days IS NOT NULL)",
            name=op.f("ck_partners_tier_requirement_days_of_a_rolling_window"),
        ),
        sa.CheckConstraint("value >= 0", name=op.f("ck_partners_tier_requirement_value_not_below_zero")),
        sa.ForeignKeyConstraint(
            ["rules_id"],
            ["partners_tier_rules.id"],
            name=op.f("fk_partners_tier_requirement_rules_id_partners_tier_rules"),
        ),
        sa.ForeignKeyConstraint(
            ["tier"], ["partners_tier.code"], name=op.f("fk_partners_tier_requirement_tier_partners_tier")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partners_tier_requirement")),
    )
    with op.batch_alter_table("partners_tier_requirement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_partners_tier_requirement_rules_id"), ["rules_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_partners_tier_requirement_tier"), ["tier"], unique=False)

    op.create_table(
        "partners_tier_run",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rules_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("firms", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("promoted", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("demoted", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("warned", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["rules_id"],
            ["partners_tier_rules.id"],
            name=op.f("fk_partners_tier_run_rules_id_partners_tier_rules"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partners_tier_run")),
    )
    with op.batch_alter_table("partners_tier_run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_partners_tier_run_rules_id"), ["rules_id"], unique=False)

    op.create_table(
        "referrals_hook_message",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hook_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("message_key", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("lead_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["hook_id"],
            ["referrals_lead_hook.id"],
            name=op.f("fk_referrals_hook_message_hook_id_referrals_lead_hook"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals_hook_message")),
        sa.UniqueConstraint(
            "hook_id", "message_key", name=op.f("uq_referrals_hook_message_hook_id_message_key")
        ),
    )
    with op.batch_alter_table("referrals_hook_message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_referrals_hook_message_hook_id"), ["hook_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_referrals_hook_message_received_at"), ["received_at"], unique=False
        )

    op.create_table(
        "referrals_lead_import",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "uploaded",
                "checking",
                "checked",
                "taking",
                "routing",
                "done",
                "undoing",
                "undone",
                name="importstatus",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("file_key", sa.Text(), nullable=False),
        sa.Column("encoding", sa.Text(), nullable=False),
        sa.Column("delimiter", sa.Text(), nullable=False),
        sa.Column("header", JSON, nullable=False),
        sa.Column("row_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("places", JSON, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("read_to", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("problems", JSON, nullable=False),
        sa.Column("problem_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("wrong_rows", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("leaves_out_wrong", sa.Boolean(), nullable=False),
        sa.Column("taken", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("repeated", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("routed", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kept", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_by_name", sa.Text(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["accounts_user.id"],
            name=op.f("fk_referrals_lead_import_created_by_id_accounts_user"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals_lead_import")),
    )
    op.create_table(
        "referrals_policy_replay",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("policy_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("against_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leads", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("replayed", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("played_to_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("played_to_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("memory", JSON, server_default="{}", nullable=False),
        sa.Column("outcome", JSON, nullable=False),
        sa.Column("others", JSON, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by_name", sa.Text(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["against_id"],
            ["referrals_routing_policy.id"],
            name=op.f("fk_referrals_policy_replay_against_id_referrals_routing_policy"),
        ),
        sa.ForeignKeyConstraint(
            ["policy_id"],
            ["referrals_routing_policy.id"],
            name=op.f("fk_referrals_policy_replay_policy_id_referrals_routing_policy"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals_policy_replay")),
    )
    with op.batch_alter_table("referrals_policy_replay", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_referrals_policy_replay_policy_id"), ["policy_id"], unique=False)

    op.create_table(
        "academy_submission",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("practical_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "submitted",
                "passed",
                "failed",
                "appealed",
                name="submissionstatus",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_type", sa.Text(), nullable=False),
        sa.Column("storage_key", sa.Text(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("slot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("appeal", sa.Text(), nullable=False),
        sa.Column("appealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["practical_id"],
            ["academy_practical.id"],
            name=op.f("fk_academy_submission_practical_id_academy_practical"),
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["academy_slot.id"], name=op.f("fk_academy_submission_slot_id_academy_slot")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["accounts_user.id"], name=op.f("fk_academy_submission_user_id_accounts_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_academy_submission")),
        sa.UniqueConstraint("slot_id", name=op.f("uq_academy_submission_slot_id")),
    )
    with op.batch_alter_table("academy_submission", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_academy_submission_practical_id"), ["practical_id"], unique=False
        )
        batch_op.create_index("ix_academy_submission_waiting", ["status", "id"], unique=False)
        batch_op.create_index(
            "uq_academy_submission_open",
            ["user_id", "practical_id"],
            unique=True,
            postgresql_where=sa.text("status IN ('submitted', 'appealed')"),
            sqlite_where=sa.text("status IN ('submitted', 'appealed')"),
        )

    op.create_table(
        "commissions_earned_day",
        sa.Column(
            "partner_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("available_on", sa.Date(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entries", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("last_entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_commissions_earned_day_partner_id_partners_partner"),
        ),
        sa.PrimaryKeyConstraint(
            "partner_id", "currency", "available_on", name=op.f("pk_commissions_earned_day")
        ),
    )
    op.create_table(
        "commissions_recruitment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("recruiter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "partner_id <> recruiter_id", name=op.f("ck_commissions_recruitment_somebody_else")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_commissions_recruitment_partner_id_partners_partner"),
        ),
        sa.ForeignKeyConstraint(
            ["recruiter_id"],
            ["partners_partner.id"],
            name=op.f("fk_commissions_recruitment_recruiter_id_partners_partner"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commissions_recruitment")),
    )
    with op.batch_alter_table("commissions_recruitment", schema=None) as batch_op:
        batch_op.create_index("ix_commissions_recruitment_recruiter", ["recruiter_id", "id"], unique=False)
        batch_op.create_index(
            "ux_commissions_recruitment_partner",
            ["partner_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "commissions_tax_paper",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "w9", "w8", "residence", "vat", "other", name="taxpaperkind", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("storage_key", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_by_name", sa.Text(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_by_name", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_commissions_tax_paper_partner_id_partners_partner"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commissions_tax_paper")),
    )
    with op.batch_alter_table("commissions_tax_paper", schema=None) as batch_op:
        batch_op.create_index("ix_commissions_tax_paper_partner", ["partner_id", "id"], unique=False)

    op.create_table(
        "partners_announcement_reading",
        sa.Column("announcement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["announcement_id"],
            ["partners_announcement.id"],
            name=op.f("fk_partners_announcement_reading_announcement_id_partners_announcement"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["accounts_user.id"],
            name=op.f("fk_partners_announcement_reading_user_id_accounts_user"),
        ),
        sa.PrimaryKeyConstraint("announcement_id", "user_id", name=op.f("pk_partners_announcement_reading")),
    )
    op.create_table(
        "partners_development_plan",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "status",
            sa.Enum("draft", "agreed", "closed", name="planstatus", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("partner_agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("partner_agreed_by_name", sa.Text(), nullable=False),
        sa.Column("vendor_agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("vendor_agreed_by_name", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closing_note", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "starts_on < ends_on", name=op.f("ck_partners_development_plan_starts_before_it_ends")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_partners_development_plan_partner_id_partners_partner"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partners_development_plan")),
    )
    with op.batch_alter_table("partners_development_plan", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_partners_development_plan_partner_id"), ["partner_id"], unique=False
        )
        batch_op.create_index(
            "uq_partners_development_plan_standing",
            ["partner_id"],
            unique=True,
            sqlite_where=sa.text("status <> 'closed'"),
            postgresql_where=sa.text("status <> 'closed'"),
        )

    op.create_table(
        "partners_finder_entry",
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("is_listed", sa.Boolean(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("summary_ru", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_partners_finder_entry_partner_id_partners_partner"),
        ),
        sa.PrimaryKeyConstraint("partner_id", name=op.f("pk_partners_finder_entry")),
    )
    op.create_table(
        "partners_resource_download",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("resource_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_partners_resource_download_partner_id_partners_partner"),
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"],
            ["partners_resource.id"],
            name=op.f("fk_partners_resource_download_resource_id_partners_resource"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["accounts_user.id"],
            name=op.f("fk_partners_resource_download_user_id_accounts_user"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partners_resource_download")),
    )
    with op.batch_alter_table("partners_resource_download", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_partners_resource_download_partner_id"), ["partner_id"], unique=False
        )
        batch_op.create_index(
            "ix_partners_resource_download_resource", ["resource_id", "partner_id"], unique=False
        )

    op.create_table(
        "partners_score",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("value", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("before", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("place", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("peers", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_partners_score_partner_id_partners_partner"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partners_score")),
        sa.UniqueConstraint("partner_id", "measure", name=op.f("uq_partners_score_partner_id_measure")),
    )
    with op.batch_alter_table("partners_score", schema=None) as batch_op:
        batch_op.create_index("ix_partners_score_measure", ["measure", "value"], unique=False)

    op.create_table(
        "partners_story",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "submitted",
                "published",
                "withdrawn",
                name="storystatus",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("customer", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_ru", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_ru", sa.Text(), nullable=False),
        sa.Column("consent_by", sa.Text(), nullable=False),
        sa.Column("consent_on", sa.Date(), nullable=True),
        sa.Column("consent_kept_in", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_by_name", sa.Text(), nullable=False),
        sa.Column("returned_because", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "status NOT IN ('submitted', 'published') OR (consent_by <> '' AND consent_on IS NOT NULL)",
            name=op.f("ck_partners_story_consent"),
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_partners_story_partner_id_partners_partner"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partners_story")),
    )
    with op.batch_alter_table("partners_story", schema=None) as batch_op:
        batch_op.create_index("ix_partners_story_list", ["status", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_partners_story_partner_id"), ["partner_id"], unique=False)

    op.create_table(
        "partners_thread",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("about_kind", sa.Text(), nullable=False),
        sa.Column("about_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("about_title", sa.Text(), nullable=False),
        sa.Column("opened_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("last_message_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["opened_by_id"], ["accounts_user.id"], name=op.f("fk_partners_thread_opened_by_id_accounts_user")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_partners_thread_partner_id_partners_partner"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partners_thread")),
    )
    with op.batch_alter_table("partners_thread", schema=None) as batch_op:
        batch_op.create_index("ix_partners_thread_about", ["about_kind", "about_id"], unique=False)
        batch_op.create_index("ix_partners_thread_due", ["answer_due_at"], unique=False)
        batch_op.create_index("ix_partners_thread_list", ["partner_id", "last_message_id"], unique=False)

    op.create_table(
        "partners_tier_decision",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "promoted",
                "demoted",
                "warned",
                "recovered",
                "held",
                "released",
                "by_hand",
                name="decisionkind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("rules_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("evidence", JSON, nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_partners_tier_decision_partner_id_partners_partner"),
        ),
        sa.ForeignKeyConstraint(
            ["rules_id"],
            ["partners_tier_rules.id"],
            name=op.f("fk_partners_tier_decision_rules_id_partners_tier_rules"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partners_tier_decision")),
    )
    with op.batch_alter_table("partners_tier_decision", schema=None) as batch_op:
        batch_op.create_index("ix_partners_tier_decision_partner", ["partner_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_partners_tier_decision_rules_id"), ["rules_id"], unique=False)

    op.create_table(
        "partners_tier_dry_run_row",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("dry_run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("step", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("anyway", sa.Boolean(), nullable=False),
        sa.Column("missing", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["dry_run_id"],
            ["partners_tier_dry_run.id"],
            name=op.f("fk_partners_tier_dry_run_row_dry_run_id_partners_tier_dry_run"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_partners_tier_dry_run_row_partner_id_partners_partner"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partners_tier_dry_run_row")),
    )
    with op.batch_alter_table("partners_tier_dry_run_row", schema=None) as batch_op:
        batch_op.create_index("ix_partners_tier_dry_run_row_list", ["dry_run_id", "step", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_partners_tier_dry_run_row_partner_id"), ["partner_id"], unique=False
        )

    op.create_table(
        "partners_tier_evaluation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("requirement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("value", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("needed", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("met", sa.Boolean(), nullable=False),
        sa.Column("lapses_on", sa.Date(), nullable=True),
        sa.Column("remains", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("evidence", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_partners_tier_evaluation_partner_id_partners_partner"),
        ),
        sa.ForeignKeyConstraint(
            ["requirement_id"],
            ["partners_tier_requirement.id"],
            name=op.f("fk_partners_tier_evaluation_requirement_id_partners_tier_requirement"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partners_tier_evaluation")),
        sa.UniqueConstraint(
            "partner_id", "requirement_id", name=op.f("uq_partners_tier_evaluation_partner_id_requirement_id")
        ),
    )
    with op.batch_alter_table("partners_tier_evaluation", schema=None) as batch_op:
        batch_op.create_index(
            "ix_partners_tier_evaluation_lapses", ["requirement_id", "lapses_on"], unique=False
        )

    op.create_table(
        "partners_tier_grace",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("falls_to", sa.Text(), nullable=False),
        sa.Column("announced_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("missing", JSON, nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["falls_to"], ["partners_tier.code"], name=op.f("fk_partners_tier_grace_falls_to_partners_tier")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_partners_tier_grace_partner_id_partners_partner"),
        ),
        sa.ForeignKeyConstraint(
            ["tier"], ["partners_tier.code"], name=op.f("fk_partners_tier_grace_tier_partners_tier")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partners_tier_grace")),
    )
    with op.batch_alter_table("partners_tier_grace", schema=None) as batch_op:
        batch_op.create_index("ix_partners_tier_grace_ends", ["closed_on", "ends_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_partners_tier_grace_partner_id"), ["partner_id"], unique=False)
        batch_op.create_index(
            "uq_partners_tier_grace_open",
            ["partner_id"],
            unique=True,
            sqlite_where=sa.text("closed_on IS NULL"),
            postgresql_where=sa.text("closed_on IS NULL"),
        )

    op.create_table(
        "partners_tier_hold",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column(
            "kind", sa.Enum("floor", "exact", name="holdkind", native_enum=False, length=40), nullable=False
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by_name", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_partners_tier_hold_partner_id_partners_partner"),
        ),
        sa.ForeignKeyConstraint(
            ["tier"], ["partners_tier.code"], name=op.f("fk_partners_tier_hold_tier_partners_tier")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partners_tier_hold")),
    )
    with op.batch_alter_table("partners_tier_hold", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_partners_tier_hold_partner_id"), ["partner_id"], unique=False)
        batch_op.create_index(
            "uq_partners_tier_hold_standing",
            ["partner_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "referrals_link",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["accounts_user.id"],
            name=op.f("fk_referrals_link_created_by_id_accounts_user"),
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_referrals_link_partner_id_partners_partner"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals_link")),
        sa.UniqueConstraint("token", name=op.f("uq_referrals_link_token")),
    )
    with op.batch_alter_table("referrals_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_referrals_link_created_by_id"), ["created_by_id"], unique=False)
        batch_op.create_index("ix_referrals_link_partner_id", ["partner_id", "id"], unique=False)

    op.create_table(
        "referrals_service_rate",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
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
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit_price_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column(
            "recurring",
            sa.Enum("month", "year", "once", name="recurrence", native_enum=False, length=40),
            nullable=False,
        ),
        sa.CheckConstraint("kind <> 'licence'", name=op.f("ck_referrals_service_rate_service")),
        sa.CheckConstraint("unit_price_minor >= 0", name=op.f("ck_referrals_service_rate_not_negative")),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_referrals_service_rate_partner_id_partners_partner"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals_service_rate")),
        sa.UniqueConstraint(
            "partner_id", "name", "currency", name=op.f("uq_referrals_service_rate_partner_id_name_currency")
        ),
    )
    op.create_table(
        "academy_verdict",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("submission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("examiner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lines", JSON, nullable=False),
        sa.Column("needed", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("feedback", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["examiner_id"], ["accounts_user.id"], name=op.f("fk_academy_verdict_examiner_id_accounts_user")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["academy_submission.id"],
            name=op.f("fk_academy_verdict_submission_id_academy_submission"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_academy_verdict")),
    )
    with op.batch_alter_table("academy_verdict", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_academy_verdict_examiner_id"), ["examiner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_academy_verdict_submission_id"), ["submission_id"], unique=False)

    op.create_table(
        "commissions_bank_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("statement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("counterparty", sa.Text(), nullable=False),
        sa.Column("counter_account", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("payout_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["payout_id"],
            ["commissions_payout.id"],
            name=op.f("fk_commissions_bank_line_payout_id_commissions_payout"),
        ),
        sa.ForeignKeyConstraint(
            ["statement_id"],
            ["commissions_bank_statement.id"],
            name=op.f("fk_commissions_bank_line_statement_id_commissions_bank_statement"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commissions_bank_line")),
        sa.UniqueConstraint(
            "statement_id", "number", name=op.f("uq_commissions_bank_line_statement_id_number")
        ),
    )
    with op.batch_alter_table("commissions_bank_line", schema=None) as batch_op:
        batch_op.create_index("ix_commissions_bank_line_payout", ["payout_id"], unique=False)

    op.create_table(
        "partners_development_goal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("plan_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("figure", "training", "event", "step", name="goalkind", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("course", sa.Text(), nullable=False),
        sa.Column("target", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by_name", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(measure = '') = (target IS NULL)",
            name=op.f("ck_partners_development_goal_measured_against_a_target"),
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"],
            ["partners_development_plan.id"],
            name=op.f("fk_partners_development_goal_plan_id_partners_development_plan"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partners_development_goal")),
    )
    with op.batch_alter_table("partners_development_goal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_partners_development_goal_plan_id"), ["plan_id"], unique=False)

    op.create_table(
        "partners_message",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("thread_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("author_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("from_vendor", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["accounts_user.id"], name=op.f("fk_partners_message_author_id_accounts_user")
        ),
        sa.ForeignKeyConstraint(
            ["thread_id"], ["partners_thread.id"], name=op.f("fk_partners_message_thread_id_partners_thread")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partners_message")),
    )
    with op.batch_alter_table("partners_message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_partners_message_thread_id"), ["thread_id"], unique=False)

    op.create_table(
        "partners_thread_person",
        sa.Column("thread_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["thread_id"],
            ["partners_thread.id"],
            name=op.f("fk_partners_thread_person_thread_id_partners_thread"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["accounts_user.id"], name=op.f("fk_partners_thread_person_user_id_accounts_user")
        ),
        sa.PrimaryKeyConstraint("thread_id", "user_id", name=op.f("pk_partners_thread_person")),
    )
    with op.batch_alter_table("partners_thread_person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_partners_thread_person_user_id"), ["user_id"], unique=False)

    op.create_table(
        "partners_thread_reading",
        sa.Column("thread_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["thread_id"],
            ["partners_thread.id"],
            name=op.f("fk_partners_thread_reading_thread_id_partners_thread"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["accounts_user.id"], name=op.f("fk_partners_thread_reading_user_id_accounts_user")
        ),
        sa.PrimaryKeyConstraint("thread_id", "user_id", name=op.f("pk_partners_thread_reading")),
    )
    op.create_table(
        "referrals_lead_touch",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lead_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("link_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["referrals_lead.id"], name=op.f("fk_referrals_lead_touch_lead_id_referrals_lead")
        ),
        sa.ForeignKeyConstraint(
            ["link_id"], ["referrals_link.id"], name=op.f("fk_referrals_lead_touch_link_id_referrals_link")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals_lead_touch")),
        sa.UniqueConstraint(
            "lead_id", "link_id", "at", name=op.f("uq_referrals_lead_touch_lead_id_link_id_at")
        ),
    )
    with op.batch_alter_table("referrals_lead_touch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_referrals_lead_touch_link_id"), ["link_id"], unique=False)

    op.create_table(
        "referrals_link_click",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("link_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["link_id"], ["referrals_link.id"], name=op.f("fk_referrals_link_click_link_id_referrals_link")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals_link_click")),
    )
    with op.batch_alter_table("referrals_link_click", schema=None) as batch_op:
        batch_op.create_index("ix_referrals_link_click_link_id", ["link_id", "at"], unique=False)

    op.create_table(
        "academy_webinar",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("host_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seats", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recording", sa.Text(), nullable=False),
        sa.Column("lesson_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_academy_webinar_lasts")),
        sa.CheckConstraint("seats > 0", name=op.f("ck_academy_webinar_has_seats")),
        sa.ForeignKeyConstraint(
            ["course_id"], ["academy_course.id"], name=op.f("fk_academy_webinar_course_id_academy_course")
        ),
        sa.ForeignKeyConstraint(
            ["host_id"], ["accounts_user.id"], name=op.f("fk_academy_webinar_host_id_accounts_user")
        ),
        sa.ForeignKeyConstraint(
            ["lesson_id"],
            ["academy_lesson.id"],
            name=op.f("fk_academy_webinar_lesson_id_academy_lesson"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_academy_webinar")),
    )
    with op.batch_alter_table("academy_webinar", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_academy_webinar_course_id"), ["course_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_academy_webinar_host_id"), ["host_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_academy_webinar_lesson_id"), ["lesson_id"], unique=False)
        batch_op.create_index("ix_academy_webinar_starts_at", ["starts_at", "id"], unique=False)

    op.create_table(
        "events_advance",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("request_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "status",
            sa.Enum("granted", "set_off", "taken_back", name="advancestatus", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("amount_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(status = 'granted') = (ended_at IS NULL)", name=op.f("ck_events_advance_ended")),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_events_advance_amount")),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_events_advance_partner_id_partners_partner"),
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["events_funding_request.id"],
            name=op.f("fk_events_advance_request_id_events_funding_request"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events_advance")),
        sa.UniqueConstraint("request_id", name=op.f("uq_events_advance_request_id")),
    )
    with op.batch_alter_table("events_advance", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_events_advance_partner_id"), ["partner_id"], unique=False)

    op.create_table(
        "academy_seat",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("webinar_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "status",
            sa.Enum("booked", "waiting", "given_up", name="seatstatus", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["accounts_user.id"], name=op.f("fk_academy_seat_user_id_accounts_user")
        ),
        sa.ForeignKeyConstraint(
            ["webinar_id"], ["academy_webinar.id"], name=op.f("fk_academy_seat_webinar_id_academy_webinar")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_academy_seat")),
        sa.UniqueConstraint("webinar_id", "user_id", name=op.f("uq_academy_seat_webinar_id_user_id")),
    )
    with op.batch_alter_table("academy_seat", schema=None) as batch_op:
        batch_op.create_index("ix_academy_seat_queue", ["webinar_id", "status", "since", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_academy_seat_user_id"), ["user_id"], unique=False)

    op.create_table(
        "commissions_sale_report",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "reported",
                "confirmed",
                "declined",
                "withdrawn",
                name="salereportstatus",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("deal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("sold_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
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
        sa.Column("lines", JSON, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_type", sa.Text(), nullable=False),
        sa.Column("file_key", sa.Text(), nullable=False),
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reported_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("decide_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("sale_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "(status = 'confirmed') = (sale_id IS NOT NULL)", name=op.f("ck_commissions_sale_report_sale")
        ),
        sa.CheckConstraint(
            "(status = 'declined') = (reason IS NOT NULL)", name=op.f("ck_commissions_sale_report_reason")
        ),
        sa.CheckConstraint(
            "(status = 'reported') = (decided_at IS NULL)", name=op.f("ck_commissions_sale_report_decided")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["referrals_customer.id"],
            name=op.f("fk_commissions_sale_report_customer_id_referrals_customer"),
        ),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["referrals_deal.id"], name=op.f("fk_commissions_sale_report_deal_id_referrals_deal")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["accounts_user.id"],
            name=op.f("fk_commissions_sale_report_decided_by_id_accounts_user"),
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_commissions_sale_report_partner_id_partners_partner"),
        ),
        sa.ForeignKeyConstraint(
            ["reported_by_id"],
            ["accounts_user.id"],
            name=op.f("fk_commissions_sale_report_reported_by_id_accounts_user"),
        ),
        sa.ForeignKeyConstraint(
            ["sale_id"], ["referrals_sale.id"], name=op.f("fk_commissions_sale_report_sale_id_referrals_sale")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commissions_sale_report")),
    )
    with op.batch_alter_table("commissions_sale_report", schema=None) as batch_op:
        batch_op.create_index("ix_commissions_sale_report_partner", ["partner_id", "id"], unique=False)
        batch_op.create_index("ix_commissions_sale_report_queue", ["status", "decide_by", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_commissions_sale_report_sale_id"), ["sale_id"], unique=False)
        batch_op.create_index(
            "ux_commissions_sale_report_number",
            ["partner_id", "number"],
            unique=True,
            sqlite_where=sa.text("status IN ('reported', 'confirmed')"),
            postgresql_where=sa.text("status IN ('reported', 'confirmed')"),
        )

    op.create_table(
        "events_co_host",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "asked",
                "accepted",
                "declined",
                "withdrawn",
                name="cohoststatus",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("share_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.CheckConstraint("share_minor >= 0", name=op.f("ck_events_co_host_share")),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["accounts_user.id"], name=op.f("fk_events_co_host_asked_by_id_accounts_user")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events_event.id"], name=op.f("fk_events_co_host_event_id_events_event")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_events_co_host_partner_id_partners_partner"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events_co_host")),
        sa.UniqueConstraint("event_id", "partner_id", name=op.f("uq_events_co_host_event_id_partner_id")),
    )
    with op.batch_alter_table("events_co_host", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_events_co_host_asked_by_id"), ["asked_by_id"], unique=False)
        batch_op.create_index("ix_events_co_host_partner", ["partner_id", "status"], unique=False)

    op.create_table(
        "referrals_missing_request",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_number", sa.Text(), nullable=False),
        sa.Column("ordered_on", sa.Date(), nullable=False),
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("filed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decide_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "status",
            sa.Enum("open", "accepted", "rejected", name="requeststatus", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("sale_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(status = 'open') = (decided_at IS NULL)",
            name=op.f("ck_referrals_missing_request_decided_when_closed"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["accounts_user.id"],
            name=op.f("fk_referrals_missing_request_decided_by_id_accounts_user"),
        ),
        sa.ForeignKeyConstraint(
            ["filed_by_id"],
            ["accounts_user.id"],
            name=op.f("fk_referrals_missing_request_filed_by_id_accounts_user"),
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_referrals_missing_request_partner_id_partners_partner"),
        ),
        sa.ForeignKeyConstraint(
            ["sale_id"],
            ["referrals_sale.id"],
            name=op.f("fk_referrals_missing_request_sale_id_referrals_sale"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals_missing_request")),
    )
    with op.batch_alter_table("referrals_missing_request", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_referrals_missing_request_decided_by_id"), ["decided_by_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_referrals_missing_request_filed_by_id"), ["filed_by_id"], unique=False
        )
        batch_op.create_index("ix_referrals_missing_request_partner_id", ["partner_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_referrals_missing_request_sale_id"), ["sale_id"], unique=False)
        batch_op.create_index(
            "ix_referrals_missing_request_status", ["status", "decide_by", "id"], unique=False
        )
        batch_op.create_index(
            "uq_referrals_missing_request_open",
            ["partner_id", "order_number"],
            unique=True,
            postgresql_where=sa.text("status = 'open'"),
            sqlite_where=sa.text("status = 'open'"),
        )

    op.create_table(
        "referrals_sale_decision",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sale_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("is_void", sa.Boolean(), nullable=False),
        sa.Column("from_partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("to_partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["accounts_user.id"],
            name=op.f("fk_referrals_sale_decision_decided_by_id_accounts_user"),
        ),
        sa.ForeignKeyConstraint(
            ["from_partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_referrals_sale_decision_from_partner_id_partners_partner"),
        ),
        sa.ForeignKeyConstraint(
            ["sale_id"], ["referrals_sale.id"], name=op.f("fk_referrals_sale_decision_sale_id_referrals_sale")
        ),
        sa.ForeignKeyConstraint(
            ["to_partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_referrals_sale_decision_to_partner_id_partners_partner"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals_sale_decision")),
    )
    with op.batch_alter_table("referrals_sale_decision", schema=None) as batch_op:
        batch_op.create_index("ix_referrals_sale_decision_sale", ["sale_id", "id"], unique=False)

    op.create_table(
        "commissions_dispute",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "answered",
                "corrected",
                "rejected",
                "withdrawn",
                name="disputestatus",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("expected_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("answer_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("correction_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "(status = 'corrected') = (correction_id IS NOT NULL)",
            name=op.f("ck_commissions_dispute_correction"),
        ),
        sa.CheckConstraint(
            "(status = 'open') = (answer_due_at IS NOT NULL)", name=op.f("ck_commissions_dispute_clock")
        ),
        sa.CheckConstraint(
            "(status IN ('corrected', 'rejected', 'withdrawn')) = (decided_at IS NOT NULL)",
            name=op.f("ck_commissions_dispute_decided"),
        ),
        sa.CheckConstraint(
            "expected_minor IS NULL OR (expected_minor > -1000000000000000 AND expected_minor < 1000000000000000)",
            name=op.f("ck_commissions_dispute_expected_in_range"),
        ),
        sa.ForeignKeyConstraint(
            ["correction_id"],
            ["commissions_entry.id"],
            name=op.f("fk_commissions_dispute_correction_id_commissions_entry"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["accounts_user.id"],
            name=op.f("fk_commissions_dispute_decided_by_id_accounts_user"),
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["commissions_entry.id"],
            name=op.f("fk_commissions_dispute_entry_id_commissions_entry"),
        ),
        sa.ForeignKeyConstraint(
            ["opened_by_id"],
            ["accounts_user.id"],
            name=op.f("fk_commissions_dispute_opened_by_id_accounts_user"),
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["partners_partner.id"],
            name=op.f("fk_commissions_dispute_partner_id_partners_partner"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commissions_dispute")),
        sa.UniqueConstraint("correction_id", name=op.f("uq_commissions_dispute_correction_id")),
    )
    with op.batch_alter_table("commissions_dispute", schema=None) as batch_op:
        batch_op.create_index("ix_commissions_dispute_partner", ["partner_id", "id"], unique=False)
        batch_op.create_index("ix_commissions_dispute_queue", ["status", "answer_due_at", "id"], unique=False)
        batch_op.create_index(
            "ux_commissions_dispute_entry",
            ["entry_id"],
            unique=True,
            sqlite_where=sa.text("status <> 'withdrawn'"),
            postgresql_where=sa.text("status <> 'withdrawn'"),
        )

    op.create_table(
        "referrals_reached_milestone",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("deal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("milestone_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "way", sa.Enum("accepted", "paid", name="reachedby", native_enum=False, length=40), nullable=False
        ),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("reached_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["deal_id"],
            ["referrals_deal.id"],
            name=op.f("fk_referrals_reached_milestone_deal_id_referrals_deal"),
        ),
        sa.ForeignKeyConstraint(
            ["milestone_id"],
            ["referrals_estimate_milestone.id"],
            name=op.f("fk_referrals_reached_milestone_milestone_id_referrals_estimate_milestone"),
        ),
        sa.ForeignKeyConstraint(
            ["noted_by_id"],
            ["accounts_user.id"],
            name=op.f("fk_referrals_reached_milestone_noted_by_id_accounts_user"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals_reached_milestone")),
    )
    with op.batch_alter_table("referrals_reached_milestone", schema=None) as batch_op:
        batch_op.create_index("ix_referrals_reached_milestone_deal", ["deal_id", "id"], unique=False)
        batch_op.create_index(
            "ux_referrals_reached_milestone",
            ["milestone_id"],
            unique=True,
            sqlite_where=sa.text("undone_at IS NULL"),
            postgresql_where=sa.text("undone_at IS NULL"),
        )

    op.create_table(
        "commissions_dispute_message",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("dispute_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("is_vendors", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"],
            ["accounts_user.id"],
            name=op.f("fk_commissions_dispute_message_author_id_accounts_user"),
        ),
        sa.ForeignKeyConstraint(
            ["dispute_id"],
            ["commissions_dispute.id"],
            name=op.f("fk_commissions_dispute_message_dispute_id_commissions_dispute"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commissions_dispute_message")),
    )
    with op.batch_alter_table("commissions_dispute_message", schema=None) as batch_op:
        batch_op.create_index("ix_commissions_dispute_message_dispute", ["dispute_id", "id"], unique=False)

    with op.batch_alter_table("academy_attempt", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "penalty",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                server_default="0",
                nullable=False,
            )
        )

    with op.batch_alter_table("academy_certificate", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("academy_course_version", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ends_earlier_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("academy_enrolment", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("enrolled_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(sa.Column("wanted_by", sa.Date(), nullable=True))
        batch_op.create_index(
            batch_op.f("ix_academy_enrolment_enrolled_by_id"), ["enrolled_by_id"], unique=False
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_academy_enrolment_enrolled_by_id_accounts_user"),
            "accounts_user",
            ["enrolled_by_id"],
            ["id"],
        )

    with op.batch_alter_table("academy_exam", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "penalty",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                server_default="0",
                nullable=False,
            )
        )

    with op.batch_alter_table("accounts_sign_in", schema=None) as batch_op:
        batch_op.add_column(sa.Column("is_halfway", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(
            sa.Column("viewing_as_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_accounts_sign_in_viewing_as_id_accounts_user"),
            "accounts_user",
            ["viewing_as_id"],
            ["id"],
        )

    with op.batch_alter_table("accounts_user", schema=None) as batch_op:
        batch_op.add_column(sa.Column("two_factor_since", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("provider_subject", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_unique_constraint(
            batch_op.f("uq_accounts_user_provider_subject"), ["provider_subject"]
        )

    with op.batch_alter_table("commissions_assessment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("conversion", JSON, nullable=True))

    with op.batch_alter_table("commissions_entry", schema=None) as batch_op:
        batch_op.create_index(
            "ix_commissions_entry_partner_available", ["partner_id", "currency", "available_at"], unique=False
        )

    with op.batch_alter_table("commissions_entry_hold", schema=None) as batch_op:
        batch_op.create_index(
            "ix_commissions_entry_hold_open",
            ["entry_id"],
            unique=False,
            postgresql_where=sa.text("lifted_at IS NULL"),
            sqlite_where=sa.text("lifted_at IS NULL"),
        )

    with op.batch_alter_table("commissions_payment_file", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "method",
                sa.Enum(
                    "sepa",
                    "foreign",
                    "onec",
                    "stripe",
                    "manual",
                    name="payoutmethod",
                    native_enum=False,
                    length=40,
                ),
                server_default="sepa",
                nullable=False,
            )
        )
        batch_op.add_column(sa.Column("refused", JSON, server_default="{}", nullable=False))

    with op.batch_alter_table("commissions_payout", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "vat_minor",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                server_default="0",
                nullable=False,
            )
        )
        batch_op.add_column(
            sa.Column(
                "withheld_minor",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                server_default="0",
                nullable=False,
            )
        )
        batch_op.add_column(
            sa.Column(
                "fee_minor",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                server_default="0",
                nullable=False,
            )
        )
        batch_op.create_index("ix_commissions_payout_run_state", ["run_id", "status"], unique=False)

    with op.batch_alter_table("commissions_payout_profile", schema=None) as batch_op:
        batch_op.add_column(sa.Column("account", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("bank_name", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("bank_code", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("correspondent", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("tax_id", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("tax_code", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("stripe_trouble", sa.Text(), nullable=True))
        batch_op.add_column(
            sa.Column(
                "vat_bp",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                server_default="0",
                nullable=False,
            )
        )
        batch_op.add_column(
            sa.Column(
                "withholding_bp",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                server_default="0",
                nullable=False,
            )
        )

    with op.batch_alter_table("commissions_statement", schema=None) as batch_op:
        batch_op.add_column(sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(
            sa.Column("signed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(sa.Column("signed_digest", sa.Text(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_commissions_statement_signed_by_id_accounts_user"),
            "accounts_user",
            ["signed_by_id"],
            ["id"],
        )

    with op.batch_alter_table("core_activity", schema=None) as batch_op:
        batch_op.create_index("ix_core_activity_verb", ["verb", "id"], unique=False)

    with op.batch_alter_table("events_claim_line", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "vendor_field",
                sa.Enum(
                    "receipt",
                    "kind",
                    "description",
                    "supplier",
                    "supplier_tax_id",
                    "number",
                    "dated_on",
                    "gross_minor",
                    "tax_minor",
                    "excluded_minor",
                    name="linefield",
                    native_enum=False,
                    length=40,
                ),
                nullable=True,
            )
        )
        batch_op.add_column(sa.Column("mended_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("answer", sa.Text(), server_default="", nullable=False))

    with op.batch_alter_table("events_funding_claim", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "granted_minor",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                server_default="0",
                nullable=False,
            )
        )
        batch_op.add_column(
            sa.Column("spent_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )

    with op.batch_alter_table("events_funding_request", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("wants_advance", sa.Boolean(), server_default=sa.false(), nullable=False)
        )

    with op.batch_alter_table("events_receipt", schema=None) as batch_op:
        batch_op.add_column(sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f("ix_events_receipt_uploaded_at"), ["uploaded_at"], unique=False)

    with op.batch_alter_table("partners_partner", schema=None) as batch_op:
        batch_op.add_column(sa.Column("logo", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("terminated_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(
            sa.Column("heir_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(
            sa.Column("merged_into_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(
            sa.Column("import_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(
            sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.create_index(batch_op.f("ix_partners_partner_heir_id"), ["heir_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_partners_partner_import_id"), ["import_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_partners_partner_merged_into_id"), ["merged_into_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_partners_partner_parent_id"), ["parent_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_partners_partner_heir_id_partners_partner"),
            "partners_partner",
            ["heir_id"],
            ["id"],
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_partners_partner_parent_id_partners_partner"),
            "partners_partner",
            ["parent_id"],
            ["id"],
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_partners_partner_merged_into_id_partners_partner"),
            "partners_partner",
            ["merged_into_id"],
            ["id"],
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_partners_partner_import_id_partners_network_import"),
            "partners_network_import",
            ["import_id"],
            ["id"],
            use_alter=True,
        )

    with op.batch_alter_table("referrals_customer", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "former_partner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
            )
        )
        batch_op.add_column(
            sa.Column("merged_into_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.create_index(
            batch_op.f("ix_referrals_customer_former_partner_id"), ["former_partner_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_referrals_customer_merged_into_id"), ["merged_into_id"], unique=False
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_referrals_customer_merged_into_id_referrals_customer"),
            "referrals_customer",
            ["merged_into_id"],
            ["id"],
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_referrals_customer_former_partner_id_partners_partner"),
            "partners_partner",
            ["former_partner_id"],
            ["id"],
        )

    with op.batch_alter_table("referrals_lead", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("import_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(
            sa.Column(
                "warmth",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                server_default="0",
                nullable=False,
            )
        )
        batch_op.add_column(sa.Column("call_due_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("extended_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("extension_reason", sa.Text(), nullable=True))
        batch_op.create_index("ix_referrals_lead_closed", ["status", "closed_at"], unique=False)
        batch_op.create_index(
            "ix_referrals_lead_code",
            ["referral_code"],
            unique=False,
            postgresql_where=sa.text("referral_code IS NOT NULL"),
            sqlite_where=sa.text("referral_code IS NOT NULL"),
        )
        batch_op.create_index("ix_referrals_lead_country", ["country", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_referrals_lead_import_id"), ["import_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_referrals_lead_import_id_referrals_lead_import"),
            "referrals_lead_import",
            ["import_id"],
            ["id"],
        )

    with op.batch_alter_table("referrals_lead_claim", schema=None) as batch_op:
        batch_op.create_index(
            "ix_referrals_lead_claim_lately", ["claimed_at", "way", "partner_id"], unique=False
        )

    with op.batch_alter_table("referrals_routing_decision", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ranking", sa.Text(), server_default="", nullable=False))

    with op.batch_alter_table("referrals_sale", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("link_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index("ix_referrals_sale_currency", ["currency"], unique=False)
        batch_op.create_index(batch_op.f("ix_referrals_sale_link_id"), ["link_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_referrals_sale_link_id_referrals_link"), "referrals_link", ["link_id"], ["id"]
        )

    with op.batch_alter_table("commissions_payout") as batch:
        batch.create_check_constraint(
            op.f("ck_commissions_payout_something_is_sent"),
            sa.text(
                "vat_minor >= 0 AND withheld_minor >= 0 AND fee_minor >= 0 AND amount_minor + vat_minor - withheld_minor - fee_minor > 0"
            ),
        )
    with op.batch_alter_table("commissions_payout_profile") as batch:
        batch.create_check_constraint(
            op.f("ck_commissions_payout_profile_rates"),
            sa.text("withholding_bp BETWEEN 0 AND 10000 AND vat_bp BETWEEN 0 AND 10000"),
        )
    with op.batch_alter_table("events_funding_claim") as batch:
        batch.create_check_constraint(
            op.f("ck_events_funding_claim_granted"),
            sa.text("granted_minor >= 0 AND granted_minor <= coalesce(amount_minor, 0)"),
        )
    with op.batch_alter_table("events_funding_request") as batch:
        batch.create_check_constraint(
            op.f("ck_events_funding_request_reserved_of_approved"),
            sa.text("reserved_minor = 0 OR reserved_minor <= approved_minor"),
        )
    with op.batch_alter_table("partners_partner") as batch:
        batch.create_check_constraint(
            op.f("ck_partners_partner_is_another"),
            sa.text("heir_id <> id AND merged_into_id <> id AND parent_id <> id"),
        )
    fill_in(connection)
    bring_back(connection, aside, gone=OLD_ON_SQLITE, new=NEW_ON_SQLITE, also=UP_ON_POSTGRESQL)


def downgrade() -> None:
    connection = op.get_bind()
    aside = set_aside(connection)
    with op.batch_alter_table("commissions_payout") as batch:
        batch.drop_constraint(op.f("ck_commissions_payout_something_is_sent"), type_="check")
    with op.batch_alter_table("commissions_payout_profile") as batch:
        batch.drop_constraint(op.f("ck_commissions_payout_profile_rates"), type_="check")
    with op.batch_alter_table("events_funding_claim") as batch:
        batch.drop_constraint(op.f("ck_events_funding_claim_granted"), type_="check")
    with op.batch_alter_table("events_funding_request") as batch:
        batch.drop_constraint(op.f("ck_events_funding_request_reserved_of_approved"), type_="check")
    with op.batch_alter_table("partners_partner") as batch:
        batch.drop_constraint(op.f("ck_partners_partner_is_another"), type_="check")
    with op.batch_alter_table("referrals_sale", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_referrals_sale_link_id_referrals_link"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_referrals_sale_link_id"))
        batch_op.drop_index("ix_referrals_sale_currency")
        batch_op.drop_column("voided_at")
        batch_op.drop_column("link_id")

    with op.batch_alter_table("referrals_routing_decision", schema=None) as batch_op:
        batch_op.drop_column("ranking")

    with op.batch_alter_table("referrals_lead_claim", schema=None) as batch_op:
        batch_op.drop_index("ix_referrals_lead_claim_lately")

    with op.batch_alter_table("referrals_lead", schema=None) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_referrals_lead_import_id_referrals_lead_import"), type_="foreignkey"
        )
        batch_op.drop_index(batch_op.f("ix_referrals_lead_import_id"))
        batch_op.drop_index("ix_referrals_lead_country")
        batch_op.drop_index(
            "ix_referrals_lead_code",
            postgresql_where=sa.text("referral_code IS NOT NULL"),
            sqlite_where=sa.text("referral_code IS NOT NULL"),
        )
        batch_op.drop_index("ix_referrals_lead_closed")
        batch_op.drop_column("extension_reason")
        batch_op.drop_column("extended_until")
        batch_op.drop_column("reminded_at")
        batch_op.drop_column("call_due_at")
        batch_op.drop_column("warmth")
        batch_op.drop_column("import_id")

    with op.batch_alter_table("referrals_customer", schema=None) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_referrals_customer_former_partner_id_partners_partner"), type_="foreignkey"
        )
        batch_op.drop_constraint(
            batch_op.f("fk_referrals_customer_merged_into_id_referrals_customer"), type_="foreignkey"
        )
        batch_op.drop_index(batch_op.f("ix_referrals_customer_merged_into_id"))
        batch_op.drop_index(batch_op.f("ix_referrals_customer_former_partner_id"))
        batch_op.drop_column("merged_into_id")
        batch_op.drop_column("former_partner_id")

    with op.batch_alter_table("partners_partner", schema=None) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_partners_partner_import_id_partners_network_import"), type_="foreignkey"
        )
        batch_op.drop_constraint(
            batch_op.f("fk_partners_partner_merged_into_id_partners_partner"), type_="foreignkey"
        )
        batch_op.drop_constraint(
            batch_op.f("fk_partners_partner_parent_id_partners_partner"), type_="foreignkey"
        )
        batch_op.drop_constraint(
            batch_op.f("fk_partners_partner_heir_id_partners_partner"), type_="foreignkey"
        )
        batch_op.drop_index(batch_op.f("ix_partners_partner_parent_id"))
        batch_op.drop_index(batch_op.f("ix_partners_partner_merged_into_id"))
        batch_op.drop_index(batch_op.f("ix_partners_partner_import_id"))
        batch_op.drop_index(batch_op.f("ix_partners_partner_heir_id"))
        batch_op.drop_column("parent_id")
        batch_op.drop_column("import_id")
        batch_op.drop_column("merged_into_id")
        batch_op.drop_column("heir_id")
        batch_op.drop_column("terminated_at")
        batch_op.drop_column("logo")

    with op.batch_alter_table("events_receipt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_events_receipt_uploaded_at"))
        batch_op.drop_column("deleted_at")

    with op.batch_alter_table("events_funding_request", schema=None) as batch_op:
        batch_op.drop_column("wants_advance")

    with op.batch_alter_table("events_funding_claim", schema=None) as batch_op:
        batch_op.drop_column("spent_minor")
        batch_op.drop_column("granted_minor")

    with op.batch_alter_table("events_claim_line", schema=None) as batch_op:
        batch_op.drop_column("answer")
        batch_op.drop_column("mended_at")
        batch_op.drop_column("vendor_field")

    with op.batch_alter_table("core_activity", schema=None) as batch_op:
        batch_op.drop_index("ix_core_activity_verb")

    with op.batch_alter_table("commissions_statement", schema=None) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_commissions_statement_signed_by_id_accounts_user"), type_="foreignkey"
        )
        batch_op.drop_column("signed_digest")
        batch_op.drop_column("signed_by_id")
        batch_op.drop_column("signed_at")

    with op.batch_alter_table("commissions_payout_profile", schema=None) as batch_op:
        batch_op.drop_column("withholding_bp")
        batch_op.drop_column("vat_bp")
        batch_op.drop_column("stripe_trouble")
        batch_op.drop_column("tax_code")
        batch_op.drop_column("tax_id")
        batch_op.drop_column("correspondent")
        batch_op.drop_column("bank_code")
        batch_op.drop_column("bank_name")
        batch_op.drop_column("account")

    with op.batch_alter_table("commissions_payout", schema=None) as batch_op:
        batch_op.drop_index("ix_commissions_payout_run_state")
        batch_op.drop_column("fee_minor")
        batch_op.drop_column("withheld_minor")
        batch_op.drop_column("vat_minor")

    with op.batch_alter_table("commissions_payment_file", schema=None) as batch_op:
        batch_op.drop_column("refused")
        batch_op.drop_column("method")

    with op.batch_alter_table("commissions_entry_hold", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_commissions_entry_hold_open",
            postgresql_where=sa.text("lifted_at IS NULL"),
            sqlite_where=sa.text("lifted_at IS NULL"),
        )

    with op.batch_alter_table("commissions_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_commissions_entry_partner_available")

    with op.batch_alter_table("commissions_assessment", schema=None) as batch_op:
        batch_op.drop_column("conversion")

    with op.batch_alter_table("accounts_user", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_accounts_user_provider_subject"), type_="unique")
        batch_op.drop_column("erased_at")
        batch_op.drop_column("provider_subject")
        batch_op.drop_column("two_factor_since")

    with op.batch_alter_table("accounts_sign_in", schema=None) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_accounts_sign_in_viewing_as_id_accounts_user"), type_="foreignkey"
        )
        batch_op.drop_column("viewing_as_id")
        batch_op.drop_column("is_halfway")

    with op.batch_alter_table("academy_exam", schema=None) as batch_op:
        batch_op.drop_column("penalty")

    with op.batch_alter_table("academy_enrolment", schema=None) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_academy_enrolment_enrolled_by_id_accounts_user"), type_="foreignkey"
        )
        batch_op.drop_index(batch_op.f("ix_academy_enrolment_enrolled_by_id"))
        batch_op.drop_column("wanted_by")
        batch_op.drop_column("enrolled_by_id")

    with op.batch_alter_table("academy_course_version", schema=None) as batch_op:
        batch_op.drop_column("ends_earlier_at")

    with op.batch_alter_table("academy_certificate", schema=None) as batch_op:
        batch_op.drop_column("ends_at")

    with op.batch_alter_table("academy_attempt", schema=None) as batch_op:
        batch_op.drop_column("penalty")

    with op.batch_alter_table("commissions_dispute_message", schema=None) as batch_op:
        batch_op.drop_index("ix_commissions_dispute_message_dispute")

    op.drop_table("commissions_dispute_message")
    with op.batch_alter_table("referrals_reached_milestone", schema=None) as batch_op:
        batch_op.drop_index(
            "ux_referrals_reached_milestone",
            sqlite_where=sa.text("undone_at IS NULL"),
            postgresql_where=sa.text("undone_at IS NULL"),
        )
        batch_op.drop_index("ix_referrals_reached_milestone_deal")

    op.drop_table("referrals_reached_milestone")
    with op.batch_alter_table("commissions_dispute", schema=None) as batch_op:
        batch_op.drop_index(
            "ux_commissions_dispute_entry",
            sqlite_where=sa.text("status <> 'withdrawn'"),
            postgresql_where=sa.text("status <> 'withdrawn'"),
        )
        batch_op.drop_index("ix_commissions_dispute_queue")
        batch_op.drop_index("ix_commissions_dispute_partner")

    op.drop_table("commissions_dispute")
    with op.batch_alter_table("referrals_sale_decision", schema=None) as batch_op:
        batch_op.drop_index("ix_referrals_sale_decision_sale")

    op.drop_table("referrals_sale_decision")
    with op.batch_alter_table("referrals_missing_request", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_referrals_missing_request_open",
            postgresql_where=sa.text("status = 'open'"),
            sqlite_where=sa.text("status = 'open'"),
        )
        batch_op.drop_index("ix_referrals_missing_request_status")
        batch_op.drop_index(batch_op.f("ix_referrals_missing_request_sale_id"))
        batch_op.drop_index("ix_referrals_missing_request_partner_id")
        batch_op.drop_index(batch_op.f("ix_referrals_missing_request_filed_by_id"))
        batch_op.drop_index(batch_op.f("ix_referrals_missing_request_decided_by_id"))

    op.drop_table("referrals_missing_request")
    with op.batch_alter_table("events_co_host", schema=None) as batch_op:
        batch_op.drop_index("ix_events_co_host_partner")
        batch_op.drop_index(batch_op.f("ix_events_co_host_asked_by_id"))

    op.drop_table("events_co_host")
    with op.batch_alter_table("commissions_sale_report", schema=None) as batch_op:
        batch_op.drop_index(
            "ux_commissions_sale_report_number",
            sqlite_where=sa.text("status IN ('reported', 'confirmed')"),
            postgresql_where=sa.text("status IN ('reported', 'confirmed')"),
        )
        batch_op.drop_index(batch_op.f("ix_commissions_sale_report_sale_id"))
        batch_op.drop_index("ix_commissions_sale_report_queue")
        batch_op.drop_index("ix_commissions_sale_report_partner")

    op.drop_table("commissions_sale_report")
    with op.batch_alter_table("academy_seat", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_academy_seat_user_id"))
        batch_op.drop_index("ix_academy_seat_queue")

    op.drop_table("academy_seat")
    with op.batch_alter_table("events_advance", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_events_advance_partner_id"))

    op.drop_table("events_advance")
    with op.batch_alter_table("academy_webinar", schema=None) as batch_op:
        batch_op.drop_index("ix_academy_webinar_starts_at")
        batch_op.drop_index(batch_op.f("ix_academy_webinar_lesson_id"))
        batch_op.drop_index(batch_op.f("ix_academy_webinar_host_id"))
        batch_op.drop_index(batch_op.f("ix_academy_webinar_course_id"))

    op.drop_table("academy_webinar")
    with op.batch_alter_table("referrals_link_click", schema=None) as batch_op:
        batch_op.drop_index("ix_referrals_link_click_link_id")

    op.drop_table("referrals_link_click")
    with op.batch_alter_table("referrals_lead_touch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_referrals_lead_touch_link_id"))

    op.drop_table("referrals_lead_touch")
    op.drop_table("partners_thread_reading")
    with op.batch_alter_table("partners_thread_person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_partners_thread_person_user_id"))

    op.drop_table("partners_thread_person")
    with op.batch_alter_table("partners_message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_partners_message_thread_id"))

    op.drop_table("partners_message")
    with op.batch_alter_table("partners_development_goal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_partners_development_goal_plan_id"))

    op.drop_table("partners_development_goal")
    with op.batch_alter_table("commissions_bank_line", schema=None) as batch_op:
        batch_op.drop_index("ix_commissions_bank_line_payout")

    op.drop_table("commissions_bank_line")
    with op.batch_alter_table("academy_verdict", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_academy_verdict_submission_id"))
        batch_op.drop_index(batch_op.f("ix_academy_verdict_examiner_id"))

    op.drop_table("academy_verdict")
    op.drop_table("referrals_service_rate")
    with op.batch_alter_table("referrals_link", schema=None) as batch_op:
        batch_op.drop_index("ix_referrals_link_partner_id")
        batch_op.drop_index(batch_op.f("ix_referrals_link_created_by_id"))

    op.drop_table("referrals_link")
    with op.batch_alter_table("partners_tier_hold", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_partners_tier_hold_standing",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_partners_tier_hold_partner_id"))

    op.drop_table("partners_tier_hold")
    with op.batch_alter_table("partners_tier_grace", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_partners_tier_grace_open",
            sqlite_where=sa.text("closed_on IS NULL"),
            postgresql_where=sa.text("closed_on IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_partners_tier_grace_partner_id"))
        batch_op.drop_index("ix_partners_tier_grace_ends")

    op.drop_table("partners_tier_grace")
    with op.batch_alter_table("partners_tier_evaluation", schema=None) as batch_op:
        batch_op.drop_index("ix_partners_tier_evaluation_lapses")

    op.drop_table("partners_tier_evaluation")
    with op.batch_alter_table("partners_tier_dry_run_row", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_partners_tier_dry_run_row_partner_id"))
        batch_op.drop_index("ix_partners_tier_dry_run_row_list")

    op.drop_table("partners_tier_dry_run_row")
    with op.batch_alter_table("partners_tier_decision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_partners_tier_decision_rules_id"))
        batch_op.drop_index("ix_partners_tier_decision_partner")

    op.drop_table("partners_tier_decision")
    with op.batch_alter_table("partners_thread", schema=None) as batch_op:
        batch_op.drop_index("ix_partners_thread_list")
        batch_op.drop_index("ix_partners_thread_due")
        batch_op.drop_index("ix_partners_thread_about")

    op.drop_table("partners_thread")
    with op.batch_alter_table("partners_story", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_partners_story_partner_id"))
        batch_op.drop_index("ix_partners_story_list")

    op.drop_table("partners_story")
    with op.batch_alter_table("partners_score", schema=None) as batch_op:
        batch_op.drop_index("ix_partners_score_measure")

    op.drop_table("partners_score")
    with op.batch_alter_table("partners_resource_download", schema=None) as batch_op:
        batch_op.drop_index("ix_partners_resource_download_resource")
        batch_op.drop_index(batch_op.f("ix_partners_resource_download_partner_id"))

    op.drop_table("partners_resource_download")
    op.drop_table("partners_finder_entry")
    with op.batch_alter_table("partners_development_plan", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_partners_development_plan_standing",
            sqlite_where=sa.text("status <> 'closed'"),
            postgresql_where=sa.text("status <> 'closed'"),
        )
        batch_op.drop_index(batch_op.f("ix_partners_development_plan_partner_id"))

    op.drop_table("partners_development_plan")
    op.drop_table("partners_announcement_reading")
    with op.batch_alter_table("commissions_tax_paper", schema=None) as batch_op:
        batch_op.drop_index("ix_commissions_tax_paper_partner")

    op.drop_table("commissions_tax_paper")
    with op.batch_alter_table("commissions_recruitment", schema=None) as batch_op:
        batch_op.drop_index(
            "ux_commissions_recruitment_partner",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index("ix_commissions_recruitment_recruiter")

    op.drop_table("commissions_recruitment")
    op.drop_table("commissions_earned_day")
    with op.batch_alter_table("academy_submission", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_academy_submission_open",
            postgresql_where=sa.text("status IN ('submitted', 'appealed')"),
            sqlite_where=sa.text("status IN ('submitted', 'appealed')"),
        )
        batch_op.drop_index("ix_academy_submission_waiting")
        batch_op.drop_index(batch_op.f("ix_academy_submission_practical_id"))

    op.drop_table("academy_submission")
    with op.batch_alter_table("referrals_policy_replay", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_referrals_policy_replay_policy_id"))

    op.drop_table("referrals_policy_replay")
    op.drop_table("referrals_lead_import")
    with op.batch_alter_table("referrals_hook_message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_referrals_hook_message_received_at"))
        batch_op.drop_index(batch_op.f("ix_referrals_hook_message_hook_id"))

    op.drop_table("referrals_hook_message")
    with op.batch_alter_table("partners_tier_run", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_partners_tier_run_rules_id"))

    op.drop_table("partners_tier_run")
    with op.batch_alter_table("partners_tier_requirement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_partners_tier_requirement_tier"))
        batch_op.drop_index(batch_op.f("ix_partners_tier_requirement_rules_id"))

    op.drop_table("partners_tier_requirement")
    with op.batch_alter_table("partners_tier_dry_run", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_partners_tier_dry_run_rules_id"))

    op.drop_table("partners_tier_dry_run")
    op.drop_table("partners_network_import")
    op.drop_table("partners_network_export")
    with op.batch_alter_table("partners_announcement", schema=None) as batch_op:
        batch_op.drop_index("ix_partners_announcement_published_at")

    op.drop_table("partners_announcement")
    with op.batch_alter_table("core_webhook_delivery", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_core_webhook_delivery_message_id"))
        batch_op.drop_index("ix_core_webhook_delivery_endpoint")

    op.drop_table("core_webhook_delivery")
    with op.batch_alter_table("commissions_sale_import", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_commissions_sale_import_created_by_id"))

    op.drop_table("commissions_sale_import")
    op.drop_table("accounts_stopped_mail")
    with op.batch_alter_table("accounts_recovery_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_accounts_recovery_code_user_id"))

    op.drop_table("accounts_recovery_code")
    with op.batch_alter_table("accounts_passkey_challenge", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_accounts_passkey_challenge_user_id"))
        batch_op.drop_index(batch_op.f("ix_accounts_passkey_challenge_created_at"))

    op.drop_table("accounts_passkey_challenge")
    with op.batch_alter_table("accounts_passkey", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_accounts_passkey_user_id"))

    op.drop_table("accounts_passkey")
    with op.batch_alter_table("accounts_notice", schema=None) as batch_op:
        batch_op.drop_index("ix_accounts_notice_user_id")
        batch_op.drop_index(
            "ix_accounts_notice_unread",
            postgresql_where=sa.text("read_at IS NULL"),
            sqlite_where=sa.text("read_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_accounts_notice_at"))

    op.drop_table("accounts_notice")
    with op.batch_alter_table("accounts_data_export", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_accounts_data_export_user_id"))
        batch_op.drop_index(batch_op.f("ix_accounts_data_export_made_at"))
        batch_op.drop_index(batch_op.f("ix_accounts_data_export_email"))
        batch_op.drop_index(batch_op.f("ix_accounts_data_export_asked_by_id"))

    op.drop_table("accounts_data_export")
    with op.batch_alter_table("accounts_authenticator_app", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_accounts_authenticator_app_user_id"))

    op.drop_table("accounts_authenticator_app")
    with op.batch_alter_table("academy_slot", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_academy_slot_starts_at"))

    op.drop_table("academy_slot")
    op.drop_table("academy_practical")
    with op.batch_alter_table("academy_path_step", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_academy_path_step_course_id"))

    op.drop_table("academy_path_step")
    with op.batch_alter_table("academy_course_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_academy_course_file_course_id"))
        batch_op.drop_index(batch_op.f("ix_academy_course_file_added_by_id"))

    op.drop_table("academy_course_file")
    with op.batch_alter_table("academy_article_vote", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_academy_article_vote_user_id"))

    op.drop_table("academy_article_vote")
    op.drop_table("referrals_lead_hook")
    with op.batch_alter_table("partners_tier_rules", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_partners_tier_rules_published",
            sqlite_where=sa.text("status = 'published'"),
            postgresql_where=sa.text("status = 'published'"),
        )
        batch_op.drop_index(
            "uq_partners_tier_rules_draft",
            sqlite_where=sa.text("status = 'draft'"),
            postgresql_where=sa.text("status = 'draft'"),
        )

    op.drop_table("partners_tier_rules")
    with op.batch_alter_table("partners_resource", schema=None) as batch_op:
        batch_op.drop_index("ix_partners_resource_list")

    op.drop_table("partners_resource")
    op.drop_table("events_year_plan")
    with op.batch_alter_table("core_webhook_message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_core_webhook_message_at"))

    op.drop_table("core_webhook_message")
    op.drop_table("core_webhook_endpoint")
    with op.batch_alter_table("core_bounce", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_core_bounce_at"))
        batch_op.drop_index(batch_op.f("ix_core_bounce_address"))

    op.drop_table("core_bounce")
    op.drop_table("commissions_stripe_comparison")
    with op.batch_alter_table("commissions_recomputation", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_commissions_recomputation_one_at_a_time",
            postgresql_where=sa.text("status = 'running'"),
            sqlite_where=sa.text("status = 'running'"),
        )

    op.drop_table("commissions_recomputation")
    with op.batch_alter_table("commissions_paying_account", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_commissions_paying_account_open",
            postgresql_where=sa.text("closed_at IS NULL"),
            sqlite_where=sa.text("closed_at IS NULL"),
        )

    op.drop_table("commissions_paying_account")
    op.drop_table("commissions_bank_statement")
    with op.batch_alter_table("academy_signing_key", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_academy_signing_key_in_use",
            postgresql_where=sa.text("retired_at IS NULL"),
            sqlite_where=sa.text("retired_at IS NULL"),
        )

    op.drop_table("academy_signing_key")
    op.drop_table("academy_path")
    op.drop_table("academy_article")
    bring_back(connection, aside, gone=NEW_ON_SQLITE, new=OLD_ON_SQLITE, also=DOWN_ON_POSTGRESQL)


def fill_in(connection: sa.Connection) -> None:
    """What the new columns and sums say of the rows that are there, before the rules that guard them stand."""
    is_sqlite = connection.dialect.name == "sqlite"
    day = "date(available_at)" if is_sqlite else "(available_at AT TIME ZONE 'UTC')::date"
    connection.exec_driver_sql(
        "INSERT INTO commissions_earned_day "
        "(partner_id, currency, available_on, amount_minor, entries, last_entry_id) "
        f"SELECT partner_id, currency, {day}, SUM(amount_minor), COUNT(*), MAX(id) FROM commissions_entry "
        "WHERE partner_id IS NOT NULL GROUP BY 1, 2, 3"
    )
    connection.exec_driver_sql(
        "UPDATE events_funding_claim SET granted_minor = amount_minor WHERE status IN ('approved', 'reimbursed')"
    )


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
