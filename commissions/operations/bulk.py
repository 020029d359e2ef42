"""What sales earn, thousands at a time: the same lines, proofs and postings as sale by sale, many times faster.

Sales that nothing else is known of are computed shape by shape (``commissions.rates.bulk``) and written in bulk. All
others go through :func:`accrue`, one at a time, behind them. Where a sale turns out to be earlier than all others of
its pair, these are held against the books again, and those that earn something else by it are settled one at a time.
Locks are those of :func:`accrue`: one book a partner, here in the order of partners.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from commissions import ledger, rates
from commissions.models import (
    Account,
    Assessment,
    CachedBalance,
    EarnedDay,
    Entry,
    EntryKind,
    JournalEntry,
    JournalLine,
    JournalSeal,
    Pair,
    PartnerBook,
    Plan,
    PlanVersion,
)
from commissions.models.entries import entry_key
from commissions.operations.accrual import (
    accrue,
    behind_in_a_cap,
    computation_of,
    in_order,
    partner_with,
    settle,
    version_for,
)
from commissions.operations.entries import journal_kind, sides_of, tell_sums
from commissions.operations.holds import renew_holds
from commissions.queries import bare as bare_queries
from commissions.queries import bulk as queries
from commissions.queries import plans
from commissions.queries.bulk import BulkSale
from commissions.settings import REFUND_WINDOW_DAYS
from core import clock
from core.activity import Actor
from core.bulk import Document, among, insert_of, insert_rows, know_sizes, new_ids, plain_rows, portions
from core.database import session
from core.settings import PROGRAMME_TIME_ZONE
from partners.queries.tier_history import TierThen, tier_at, tier_moves
from referrals.models import Sale

DIFFERENCES_KEPT = 200


@dataclass
class Outcome:
    """What working sales out came to. ``differing``: sales whose books said something else before."""

    sales: int = 0
    lines: int = 0
    posted: int = 0
    differing: list[dict[str, Any]] = field(default_factory=list)
    differences: int = 0


@dataclass
class _Work:
    """What is gathered over a chunk and written at its end."""

    pairs: list[tuple[Any, ...]] = field(default_factory=list)
    #: The new first sale of pairs that began earlier than was known, by the pair's id.
    earlier: dict[int, BulkSale] = field(default_factory=dict)
    assessments: list[tuple[Any, ...]] = field(default_factory=list)
    #: (sale, days of its hold, what it earns) of sales that the books know nothing of.
    earned: list[tuple[BulkSale, int, list[rates.Written]]] = field(default_factory=list)
    one_by_one: list[BulkSale] = field(default_factory=list)


class _Engines(threading.local):
    """Engines with the shapes that they have seen, kept from step to step of a run: the few that were used last.

    What a shape comes to depends on what the version says, and near the end of a term on the programme's time zone.
    An engine is kept by both, to the letter, so that a draft that was changed meets none of what was learnt before.
    """

    def __init__(self) -> None:
        self.known: dict[tuple[str, str], rates.Bare] = {}

    def of(self, version: PlanVersion) -> rates.Bare:
        key = (repr(version.definition), PROGRAMME_TIME_ZONE.value())
        bare = self.known.pop(key, None)
        if bare is None:
            bare = rates.Bare(rates.Bulk(plans.parsed(version)))
        self.known[key] = bare
        if len(self.known) > _ENGINES_KEPT:
            del self.known[next(iter(self.known))]
        return bare


_ENGINES_KEPT = 8
_engines = _Engines()


def engine_of(version: PlanVersion) -> rates.Bare:
    """A version made ready for many sales, with what this thread has learnt of it."""
    return _engines.of(version)


class Accrual:
    """Goes over sales in bulk. Keeps what does not change from chunk to chunk: plans, and shapes of lines."""

    def __init__(self, *, by: Actor | None, cause: str | None = None) -> None:
        self.by = by
        #: Names whoever had sales worked out again, on the lines that correct what the books said.
        self.cause = cause
        self._engines: dict[int, rates.Bare] = {}

    def go_over(self, sale_ids: Sequence[int]) -> Outcome:
        """As :meth:`work_out`, for ids in their order, where most sales are in the books as they should be.

        Those are looked at without a lock: that the books agree is true of the moment of looking. Only where they do
        not, the sale is worked out again under its partner's lock.
        """
        if not sale_ids:
            return Outcome()
        session.flush()
        with plain_rows():
            agreeing, lines = self._agreeing(sale_ids[0], sale_ids[-1])
        outcome = self.work_out([sale_id for sale_id in sale_ids if sale_id not in agreeing])
        outcome.sales = len(sale_ids)
        outcome.lines += lines
        return outcome

    def _agreeing(self, first: int, last: int) -> tuple[set[int], int]:
        """The sales of a range of ids whose books say what the plan grants, and how many lines they have."""
        agreeing: set[int] = set()
        lines = 0
        versions = bare_queries.versions_within(first, last)
        changed = bare_queries.changed_within(first, last) if versions else set()
        booked = bare_queries.entries_within(first, last) if versions else {}
        for version_id in versions:
            bare = self._bare_engine(version_id)
            if bare is None:
                continue
            sales = bare_queries.sales_within(bare.asked, version_id, first, last)
            earned = bare.entries_of(sales, facts_by_id)
            for sale in sales:
                due = earned[sale.sale_id]
                if (
                    due is not None
                    and sale.sale_id not in changed
                    and _are_same(rates.entries_as_text(due), booked.get(sale.sale_id, ""))
                ):
                    agreeing.add(sale.sale_id)
                    lines += bare.number_of_lines(sale)
        return agreeing, lines

    def _bare_engine(self, version_id: int) -> rates.Bare | None:
        """``None`` for a version that takes each sale by itself."""
        engine = self._engine(version_id)
        return self._engines[version_id] if engine.is_plain else None

    def work_out(self, sale_ids: Sequence[int]) -> Outcome:
        """Posts what these sales earn and the books do not say yet; answers what that came to."""
        outcome = Outcome()
        if not sale_ids:
            return outcome
        session.flush()
        with plain_rows():
            work, known = self._work_out_plain(sale_ids, outcome)
            moved = self._moved(work, sale_ids)
        for sale_id, first_id in moved:
            outcome.posted += self._settle_again(sale_id, first_id)
        for sale in work.one_by_one:
            self._one(sale, known.get(sale.sale_id), outcome)
        return outcome

    def _work_out_plain(
        self, sale_ids: Sequence[int], outcome: Outcome
    ) -> tuple[_Work, dict[int, queries.Granted]]:
        """Posts what plain sales earn; what it answers names the others, and what stands in the books of which sale."""
        know_sizes(*_WRITTEN)  # as the chunks before left them
        hold_books(queries.partners_of(sale_ids))
        sales = queries.sales_by_id(sale_ids)
        outcome.sales = len(sales)
        outcome.lines = sum(len(sale.facts.lines) for sale in sales)
        known = queries.granted(sale_ids)
        restless = queries.sales_with_more_to_know(sale_ids)
        work = _Work()
        self._assess([sale for sale in sales if sale.plan_version_id is None], restless, work)
        for sale in sales:
            if sale.plan_version_id is None:
                continue
            engine = self._engine(sale.plan_version_id)
            if sale.sale_id in restless or not engine.is_plain_sale(sale.facts):
                work.one_by_one.append(sale)
            elif sale.sale_id not in known:
                work.earned.append((sale, engine.version.hold_days, engine.written(sale.facts)))
            elif engine.targets(sale.facts) != known[sale.sale_id]:
                work.one_by_one.append(sale)
        outcome.posted += self._write(work)
        return work, known

    # Pairs that began earlier than was known

    def _moved(self, work: _Work, sale_ids: Sequence[int]) -> list[tuple[int, int]]:
        """(sale, the pair's new first one) of sales worked out before that earn something else by it."""
        first_ids = {pair_id: sale.sale_id for pair_id, sale in work.earlier.items()}
        moved: list[tuple[int, int]] = []
        for some in portions(queries.worked_out_of_pairs(first_ids, besides=sale_ids), _LOOKED_AT_AGAIN):
            known, restless = queries.granted(some), queries.sales_with_more_to_know(some)
            of_pair = queries.pairs_of(some)
            for sale in queries.sales_by_id(some):
                assert sale.plan_version_id is not None, "it was worked out"
                engine = self._engine(sale.plan_version_id)
                is_plain = sale.sale_id not in restless and engine.is_plain_sale(sale.facts)
                if not is_plain or engine.targets(sale.facts) != known.get(sale.sale_id, {}):
                    moved.append((sale.sale_id, first_ids[of_pair[sale.sale_id]]))
        return moved

    def _settle_again(self, sale_id: int, first_id: int) -> int:
        """As :func:`accrue` settles the others of a pair that begins with another sale; answers how much it posted."""
        sale, first = session.get_one(Sale, sale_id), session.get_one(Sale, first_id)
        posted = 0
        for other in in_order([sale, *behind_in_a_cap(sale)]):
            assessment = plans.assessment_of(other)
            if assessment is not None:
                posted += len(settle(other, assessment, first, by=self.by, cause=self.cause))
        return posted

    def _engine(self, version_id: int) -> rates.Bulk:
        engine = self._engines.get(version_id)
        if engine is None:
            engine = engine_of(session.get_one(PlanVersion, version_id))
            self._engines[version_id] = engine
        return engine.bulk

    def _one(self, sale: BulkSale, known: queries.Granted | None, outcome: Outcome) -> None:
        """A sale by itself, by everything known of it."""
        row = session.get_one(Sale, sale.sale_id)
        assessment = plans.assessment_of(row)
        if known is None or assessment is None:
            outcome.posted += len(accrue(row, row, by=self.by))
        elif computation_of(row, assessment).targets != known:
            outcome.differences += 1
            posted = accrue(row, row, by=self.by, cause=self.cause)
            outcome.posted += len(posted)
            if len(outcome.differing) < DIFFERENCES_KEPT:
                outcome.differing.append(
                    {
                        "sale_id": sale.sale_id,
                        "external_id": sale.name,
                        "currency": row.currency,
                        "was_minor": sum(known.values()),
                        "is_minor": sum(known.values()) + sum(entry.amount_minor for entry in posted),
                    }
                )
        else:
            renew_holds(row, by=self.by)
        session.flush()

    # Assessing: by what a sale is computed

    def _assess(self, sales: list[BulkSale], restless: set[int], work: _Work) -> None:
        """Fixes it for sales of pairs that are new, or began before; whatever else goes one by one."""
        if not sales:
            return
        partners = queries.partners_as_they_are({sale.partner_id for sale in sales})
        codes = {sale.plan_code or partners[sale.partner_id].plan_code for sale in sales}
        by_code = {plan.code: plan for plan in session.scalars(sa.select(Plan).where(Plan.code.in_(codes)))}
        published = {plan.id: plans.published_versions(plan.id) for plan in by_code.values()}
        recruiters = queries.recruiters_of(partners.keys())
        past = _Past(partners, recruiters)
        converting = {
            plan_id: any(version.definition.get("converts") for version in versions)
            for plan_id, versions in published.items()
        }
        pairs = self._pairs(sales)
        fresh = iter(new_ids(Pair, len(sales)))
        now = clock.now()
        for sale in sales:
            plan = by_code.get(sale.plan_code or partners[sale.partner_id].plan_code)
            if plan is None or not published[plan.id]:
                if sale.plan_code is not None:
                    # It names a plan that is not there, and is held.
                    work.one_by_one.append(sale)
                continue
            key = (sale.customer_id, sale.partner_id, plan.id)
            pair = pairs.get(key)
            at_the_time = plans.version_at(published[plan.id], sale.occurred_at)
            if at_the_time is None:
                # Nothing was promised yet.
                continue
            if converting[plan.id]:
                # The rate of the day is looked up, and may be missing.
                work.one_by_one.append(sale)
                continue
            if pair is None:
                pair = pairs[key] = _PairRow(
                    next(fresh), at_the_time, sale.occurred_at, sale.sale_id, sale.name, now
                )
                work.pairs.append((pair.id, *key, at_the_time.id, sale.occurred_at, sale.sale_id, now))
            elif (sale.occurred_at, sale.name) < (pair.first_sale_at, pair.first_sale_name):
                known = [one for one in published[plan.id] if (one.published_at or now) <= pair.created_at]
                if plans.version_at(known, sale.occurred_at) not in (None, pair.version):
                    # The whole pair changes its version.
                    work.one_by_one.append(sale)
                    continue
                pair = pairs[key] = pair._replace(
                    first_sale_at=sale.occurred_at, first_sale_id=sale.sale_id, first_sale_name=sale.name
                )
                work.earlier[pair.id] = sale
            version = version_for(published[plan.id], pair.version, sale.occurred_at)
            partner, facts = past.of(sale.partner_id, sale.occurred_at)
            work.assessments.append((sale.sale_id, pair.id, version.id, partner, sale.customer, now))
            sale.plan_version_id = version.id
            sale.facts = rates.assessed(
                sale.facts,
                partner=facts,
                customer=rates.CustomerFacts(**sale.customer),
                pair=rates.Pair(pair.first_sale_at, pair.first_sale_id == sale.sale_id),
            )

    def _pairs(self, sales: list[BulkSale]) -> dict[tuple[int, int, int], "_PairRow"]:
        """The pairs that these sales may be of, as they are."""
        query = (
            sa.select(
                Pair.customer_id, Pair.partner_id, Pair.plan_id, Pair.id, Pair.plan_version_id, Pair.first_sale_at,
                Pair.first_sale_id, Sale.external_id, Pair.created_at,
            )
            .join(Sale, Sale.id == Pair.first_sale_id)
            .where(
                among(Pair.customer_id, {sale.customer_id for sale in sales}),
                among(Pair.partner_id, {sale.partner_id for sale in sales}),
            )
        )  # fmt: skip
        return {
            (customer_id, partner_id, plan_id): _PairRow(
                pair_id, session.get_one(PlanVersion, version_id), first_at, first_id, name, created_at
            )
            for (
                customer_id, partner_id, plan_id, pair_id, version_id, first_at, first_id, name, created_at,
            ) in session.execute(query)
        }  # fmt: skip

    # Writing

    def _write(self, work: _Work) -> int:
        insert_rows(
            Pair,
            ("id", "customer_id", "partner_id", "plan_id", "plan_version_id", "first_sale_at", "first_sale_id",
             "created_at"),
            work.pairs,
        )  # fmt: skip
        self._write_beginnings(work)
        insert_rows(
            Assessment,
            ("sale_id", "pair_id", "plan_version_id", "partner", "customer", "created_at"),
            work.assessments,
        )
        return self._post(work.earned)

    def _write_beginnings(self, work: _Work) -> None:
        """The first sales of pairs that were known before."""
        if not work.earlier:
            return
        session.execute(
            sa.update(Pair),
            [
                {"id": pair_id, "first_sale_at": sale.occurred_at, "first_sale_id": sale.sale_id}
                for pair_id, sale in work.earlier.items()
            ],
        )
        for row in list(session.identity_map.values()):
            if isinstance(row, Pair):
                session.expire(row)

    def _post(self, earned: list[tuple[BulkSale, int, list[rates.Written]]]) -> int:
        """Writes the lines of earnings of new sales, and posts each to the books."""
        ids = new_ids(Entry, sum(len(lines) for _sale, _hold_days, lines in earned))
        insert_rows(Entry, _ENTRY_COLUMNS, _entry_rows(iter(ids), earned))
        ledger.post_new(_drafts(iter(ids), earned), by=self.by)
        told = (
            (
                int(line.partner_id) if line.partner_id is not None else None,
                sale.facts.currency,
                line.amount_minor,
            )
            for sale, _hold_days, lines in earned
            for line in lines
        )
        tell_sums([(*each, entry_id) for each, entry_id in zip(told, ids, strict=True)])
        return len(ids)


class _Past:
    """Partners as they were when their sales took place; what is the same for many sales is one object."""

    def __init__(self, partners: Mapping[int, Any], recruiters: Mapping[int, int]) -> None:
        self._partners, self._recruiters = partners, recruiters
        self._moves = tier_moves(partners.keys())
        self._known: dict[tuple[int, TierThen], tuple[dict[str, Any], rates.PartnerFacts]] = {}

    def of(self, partner_id: int, moment: datetime) -> tuple[dict[str, Any], rates.PartnerFacts]:
        """What an assessment keeps of it, and the same as the engine takes it."""
        partner = self._partners[partner_id]
        then = tier_at(moment, partner.tier, self._moves.get(partner_id, ()))
        found = self._known.get((partner_id, then))
        if found is None:
            kept = partner_with(partner, self._recruiters.get(partner_id), then)
            found = self._known[partner_id, then] = kept, rates.PartnerFacts.kept(kept)
        return found


class _PairRow(NamedTuple):
    """A pair as far as assessing needs it."""

    id: int
    version: PlanVersion
    first_sale_at: Any
    first_sale_id: int
    first_sale_name: str
    created_at: datetime


_LOOKED_AT_AGAIN = 2_000
_WRITTEN = (
    Pair,
    Assessment,
    Entry,
    EarnedDay,
    Account,
    JournalEntry,
    JournalLine,
    JournalSeal,
    CachedBalance,
)
_ENTRY_COLUMNS = (
    "id", "key", "sale_id", "line", "kind", "beneficiary_type", "partner_id", "amount_minor", "currency",
    "plan_version_id", "rule", "cause", "received_at", "available_at", "proof", "created_at",
)  # fmt: skip


def _entry_rows(
    ids: Iterator[int], earned: list[tuple[BulkSale, int, list[rates.Written]]]
) -> Iterable[tuple[Any, ...]]:
    now, window = clock.now(), REFUND_WINDOW_DAYS.value()
    for sale, hold_days, lines in earned:
        sale_id, version_id, currency = sale.sale_id, sale.plan_version_id, sale.facts.currency
        cause, received_at = f"sale:{sale_id}", sale.received_at
        available_at = rates.available_at(received_at, hold_days, window)
        for line, kind, name, partner_id, amount, proof in lines:
            owner = "vendor" if partner_id is None else f"partner:{partner_id}"
            yield (
                next(ids), entry_key(sale_id, line, name, owner, cause), sale_id, line, kind,
                "vendor" if partner_id is None else "partner", partner_id, amount, currency, version_id, name, cause,
                received_at, available_at, Document(proof), now,
            )  # fmt: skip


def _drafts(
    ids: Iterator[int], earned: list[tuple[BulkSale, int, list[rates.Written]]]
) -> list[ledger.Draft]:
    """The journal entries of new lines, as ``entries.draft_of`` makes them."""
    kinds = {kind.value: (kind, journal_kind(kind)) for kind in (EntryKind.COMMISSION, EntryKind.SPLIT)}
    sides: dict[tuple[Any, ...], Any] = {}
    drafts = []
    for sale, _hold_days, lines in earned:
        currency, received_at = sale.facts.currency, sale.received_at
        for line in lines:
            kind, in_the_journal = kinds[line.kind]
            amount = line.amount_minor
            key = (kind, line.partner_id, currency, amount > 0)
            found = sides.get(key)
            if found is None:
                partner_id = int(line.partner_id) if line.partner_id is not None else None
                found = sides[key] = sides_of(kind, None, partner_id, currency, amount)
            source = f"entry:{next(ids)}"
            drafts.append(
                ledger.Draft(
                    source, in_the_journal, source, ((found[0], amount), (found[1], -amount)), received_at
                )
            )
    return drafts


def facts_by_id(sale_ids: list[int]) -> dict[int, rates.SaleFacts]:
    """Everything known of these sales, for an engine that decides a shape."""
    return {sale.sale_id: sale.facts for sale in queries.sales_by_id(sale_ids)}


def _are_same(due: str, booked: str) -> bool:
    """The order of posting may differ; reversals and corrections make it another set."""
    return due == booked or (
        len(due) == len(booked) and sorted(due.split(rates.BETWEEN)) == sorted(booked.split(rates.BETWEEN))
    )


def hold_books(partner_ids: Sequence[int]) -> None:
    """The books of many partners, in one order; whoever comes second waits."""
    there = set(
        session.scalars(sa.select(PartnerBook.partner_id).where(among(PartnerBook.partner_id, partner_ids)))
    )
    missing = [{"partner_id": partner_id} for partner_id in partner_ids if partner_id not in there]
    if missing:
        # Asking for the ids sends many rows with one statement.
        insert = insert_of(PartnerBook).on_conflict_do_nothing(index_elements=["partner_id"])
        session.execute(insert.returning(PartnerBook.__table__.c.id), missing).all()
    session.execute(
        sa.select(PartnerBook.id)
        .where(among(PartnerBook.partner_id, partner_ids))
        .order_by(PartnerBook.partner_id)
        .with_for_update()
    ).all()
