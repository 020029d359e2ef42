"""What other systems are told of earnings and payouts. Lines of earnings are told where they are posted."""

from typing import Any

from commissions.models import Payout
from commissions.signals import PayoutFailed, PayoutPaid, PayoutSent
from core.i18n import lazy_gettext as _l
from core.webhooks import publishes


def _payout(signal: Any) -> dict[str, Any]:
    row: Payout = signal.subject
    return {
        "id": str(row.id),
        "partner_id": str(row.partner_id),
        "amount_minor": row.amount_minor,
        "currency": row.currency,
        "method": row.method.value,
        "status": row.status.value,
    }


publishes("commission.accrued", _l("A partner earned something"), data=dict)
publishes("commission.reversed", _l("An earning was taken back"), data=dict)
publishes("payout.sent", _l("A payout was sent"), PayoutSent, data=_payout)
publishes("payout.paid", _l("A payout arrived"), PayoutPaid, data=_payout)
publishes("payout.failed", _l("A payout did not arrive"), PayoutFailed, data=_payout)
