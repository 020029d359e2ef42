"""Sales as few columns: whose they are, what a plan asks about them as one text, and their lines as another.

The texts are made by the database, so that neither documents nor moments are read where nobody looks at them, and a
sale is one row whatever it is made of.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

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
        query = query.where(sa.tuple_(Sale.occurred_at, Sale.id) > sa.tuple_(moment, sale_id))
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


def entries_within(first: int, last: int) -> dict[int, str]:
    """What stands in the books of each sale of a range of ids, as ``rates.entries_as_text``, in whatever order.

    Mostly that is the order of posting; to ask for it would be to sort every line of earnings.
    """
    said = _together(
        sa.cast(Entry.line, sa.Text),
        text_of(Entry.kind),
        Entry.rule,
        sa.cast(Entry.partner_id, sa.Text),
        sa.cast(Entry.amount_minor, sa.Text),
    )
    return _texts(
        sa.select(Entry.sale_id, _one_text(said)).where(Entry.sale_id.between(first, last)), Entry.sale_id
    )


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
    """A row a sale: all of ``rates.BareSale`` but its lines."""
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
            sa.cast(recruiter, sa.BigInteger) if asked.recruiter else sa.null(),
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
        whole = whole + sa.func.coalesce(_WITHIN + sa.literal("=") + piece, _WITHIN)
    return whole


def _together(*pieces: Any) -> Any:
    """One text of several; what is unknown is empty."""
    whole: Any = sa.func.coalesce(pieces[0], "")
    for piece in pieces[1:]:
        whole = whole + _WITHIN + sa.func.coalesce(piece, "")
    return whole


def _one_text(said: Any) -> Any:
    return sa.func.aggregate_strings(said, rates.BETWEEN)


def _texts(query: sa.Select[*tuple[Any, ...]], sale_id: Any) -> dict[int, str]:
    """Of each sale what its rows say as one text."""
    rows = _rows(query.group_by(sale_id)).all()
    return {found: text for found, text in rows}  # noqa: C416 - rows are no pairs to dict()


_BETWEEN, _WITHIN = sa.literal(rates.BETWEEN), sa.literal(rates.WITHIN)


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
            attributed = text_of(Sale.attribution_source)
            by_itself = (AttributionSource.CODE.value, AttributionSource.LINK.value)
            return sa.func.coalesce(text_of(Deal.origin), sa.case((attributed.in_(by_itself), attributed)))
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
            return _never_between(_only(SaleLine.product, values))
        case "line.quantity":
            return sa.cast(SaleLine.quantity, sa.Text)
        case _:
            assert name == "line.cost_minor", name
            return sa.case((SaleLine.cost_minor.is_(None), "0"), else_="1")


def _never_between(column: Any) -> Any:
    """What somebody wrote never ends a field, and stays different from what somebody else wrote."""
    return sa.func.replace(sa.func.replace(column, "\\", "\\\\"), _BETWEEN, "\\-")


def _age(months: int) -> Any:
    """Whether a pair is surely younger than so many months, or surely older; between, both moments to the letter."""
    age: Any = Sale.occurred_at - Pair.first_sale_at
    younger, older = timedelta(days=28 * months - 1), timedelta(days=31 * months + 1)
    if current_database().is_sqlite:
        age = sa.func.julianday(Sale.occurred_at) - sa.func.julianday(Pair.first_sale_at)
        surely = age < younger.days, age > older.days
    else:
        surely = age < younger, age > older
    moments = sa.cast(Sale.occurred_at, sa.Text) + _WITHIN + sa.cast(Pair.first_sale_at, sa.Text)
    return sa.case((surely[0], "younger"), (surely[1], "older"), else_=moments)


def _bare(rows: Sequence[Any], asked: rates.Asked, of_these: sa.ColumnElement[bool]) -> list[rates.BareSale]:
    """Rows of :func:`_bare_sales` with their lines."""
    make, lines_of = rates.BareSale, _lines(asked, of_these).get
    return [
        make(sale_id, partner_id, recruiter_id, currency, shape, lines_of(sale_id))
        for sale_id, partner_id, recruiter_id, currency, shape in rows
    ]


def _lines(asked: rates.Asked, of_these: sa.ColumnElement[bool]) -> dict[int, str]:
    """The lines of each sale as the text of ``rates.BareSale``."""
    said = _joined([sa.literal(""), *(_asked_of_line(name, values) for name, values in asked.of_line)])
    whole = said + _BETWEEN + sa.cast(NET, sa.Text)
    if asked.beyond_net:
        cost = sa.func.coalesce(sa.cast(SaleLine.cost_minor, sa.Text), "")
        whole = whole + _BETWEEN + sa.cast(SaleLine.quantity, sa.Text) + _BETWEEN + cost
    if current_database().is_sqlite:
        # It puts texts together in the order in which they come, and knows no other.
        columns = (SaleLine.sale_id, whole.label("said"))
        rows = sa.select(*columns).where(of_these).order_by(SaleLine.sale_id, SaleLine.position).subquery()
        return _texts(sa.select(rows.c.sale_id, _one_text(rows.c.said)), rows.c.sale_id)
    in_order = postgresql.aggregate_order_by(_BETWEEN, SaleLine.position)
    return _texts(
        sa.select(SaleLine.sale_id, sa.func.string_agg(whole, in_order)).where(of_these), SaleLine.sale_id
    )
