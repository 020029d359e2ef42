"""Who received how much in a month, by tier, country and region, beside the share that was to be expected."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.database import session
from partners.models import Partner, PartnerStatus
from partners.queries import tiers
from referrals.models.leads import Lead, LeadStatus
from referrals.models.routing import ClaimWay, LeadClaim, Offer

_NO_REAL_LEADS = (LeadStatus.NEW, LeadStatus.SPAM, LeadStatus.DUPLICATE, LeadStatus.UNQUALIFIED)


@dataclass(frozen=True)
class Span:
    """From when until before when, and the country whose partners are looked at; empty: all."""

    starts_at: datetime
    ends_at: datetime
    country: str = ""

    def holds(self, moment: Any) -> tuple[sa.ColumnElement[bool], ...]:
        return (moment >= self.starts_at, moment < self.ends_at)

    @property
    def firms(self) -> tuple[sa.ColumnElement[bool], ...]:
        return (Partner.country == self.country,) if self.country else ()


@dataclass(frozen=True)
class Share:
    """What one group of partners received, beside what it should have. Shares are from 0 to 1."""

    key: str
    partners: int
    offered: int
    #: Claimed from the pool, where nobody was asked.
    claimed: int
    #: Accepted and claimed, whenever it was offered.
    taken: int
    won: int
    share: float
    expected: float

    @property
    def received(self) -> int:
        return self.offered + self.claimed

    @property
    def difference(self) -> float:
        return self.share - self.expected


def by_tier(span: Span) -> list[Share]:
    """By tier, in the order of the ladder: expected is what the tiers' weights and sizes come to."""
    weights = {tier.code: float(tier.lead_weight) for tier in tiers()}
    numbers = _active(Partner.tier, span)
    whole = sum(weights.get(code, 1.0) * number for code, number in numbers.items())
    expected = {code: weights[code] * numbers.get(code, 0) / whole if whole else 0.0 for code in weights}
    return _shares(Partner.tier, list(weights), numbers, expected, span)


def by_country(span: Span) -> list[Share]:
    """By the partners' country, most received first: expected is the part of the leads that came from there."""
    came = _leads(Lead.country, span, Lead.country.is_not(None))
    return _by_place(Partner.country, came, span)


def by_region(span: Span) -> list[Share]:
    """The same within the span's country. Partners and leads whose region is not known have the key ``""``."""
    came = _leads(sa.func.coalesce(Lead.region, ""), span, Lead.country == span.country)
    return _by_place(sa.func.coalesce(Partner.region, ""), came, span)


def countries_with_partners() -> list[str]:
    """Where active partners sit."""
    active = sa.select(Partner.country).where(Partner.status == PartnerStatus.ACTIVE)
    return list(session.scalars(active.distinct().order_by(Partner.country)))


def _by_place(column: Any, came: Mapping[str, int], span: Span) -> list[Share]:
    whole = sum(came.values())
    expected = {place: number / whole for place, number in came.items()} if whole else {}
    numbers = _active(column, span)
    shares = _shares(column, sorted({*numbers, *expected}), numbers, expected, span)
    busy = [one for one in shares if one.received or one.expected]
    return sorted(busy, key=lambda one: (-one.received, -one.expected, one.key))


def _leads(key: Any, span: Span, where: sa.ColumnElement[bool]) -> dict[str, int]:
    """How many real leads came in, by ``key``."""
    real = [*span.holds(Lead.received_at), Lead.status.not_in(_NO_REAL_LEADS), where]
    return _counted(sa.select(key, sa.func.count()).where(*real).group_by(key))


def _active(column: Any, span: Span) -> dict[str, int]:
    """How many partners there are now, by ``column``."""
    active = [Partner.status == PartnerStatus.ACTIVE, *span.firms]
    return _counted(sa.select(column, sa.func.count()).where(*active).group_by(column))


def _counted(rows: sa.Select[Any]) -> dict[str, int]:
    return {str(key): int(number) for key, number in session.execute(rows)}


def _shares(
    column: Any, keys: Sequence[str], numbers: Mapping[str, int], expected: Mapping[str, float], span: Span
) -> list[Share]:
    def received(model: Any, *conditions: Any) -> dict[str, int]:
        rows = sa.select(column, sa.func.count()).select_from(model)
        rows = rows.join(Partner, Partner.id == model.partner_id).where(*conditions, *span.firms)
        return _counted(rows.group_by(column))

    claims = [*span.holds(LeadClaim.claimed_at), LeadClaim.was_meant()]
    offered = received(Offer, *span.holds(Offer.offered_at))
    claimed = received(LeadClaim, LeadClaim.way == ClaimWay.POOL, *claims)
    taken = received(LeadClaim, *claims)
    won = received(Lead, Lead.status == LeadStatus.WON, *span.holds(Lead.closed_at))
    whole = sum(offered.get(key, 0) + claimed.get(key, 0) for key in keys)

    def share(key: str) -> Share:
        asked, took = offered.get(key, 0), claimed.get(key, 0)
        return Share(
            key,
            partners=numbers.get(key, 0),
            offered=asked,
            claimed=took,
            taken=taken.get(key, 0),
            won=won.get(key, 0),
            share=(asked + took) / whole if whole else 0.0,
            expected=expected.get(key, 0.0),
        )

    return [share(key) for key in keys]
