"""The books prove themselves: everything that must hold, asked of the database; each answer names a row that breaks it.

Constraints and triggers keep most of it from happening. The audit does not trust them: it asks again.
"""

import hashlib
import json
from collections.abc import Iterator

import sqlalchemy as sa

from commissions.ledger.chain import GENESIS, digest_of
from commissions.ledger.papers import papers_that_differ
from commissions.ledger.vat import payouts_with_other_vat
from commissions.models import (
    ChainBatch,
    Payout,
    PayoutRun,
    PayoutStatus,
    RunStatus,
    Statement,
)
from commissions.queries.payouts import run_digest
from core.database import current_database, session
from core.triggers import guards

_DAY_ON_SQLITE = "date(available_at)"
_DAY_ON_POSTGRESQL = "CAST(available_at AT TIME ZONE 'UTC' AS date)"
_DECIDED = "('approved', 'sending', 'partly_sent', 'done')"

# Each sentence is filled from the row that breaks it.
_QUERIES: tuple[tuple[str, str], ...] = (
    (
        "journal entry {0} has no seal",
        "SELECT entry.id FROM commissions_journal_entry AS entry LEFT JOIN commissions_journal_seal AS seal "
        "ON seal.journal_entry_id = entry.id WHERE seal.journal_entry_id IS NULL",
    ),
    (
        "journal entry {0} has {1} lines, its seal says {2}",
        "SELECT seal.journal_entry_id, COUNT(line.id), seal.lines FROM commissions_journal_seal AS seal "
        "LEFT JOIN commissions_journal_line AS line ON line.journal_entry_id = seal.journal_entry_id "
        "GROUP BY seal.journal_entry_id, seal.lines HAVING COUNT(line.id) <> seal.lines OR seal.lines < 2",
    ),
    (
        "journal entry {0} does not balance in {1}: {2}",
        "SELECT journal_entry_id, currency, SUM(amount_minor) FROM commissions_journal_line "
        "GROUP BY journal_entry_id, currency HAVING SUM(amount_minor) <> 0",
    ),
    (
        "the book is not zero in {0}: {1}",
        "SELECT currency, SUM(amount_minor) FROM commissions_journal_line GROUP BY currency "
        "HAVING SUM(amount_minor) <> 0",
    ),
    (
        "journal line {0} is in another currency than its account",
        "SELECT line.id FROM commissions_journal_line AS line JOIN commissions_account AS account "
        "ON account.id = line.account_id WHERE account.currency <> line.currency",
    ),
    (
        "the cached balance of {0} is {1}, its lines sum to {2}",
        "SELECT account.code, COALESCE(balance.amount_minor, 0), sums.total FROM commissions_account AS account "
        "JOIN (SELECT account_id, SUM(amount_minor) AS total, COUNT(*) AS number FROM commissions_journal_line "
        "GROUP BY account_id) AS sums ON sums.account_id = account.id "
        "LEFT JOIN commissions_balance AS balance ON balance.account_id = account.id "
        "WHERE account.guarded AND (COALESCE(balance.amount_minor, 0) <> sums.total "
        "OR COALESCE(balance.lines, 0) <> sums.number)",
    ),
    (
        "what partner {0} earned in {1} for {2} is kept as {3}, its lines sum to {4}",
        "SELECT COALESCE(day.partner_id, line.partner_id), COALESCE(day.currency, line.currency), "
        "COALESCE(day.available_on, line.available_on), day.amount_minor, line.total "
        "FROM commissions_earned_day AS day FULL OUTER JOIN (SELECT partner_id, currency, "
        "DAY_OF_AVAILABLE AS available_on, SUM(amount_minor) AS total, "
        "COUNT(*) AS number FROM commissions_entry WHERE partner_id IS NOT NULL GROUP BY 1, 2, 3) AS line "
        "ON line.partner_id = day.partner_id AND line.currency = day.currency AND line.available_on = day.available_on "
        "WHERE day.amount_minor IS DISTINCT FROM line.total OR day.entries IS DISTINCT FROM line.number",
    ),
    (
        "the cached balance of account {0} stands on no line",
        "SELECT balance.account_id FROM commissions_balance AS balance WHERE NOT EXISTS "
        "(SELECT 1 FROM commissions_journal_line WHERE account_id = balance.account_id)",
    ),
    (
        "journal entry {0} does not mirror what it reverses",
        "SELECT DISTINCT entry.id FROM commissions_journal_entry AS entry JOIN commissions_journal_line AS line "
        "ON line.journal_entry_id IN (entry.id, entry.reverses_id) WHERE entry.reverses_id IS NOT NULL "
        "GROUP BY entry.id, line.account_id HAVING SUM(line.amount_minor) <> 0",
    ),
    (
        "the line of earnings {0} is in the books {1} times",
        "SELECT entry.id, COALESCE(journal.number, 0) FROM commissions_entry AS entry LEFT JOIN "
        "(SELECT CAST(SUBSTR(source, 7) AS BIGINT) AS entry_id, COUNT(*) AS number FROM commissions_journal_entry "
        "WHERE source LIKE 'entry:%' AND reverses_id IS NULL GROUP BY 1) AS journal ON journal.entry_id = entry.id "
        "WHERE COALESCE(journal.number, 0) <> 1",
    ),
    (
        "the line of earnings {0} of {1} is posted as {2}",
        "SELECT entry.id, entry.amount_minor, COALESCE(SUM(line.amount_minor), 0) FROM commissions_entry AS entry "
        "JOIN commissions_journal_entry AS journal ON journal.key = 'entry:' || entry.id "
        "LEFT JOIN commissions_account AS account ON account.code = 'partner:' || entry.partner_id || "
        "CASE WHEN entry.amount_minor > 0 THEN ':payable:' ELSE ':receivable:' END || lower(entry.currency) "
        "LEFT JOIN commissions_journal_line AS line ON line.journal_entry_id = journal.id "
        "AND line.account_id = account.id WHERE entry.beneficiary_type = 'partner' "
        "GROUP BY entry.id, entry.amount_minor HAVING COALESCE(SUM(line.amount_minor), 0) <> -entry.amount_minor",
    ),
    (
        "journal entry {0} says it stems from {1}, which does not exist",
        "SELECT journal.id, journal.source FROM commissions_journal_entry AS journal "
        "WHERE (journal.source LIKE 'entry:%' AND NOT EXISTS (SELECT 1 FROM commissions_entry AS entry "
        "WHERE entry.id = CAST(SUBSTR(journal.source, 7) AS BIGINT))) "
        "OR (journal.source LIKE 'payout:%' AND NOT EXISTS (SELECT 1 "
        "FROM commissions_payout AS payout WHERE payout.id = CAST(SUBSTR(journal.source, 8) AS BIGINT)))",
    ),
    (
        "payout {0} is {1}, its lines sum to {2}",
        "SELECT payout.id, payout.amount_minor, COALESCE(SUM(line.amount_minor), 0) FROM commissions_payout AS payout "
        "LEFT JOIN commissions_payout_line AS line ON line.payout_id = payout.id "
        "GROUP BY payout.id, payout.amount_minor HAVING COALESCE(SUM(line.amount_minor), 0) <> payout.amount_minor",
    ),
    (
        "line {0} of payout {1} is not its partner, currency or amount",
        "SELECT line.entry_id, line.payout_id FROM commissions_payout_line AS line JOIN commissions_payout AS payout "
        "ON payout.id = line.payout_id JOIN commissions_entry AS entry ON entry.id = line.entry_id "
        "WHERE entry.partner_id <> payout.partner_id OR entry.currency <> payout.currency "
        "OR entry.amount_minor <> line.amount_minor",
    ),
    (
        "the line of earnings {0} is in {1} live payouts",
        "SELECT entry_id, COUNT(*) FROM commissions_payout_line WHERE released_at IS NULL "
        "GROUP BY entry_id HAVING COUNT(*) > 1",
    ),
    (
        "run {0} is {1}, its payouts sum to {2}",
        "SELECT run.id, run.total_minor, COALESCE(SUM(payout.amount_minor), 0) FROM commissions_payout_run AS run "
        "LEFT JOIN commissions_payout AS payout ON payout.run_id = run.id WHERE run.status NOT IN "
        "('draft', 'withdrawn') GROUP BY run.id, run.total_minor "
        "HAVING COALESCE(SUM(payout.amount_minor), 0) <> run.total_minor",
    ),
    (
        "run {0} was not decided by two people",
        "SELECT id FROM commissions_payout_run WHERE status IN DECIDED AND (proposed_by_id IS NULL "
        "OR approved_by_id IS NULL OR approved_by_id = proposed_by_id)",
    ),
    (
        "nobody wrote down that run {0} was approved",
        "SELECT run.id FROM commissions_payout_run AS run WHERE run.status IN DECIDED AND NOT EXISTS "
        "(SELECT 1 FROM core_activity AS trail WHERE trail.verb = 'run approved' AND trail.subject_type = 'payoutrun' "
        "AND trail.subject_id = run.id AND trail.actor_id = run.approved_by_id)",
    ),
    (
        "payout {0} is {1} in a run that nobody approved",
        "SELECT payout.id, payout.status FROM commissions_payout AS payout JOIN commissions_payout_run AS run "
        "ON run.id = payout.run_id WHERE payout.status <> 'pending' AND run.status NOT IN DECIDED",
    ),
    (
        "payout {0} has {1} reservations in the books",
        "SELECT payout.id, COUNT(journal.id) FROM commissions_payout AS payout JOIN commissions_payout_run AS run "
        "ON run.id = payout.run_id LEFT JOIN commissions_journal_entry AS journal "
        "ON journal.source = 'payout:' || payout.id AND journal.kind = 'payout_reserved' "
        "AND NOT EXISTS (SELECT 1 FROM commissions_journal_entry AS undone WHERE undone.reverses_id = journal.id) "
        "WHERE run.status IN DECIDED AND payout.released_at IS NULL AND payout.reversed_at IS NULL "
        "GROUP BY payout.id HAVING COUNT(journal.id) <> 1",
    ),
    (
        "payout {0} is {1}, but the books hold {2} payments of it",
        "SELECT payout.id, payout.status, COUNT(journal.id) FROM commissions_payout AS payout "
        "LEFT JOIN commissions_journal_entry AS journal ON journal.key = 'payout:' || payout.id || ':paid' "
        "GROUP BY payout.id, payout.status "
        "HAVING (COUNT(journal.id) = 1) <> (payout.status IN ('paid', 'reversed'))",
    ),
    (
        "payout {0} sends {1}, the books take {2} from the vendor's account",
        "SELECT payout.id, payout.amount_minor + payout.vat_minor - payout.withheld_minor - payout.fee_minor, "
        "-SUM(line.amount_minor) FROM commissions_payout AS payout JOIN commissions_journal_entry AS journal "
        "ON journal.key = 'payout:' || payout.id || ':paid' JOIN commissions_journal_line AS line "
        "ON line.journal_entry_id = journal.id JOIN commissions_account AS account ON account.id = line.account_id "
        "AND account.code = 'vendor:asset:' || payout.method || ':' || lower(payout.currency) "
        "GROUP BY payout.id HAVING -SUM(line.amount_minor) <> "
        "payout.amount_minor + payout.vat_minor - payout.withheld_minor - payout.fee_minor",
    ),
    (
        "{0} holds {1}, the open payouts of approved runs sum to {2}",
        "SELECT account.code, -COALESCE(SUM(line.amount_minor), 0), COALESCE((SELECT SUM(payout.amount_minor) "
        "FROM commissions_payout AS payout JOIN commissions_payout_run AS run ON run.id = payout.run_id "
        "WHERE payout.partner_id = account.partner_id AND payout.currency = account.currency "
        "AND run.status IN DECIDED "
        "AND payout.paid_at IS NULL AND payout.released_at IS NULL), 0) FROM commissions_account AS account "
        "LEFT JOIN commissions_journal_line AS line ON line.account_id = account.id "
        "WHERE account.code LIKE 'partner:%:in_run:%' GROUP BY account.id, account.code, account.partner_id, "
        "account.currency HAVING -COALESCE(SUM(line.amount_minor), 0) <> COALESCE((SELECT SUM(payout.amount_minor) "
        "FROM commissions_payout AS payout JOIN commissions_payout_run AS run ON run.id = payout.run_id "
        "WHERE payout.partner_id = account.partner_id AND payout.currency = account.currency "
        "AND run.status IN DECIDED "
        "AND payout.paid_at IS NULL AND payout.released_at IS NULL), 0)",
    ),
    (
        "partner {0} is owed {2} {1} by its lines and {3} by the books",
        "SELECT owed.partner_id, owed.currency, owed.total, COALESCE(books.total, 0) FROM "
        "(SELECT entry.partner_id, entry.currency, SUM(entry.amount_minor) - COALESCE((SELECT SUM(payout.amount_minor) "
        "FROM commissions_payout AS payout WHERE payout.partner_id = entry.partner_id "
        "AND payout.currency = entry.currency AND payout.status = 'paid'), 0) AS total FROM commissions_entry AS entry "
        "WHERE entry.beneficiary_type = 'partner' GROUP BY entry.partner_id, entry.currency) AS owed "
        "LEFT JOIN (SELECT account.partner_id, account.currency, -SUM(line.amount_minor) AS total "
        "FROM commissions_account AS account JOIN commissions_journal_line AS line ON line.account_id = account.id "
        "WHERE account.partner_id IS NOT NULL GROUP BY account.partner_id, account.currency) AS books "
        "ON books.partner_id = owed.partner_id AND books.currency = owed.currency "
        "WHERE owed.total <> COALESCE(books.total, 0)",
    ),
    (
        "payout {0} has {1} attempts that succeeded",
        "SELECT payout.id, COUNT(*) FROM commissions_payout_attempt AS attempt JOIN commissions_payout AS payout "
        "ON payout.id = attempt.payout_id WHERE attempt.outcome = 'sent' AND payout.method = 'stripe' "
        "GROUP BY payout.id HAVING COUNT(*) > 1",
    ),
    (
        "the reference {0} stands on {1} payouts",
        "SELECT reference, COUNT(*) FROM commissions_payout WHERE method = 'stripe' AND reference IS NOT NULL "
        "GROUP BY reference HAVING COUNT(*) > 1",
    ),
    (
        "statement {0} moves {1}, its lines sum to {2}",
        "SELECT statement.number, statement.moved_minor, COALESCE(SUM(line.amount_minor), 0) "
        "FROM commissions_statement AS statement LEFT JOIN commissions_statement_line AS line "
        "ON line.statement_id = statement.id GROUP BY statement.id, statement.number, statement.moved_minor "
        "HAVING COALESCE(SUM(line.amount_minor), 0) <> statement.moved_minor",
    ),
    (
        "line {1} of statement {0} says {2}, the books say {3}",
        "SELECT statement.number, line.journal_entry_id, line.amount_minor, -SUM(posted.amount_minor) "
        "FROM commissions_statement_line AS line JOIN commissions_statement AS statement "
        "ON statement.id = line.statement_id JOIN commissions_journal_line AS posted "
        "ON posted.journal_entry_id = line.journal_entry_id JOIN commissions_account AS account "
        "ON account.id = posted.account_id AND account.partner_id = statement.partner_id "
        "AND account.currency = statement.currency GROUP BY statement.number, line.journal_entry_id, line.amount_minor "
        "HAVING -SUM(posted.amount_minor) <> line.amount_minor",
    ),
)


