"""Sales as the engine takes them, thousands at a time: plain rows, no objects."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from commissions import rates
from commissions.models import Assessment, Entry, EntryKind, Pair, Plan, PlanVersion, Recruitment
from core.bulk import among
from core.database import session
from core.settings import PROGRAMME_TIME_ZONE
from partners.models import Partner
from partners.queries.tier_history import tier_at, tier_moves
from referrals.models import (
    AttributionSource,
    Chargeback,
    Customer,
    Deal,
    Estimate,
    EstimateMilestone,
    Payment,
    Refund,
    Sale,
    SaleLine,
)

Granted = dict[rates.EntryKey, int]

#: What a line comes to without tax.
NET = SaleLine.quantity * SaleLine.unit_amount_minor - SaleLine.discount_minor - SaleLine.credit_minor
#: As ``Sale.earns``, beside its partner.
EARNS = (Sale.held_because.is_(None), Sale.voided_at.is_(None))

#: Whether the deal of a sale has milestones, which its lines may wait for.
OF_A_PROJECT = Sale.deal_id.in_(
    sa.select(Estimate.deal_id).join(EstimateMilestone, EstimateMilestone.estimate_id == Estimate.id)
)


@dataclass(slots=True)
class BulkSale:
    """A sale that is a partner's, and by what it is computed. ``facts`` lack a partner until it is assessed."""

    sale_id: int
    name: str
    occurred_at: datetime
    received_at: datetime
    customer_id: int
    partner_id: int
    plan_code: str | None
    plan_version_id: int | None
    customer: dict[str, Any]
    facts: rates.SaleFacts


def last_sale_id() -> int:
    """Sales up to this one are there now; those recorded later are computed when they come."""
    return session.scalar(sa.select(sa.func.max(Sale.id))) or 0


def number_of_sales(until: int) -> int:
    """How many sales up to that id earn somebody something."""
    return (
        session.scalar(
            sa.select(sa.func.count())
            .select_from(Sale)
            .where(
                Sale.id <= until,
                Sale.partner_id.is_not(None),
                Sale.held_because.is_(None),
                Sale.voided_at.is_(None),
            )
        )
        or 0
    )


def sales_to_compute(*, after: int, until: int, most: int) -> list[int]:
    """The next ids of sales that earn somebody something, in their order."""
    return list(
        session.scalars(
            sa.select(Sale.id)
            .where(
                Sale.id > after,
                Sale.id <= until,
                Sale.partner_id.is_not(None),
                Sale.held_because.is_(None),
                Sale.voided_at.is_(None),
            )
            .order_by(Sale.id)
            .limit(most)
        )
    )


def earning(sale_ids: Sequence[int]) -> list[int]:
    """Of these sales, those that earn somebody something."""
    query = sa.select(Sale.id).where(among(Sale.id, sale_ids), Sale.partner_id.is_not(None), *EARNS)
    return list(session.scalars(query.order_by(Sale.id)))


def partners_of(sale_ids: Sequence[int]) -> list[int]:
    """Whose the sales are, each once, in order."""
    return list(
        session.scalars(
            sa.select(Sale.partner_id).where(among(Sale.id, sale_ids)).distinct().order_by(Sale.partner_id)
        )
    )


def partners_as_they_are(ids: Collection[int]) -> dict[int, Any]:
    """What rules may ask of partners, and the codes of their plans; by id."""
    query = sa.select(Partner.id, Partner.tier, Partner.type, Partner.country, Partner.plan_code)
    return {row.id: row for row in session.execute(query.where(among(Partner.id, ids))).all()}


def not_worked_out(source: str, since: datetime, *, after: int | None, most: int) -> list[int]:
    """Sales told by ``source`` since a moment that earn somebody something, and that no plan version was found for.

    By their dates: the next behind the sale ``after``, by id.
    """
    query = (
        sa.select(Sale.id)
        .outerjoin(Assessment, Assessment.sale_id == Sale.id)
        .where(
            Sale.source == source,
            Sale.received_at >= since,
            Sale.partner_id.is_not(None),
            Assessment.id.is_(None),
            *EARNS,
        )
    )
    if after:
        last = session.get_one(Sale, after)
        query = query.where(sa.tuple_(Sale.occurred_at, Sale.id) > sa.tuple_(last.occurred_at, last.id))
    return list(session.scalars(query.order_by(Sale.occurred_at, Sale.id).limit(most)))


def worked_out_of_pairs(pair_ids: Collection[int], *, besides: Collection[int]) -> list[int]:
    """The sales of these pairs that were worked out before, without those given, in the order in which they count."""
    query = (
        sa.select(Sale.id)
        .join(Assessment, Assessment.sale_id == Sale.id)
        .where(among(Assessment.pair_id, pair_ids), sa.not_(among(Sale.id, besides)))
        .order_by(Sale.occurred_at, Sale.external_id, Sale.id)
    )
    return list(session.scalars(query))


