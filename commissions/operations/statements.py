"""Issuing statements: each month, half-open in the programme's time zone, every movement on exactly one of them."""

from collections import defaultdict
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from commissions.ledger.audit import content_digest
from commissions.models import (
    Account,
    Entry,
    JournalEntry,
    JournalKind,
    JournalLine,
    Payout,
    PayoutProfile,
    Statement,
    StatementLine,
    VatStatus,
)
from commissions.signals import StatementIssued, StatementReceived
from core import clock, jobs
from core.activity import Actor
from core.api import moment_text
from core.bulk import portions
from core.database import session
from core.settings import PROGRAMME_NAME, PROGRAMME_TIME_ZONE, VENDOR_NAME
from core.signals import announce
from partners.models import Partner
from referrals.models import Customer, Sale

DOCUMENT_JOB = "commissions.statement-documents"
Movement = tuple[JournalEntry, int]


def month_of(moment: datetime) -> str:
    """``2026-11``, in the programme's time zone."""
    return f"{moment.astimezone(ZoneInfo(PROGRAMME_TIME_ZONE.value())):%Y-%m}"


def bounds_of(month: str) -> tuple[datetime, datetime]:
    """When a month of the programme starts, and when the next one does."""
    zone = ZoneInfo(PROGRAMME_TIME_ZONE.value())
    first = date.fromisoformat(f"{month}-01")
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return tuple(  # type: ignore[return-value]
        datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC) for day in (first, following)
    )


def month_after(month: str) -> str:
    first = date.fromisoformat(f"{month}-01")
    return f"{first.year + first.month // 12:04}-{first.month % 12 + 1:02}"


def issue_due_statements(*, by: Actor | None = None) -> list[Statement]:
    """Issues every statement of every month that is over and has not been closed yet, in order. Again: nothing new."""
    last = session.scalar(sa.select(sa.func.max(Statement.month)))
    earliest = session.scalar(sa.select(sa.func.min(JournalEntry.occurred_at)))
    if earliest is None:
        return []
    month = month_after(last) if last is not None else month_of(earliest)
    issued: list[Statement] = []
    while bounds_of(month)[1] <= clock.now():
        issued += _issue_month(month, by)
        month = month_after(month)
    return issued


def _issue_month(month: str, by: Actor | None) -> list[Statement]:
    starts_at, ends_at = bounds_of(month)
    movements = _movements_before(ends_at)
    opening = _last_closings()
    whose = sorted({*movements, *(pair for pair, closing in opening.items() if closing)})
    partners = {
        partner.id: partner
        for partner in session.scalars(sa.select(Partner).where(Partner.id.in_({pair[0] for pair in whose})))
    }
    stands = session.execute(sa.select(PayoutProfile.partner_id, PayoutProfile.vat_status))
    vat = {row.partner_id: row.vat_status for row in stands}
    sources = _sources([entry for pair in whose for entry, _amount in movements[pair]])
    issued = []
    for partner_id, currency in whose:
        lines = movements[partner_id, currency]
        moved = sum(amount for _entry, amount in lines)
        before = opening.get((partner_id, currency), 0)
        number = f"{month}-{partner_id:04d}-{currency}"
        content = {
            "number": number,
            "month": month,
            "starts_at": moment_text(starts_at),
            "ends_at": moment_text(ends_at),
            "time_zone": PROGRAMME_TIME_ZONE.value(),
            "vendor": VENDOR_NAME.value(),
            "programme": PROGRAMME_NAME.value(),
            "partner": _about(partners[partner_id], vat.get(partner_id)),
            "currency": currency,
            "opening_minor": before,
            "moved_minor": moved,
            "closing_minor": before + moved,
            "lines": [
                {"at": moment_text(entry.occurred_at), "amount_minor": amount, **sources[entry.id]}
                for entry, amount in lines
            ],
        }
        statement = Statement(
            number=number,
            partner_id=partner_id,
            currency=currency,
            month=month,
            starts_at=starts_at,
            ends_at=ends_at,
            opening_minor=before,
            moved_minor=moved,
            closing_minor=before + moved,
            content=content,
            digest=content_digest(content),
            issued_at=clock.now(),
            documents={},
        )
        session.add(statement)
        session.flush()
        session.add_all(
            StatementLine(
                statement_id=statement.id, position=position, journal_entry_id=entry.id, amount_minor=amount
            )
            for position, (entry, amount) in enumerate(lines, 1)
        )
        announce(StatementIssued(statement, by))
        jobs.enqueue(DOCUMENT_JOB, {"statement_id": statement.id}, key=f"statement:{number}")
        issued.append(statement)
    session.flush()
    return issued


