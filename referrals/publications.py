"""What other systems are told of leads and deals."""

from typing import Any

from core.i18n import lazy_gettext as _l
from core.webhooks import publishes
from referrals.models import Deal, Lead, Offer
from referrals.signals.deals import DealApproved, DealExpired
from referrals.signals.leads import LeadAccepted, LeadLost, LeadOffered, LeadWon, OfferLapsed


def _offer(signal: Any) -> dict[str, Any]:
    row: Offer = signal.subject
    return {"lead_id": str(row.lead_id), "partner_id": str(row.partner_id), "due_at": row.due_at.isoformat()}


def _lead(signal: Any) -> dict[str, Any]:
    row: Lead = signal.subject
    return {
        "lead_id": str(row.id),
        "partner_id": str(row.partner_id) if row.partner_id is not None else None,
        "status": row.status.value,
    }


def _deal(signal: Any) -> dict[str, Any]:
    row: Deal = signal.subject
    return {
        "deal_id": str(row.id),
        "partner_id": str(row.partner_id),
        "lead_id": str(row.lead_id) if row.lead_id is not None else None,
        "company": row.company,
        "status": row.status.value,
    }


publishes("lead.offered", _l("A lead was offered to a partner"), LeadOffered, data=_offer)
publishes("lead.accepted", _l("A partner accepted a lead"), LeadAccepted, data=_offer)
publishes("lead.lapsed", _l("A partner did not answer in time"), OfferLapsed, data=_offer)
publishes("lead.won", _l("A lead was won"), LeadWon, data=_lead)
publishes("lead.lost", _l("A lead was lost"), LeadLost, data=_lead)
publishes("deal.approved", _l("A deal was approved"), DealApproved, data=_deal)
publishes("deal.expired", _l("A deal's protection ended"), DealExpired, data=_deal)
