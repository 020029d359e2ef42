"""Icons of Bootstrap's set, drawn into the page one by one, so that nobody fetches all two thousand of them."""

import re
from functools import cache
from importlib.resources import files

from markupsafe import Markup

_SYMBOL = re.compile(r'<symbol[^>]*? viewBox="([^"]+)" id="([^"]+)">(.*?)</symbol>', re.DOTALL)


@cache
def _shapes() -> dict[str, tuple[str, str]]:
    sprite = (
        files("flask_bootstrap").joinpath("static/bootstrap5/icons/bootstrap-icons.svg").read_text("utf-8")
    )
    return {name: (box, shape.strip()) for box, name, shape in _SYMBOL.findall(sprite)}


@cache
def icon_shape(name: str) -> Markup:
    """The icon ``name`` as an SVG element, silent for screen readers. An unknown name raises ValueError."""
    try:
        box, shape = _shapes()[name]
    except KeyError:
        raise ValueError(f"There is no icon {name!r} in Bootstrap's set") from None
    return Markup(f'<svg class="icon" viewBox="{box}" aria-hidden="true">{shape}</svg>')  # noqa: S704 - the package's own file
