"""Texts in several languages: which edition a reader gets, and whether it is the right one and up to date."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core import clock
from core.i18n import current_locale

#: The language a course is written in first; other editions follow it.
ORIGINAL = "en"


@dataclass(frozen=True)
class Edition:
    """The texts that one reader sees.

    ``is_fallback``: their language is missing, so these are the original's. ``is_behind``: the original was changed
    after this edition.
    """

    locale: str
    texts: Mapping[str, Any]
    is_fallback: bool
    is_behind: bool

    def __getitem__(self, name: str) -> Any:
        return self.texts.get(name, "")


def edition_of(editions: Mapping[str, Any], locale: str | None = None) -> Edition:
    """The edition in ``locale`` (the reader's when left out), else the original, else whatever there is."""
    wanted = locale or current_locale()
    found = next((code for code in (wanted, ORIGINAL, *sorted(editions)) if code in editions), wanted)
    texts = editions.get(found, {})
    first = editions.get(ORIGINAL, {})
    return Edition(
        locale=found,
        texts=texts,
        is_fallback=found != wanted and bool(editions),
        is_behind=found != ORIGINAL and texts.get("revised_at", "") < first.get("revised_at", ""),
    )


def with_edition(editions: Mapping[str, Any], locale: str, texts: Mapping[str, Any]) -> dict[str, Any]:
    """``editions`` with the one in ``locale`` replaced; an edition whose texts are all empty is taken out.

    The moment of revision changes only when a text does.
    """
    others = {code: edition for code, edition in editions.items() if code != locale}
    if not any(texts.values()):
        return others
    before = {name: value for name, value in editions.get(locale, {}).items() if name != "revised_at"}
    if before == dict(texts):
        return dict(editions)
    return {**others, locale: {**texts, "revised_at": clock.now().isoformat()}}
