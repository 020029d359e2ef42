"""Papers against their statements: what an act or a self-billing invoice says is summed up again from the books."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from commissions.models import SERVICES, Entry, JournalEntry, Statement, StatementLine, StatementPaper
from commissions.queries.papers import vendors_parts
from commissions.queries.vat import vat_at
from core.database import session
from core.money import half_up_ratio

_AT_ONCE = 500


class _Sum(NamedTuple):
    """So many lines, and what they come to in minor units."""

    lines: int
    amount_minor: int


class _Booked(NamedTuple):
    """What a statement's lines come to: services of the partner by kind, and what no paper lists, by what it is.

    ``services`` are the amounts of the former, line by line.
    """

    rows: dict[str, _Sum]
    left_out: dict[str, int]
    services: dict[int, int]


def papers_that_differ() -> Iterator[str]:
    """A sentence for every paper that says something else than the lines of its statement in the books."""
    after = 0
    query = (
        sa.select(StatementPaper.id, StatementPaper.number, StatementPaper.content, Statement)
        .join(StatementPaper.statement)
        .order_by(StatementPaper.id)
        .limit(_AT_ONCE)
    )
    while papers := session.execute(query.where(StatementPaper.id > after)).all():
        booked = _booked(sorted({statement.id for _id, _number, _content, statement in papers}))
        for after, number, content, statement in papers:  # noqa: B007 - the last one is where the next begin
            try:
                yield from _differences(number, content["facts"], statement, booked[statement.id])
            except (AttributeError, KeyError, TypeError, ValueError):
                yield f"paper {number} can not be read"


def _differences(number: str, facts: dict[str, Any], statement: Statement, booked: _Booked) -> Iterator[str]:
    if facts["statement"] != statement.number:
        yield f"paper {number} says it goes with statement {facts['statement']}, not {statement.number}"
    if facts["currency"] != statement.currency:
        yield f"paper {number} is in {facts['currency']}, statement {statement.number} in {statement.currency}"
    rows = {row["what"]: _Sum(row["lines"], row["amount_minor"]) for row in facts["rows"]}
    nothing = _Sum(0, 0)
    for what in sorted(rows.keys() | booked.rows.keys()):
        said, due = rows.get(what, nothing), booked.rows.get(what, nothing)
        if said != due:
            yield (
                f"paper {number} lists {said.amount_minor} for {said.lines} lines of {what}, "
                f"statement {statement.number} has {due.amount_minor} for {due.lines}"
            )
    left_out = {each["what"]: each["amount_minor"] for each in facts["left_out"]}
    for what in sorted(left_out.keys() | booked.left_out.keys()):
        if left_out.get(what) != booked.left_out.get(what):
            yield (
                f"paper {number} leaves out {left_out.get(what, 0)} of {what}, "
                f"statement {statement.number} has {booked.left_out.get(what, 0)}"
            )
    net = sum(row.amount_minor for row in rows.values())
    if "taxes" in facts:
        by_rate = _tax_by_rate(facts, booked.services)
        if {each["vat_bp"]: (each["net_minor"], each["vat_minor"]) for each in facts["taxes"]} != by_rate:
            yield f"paper {number} says other sums of tax by rate than the lines of statement {statement.number}"
        vat = sum(tax for _net, tax in by_rate.values())
    else:
        # Before tax was that of the lines, it was taken of the sum.
        vat = half_up_ratio(net * facts["vat_bp"], 10_000)
    if (facts["net_minor"], facts["vat_minor"], facts["total_minor"]) != (net, vat, net + vat):
        yield (
            f"paper {number} says {facts['net_minor']} and {facts['vat_minor']} of tax are {facts['total_minor']}, "
            f"its rows and its rate come to {net} and {vat}"
        )


def _tax_by_rate(facts: dict[str, Any], services: dict[int, int]) -> dict[int, tuple[int, int]]:
    """rate → (services, their tax): of the lines in the books, by the rates that the paper has for them."""
    other = {int(number): int(bp) for number, bp in facts["other_rates"].items()}
    rates = {number: other.get(number, int(facts["vat_bp"])) for number in services}
    by_line = vat_at({number: bp for number, bp in rates.items() if bp})
    found: dict[int, tuple[int, int]] = {}
    for number, amount in services.items():
        net, tax = found.get(rates[number], (0, 0))
        found[rates[number]] = (net + amount, tax + by_line.get(number, 0))
    return found


def _booked(statement_ids: Sequence[int]) -> dict[int, _Booked]:
    """The lines of earnings of these statements, from the books and not from what was frozen."""
    # Only what stems from a line of earnings names one; a payout's number is cast by nobody.
    earned = sa.case(
        (JournalEntry.source.like("entry:%"), sa.cast(sa.func.substr(JournalEntry.source, 7), sa.BigInteger))
    )
    query = (
        sa.select(StatementLine.statement_id, Entry.id, Entry.kind, StatementLine.amount_minor)
        .join(JournalEntry, JournalEntry.id == StatementLine.journal_entry_id)
        .join(Entry, Entry.id == earned)
        .where(StatementLine.statement_id.in_(statement_ids))
    )
    lines = session.execute(query).all()
    vendors = vendors_parts([entry_id for _statement_id, entry_id, _kind, _amount in lines])
    rows: dict[int, dict[str, _Sum]] = defaultdict(dict)
    left_out: dict[int, dict[str, int]] = defaultdict(dict)
    services: dict[int, dict[int, int]] = defaultdict(dict)
    for statement_id, entry_id, kind, amount in lines:
        if kind in SERVICES and entry_id not in vendors:
            number, sum_ = rows[statement_id].get(kind, (0, 0))
            rows[statement_id][kind] = _Sum(number + 1, sum_ + amount)
            services[statement_id][entry_id] = amount
        else:
            what = "vendors_part" if entry_id in vendors else str(kind)
            left_out[statement_id][what] = left_out[statement_id].get(what, 0) + amount
    return {each: _Booked(rows[each], left_out[each], services[each]) for each in statement_ids}
