"""Texts by language as form fields: ``title_en``, ``title_ru``."""

from collections.abc import Mapping
from typing import Any

from core.forms import Form
from core.i18n import LOCALES


def spread(editions: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Editions as form data: ``{"title_en": …, "title_ru": …}``."""
    return {
        f"{name}_{locale}": editions.get(locale, {}).get(name, "") for locale in LOCALES for name in names
    }


def gathered(form: Form, names: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """The other way round: texts by language."""
    return {locale: {name: form[f"{name}_{locale}"].data or "" for name in names} for locale in LOCALES}