def _movements_before(ends_at: datetime) -> dict[tuple[int, str], list[Movement]]:
    """Per partner and currency, what changed the sum owed and stands on no statement yet, in the order it happened."""
    stated = sa.exists().where(StatementLine.journal_entry_id == JournalEntry.id)
    total = sa.cast(-sa.func.sum(JournalLine.amount_minor), sa.BigInteger)
    sums = (
        sa.select(JournalLine.journal_entry_id, Account.partner_id, Account.currency, total.label("total"))
        .join(Account, Account.id == JournalLine.account_id)
        .join(JournalEntry, JournalEntry.id == JournalLine.journal_entry_id)
        .where(Account.partner_id.is_not(None), JournalEntry.occurred_at < ends_at, sa.not_(stated))
        .group_by(JournalLine.journal_entry_id, Account.partner_id, Account.currency)
        .having(sa.func.sum(JournalLine.amount_minor) != 0)
        .subquery()
    )
    found: dict[tuple[int, str], list[Movement]] = defaultdict(list)
    rows = session.execute(
        sa.select(JournalEntry, sums.c.partner_id, sums.c.currency, sums.c.total)
        .join(sums, sums.c.journal_entry_id == JournalEntry.id)
        .order_by(JournalEntry.occurred_at, JournalEntry.id)
    )
    for entry, partner_id, currency, amount in rows:
        found[partner_id, currency].append((entry, int(amount)))
    return found


def _last_closings() -> dict[tuple[int, str], int]:
    latest = (
        sa.select(Statement.partner_id, Statement.currency, sa.func.max(Statement.month).label("month"))
        .group_by(Statement.partner_id, Statement.currency)
        .subquery()
    )
    rows = session.execute(
        sa.select(Statement.partner_id, Statement.currency, Statement.closing_minor).join(
            latest,
            sa.and_(
                latest.c.partner_id == Statement.partner_id,
                latest.c.currency == Statement.currency,
                latest.c.month == Statement.month,
            ),
        )
    )
    return {(partner_id, currency): closing for partner_id, currency, closing in rows}


def _about(partner: Partner, vat_status: VatStatus | None) -> dict[str, Any]:
    return {
        "name": partner.name,
        "legal_name": partner.legal_name,
        "postcode": partner.postcode,
        "city": partner.city,
        "country": partner.country,
        "tax_id": partner.tax_id,
        "vat_status": str(vat_status or VatStatus.UNKNOWN),
    }


def _sources(entries: list[JournalEntry]) -> dict[int, dict[str, Any]]:
    """What each movement stems from, in plain values: the kind, the rule, the sale, the payout."""
    ids: dict[str, list[int]] = {"entry": [], "payout": []}
    for entry in entries:
        what, _colon, number = entry.source.partition(":")
        ids.setdefault(what, []).append(int(number))
    lines: dict[int, tuple[Any, ...]] = {}
    for some in portions(ids["entry"], 500):
        query = (
            sa.select(Entry.id, Entry.kind, Entry.rule, Sale.external_id, Customer.name)
            .outerjoin(Sale, Sale.id == Entry.sale_id)
            .outerjoin(Customer, Customer.id == Sale.customer_id)
            .where(Entry.id.in_(some))
        )
        lines.update((row[0], tuple(row[1:])) for row in session.execute(query))
    payouts: dict[int, str | None] = {}
    for some in portions(ids["payout"], 500):
        references = sa.select(Payout.id, Payout.reference).where(Payout.id.in_(some))
        payouts.update((payout_id, reference) for payout_id, reference in session.execute(references))
    return {entry.id: _source(entry, lines, payouts) for entry in entries}


def _source(
    entry: JournalEntry, lines: dict[int, tuple[Any, ...]], payouts: dict[int, str | None]
) -> dict[str, Any]:
    what, _colon, number = entry.source.partition(":")
    if what == "entry" and int(number) in lines:
        kind, rule, sale, customer = lines[int(number)]
        return {"kind": str(kind), "entry_id": int(number), "text": rule, "sale": sale, "customer": customer}
    came_back = entry.kind is JournalKind.PAYOUT_REVERSED
    return {
        "kind": "payout_reversed" if came_back else "payout",
        "payout_id": int(number),
        "text": payouts.get(int(number)) or "",
    }


def mark_received(statement: Statement, *, by: Actor) -> None:
    """Somebody of the partner fetched it; the first time is written down."""
    if statement.received_at is None:
        statement.received_at = clock.now()
        announce(StatementReceived(statement, by))


def keep_documents(statement: Statement, documents: dict[str, str]) -> None:
    """Notes where the documents lie, by language."""
    statement.documents = dict(documents)
