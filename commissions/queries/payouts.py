"""Runs, payouts and statements, asked for whoever may see them."""

import hashlib
import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from accounts.models import User
from accounts.permissions import Permission
from commissions.models import (
    Entry,
    EntryKind,
    PaymentFile,
    Payout,
    PayoutAttempt,
    PayoutLine,
    PayoutMethod,
    PayoutProfile,
    PayoutRun,
    PayoutStatus,
    RunStatus,
    Statement,
)
from core.database import session
from partners.models import Partner
from partners.queries import partner_of, rows_visible_to


def runs_visible_to(user: User) -> sa.Select[PayoutRun]:
    """Payout runs, latest first: for the vendor's people and machines, never for a partner."""
    query = sa.select(PayoutRun).order_by(PayoutRun.id.desc())
    if not user.may(Permission.RUNS_READ) or partner_of(user) is not None:
        return query.where(sa.false())
    return query.options(joinedload(PayoutRun.proposed_by), joinedload(PayoutRun.approved_by))


def payouts_visible_to(user: User, permission: Permission = Permission.EARNINGS_READ) -> sa.Select[Payout]:
    """Payouts, latest first. A partner sees its own once the run has been approved."""
    query = (
        sa.select(Payout)
        .join(Payout.run)
        .where(rows_visible_to(user, Payout.partner_id, permission))
        .order_by(Payout.id.desc())
        .options(joinedload(Payout.partner), joinedload(Payout.run))
    )
    if not user.is_staff:
        query = query.where(PayoutRun.status.in_(_DECIDED))
    return query


_DECIDED = (RunStatus.APPROVED, RunStatus.SENDING, RunStatus.PARTLY_SENT, RunStatus.DONE)


def statements_visible_to(
    user: User, permission: Permission = Permission.EARNINGS_READ
) -> sa.Select[Statement]:
    """Statements, latest first."""
    return (
        sa.select(Statement)
        .where(rows_visible_to(user, Statement.partner_id, permission))
        .order_by(Statement.month.desc(), Statement.id.desc())
        .options(joinedload(Statement.partner))
    )


def profile_of(partner: Partner) -> PayoutProfile | None:
    """Where the partner's money goes, if that was ever said."""
    return session.scalar(sa.select(PayoutProfile).where(PayoutProfile.partner_id == partner.id))


def lines_of_run(run: PayoutRun) -> sa.Select[*tuple[Any, ...]]:
    """(entry, payout) of every line of a run, by partner."""
    return (
        sa.select(Entry, Payout)
        .join(PayoutLine, PayoutLine.entry_id == Entry.id)
        .join(Payout, Payout.id == PayoutLine.payout_id)
        .where(Payout.run_id == run.id)
        .order_by(Payout.partner_id, Entry.id)
        .options(joinedload(Payout.partner))
    )


def entries_of_payout(payout: Payout) -> sa.Select[Entry]:
    """The lines of earnings that a payout settles."""
    return (
        sa.select(Entry)
        .join(PayoutLine, PayoutLine.entry_id == Entry.id)
        .where(PayoutLine.payout_id == payout.id)
        .order_by(Entry.id)
    )


def payouts_of_run(run: PayoutRun) -> sa.Select[Payout]:
    """A run's payouts, the largest first."""
    return (
        sa.select(Payout)
        .where(Payout.run_id == run.id)
        .options(joinedload(Payout.partner))
        .order_by(Payout.amount_minor.desc(), Payout.id)
    )


def files_of_run(run: PayoutRun) -> list[PaymentFile]:
    """The files made for the bank, latest first."""
    return list(
        session.scalars(
            sa.select(PaymentFile).where(PaymentFile.run_id == run.id).order_by(PaymentFile.id.desc())
        )
    )


def attempts_of(payout: Payout) -> list[PayoutAttempt]:
    """Every try to send a payout."""
    return list(
        session.scalars(
            sa.select(PayoutAttempt)
            .where(PayoutAttempt.payout_id == payout.id)
            .order_by(PayoutAttempt.number)
        )
    )


def run_digest(run: PayoutRun) -> str:
    """SHA-256 over exactly what is approved: who gets how much for which lines, by which method, to where."""
    content: list[Any] = []
    lines: dict[int, list[list[int]]] = {}
    for payout_id, entry_id, amount in session.execute(
        sa.select(PayoutLine.payout_id, PayoutLine.entry_id, PayoutLine.amount_minor)
        .join(Payout, Payout.id == PayoutLine.payout_id)
        .where(Payout.run_id == run.id)
        .order_by(PayoutLine.entry_id)
    ):
        lines.setdefault(payout_id, []).append([entry_id, amount])
    for payout in session.scalars(
        sa.select(Payout).where(Payout.run_id == run.id).order_by(Payout.partner_id)
    ):
        content.append(
            [
                payout.partner_id,
                payout.amount_minor,
                str(payout.method),
                dict(sorted(payout.destination.items())),
                lines.get(payout.id, []),
            ]
        )
    said = json.dumps(
        [run.id, run.currency, run.total_minor, content], ensure_ascii=False, separators=(",", ":")
    )
    return hashlib.sha256(said.encode()).hexdigest()


