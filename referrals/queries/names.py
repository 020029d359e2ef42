"""Codes in words: what products, services, tiers and places are called in the reader's language."""

from datetime import datetime
from functools import cached_property
from typing import Any

from core.i18n import country_name, current_locale, format_day, language_name
from core.places import place_line, region_name
from partners.queries import products_by_code, services_by_code, tiers_by_code


class Names:
    """Names by kind and code, as routing's sentences ask for them; each list is read once."""

    @cached_property
    def products(self) -> dict[str, Any]:
        return products_by_code()

    @cached_property
    def services(self) -> dict[str, Any]:
        return services_by_code()

    @cached_property
    def tiers(self) -> dict[str, Any]:
        return tiers_by_code()

    def __call__(self, kind: str, code: str) -> str:
        """An unknown code is its own name."""
        if kind in {"product", "service", "tier"}:
            found = {"product": self.products, "service": self.services, "tier": self.tiers}[kind].get(code)
            return str(found.label) if found is not None else code
        if kind == "country":
            return country_name(code)
        if kind == "region":
            return region_name(code, current_locale())
        if kind == "language":
            return language_name(code)
        return format_day(datetime.fromisoformat(code))

    def place(self, city: str | None, region: str | None, country: str | None) -> str:
        """``Altona, Hamburg, Germany``; what has the same name stands there once."""
        return place_line(city, region, country, current_locale())

    def several(self, kind: str, codes: list[str]) -> str:
        """Several names in one line."""
        return ", ".join(self(kind, code) for code in codes)
