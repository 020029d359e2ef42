"""What a partner has to do with payouts: its profile, statements and papers, money to come, debts, and its years."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from accounts.models import User
from accounts.permissions import Permission
from commissions.models import (
    Entry,
    EntryHold,
    Payout,
    PayoutLine,
    PayoutProfile,
    PayoutStatus,
    Statement,
    TaxPaper,
)
from core import clock
from core.database import Moment, session
from partners.models import Partner
from partners.queries import rows_visible_to


def profile_of(partner: Partner) -> PayoutProfile | None:
    """Where the partner's money goes, if that was ever said."""
    return session.scalar(sa.select(PayoutProfile).where(PayoutProfile.partner_id == partner.id))


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


def tax_papers_visible_to(
    user: User, permission: Permission = Permission.PROFILE_MANAGE
) -> sa.Select[TaxPaper]:
    """Tax documents, the latest first."""
    return (
        sa.select(TaxPaper)
        .where(rows_visible_to(user, TaxPaper.partner_id, permission))
        .order_by(TaxPaper.id.desc())
    )


def coming_money(partner: Partner) -> list[tuple[str, date, int]]:
    """(currency, day, sum) of what is held and becomes payable by itself, the soonest first; holds are left out."""
    now = clock.now()
    day = sa.func.date(Entry.available_at)
    rows = session.execute(
        sa.select(Entry.currency, day, sa.cast(sa.func.sum(Entry.amount_minor), sa.BigInteger))
        .where(
            Entry.partner_id == partner.id,
            Entry.available_at > now,
            sa.not_(
                sa.exists()
                .where(EntryHold.entry_id == Entry.id, EntryHold.lifted_at.is_(None))
                .correlate(Entry)
            ),
        )
        .group_by(Entry.currency, day)
        .order_by(day, Entry.currency)
        .limit(60)
    )
    return [
        (currency, on if isinstance(on, date) else date.fromisoformat(on), int(total))
        for currency, on, total in rows
    ]


def debts_by_age(*, of: Partner | None = None) -> list[tuple[Partner, str, int, datetime]]:
    """(partner, currency, what it owes, since when) of balances below zero, the oldest first; ``of`` all or one."""
    unpaid = sa.and_(
        sa.not_(
            sa.exists()
            .where(PayoutLine.entry_id == Entry.id, PayoutLine.released_at.is_(None))
            .correlate(Entry)
        ),
        Entry.partner_id.is_not(None),
    )
    total = sa.cast(sa.func.sum(Entry.amount_minor), sa.BigInteger)
    since = sa.func.min(sa.case((Entry.amount_minor < 0, Entry.received_at)), type_=Moment())
    query = (
        sa.select(Entry.partner_id, Entry.currency, total, since)
        .where(unpaid)
        .group_by(Entry.partner_id, Entry.currency)
        .having(total < 0)
        .order_by(since)
        .limit(50)
    )
    if of is not None:
        query = query.where(Entry.partner_id == of.id)
    rows = session.execute(query).all()
    ids = [partner_id for partner_id, _currency, _total, _since in rows]
    firms = {firm.id: firm for firm in session.scalars(sa.select(Partner).where(Partner.id.in_(ids)))}
    return [(firms[partner_id], code, int(owed), moment) for partner_id, code, owed, moment in rows]


def year_totals(partner: Partner, zone: str) -> list[tuple[int, str, int, int, int, int, int]]:
    """(year, currency, lines, VAT, withheld, fees, sent) of what was paid, by the programme's years, latest first."""
    found: dict[tuple[int, str], list[int]] = {}
    columns = (
        Payout.paid_at, Payout.currency, Payout.amount_minor, Payout.vat_minor, Payout.withheld_minor, Payout.fee_minor,
    )  # fmt: skip
    paid = sa.select(*columns).where(Payout.partner_id == partner.id, Payout.status == PayoutStatus.PAID)
    for paid_at, currency, amount, vat, withheld, fee in session.execute(paid):
        assert paid_at is not None  # it was paid
        sums = found.setdefault((paid_at.astimezone(ZoneInfo(zone)).year, currency), [0] * 5)
        for at, part in enumerate((amount, vat, withheld, fee, amount + vat - withheld - fee)):
            sums[at] += part
    return [
        (year, currency, sums[0], sums[1], sums[2], sums[3], sums[4])
        for (year, currency), sums in sorted(found.items(), reverse=True)
    ]
