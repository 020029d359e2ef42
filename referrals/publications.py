"""What other systems are told of leads and deals."""

from typing import Any

from core.i18n import lazy_gettext as _l
from core.webhooks import publishes
from referrals.models import ClaimWay, Deal, Lead, Offer
from referrals.signals.deals import DealApproved, DealExpired, DealOpened
from referrals.signals.leads import LeadAccepted, LeadClaimed, LeadLost, LeadOffered, LeadWon, OfferLapsed


def _offer(signal: Any) -> dict[str, Any]:
    row: Offer = signal.subject
    return {"lead_id": str(row.lead_id), "partner_id": str(row.partner_id), "due_at": row.due_at.isoformat()}


def _taken(signal: LeadAccepted | LeadClaimed) -> dict[str, Any]:
    """A lead taken from an offer, or from the pool, where no answer was due."""
    if isinstance(signal, LeadAccepted):
        return _offer(signal) | {"way": ClaimWay.OFFER.value}
    row = signal.subject
    return {
        "lead_id": str(row.id),
        "partner_id": str(row.partner_id),
        "due_at": None,
        "way": ClaimWay.POOL.value,
    }


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
publishes("lead.accepted", _l("A partner took a lead"), LeadAccepted, LeadClaimed, data=_taken)
publishes("lead.lapsed", _l("A partner did not answer in time"), OfferLapsed, data=_offer)
publishes("lead.won", _l("A lead was won"), LeadWon, data=_lead)
publishes("lead.lost", _l("A lead was lost"), LeadLost, data=_lead)
# The deal of a lead begins approved: nobody approves it, and its partner, who has just taken the lead, gets no mail.
publishes("deal.approved", _l("A deal was approved"), DealApproved, DealOpened, data=_deal)
publishes("deal.expired", _l("A deal's protection ended"), DealExpired, data=_deal)
