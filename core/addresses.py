"""Addresses of pages and files: a list names a hundred of them, and all but the numbers in them is always the same."""

from functools import lru_cache
from typing import Any

from flask import current_app, has_request_context, request
from flask import url_for as built

_FILES = {"static", "bootstrap.static"}
#: Stands for a number while an address is looked up; no address holds it by itself.
_SOME_NUMBER = 7_310_592_846_000


def url_for(endpoint: str, **values: Any) -> str:
    """What Flask's answers. Inside a request, what stands around the numbers is looked up once a process."""
    has_numbers_only = all(type(value) is int and value >= 0 for value in values.values())
    is_file = endpoint in _FILES and values.keys() == {"filename"}
    if not (has_numbers_only or is_file) or endpoint.startswith(".") or not has_request_context():
        return built(endpoint, **values)
    where = (current_app._get_current_object(), request.script_root)  # type: ignore[attr-defined]
    if is_file:
        return _file(endpoint, values["filename"], *where)
    return _around(endpoint, tuple(values), *where).format(*values.values())


@lru_cache(maxsize=2048)
def _file(endpoint: str, filename: str, _app: Any, _script_root: str) -> str:
    return built(endpoint, filename=filename)


@lru_cache(maxsize=2048)
def _around(endpoint: str, names: tuple[str, ...], _app: Any, _script_root: str) -> str:
    """The address with ``{0}``, ``{1}`` … where the numbers of ``names`` belong, in their order."""
    numbers: dict[str, Any] = {name: _SOME_NUMBER + place for place, name in enumerate(names)}
    address = built(endpoint, **numbers).replace("{", "{{").replace("}", "}}")
    for place, number in enumerate(numbers.values()):
        address = address.replace(str(number), f"{{{place}}}")
    return address
