"""What sales earn: in bulk with proofs and postings, as one chain of INSERT … SELECT, and record by record.

All three work on the same sales in the same tables, with the same constraints, triggers and indexes. Raw SQL knows the
plan by heart: a rate a tier and year, and 90 to 10. It writes the same pairs, assessments, lines of earnings, journal
entries, their lines and seals, but no proofs.
"""

import os
import random
import resource
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa

from bench.measure import Figure, at_least, memory_at_most, seconds
from commissions import ledger, rates
from commissions.models import (
    Account,
    BeneficiaryType,
    Entry,
    EntryKind,
    JournalEntry,
    JournalLine,
    JournalSeal,
    PlanVersion,
    Recomputation,
)
from commissions.operations.accrual import accrue, assess, facts_of
from commissions.operations.entries import draft_of
from commissions.operations.plans import draft_version, publish, simulate
from commissions.operations.recomputations import recompute_further, start_recomputation
from commissions.queries.plans import parsed
from commissions.standard_plan import LICENCE_RATES, standard_plan
from core import clock
from core.bulk import insert_rows, new_ids
from core.collecting import settle
from core.database import session
from partners.models import LineKind
from referrals.models import Customer, Sale, SaleLine
from referrals.models.sales import AttributionSource, BilledBy, Paid, SaleStatus, SaleType

_BEGIN = datetime(2025, 1, 31, 10, tzinfo=UTC)
_KINDS = (LineKind.LICENCE, LineKind.IMPLEMENTATION, LineKind.TRAINING, LineKind.INTEGRATION)
_SLOW_SALES = 20
#: Sales of one customer–partner pair; some fall into its first year, some behind it.
_OF_A_PAIR = 4


