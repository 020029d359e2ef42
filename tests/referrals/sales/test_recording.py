"""Facts of money: each counts once, in whatever order and however often it comes."""

from datetime import UTC, datetime
from typing import Any

import pytest

from core.database import session
from core.errors import InvalidInput, Refusal
from core.signals import receives
from referrals.models import Customer, Refund, Sale, SaleStatus
from referrals.models.sales import Paid
from referrals.operations import sales
from referrals.signals.sales import (
    ChargebackRecorded,
    PaymentRecorded,
    RefundRecorded,
    RefundRefused,
    SaleRecorded,
)
from tests.referrals.deals.cast import a_sale, later_data, sale_data

heard: list[Any] = []


@receives(SaleRecorded, PaymentRecorded, RefundRecorded, RefundRefused, ChargebackRecorded)
def _hear(signal: Any) -> None:
    heard.append(signal)


@pytest.fixture(autouse=True)
def _nothing_heard_yet() -> None:
    heard.clear()


def the_names() -> list[str]:
    return [type(signal).__name__ for signal in heard]


def test_the_same_sale_again_changes_nothing_and_answers_the_first() -> None:
    first = sales.record_sale(sale_data(), by=None)
    again = sales.record_sale(sale_data(), by=None)
    assert (first.is_new, again.is_new) == (True, False)
    assert again.fact.id == first.fact.id
    assert the_names() == ["SaleRecorded"]


def test_the_same_id_with_another_body_is_refused() -> None:
    a_sale()
    with pytest.raises(Refusal, match="other contents"):
        sales.record_sale(sale_data(minor=200_00), by=None)


def test_one_invoice_through_two_channels_is_one_sale() -> None:
    first = sales.record_sale(sale_data("in_9", invoice="R-77"), by=None, source="stripe").fact
    again = sales.record_sale(sale_data("A-1", invoice="R-77"), by=None, source="api")
    assert not again.is_new
    assert again.fact.id == first.id
    sales.record_refund(later_data("re_1", 10_00, sale_external_id="A-1"), by=None)
    assert first.refunded_minor == 10_00


def test_one_invoice_with_two_sums_is_refused() -> None:
    sales.record_sale(sale_data("in_9", invoice="R-77"), by=None, source="stripe")
    with pytest.raises(Refusal, match="R-77"):
        sales.record_sale(sale_data("A-1", invoice="R-77", minor=1), by=None)


def test_a_refund_before_its_sale_waits_for_it() -> None:
    refund = sales.record_refund(later_data("re_1", 40_00, sale_external_id="inv_1"), by=None).fact
    assert refund.waits_for_its_sale
    assert the_names() == []
    sale = a_sale()
    assert refund.sale_id == sale.id
    assert the_names() == ["SaleRecorded", "RefundRecorded"]


def test_a_refund_finds_its_sale_by_the_invoice_too() -> None:
    refund = sales.record_refund(later_data("re_1", 40_00, sale_external_id="R-5"), by=None).fact
    sale = a_sale("inv_1", invoice="R-5")
    assert refund.sale_id == sale.id


def test_a_refund_that_waits_for_the_second_name_of_a_sale_finds_it() -> None:
    refund = sales.record_refund(
        later_data("re_1", 40_00, sale_external_id="in_9"), by=None, source="stripe"
    ).fact
    sale = a_sale("A-1", invoice="R-5")
    assert refund.waits_for_its_sale
    sales.record_sale(sale_data("in_9", invoice="R-5"), by=None, source="stripe")
    assert refund.sale_id == sale.id


def test_refunds_that_together_exceed_the_sale_are_refused() -> None:
    sale = a_sale()
    sales.record_refund(later_data("re_1", 60_00), sale=sale, by=None)
    with pytest.raises(Refusal, match=r"€110\.00"):
        sales.record_refund(later_data("re_2", 50_00), sale=sale, by=None)
    assert sale.refunded_minor == 60_00


def test_an_excess_that_waited_for_the_sale_counts_nowhere_and_is_told() -> None:
    for name in ("re_1", "re_2"):
        sales.record_refund(later_data(name, 60_00, sale_external_id="inv_1"), by=None)
    sale = a_sale()
    assert sale.refunded_minor == 60_00
    assert [refund.refused_because for refund in sale.refunds] == [None, "excess"]
    assert the_names() == ["SaleRecorded", "RefundRecorded", "RefundRefused"]


