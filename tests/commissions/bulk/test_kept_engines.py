"""What was learnt of a version is kept from step to step, and is never asked about anything else."""

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from commissions import rates
from commissions.models import Entry, PlanVersion
from commissions.operations import bulk, plans
from commissions.operations.bulk import Accrual, engine_of, facts_by_id
from commissions.queries import bare as queries
from core.database import session
from core.settings import PROGRAMME_TIME_ZONE, change_setting
from referrals.models import Sale
from tests.commissions.cast import a_definition, a_draft, a_line, a_live_plan, sold


def _licences_at(rate: str) -> dict[str, Any]:
    rule = {"name": "Every licence", "amount": {"type": "percent", "rate": rate}}
    return a_definition(rules=[rule], splits=[])


def _ten_sales(firm: Any) -> None:
    for number in range(10):
        sold(firm, a_line("licence", 10_000 + number), name=f"inv_{number}")


def _would_be(draft: PlanVersion) -> int:
    [total] = plans.simulate(draft, by=None)["totals"]
    return int(total["would_be_minor"])


def test_a_shape_is_learnt_once_a_run_and_not_once_a_step(acme: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    a_live_plan()
    _ten_sales(acme)
    draft = a_draft(_licences_at("11"))
    monkeypatch.setattr(plans, "STEP", 3)
    read: list[list[int]] = []
    monkeypatch.setattr(plans, "facts_by_id", lambda ids: (read.append(ids), facts_by_id(ids))[1])
    assert _would_be(draft) == sum((11 * (10_000 + number) + 50) // 100 for number in range(10))
    assert [len(ids) for ids in read] == [1]
    assert _would_be(draft) and len(read) == 1


def test_a_draft_that_was_changed_begins_anew(acme: Any) -> None:
    a_live_plan()
    _ten_sales(acme)
    draft = a_draft(_licences_at("10"))
    assert _would_be(draft) == 10 * 1_000 + 5
    plans.change_draft(draft, _licences_at("20"), by=None)
    assert _would_be(draft) == 10 * 2_000 + 9
    plans.change_draft(draft, _licences_at("10"), by=None)
    assert _would_be(draft) == 10 * 1_000 + 5


def test_another_time_zone_begins_anew(acme: Any) -> None:
    """A month from the 31st in Berlin ends a day before a month from what is the 30th still in UTC."""
    change_setting(PROGRAMME_TIME_ZONE, "Europe/Berlin", by=None)
    a_month = {"name": "A month", "amount": {"type": "percent", "rate": "10"}, "term_months": 1}
    a_live_plan(a_definition(rules=[a_month], splits=[]))
    sold(acme, name="inv_1", occurred_at=datetime(2026, 1, 30, 23, 30, tzinfo=UTC))
    second = sold(acme, name="inv_2", occurred_at=datetime(2026, 2, 28, 12, tzinfo=UTC))
    version = session.scalars(sa.select(PlanVersion)).one()
    first, last = session.execute(sa.select(sa.func.min(Sale.id), sa.func.max(Sale.id))).one()
    kept = engine_of(version)
    for zone, lines in (("Europe/Berlin", 0), ("UTC", 1), ("Europe/Berlin", 0)):
        change_setting(PROGRAMME_TIME_ZONE, zone, by=None)
        bare = engine_of(version)
        assert (bare is kept) == (zone == "Europe/Berlin")
        earned = bare.entries_of(queries.sales_within(bare.asked, version.id, first, last), facts_by_id)
        assert len(earned[second.id] or []) == lines


def test_no_more_than_a_few_are_kept_and_the_last_used_stay(acme: Any) -> None:
    versions = [a_draft(_licences_at(str(rate))) for rate in range(1, bulk._ENGINES_KEPT + 3)]
    first = engine_of(versions[0])
    for version in versions[1:]:
        engine_of(version)
        assert engine_of(versions[0]) is first
    assert len(bulk._engines.known) == bulk._ENGINES_KEPT
    second = rates.Bare(rates.Bulk(rates.parse(versions[1].definition)))
    assert engine_of(versions[1]) is not second


def test_a_product_may_hold_whatever_somebody_wrote(acme: Any) -> None:
    """The characters between the fields of a line, in a name that a rule looks into, change nothing."""
    named = {
        "name": "Clouds",
        "when": {"all": [{"field": "line.product", "op": "contains", "value": "cloud"}]},
        "amount": {"type": "percent", "rate": "10"},
    }
    a_live_plan(a_definition(rules=[named], splits=[]))
    products = [
        "cloud",
        f"a{rates.BETWEEN}cloud",
        f"cloud{rates.BETWEEN}1",
        f"desk{rates.WITHIN}",
        "\\",
        None,
    ]
    for number, product in enumerate(products):
        sale = sold(acme, a_line(), a_line("training"), name=f"inv_{number}")
        sale.lines[0].product = product
    session.flush()
    version = session.scalars(sa.select(PlanVersion)).one()
    first, last = session.execute(sa.select(sa.func.min(Sale.id), sa.func.max(Sale.id))).one()
    bare = engine_of(version)
    earned = bare.entries_of(queries.sales_within(bare.asked, version.id, first, last), facts_by_id)
    assert [len(found or []) for _sale_id, found in sorted(earned.items())] == [1, 1, 1, 0, 0, 0]


def test_the_books_are_read_as_what_should_stand_in_them_is_written(acme: Any, rival: Any) -> None:
    a_live_plan()
    for number, firm in enumerate((acme, rival)):
        sold(firm, a_line(), a_line("training", 33_333), name=f"inv_{number}")
    ids = list(session.scalars(sa.select(Sale.id).order_by(Sale.id)))
    Accrual(by=None).work_out(ids)
    booked = queries.entries_within(ids[0], ids[-1])
    for sale_id in ids:
        entries = session.scalars(sa.select(Entry).where(Entry.sale_id == sale_id).order_by(Entry.id))
        said = rates.entries_as_text(
            (entry.line or 0, str(entry.kind), entry.rule, entry.partner_id, entry.amount_minor)
            for entry in entries
        )
        assert sorted(booked[sale_id].split(rates.BETWEEN)) == sorted(said.split(rates.BETWEEN))
