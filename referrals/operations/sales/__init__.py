"""Recording what happened between customers and the vendor: each message once, in whatever order it comes."""

from referrals.operations.sales.deciding import (
    attribute_sale,
    hold_sale,
    name_plan,
    reattribute_sale,
    release_sale,
    void_sale,
)
from referrals.operations.sales.later import (
    record_chargeback,
    record_payment,
    record_refund,
    sale_named,
)
from referrals.operations.sales.many import Outcome, look_at_sales, record_sales
from referrals.operations.sales.messages import Recorded, hold_names
from referrals.operations.sales.recording import record_sale, wrong_day
from referrals.operations.sales.waiting import put_aside, try_again

__all__ = [
    "Outcome",
    "Recorded",
    "attribute_sale",
    "hold_names",
    "hold_sale",
    "look_at_sales",
    "name_plan",
    "put_aside",
    "reattribute_sale",
    "record_chargeback",
    "record_payment",
    "record_refund",
    "record_sale",
    "record_sales",
    "release_sale",
    "sale_named",
    "try_again",
    "void_sale",
    "wrong_day",
]
