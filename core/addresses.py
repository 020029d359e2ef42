"""Addresses of pages and files: a list names a hundred of them, and all but the numbers in them is always the same."""

from functools import lru_cache
from typing import Any

from flask import current_app, request
from flask import url_for as built

_FILES = {"static", "bootstrap.static"}
#: Stands for a number while an address is looked up; no address holds it by itself.
_SOME_NUMBER = 7_310_592_846_000
#: Beyond, addresses are built each time: there are not so many endpoints.
_MOST_KEPT = 4000


def url_for(endpoint: str, **values: Any) -> str:
    """What Flask's answers. Inside a request, what stands around the numbers is looked up once a process."""
    try:
        here = request._get_current_object()  # type: ignore[attr-defined]
    except RuntimeError:
        return built(endpoint, **values)
    try:
        known: dict[Any, str] = here.known_addresses
    except AttributeError:
        app = current_app._get_current_object()  # type: ignore[attr-defined]
        known = here.known_addresses = _known(app, here.script_root)
    if not values:
        return known.get(endpoint) or _kept(known, endpoint, endpoint, values)
    for value in values.values():
        if type(value) is not int or value < 0:
            if endpoint in _FILES and len(values) == 1:
                key = (endpoint, value)
                return known.get(key) or _kept(known, key, endpoint, values)
            return built(endpoint, **values)
    names = (endpoint, *values)
    around = known.get(names) or _kept(known, names, endpoint, values, has_numbers=True)
    return around.format(*values.values())


@lru_cache(maxsize=16)
def _known(_app: Any, _script_root: str) -> dict[Any, str]:
    """The addresses that were built before for an application mounted here."""
    return {}


def _kept(
    known: dict[Any, str], key: Any, endpoint: str, values: dict[str, Any], *, has_numbers: bool = False
) -> str:
    """The address, kept under ``key``; with ``{0}``, ``{1}`` … where numbers belong, in their order."""
    if has_numbers:
        numbers: dict[str, Any] = {name: _SOME_NUMBER + place for place, name in enumerate(values)}
        address = built(endpoint, **numbers).replace("{", "{{").replace("}", "}}")
        for place, number in enumerate(numbers.values()):
            address = address.replace(str(number), f"{{{place}}}")
    else:
        address = built(endpoint, **values)
    if not endpoint.startswith(".") and len(known) < _MOST_KEPT:
        known[key] = address
    return address
