"""Places on a page that domains above may fill, so that a lower page never knows who stands on it."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from flask import render_template
from markupsafe import Markup, escape

Filler = Callable[..., Markup | str | None]
_fillers: dict[str, list[tuple[int, Filler]]] = defaultdict(list)


def fills(place: str, *, order: int = 50) -> Callable[[Filler], Filler]:
    """Registers the decorated function, which gets the place's keyword arguments and answers HTML or ``None``."""

    def register(filler: Filler) -> Filler:
        _fillers[place].append((order, filler))
        _fillers[place].sort(key=lambda entry: entry[0])
        return filler

    return register


def rendered(template: str, **context: Any) -> Markup:
    """A part of a page made by a template of our own, for a slot: what people typed was escaped in it."""
    return Markup(render_template(template, **context))  # noqa: S704 - Jinja escapes what is not ours


def slot(place: str, **context: Any) -> Markup:
    """Everything that fills ``place``, in order; for templates: ``{{ slot("partners.partner.aside", partner=p) }}``."""
    parts = (filler(**context) for _order, filler in _fillers[place])
    return Markup("").join(escape(part) for part in parts if part)