def pairs_of(sale_ids: Sequence[int]) -> dict[int, int]:
    """The pair of each of these sales that was worked out."""
    query = sa.select(Assessment.sale_id, Assessment.pair_id).where(among(Assessment.sale_id, sale_ids))
    return {sale_id: pair_id for sale_id, pair_id in session.execute(query)}  # noqa: C416 - rows are no pairs to dict()


def recruiters_of(partner_ids: Collection[int]) -> dict[int, int]:
    """Who brought each of these partners, as far as is known today."""
    rows = session.execute(
        sa.select(Recruitment.partner_id, Recruitment.recruiter_id).where(
            among(Recruitment.partner_id, partner_ids), Recruitment.ended_at.is_(None)
        )
    )
    return {partner_id: recruiter_id for partner_id, recruiter_id in rows}  # noqa: C416 - rows are no pairs to dict()


def sales_by_id(sale_ids: Sequence[int]) -> list[BulkSale]:
    """These sales, in the order in which sales count: by moment, then by name."""
    return _read(_sales().where(among(Sale.id, sale_ids)).order_by(Sale.occurred_at, Sale.external_id))


def number_of_past_sales(plan_id: int, since: datetime) -> int:
    """How many sales :func:`past_sales` goes through."""
    return (
        session.scalar(
            sa.select(sa.func.count())
            .select_from(Sale)
            .join(Assessment, Assessment.sale_id == Sale.id)
            .join(PlanVersion, PlanVersion.id == Assessment.plan_version_id)
            .where(PlanVersion.plan_id == plan_id, Sale.occurred_at >= since, *EARNS)
        )
        or 0
    )


def _uncomputed(plan: Plan, since: datetime) -> sa.Select[int]:
    computed = sa.exists().where(Assessment.sale_id == Sale.id)
    return (
        sa.select(Sale.id)
        .join(Partner, Partner.id == Sale.partner_id)
        .where(
            sa.func.coalesce(Sale.plan_code, Partner.plan_code) == plan.code,
            Sale.occurred_at >= since,
            sa.not_(computed),
            *EARNS,
        )
    )


def number_of_uncomputed_sales(plan: Plan, since: datetime) -> int:
    """How many sales :func:`uncomputed_sale_ids` goes through."""
    return session.scalar(sa.select(sa.func.count()).select_from(_uncomputed(plan, since).subquery())) or 0


def uncomputed_sale_ids(
    plan: Plan, since: datetime, *, after: tuple[datetime, int] | None, most: int
) -> list[int]:
    """The next sales of a plan that no version has computed, by moment and id."""
    query = _uncomputed(plan, since)
    if after is not None:
        query = query.where(sa.tuple_(Sale.occurred_at, Sale.id) > sa.tuple_(*after))
    return list(session.scalars(query.order_by(Sale.occurred_at, Sale.id).limit(most)))


def uncomputed_sales(
    plan: Plan, since: datetime, *, after: tuple[datetime, int] | None, most: int
) -> list[BulkSale]:
    """The same as they would be assessed today, each partner with the tier that it had when the sale took place."""
    ids = uncomputed_sale_ids(plan, since, after=after, most=most)
    found = {sale.sale_id: sale for sale in sales_by_id(ids)} if ids else {}
    partners = partners_as_they_are({sale.partner_id for sale in found.values()}) if ids else {}
    recruiters = recruiters_of(partners.keys()) if ids else {}
    moves = tier_moves(partners.keys()) if ids else {}
    firsts = _first_sales(found.values()) if ids else {}
    for sale in found.values():
        one, recruiter = partners[sale.partner_id], recruiters.get(sale.partner_id)
        first_id, first_at = firsts[sale.customer_id, sale.partner_id]
        sale.facts = rates.assessed(
            sale.facts,
            partner=rates.PartnerFacts(
                str(one.id),
                tier_at(sale.occurred_at, one.tier, moves.get(one.id, ())).tier,
                str(one.type),
                one.country,
                None if recruiter is None else str(recruiter),
            ),
            customer=rates.CustomerFacts(**sale.customer),
            pair=rates.Pair(first_at, first_id == sale.sale_id),
        )
    return [found[sale_id] for sale_id in ids]


def _first_sales(sales: Collection[BulkSale]) -> dict[tuple[int, int], tuple[int, datetime]]:
    """(customer, partner) → the first sale of the two, and its moment."""
    place = sa.func.row_number().over(
        partition_by=(Sale.customer_id, Sale.partner_id), order_by=(Sale.occurred_at, Sale.external_id)
    )
    ranked = (
        sa.select(Sale.customer_id, Sale.partner_id, Sale.id, Sale.occurred_at, place.label("place"))
        .where(
            among(Sale.customer_id, {sale.customer_id for sale in sales}),
            among(Sale.partner_id, {sale.partner_id for sale in sales}),
            *EARNS,
        )
        .subquery()
    )
    rows = session.execute(
        sa.select(ranked.c.customer_id, ranked.c.partner_id, ranked.c.id, ranked.c.occurred_at).where(
            ranked.c.place == 1
        )
    )
    return {(customer, partner): (sale_id, moment) for customer, partner, sale_id, moment in rows}


