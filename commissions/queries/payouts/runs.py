"""Payout runs: who may see them, what is in them, how far they are, and how they differ from the one before."""

import hashlib
import json
from collections.abc import Iterator, Sequence
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
    PayoutLine,
    PayoutRun,
    PayoutStatus,
    RunStatus,
)
from core.database import session
from partners.models import PAID, Partner
from partners.queries import partner_of

DECIDED = (RunStatus.APPROVED, RunStatus.SENDING, RunStatus.PARTLY_SENT, RunStatus.DONE)
"""The states in which two people have decided; only then a partner sees its payout."""

# How many payouts are read at a time where all of a run are gone through.
_BATCH = 500


def runs_visible_to(user: User) -> sa.Select[PayoutRun]:
    """Payout runs, latest first: for the vendor's people and machines, never for a partner."""
    query = sa.select(PayoutRun).order_by(PayoutRun.id.desc())
    if not user.may(Permission.RUNS_READ) or partner_of(user) is not None:
        return query.where(sa.false())
    return query.options(joinedload(PayoutRun.proposed_by), joinedload(PayoutRun.approved_by))


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
        .where(PayoutRun.currency == run.currency, PayoutRun.id < run.id, PayoutRun.status.in_(DECIDED))
        .order_by(PayoutRun.id.desc())
        .limit(1)
    )


def partners_gone(run: PayoutRun, before: PayoutRun | None) -> list[tuple[Partner, int]]:
    """(partner, what the run before paid it) of those that this run does not pay, the largest first; at most 20."""
    if before is None:
        return []
    here = sa.select(Payout.partner_id).where(Payout.run_id == run.id)
    rows = session.execute(
        sa.select(Partner, Payout.amount_minor)
        .join(Payout, Payout.partner_id == Partner.id)
        .where(Payout.run_id == before.id, Partner.id.not_in(here))
        .order_by(Payout.amount_minor.desc(), Partner.id)
        .limit(20)
    )
    return [(partner, amount) for partner, amount in rows]


def sendable_payouts(run: PayoutRun) -> sa.Select[Payout]:
    """Payouts of a run that wait to be sent, of partners that are not suspended."""
    return (
        sa.select(Payout)
        .join(Payout.partner)
        .where(
            Payout.run_id == run.id,
            Payout.status == PayoutStatus.PENDING,
            Partner.status.in_(PAID),
        )
        .order_by(Payout.id)
    )


def frozen_payouts(run: PayoutRun) -> sa.Select[Payout]:
    """Payouts of a run that wait because their partner is suspended."""
    return (
        sa.select(Payout)
        .join(Payout.partner)
        .where(
            Payout.run_id == run.id,
            Payout.status == PayoutStatus.PENDING,
            Partner.status.not_in(PAID),
        )
        .options(joinedload(Payout.partner))
        .order_by(Payout.id)
    )


def states_in(run: PayoutRun) -> dict[PayoutStatus, int]:
    """How many payouts of a run stand where; what was given up counts as failed."""
    rows = session.execute(
        sa.select(Payout.status, sa.func.count()).where(Payout.run_id == run.id).group_by(Payout.status)
    )
    return {status: int(number) for status, number in rows}


def net_of_run(run: PayoutRun) -> tuple[int, int, int, int]:
    """(VAT on top, tax withheld, fees, what is sent) over a run."""
    net = Payout.amount_minor + Payout.vat_minor - Payout.withheld_minor - Payout.fee_minor
    columns = [
        sa.cast(sa.func.coalesce(sa.func.sum(what), 0), sa.BigInteger)
        for what in (Payout.vat_minor, Payout.withheld_minor, Payout.fee_minor, net)
    ]
    row = session.execute(sa.select(*columns).where(Payout.run_id == run.id)).one()
    return int(row[0]), int(row[1]), int(row[2]), int(row[3])


def run_digest(run: PayoutRun) -> str:
    """SHA-256 over exactly what is approved: who gets how much for which lines, by which method, to where.

    Read and hashed some hundred payouts at a time, so that no run is too long for the memory.
    """
    digest = hashlib.sha256()
    start = _as_json([run.id, run.currency, run.total_minor, []])
    digest.update(start.removesuffix("]]").encode())
    is_first = True
    for part in _parts_of_digest(run.id):
        digest.update(f"{'' if is_first else ','}{_as_json(part)}".encode())
        is_first = False
    digest.update(b"]]")
    return digest.hexdigest()


def _as_json(content: list[Any]) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _parts_of_digest(run_id: int) -> Iterator[list[Any]]:
    """What a run's digest says of each payout, in the order of partners."""
    columns = (
        Payout.id, Payout.partner_id, Payout.amount_minor, Payout.method, Payout.destination,
        Payout.vat_minor, Payout.withheld_minor, Payout.fee_minor,
    )  # fmt: skip
    after = 0
    while rows := session.execute(
        sa.select(*columns)
        .where(Payout.run_id == run_id, Payout.partner_id > after)
        .order_by(Payout.partner_id)
        .limit(_BATCH)
    ).all():
        after = rows[-1].partner_id
        lines: dict[int, list[list[int]]] = {}
        for payout_id, entry_id, amount in session.execute(
            sa.select(PayoutLine.payout_id, PayoutLine.entry_id, PayoutLine.amount_minor)
            .where(PayoutLine.payout_id.in_([row.id for row in rows]))
            .order_by(PayoutLine.entry_id)
        ):
            lines.setdefault(payout_id, []).append([entry_id, amount])
        for row in rows:
            parts = [row.vat_minor, row.withheld_minor, row.fee_minor]
            yield [
                row.partner_id,
                row.amount_minor,
                str(row.method),
                dict(sorted(row.destination.items())),
                lines.get(row.id, []),
                # Runs that were approved before there were such parts keep their digest.
                *([parts] if any(parts) else []),
            ]


def partner_counts(run: PayoutRun, before: PayoutRun | None) -> tuple[int, int]:
    """(how many partners a run pays, how many of them the run before did not)."""
    number = session.scalar(sa.select(sa.func.count()).where(Payout.run_id == run.id)) or 0
    if before is None:
        return number, number
    then = sa.select(Payout.partner_id).where(Payout.run_id == before.id)
    again = sa.select(sa.func.count()).where(Payout.run_id == run.id, Payout.partner_id.in_(then))
    return number, number - (session.scalar(again) or 0)


def amounts_in(run: PayoutRun | None, partner_ids: Sequence[int]) -> dict[int, int]:
    """partner → what the run pays it, of these partners."""
    if run is None:
        return {}
    rows = session.execute(
        sa.select(Payout.partner_id, Payout.amount_minor).where(
            Payout.run_id == run.id, Payout.partner_id.in_(partner_ids)
        )
    )
    return {row.partner_id: row.amount_minor for row in rows}
