"""What comes in must be something that can be kept: text without NUL and half signs, numbers with an end, JSON of a
sensible depth. PostgreSQL refuses the one, Python breaks at the other; both are said here, before any view sees them.
"""

import json
import math
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any, TypeVar

import flask
from flask import Flask, abort, request
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.routing import IntegerConverter as AnyInteger

from core.digits import MOST_DIGITS

#: How deep lists and objects may stand within each other; a plan's conditions need a dozen.
MOST_DEPTH = 60

_UNKEEPABLE = re.compile(r"[\x00\ud800-\udfff]")
_ESCAPED = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
Values = TypeVar("Values", bound=MultiDict[str, str])


class UnreadableJSON(ValueError):
    """A body that is not JSON, or JSON that nobody means."""


class UnkeepableText(ValueError):
    """A text with a sign that no database keeps; ``pointer`` says where it stands."""

    def __init__(self, pointer: str) -> None:
        super().__init__(pointer)
        self.pointer = pointer


def read_json(body: bytes) -> Any:
    """The document in ``body``.

    Raises UnreadableJSON for what is no JSON, for NaN and numbers without an end, and for more than
    :data:`MOST_DEPTH` levels; UnkeepableText for a NUL or half a sign in a text.
    """
    try:
        document = json.loads(body, parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise UnreadableJSON(str(error)) from error
    if body.count(b"[") + body.count(b"{") > MOST_DEPTH and _depth(document) > MOST_DEPTH:
        raise UnreadableJSON(f"more than {MOST_DEPTH} levels")
    if _ESCAPED.search(body):
        for pointer, text in _texts(document, ""):
            if _UNKEEPABLE.search(text):
                raise UnkeepableText(pointer)
    return document


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits[:20]} is too large")
    return number


def _below(value: Any) -> Iterable[tuple[str, Any]]:
    if isinstance(value, dict):
        return value.items()
    return ((str(place), one) for place, one in enumerate(value)) if isinstance(value, list) else ()


def _depth(document: Any) -> int:
    level, deep = [document], 0
    while level:
        level = [below for value in level for _name, below in _below(value)]
        deep += 1
    return deep


def _texts(value: Any, pointer: str) -> Iterator[tuple[str, str]]:
    """Every text of a document, names of fields too, with its JSON pointer."""
    if isinstance(value, str):
        yield pointer, value
    for name, below in _below(value):
        here = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
        if isinstance(value, dict) and _UNKEEPABLE.search(name):
            yield pointer, name
        yield from _texts(below, here)


def _without_orders(values: Values) -> Values:
    """The arguments of an address without those that ``url_for`` would take for its own.

    Pages lead on with the arguments they came with; ``?_external=1&_scheme=javascript`` would then write the link.
    """
    orders = [name for name in values if name.startswith("_") or name == "endpoint"]
    if not orders:
        return values
    kept = [(name, value) for name, value in values.items(multi=True) if name not in orders]
    return type(values)(kept)


def _without_nul(values: Values) -> Values:
    """No browser sends NUL: whoever does so gets the text without it."""
    if not any("\x00" in value for _name, value in values.items(multi=True)):
        return values
    clean = [(name, value.replace("\x00", "")) for name, value in values.items(multi=True)]
    return type(values)(clean)


class Request(flask.Request):
    """A request whose address and form hold text that can be kept."""

    @cached_property
    def args(self) -> MultiDict[str, str]:
        return _without_orders(_without_nul(super().args))

    def _load_form_data(self) -> None:
        super()._load_form_data()
        form = self.__dict__.get("form")
        if isinstance(form, ImmutableMultiDict):
            self.__dict__["form"] = _without_nul(form)


class IntegerConverter(AnyInteger):
    """A row's number in an address. One that no row can have is an address that does not exist."""

    regex = rf"[0-9]{{1,{MOST_DIGITS}}}"


def init_app(app: Flask) -> None:
    app.request_class = Request
    app.url_map.converters["int"] = IntegerConverter

    @app.before_request
    def know_the_address() -> None:
        if _UNKEEPABLE.search(request.path):
            abort(404)
