"""Every question about one line of earnings: its sale, its books, what corrected it, and why a sale earned nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from accounts.models import User
from accounts.permissions import Permission
from commissions.models import (
    Entry,
    EntryHold,
    JournalEntry,
    JournalLine,
    Payout,
    PayoutLine,
    PlanVersion,
    ProofCheck,
    Recomputation,
)
from commissions.queries.conversions import NO_RATE
from commissions.queries.earnings import EntryState, entries_with_state, is_reversed
from commissions.queries.plans import NO_PLAN, plan_by_code, published_versions, version_at
from core.database import session
from core.digits import number_in
from partners.models import Partner
from partners.queries import rows_visible_to
from referrals.models import Chargeback, Payment, Refund, Sale, SaleDecision


def lines_visible_to(user: User) -> sa.Select[Entry]:
    """The lines of earnings ``user`` may open: a firm's own; for the vendor's people also the vendor's shares."""
    return sa.select(Entry).where(rows_visible_to(user, Entry.partner_id, Permission.EARNINGS_READ))


@dataclass(frozen=True)
class Line:
    """A line of earnings, where it stands, the payout it is in, and whether it was taken back whole."""

    entry: Entry
    state: EntryState
    payout_id: int | None
    is_reversed: bool


def line_visible_to(user: User, entry_id: int) -> Line | None:
    """One line, if ``user`` may open it."""
    found = _lines(lines_visible_to(user).where(Entry.id == entry_id))
    return found[0] if found else None


def lines_of_sale(user: User, sale: Sale) -> list[Line]:
    """What a sale earned, in the order of posting, as far as ``user`` may see it."""
    return _lines(lines_visible_to(user).where(Entry.sale_id == sale.id).order_by(Entry.id))


def _lines(entries: sa.Select[Entry]) -> list[Line]:
    query = entries_with_state(entries).add_columns(is_reversed()).options(joinedload(Entry.partner))
    return [
        Line(entry, EntryState(state), payout_id, was_reversed)
        for entry, state, payout_id, was_reversed in session.execute(query)
    ]


def version_of_line(entry: Entry) -> PlanVersion | None:
    """The plan version that a line was computed by."""
    if entry.plan_version_id is None:
        return None
    return session.scalar(
        sa.select(PlanVersion)
        .where(PlanVersion.id == entry.plan_version_id)
        .options(joinedload(PlanVersion.plan))
    )


def sale_of_line(entry: Entry) -> Sale | None:
    """The sale with everything that was told of it."""
    if entry.sale_id is None:
        return None
    return session.scalar(
        sa.select(Sale)
        .where(Sale.id == entry.sale_id)
        .options(
            joinedload(Sale.customer),
            joinedload(Sale.partner),
            joinedload(Sale.deal),
            selectinload(Sale.lines),
            selectinload(Sale.payments),
            selectinload(Sale.refunds),
            selectinload(Sale.chargebacks),
        )
    )


def journal_entry_of(entry: Entry) -> JournalEntry | None:
    """The line in the books, with its two sides."""
    return session.scalar(
        sa.select(JournalEntry)
        .where(JournalEntry.key == f"entry:{entry.id}")
        .options(selectinload(JournalEntry.lines).joinedload(JournalLine.account))
    )


def corrections_of(entry: Entry) -> Sequence[Entry]:
    """The lines that took something of this one back, or added to it, oldest first."""
    return session.scalars(sa.select(Entry).where(Entry.corrects_id == entry.id).order_by(Entry.id)).all()


def corrected_by(entry: Entry) -> Entry | None:
    """The line that this one corrects."""
    return session.get(Entry, entry.corrects_id) if entry.corrects_id is not None else None


def holds_on(entry: Entry) -> Sequence[EntryHold]:
    """The flags that hold a line now."""
    return session.scalars(
        sa.select(EntryHold)
        .where(EntryHold.entry_id == entry.id, EntryHold.lifted_at.is_(None))
        .order_by(EntryHold.placed_at)
    ).all()


