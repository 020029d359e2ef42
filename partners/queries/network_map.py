"""Where the network is, and where it is missing: firms by country, region and city, dots of a map, and gaps.

The map is a plain one: degrees east to the right, degrees north upwards, cut to where firms are. Gaps are told by the
domains above, which know what nobody could take on.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import ceil, floor, sqrt
from typing import Any

import sqlalchemy as sa

from accounts.models import User
from core.database import session
from partners.models import Partner, PartnerStatus

#: Firms that take part, or are about to.
_SHOWN = (PartnerStatus.ACTIVE, PartnerStatus.ONBOARDING)
MOST_PLACES = 300
MOST_DOTS = 3000
#: At least so many degrees are shown, so that one city is not a map of nothing.
LEAST_SPAN = 8.0


@dataclass(frozen=True)
class Place:
    """How many firms are somewhere; ``name`` is a code of a country or region, or a city's name."""

    country: str
    name: str
    firms: int
    active: int


def _places(*columns: Any, country: str = "") -> list[Place]:
    active = sa.func.sum(sa.case((Partner.status == PartnerStatus.ACTIVE, 1), else_=0))
    rows = session.execute(
        sa.select(*columns, sa.func.count(), active)
        .where(Partner.status.in_(_SHOWN), Partner.country == country if country else sa.true())
        .group_by(*columns)
        .order_by(sa.func.count().desc(), *columns)
        .limit(MOST_PLACES)
    )
    return [Place(row[0], row[len(columns) - 1] or "", int(row[-2]), int(row[-1])) for row in rows]


def by_country() -> list[Place]:
    """Firms by country, most first."""
    return _places(Partner.country)


def by_region(country: str) -> list[Place]:
    """Firms of a country by its regions; those that name none stand together."""
    return _places(Partner.country, Partner.region, country=country)


def by_city(country: str) -> list[Place]:
    """Firms of a country by city."""
    return _places(Partner.country, Partner.city, country=country)


@dataclass(frozen=True)
class Dot:
    """A place on the map: its middle, its size, its words."""

    x: float
    y: float
    radius: float
    city: str
    firms: int


@dataclass(frozen=True)
class Line:
    """A line of the graticule with the degree it stands for."""

    at: float
    degree: int


@dataclass(frozen=True)
class Chart:
    """A drawn map."""

    width: int
    height: int
    dots: tuple[Dot, ...]
    meridians: tuple[Line, ...]
    parallels: tuple[Line, ...]


def network_map(country: str = "", *, width: int = 960) -> Chart | None:
    """Every city with firms as a dot, larger with more of them; ``None`` when no firm says where it is."""
    where: list[sa.ColumnElement[bool]] = [
        Partner.status.in_(_SHOWN),
        Partner.latitude.is_not(None),
        Partner.longitude.is_not(None),
    ]
    if country:
        where.append(Partner.country == country)
    rows = session.execute(
        sa.select(
            sa.func.avg(Partner.longitude), sa.func.avg(Partner.latitude), Partner.city, sa.func.count()
        )
        .where(*where)
        .group_by(Partner.country, Partner.city)
        .order_by(sa.func.count().desc(), Partner.city)
        .limit(MOST_DOTS)
    ).all()
    return drawn([(float(east), float(north), city, int(firms)) for east, north, city, firms in rows], width)


def drawn(places: list[tuple[float, float, str, int]], width: int) -> Chart | None:
    """Places (east, north, name, firms) as a map of that width."""
    if not places:
        return None
    west, east = _span([place[0] for place in places], 180)
    south, north = _span([place[1] for place in places], 90)
    height = max(width // 3, min(width, round(width * (north - south) / (east - west))))

    def x_of(degree: float) -> float:
        return round((degree - west) / (east - west) * width, 1)

    def y_of(degree: float) -> float:
        return round((north - degree) / (north - south) * height, 1)

    most = max(firms for *_place, firms in places)
    dots = tuple(
        Dot(x_of(lon), y_of(lat), round(3 + 13 * sqrt(firms / most) if most > 1 else 4, 1), city, firms)
        for lon, lat, city, firms in places
    )
    step = next(step for step in (1, 2, 5, 10, 20, 30, 60, 360) if (east - west) / step <= 12)
    meridians = tuple(Line(x_of(degree), degree) for degree in _degrees(west, east, step))
    parallels = tuple(Line(y_of(degree), degree) for degree in _degrees(south, north, step))
    return Chart(width, height, dots, meridians, parallels)


def _span(degrees: list[float], limit: int) -> tuple[float, float]:
    """From the least to the most with a margin, never less than :data:`LEAST_SPAN`, never beyond the earth."""
    middle = (min(degrees) + max(degrees)) / 2
    half = max((max(degrees) - min(degrees)) * 0.56, LEAST_SPAN / 2)
    return max(-limit, middle - half), min(limit, middle + half)


def _degrees(least: float, most: float, step: int) -> Iterable[int]:
    return range(ceil(least / step) * step, floor(most) + 1, step)


@dataclass(frozen=True)
class Gap:
    """So many wanted something somewhere that no firm could take on. Empty texts: it was not said."""

    country: str
    region: str
    product: str
    number: int


#: Told who asks; answers the gaps they may see.
Finder = Callable[[User], Iterable[Gap]]
_finders: list[Finder] = []


def finds_gaps(finder: Finder) -> Finder:
    """Registers a function that knows of gaps."""
    _finders.append(finder)
    return finder


def gaps(user: User) -> list[Gap]:
    """Every gap that ``user`` may see, the largest first."""
    found = [gap for finder in _finders for gap in finder(user)]
    return sorted(found, key=lambda gap: (-gap.number, gap.country, gap.region, gap.product))
