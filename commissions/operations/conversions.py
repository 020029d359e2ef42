"""Sales that wait for the exchange rate of their day: released when it is there."""

from commissions.operations.accrual import rate_is_known
from commissions.queries.conversions import sales_without_a_rate
from core.activity import Actor
from core.database import session
from referrals.operations.sales import release_sale

AT_ONCE = 500


def release_sales_with_a_rate(*, by: Actor | None) -> int:
    """Tries the oldest again; answers how many earn now. One without a rate goes on waiting."""
    released = 0
    for sale in session.scalars(sales_without_a_rate().limit(AT_ONCE)).all():
        if sale.partner_id is None or not rate_is_known(sale):
            continue
        release_sale(sale, by=by)
        released += sale.held_because is None
    return released
