"""Places: found by any of their names, told apart by region, measured along the great circle."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.places import (
    RUSSIA,
    cities_within,
    countries,
    country_code,
    find_city,
    is_country,
    is_region,
    kilometres,
    place_line,
    region_code,
    region_name,
    regions,
)


@pytest.mark.parametrize(
    ("typed", "country", "found"),
    [
        ("Москва", "RU", "Moscow"),
        ("г. Москва", "RU", "Moscow"),
        ("санкт петербург", "RU", "Saint Petersburg"),
        ("Орёл", "RU", "Orël"),
        ("Орел", "RU", "Orël"),
        ("Гамбург", "DE", "Hamburg"),
        ("Muenchen", "DE", "Munich"),
        ("münchen", "de", "Munich"),
        ("Frankfurt", "DE", "Frankfurt am Main"),
        ("東京", "JP", "Tokyo"),
        ("St Petersburg", "US", "St. Petersburg"),
    ],
)
def test_a_city_is_found_by_any_of_its_names(typed: str, country: str, found: str) -> None:
    city = find_city(typed, country)
    assert city is not None
    assert city.name == found


def test_of_several_cities_the_region_decides_and_else_the_size() -> None:
    largest, other = find_city("Portland", "US"), find_city("Portland", "US", "US-ME")
    assert largest and other
    assert (largest.time_zone, other.time_zone) == ("America/Los_Angeles", "America/New_York")
    siberian = find_city("Железногорск", "RU", "RU-KYA")
    assert siberian
    assert siberian.time_zone == "Asia/Krasnoyarsk"


@pytest.mark.parametrize(
    ("typed", "country"),
    [
        ("Nowhere", "DE"),
        ("Hamburg", "FR"),
        ("", "DE"),
        (None, "DE"),
        ("Hamburg", None),
        ("\t1\n", "DE"),
        ("город", "RU"),
    ],
)
def test_an_unknown_place_is_none(typed: str | None, country: str | None) -> None:
    assert find_city(typed, country) is None


def test_hamburg_is_255_kilometres_from_berlin() -> None:
    hamburg, berlin = find_city("Hamburg", "DE"), find_city("Berlin", "DE")
    assert hamburg and berlin
    assert round(kilometres(hamburg.coordinates, berlin.coordinates)) == pytest.approx(255, abs=2)


points = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


@given(points, points)
def test_distance_is_the_same_both_ways_and_never_more_than_half_the_globe(
    here: tuple[float, float], there: tuple[float, float]
) -> None:
    away = kilometres(here, there)
    assert away == pytest.approx(kilometres(there, here))
    assert 0 <= away < 20_016
    assert kilometres(here, here) == 0


@pytest.mark.parametrize("text", ["DE", "de", "DEU", "Germany", "Германия", "Deutschland", "ALLEMAGNE"])
def test_a_country_is_known_by_its_codes_and_names(text: str) -> None:
    assert country_code(text) == "DE"


def test_what_is_no_country_has_no_code() -> None:
    assert country_code("Atlantis") is None
    assert country_code(None) is None
    assert not is_country("de")
    assert not is_country("EU")


def test_every_country_is_listed_in_the_readers_language() -> None:
    assert ("DE", "Германия") in countries("ru")
    assert len(countries("ru")) == len(countries("en")) == 249


@pytest.mark.parametrize(
    ("text", "country", "code"),
    [
        ("DE-HH", "DE", "DE-HH"),
        ("hh", "DE", "DE-HH"),
        ("Гамбург", "DE", "DE-HH"),
        ("Bayern", "DE", "DE-BY"),
        ("Bavaria", "DE", "DE-BY"),
        ("московская область", "RU", "RU-MOS"),
        ("Москва", "RU", "RU-MOW"),
        ("Atlantis", "DE", None),
        ("Hamburg", None, None),
    ],
)
def test_a_region_is_known_by_its_code_and_names(text: str, country: str | None, code: str | None) -> None:
    assert region_code(text, country) == code


def test_every_region_of_russia_has_its_russian_name() -> None:
    assert {code for code, _ in regions("RU", "en")} == set(RUSSIA)
    assert region_name("RU-SPE", "ru") == "Санкт-Петербург"
    assert len({number for _, number in RUSSIA.values()}) == len(RUSSIA)


def test_regions_within_regions_are_valid_but_not_listed() -> None:
    assert is_region("FR-75C") or is_region("FR-75")
    assert {code for code, _ in regions("GB")} == {"GB-ENG", "GB-NIR", "GB-SCT", "GB-WLS"}
    assert is_region("GB-LND")
    assert not is_region("DE-XX")


def test_a_region_within_a_region_is_called_by_its_name_too() -> None:
    assert (region_name("ES-VA"), region_name("ES-VA", "ru")) == ("Valladolid", "Вальядолид")
    assert region_name("XX-Y") == "XX-Y"


def test_the_cities_between_some_degrees_are_of_every_country_there() -> None:
    found = {(city.name, city.country) for city in cities_within(53.3, 9.5, 55.0, 12.0)}
    assert ("Hamburg", "DE") in found and ("Berlin", "DE") not in found
    assert {country for _name, country in found} == {"DE", "DK"}


@pytest.mark.parametrize(
    ("city", "region", "country", "locale", "line"),
    [
        ("Bremen", "DE-HB", "DE", "en", "Bremen, Germany"),
        ("Bremen", "DE-HB", "DE", "ru", "Bremen, Германия"),
        ("Бремен", "DE-HB", "DE", "en", "Бремен, Germany"),
        ("Moscow", "RU-MOW", "RU", "ru", "Moscow, Россия"),
        ("Altona", "DE-HH", "DE", "en", "Altona, Hamburg, Germany"),
        ("Ульм", "DE-BW", "DE", "ru", "Ульм, Баден-Вюртемберг, Германия"),
        ("Singapore", None, "SG", "ru", "Singapore"),
        (None, "DE-HB", "DE", "en", "Bremen, Germany"),
        (None, "DE-HB", None, "en", "Bremen, Germany"),
        ("", None, "DE", "en", "Germany"),
        (None, None, None, "en", ""),
    ],
)
def test_a_place_names_each_part_once(
    city: str | None, region: str | None, country: str | None, locale: str, line: str
) -> None:
    assert place_line(city, region, country, locale) == line
