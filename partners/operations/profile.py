"""What a firm says about itself, checked and written one way, for applications and partners alike."""

import re
from collections.abc import Callable, Collection, Iterable
from typing import Any

from babel.languages import get_official_languages

from core import contacts, places, taxids
from core.calendars import NeverOpen, WorkingCalendar
from core.errors import InvalidInput
from core.i18n import country_name, time_zone_names
from core.i18n import gettext as _
from partners import queries
from partners.models import INDUSTRIES, LANGUAGES, LineKind, PartnerType

LONGEST_LINE = 200
#: So many codes a sentence names.
MOST_CODES = 40
_CLOCK = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")

Values = dict[str, Any]

#: What a firm says of itself both when it applies and in its profile.
SAID_BY_FIRMS = (
    "region",
    "city",
    "postcode",
    "website",
    "phone",
    "tax_id",
    "regions",
    "languages",
    "services",
    "products",
    "industries",
)


def cleaned(
    values: Values, *, country: str, place: Values | None = None, products: Collection[str] | None = None
) -> Values:
    """``values`` (some of a profile's fields) as they are kept, with what follows from them.

    A firm's ``country`` decides how phone, tax number and region are read; ``place`` is the region and city that
    hold where ``values`` leaves them out; ``products`` the codes there are, when they were fetched for many firms.
    Raises InvalidInput naming every field that cannot be used.
    """
    problems: dict[str, str] = {}
    kept: Values = {}
    for name, value in values.items():
        check = _CHECKS.get(name, _as_it_is)
        if name == "products" and products is not None:
            check = _several(lambda: products, _no_product)
        try:
            kept.update(check(name, value, country))
        except ValueError as error:
            problems[name] = str(error)
    if problems:
        raise InvalidInput(problems)
    if "city" in kept or "region" in kept:
        kept.update(_whereabouts(kept, country, place or {}))
    return kept


def _whereabouts(kept: Values, country: str, place: Values) -> Values:
    """Where the city lies, unless somebody typed where the office is."""
    if kept.get("latitude") is not None and kept.get("longitude") is not None:
        return {}
    city = places.find_city(
        kept.get("city", place.get("city")), country, kept.get("region", place.get("region"))
    )
    return {"latitude": city.latitude if city else None, "longitude": city.longitude if city else None}


def known_time_zone(city: str, country: str, region: str | None) -> str | None:
    """The time zone of a city we know."""
    found = places.find_city(city, country, region)
    return found.time_zone if found else None


def usual_languages(country: str) -> list[str]:
    """What is officially spoken in a country, of the languages a partner can name."""
    return [language for language in get_official_languages(country) if language in LANGUAGES]


def _as_it_is(name: str, value: Any, _country: str) -> Values:
    return {name: value}


def _line(name: str, value: Any, _country: str) -> Values:
    text = " ".join(str(value or "").split())
    if len(text) > LONGEST_LINE:
        raise ValueError(_("It can have at most %(most)s characters.", most=LONGEST_LINE))
    return {name: text}


def _needed_line(name: str, value: Any, country: str) -> Values:
    kept = _line(name, value, country)
    if not kept[name]:
        raise ValueError(_("This is needed."))
    return kept


def _country(name: str, value: Any, _unused: str) -> Values:
    if not places.is_country(value):
        raise ValueError(_("Choose a country."))
    return {name: value}


def _region(name: str, value: Any, country: str) -> Values:
    if not value:
        return {name: None}
    code = places.region_code(str(value), country)
    if code is None:
        raise ValueError(_("%(country)s has no region of that name.", country=country_name(country)))
    return {name: code}


def _website(name: str, value: Any, _country: str) -> Values:
    address = str(value or "").strip()
    if not address:
        return {name: "", "domain": None}
    if "://" not in address:
        address = f"https://{address}"
    domain = contacts.registrable_domain(address)
    if (
        domain is None
        or not address.lower().startswith(("https://", "http://"))
        or len(address) > LONGEST_LINE
    ):
        raise ValueError(_("Type the address of your site, such as www.example.com."))
    shared = domain in contacts.SHARED_SITES or contacts.is_free_mail(domain)
    return {name: address, "domain": None if shared else domain}


def _phone(name: str, value: Any, country: str) -> Values:
    if not str(value or "").strip():
        return {name: None}
    number = contacts.normalise_phone(str(value), country)
    if number is None:
        raise ValueError(_("Type the number with its country code, such as +49 40 123456."))
    return {name: number}


def _tax_id(name: str, value: Any, country: str) -> Values:
    if not str(value or "").strip():
        return {name: "", "tax_key": None}
    number = taxids.parse_tax_id(str(value), country)
    if number is None:
        kinds = ", ".join(taxids.tax_id_names(country))
        if kinds:
            raise ValueError(
                _("That is not a valid %(kinds)s of %(country)s.", kinds=kinds, country=country_name(country))
            )
        raise ValueError(_("That does not look like a tax number."))
    return {name: number.value, "tax_key": number.key}


