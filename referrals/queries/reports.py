"""Reports over leads: how far they come, how fast they are answered, and why they fail."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.database import session
from partners.models import Partner
from referrals.models.deals import Deal, DealStatus
from referrals.models.leads import ContactKind, Lead, LeadContact, LeadStatus
from referrals.models.routing import DeclineReason, LeadClaim, Offer, OfferStatus
from referrals.queries.figures import from_leads, medians_of_answers

#: By what the pipeline can be divided.
DIVISIONS: dict[str, Any] = {
    "partner": Lead.partner_id,
    "country": Lead.country,
    "region": Lead.region,
    "source": Lead.source,
    "origin": Lead.origin,
}
_NOT_QUALIFIED = (LeadStatus.NEW, LeadStatus.SPAM, LeadStatus.DUPLICATE, LeadStatus.UNQUALIFIED)


@dataclass(frozen=True)
class Pipeline:
    """How many leads reached each stage. ``key`` is what they are divided by."""

    key: Any
    received: int
    qualified: int
    taken: int
    contacted: int
    won: int

    @property
    def stages(self) -> tuple[int, ...]:
        return (self.received, self.qualified, self.taken, self.contacted, self.won)


def _stages() -> list[Any]:
    """What counts as having come so far; somebody who lost a lead later had come that far."""
    taken = sa.exists().where(LeadClaim.lead_id == Lead.id, LeadClaim.was_meant())
    contacted = sa.exists().where(LeadContact.lead_id == Lead.id, LeadContact.kind != ContactKind.NOTE)
    reached = (Lead.status.not_in(_NOT_QUALIFIED), taken, contacted, Lead.status == LeadStatus.WON)
    return [sa.func.count(), *(sa.func.sum(sa.case((one, 1), else_=0)) for one in reached)]


def _received(starts_at: datetime, ends_at: datetime) -> list[Any]:
    """Repeats and spam are no leads of anybody."""
    return [
        Lead.received_at >= starts_at,
        Lead.received_at < ends_at,
        Lead.status.not_in((LeadStatus.SPAM, LeadStatus.DUPLICATE)),
    ]


def pipeline(starts_at: datetime, ends_at: datetime) -> Pipeline:
    """All leads that came in between, by the stage they reached."""
    row = session.execute(sa.select(*_stages()).where(*_received(starts_at, ends_at))).one()
    return Pipeline("", *(int(number or 0) for number in row))


def pipeline_by(division: str, starts_at: datetime, ends_at: datetime) -> sa.Select[Any]:
    """The same divided: a row of key and five numbers each, most leads first."""
    key = DIVISIONS[division]
    return (
        sa.select(key, *_stages())
        .where(*_received(starts_at, ends_at))
        .group_by(key)
        .order_by(sa.func.count().desc(), key)
    )


def answers_by_partner(starts_at: datetime, ends_at: datetime) -> sa.Select[Any]:
    """(partner, name, offers, accepted, declined, lapsed, median working hours to an answer), slowest first."""

    def number(status: OfferStatus) -> Any:
        return sa.func.sum(sa.case((Offer.status == status, 1), else_=0))

    in_time = [Offer.offered_at >= starts_at, Offer.offered_at < ends_at]
    medians = medians_of_answers(*in_time)
    median = sa.func.max(medians.c.hours)
    return (
        sa.select(
            Partner.id, Partner.name, sa.func.count(), number(OfferStatus.ACCEPTED),
            number(OfferStatus.DECLINED), number(OfferStatus.LAPSED), median,
        )
        .join(Partner, Partner.id == Offer.partner_id)
        .outerjoin(medians, medians.c.partner_id == Offer.partner_id)
        .where(*in_time)
        .group_by(Partner.id, Partner.name)
        .order_by(sa.func.coalesce(median, 0).desc(), Partner.name)
    )  # fmt: skip


def decline_reasons(starts_at: datetime, ends_at: datetime) -> list[tuple[DeclineReason, int]]:
    """Why partners said no, most frequent first."""
    rows = session.execute(
        sa.select(Offer.decline_reason, sa.func.count())
        .where(Offer.answered_at >= starts_at, Offer.answered_at < ends_at, Offer.decline_reason.is_not(None))
        .group_by(Offer.decline_reason)
        .order_by(sa.func.count().desc())
    )
    return [(reason, int(number)) for reason, number in rows if reason is not None]


def lost_reasons(starts_at: datetime, ends_at: datetime) -> list[tuple[Any, int]]:
    """Why deals that began as leads were lost, most frequent first."""
    rows = session.execute(
        sa.select(Deal.lost_reason, sa.func.count())
        .join(Lead, Lead.id == Deal.lead_id)
        .where(Deal.status == DealStatus.LOST, Lead.received_at >= starts_at, Lead.received_at < ends_at)
        .group_by(Deal.lost_reason)
        .order_by(sa.func.count().desc())
    )
    return [(reason, int(number)) for reason, number in rows if reason is not None]


def vendor_share(starts_at: datetime, ends_at: datetime) -> tuple[int, int]:
    """Deals that began in between, and how many of them with a lead of the vendor."""
    began = Deal.created_at >= starts_at, Deal.created_at < ends_at
    deals, routed = session.execute(sa.select(sa.func.count(), from_leads()).where(*began)).one()
    return int(deals), int(routed or 0)


def vendor_share_by_partner(starts_at: datetime, ends_at: datetime) -> sa.Select[*tuple[Any, ...]]:
    """(partner, name, deals, of these from the vendor's leads), most deals first."""
    return (
        sa.select(Partner.id, Partner.name, sa.func.count(), from_leads())
        .join(Partner, Partner.id == Deal.partner_id)
        .where(Deal.created_at >= starts_at, Deal.created_at < ends_at)
        .group_by(Partner.id, Partner.name)
        .order_by(sa.func.count().desc(), Partner.name)
    )
