"""The past never changes: new versions, other tiers and other holds leave every old line and every pair as they are."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from commissions.models import Entry, Pair
from commissions.operations.bulk import Accrual
from commissions.operations.proofs import check_proofs
from commissions.settings import REFUND_WINDOW_DAYS
from core.database import session
from core.settings import change_setting
from partners.operations import change_tier
from tests.commissions.cast import a_definition, a_line, a_live_plan, given_back, sold
from tests.commissions.plans import percent, when

JUNE = datetime(2026, 6, 1, 10, tzinfo=UTC)


@pytest.fixture
def first_version(programme: None) -> Any:
    gold = percent("20", name="Gold", when=when(("partner.tier", "eq", "gold")))
    return a_live_plan(a_definition(rules=[gold, percent("10", name="Base")], splits=[]))


def a_new_version(_acme: Any) -> None:
    a_live_plan(a_definition(rules=[percent("1", name="Less")], splits=[], hold_days=90))


def another_tier(acme: Any) -> None:
    change_tier(acme, "silver", reason="The year was weak.", by=None)


def both(acme: Any) -> None:
    a_new_version(acme)
    another_tier(acme)


def said(entry: Entry) -> tuple[Any, ...]:
    return (entry.amount_minor, entry.rule, entry.available_at, entry.plan_version_id, entry.proof)


@pytest.mark.parametrize("change", [a_new_version, another_tier, both])
def test_no_old_line_moves_and_refunds_go_by_the_old_figures(
    first_version: Any, acme: Any, change: Callable[[Any], None]
) -> None:
    sale = sold(acme, a_line(minor=10_000))
    before = [said(entry) for entry in session.scalars(sa.select(Entry).order_by(Entry.id))]
    change(acme)
    given_back(sale, 5_000)
    session.expire_all()
    lines = list(session.scalars(sa.select(Entry).order_by(Entry.id)))
    assert [said(entry) for entry in lines[:-1]] == before
    assert lines[-1].amount_minor == -1_000, "half of the 20 % that held when it was sold"
    assert not check_proofs(by=None, everything=True).differing


def test_a_pair_keeps_its_version_and_a_new_customer_gets_the_new_one(first_version: Any, acme: Any) -> None:
    sold(acme, a_line(minor=10_000))
    a_new_version(acme)
    sold(acme, a_line(minor=10_000), name="inv_2", occurred_at=JUNE)
    other = {"external_id": "cus_9", "name": "Initech", "country": "DE", "domain": "initech.example"}
    sold(acme, a_line(minor=10_000), name="inv_3", occurred_at=JUNE, customer=other)
    assert list(session.scalars(sa.select(Entry.amount_minor).order_by(Entry.id))) == [2_000, 2_000, 100]
    assert len(session.scalars(sa.select(Pair.plan_version_id).distinct()).all()) == 2


def test_the_hold_of_a_line_is_fixed_when_it_is_made(first_version: Any, acme: Any) -> None:
    sold(acme, a_line(minor=10_000))
    old = session.scalars(sa.select(Entry)).one()
    a_new_version(acme)
    session.expire_all()
    assert (old.available_at - old.received_at).days == 30


@pytest.mark.parametrize(("window", "days"), [("14", 30), ("45", 45)])
def test_a_line_waits_for_the_end_of_the_refund_window_if_that_is_later(
    first_version: Any, acme: Any, window: str, days: int
) -> None:
    """Sale by sale and in bulk; what is in the books keeps its moment."""
    sold(acme, a_line(minor=10_000))
    change_setting(REFUND_WINDOW_DAYS, window, by=None)
    sold(acme, a_line(minor=10_000), name="inv_2")
    unplanned = sold(acme, a_line(minor=10_000), name="inv_3", plan="later")
    a_live_plan(a_definition(rules=[percent("10")], splits=[]), code="later")
    Accrual(by=None).work_out([unplanned.id])
    session.expire_all()
    entries = session.scalars(sa.select(Entry).order_by(Entry.id))
    assert [(entry.available_at - entry.received_at).days for entry in entries] == [30, days, days]