def measure(lines: int) -> list[Figure]:
    """``lines`` lines of sales with four each: a licence by tier and year, three services shared 90 to 10."""
    first = _sales(lines // len(_KINDS))
    version = _plan()
    session.execute(sa.text("ANALYZE"))
    amounts = lines / _of_amounts(version, seconds)
    books, by_sql = _by_sql(version, lines)
    slow = _pace(first, _sale_by_sale)
    by_objects = _pace(first, _object_by_object)
    settle()  # what made the sales is not there in a worker
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    bulk = lines / seconds(_recompute)
    session.execute(sa.text("ANALYZE"))  # as the database does by itself once these rows are there for good
    again = lines / seconds(_recompute)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    ours = _sums()
    if ours != by_sql:
        raise AssertionError(f"The two ways differ: {ours}, {by_sql}")
    draft = draft_version("standard", _definition(), by=None)
    simulated = lines / seconds(lambda: simulate(draft, months=120, by=None))
    report = draft.simulation or {}
    [total] = report["totals"]
    if total["was_minor"] != total["would_be_minor"]:
        raise AssertionError(f"The simulation differs: {total}")
    note = (
        f"{ours[0]:,} lines of earnings in the ledger, the same to the cent; ours with a proof each. "
        f"Memory grew by {grown} MiB."
    )
    return [
        at_least(f"commission run over {lines:,} new sale lines", bulk, books, 0.2, "lines", note),
        at_least("recompute: the same lines again, nothing to post", again, amounts, 0.2, "lines", _ABOUT_AMOUNTS),
        at_least("simulation over the same lines", simulated, amounts, 0.2, "lines", _ABOUT_AMOUNTS),
        at_least(
            "commission run, against a loop over objects", bulk, by_objects, 50, "lines",
            f"{_SLOW_SALES} of the same sales: each record an object of the ORM, written as it is made, with its proof "
            f"and its postings; no locks, no look at what is there. Our own operation for one sale, which groups its "
            f"writing, does {slow:,.0f} lines/s, with both: {bulk / slow:.0f} × slower than in bulk.",
        ),
    ]  # fmt: skip


def measure_books(lines: int) -> list[Figure]:
    """Recompute and simulation over ``lines`` lines whose earnings plain SQL has written: of any size in little time.

    The journal is left out: neither reads it. Paces are of processor time, of the program and of its connection's
    process together: a run takes long enough for other work on the machine to come between.
    """
    _sales(lines // len(_KINDS))
    version = _plan()
    session.execute(sa.text("ANALYZE"))
    amounts = _of_amounts(version, busy_seconds)
    _write_books(version, _BOOKS[:3])
    session.execute(sa.text("ANALYZE"))
    settle()
    begun = _memory_from_here()
    again, took = busy_seconds(_recompute)
    told = session.scalars(sa.select(Recomputation)).one()
    if (told.lines, told.posted) != (lines, 0):
        raise AssertionError(f"{told.lines} lines were looked at and {told.posted} posted.")
    draft = draft_version("standard", _definition(), by=None)
    simulated, took_too = busy_seconds(lambda: simulate(draft, months=120, by=None))
    [total] = (draft.simulation or {})["totals"]
    if total["was_minor"] != total["would_be_minor"]:
        raise AssertionError(f"The simulation differs: {total}")
    most = _most_memory()
    size = f"over {lines:,} sale lines in the books"
    note = (
        f"{_ABOUT_AMOUNTS} By processor time; by the clock {lines / took:,.0f} and {lines / took_too:,.0f} lines/s, "
        f"the reference {lines / amounts[1]:,.0f}. Memory: {begun} MiB before, {most} MiB at the peak of both."
    )
    return [
        at_least(f"recompute {size}", lines / again, lines / amounts[0], 0.2, "lines", note),
        at_least(f"simulation {size}", lines / simulated, lines / amounts[0], 0.2, "lines"),
        memory_at_most("memory that both take", most - begun, 300),
    ]


Taken = TypeVar("Taken")


def _of_amounts(version: PlanVersion, taken: Callable[[Callable[[], Any]], Taken]) -> Taken:
    """What the reference takes: one INSERT … SELECT of every amount into a bare table."""
    bare = f"CREATE TEMPORARY TABLE bench_amounts ON COMMIT DROP AS {_AMOUNTS} WITH NO DATA"
    session.execute(sa.text(bare), _values(version))
    write = sa.text(f"INSERT INTO bench_amounts {_AMOUNTS}")
    found = taken(lambda: session.execute(write, _values(version)))
    session.execute(sa.text("DROP TABLE bench_amounts"))
    return found


def busy_seconds(deed: Callable[[], Any]) -> tuple[float, float]:
    """(processor time of this process and of the database's, time by the clock) of ``deed``."""
    process = Path(f"/proc/{session.scalar(sa.text('SELECT pg_backend_pid()'))}/stat")

    def of_database() -> float:
        said = process.read_text().rpartition(")")[2].split()
        return (int(said[11]) + int(said[12])) / os.sysconf("SC_CLK_TCK")

    begun = of_database() + time.process_time()
    by_the_clock = seconds(deed)
    return of_database() + time.process_time() - begun, by_the_clock


def _memory_from_here() -> int:
    """What the process holds now, in MiB; from now on its peak counts anew."""
    Path("/proc/self/clear_refs").write_text("5")
    return _most_memory()


def _most_memory() -> int:
    """The peak of the process, in MiB."""
    said = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in said if line.startswith("VmHWM")) // 1024


_ABOUT_AMOUNTS = (
    "the reference is one INSERT … SELECT of every amount into a bare table, without index, ledger or proof."
)


def _definition() -> dict[str, Any]:
    """The standard plan without the bonus for first projects, so that plain SQL can say the same."""
    plan = standard_plan("2024-01-01T00:00:00+00:00", year=2024)
    return plan | {"rules": [rule for rule in plan["rules"] if not rule.get("with_split")]}


def _plan() -> PlanVersion:
    draft = draft_version("standard", _definition(), by=None)
    simulate(draft, months=0, by=None)  # of no sale: nothing is learnt before it is measured
    publish(draft, by=None)
    session.flush()
    return draft


def _sales(number: int) -> int:
    """Sales that nobody has computed, by every partner in turn; answers the id of the first."""
    partners = list(session.scalars(sa.text("SELECT id FROM partners_partner ORDER BY id")))
    pairs = -(-number // _OF_A_PAIR)
    customers = new_ids(Customer, pairs)
    insert_rows(
        Customer,
        ("id", "external_id", "name", "country", "name_key", "created_at"),
        ((row, f"bench_{row}", f"Customer {row}", "DE", f"customer {row}", _BEGIN) for row in customers),
    )
    chance = random.Random(3)
    sales = new_ids(Sale, number)
    insert_rows(
        Sale,
        ("id", "source", "external_id", "customer_id", "partner_id", "type", "billed_by", "currency", "occurred_at",
         "received_at", "paid", "total_minor", "metadata", "status", "attribution_source", "attribution"),
        (
            (
                sale, "bench", f"bench_{sale}", customers[place // _OF_A_PAIR],
                partners[place // _OF_A_PAIR % len(partners)], SaleType.NEW, BilledBy.VENDOR, "EUR",
                _BEGIN + timedelta(days=place % _OF_A_PAIR * 135, minutes=place % 1000), _BEGIN, Paid.FULL, 0, {},
                SaleStatus.ATTRIBUTED, AttributionSource.PARTNER, [],
            )
            for place, sale in enumerate(sales)
        ),
    )  # fmt: skip
    insert_rows(
        SaleLine,
        ("sale_id", "position", "kind", "description", "quantity", "unit_amount_minor", "discount_minor",
         "credit_minor", "tax_minor"),
        (
            (sale, position, kind, "", 1, chance.randrange(10_000, 2_000_000), 0, 0, 0)
            for sale in sales
            for position, kind in enumerate(_KINDS)
        ),
    )  # fmt: skip
    return sales[0]


def _recompute() -> None:
    run: Recomputation = start_recomputation(by=None)
    while recompute_further(run):
        pass
    if run.differences:
        raise AssertionError(f"{run.differences} sales differ from the books.")


def _pace(first: int, earn: Callable[[Sale], None]) -> float:
    """Lines a second when every sale is computed by itself; undone."""
    with session.begin_nested() as kept:

        def compute() -> None:
            for sale_id in range(first, first + _SLOW_SALES):
                earn(session.get_one(Sale, sale_id))

        pace = _SLOW_SALES * len(_KINDS) / seconds(compute)
        kept.rollback()
    return pace


def _sale_by_sale(sale: Sale) -> None:
    accrue(sale, sale, by=None)


def _object_by_object(sale: Sale) -> None:
    """As one would write it first: an object a record, flushed as it is made. The engine and its proofs are ours."""
    assessment, _moved = assess(sale)
    assert assessment is not None
    version = parsed(assessment.plan_version)
    for earned in rates.compute(version, facts_of(sale, assessment)).entries:
        owner = earned.key.beneficiary
        entry = Entry(
            sale_id=sale.id, line=earned.key.line, kind=EntryKind(earned.key.kind), partner_id=sale.partner_id,
            amount_minor=earned.amount_minor, currency=earned.currency, plan_version_id=assessment.plan_version_id,
            rule=earned.key.name, cause=f"sale:{sale.id}", received_at=sale.received_at,
            available_at=rates.available_at(sale.received_at, version.hold_days), proof=earned.proof,
            created_at=clock.now(), beneficiary_type=BeneficiaryType(owner.type),
        )  # fmt: skip
        if owner.id is None:
            entry.partner_id = None
        entry.key = entry.say_key()
        _add(entry)
        _post_by_objects(draft_of(entry, {}))


def _post_by_objects(draft: ledger.Draft) -> None:
    posted = JournalEntry(
        key=draft.key, request_digest=draft.digest, kind=draft.kind, source=draft.source, actor_name="",
        occurred_at=draft.occurred_at, posted_at=clock.now(),
    )  # fmt: skip
    _add(posted)
    for code, amount in draft.lines:
        account = session.scalar(sa.select(Account).where(Account.code == code.text))
        if account is None:
            account = Account(
                code=code.text, type=code.type, currency=code.currency, partner_id=code.partner_id,
                guarded=code.is_guarded,
            )  # fmt: skip
            _add(account)
        _add(
            JournalLine(
                journal_entry_id=posted.id, account_id=account.id, currency=code.currency, amount_minor=amount
            )
        )
    _add(JournalSeal(journal_entry_id=posted.id, lines=len(draft.lines)))


def _add(row: Any) -> None:
    session.add(row)
    session.flush()


def _sums() -> tuple[Any, ...]:
    """What must be equal whoever computed it: lines, amounts, balances."""
    query = """
        SELECT (SELECT count(*) FROM commissions_entry WHERE sale_id IS NOT NULL),
               (SELECT sum(amount_minor) FROM commissions_entry WHERE sale_id IS NOT NULL),
               (SELECT sum(amount_minor * (line + 1)) FROM commissions_entry WHERE partner_id IS NOT NULL),
               (SELECT sum(amount_minor * account_id) FROM commissions_balance),
               (SELECT count(*) FROM commissions_journal_seal)
    """
    found = tuple(int(value or 0) for value in session.execute(sa.text(query)).one())
    # Account ids depend on who opened them first.
    return (*found[:3], found[4])


# By SQL

_RATES = " ".join(
    f"WHEN p.tier = '{tier}' THEN CASE WHEN s.occurred_at < f.first_at + interval '12 months' "
    f"THEN {first} ELSE {later} END"
    for tier, first, later in LICENCE_RATES
)
_FIRST_YEAR = "s.occurred_at < f.first_at + interval '12 months'"
_RULES = " ".join(
    f"WHEN l.kind = 'licence' AND p.tier = '{tier}' THEN CASE WHEN {_FIRST_YEAR} "
    f"THEN '{tier.capitalize()}: licence in the first year' ELSE '{tier.capitalize()}: renewals and later licences' END"
    for tier, _first, _later in LICENCE_RATES
)
_AMOUNTS = f"""
    SELECT l.sale_id, l.position, s.received_at, b.name AS owner, CASE WHEN b.name = 'partner' THEN s.partner_id END
           AS partner_id, l.kind = 'licence' AS is_licence,
           CASE WHEN l.kind = 'licence' THEN div(n.net * (CASE {_RATES} END) + 50, 100)
                WHEN b.name = 'partner' THEN div(n.net * 90 + 50, 100)
                ELSE n.net - div(n.net * 90 + 50, 100) END AS amount
    FROM referrals_sale s
    JOIN referrals_sale_line l ON l.sale_id = s.id
    CROSS JOIN LATERAL (SELECT l.quantity * l.unit_amount_minor - l.discount_minor - l.credit_minor AS net) n
    JOIN partners_partner p ON p.id = s.partner_id
    JOIN (SELECT customer_id, partner_id, min(occurred_at) AS first_at FROM referrals_sale
          WHERE source = 'bench' GROUP BY 1, 2) f ON f.customer_id = s.customer_id AND f.partner_id = s.partner_id
    JOIN (VALUES ('partner'), ('vendor')) b (name) ON b.name = 'partner' OR l.kind <> 'licence'
    WHERE s.source = 'bench' AND :version > 0
"""
_NAMED_AMOUNTS = _AMOUNTS.replace(
    "SELECT l.sale_id,", f"SELECT CASE {_RULES} ELSE 'Projects we bill: 90 to 10' END AS rule, l.sale_id,", 1
)
_BOOKS = (
    """INSERT INTO commissions_pair (customer_id, partner_id, plan_id, plan_version_id, first_sale_at, first_sale_id,
       created_at) SELECT DISTINCT ON (customer_id, partner_id) customer_id, partner_id, :plan, :version, occurred_at,
       id, now() FROM referrals_sale WHERE source = 'bench' ORDER BY customer_id, partner_id, occurred_at""",
    """INSERT INTO commissions_assessment (sale_id, pair_id, plan_version_id, partner, customer, created_at)
       SELECT s.id, r.id, :version, jsonb_build_object('id', CAST(p.id AS text), 'tier', p.tier, 'type', p.type,
       'country', p.country, 'recruiter_id', NULL),
       jsonb_build_object('id', c.external_id, 'country', c.country, 'size', c.size),
       now() FROM referrals_sale s JOIN commissions_pair r ON r.customer_id = s.customer_id
       AND r.partner_id = s.partner_id JOIN partners_partner p ON p.id = s.partner_id
       JOIN referrals_customer c ON c.id = s.customer_id WHERE s.source = 'bench'""",
    f"""INSERT INTO commissions_entry (key, sale_id, line, kind, beneficiary_type, partner_id, amount_minor, currency,
       plan_version_id, rule, cause, received_at, available_at, proof, created_at)
       SELECT sale_id || '|' || position || '|' || owner, sale_id, position,
       CASE WHEN is_licence THEN 'commission' ELSE 'split' END, owner, partner_id, amount, 'EUR', :version, rule,
       'sale:' || sale_id, received_at, received_at + interval '30 days', '{{}}', now()
       FROM ({_NAMED_AMOUNTS}) AS amounts""",
    """INSERT INTO commissions_account (code, type, currency, partner_id, guarded)
       SELECT DISTINCT 'partner:' || partner_id || ':payable:eur', 'liability', 'EUR', partner_id, true
       FROM commissions_entry WHERE partner_id IS NOT NULL ON CONFLICT DO NOTHING""",
    """INSERT INTO commissions_account (code, type, currency, guarded) VALUES
       ('vendor:expense:commission:eur', 'expense', 'EUR', false),
       ('vendor:expense:share:eur', 'expense', 'EUR', false),
       ('vendor:income:share:eur', 'income', 'EUR', false), ('vendor:asset:projects:eur', 'asset', 'EUR', false)
       ON CONFLICT DO NOTHING""",
    """INSERT INTO commissions_journal_entry (key, request_digest, kind, source, actor_name, occurred_at, posted_at)
       SELECT 'entry:' || id, '', CASE kind WHEN 'split' THEN 'split' ELSE 'accrual' END, 'entry:' || id, '',
       received_at, now() FROM commissions_entry WHERE sale_id IS NOT NULL ORDER BY id""",
    """INSERT INTO commissions_journal_line (journal_entry_id, account_id, currency, amount_minor)
       SELECT j.id, a.id, 'EUR', CASE side.name WHEN 'debit' THEN e.amount_minor ELSE -e.amount_minor END
       FROM commissions_entry e JOIN commissions_journal_entry j ON j.key = 'entry:' || e.id
       CROSS JOIN (VALUES ('debit'), ('credit')) side (name)
       JOIN commissions_account a ON a.code = CASE
           WHEN side.name = 'credit' AND e.partner_id IS NOT NULL THEN 'partner:' || e.partner_id || ':payable:eur'
           WHEN side.name = 'credit' THEN 'vendor:income:share:eur'
           WHEN e.partner_id IS NULL THEN 'vendor:asset:projects:eur'
           WHEN e.kind = 'split' THEN 'vendor:expense:share:eur' ELSE 'vendor:expense:commission:eur' END
       WHERE e.sale_id IS NOT NULL ORDER BY a.id, j.id""",
    """INSERT INTO commissions_journal_seal (journal_entry_id, lines)
       SELECT id, 2 FROM commissions_journal_entry WHERE key LIKE 'entry:%' ORDER BY id""",
)


def _values(version: PlanVersion) -> dict[str, int]:
    return {"plan": version.plan_id, "version": version.id}


def _by_sql(version: PlanVersion, lines: int) -> tuple[float, tuple[Any, ...]]:
    """Lines a second of raw SQL, and what it came to; undone."""
    with session.begin_nested() as kept:
        pace = lines / seconds(lambda: _write_books(version, _BOOKS))
        sums = _sums()
        kept.rollback()
    return pace, sums


def _write_books(version: PlanVersion, statements: Sequence[str]) -> None:
    for statement in statements:
        session.execute(sa.text(_plain(statement)), _values(version))
        session.execute(sa.text(f"ANALYZE {statement.split()[2]}"))


def _plain(statement: str) -> str:
    """A colon within quotes is no parameter."""
    parts = statement.split("'")
    return "'".join(part.replace(":", r"\:") if place % 2 else part for place, part in enumerate(parts))