def _several(
    known: Callable[[], Iterable[str]], sentence: Callable[[str], str]
) -> Callable[[str, Any, str], Values]:
    """Checks a list of codes against those known; answers each once, in the order given."""

    def check(name: str, value: Any, _country: str) -> Values:
        codes = list(dict.fromkeys(str(code) for code in value or ()))
        allowed = set(known())
        strangers = [code for code in codes if code not in allowed]
        if strangers:
            raise ValueError(f"{sentence(', '.join(strangers)[:LONGEST_LINE])} {there_are(allowed)}".rstrip())
        return {name: codes}

    return check


def there_are(codes: Iterable[str]) -> str:
    """Which codes could have been named, for files and machines that see no list."""
    known = sorted(codes)
    more = ", …" if len(known) > MOST_CODES else ""
    return _("There are: %(codes)s.", codes=", ".join(known[:MOST_CODES]) + more) if known else ""


def _no_product(names: str) -> str:
    return _("There is no product %(names)s.", names=names)


def _regions(name: str, value: Any, _country: str) -> Values:
    codes = list(dict.fromkeys(str(code) for code in value or ()))
    strangers = [code for code in codes if not (places.is_country(code) or places.is_region(code))]
    if strangers:
        raise ValueError(
            _("No country or region is called %(names)s.", names=", ".join(strangers)[:LONGEST_LINE])
        )
    if len(codes) > 300:
        raise ValueError(_("Name whole countries instead of so many regions."))
    return {name: codes}


def _cap(name: str, value: Any, _country: str) -> Values:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 10_000:
        raise ValueError(_("It can be %(least)s to %(most)s.", least=0, most=10_000))
    return {name: value}


def _degrees(most: int) -> Callable[[str, Any, str], Values]:
    def check(name: str, value: Any, _country: str) -> Values:
        if value is None:
            return {name: None}
        if not -most <= float(value) <= most:
            raise ValueError(_("It can be %(least)s to %(most)s.", least=-most, most=most))
        return {name: float(value)}

    return check


def _time_zone(name: str, value: Any, _country: str) -> Values:
    if value != "UTC" and value not in time_zone_names():
        raise ValueError(_("Choose a time zone such as Europe/Berlin."))
    return {name: value}


def _business_hours(name: str, value: Any, _country: str) -> Values:
    days = sorted({int(day) for day in value.get("days", ()) if 0 <= int(day) <= 6})
    opens, closes = str(value.get("opens", "")), str(value.get("closes", ""))
    if not _CLOCK.fullmatch(opens) or not _CLOCK.fullmatch(closes):
        raise ValueError(_("Type times such as 09:00 and 18:00."))
    kept = {"days": days, "opens": opens, "closes": closes}
    try:
        from datetime import time

        from core.calendars import weekly

        WorkingCalendar(hours=weekly(time.fromisoformat(opens), time.fromisoformat(closes), days))
    except NeverOpen:
        raise ValueError(_("Choose at least one day.")) from None
    except ValueError:
        raise ValueError(_("A day closes after it opens.")) from None
    return {name: kept}


def _type(name: str, value: Any, _country: str) -> Values:
    if value not in set(PartnerType):
        sentence = _("There is no kind of partner %(code)s.", code=str(value)[:LONGEST_LINE])
        raise ValueError(f"{sentence} {there_are(PartnerType)}")
    return {name: PartnerType(value)}


_CHECKS: dict[str, Callable[[str, Any, str], Values]] = {
    "name": _needed_line,
    "company": _needed_line,
    "person": _needed_line,
    "legal_name": _line,
    "legal_form": _line,
    "position": _line,
    "city": _line,
    "postcode": _line,
    "heard_detail": _line,
    "country": _country,
    "region": _region,
    "website": _website,
    "phone": _phone,
    "tax_id": _tax_id,
    "type": _type,
    "regions": _regions,
    "languages": _several(
        lambda: LANGUAGES, lambda names: _("We do not know the language %(names)s.", names=names)
    ),
    "products": _several(queries.products_by_code, _no_product),
    "services": _several(
        lambda: (kind.value for kind in LineKind if kind is not LineKind.LICENCE),
        lambda names: _("There is no service %(names)s.", names=names),
    ),
    "industries": _several(
        lambda: INDUSTRIES, lambda names: _("There is no industry %(names)s.", names=names)
    ),
    "open_lead_cap": _cap,
    "daily_lead_cap": _cap,
    "latitude": _degrees(90),
    "longitude": _degrees(180),
    "time_zone": _time_zone,
    "business_hours": _business_hours,
}
