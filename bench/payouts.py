"""One payout run over ten thousand partners: proposed, approved, sent as a file, carried out; against raw SQL."""

import resource
import time
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask

from accounts.models import User
from accounts.operations import make_user
from accounts.permissions import Role
from bench.measure import Figure, at_most
from commissions import settings
from commissions.models import Entry, EntryKind, Payout, PayoutMethod, PayoutProfile, PayoutStatus, VatStatus
from commissions.operations.entries import post_entries
from commissions.operations.payouts import execute_file, start_sending
from commissions.operations.runs import approve_run, propose_run
from commissions.queries.payouts import files_of_run
from core import clock
from core.database import session, transaction
from core.jobs import run_until_idle
from core.settings import change_setting
from partners.models import Partner, PartnerStatus
from partners.queries import partners_with_valid_agreement

_BATCH = 500
# MB above what the process held before.
_MOST_MEMORY = 100
# What a payout leaves behind: itself, two lines, two journal entries with seals and four lines, an attempt, two deeds.
_ROWS = 14


def measure(app: Flask, wanted: int = 10_000) -> list[Figure]:
    """Each step in seconds for all payouts; the reference writes as many rows by plain inserts in one transaction."""
    with app.app_context():
        number = _prepare(wanted)
        before = _memory()
        spans = {name: _timed(step) for name, step in _STEPS.items()}
        grown = _memory() - before
        with transaction():
            paid = session.scalar(
                sa.select(sa.func.count()).select_from(Payout).where(Payout.status == PayoutStatus.PAID)
            )
        assert paid == number, f"{paid} of {number} were paid"
        raw = _timed(lambda: _raw(number))
    note = f"{number:,} payouts; " + ", ".join(f"{name} {span:.1f} s" for name, span in spans.items())
    decided = spans["propose"] + spans["approve"]
    return [
        at_most("a payout run, proposed and approved", decided, raw, 10, note),
        at_most("a payout run, from proposal to paid", sum(spans.values()), raw, 80, note),
        Figure(
            "memory that a payout run takes", f"{grown:,.0f} MB", f"{_MOST_MEMORY} MB",
            f"{grown / _MOST_MEMORY:.2f} ×", "≤ 1 ×", grown <= _MOST_MEMORY, f"{number:,} payouts, at the peak",
        ),
    ]  # fmt: skip


def _memory() -> float:
    """The most this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _timed(step: Any) -> float:
    begun = time.perf_counter()
    step()
    return time.perf_counter() - begun


def _prepare(wanted: int) -> int:
    """Profiles and two payable lines for each of as many partners as there are, at most ``wanted``."""
    with transaction():
        make_user(
            email="bench-finn@example.com", name="Finn", role=Role.FINANCE, locale="en", password="x" * 20
        )
        make_user(
            email="bench-mona@example.com",
            name="Mona",
            role=Role.PARTNER_MANAGER,
            locale="en",
            password="x" * 20,
        )
        change_setting(settings.DEBTOR_IBAN, "DE02120300000000202051", by=None)
        agreed = partners_with_valid_agreement()
        ids = list(
            session.scalars(
                sa.select(Partner.id)
                .where(Partner.status == PartnerStatus.ACTIVE, Partner.id.in_(agreed))
                .order_by(Partner.id)
                .limit(wanted)
            )
        )
        long_ago = clock.now() - timedelta(days=30)
        session.execute(sa.delete(PayoutProfile))
        session.execute(
            sa.insert(PayoutProfile),
            [
                {
                    "partner_id": partner_id, "method": PayoutMethod.SEPA, "holder": f"Firm {partner_id}",
                    "iban": "DE89370400440532013000", "bic": "", "country": "DE", "street": "", "postcode": "",
                    "city": "Berlin", "stripe_ready": False, "arrangement": "", "vat_status": VatStatus.REGISTERED,
                    "created_at": long_ago, "changed_at": long_ago, "changed_by_name": "", "pays_from": long_ago,
                }
                for partner_id in ids
            ],
        )  # fmt: skip
    for start in range(0, len(ids), _BATCH):
        with transaction():
            post_entries(
                [_line(partner_id, part) for partner_id in ids[start : start + _BATCH] for part in (1, 2)],
                by=None,
            )
    return len(ids)


def _line(partner_id: int, part: int) -> Entry:
    now = clock.now()
    return Entry(
        kind=EntryKind.COMMISSION, partner_id=partner_id, amount_minor=30_000 + part, currency="EUR", rule="bench",
        cause=f"bench-payouts:{partner_id}:{part}", received_at=now, available_at=now, proof={},
    )  # fmt: skip


def _who(role: Role) -> User:
    wanted = sa.select(User).where(User.role == role, User.email.startswith("bench-"))
    return session.scalars(wanted).one()


def _run() -> Any:
    from commissions.models import PayoutRun

    return session.scalars(sa.select(PayoutRun).order_by(PayoutRun.id.desc()).limit(1)).one()


def _propose() -> None:
    with transaction():
        propose_run("EUR", by=_who(Role.FINANCE))


def _approve() -> None:
    with transaction():
        run = _run()
        approve_run(run, digest=str(run.digest), total_minor=run.total_minor, by=_who(Role.PARTNER_MANAGER))


def _send() -> None:
    with transaction():
        start_sending(_run(), by=_who(Role.FINANCE))


def _settle() -> None:
    with transaction():
        execute_file(files_of_run(_run())[0], reference="BANK", by=_who(Role.FINANCE))
    run_until_idle()


_STEPS = {"propose": _propose, "approve": _approve, "send": _send, "settle": _settle}


def _raw(number: int) -> None:
    """The same number of rows that say as much, one by one and without rules."""
    with transaction():
        session.execute(
            sa.text("CREATE TEMPORARY TABLE bench_payout (id BIGINT, amount BIGINT, status TEXT, place TEXT)")
        )
        rows = [
            {"id": at, "amount": 60_003, "status": "paid", "place": "DE89370400440532013000"}
            for at in range(number)
        ]
        for _times in range(_ROWS):
            session.execute(sa.text("INSERT INTO bench_payout VALUES (:id, :amount, :status, :place)"), rows)