def sums_by_kind(run: PayoutRun) -> dict[EntryKind, int]:
    """What a run's total is made of."""
    rows = session.execute(
        sa.select(Entry.kind, sa.cast(sa.func.sum(PayoutLine.amount_minor), sa.BigInteger))
        .join(PayoutLine, PayoutLine.entry_id == Entry.id)
        .join(Payout, Payout.id == PayoutLine.payout_id)
        .where(Payout.run_id == run.id)
        .group_by(Entry.kind)
    )
    return {kind: int(amount) for kind, amount in rows}


def line_counts(run: PayoutRun) -> dict[EntryKind, int]:
    """How many lines of each kind a run has."""
    rows = session.execute(
        sa.select(Entry.kind, sa.func.count())
        .join(PayoutLine, PayoutLine.entry_id == Entry.id)
        .join(Payout, Payout.id == PayoutLine.payout_id)
        .where(Payout.run_id == run.id)
        .group_by(Entry.kind)
    )
    return {kind: int(number) for kind, number in rows}


def parts_of(payout_ids: list[int]) -> dict[int, tuple[int, int]]:
    """payout → (what its lines earn, what they take back); the difference is what is paid."""
    earned = sa.func.sum(sa.case((PayoutLine.amount_minor > 0, PayoutLine.amount_minor), else_=0))
    taken = sa.func.sum(sa.case((PayoutLine.amount_minor < 0, -PayoutLine.amount_minor), else_=0))
    rows = session.execute(
        sa.select(PayoutLine.payout_id, sa.cast(earned, sa.BigInteger), sa.cast(taken, sa.BigInteger))
        .where(PayoutLine.payout_id.in_(payout_ids))
        .group_by(PayoutLine.payout_id)
    )
    return {payout_id: (int(plus), int(minus)) for payout_id, plus, minus in rows}


def set_off_in(run: PayoutRun) -> tuple[int, int]:
    """(sum of what was set off, at how many partners) in a run."""
    row = session.execute(
        sa.select(
            sa.cast(sa.func.coalesce(sa.func.sum(PayoutLine.amount_minor), 0), sa.BigInteger),
            sa.func.count(sa.distinct(Payout.partner_id)),
        )
        .join(Payout, Payout.id == PayoutLine.payout_id)
        .where(Payout.run_id == run.id, PayoutLine.amount_minor < 0)
    ).one()
    return int(row[0]), int(row[1])


def run_before(run: PayoutRun) -> PayoutRun | None:
    """The run in the same currency that was approved before this one."""
    return session.scalar(
        sa.select(PayoutRun)
        .where(PayoutRun.currency == run.currency, PayoutRun.id < run.id, PayoutRun.status.in_(_DECIDED))
        .order_by(PayoutRun.id.desc())
        .limit(1)
    )


def partners_in(run: PayoutRun | None) -> dict[int, int]:
    """partner → what the run pays it."""
    if run is None:
        return {}
    rows = session.execute(sa.select(Payout.partner_id, Payout.amount_minor).where(Payout.run_id == run.id))
    return {row.partner_id: row.amount_minor for row in rows}


def usual_payouts(currency: str, partner_ids: list[int], before_run: int | None = None) -> dict[int, int]:
    """partner → the mean of its last six paid payouts in that currency; partners never paid are absent."""
    if not partner_ids:
        return {}
    number = (
        sa.func.row_number().over(partition_by=Payout.partner_id, order_by=Payout.id.desc()).label("number")
    )
    query = sa.select(Payout.partner_id, Payout.amount_minor, number).where(
        Payout.currency == currency, Payout.status == PayoutStatus.PAID, Payout.partner_id.in_(partner_ids)
    )
    if before_run is not None:
        query = query.where(Payout.run_id < before_run)
    last = query.subquery()
    rows = session.execute(
        sa.select(
            last.c.partner_id, sa.cast(sa.func.sum(last.c.amount_minor), sa.BigInteger), sa.func.count()
        )
        .where(last.c.number <= 6)
        .group_by(last.c.partner_id)
    )
    return {partner_id: int(total) // int(count) for partner_id, total, count in rows}


def payouts_in_the_air(method: PayoutMethod | None = None) -> sa.Select[Payout]:
    """Payouts whose result is not known yet, oldest first."""
    query = sa.select(Payout).where(Payout.status.in_((PayoutStatus.SENDING, PayoutStatus.UNKNOWN)))
    if method is not None:
        query = query.where(Payout.method == method)
    return query.order_by(Payout.id)
