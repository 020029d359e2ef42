"""A claim made by mistake is undone as if it had not been made: soon by the partner, at any time by a manager."""

from datetime import timedelta

from accounts.models import User
from core import clock
from core.database import lock
from core.errors import Refusal
from core.i18n import gettext as _
from partners.queries import partner_of
from referrals.models.leads import Lead
from referrals.models.routing import MISTAKE, ClaimWay, LeadClaim
from referrals.operations.holding import free_lead
from referrals.operations.routing import route_lead
from referrals.queries.claims import active_claim, mistakes_of
from referrals.queries.leads import contacts_of
from referrals.routing import Mode
from referrals.settings import UNDO_MINUTES

#: Whoever undoes more claims a day reads contact data it does not mean to use.
MISTAKES_A_DAY = 3


def undo_claim(lead: Lead, *, by: User) -> None:
    """The lead is where it was before: in the pool again, or offered anew. Nobody's figures remember the claim.

    Raises Refusal when nobody holds it, and to a partner that :func:`may_undo` does not let.
    """
    lock(lead)
    claim = active_claim(lead)
    firm = partner_of(by)
    if claim is None or (firm is not None and claim.partner_id != firm.id):
        raise Refusal(_("This lead is not with you any more."))
    if firm is not None and not may_undo(claim):
        raise Refusal(_("It is too late to undo the claim. Give the lead back instead."))
    way = claim.way
    free_lead(lead, reason=MISTAKE, by=by)
    route_lead(lead, by=by, mode=Mode.POOL if way is ClaimWay.POOL else None)


def may_undo(claim: LeadClaim) -> bool:
    """Whether the partner itself may still undo it: at once, before it wrote anything down, once for each lead."""
    if clock.now() >= claim.claimed_at + timedelta(minutes=UNDO_MINUTES.value()):
        return False
    if contacts_of(claim.lead, partner_id=claim.partner_id):
        return False
    before = mistakes_of(claim.partner, clock.now() - timedelta(days=1))
    return len(before) < MISTAKES_A_DAY and claim.lead_id not in {one.lead_id for one in before}
