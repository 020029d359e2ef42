"""Thousands of sales at a time wait for their milestones exactly as one sale after another does."""

from typing import Any

import pytest
import sqlalchemy as sa

from commissions.models import Entry, EntryHold
from commissions.operations.accrual import accrue
from commissions.operations.bulk import Accrual
from commissions.queries.earnings import entries_with_state
from core.database import session
from referrals.models import ReachedBy, Sale
from referrals.operations import deals, save_estimate
from referrals.operations.estimates import EstimateData, MilestoneData
from referrals.operations.milestones import reach_milestone, undo_milestone
from referrals.queries.milestones import milestones_of
from tests.commissions.cast import a_definition, a_line, a_live_plan, sold
from tests.referrals.deals import cast as deal_cast


@pytest.fixture
def deal(programme: None, acme: Any) -> Any:
    """A won project in two milestones; nobody has published a plan yet."""
    found = deal_cast.a_deal(acme)
    plain = deal_cast.an_estimate(deal_cast.a_line("implementation", 100_000))
    milestones = (
        MilestoneData(name="Installed", amount_minor=40_000),
        MilestoneData(name="Live", amount_minor=60_000),
    )
    data = EstimateData(
        currency=plain.currency, billed_by=plain.billed_by, lines=plain.lines, milestones=milestones
    )
    save_estimate(found, data, by=None)
    deals.win_deal(found, order="PO-9", by=None)
    session.flush()
    return found


def _project_sales(deal: Any) -> None:
    """A sale of each milestone, one of the whole project, a licence of it, and a training of no project."""
    of_deal = {"deal_id": str(deal.id)}
    part = {"paid": "part", "paid_minor": 20_000}
    installed, live = {"milestone": "Installed"}, {"milestone": "live"}
    lines = a_line("implementation", 40_000), a_line("implementation", 60_000)
    sold(deal.partner, lines[0], name="inv_1", metadata=installed, **of_deal, **part)
    sold(deal.partner, lines[1], name="inv_2", metadata=live, **of_deal, **part)
    sold(deal.partner, lines[0], lines[1], name="inv_3", **of_deal)
    sold(deal.partner, lines[1], name="inv_4", metadata=live, **of_deal)
    sold(deal.partner, a_line("licence", 60_000), name="inv_5", **of_deal)
    sold(deal.partner, a_line("training", 9_000), name="inv_6")


def _states() -> list[Any]:
    """Every line with where it stands, and what holds it."""
    session.flush()
    lines = [
        (entry.key, entry.amount_minor, state)
        for entry, state, _payout_id in session.execute(entries_with_state(sa.select(Entry)))
    ]
    holds = session.execute(
        sa.select(Entry.key, EntryHold.cause, EntryHold.reason, EntryHold.lifted_at.is_(None))
        .join(Entry, Entry.id == EntryHold.entry_id)
        .order_by(Entry.key, EntryHold.cause)
    )
    return [sorted(lines), [tuple(row) for row in holds]]


class _Undo(Exception):
    pass


def _one_by_one() -> list[Any]:
    """The states that sale by sale come to; undone again."""
    states: list[Any] = []
    try:
        with session.begin_nested():
            for sale in session.scalars(sa.select(Sale).order_by(Sale.occurred_at, Sale.external_id)).all():
                accrue(sale, sale, by=None)
            states = _states()
            raise _Undo
    except _Undo:
        session.expire_all()
    return states


def _in_bulk(how: str) -> list[Any]:
    ids = list(session.scalars(sa.select(Sale.id).order_by(Sale.id)))
    getattr(Accrual(by=None), how)(ids)
    session.expire_all()
    return _states()


def _reach(deal: Any, number: int, by: Any) -> Any:
    milestone = milestones_of(deal.id)[number]
    return reach_milestone(deal, milestone, way=ReachedBy.ACCEPTED, document="Protocol 7", by=by)


@pytest.mark.parametrize("how", ["work_out", "go_over"])
@pytest.mark.parametrize("reached", [(), (0,), (1,), (0, 1)])
def test_new_lines_stand_where_they_stand_one_by_one(
    deal: Any, mona: Any, time: Any, how: str, reached: tuple[int, ...]
) -> None:
    _project_sales(deal)
    for number in reached:
        _reach(deal, number, mona)
    a_live_plan(a_definition(effective_from="2024-01-01T00:00:00+00:00"))
    time.move(days=40)
    expected = _one_by_one()
    assert len(expected[0]) > 6
    # All are reached: nothing waits. Otherwise some shares do, and others do not.
    assert {state for _key, _amount, state in expected[0]} == (
        {"payable"} if reached == (0, 1) else {"held", "payable"}
    )
    assert _in_bulk(how) == expected


@pytest.mark.parametrize("how", ["work_out", "go_over"])
def test_lines_that_stand_in_the_books_begin_to_wait_as_one_by_one(
    deal: Any, mona: Any, time: Any, how: str
) -> None:
    """A sale that was not known to be of the project when it was computed: no amount differs, its holds do."""
    a_live_plan(a_definition(effective_from="2024-01-01T00:00:00+00:00"))
    sold(deal.partner, a_line("implementation", 60_000), a_line("licence", 900), name="inv_1")
    time.move(days=40)
    assert {state for _key, _amount, state in _states()[0]} == {"payable"}
    session.execute(sa.update(Sale).values(deal_id=deal.id))
    session.expire_all()
    expected = _one_by_one()
    assert [(cause.partition(":")[0], is_open) for _key, cause, _why, is_open in expected[1]] == [
        ("milestones", True)
    ]
    assert _in_bulk(how) == expected
    assert _in_bulk(how) == expected


@pytest.mark.parametrize("how", ["work_out", "go_over"])
def test_what_was_reached_by_mistake_is_the_same(deal: Any, mona: Any, time: Any, how: str) -> None:
    a_live_plan(a_definition(effective_from="2024-01-01T00:00:00+00:00"))
    _project_sales(deal)
    _reach(deal, 0, mona)
    undo_milestone(_reach(deal, 1, mona), by=mona)
    time.move(days=40)
    before = _states()
    assert _one_by_one() == before
    assert _in_bulk(how) == before
