"""Facts of money in any order, however often each comes: the same sale in the end.

A machine of Hypothesis tells a fixed set of facts in an order and with repetitions of its choosing, and compares the
books with what the set alone says.
"""

from itertools import permutations
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core.database import session
from core.errors import Refusal
from core.signals import receives
from referrals.models import Chargeback, Payment, Refund, Sale
from referrals.operations import sales
from referrals.signals.sales import ChargebackRecorded, PaymentRecorded, RefundRecorded, SaleRecorded
from tests.referrals.deals.cast import later_data, sale_data

TOTAL = 100_00

heard: list[Any] = []


@receives(SaleRecorded, PaymentRecorded, RefundRecorded, ChargebackRecorded)
def _hear(signal: Any) -> None:
    heard.append(signal)


FACTS: dict[str, Any] = {
    "sale": lambda: sales.record_sale(sale_data(minor=TOTAL, paid="none", invoice="R-1"), by=None),
    "sale again elsewhere": lambda: sales.record_sale(
        sale_data("in_1", minor=TOTAL, paid="none", invoice="R-1"), by=None, source="stripe"
    ),
    "payment": lambda: sales.record_payment(later_data("p1", 40_00, sale_external_id="inv_1"), by=None),
    "second payment": lambda: sales.record_payment(later_data("p2", 60_00, sale_external_id="R-1"), by=None),
    "refund": lambda: sales.record_refund(later_data("r1", 30_00, sale_external_id="inv_1"), by=None),
    "refund by Stripe": lambda: sales.record_refund(
        later_data("r1", 20_00, sale_external_id="in_1"), by=None, source="stripe"
    ),
    "opened": lambda: sales.record_chargeback(
        later_data("d1", 50_00, sale_external_id="inv_1", status="opened"), by=None
    ),
    "lost": lambda: sales.record_chargeback(
        later_data("d1", 50_00, sale_external_id="inv_1", status="lost"), by=None
    ),
}


def the_end() -> tuple[Any, ...]:
    """Everything that must not depend on the order."""
    sale = session.scalars(sa.select(Sale)).one()
    session.refresh(sale)
    return (
        sale.total_minor,
        sale.received_minor,
        sorted((one.source, one.external_id, one.amount_minor) for one in sale.payments),
        sorted((one.source, one.external_id, one.amount_minor) for one in sale.counted_refunds),
        sorted((one.external_id, one.status.value) for one in sale.chargebacks),
        sale.status.value,
    )


EXPECTED = (
    TOTAL,
    TOTAL,
    [("api", "p1", 40_00), ("api", "p2", 60_00)],
    [("api", "r1", 30_00), ("stripe", "r1", 20_00)],
    [("d1", "lost"), ("d1", "opened")],
    "reversed",
)


class Telling(RuleBasedStateMachine):
    """Tells facts, each as often as it likes, inside a savepoint of its own."""

    @initialize()
    def begin(self) -> None:
        self.savepoint = session.begin_nested()
        self.told: set[str] = set()
        heard.clear()

    @rule(name=st.sampled_from(sorted(FACTS)))
    def tell(self, name: str) -> None:
        recorded = FACTS[name]()
        once_known = name == "sale again elsewhere" and "sale" in self.told
        once_known |= name == "sale" and "sale again elsewhere" in self.told
        assert recorded.is_new is (name not in self.told and not once_known)
        self.told.add(name)

    @precondition(lambda self: "sale" in self.told)
    @rule()
    def refund_too_much(self) -> None:
        sale = session.scalars(sa.select(Sale)).one()
        before = sale.refunded_minor
        with pytest.raises(Refusal), session.begin_nested():
            sales.record_refund(later_data("too much", TOTAL + 1), sale=sale, by=None)
        session.expire_all()
        assert sale.refunded_minor == before

    def teardown(self) -> None:
        for tell in FACTS.values():
            tell()
        assert the_end() == EXPECTED
        subjects = [(type(signal).__name__, signal.subject.id) for signal in heard]
        assert len(subjects) == len(set(subjects)) == 7
        assert subjects[0][0] == "SaleRecorded"
        self.savepoint.rollback()
        session.expunge_all()


def test_facts_told_in_any_order_and_again_and_again_come_to_the_same() -> None:
    run_state_machine_as_test(
        Telling,
        settings=settings(
            max_examples=25,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_every_order_of_sale_refund_payment_and_chargeback_comes_to_the_same() -> None:
    names = ("sale", "payment", "refund", "opened", "lost")
    ends = set()
    for order in permutations(names):
        savepoint = session.begin_nested()
        for name in order:
            FACTS[name]()
        ends.add(str(the_end()))
        savepoint.rollback()
        session.expunge_all()
    assert len(ends) == 1


def test_nothing_that_came_early_is_left_behind() -> None:
    for name in ("refund", "payment", "opened", "lost", "sale"):
        FACTS[name]()
    for kind in (Payment, Refund, Chargeback):
        assert session.scalars(sa.select(kind).where(kind.sale_id.is_(None))).all() == []
