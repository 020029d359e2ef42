"""Where the network is, and where it is missing: firms by country, region and city, dots of a map, and gaps.

The map is a plain one: degrees east to the right, degrees north upwards, cut to where firms are. The land is drawn by
its cities, each a point of a grid, so that no outlines of countries are needed. Gaps are told by the domains above,
which know what nobody could take on.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from math import cos, radians, sqrt
from typing import Any, NamedTuple, TypeAlias

import sqlalchemy as sa

from accounts.models import User
from core.database import session
from core.places import cities_within
from partners.models import Partner, PartnerStatus

#: Firms that take part, or are about to.
_SHOWN = (PartnerStatus.ACTIVE, PartnerStatus.ONBOARDING)
MOST_PLACES = 300
MOST_DOTS = 600
#: At least so many degrees are shown, so that one city is not a map of nothing.
LEAST_SPAN = 8.0
#: About how wide a letter of a city's name is, in units of the map.
LETTER_WIDTH = 6.5


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


#: Left, upper, right and lower edge of something on a map.
_Box: TypeAlias = tuple[float, float, float, float]


class Spot(NamedTuple):
    """A city with firms, in degrees."""

    east: float
    north: float
    city: str
    firms: int


@dataclass(frozen=True)
class Size:
    """How large a map is drawn, in its own units, and how many units lie between two points of its land."""

    width: int
    height: int
    step: int


#: For a wide screen and for a phone, where type keeps its size.
WIDE, NARROW = Size(960, 480, 6), Size(340, 260, 4)


@dataclass(frozen=True)
class Dot:
    """A city with firms on the map: its middle, its size, its words, and on which side its name has room."""

    x: float
    y: float
    radius: float
    city: str
    firms: int
    label: str = ""


@dataclass(frozen=True)
class Chart:
    """A drawn map. ``land`` and ``own`` are paths of points: cities of all countries, and of the one looked at."""

    width: int
    height: int
    land: str
    own: str
    dots: tuple[Dot, ...]


def network_spots(country: str = "") -> list[Spot]:
    """Every city with firms that say where they are, most firms first."""
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
    )
    return [Spot(float(east), float(north), city, int(firms)) for east, north, city, firms in rows]


def drawn(spots: list[Spot], size: Size = WIDE, country: str = "") -> Chart | None:
    """Spots as a map, larger dots with more firms; ``country`` stands out from the land around. None without any."""
    if not spots:
        return None
    frame = _frame(spots, size.width / size.height)
    most = max(spot.firms for spot in spots)
    dots = [
        Dot(
            round((spot.east - frame.west) / (frame.east - frame.west) * size.width, 1),
            round((frame.north - spot.north) / (frame.north - frame.south) * size.height, 1),
            round(4 + 11 * sqrt(spot.firms / most) if most > 1 else 6, 1),
            spot.city,
            spot.firms,
        )
        for spot in spots
    ]
    land, own = _land(frame, size, country)
    return Chart(size.width, size.height, land, own, tuple(_labelled(dots, size)))


class _Frame(NamedTuple):
    """What a map shows, in degrees."""

    west: float
    south: float
    east: float
    north: float


def _frame(spots: list[Spot], shape: float) -> _Frame:
    """All spots with a margin, as wide as ``shape`` times its height where the earth is, and never beyond its ends."""
    middle_east, half_east = _span([spot.east for spot in spots])
    middle_north, half_north = _span([spot.north for spot in spots])
    narrowing = max(0.2, cos(radians(middle_north)))
    half_east = max(half_east, half_north * shape / narrowing)
    half_north = max(half_north, half_east * narrowing / shape)
    west, east = _within(middle_east, half_east, 180)
    south, north = _within(middle_north, half_north, 90)
    return _Frame(west, south, east, north)


def _span(degrees: list[float]) -> tuple[float, float]:
    """The middle, and how far it goes to both sides, with a margin: never less than :data:`LEAST_SPAN`."""
    least, most = min(degrees), max(degrees)
    return (least + most) / 2, max((most - least) * 0.56, LEAST_SPAN / 2)


def _within(middle: float, half: float, limit: float) -> tuple[float, float]:
    """The span, moved or cut so that it stays between -limit and limit."""
    half = min(half, limit)
    middle = max(half - limit, min(limit - half, middle))
    return middle - half, middle + half


@lru_cache(maxsize=32)
def _land(frame: _Frame, size: Size, country: str) -> tuple[str, str]:
    """The points of the grid where cities are, as two paths: other countries, and ``country``."""
    points: dict[tuple[int, int], bool] = {}
    across = size.width / (frame.east - frame.west) / size.step
    down = size.height / (frame.north - frame.south) / size.step
    for city in cities_within(frame.south, frame.west, frame.north, frame.east):
        point = int((city.longitude - frame.west) * across), int((frame.north - city.latitude) * down)
        points[point] = points.get(point, False) or city.country == country
    return _path(points, False, size.step), _path(points, True, size.step)


def _path(points: Mapping[tuple[int, int], bool], own: bool, step: int) -> str:
    chosen = sorted(point for point, is_own in points.items() if is_own is own)
    return "".join(f"M{x * step + step // 2} {y * step + step // 2}h0" for x, y in chosen)


def _labelled(dots: list[Dot], size: Size) -> Iterable[Dot]:
    """The same dots, those with most firms named first, each on the side where its name hides nothing."""
    taken = [(dot.x - dot.radius, dot.y - dot.radius, dot.x + dot.radius, dot.y + dot.radius) for dot in dots]
    for dot in dots:
        side, box = next(_free_sides(dot, size, taken), ("", None))
        if box is not None:
            taken.append(box)
        yield replace(dot, label=side)


def _free_sides(dot: Dot, size: Size, taken: list[_Box]) -> Iterator[tuple[str, _Box]]:
    if not dot.city:
        return
    width = LETTER_WIDTH * len(dot.city)
    right, left = dot.x + dot.radius, dot.x - dot.radius
    for side, box in (
        ("right", (right + 1, dot.y - 6, right + 4 + width, dot.y + 6)),
        ("left", (left - 4 - width, dot.y - 6, left - 1, dot.y + 6)),
    ):
        if box[0] >= 0 and box[2] <= size.width and not any(_meet(box, other) for other in taken):
            yield side, box


def _meet(one: _Box, other: _Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


@dataclass(frozen=True)
class Gap:
    """So many wanted something somewhere that no firm could take on. Empty texts: it was not said.

    ``endpoint`` and ``filters`` name the page that lists them, if there is one.
    """

    country: str
    region: str
    product: str
    number: int
    endpoint: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)


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
