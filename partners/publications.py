"""What other systems are told of applications and partners."""

from typing import Any

from core.i18n import lazy_gettext as _l
from core.webhooks import publishes
from partners.models import Application
from partners.signals import ApplicationApproved, ApplicationSubmitted, TierChanged


def _application(signal: ApplicationSubmitted | ApplicationApproved) -> dict[str, Any]:
    row: Application = signal.subject
    return {
        "id": str(row.id),
        "company": row.company,
        "country": row.country,
        "partner_id": str(row.partner_id) if row.partner_id is not None else None,
    }


def _tier(signal: TierChanged) -> dict[str, Any]:
    return {"partner_id": str(signal.subject.id), "before": signal.before, "after": signal.after}


publishes("application.submitted", _l("An application was sent"), ApplicationSubmitted, data=_application)
publishes("application.approved", _l("An application was approved"), ApplicationApproved, data=_application)
publishes("partner.tier_changed", _l("A partner's tier changed"), TierChanged, data=_tier)
