"""What other systems are told of co-funding."""

from typing import Any

from core.i18n import lazy_gettext as _l
from core.webhooks import publishes
from events.signals import FundingClaimApproved


def _claim(signal: FundingClaimApproved) -> dict[str, Any]:
    return {
        "id": str(signal.subject.id),
        "partner_id": str(signal.subject.partner_id),
        "amount_minor": signal.amount_minor,
        "currency": signal.currency,
    }


publishes("funding_claim.approved", _l("A reimbursement was approved"), FundingClaimApproved, data=_claim)
