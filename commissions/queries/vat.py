"""Taxes of lines of earnings: which are services, their rate of VAT, and how much, the same for payouts and papers.

The rate of a line is fixed by whatever named it first: the paper that lists it, or the payout that settles it. A line
that takes back, or adds to, another one has the rate of that. Else the rate of the partner's payout details holds.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from commissions.models import (
    Entry,
    JournalEntry,
    PayoutLine,
    PayoutProfile,
    Statement,
    StatementLine,
    StatementPaper,
    VatStatus,
)
from commissions.queries.papers import services_among
from commissions.taxes import line_vat
from core.bulk import portions
from core.database import session

_AT_ONCE = 1000


class LineVat(NamedTuple):
    """The rate of a line in hundredths of a per cent, and its VAT in minor units."""

    bp: int
    vat_minor: int


NO_VAT = LineVat(0, 0)


class _Line(NamedTuple):
    amount_minor: int
    root_id: int
    before_minor: int
    is_service: bool


def vat_of_lines(rates_now: Mapping[int, int]) -> dict[int, LineVat]:
    """entry → its rate and VAT. ``rates_now`` are the lines asked for, each with the rate of its partner today."""
    found: dict[int, LineVat] = {}
    for ids in portions(list(rates_now), _AT_ONCE):
        lines = _lines(ids)
        fixed = _fixed_rates([*ids, *(line.root_id for line in lines.values())])
        for entry_id in ids:
            line = lines[entry_id]
            bp = fixed.get(entry_id, fixed.get(line.root_id, rates_now[entry_id])) if line.is_service else 0
            found[entry_id] = LineVat(bp, line_vat(line.amount_minor, line.before_minor, bp))
    return found


def vat_at(rates: Mapping[int, int]) -> dict[int, int]:
    """entry → its VAT at the rate given for it; nothing on what is no service."""
    found: dict[int, int] = {}
    for ids in portions(list(rates), _AT_ONCE):
        for entry_id, line in _lines(ids).items():
            bp = rates[entry_id] if line.is_service else 0
            found[entry_id] = line_vat(line.amount_minor, line.before_minor, bp)
    return found


def services_within(lines: Mapping[int, int]) -> dict[int, int]:
    """Of these lines (entry → amount) those that are services."""
    found: dict[int, int] = {}
    for ids in portions(list(lines), _AT_ONCE):
        kinds = session.execute(sa.select(Entry.id, Entry.kind).where(Entry.id.in_(ids))).all()
        found.update(
            (entry_id, lines[entry_id]) for entry_id in services_among([(one, kind) for one, kind in kinds])
        )
    return found


def rates_on_papers(entry_ids: Sequence[int]) -> dict[int, tuple[int, str]]:
    """entry → (rate, number) of the first paper that goes with its statement; lines without one are absent."""
    found: dict[int, tuple[int, str]] = {}
    facts: dict[int, dict[str, Any]] = {}
    for ids in portions(entry_ids, _AT_ONCE):
        keys = {f"entry:{entry_id}": entry_id for entry_id in ids}
        rows = session.execute(
            sa.select(JournalEntry.key, sa.func.min(StatementPaper.id))
            .join(StatementLine, StatementLine.journal_entry_id == JournalEntry.id)
            .join(StatementPaper, StatementPaper.statement_id == StatementLine.statement_id)
            .where(JournalEntry.key.in_(keys))
            .group_by(JournalEntry.key)
        ).all()
        new = {paper_id for _key, paper_id in rows} - facts.keys()
        what = sa.select(StatementPaper.id, StatementPaper.content["facts"]).where(StatementPaper.id.in_(new))
        facts.update((paper_id, said) for paper_id, said in session.execute(what))
        for key, paper_id in rows:
            said, entry_id = facts[paper_id], keys[key]
            bp = said.get("other_rates", {}).get(str(entry_id), said["vat_bp"])
            found[entry_id] = (int(bp), said["number"])
    return found


def partners_with_vat() -> sa.Select[Any]:
    """Whose lines can have VAT: who is paid it by now, and who has a paper with it."""
    registered = sa.select(PayoutProfile.partner_id).where(
        PayoutProfile.vat_bp > 0, PayoutProfile.vat_status == VatStatus.REGISTERED
    )
    on_papers = (
        sa.select(Statement.partner_id)
        .join(StatementPaper, StatementPaper.statement_id == Statement.id)
        .where(StatementPaper.content["facts"]["vat_minor"].as_integer() != 0)
    )
    return sa.select(registered.union(on_papers).subquery().c.partner_id)


def _fixed_rates(entry_ids: Sequence[int]) -> dict[int, int]:
    """What papers and live payouts have fixed about these lines; a paper comes first."""
    live = sa.select(PayoutLine.entry_id, PayoutLine.vat_bp).where(
        PayoutLine.entry_id.in_(set(entry_ids)),
        PayoutLine.released_at.is_(None),
        PayoutLine.vat_bp.is_not(None),
    )
    settled = {entry_id: bp for entry_id, bp in session.execute(live) if bp is not None}
    return settled | {entry_id: bp for entry_id, (bp, _number) in rates_on_papers(entry_ids).items()}


def _lines(entry_ids: Sequence[int]) -> dict[int, _Line]:
    first = aliased(Entry)
    root = sa.func.coalesce(first.corrects_id, Entry.corrects_id, Entry.id)
    rows = session.execute(
        sa.select(Entry.id, Entry.amount_minor, Entry.kind, root)
        .outerjoin(first, first.id == Entry.corrects_id)
        .where(Entry.id.in_(entry_ids))
    ).all()
    services = services_among([(entry_id, kind) for entry_id, _amount, kind, _root in rows])
    chains = _chains({root_id for entry_id, _amount, _kind, root_id in rows if root_id != entry_id})
    return {
        entry_id: _Line(
            amount,
            root_id,
            sum(earlier for other, earlier in chains.get(root_id, ()) if other < entry_id),
            entry_id in services,
        )
        for entry_id, amount, _kind, root_id in rows
    }


def _chains(roots: Iterable[int]) -> dict[int, list[tuple[int, int]]]:
    """root → (line, amount) of it, of what corrects it, and of what corrects that."""
    chains: dict[int, list[tuple[int, int]]] = {}
    for ids in portions(sorted(roots), _AT_ONCE):
        by = aliased(Entry)
        rows = session.execute(
            sa.select(sa.literal(None), Entry.id, Entry.amount_minor)
            .where(Entry.id.in_(ids))
            .union_all(
                sa.select(Entry.corrects_id, Entry.id, Entry.amount_minor).where(Entry.corrects_id.in_(ids)),
                sa.select(by.corrects_id, Entry.id, Entry.amount_minor)
                .join(by, by.id == Entry.corrects_id)
                .where(by.corrects_id.in_(ids)),
            )
        )
        for root_id, entry_id, amount in rows:
            chains.setdefault(root_id or entry_id, []).append((entry_id, int(amount)))
    return chains
