"""Thousands of sales at a time come to the same lines, proofs and postings as one sale after another."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from commissions import ledger
from commissions.models import (
    Account,
    Assessment,
    CachedBalance,
    CapUse,
    EarnedDay,
    Entry,
    JournalEntry,
    Pair,
)
from commissions.operations.accrual import accrue
from commissions.operations.bulk import Accrual, Outcome
from commissions.queries.earnings import balances
from core.database import session
from referrals.models import Sale
from tests.commissions.cast import FIRST_OF_MARCH, a_definition, a_line, a_live_plan, given_back, sold

KINDS = ("licence", "implementation", "training")


def _sales() -> list[Sale]:
    return list(session.scalars(sa.select(Sale).order_by(Sale.occurred_at, Sale.external_id)))


def _work_out(**about: Any) -> Outcome:
    return Accrual(by=None, **about).work_out([sale.id for sale in _sales()])


def _world() -> dict[str, Any]:
    """Everything that was computed, without ids and moments of writing."""
    session.flush()
    entries = [
        (
            entry.key, entry.kind, entry.amount_minor, entry.currency, entry.plan_version_id, entry.rule, entry.cause,
            entry.received_at, entry.available_at, entry.proof, entry.beneficiary,
        )
        for entry in session.scalars(sa.select(Entry).order_by(Entry.key))
    ]  # fmt: skip
    journal = [
        (
            entry.kind,
            entry.occurred_at,
            sorted((line.account.code, line.amount_minor) for line in entry.lines),
        )
        for entry in session.scalars(sa.select(JournalEntry))
    ]
    pairs = session.execute(
        sa.select(
            Pair.customer_id, Pair.partner_id, Pair.plan_id, Pair.plan_version_id, Pair.first_sale_at,
            Pair.first_sale_id,
        ).order_by(Pair.customer_id, Pair.partner_id)
    )  # fmt: skip
    assessments = session.execute(
        sa.select(
            Assessment.sale_id, Assessment.plan_version_id, Assessment.partner, Assessment.customer
        ).order_by(Assessment.sale_id)
    )
    caps = session.execute(
        sa.select(CapUse.sale_id, CapUse.amount_minor).where(CapUse.amount_minor > 0).order_by(CapUse.sale_id)
    )
    days = session.execute(
        sa.select(
            EarnedDay.partner_id, EarnedDay.currency, EarnedDay.available_on, EarnedDay.amount_minor
        ).order_by(EarnedDay.partner_id, EarnedDay.currency, EarnedDay.available_on)
    )
    return {
        "entries": entries,
        "journal": sorted(journal, key=repr),
        "pairs": [tuple(row) for row in pairs],
        "assessments": [tuple(row) for row in assessments],
        "caps": [tuple(row) for row in caps],
        "days": [tuple(row) for row in days],
        "balances": sorted(session.scalars(sa.select(CachedBalance.amount_minor))),
    }


class _Undo(Exception):
    pass


def _one_by_one() -> dict[str, Any]:
    """What sale by sale comes to; undone again."""
    world: dict[str, Any] = {}
    try:
        with session.begin_nested():
            for sale in _sales():
                accrue(sale, sale, by=None)
            world = _world()
            raise _Undo
    except _Undo:
        session.expire_all()
    return world


lines = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(1, 900_000) | st.integers(-300, 300)),
    min_size=1,
    max_size=3,
)
histories = st.lists(
    st.fixed_dictionaries(
        {
            "of": st.integers(0, 1),
            "lines": lines,
            "customer": st.integers(0, 2),
            "day": st.integers(0, 500),
            "currency": st.sampled_from(["EUR", "EUR", "USD"]),
            "billed_by": st.sampled_from(["vendor", "vendor", "partner"]),
            "type": st.sampled_from(["new", "renewal"]),
            "paid": st.sampled_from(["full", "full", "none"]),
            "refund": st.sampled_from([0, 0, 0, 7]),
        }
    ),
    min_size=1,
    max_size=7,
)


@settings(max_examples=25)
@given(histories)
def test_in_bulk_is_the_same_as_one_by_one(acme: Any, rival: Any, history: list[dict[str, Any]]) -> None:
    """Sales that came before there was a plan, with the bonus for first projects, its cap, splits and refunds."""
    with session.begin_nested() as sandbox:
        for number, about in enumerate(history):
            partner = (acme, rival)[about["of"]]
            sale = sold(
                partner,
                *[a_line(kind, minor) for kind, minor in about["lines"]],
                name=f"inv_{number}",
                occurred_at=FIRST_OF_MARCH + timedelta(days=about["day"] - 400),
                customer={"external_id": f"cus_{about['customer']}", "name": "Globex", "country": "DE"},
                **{name: about[name] for name in ("currency", "billed_by", "type", "paid")},
            )
            if about["refund"] and sale.total_minor > about["refund"]:
                given_back(sale, about["refund"], f"re_{number}")
        a_live_plan(a_definition(effective_from="2024-01-01T00:00:00+00:00"))
        expected = _one_by_one()
        _work_out()
        session.expire_all()
        found = _world()
        for what in expected:
            assert found[what] == expected[what], what
        assert ledger.audit() == []
        sandbox.rollback()
    session.expire_all()


def _came_to() -> dict[str, Any]:
    """As far as it does not depend on the order in which sales became known: what is granted and owed in the end."""
    session.flush()
    sums: dict[Any, int] = {}
    for entry in session.scalars(sa.select(Entry)):
        assert entry.sale is not None
        key = (entry.sale.external_id, entry.line, entry.rule, entry.beneficiary, entry.plan_version_id)
        sums[key] = sums.get(key, 0) + entry.amount_minor
    world = _world()
    owed = session.execute(
        sa.select(Account.partner_id, Account.currency, sa.func.sum(CachedBalance.amount_minor))
        .join(CachedBalance, CachedBalance.account_id == Account.id)
        .where(Account.partner_id.is_not(None))
        .group_by(Account.partner_id, Account.currency)
    )
    return {
        "sums": {key: amount for key, amount in sums.items() if amount},
        "pairs": world["pairs"],
        "assessments": world["assessments"],
        "caps": world["caps"],
        "owed": {(partner_id, currency): amount for partner_id, currency, amount in owed if amount},
        "audit": ledger.audit(),
    }


@settings(max_examples=25)
@given(histories, st.randoms(use_true_random=False), st.integers(1, 3))
def test_in_parts_and_any_order_is_the_same_as_one_by_one(
    acme: Any, rival: Any, history: list[dict[str, Any]], chance: Random, at_once: int
) -> None:
    """Each part may hold sales that took place before those of the parts before it, and so begin their pairs anew."""
    with session.begin_nested() as sandbox:
        for number, about in enumerate(history):
            sale = sold(
                (acme, rival)[about["of"]],
                *[a_line(kind, minor) for kind, minor in about["lines"]],
                name=f"inv_{number}",
                occurred_at=FIRST_OF_MARCH + timedelta(days=about["day"] - 450),
                customer={"external_id": f"cus_{about['customer']}", "name": "Globex", "country": "DE"},
                **{name: about[name] for name in ("currency", "billed_by", "type", "paid")},
            )
            if about["refund"] and sale.total_minor > about["refund"]:
                given_back(sale, about["refund"], f"re_{number}")
        a_live_plan(a_definition(effective_from="2025-01-01T00:00:00+00:00"))
        sales = _sales()
        chance.shuffle(sales)
        ids = [sale.id for sale in sales]
        with session.begin_nested() as undone:
            for sale in sales:
                accrue(sale, sale, by=None)
            expected = _came_to()
            undone.rollback()
        session.expire_all()
        accrual = Accrual(by=None)
        for start in range(0, len(ids), at_once):
            accrual.work_out(ids[start : start + at_once])
        session.expire_all()
        found = _came_to()
        for what in expected:
            assert found[what] == expected[what], what
        sandbox.rollback()
    session.expire_all()


@pytest.fixture
def three_sales(acme: Any) -> list[Sale]:
    for number in range(3):
        sold(acme, a_line("licence", 100_000 + number), a_line("training", 999), name=f"inv_{number}")
    a_live_plan()
    return _sales()


def test_a_second_time_posts_nothing(three_sales: list[Sale], acme: Any) -> None:
    first, second = _work_out(), _work_out()
    assert (first.sales, first.lines, first.posted > 0) == (3, 6, True)
    assert (second.sales, second.posted, second.differences) == (3, 0, 0)
    assert balances(acme) == balances(acme, as_of=three_sales[0].received_at)


def test_half_of_it_again_goes_on_where_it_was(three_sales: list[Sale]) -> None:
    Accrual(by=None).work_out([three_sales[0].id])
    assert _work_out().posted > 0
    assert ledger.audit() == []


def test_what_the_books_say_otherwise_is_told_and_corrected(three_sales: list[Sale], acme: Any) -> None:
    """An entry that no rule grants any more, as after a mistake in the programme."""
    _work_out()
    sale = three_sales[1]
    first = session.scalars(sa.select(Entry).where(Entry.sale_id == sale.id).order_by(Entry.id)).first()
    assert first is not None
    wrong = Entry(
        sale_id=sale.id, line=0, kind=first.kind, partner_id=acme.id, amount_minor=777, currency="EUR",
        plan_version_id=first.plan_version_id, rule="Gone", cause="sale:0", received_at=sale.received_at,
        available_at=first.available_at, proof={},
    )  # fmt: skip
    from commissions.operations.entries import post_entries

    post_entries([wrong], by=None)
    outcome = _work_out(cause="recomputation:1")
    [told] = outcome.differing
    assert (told["external_id"], told["was_minor"] - told["is_minor"]) == (sale.external_id, 777)
    assert _work_out().differences == 0
    assert ledger.audit() == []
