"""A sale that is told late goes by the tier that its partner had when it took place, one by one and in bulk alike."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from commissions.models import Assessment, Entry
from commissions.operations.accrual import accrue
from commissions.operations.bulk import Accrual
from core import clock
from core.database import session
from partners.operations import change_tier
from partners.queries.tier_history import TierMove, TierThen, tier_at
from referrals.models import Sale
from referrals.operations.sales import record_sales
from tests.browser import Browser
from tests.commissions.cast import a_definition, a_line, a_live_plan, sold
from tests.conftest import MONDAY_MORNING, Time
from tests.referrals.deals.cast import sale_data

JANUARY = MONDAY_MORNING - timedelta(days=50)


@pytest.fixture
def moves(acme: Any, time: Time) -> list[datetime]:
    """Acme was gold, became silver ten days ago and platinum two days ago."""
    a_live_plan(a_definition(effective_from="2025-01-01T00:00:00+00:00"))
    days = []
    for ago, tier in ((10, "silver"), (2, "platinum")):
        days.append(time.move_to(MONDAY_MORNING - timedelta(days=ago)))
        change_tier(acme, tier, reason="The figures say so.", by=None)
    time.move_to(MONDAY_MORNING)
    return days


def _rules() -> dict[str, str]:
    """The rule by which each sale's licence earned."""
    rows = session.execute(
        sa.select(Sale.external_id, Entry.rule).join(Sale, Sale.id == Entry.sale_id).where(Entry.line == 0)
    )
    return {name: rule.partition(":")[0] for name, rule in rows}


def _moments(moves: list[datetime]) -> dict[str, datetime]:
    to_silver, to_platinum = moves
    return {
        "long ago": JANUARY,
        "just before": to_silver - timedelta(seconds=1),
        "with it": to_silver,
        "between": to_platinum - timedelta(days=1),
        "today": clock.now(),
    }


EXPECTED = {
    "long ago": "Gold",
    "just before": "Gold",
    "with it": "Silver",
    "between": "Silver",
    "today": "Platinum",
}


def test_a_late_sale_goes_by_the_tier_of_its_day(acme: Any, moves: list[datetime]) -> None:
    for name, moment in _moments(moves).items():
        sold(acme, a_line("licence", 100_000), name=name, occurred_at=moment)
    assert _rules() == EXPECTED


def test_many_at_once_go_by_it_as_well(acme: Any, moves: list[datetime]) -> None:
    rows = [
        sale_data(name, partner_id=str(acme.id), occurred_at=moment) | {"lines": [a_line("licence", 100_000)]}
        for name, moment in reversed(_moments(moves).items())
    ]
    with session.begin_nested() as undone:
        for row in rows:
            sold(acme, *row["lines"], name=row["external_id"], occurred_at=row["occurred_at"])
        alone = _kept()
        undone.rollback()
    session.expire_all()
    record_sales(rows, by=None)
    assert _rules() == EXPECTED
    assert _kept() == alone


def _kept() -> dict[str, Any]:
    rows = session.execute(sa.select(Sale.external_id, Assessment.partner).join(Sale))
    return {name: partner for name, partner in rows}  # noqa: C416 - rows are no pairs to dict()


def test_what_was_assessed_stays_as_it_was(acme: Any, moves: list[datetime]) -> None:
    """Working everything out again later, in another tier, changes nothing."""
    for name, moment in _moments(moves).items():
        sold(acme, a_line("licence", 100_000), name=name, occurred_at=moment)
    change_tier(acme, "registered", reason="The contract ends.", by=None)
    sales = list(session.scalars(sa.select(Sale)))
    outcome = Accrual(by=None).work_out([sale.id for sale in sales])
    assert (outcome.posted, outcome.differences) == (0, 0)
    assert not any(accrue(sale, sale, by=None) for sale in sales)
    assert _rules() == EXPECTED


def test_the_proof_says_which_tier_and_since_when(
    browser: Browser, acme: Any, ada: Any, moves: list[datetime]
) -> None:
    sold(acme, a_line("licence", 100_000), name="between", occurred_at=moves[1] - timedelta(days=1))
    entry = session.scalars(sa.select(Entry)).one()
    browser.sign_in(ada).open(f"/earnings/lines/{entry.id}")
    assert browser.sees(
        "The tier that counts is the one before the sale: Silver, since 20\u00a0February\u00a02026."
    )


def test_a_sale_before_any_plan_earns_nothing_in_whatever_order_it_is_told(acme: Any) -> None:
    a_live_plan()
    day = datetime.fromisoformat("2025-12-01T12:00:00+00:00")
    customer = {"external_id": "cus_1", "name": "Globex", "country": "DE"}
    sold(acme, name="today", customer=customer)
    sold(acme, name="too early", occurred_at=day, customer=customer)
    record_sales(
        [sale_data("too early as well", partner_id=str(acme.id), occurred_at=day, customer=customer)], by=None
    )
    assert set(_rules()) == {"today"}


@pytest.mark.pure
def test_a_firm_that_never_moved_has_its_tier_from_the_beginning() -> None:
    noon = MONDAY_MORNING
    moves = [TierMove(noon, "silver", "gold"), TierMove(noon + timedelta(days=2), "gold", "silver")]
    assert tier_at(noon, "gold", []) == TierThen("gold", None)
    assert tier_at(noon - timedelta(days=1), "silver", moves) == TierThen("silver", None)
    assert tier_at(noon + timedelta(days=1), "silver", moves) == TierThen("gold", noon)
    assert tier_at(noon + timedelta(days=3), "silver", moves) == TierThen("silver", noon + timedelta(days=2))