def audit() -> list[str]:
    """Every broken rule as a sentence with its row; empty when the books are sound."""
    session.flush()
    day = _DAY_ON_SQLITE if current_database().is_sqlite else _DAY_ON_POSTGRESQL
    problems = [
        sentence.format(*row)
        for sentence, query in _QUERIES
        # A colon is a colon here: the queries take no parameters.
        for row in session.execute(
            sa.text(query.replace("DECIDED", _DECIDED).replace("DAY_OF_AVAILABLE", day).replace(":", r"\:"))
        ).all()
    ]
    return [
        *problems,
        *_runs(),
        *_statements(),
        *papers_that_differ(),
        *payouts_with_other_vat(),
        *_chain(),
        *_guards(),
    ]


def _runs() -> Iterator[str]:
    """The digest of every run that was proposed or decided, worked out again."""
    runs = sa.select(PayoutRun).where(PayoutRun.status.not_in((RunStatus.DRAFT, RunStatus.WITHDRAWN)))
    for run in session.scalars(runs.order_by(PayoutRun.id)):
        if run.digest != run_digest(run):
            yield f"run {run.id} is not the list that its digest stands for"
    done = (
        sa.select(Payout.id, Payout.status)
        .join(Payout.run)
        .where(
            PayoutRun.status == RunStatus.DONE,
            Payout.status.not_in((PayoutStatus.PAID, PayoutStatus.REVERSED)),
            Payout.released_at.is_(None),
        )
    )
    for payout_id, status in session.execute(done):
        yield f"payout {payout_id} is {status} in a run that is done"


