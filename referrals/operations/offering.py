"""Making an offer and taking it back: the small deeds that routing and answering share."""

from collections.abc import Sequence

import sqlalchemy as sa

from core import clock
from core.activity import Actor
from core.database import session
from core.i18n import gettext as _
from core.signals import announce
from partners.models import Partner
from referrals.models.leads import Lead
from referrals.models.routing import Offer, OfferStatus, RoutingDecision
from referrals.queries.offers import open_offers_of
from referrals.settings import ACCEPT_HOURS
from referrals.signals.leads import LeadOffered, OfferWithdrawn


def make_offers(
    lead: Lead, partners: Sequence[Partner], decision: RoutingDecision, *, by: Actor | None
) -> None:
    """Asks ``partners``, each of whom has so many of its own working hours to answer."""
    offers = [_offer(lead, partner, decision) for partner in partners]
    session.add_all(offers)
    session.flush()
    for offer in offers:
        announce(LeadOffered(offer, by))


def _offer(lead: Lead, partner: Partner, decision: RoutingDecision) -> Offer:
    calendar = partner.calendar
    offered_at = clock.now()
    due_at = calendar.add_working_hours(offered_at, ACCEPT_HOURS.value())
    return Offer(
        lead=lead,
        partner=partner,
        decision_id=decision.id,
        status=OfferStatus.OFFERED,
        offered_at=offered_at,
        due_at=due_at,
        remind_at=calendar.half_time(offered_at, due_at),
    )


def withdraw_offers(lead: Lead, *, by: Actor | None, but: Offer | None = None) -> None:
    """Takes back what nobody answered yet."""
    for offer in open_offers_of(lead):
        if offer is not but and close_offer(offer, OfferStatus.WITHDRAWN):
            announce(OfferWithdrawn(offer, by))


def why_withdrawn(offer: Offer) -> str:
    """What the partner reads of an offer that was withdrawn: never who has the lead now."""
    if offer.went_with_its_import:
        return _("We brought this lead in by mistake, with a list that has been taken back; nobody gets it.")
    if not offer.lead.is_open and offer.lead.partner_id is None:
        return _("This offer has been taken back; we have closed the lead.")
    return _("This offer has been taken back; the lead has gone elsewhere.")


def close_offer(offer: Offer, status: OfferStatus) -> bool:
    """Moves an open offer on; tells whether it was still open. Of two who try at once, one does it."""
    session.flush()
    moved = session.execute(
        sa.update(Offer)
        .where(Offer.id == offer.id, Offer.status == OfferStatus.OFFERED)
        .values(status=status, answered_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    session.refresh(offer)
    return bool(moved.rowcount == 1)  # type: ignore[attr-defined]


def hours_to_answer(offer: Offer) -> float:
    """The working hours of the partner since it was asked."""
    return round(offer.partner.calendar.working_hours_between(offer.offered_at, clock.now()), 2)
