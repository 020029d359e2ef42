"""The money of a firm that was entered twice: moved in the books to the firm that stays, never rewritten.

Lines of earnings keep their proof and stay with the number they were made for. What is payable of them is taken off
there and owed to the firm that stays, by a pair of lines a currency, which are payable at once: services by a pair of
corrections, so that papers and VAT follow them, and by another pair what is none. What becomes payable later, or is
taken back later, follows in the same way every night.
"""

from datetime import datetime

import sqlalchemy as sa

from commissions.models import SERVICES, Entry, EntryKind, Pair, Payout, PayoutRun, RunStatus
from commissions.operations.accrual import hold_book
from commissions.operations.entries import post_entries
from commissions.queries.earnings import currencies_owed, payable_entries
from commissions.queries.papers import all_vendors_parts
from core import clock
from core.activity import Actor
from core.database import session
from core.errors import Refusal
from core.i18n import gettext as _
from partners.models import Partner

_OVER = (RunStatus.DONE, RunStatus.WITHDRAWN)


def refuse_open_payouts(duplicate: Partner) -> None:
    """Raises Refusal while a payout of the firm stands in a run that is not over."""
    run = session.scalar(
        sa.select(PayoutRun.id)
        .join(Payout, Payout.run_id == PayoutRun.id)
        .where(Payout.partner_id == duplicate.id, PayoutRun.status.not_in(_OVER))
        .order_by(PayoutRun.id)
        .limit(1)
    )
    if run is not None:
        raise Refusal(
            _(
                "A payout of %(name)s is under way in run %(run)s. Merge when the run is done.",
                name=duplicate.name,
                run=run,
            )
        )


def payable_sums(partner: Partner) -> dict[str, int]:
    """What is payable to the firm at this moment and in no run, by currency; nothing is left out, zero too."""
    now = clock.now()
    return {currency: sum(_payable(partner, currency, now)) for currency in currencies_owed()}


def _payable(partner: Partner, currency: str, now: datetime) -> tuple[int, int]:
    """(services, what is none) of what is payable to the firm."""
    lines = payable_entries(currency, now).where(Entry.partner_id == partner.id).order_by(None).subquery()
    parts = all_vendors_parts(Entry.partner_id == partner.id)
    is_service = sa.and_(lines.c.kind.in_(SERVICES), lines.c.id.not_in(parts))
    of_services = sa.func.sum(sa.case((is_service, lines.c.amount_minor), else_=0))
    all_ = sa.func.sum(lines.c.amount_minor)
    found = session.execute(
        sa.select(sa.cast(of_services, sa.BigInteger), sa.cast(all_, sa.BigInteger)).select_from(lines)
    ).one()
    services = int(found[0] or 0)
    return services, int(found[1] or 0) - services


def transfer_money(duplicate: Partner, survivor: Partner, *, by: Actor | None) -> list[Entry]:
    """Moves what is payable of ``duplicate`` to ``survivor``; answers the lines, a pair each way."""
    for number in sorted((duplicate.id, survivor.id)):
        hold_book(number)
    last = session.scalar(sa.select(sa.func.max(Entry.id)).where(Entry.partner_id == duplicate.id)) or 0
    posted: list[Entry] = []
    now = clock.now()
    for currency in currencies_owed():
        services, others = _payable(duplicate, currency, now)
        # Named by the last line that counted: repeated, the same transfer changes nothing.
        cause = f"merge:{duplicate.id}:{currency.lower()}:{last}"
        for kind, amount, named in (
            (EntryKind.ADJUSTMENT, services, cause),
            (EntryKind.SET_OFF, others, f"{cause}:others"),
        ):
            if amount:
                pair = [
                    _moved(duplicate, survivor, duplicate, kind, -amount, currency, named, by),
                    _moved(duplicate, survivor, survivor, kind, amount, currency, named, by),
                ]
                posted += post_entries(pair, by=by)
    return posted


def _moved(
    duplicate: Partner,
    survivor: Partner,
    whose: Partner,
    kind: EntryKind,
    amount: int,
    currency: str,
    cause: str,
    by: Actor | None,
) -> Entry:
    now = clock.now()
    return Entry(
        kind=kind,
        partner_id=whose.id,
        amount_minor=amount,
        currency=currency,
        rule="merged firms",
        cause=cause,
        received_at=now,
        available_at=now,
        proof={
            "formula": f"what was payable to partner {duplicate.id}, moved to partner {survivor.id}",
            "exact": str(amount),
            "rounding": "none",
            "by": str(by.name) if by is not None else "",
        },
    )


def copy_pairs(duplicate: Partner, survivor: Partner) -> None:
    """Customers who bought from the one have bought from the other: a next sale is no first sale."""
    known = {
        tuple(row)
        for row in session.execute(
            sa.select(Pair.customer_id, Pair.plan_id).where(Pair.partner_id == survivor.id)
        )
    }
    for pair in session.scalars(sa.select(Pair).where(Pair.partner_id == duplicate.id)).all():
        if (pair.customer_id, pair.plan_id) not in known:
            session.add(
                Pair(
                    customer_id=pair.customer_id,
                    partner_id=survivor.id,
                    plan_id=pair.plan_id,
                    plan_version_id=pair.plan_version_id,
                    first_sale_at=pair.first_sale_at,
                    first_sale_id=pair.first_sale_id,
                    created_at=clock.now(),
                )
            )
    session.flush()


def move_pairs(from_customer: int, to_customer: int) -> None:
    """The same for a customer who was entered twice; sales that were assessed keep the pair they were assessed by."""
    known = {
        tuple(row)
        for row in session.execute(
            sa.select(Pair.partner_id, Pair.plan_id).where(Pair.customer_id == to_customer)
        )
    }
    for pair in session.scalars(sa.select(Pair).where(Pair.customer_id == from_customer)).all():
        if (pair.partner_id, pair.plan_id) not in known:
            pair.customer_id = to_customer
    session.flush()


def follow_merged_firms() -> int:
    """Moves what has become payable, or was taken back, since firms were merged; answers how many lines it took."""
    merged = sa.select(Partner).where(Partner.merged_into_id.is_not(None)).order_by(Partner.id)
    return sum(
        len(transfer_money(firm, session.get_one(Partner, firm.merged_into_id), by=None))
        for firm in session.scalars(merged).all()
    )
