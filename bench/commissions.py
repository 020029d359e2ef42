"""What sale lines earn: in bulk through the engine with proofs, as one INSERT … SELECT, and record by record."""

import json
import random
import resource
from datetime import UTC, datetime
from typing import Any

from bench.measure import Figure, at_least, seconds
from commissions import rates
from commissions.operations.plans import draft_version, publish, simulate
from commissions.standard_plan import standard_plan
from core.database import session
from partners.models import Partner
from referrals.operations.sales import record_sale

_DAY = datetime(2026, 3, 1, 10, tzinfo=UTC)
_KINDS = ("licence", "implementation", "training", "integration")
_SLOW_SALES = 60

_SET_BASED = """
    INSERT INTO bench_plain (sale, line, beneficiary, amount)
    SELECT l.sale, l.line, b.name,
           CASE WHEN l.kind = 'licence' THEN div(l.net * 20 + 50, 100)
                WHEN b.name = 'partner' THEN div(l.net * 90 + 50, 100)
                ELSE l.net - div(l.net * 90 + 50, 100) END
    FROM bench_line l
    JOIN (VALUES ('partner'), ('vendor')) b (name) ON b.name = 'partner' OR l.kind <> 'licence'
"""


def measure(lines: int) -> list[Figure]:
    """``lines`` lines of sales with four each: a licence at 20 %, three services shared 90 to 10."""
    version = rates.parse(_definition())
    connection = _raw()
    _fill(connection, lines)
    plain = lines / seconds(lambda: connection.execute(_SET_BASED))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    bulk = lines / seconds(lambda: _in_bulk(connection, version))
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    sums = [
        connection.execute(f"SELECT sum(amount), count(*) FROM {table}").fetchone()
        for table in ("bench_plain", "bench_proved")
    ]
    if sums[0] != sums[1]:
        raise AssertionError(f"The two ways differ: {sums}")
    connection.rollback()
    connection.close()
    slow = _record_by_record()
    note = f"the same {sums[0][1]:,} amounts to the cent; ours with a proof each. Memory grew by {grown} MiB."
    return [
        at_least(f"commission run over {lines:,} sale lines", bulk, plain, 0.2, "lines", note),
        at_least(
            "the same, against recording sale by sale", bulk, slow, 50, "lines",
            f"{_SLOW_SALES} sales through the operation, with customer, ledger, holds and audit trail.",
        ),
    ]  # fmt: skip


def _definition() -> dict[str, Any]:
    """The standard plan without the bonus for first projects, so that plain SQL can say the same."""
    plan = standard_plan("2025-01-01T00:00:00+00:00", year=2025)
    return plan | {"rules": [rule for rule in plan["rules"] if not rule.get("with_split")]}


def _raw() -> Any:
    """A connection of the driver's own, as the session's."""
    import psycopg

    url = session.get_bind().engine.url.set(drivername="postgresql")
    return psycopg.connect(url.render_as_string(hide_password=False))


def _fill(connection: Any, lines: int) -> None:
    connection.execute("CREATE TEMPORARY TABLE bench_line (sale bigint, line int, kind text, net bigint)")
    for table, more in (("bench_plain", ""), ("bench_proved", ", rule text, proof jsonb")):
        connection.execute(
            f"CREATE TEMPORARY TABLE {table} (sale bigint, line int, beneficiary text, amount bigint{more})"
        )
    chance = random.Random(3)
    with connection.cursor().copy("COPY bench_line (sale, line, kind, net) FROM STDIN") as copy:
        for number in range(lines):
            copy.write_row((number // 4, number % 4, _KINDS[number % 4], chance.randrange(10_000, 2_000_000)))
    connection.execute("ANALYZE bench_line")


def _in_bulk(connection: Any, version: rates.PlanVersion) -> None:
    """Reads the lines as a stream, computes each sale with its proofs, and copies what it earns back."""
    source = connection.cursor("bench")
    source.itersize = 8000
    source.execute("SELECT sale, line, kind, net FROM bench_line ORDER BY sale, line")
    partner, customer = rates.PartnerFacts("1", "gold", "integrator", "DE"), rates.CustomerFacts("1", "DE")
    batch: list[tuple[Any, ...]] = []

    def write() -> None:
        with connection.cursor().copy(
            "COPY bench_proved (sale, line, beneficiary, amount, rule, proof) FROM STDIN"
        ) as copy:
            for row in batch:
                copy.write_row(row)
        batch.clear()

    current: list[tuple[int, int, str, int]] = []

    def compute() -> None:
        facts = rates.SaleFacts(
            occurred_at=_DAY, currency="EUR", partner=partner, customer=customer,
            lines=tuple(rates.LineFacts(kind, 1, net) for _sale, _line, kind, net in current),
            type="new", billed_by="vendor",
        )  # fmt: skip
        for entry in rates.first_postings(version, facts):
            key, proof = entry.key, json.dumps(entry.proof)
            batch.append((current[0][0], key.line, key.beneficiary.type, entry.amount_minor, key.name, proof))

    for row in source:
        if current and row[0] != current[0][0]:
            compute()
            current.clear()
            if len(batch) > 20_000:
                write()
        current.append(row)
    compute()
    write()
    source.close()


def _record_by_record() -> float:
    """Lines a second when every sale is recorded by the operation."""
    draft = draft_version("standard", _definition(), by=None)
    simulate(draft, by=None)
    publish(draft, by=None)
    session.flush()
    partner = session.get_one(Partner, 1)
    line = {"product": None, "quantity": 1, "unit_amount_minor": 123_450}

    def record() -> None:
        for number in range(_SLOW_SALES):
            sale = {
                "external_id": f"bench_{number}",
                "occurred_at": _DAY,
                "currency": "EUR",
                "partner_id": str(partner.id),
                "customer": {"external_id": f"cus_{number}", "name": f"Customer {number}", "country": "DE"},
                "lines": [line | {"kind": kind} for kind in _KINDS],
            }
            record_sale(sale, by=None)
        session.flush()

    return _SLOW_SALES * len(_KINDS) / seconds(record)
