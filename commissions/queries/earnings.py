"""What partners earned, and where each line of it stands: held, payable, in a run, or paid.

At a moment ``as_of`` a line counts once it was received; it is payable from ``available_at`` on unless a hold is on it;
in a run from the proposal until it is paid or released. Both ends are inclusive.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from accounts.models import User
from accounts.permissions import Permission
from commissions.models import BeneficiaryType, EarnedDay, Entry, EntryHold, EntryKind, Payout, PayoutLine
from core import clock
from core.database import session
from partners.models import Partner
from partners.queries import rows_visible_to


class EntryState(StrEnum):
    """Where a line of earnings stands."""

    HELD = "held"
    PAYABLE = "payable"
    IN_RUN = "in_run"
    PAID = "paid"


#: How a line is shown that was taken back whole.
REVERSED = "reversed"


@dataclass(frozen=True, slots=True)
class Balance:
    """What a partner has in one currency. ``total`` is what is owed: held, payable and in a run; paid stands beside."""

    currency: str
    held_minor: int = 0
    payable_minor: int = 0
    in_run_minor: int = 0
    paid_minor: int = 0

    @property
    def total_minor(self) -> int:
        return self.held_minor + self.payable_minor + self.in_run_minor


def _live_line(as_of: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(
        PayoutLine.entry_id == Entry.id,
        PayoutLine.frozen_at <= as_of,
        sa.or_(PayoutLine.released_at.is_(None), PayoutLine.released_at > as_of),
    )


def _has_hold(as_of: datetime, *further: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        *further,
        EntryHold.entry_id == Entry.id,
        EntryHold.placed_at <= as_of,
        sa.or_(EntryHold.lifted_at.is_(None), EntryHold.lifted_at > as_of),
    )


def state_at(as_of: datetime) -> sa.Case[Any]:
    """The state of each entry, for a query that has joined ``PayoutLine`` and ``Payout`` by :func:`with_payouts`."""
    return sa.case(
        (sa.and_(PayoutLine.id.is_not(None), Payout.paid_at <= as_of), EntryState.PAID.value),
        (PayoutLine.id.is_not(None), EntryState.IN_RUN.value),
        (sa.or_(Entry.available_at > as_of, _has_hold(as_of)), EntryState.HELD.value),
        else_=EntryState.PAYABLE.value,
    )


def with_payouts(query: sa.Select[*tuple[Any, ...]], as_of: datetime) -> sa.Select[*tuple[Any, ...]]:
    """Joins to each entry the payout it is in at that moment, if any."""
    return query.outerjoin(PayoutLine, _live_line(as_of)).outerjoin(Payout, Payout.id == PayoutLine.payout_id)


def _is_a_partners(as_of: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(Entry.beneficiary_type == BeneficiaryType.PARTNER, Entry.received_at <= as_of)


def sums_by_state(as_of: datetime) -> sa.Select[*tuple[Any, ...]]:
    """(partner, currency, held, payable, in a run, paid) of every partner, as one query."""
    state = state_at(as_of)

    def sum_of(which: EntryState) -> Any:
        amount = sa.func.sum(sa.case((state == which.value, Entry.amount_minor), else_=0))
        return sa.cast(amount, sa.BigInteger).label(which.value)

    query = sa.select(Entry.partner_id, Entry.currency, *(sum_of(which) for which in EntryState))
    return with_payouts(query, as_of).where(_is_a_partners(as_of)).group_by(Entry.partner_id, Entry.currency)


def balances(partner: Partner, as_of: datetime | None = None) -> list[Balance]:
    """What ``partner`` has in each currency it ever earned in, at that moment, now by default.

    Now is told from the sums of days and payouts, in the same time for ten lines as for a hundred thousand; another
    moment is worked out from the lines.
    """
    if as_of is None:
        return _balances_now(partner, clock.now())
    rows = session.execute(
        sums_by_state(as_of).where(Entry.partner_id == partner.id).order_by(Entry.currency)
    )
    return [
        Balance(currency, held, payable, in_run, paid) for _id, currency, held, payable, in_run, paid in rows
    ]


def _sum_of(amount: Any) -> Any:
    return sa.cast(sa.func.sum(amount), sa.BigInteger)


def _balances_now(partner: Partner, now: datetime) -> list[Balance]:
    """Held are the days to come, what is left of today, and what has a flag; what is neither held, in a run nor paid
    is payable."""
    today = now.astimezone(UTC).date()
    # The day that is running is asked of its lines; likewise what says it will have been received later (no clock
    # runs backwards, but a replayed history may be ahead of it).
    mine = sa.select(Entry.currency, _sum_of(Entry.amount_minor)).where(Entry.partner_id == partner.id)
    later_today = mine.where(
        Entry.available_at > now, Entry.available_at < datetime.combine(today + timedelta(1), time(), UTC)
    )
    not_received = mine.where(Entry.received_at > now)
    days = sa.select(
        EarnedDay.currency,
        _sum_of(EarnedDay.amount_minor),
        _sum_of(sa.case((EarnedDay.available_on > today, EarnedDay.amount_minor), else_=0)),
    ).where(EarnedDay.partner_id == partner.id)
    is_live = sa.exists().where(PayoutLine.payout_id == Payout.id, PayoutLine.released_at.is_(None))
    payouts = sa.select(
        Payout.currency,
        _sum_of(sa.case((Payout.paid_at.is_(None), Payout.amount_minor), else_=0)),
        _sum_of(sa.case((Payout.paid_at.is_not(None), Payout.amount_minor), else_=0)),
    ).where(Payout.partner_id == partner.id, is_live)
    in_a_payout = sa.exists().where(PayoutLine.entry_id == Entry.id, PayoutLine.released_at.is_(None))
    flagged = mine.where(
        Entry.id.in_(sa.select(EntryHold.entry_id).where(EntryHold.lifted_at.is_(None))),
        Entry.available_at <= now,
        Entry.received_at <= now,
        ~in_a_payout,
    )

    def by_currency(query: sa.Select[*tuple[Any, ...]], currency: Any) -> dict[str, list[int]]:
        return {row[0]: [int(sum_) for sum_ in row[1:]] for row in session.execute(query.group_by(currency))}

    earned = by_currency(days, EarnedDay.currency)
    missing = by_currency(not_received, Entry.currency)
    waiting = by_currency(later_today, Entry.currency)
    with_flag = by_currency(flagged, Entry.currency)
    settled = by_currency(payouts, Payout.currency)
    found = []
    for currency, (total, to_come) in sorted(earned.items()):
        absent = missing.get(currency, [0])[0]
        if absent and session.scalar(_any_received(partner, currency, now)) is None:
            continue
        held = to_come + waiting.get(currency, [0])[0] - absent + with_flag.get(currency, [0])[0]
        in_run, paid = settled.get(currency, [0, 0])
        found.append(Balance(currency, held, total - absent - held - in_run - paid, in_run, paid))
    return found


def _any_received(partner: Partner, currency: str, now: datetime) -> sa.Select[int]:
    return (
        sa.select(Entry.id)
        .where(Entry.partner_id == partner.id, Entry.currency == currency, Entry.received_at <= now)
        .limit(1)
    )


def entries_visible_to(user: User, permission: Permission = Permission.EARNINGS_READ) -> sa.Select[Entry]:
    """The lines of earnings ``user`` may see, latest first."""
    return (
        sa.select(Entry)
        .where(Entry.beneficiary_type == BeneficiaryType.PARTNER)
        .where(rows_visible_to(user, Entry.partner_id, permission))
        .order_by(Entry.received_at.desc(), Entry.id.desc())
        .options(joinedload(Entry.partner))
    )


def entries_with_state(
    entries: sa.Select[Entry], as_of: datetime | None = None
) -> sa.Select[*tuple[Any, ...]]:
    """(entry, state, payout id) of each of ``entries``."""
    moment = as_of or clock.now()
    return with_payouts(entries.add_columns(state_at(moment).label("state"), PayoutLine.payout_id), moment)


def is_reversed() -> sa.ColumnElement[bool]:
    """Whether later lines took the whole of a commission or share back; where the money stands is another question."""
    correction = aliased(Entry)
    taken_back = (
        sa.select(sa.func.sum(correction.amount_minor))
        .where(correction.corrects_id == Entry.id)
        .scalar_subquery()
    )
    return sa.and_(
        Entry.kind.in_((EntryKind.COMMISSION, EntryKind.SPLIT)),
        sa.func.coalesce(taken_back, 0) == -Entry.amount_minor,
    )


def entries_as_shown(entries: sa.Select[Entry]) -> sa.Select[*tuple[Any, ...]]:
    """(entry, state, payout id) as lists show it: what was taken back whole is ``reversed``, wherever it stood."""
    moment = clock.now()
    state = sa.case((is_reversed(), REVERSED), else_=state_at(moment)).label("state")
    return with_payouts(entries.add_columns(state, PayoutLine.payout_id), moment)


def in_state(
    rows: sa.Select[*tuple[Any, ...]], state: EntryState, as_of: datetime | None = None
) -> sa.Select[*tuple[Any, ...]]:
    """Only those of :func:`entries_with_state` or :func:`entries_as_shown` that stand so."""
    return rows.where(state_at(as_of or clock.now()) == state.value)


def payable_entries(currency: str, as_of: datetime) -> sa.Select[*tuple[Any, ...]]:
    """(entry id, partner, amount, kind) of everything that a run in ``currency`` may take up."""
    return (
        sa.select(Entry.id, Entry.partner_id, Entry.amount_minor, Entry.kind)
        .outerjoin(PayoutLine, sa.and_(PayoutLine.entry_id == Entry.id, PayoutLine.released_at.is_(None)))
        .where(_is_a_partners(as_of), Entry.currency == currency, Entry.available_at <= as_of)
        .where(PayoutLine.id.is_(None), sa.not_(_has_hold(as_of)))
        .order_by(Entry.partner_id, Entry.id)
    )


def held_by_a_flag(currency: str, as_of: datetime) -> sa.Select[*tuple[Any, ...]]:
    """(partner, sum, whether anything but a milestone holds it) of what would be payable if no hold were on it."""
    disputed = _has_hold(as_of, EntryHold.reason != "milestone")
    return (
        sa.select(
            Entry.partner_id,
            sa.cast(sa.func.sum(Entry.amount_minor), sa.BigInteger),
            sa.func.max(sa.case((disputed, 1), else_=0)),
        )
        .outerjoin(PayoutLine, sa.and_(PayoutLine.entry_id == Entry.id, PayoutLine.released_at.is_(None)))
        .where(_is_a_partners(as_of), Entry.currency == currency, Entry.available_at <= as_of)
        .where(PayoutLine.id.is_(None), _has_hold(as_of))
        .group_by(Entry.partner_id)
    )


def currencies_owed() -> list[str]:
    """The currencies in which partners ever earned anything."""
    return list(
        session.scalars(
            sa.select(Entry.currency)
            .where(Entry.beneficiary_type == BeneficiaryType.PARTNER)
            .distinct()
            .order_by(Entry.currency)
        )
    )


def earned_by_month(
    partner: Partner, currency: str, since: datetime
) -> list[tuple[datetime, EntryKind, int]]:
    """(received at, kind, amount) of what was earned since then; the page puts it into the programme's months."""
    rows = session.execute(
        sa.select(Entry.received_at, Entry.kind, Entry.amount_minor).where(
            Entry.partner_id == partner.id,
            Entry.beneficiary_type == BeneficiaryType.PARTNER,
            Entry.currency == currency,
            Entry.received_at >= since,
        )
    )
    return [(received_at, kind, amount) for received_at, kind, amount in rows]
