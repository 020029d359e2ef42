"""Two who tell the same thing at the same instant: it happens once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from core.database import session, transaction
from core.errors import Refusal
from referrals.models import Customer, Refund, Sale
from referrals.operations import sales
from tests.referrals.deals.cast import later_data, sale_data


def at_once(app: Flask, *deeds: Callable[[], Any]) -> list[Any]:
    """What each deed answered, all begun at one moment in a transaction each; a refusal is its sentence."""
    barrier = Barrier(len(deeds))

    def do(deed: Callable[[], Any]) -> Any:
        with app.app_context():
            barrier.wait(10)
            try:
                with transaction():
                    return deed()
            except Refusal as refusal:
                return refusal.sentence

    with ThreadPoolExecutor(len(deeds)) as pool:
        return [answer.result(60) for answer in [pool.submit(do, deed) for deed in deeds]]


@pytest.mark.timeout(120)
def test_the_same_sale_twice_at_once_is_recorded_once(own_app: Flask) -> None:
    deed = lambda: sales.record_sale(sale_data(), by=None).is_new  # noqa: E731
    assert sorted(at_once(own_app, deed, deed, deed, deed)) == [False, False, False, True]
    with own_app.app_context():
        assert session.scalar(sa.select(sa.func.count()).select_from(Sale)) == 1
        assert session.scalar(sa.select(sa.func.count()).select_from(Customer)) == 1


@pytest.mark.timeout(120)
def test_the_same_list_twice_at_once_and_one_of_its_sales_beside_is_recorded_once(own_app: Flask) -> None:
    rows = [sale_data(f"s{number}") for number in range(5)]

    def many() -> int:
        return sum(outcome.is_new for outcome in sales.record_sales(rows, by=None))

    def one() -> int:
        return int(sales.record_sale(rows[3], by=None).is_new)

    assert sum(at_once(own_app, many, many, one)) == 5
    with own_app.app_context():
        assert session.scalar(sa.select(sa.func.count()).select_from(Sale)) == 5
        assert session.scalar(sa.select(sa.func.count()).select_from(Customer)) == 1


@pytest.mark.timeout(120)
def test_two_sales_of_a_new_customer_at_once_make_one_customer(own_app: Flask) -> None:
    at_once(own_app, *(lambda n=n: sales.record_sale(sale_data(f"s{n}"), by=None).is_new for n in range(4)))
    with own_app.app_context():
        assert session.scalar(sa.select(sa.func.count()).select_from(Customer)) == 1


@pytest.mark.timeout(120)
def test_a_refund_that_passes_its_sale_on_the_way_finds_it(own_app: Flask) -> None:
    for number in range(6):
        name = f"s{number}"
        at_once(
            own_app,
            lambda name=name: sales.record_sale(sale_data(name), by=None).is_new,
            lambda name=name: (
                sales.record_refund(later_data(f"r-{name}", 1_00, sale_external_id=name), by=None).is_new
            ),
        )
    with own_app.app_context():
        assert session.scalars(sa.select(Refund).where(Refund.sale_id.is_(None))).all() == []


@pytest.mark.timeout(120)
def test_refunds_at_once_never_exceed_the_sale_together(own_app: Flask) -> None:
    with own_app.app_context(), transaction():
        sales.record_sale(sale_data(), by=None)

    def refund(number: int) -> bool:
        sale = session.scalars(sa.select(Sale)).one()
        return sales.record_refund(later_data(f"r{number}", 60_00), sale=sale, by=None).is_new

    answers = at_once(own_app, *(lambda n=n: refund(n) for n in range(3)))
    assert answers.count(True) == 1
    with own_app.app_context():
        assert session.scalars(sa.select(Sale)).one().refunded_minor == 60_00
