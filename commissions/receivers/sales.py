"""What a sale, a payment, a refund or a chargeback earns or takes back, the moment it is known."""

from datetime import timedelta
from typing import Any

from commissions.operations.accrual import accrue
from commissions.operations.bulk import Accrual
from commissions.operations.conversions import release_sales_with_a_rate
from commissions.operations.plan_codes import release_sales_whose_plan_has_come
from commissions.operations.wrong_sales import put_right
from commissions.queries import bulk as queries
from core.jobs import recurring
from core.signals import receives
from referrals.signals.sales import (
    ChargebackRecorded,
    PaymentRecorded,
    RefundRecorded,
    SaleAttributed,
    SalePutRight,
    SaleRecorded,
    SalesRecorded,
)


@receives(SaleRecorded, SaleAttributed)
def accrue_commissions_when_a_sale_is_known(signal: SaleRecorded | SaleAttributed) -> None:
    accrue(signal.subject, signal.subject, by=signal.by)


@receives(SalesRecorded)
def accrue_commissions_of_many_sales(signal: SalesRecorded) -> None:
    """In bulk; those that are nobody's, or under review, earn nothing yet. Parts of a list wait until it is whole."""
    if signal.is_a_part:
        return
    Accrual(by=signal.by).work_out(queries.earning(signal.subject))


@receives(PaymentRecorded, RefundRecorded, ChargebackRecorded)
def settle_the_sale_when_something_is_learned_of_it(
    signal: PaymentRecorded | RefundRecorded | ChargebackRecorded,
) -> None:
    fact = signal.subject
    if fact.sale is not None:
        accrue(fact.sale, fact, by=signal.by)


@receives(SalePutRight)
def move_what_a_wrong_sale_earned(signal: SalePutRight) -> None:
    put_right(signal.subject, signal.decision, by=signal.by)


@recurring("commissions.release-sales-with-a-rate", every=timedelta(minutes=15))
def release_what_waited_for_a_rate(_payload: dict[str, Any]) -> None:
    release_sales_with_a_rate(by=None)


@recurring("commissions.release-sales-with-a-plan", every=timedelta(minutes=5))
def release_what_waited_for_its_plan(_payload: dict[str, Any]) -> None:
    release_sales_whose_plan_has_come(by=None)
