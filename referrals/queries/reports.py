"""Reports over leads: how far they come, how fast they are answered, why they fail, and who receives how much."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.database import session
from partners.models import Partner, PartnerStatus
from partners.queries import tiers
from referrals.models.deals import Deal, DealOrigin, DealStatus
from referrals.models.leads import ContactKind, Lead, LeadContact, LeadStatus
from referrals.models.routing import ClaimWay, DeclineReason, LeadClaim, Offer, OfferStatus
from referrals.queries.figures import medians_of_answers

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


def vendor_share_by_partner(starts_at: datetime, ends_at: datetime) -> sa.Select[*tuple[Any, ...]]:
    """(partner, name, deals, of these from the vendor's leads), most deals first."""
    routed = sa.func.sum(sa.case((Deal.origin == DealOrigin.ROUTED, 1), else_=0))
    return (
        sa.select(Partner.id, Partner.name, sa.func.count(), routed)
        .join(Partner, Partner.id == Deal.partner_id)
        .where(Deal.created_at >= starts_at, Deal.created_at < ends_at)
        .group_by(Partner.id, Partner.name)
        .order_by(sa.func.count().desc(), Partner.name)
    )


# Fairness


@dataclass(frozen=True)
class Share:
    """What one group of partners received in a month, beside what it should have. Shares are from 0 to 1."""

    key: str
    partners: int
    received: int
    accepted: int
    won: int
    share: float
    expected: float

    @property
    def difference(self) -> float:
        return self.share - self.expected


def fairness_by_tier(starts_at: datetime, ends_at: datetime) -> list[Share]:
    """By tier, in the order of the ladder: expected is what the tiers' weights and sizes come to."""
    weights = {tier.code: float(tier.lead_weight) for tier in tiers()}
    numbers = _active_by(Partner.tier)
    whole = sum(weights.get(code, 1.0) * number for code, number in numbers.items())
    expected = {
        code: weights.get(code, 1.0) * numbers.get(code, 0) / whole if whole else 0.0 for code in weights
    }
    return _shares(Partner.tier, list(weights), numbers, expected, starts_at, ends_at)


def fairness_by_country(starts_at: datetime, ends_at: datetime) -> list[Share]:
    """By the partners' country, most received first: expected is the part of the leads that came from there."""
    rows = session.execute(
        sa.select(Lead.country, sa.func.count())
        .where(*_received(starts_at, ends_at), Lead.status.not_in(_NOT_QUALIFIED), Lead.country.is_not(None))
        .group_by(Lead.country)
    )
    from_there = {str(country): int(number) for country, number in rows}
    whole = sum(from_there.values())
    expected = {country: number / whole for country, number in from_there.items()} if whole else {}
    numbers = _active_by(Partner.country)
    shares = _shares(Partner.country, sorted({*numbers, *expected}), numbers, expected, starts_at, ends_at)
    busy = [one for one in shares if one.received or one.expected]
    return sorted(busy, key=lambda one: (-one.received, -one.expected, one.key))


def _active_by(column: Any) -> dict[str, int]:
    rows = session.execute(
        sa.select(column, sa.func.count()).where(Partner.status == PartnerStatus.ACTIVE).group_by(column)
    )
    return {str(key): int(number) for key, number in rows}


def _shares(
    column: Any,
    keys: Sequence[str],
    numbers: dict[str, int],
    expected: dict[str, float],
    starts_at: datetime,
    ends_at: datetime,
) -> list[Share]:
    def counted(model: Any, *conditions: Any) -> dict[str, int]:
        rows = session.execute(
            sa.select(column, sa.func.count())
            .select_from(model)
            .join(Partner, Partner.id == model.partner_id)
            .where(*conditions)
            .group_by(column)
        )
        return {str(key): int(number) for key, number in rows}

    offered = counted(Offer, Offer.offered_at >= starts_at, Offer.offered_at < ends_at)
    claimed = [LeadClaim.claimed_at >= starts_at, LeadClaim.claimed_at < ends_at, LeadClaim.was_meant()]
    pooled = counted(LeadClaim, LeadClaim.way == ClaimWay.POOL, *claimed)
    taken = counted(LeadClaim, *claimed)
    won = counted(Lead, Lead.status == LeadStatus.WON, Lead.closed_at >= starts_at, Lead.closed_at < ends_at)
    received = {key: offered.get(key, 0) + pooled.get(key, 0) for key in keys}
    whole = sum(received.values())
    return [
        Share(
            key, numbers.get(key, 0), received[key], taken.get(key, 0), won.get(key, 0),
            received[key] / whole if whole else 0.0, expected.get(key, 0.0),
        )
        for key in keys
    ]  # fmt: skip
