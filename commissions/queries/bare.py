"""Sales as few columns: whose they are, what a plan asks about them as one text, and the net sums of their lines.

The texts are made by the database, so that neither documents nor moments are read where nobody looks at them.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from commissions import rates
from commissions.models import Assessment, Entry, Pair, PlanVersion
from commissions.queries.bulk import EARNS, NET, OF_A_PROJECT, text_of
from core.bulk import among
from core.database import current_database, session
from referrals.models import (
    AttributionSource,
    BilledBy,
    Chargeback,
    Customer,
    Deal,
    Payment,
    Refund,
    Sale,
    SaleLine,
)


def past_sales(
    asked: rates.Asked,
    plan_id: int,
    *,
    since: datetime,
    after: tuple[datetime, int] | None,
    most: int,
) -> list[rates.BareSale]:
    """The next assessed sales of a plan, by moment and id, behind ``after``."""
    query = (
        _bare_sales(asked)
        .join(PlanVersion, PlanVersion.id == Assessment.plan_version_id)
        .where(PlanVersion.plan_id == plan_id, Sale.occurred_at >= since, *EARNS)
    )
    if after is not None:
        moment, sale_id = after
        query = query.where(
            sa.or_(Sale.occurred_at > moment, sa.and_(Sale.occurred_at == moment, Sale.id > sale_id))
        )
    rows = _rows(query.order_by(Sale.occurred_at, Sale.id).limit(most)).all()
    return _bare(rows, asked, among(SaleLine.sale_id, [row[0] for row in rows]))


def moment_of(sale_id: int) -> datetime:
    """When the sale occurred."""
    return session.scalars(sa.select(Sale.occurred_at).where(Sale.id == sale_id)).one()


def names_of(sale_ids: Sequence[int]) -> dict[int, str]:
    """The numbers by which people know the sales."""
    rows = session.execute(sa.select(Sale.id, Sale.external_id).where(Sale.id.in_(sale_ids)))
    return {sale_id: name for sale_id, name in rows}  # noqa: C416 - rows are no pairs to dict()


def versions_within(first: int, last: int) -> list[int]:
    """By which versions the sales of a range of ids are computed."""
    query = sa.select(Assessment.plan_version_id).where(Assessment.sale_id.between(first, last)).distinct()
    return list(session.scalars(query.order_by(Assessment.plan_version_id)))


def sales_within(asked: rates.Asked, version_id: int, first: int, last: int) -> list[rates.BareSale]:
    """The sales of a range of ids that are computed by that version."""
    query = _bare_sales(asked).where(
        Sale.id.between(first, last), Assessment.plan_version_id == version_id, *EARNS
    )
    rows = _rows(query).all()
    return _bare(rows, asked, SaleLine.sale_id.between(first, last)) if rows else []


def entries_within(first: int, last: int) -> dict[int, list[tuple[Any, ...]]]:
    """What stands in the books of each sale of a range of ids, as ``rates.BareEntry``, in the order of posting."""
    query = (
        sa.select(
            Entry.sale_id, Entry.line, text_of(Entry.kind), Entry.rule, Entry.partner_id, Entry.amount_minor
        )
        .where(Entry.sale_id.between(first, last))
        .order_by(Entry.sale_id, Entry.id)
    )
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for sale_id, line, kind, name, partner_id, amount in _rows(query).all():
        found[sale_id].append((line, kind, name, partner_id, amount))
    return found


def changed_within(first: int, last: int) -> set[int]:
    """Sales of a range of ids of which a payment, a refund or a chargeback is known, or a deal that has milestones."""
    found = set(session.scalars(sa.select(Sale.id).where(Sale.id.between(first, last), OF_A_PROJECT)))
    for kind in (Payment, Refund, Chargeback):
        found.update(session.scalars(sa.select(kind.sale_id).where(kind.sale_id.between(first, last))))
    return found


# Sales as few columns


def _rows(query: sa.Select[*tuple[Any, ...]]) -> Any:
    """Plain rows, past the work that objects would need. Whoever asks has flushed."""
    return session.connection().execute(query)


def _bare_sales(asked: rates.Asked) -> sa.Select[*tuple[Any, ...]]:
    """A row a sale: whose it is, and everything that ``asked`` asks about it in one text."""
    recruiter = Assessment.partner["recruiter_id"].as_string()
    pieces = [Sale.currency, *(_asked_of_sale(name, values) for name, values in asked.of_sale)]
    pieces += [_age(months) for months in asked.months]
    if asked.first_sale:
        pieces.append(sa.case((Pair.first_sale_id == Sale.id, "1"), else_="0"))
    plain = [text_of(Sale.billed_by) == BilledBy.VENDOR.value, Sale.paid_minor.is_(None)]
    if asked.recruiter:
        pieces.append(sa.case((recruiter.is_(None), "0"), else_="1"))
        plain.append(sa.or_(recruiter.is_(None), recruiter != Assessment.partner["id"].as_string()))
    query = (
        sa.select(
            Sale.id,
            Sale.partner_id,
            recruiter if asked.recruiter else sa.null(),
            Sale.currency,
            sa.case((sa.and_(*plain), _joined(pieces))),
        )
        .select_from(Sale)
        .join(Assessment, Assessment.sale_id == Sale.id)
        .join(Pair, Pair.id == Assessment.pair_id)
    )
    names = {name for name, _values in asked.of_sale}
    if "sale.country" in names:
        query = query.join(Customer, Customer.id == Sale.customer_id)
    if "sale.source" in names:
        query = query.outerjoin(Deal, Deal.id == Sale.deal_id)
    return query


def _joined(pieces: Sequence[Any]) -> Any:
    """One text of several, which tells *unknown* from empty."""
    whole: Any = pieces[0]
    for piece in pieces[1:]:
        whole = whole + sa.func.coalesce(_SEPARATOR + sa.literal("=") + piece, _SEPARATOR)
    return whole


_SEPARATOR = sa.literal("\x1f")


def _asked_of_sale(name: str, values: frozenset[str] | None) -> Any:
    """What is known of a sale, as text. What no condition names is all alike to them."""
    part, _point, what = name.partition(".")
    match part:
        case "metadata":
            return sa.cast(Sale.metadata_, sa.Text)
        case "partner":
            return _only(Assessment.partner[what].as_string(), values)
        case "customer" if what == "size":
            return sa.cast(Assessment.customer[what], sa.Text)
        case "customer":
            return _only(Assessment.customer[what].as_string(), values)
    match what:
        case "type":
            return text_of(Sale.type)
        case "billed_by":
            return text_of(Sale.billed_by)
        case "source":
            by_code = sa.case((text_of(Sale.attribution_source) == AttributionSource.CODE.value, "code"))
            return sa.func.coalesce(text_of(Deal.origin), by_code)
        case _:
            assert name == "sale.country", name
            return sa.func.coalesce(
                sa.func.nullif(Customer.country, ""), Assessment.customer["country"].as_string()
            )


def _only(column: Any, values: frozenset[str] | None) -> Any:
    return column if values is None else sa.case((column.in_(sorted(values)), column))


def _asked_of_line(name: str, values: frozenset[str] | None) -> Any:
    match name:
        case "line.kind":
            return _only(text_of(SaleLine.kind), values)
        case "line.product":
            return _only(SaleLine.product, values)
        case "line.quantity":
            return sa.cast(SaleLine.quantity, sa.Text)
        case _:
            assert name == "line.cost_minor", name
            return sa.case((SaleLine.cost_minor.is_(None), "0"), else_="1")


def _age(months: int) -> Any:
    """Whether a pair is surely younger than so many months, or surely older; between, both moments to the letter."""
    if current_database().is_sqlite:
        days: Any = sa.func.julianday(Sale.occurred_at) - sa.func.julianday(Pair.first_sale_at)
    else:
        days = sa.extract("epoch", Sale.occurred_at - Pair.first_sale_at) / 86400
    moments = sa.cast(Sale.occurred_at, sa.Text) + _SEPARATOR + sa.cast(Pair.first_sale_at, sa.Text)
    return sa.case((days < 28 * months - 1, "younger"), (days > 31 * months + 1, "older"), else_=moments)


def _bare(rows: Sequence[Any], asked: rates.Asked, of_these: sa.ColumnElement[bool]) -> list[rates.BareSale]:
    """Rows of :func:`_bare_sales` with their lines."""
    lines = _bare_lines(asked, of_these)
    make, none = rates.BareSale, ()
    return [
        make(
            sale_id, partner_id, int(recruiter) if recruiter is not None else None, currency, shape,
            lines.get(sale_id, none),
        )
        for sale_id, partner_id, recruiter, currency, shape in rows
    ]  # fmt: skip


def _bare_lines(asked: rates.Asked, of_these: sa.ColumnElement[bool]) -> dict[int, list[rates.BareLine]]:
    shape = _joined([sa.literal(""), *(_asked_of_line(name, values) for name, values in asked.of_line)])
    query = (
        sa.select(SaleLine.sale_id, shape, NET).where(of_these).order_by(SaleLine.sale_id, SaleLine.position)
    )
    found: dict[int, list[rates.BareLine]] = defaultdict(list)
    if not asked.beyond_net:
        for sale_id, said, net in _rows(query).all():
            found[sale_id].append((said, net, None))
        return found
    query = query.add_columns(SaleLine.quantity, SaleLine.cost_minor)
    for sale_id, said, net, quantity, cost in _rows(query).all():
        found[sale_id].append((said, net, rates.PlainLine("", None, quantity, net, cost)))
    return found
