"""What a sale, a payment, a refund or a chargeback earns or takes back, the moment it is known."""

from commissions.operations.accrual import accrue
from core.signals import receives
from referrals.signals.sales import (
    ChargebackRecorded,
    PaymentRecorded,
    RefundRecorded,
    SaleAttributed,
    SaleRecorded,
)


@receives(SaleRecorded, SaleAttributed)
def accrue_commissions_when_a_sale_is_known(signal: SaleRecorded | SaleAttributed) -> None:
    accrue(signal.subject, signal.subject, by=signal.by)


@receives(PaymentRecorded, RefundRecorded, ChargebackRecorded)
def settle_the_sale_when_something_is_learned_of_it(
    signal: PaymentRecorded | RefundRecorded | ChargebackRecorded,
) -> None:
    fact = signal.subject
    if fact.sale is not None:
        accrue(fact.sale, fact, by=signal.by)
