"""Told apart by the database, sales earn the same as with everything known of them in hand."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings

from commissions import rates
from commissions.models import Entry, PlanVersion
from commissions.operations.bulk import Accrual, facts_by_id
from commissions.queries import bare as queries
from core.database import session
from referrals.models import AttributionSource, Sale
from tests.commissions.cast import FIRST_OF_MARCH, a_definition, a_line, a_live_plan, given_back, sold
from tests.commissions.test_rates_bulk import plain_plans

_QUARTER = timedelta(days=89)


@pytest.fixture
def many_sales(acme: Any, rival: Any) -> tuple[int, int]:
    """Sales that differ in everything a plan may ask about; answers their first id and their last."""
    acme.tier = "gold"
    a_live_plan()
    customers: list[dict[str, Any]] = [
        {"external_id": "cus_1", "name": "Globex", "country": "DE", "size": "1"},
        {"external_id": "cus_2", "name": "Initech", "country": "FR"},
        {"name": "Hooli", "domain": "hooli.example"},
    ]
    tags: list[Any] = [None, True, 1, "1", "x", ["x", True]]
    kinds = ("licence", "training", "support")
    ways = (AttributionSource.PARTNER, AttributionSource.CODE, AttributionSource.LINK)
    for number in range(24):
        tag = tags[number % len(tags)]
        sale = sold(
            (acme, rival)[number % 2],
            *[
                a_line(kind, 137 * (number + 1) * (place + 3) % 9_500 + 1, quantity=1 + number % 3)
                | {"product": (None, "cloud", "desk")[(number + place) % 3]}
                for place, kind in enumerate(kinds[: 1 + number % 3])
            ],
            name=f"inv_{number}",
            occurred_at=FIRST_OF_MARCH + _QUARTER * (number // 6) + timedelta(days=number % 4),
            customer=customers[number % len(customers)],
            currency="USD" if number % 7 == 6 else "EUR",
            type=("new", "renewal")[number % 2],
            metadata={} if tag is None else {"tag": tag},
        )
        sale.attribution_source = ways[number // 2 % len(ways)]
    session.flush()
    first, last = session.execute(sa.select(sa.func.min(Sale.id), sa.func.max(Sale.id))).one()
    return first, last


def _version() -> PlanVersion:
    return session.scalars(sa.select(PlanVersion)).one()


@settings(max_examples=60)
@given(plain_plans())
def test_any_plan_pays_the_same_in_few_columns(many_sales: tuple[int, int], plan: rates.PlanVersion) -> None:
    first, last = many_sales
    bare = rates.Bare(rates.Bulk(plan))
    sales = queries.sales_within(bare.asked, _version().id, first, last)
    earned = bare.entries_of(sales, facts_by_id)
    facts = facts_by_id([sale.sale_id for sale in sales])
    assert len(sales) == 24
    for sale in sales:
        expected = [
            (
                entry.key.line,
                entry.key.kind,
                entry.key.name,
                int(entry.key.beneficiary.id) if entry.key.beneficiary.id is not None else None,
                entry.amount_minor,
            )
            for entry in rates.compute(plan, facts[sale.sale_id]).entries
        ]
        found = earned[sale.sale_id]
        assert found is None or [tuple(entry) for entry in found] == expected
    if bare.bulk.is_plain:
        assert any(found is not None for found in earned.values())


@pytest.mark.usefixtures("many_sales")
def test_what_agrees_is_left_alone_and_what_was_given_back_is_worked_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sale = session.scalars(sa.select(Sale).order_by(Sale.id)).first()
    assert sale is not None
    given_back(sale, 1, "re_1")
    accrual = Accrual(by=None)
    one_by_one: list[list[int]] = []
    work_out = accrual.work_out
    monkeypatch.setattr(accrual, "work_out", lambda ids: (one_by_one.append(list(ids)), work_out(ids))[1])
    before = session.scalar(sa.select(sa.func.count()).select_from(Entry))
    ids = list(session.scalars(sa.select(Sale.id).order_by(Sale.id)))
    outcome = accrual.go_over(ids)
    assert (outcome.sales, outcome.posted, outcome.differences) == (24, 0, 0)
    assert outcome.lines == session.scalar(sa.text("SELECT count(*) FROM referrals_sale_line"))
    assert sale.id in one_by_one[0] and len(one_by_one[0]) < 24
    assert session.scalar(sa.select(sa.func.count()).select_from(Entry)) == before


def test_who_came_by_a_link_is_told_apart_from_whom_nobody_brought(acme: Any) -> None:
    by_link = {
        "name": "Links",
        "when": {"all": [{"field": "sale.source", "op": "eq", "value": "link"}]},
        "amount": {"type": "percent", "rate": "10"},
    }
    a_live_plan(a_definition(rules=[by_link], splits=[]))
    ways = (AttributionSource.LINK, AttributionSource.PARTNER, AttributionSource.CODE, AttributionSource.LINK)
    found = [sold(acme, name=f"inv_{number}") for number in range(len(ways))]
    for sale, way in zip(found, ways, strict=True):
        sale.attribution_source = way
    session.flush()
    bare = rates.Bare(rates.Bulk(rates.parse(_version().definition)))
    sales = queries.sales_within(bare.asked, _version().id, found[0].id, found[-1].id)
    earned = bare.entries_of(sales, facts_by_id)
    assert [len(earned[sale.id] or []) for sale in found] == [1, 0, 0, 1]