def text_of(column: Any) -> Any:
    """A state as the database holds it."""
    return sa.type_coerce(column, sa.Text)


def _sales() -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            Sale.id,
            Sale.external_id,
            Sale.occurred_at,
            Sale.received_at,
            Sale.customer_id,
            Sale.partner_id,
            Sale.plan_code,
            Sale.currency,
            text_of(Sale.type),
            text_of(Sale.billed_by),
            text_of(Sale.attribution_source),
            Sale.paid_minor,
            Sale.metadata_,
            Customer.external_id,
            Customer.country,
            Customer.size,
            text_of(Deal.origin),
            Assessment.plan_version_id,
            Assessment.partner,
            Assessment.customer,
            Pair.first_sale_at,
            Pair.first_sale_id,
        )
        .join(Customer, Customer.id == Sale.customer_id)
        .outerjoin(Deal, Deal.id == Sale.deal_id)
        .outerjoin(Assessment, Assessment.sale_id == Sale.id)
        .outerjoin(Pair, Pair.id == Assessment.pair_id)
    )


def _read(query: sa.Select[*tuple[Any, ...]]) -> list[BulkSale]:
    rows = session.execute(query).all()
    lines = _lines([row[0] for row in rows])
    zone = ZoneInfo(PROGRAMME_TIME_ZONE.value())
    by_itself = {AttributionSource.CODE.value, AttributionSource.LINK.value}
    found = []
    for (
        sale_id, name, occurred_at, received_at, customer_id, partner_id, plan_code, currency, type_, billed_by,
        attributed, paid_minor, metadata, number, country, size, origin, version_id, partner, customer, first_at,
        first_id,
    ) in rows:  # fmt: skip
        facts = rates.SaleFacts(
            occurred_at,
            currency,
            rates.PartnerFacts.kept(partner) if partner is not None else None,
            rates.CustomerFacts(**customer) if customer is not None else rates.CustomerFacts(),
            lines.get(sale_id, ()),
            type_,
            billed_by,
            origin if origin is not None else (attributed if attributed in by_itself else None),
            country,
            metadata,
            rates.Pair(first_at, first_id == sale_id if first_id is not None else None),
            paid_minor,
            zone,
        )
        known = {"id": number or str(customer_id), "country": country, "size": size}
        found.append(
            BulkSale(
                sale_id, name, occurred_at, received_at, customer_id, partner_id, plan_code, version_id, known, facts
            )
        )  # fmt: skip
    return found


def _lines(sale_ids: Sequence[int]) -> dict[int, tuple[Any, ...]]:
    query = (
        sa.select(
            SaleLine.sale_id,
            text_of(SaleLine.kind),
            SaleLine.product,
            SaleLine.quantity,
            NET,
            SaleLine.cost_minor,
        )
        .where(among(SaleLine.sale_id, sale_ids))
        .order_by(SaleLine.sale_id, SaleLine.position)
    )
    found: dict[int, list[rates.PlainLine]] = defaultdict(list)
    make = rates.PlainLine._make
    for row in session.execute(query).all():
        found[row[0]].append(make(row[1:]))
    return {sale_id: tuple(lines) for sale_id, lines in found.items()}


def sales_with_more_to_know(sale_ids: Sequence[int]) -> set[int]:
    """Of these, the sales of which a payment, a refund or a chargeback is known, or a deal that has milestones."""
    found = set(session.scalars(sa.select(Sale.id).where(among(Sale.id, sale_ids), OF_A_PROJECT)))
    for kind in (Payment, Refund, Chargeback):
        found.update(session.scalars(sa.select(kind.sale_id).where(among(kind.sale_id, sale_ids)).distinct()))
    return found


def granted(sale_ids: Sequence[int]) -> dict[int, Granted]:
    """What stands in the books of each sale, by key; reversals count with what they correct.

    As ``queries.plans.granted_by_key``: corrections by hand stand beside.
    """
    first = aliased(Entry)
    kind, rule = sa.func.coalesce(first.kind, Entry.kind), sa.func.coalesce(first.rule, Entry.rule)
    query = (
        sa.select(
            Entry.sale_id,
            Entry.line,
            text_of(kind),
            rule,
            Entry.partner_id,
            sa.cast(sa.func.sum(Entry.amount_minor), sa.BigInteger),
        )
        .outerjoin(first, first.id == Entry.corrects_id)
        .where(
            among(Entry.sale_id, sale_ids),
            Entry.kind != EntryKind.ADJUSTMENT,
            kind != EntryKind.ADJUSTMENT.value,
        )
        .group_by(Entry.sale_id, Entry.line, kind, rule, Entry.partner_id)
    )
    found: dict[int, Granted] = defaultdict(dict)
    for sale_id, line, said, name, partner_id, amount in session.execute(query):
        owner = rates.Beneficiary(
            "vendor" if partner_id is None else "partner", None if partner_id is None else str(partner_id)
        )
        key = rates.EntryKey(line, "split" if said == EntryKind.SPLIT.value else "commission", name, owner)
        if amount:
            found[sale_id][key] = int(amount)
    return found