def _statements() -> Iterator[str]:
    """Each statement opens with what the one before closed with, and its frozen content is what its digest says."""
    closing: dict[tuple[int, str], int] = {}
    for statement in session.scalars(sa.select(Statement).order_by(Statement.month, Statement.id)):
        whose = (statement.partner_id, statement.currency)
        if statement.opening_minor != closing.get(whose, 0):
            yield f"statement {statement.number} opens with {statement.opening_minor}, not {closing.get(whose, 0)}"
        closing[whose] = statement.closing_minor
        if statement.digest != content_digest(statement.content):
            yield f"statement {statement.number} is not what was issued"


def content_digest(content: object) -> str:
    """SHA-256 over a frozen document."""
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _chain() -> Iterator[str]:
    """Every batch continues the one before and holds what it held when it was sealed."""
    previous, after = GENESIS, 0
    for batch in session.scalars(sa.select(ChainBatch).order_by(ChainBatch.id)):
        if batch.previous_digest != previous or batch.first_id <= after:
            yield f"batch {batch.id} of the chain does not continue the one before"
        if digest_of(batch.previous_digest, batch.first_id, batch.last_id) != (batch.digest, batch.entries):
            yield f"journal entries {batch.first_id} to {batch.last_id} are not what they were when they were sealed"
        previous, after = batch.digest, batch.last_id


def _guards() -> Iterator[str]:
    """The triggers and the deferred foreign key are really there, in the live database."""
    if current_database().is_sqlite:
        there = set(session.scalars(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")))
        table = (
            session.scalar(sa.text("SELECT sql FROM sqlite_master WHERE name = 'commissions_journal_entry'"))
            or ""
        )
        deferred = "DEFERRABLE INITIALLY DEFERRED" in table
    else:
        live = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
        there = set(session.scalars(sa.text(live)))
        deferred = bool(
            session.scalar(
                sa.text("SELECT condeferred FROM pg_constraint WHERE conname = 'fk_journal_entry_sealed'")
            )
        )
    for name in sorted(guards(current_database().engine.dialect.name, "commissions_") - there):
        yield f"the guard {name} is missing from the database"
    if not deferred:
        yield "a journal entry could be committed without its seal"