def test_a_refund_of_a_line_is_at_most_that_line() -> None:
    two = [{"kind": "licence", "unit_amount_minor": 60_00}, {"kind": "support", "unit_amount_minor": 40_00}]
    sale = a_sale(lines=two)
    with pytest.raises(Refusal):
        sales.record_refund(later_data("re_1", 50_00, line=1), sale=sale, by=None)
    with pytest.raises(InvalidInput):
        sales.record_refund(later_data("re_2", 1_00, line=2), sale=sale, by=None)
    sales.record_refund(later_data("re_3", 40_00, line=1), sale=sale, by=None)
    assert sale.refunded_minor == 40_00


def test_a_sale_given_back_whole_is_reversed() -> None:
    sale = a_sale()
    sales.record_refund(later_data("re_1", 100_00), sale=sale, by=None)
    assert sale.status is SaleStatus.REVERSED


@pytest.mark.parametrize("order", [("opened", "lost"), ("lost", "opened")])
def test_the_outcome_of_a_chargeback_counts_whatever_came_first(order: tuple[str, str]) -> None:
    sale = a_sale()
    for status in order:
        sales.record_chargeback(later_data("dp_1", 100_00, status=status), sale=sale, by=None)
    assert sale.status is SaleStatus.REVERSED


def test_an_open_chargeback_holds_the_sale_until_it_is_won(acme: Any) -> None:
    sale = a_sale(partner_id=str(acme.id))
    sales.record_chargeback(later_data("dp_1", 100_00, status="opened"), sale=sale, by=None)
    assert sale.status is SaleStatus.HELD
    sales.record_chargeback(later_data("dp_1", 100_00, status="won"), sale=sale, by=None)
    assert sale.status is SaleStatus.ATTRIBUTED


def test_payments_add_up_to_the_sale_and_never_beyond() -> None:
    sale = a_sale(paid="part", paid_minor=30_00)
    assert sale.paid_now is Paid.PART
    sales.record_payment(later_data("pay_1", 50_00), sale=sale, by=None)
    assert sale.received_minor == 80_00
    sales.record_payment(later_data("pay_2", 50_00), sale=sale, by=None)
    assert (sale.received_minor, sale.paid_now) == (100_00, Paid.FULL)


def test_the_same_refund_by_path_and_by_name_is_one_refund() -> None:
    sale = a_sale()
    first = sales.record_refund(later_data("re_1", 10_00), sale=sale, by=None).fact
    again = sales.record_refund(later_data("re_1", 10_00, sale_external_id="inv_1"), by=None)
    assert (again.fact.id, again.is_new) == (first.id, False)


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"currency": "XXX"}, "/currency"),
        ({"paid": "part"}, "/paid_minor"),
        ({"occurred_at": datetime(1, 1, 2, tzinfo=UTC)}, "/occurred_at"),
        ({"occurred_at": datetime(9999, 12, 31, 23, tzinfo=UTC)}, "/occurred_at"),
        ({"received_at": datetime(9999, 12, 31, 23, tzinfo=UTC)}, "/received_at"),
        ({"paid": "none", "paid_minor": 1}, "/paid_minor"),
        ({"paid": "part", "paid_minor": 100_01}, "/paid_minor"),
        ({"partner_id": "999999"}, "/partner_id"),
        ({"deal_id": "nonsense"}, "/deal_id"),
        (
            {"lines": [{"kind": "licence", "quantity": 10**9, "unit_amount_minor": 10**9}]},
            "/lines/0",
        ),
    ],
)
def test_what_cannot_be_a_sale_is_said_at_its_field(wrong: dict[str, Any], where: str) -> None:
    with pytest.raises(InvalidInput) as problem:
        sales.record_sale(sale_data(**wrong), by=None)
    assert where in problem.value.problems


def test_lines_that_take_more_than_they_give_make_a_sale_of_nothing() -> None:
    sale = a_sale(lines=[{"kind": "licence", "unit_amount_minor": -5_00}])
    assert sale.total_minor == 0


def test_a_customer_is_made_once_and_recognised_by_number_and_site() -> None:
    first = a_sale("a").customer
    assert a_sale("b").customer.id == first.id
    by_site = a_sale("c", customer={"name": "Globex GmbH", "domain": "www.globex.example"}).customer
    assert by_site.id == first.id
    other = a_sale(
        "d", customer={"external_id": "cus_8", "name": "Globex", "domain": "globex.example"}
    ).customer
    assert other.id != first.id
    assert session.query(Customer).count() == 2


def test_a_partner_cannot_record_sales(ada: Any) -> None:
    with pytest.raises(Refusal, match="by the vendor"):
        sales.record_sale(sale_data(), by=ada)
    assert session.query(Sale).count() == 0
    assert session.query(Refund).count() == 0
