"""Which plans a firm may earn by. The domain above that keeps plans registers how they are listed."""

from collections.abc import Callable

from core.i18n import gettext as _

#: What a firm earns by unless somebody says otherwise; it may be given before its first version is published.
USUAL_PLAN = "standard"

#: Names of published plans by code, in order.
Published = Callable[[], dict[str, str]]
_sources: list[Published] = []


def lists_plans(source: Published) -> Published:
    """Registers who knows the published plans."""
    if source not in _sources:
        _sources.append(source)
    return source


def plans_on_offer() -> dict[str, str]:
    """What stands beside each plan that a firm can be given, by its code; the usual one is always among them."""
    published = {code: name for source in _sources for code, name in source().items()}
    named = {code: _("%(name)s (%(code)s)", name=name, code=code) for code, name in published.items()}
    if USUAL_PLAN in named:
        return named
    return {USUAL_PLAN: _("%(code)s, not published yet", code=USUAL_PLAN), **named}
