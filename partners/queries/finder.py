"""The public finder: which firms a customer finds, and in which order.

The order is published on the page: with a place the nearest first; the higher tier before the lower; then by name.
"""

from dataclasses import dataclass
from math import cos, radians

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from core.database import holds, session
from core.places import City, Coordinates, find_city, kilometres
from partners.models import FinderEntry, Partner, PartnerStatus, Tier
from partners.queries.agreements import partners_with_valid_agreement


@dataclass(frozen=True)
class Wish:
    """What a customer looks for; an empty word does not narrow. Codes are those of the catalogue and of ISO."""

    country: str = ""
    city: str = ""
    language: str = ""
    product: str = ""
    service: str = ""
    industry: str = ""
    tier: str = ""

    @property
    def place(self) -> City | None:
        """The city, where it is known."""
        return find_city(self.city, self.country) if self.city and self.country else None


def findable_partners() -> sa.Select[Partner]:
    """The firms in the finder: active, with a valid agreement, and not unwilling."""
    unwilling = sa.select(FinderEntry.partner_id).where(~FinderEntry.is_listed)
    return (
        sa.select(Partner)
        .join(Tier, Tier.code == Partner.tier)
        .where(
            Partner.status == PartnerStatus.ACTIVE,
            Partner.id.in_(partners_with_valid_agreement()),
            Partner.id.not_in(unwilling),
        )
        .options(joinedload(Partner.tier_row))
        .order_by(Tier.rank.desc(), Partner.name, Partner.id)
    )


def partners_found(wish: Wish) -> sa.Select[Partner]:
    """The firms that fit ``wish``, in the published order."""
    rows = findable_partners()
    if wish.country and wish.place is None:
        rows = rows.where(Partner.country == wish.country)
    for column, code in (
        (Partner.languages, wish.language),
        (Partner.products, wish.product),
        (Partner.services, wish.service),
        (Partner.industries, wish.industry),
    ):
        if code:
            rows = rows.where(holds(column, code))
    if wish.tier:
        rows = rows.where(Partner.tier == wish.tier)
    place = wish.place
    if place is not None:
        nearest = _squared_distance(place.coordinates)
        rows = rows.where(Partner.latitude.is_not(None), Partner.longitude.is_not(None))
        rows = rows.order_by(None).order_by(nearest, Tier.rank.desc(), Partner.name, Partner.id)
    return rows


def _squared_distance(here: Coordinates) -> sa.ColumnElement[float | None]:
    """Good enough to sort by: degrees on a plane, with meridians as close as they are at ``here``.

    Going round the world the other way counts where it is shorter.
    """
    latitude, longitude = here
    across = Partner.latitude - latitude
    apart = sa.func.abs(Partner.longitude - longitude)
    along = sa.case((apart > 180, 360 - apart), else_=apart) * cos(radians(latitude))
    return across * across + along * along


def distance_to(partner: Partner, place: City | None) -> int | None:
    """Kilometres from ``place`` to the firm's office, along the great circle, rounded."""
    if place is None or partner.latitude is None or partner.longitude is None:
        return None
    return round(kilometres(place.coordinates, (partner.latitude, partner.longitude)))


def finder_entries(partner_ids: list[int]) -> dict[int, FinderEntry]:
    """What firms say of themselves, by firm."""
    rows = session.scalars(sa.select(FinderEntry).where(FinderEntry.partner_id.in_(partner_ids)))
    return {row.partner_id: row for row in rows}


def countries_in_the_finder() -> list[str]:
    """The countries with at least one firm to be found."""
    rows = findable_partners().order_by(None).with_only_columns(Partner.country).distinct()
    return list(session.scalars(rows))