Behind = Sale | Payment | Refund | Chargeback | SaleDecision | Recomputation
"""What may lead to a line: what was told of a sale, a person who put one right, or one who had all worked out again."""

_FACTS: dict[str, type[Behind]] = {
    "sale": Sale,
    "payment": Payment,
    "refund": Refund,
    "chargeback": Chargeback,
    "saledecision": SaleDecision,
    "recomputation": Recomputation,
}


def fact_behind(entry: Entry) -> Behind | None:
    """What led to a line; ``None`` for what stems from none of these."""
    kind, _colon, number = entry.cause.partition(":")
    fact_id = number_in(number)
    if kind not in _FACTS or fact_id is None:
        return None
    found: Any = session.get(_FACTS[kind], fact_id)
    return cast("Behind | None", found)


def payout_of(line: Line) -> Payout | None:
    """The payout a line is in."""
    return session.get(Payout, line.payout_id) if line.payout_id is not None else None


def partner_names(ids: set[int]) -> dict[str, str]:
    """The names of firms by their ids, as rules and proofs write them."""
    if not ids:
        return {}
    rows = session.execute(sa.select(Partner.id, Partner.name).where(Partner.id.in_(ids)))
    return {str(partner_id): name for partner_id, name in rows}


class NothingEarned(StrEnum):
    """Why a sale has no line of earnings."""

    NOBODYS = "nobodys"
    UNDER_REVIEW = "under_review"
    NO_RATE = "no_rate"
    UNKNOWN_PLAN = "unknown_plan"
    NO_PLAN = "no_plan"
    NO_VERSION = "no_version"
    NO_RULE = "no_rule"


def plan_code_of(sale: Sale) -> str:
    """The code of the plan that a sale is computed by: its own, else its partner's; of nobody's sale maybe none."""
    return sale.plan_code or (sale.partner.plan_code if sale.partner is not None else "")


def why_nothing(sale: Sale) -> NothingEarned:
    """Why a sale without lines of earnings has none."""
    if sale.partner is None:
        return NothingEarned.NOBODYS
    if sale.held_because == NO_RATE:
        return NothingEarned.NO_RATE
    if sale.held_because == NO_PLAN:
        return NothingEarned.UNKNOWN_PLAN
    if sale.held_because is not None:
        return NothingEarned.UNDER_REVIEW
    plan = plan_by_code(sale.plan_code or sale.partner.plan_code)
    published = published_versions(plan.id) if plan is not None else []
    if not published:
        return NothingEarned.UNKNOWN_PLAN if sale.plan_code else NothingEarned.NO_PLAN
    if version_at(published, sale.occurred_at) is None:
        return NothingEarned.NO_VERSION
    return NothingEarned.NO_RULE


def lines_to_prove(since: datetime, after: int, most: int) -> "sa.Select[Any]":
    """(id, amount, proof) of the next lines that a plan computed, and that were posted since then or are still open."""
    is_paid = sa.exists().where(
        PayoutLine.entry_id == Entry.id,
        PayoutLine.released_at.is_(None),
        Payout.id == PayoutLine.payout_id,
        Payout.paid_at.is_not(None),
    )
    return (
        sa.select(Entry.id, Entry.amount_minor, Entry.proof)
        .where(Entry.id > after, Entry.plan_version_id.is_not(None))
        .where(sa.or_(Entry.created_at >= since, sa.not_(is_paid)))
        .order_by(Entry.id)
        .limit(most)
    )


def last_check() -> ProofCheck | None:
    """The latest check of proofs that ended."""
    return session.scalar(sa.select(ProofCheck).order_by(ProofCheck.id.desc()).limit(1))


def checks() -> sa.Select[ProofCheck]:
    """Every check, latest first."""
    return sa.select(ProofCheck).order_by(ProofCheck.id.desc())
