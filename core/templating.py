"""What templates may use: money and moments as words, the menu, the brand, and who is signed in."""

import re
from collections.abc import Callable, MutableMapping
from datetime import date, datetime
from functools import lru_cache
from types import FunctionType
from typing import Any

import flask.templating
from flask import Flask, g
from jinja2 import StrictUndefined, pass_context
from jinja2.runtime import Context, Macro
from markdown_it import MarkdownIt
from markupsafe import Markup

from core import clock, i18n, navigation, settings
from core.addresses import url_for
from core.compiling import Compiler
from core.slots import slot
from core.statuses import status_of

_markdown = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])

_ALLOWED_TAGS = {
    "p", "br", "hr", "h2", "h3", "h4", "ul", "ol", "li", "strong", "em", "s", "code", "pre", "blockquote", "a",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip


class _Context(Context):
    """Jinja's own, quicker with what pages call most: it looks in several places whether a callable wants the context.

    Macros want the evaluation context; plain functions say what they want in an attribute.
    """

    def call(__self, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805
        kind = type(__obj)
        if kind is Macro:
            args = (__self.eval_ctx, *args)
        elif kind is not FunctionType or hasattr(__obj, "jinja_pass_arg"):
            return super().call(__obj, *args, **kwargs)
        kwargs.pop("_block_vars", None)
        kwargs.pop("_loop_vars", None)
        return __obj(*args, **kwargs)


class Environment(flask.templating.Environment):
    """Where the templates live; an import costs next to nothing."""

    context_class = _Context
    code_generator_class = Compiler

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """No template has globals of its own: then all share the mapping, and an import need not compare two chains."""
        return super().make_globals(d) if d else self.globals


def markdown(text: str | None) -> Markup:
    """People's Markdown as safe HTML: no raw HTML, an allow-list of tags, only http(s) and mailto links."""
    import nh3

    html = _markdown.render(text or "").replace("<h1>", "<h2>").replace("</h1>", "</h2>")
    clean = nh3.clean(
        html,
        tags=_ALLOWED_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow ugc",
    )
    return Markup(clean)  # noqa: S704 - cleaned above


def money(value: Any, currency: str | None = None, *, bare: bool = False) -> str:
    """``Money``, a pair (minor, currency), or minor units with ``currency``."""
    if currency is not None:
        return i18n.format_money(int(value), currency, bare=bare)
    if isinstance(value, tuple):
        return i18n.format_money(value[0], value[1], bare=bare)
    return i18n.format_money(value.amount_minor, value.currency, bare=bare)


def _said_anew(how: Callable[..., str]) -> Callable[..., str]:
    """A filter whose answer depends on the reader: Jinja must not fold it when it compiles a template."""

    @pass_context
    def filtered(_context: Any, *values: Any, **options: Any) -> str:
        return how(*values, **options)

    return filtered


_ADDRESS = re.compile(r"[^\s@]+@\S+|https?://\S+")
_SEAM = re.compile(r"(?<=[@/.])(?=\w)")


def breakable(value: Any) -> Any:
    """A mail or web address that a narrow column breaks after ``@``, ``/`` and dots rather than inside a word."""
    if not isinstance(value, str) or isinstance(value, Markup) or not _ADDRESS.fullmatch(value):
        return value
    return Markup("<wbr>").join(_SEAM.split(value))


def _isoformat(moment: datetime | date) -> str:
    return moment.isoformat()


def init_app(app: Flask) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.add_extension("jinja2.ext.do")
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    spoken: dict[str, Callable[..., str]] = {
        "money": money,
        "short_money": i18n.format_short_money,
        "moment": i18n.format_moment,
        "day": i18n.format_day,
        "short_day": i18n.format_short_day,
        "relative": i18n.format_relative,
        "when": i18n.format_when,
        "number": i18n.format_number,
        "percent": i18n.format_percent,
        "country": i18n.country_name,
        "language": i18n.language_name,
    }
    app.jinja_env.filters.update({name: _said_anew(how) for name, how in spoken.items()})
    app.jinja_env.filters.update(markdown=markdown, iso=_isoformat, breakable=breakable)
    app.jinja_env.globals.update(slot=slot, status_of=status_of, now=clock.now, url_for=url_for)

    @app.context_processor
    def page_context() -> dict[str, Any]:
        person = g.get("person")
        return {
            # Paths rather than url_for: mail is written where there is no request.
            "locale": i18n.current_locale(),
            "locales": list(i18n.offered_locales().items()),
            "brand": brand(),
            "theme": (g.get("viewer") or person).theme if person is not None else "auto",
            "current_person": person,
            "viewing_as": {"name": person.name, "end_url": "/viewing/end"} if g.get("viewer") else None,
            "is_demo": app.config["KIND"] == "demo",
            "menu": lambda: navigation.menu_for(person),
        }


def brand() -> dict[str, Any]:
    """The vendor as the pages show it."""
    return _brand(settings.in_force(), i18n.current_locale())


@lru_cache(maxsize=64)
def _brand(_settings: frozenset[tuple[str, str]], _locale: str) -> dict[str, Any]:
    """The same for as long as nobody changes a setting; templates only read it."""
    texts = (
        ("privacy", i18n.gettext("Privacy")),
        ("terms", i18n.gettext("Terms")),
        ("imprint", i18n.gettext("Imprint")),
    )
    return {
        "name": settings.VENDOR_NAME.value(),
        "programme": settings.PROGRAMME_NAME.value(),
        "accent": settings.ACCENT.value(),
        "logo_url": "/logo" if settings.LOGO.value() else None,
        "legal": [(label, f"/legal/{page}") for page, label in texts if settings.legal_text(page)],
    }
