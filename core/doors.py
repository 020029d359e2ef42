"""What a view declares about who may open it; :mod:`accounts.access` holds people to it."""

from collections.abc import Callable
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])


def public(view: View) -> View:
    """Anybody may open it."""
    view.door = "public"  # type: ignore[attr-defined]
    return view


def door_of(view: Any) -> Any:
    """A permission, ``"signed in"``, ``"public"``, or ``None`` where nothing is declared."""
    return getattr(view, "door", None)
