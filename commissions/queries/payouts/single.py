"""Single payouts: who may see them, what they settle, and which are still in the air."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from accounts.models import User
from accounts.permissions import Permission
from commissions.models import (
    SERVICES,
    Entry,
    Payout,
    PayoutAttempt,
    PayoutLine,
    PayoutMethod,
    PayoutRun,
    PayoutStatus,
    RunStatus,
)
from commissions.models.profiles import said_rate
from commissions.queries.papers import all_vendors_parts
from commissions.queries.payouts.runs import DECIDED
from core.bulk import portions
from core.database import session
from core.digits import number_in
from partners.queries import rows_visible_to


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
        query = query.where(PayoutRun.status.in_(DECIDED))
    return query


def entries_of_payout(payout: Payout) -> sa.Select[Entry]:
    """The lines of earnings that a payout settles."""
    return (
        sa.select(Entry)
        .join(PayoutLine, PayoutLine.entry_id == Entry.id)
        .where(PayoutLine.payout_id == payout.id)
        .order_by(Entry.id)
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


def parts_of(payout_ids: list[int]) -> dict[int, tuple[int, int]]:
    """payout → (what its lines earn, what they take back); the difference is its amount."""
    found: dict[int, tuple[int, int]] = {}
    for some in portions(payout_ids, 1000):
        found |= _parts_of(some)
    return found


def _parts_of(payout_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    earned = sa.func.sum(sa.case((PayoutLine.amount_minor > 0, PayoutLine.amount_minor), else_=0))
    taken = sa.func.sum(sa.case((PayoutLine.amount_minor < 0, -PayoutLine.amount_minor), else_=0))
    rows = session.execute(
        sa.select(PayoutLine.payout_id, sa.cast(earned, sa.BigInteger), sa.cast(taken, sa.BigInteger))
        .where(PayoutLine.payout_id.in_(payout_ids))
        .group_by(PayoutLine.payout_id)
    )
    return {payout_id: (int(plus), int(minus)) for payout_id, plus, minus in rows}


def taxes_of(payout: Payout) -> list[tuple[str, int, int]]:
    """(rate in words, services, their VAT) of a payout, the highest first; nothing where VAT was taken of the whole."""
    rows = session.execute(
        sa.select(
            PayoutLine.vat_bp,
            sa.cast(sa.func.sum(PayoutLine.amount_minor), sa.BigInteger),
            sa.cast(sa.func.sum(PayoutLine.vat_minor), sa.BigInteger),
        )
        .where(PayoutLine.payout_id == payout.id, PayoutLine.vat_bp > 0)
        .group_by(PayoutLine.vat_bp)
        .order_by(PayoutLine.vat_bp.desc())
    )
    return [(said_rate(bp or 0), int(net), int(vat)) for bp, net, vat in rows]


def services_of(payout: Payout) -> int | None:
    """What of a payout its tax was withheld from: its services.

    ``None`` where nothing was, and where it was taken of the whole sum: in payouts whose lines have no rate of VAT.
    """
    of_the_whole = sa.exists().where(PayoutLine.payout_id == payout.id, PayoutLine.vat_bp.is_(None))
    if not payout.withheld_minor or session.scalar(sa.select(of_the_whole)):
        return None
    mine = sa.select(PayoutLine.entry_id).where(PayoutLine.payout_id == payout.id)
    services = session.scalar(
        sa.select(sa.cast(sa.func.coalesce(sa.func.sum(PayoutLine.amount_minor), 0), sa.BigInteger))
        .join(Entry, Entry.id == PayoutLine.entry_id)
        .where(
            PayoutLine.payout_id == payout.id,
            Entry.kind.in_(SERVICES),
            Entry.id.not_in(all_vendors_parts(Entry.id.in_(mine))),
        )
    )
    return int(services or 0)


def usual_payouts(currency: str, before_run: int | None = None) -> dict[int, int]:
    """partner → the mean of its last six paid payouts in that currency; partners never paid are absent."""
    number = (
        sa.func.row_number().over(partition_by=Payout.partner_id, order_by=Payout.id.desc()).label("number")
    )
    query = sa.select(Payout.partner_id, Payout.amount_minor, number).where(
        Payout.currency == currency, Payout.status == PayoutStatus.PAID
    )
    if before_run is not None:
        here = sa.select(Payout.partner_id).where(Payout.run_id == before_run)
        query = query.where(Payout.run_id < before_run, Payout.partner_id.in_(here))
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


def payout_of_group(group: str) -> int | None:
    """The payout that a transfer group of ours names."""
    kind, _underscore, number = group.partition("_")
    return number_in(number) if kind == "payout" else None


def stripe_knows_more(transfers: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Transfers that name a payout which was never sent here: what a backup restored too late would not know."""
    named = {
        payout_id: transfer
        for transfer in transfers
        if (payout_id := payout_of_group(transfer["group"])) is not None
    }
    ids = sorted(named)
    sent: set[int] = set()
    for some in portions(ids, 1000):
        sent.update(
            session.scalars(
                sa.select(Payout.id)
                .join(PayoutRun, PayoutRun.id == Payout.run_id)
                .where(
                    Payout.id.in_(some),
                    Payout.attempt > 0,
                    PayoutRun.status != RunStatus.WITHDRAWN,
                )
            )
        )
    return [transfer for payout_id, transfer in named.items() if payout_id not in sent]
