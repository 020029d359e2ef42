"""Authors' Markdown as the safe HTML of a lesson, with its pictures, files and films; and the short form of a choice.

Pictures and files are those uploaded to the course: ``![Alt](file:KEY)`` and ``[Name](file:KEY)``. A line that holds
nothing but a link to a film on one of the allowed hosts becomes a card; nothing is embedded, so no other site learns
who reads. No raw HTML gets through, links lead to http(s) or mailto only, pictures come from this portal only.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

_TAGS = {
    "p", "br", "hr", "h2", "h3", "h4", "ul", "ol", "li", "strong", "em", "s", "code", "pre", "blockquote", "a", "img",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_INLINE_TAGS = {"strong", "em", "s", "code"}


def _is_safe(url: str) -> bool:
    """The reader refuses addresses it does not know; ours name a file of the course."""
    scheme = urlsplit(url).scheme if url.isprintable() else "?"
    return scheme in {"", "http", "https", "mailto", "file"}


_reader = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])
_reader.validateLink = _is_safe  # type: ignore[method-assign]


@dataclass(frozen=True)
class Attached:
    """A file of a course as a lesson shows it. ``said`` is its size and type in words; a picture has its measures."""

    address: str
    name: str
    said: str
    width: int | None = None
    height: int | None = None


def host_of(address: str) -> str:
    """The site an address leads to, without ``www.`` and a phone's ``m.``."""
    try:
        host = (urlsplit(address).hostname or "").lower()
    except ValueError:
        return ""
    return host.removeprefix("www.").removeprefix("m.")


def lesson_html(text: str | None, files: Mapping[str, Attached], film_hosts: Collection[str]) -> Markup:
    """A lesson's text. ``files`` are the course's by key; what refers to none of them keeps its words only."""
    tokens = _reader.parse(text or "")
    for place, token in enumerate(tokens):
        if token.type in {"heading_open", "heading_close"}:
            token.tag = "h2" if token.tag == "h1" else "h4" if token.tag in {"h5", "h6"} else token.tag
        if token.type == "inline" and token.children:
            film = _film(token, film_hosts)
            if film and tokens[place - 1].type == "paragraph_open":
                tokens[place - 1].attrSet("class", "film")
            token.children = _resolved(token.children, files)
    html = _reader.renderer.render(tokens, _reader.options, {})
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes={
            "a": {"href", "class"},
            "img": {"src", "alt", "width", "height", "loading"},
            "p": {"class"},
            "ol": {"start"},
        },
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow ugc",
    )
    return Markup(clean)  # noqa: S704 - cleaned above


def _film(token: Token, hosts: Collection[str]) -> bool:
    """Whether a paragraph is one link to a film and nothing else."""
    parts = [part for part in token.children or [] if part.type not in {"softbreak", "hardbreak"}]
    if len(parts) < 3 or parts[0].type != "link_open" or parts[-1].type != "link_close":
        return False
    if any(part.type == "link_open" for part in parts[1:]):
        return False
    return host_of(str(parts[0].attrGet("href"))) in hosts


def _resolved(parts: list[Token], files: Mapping[str, Attached]) -> list[Token]:
    """The parts with files in place of their keys, and without pictures from elsewhere."""
    resolved: list[Token] = []
    dropped = 0
    for part in parts:
        if part.type == "image":
            resolved.append(_picture(part, files))
        elif part.type == "link_open" and str(part.attrGet("href")).startswith("file:"):
            found = files.get(str(part.attrGet("href")).removeprefix("file:"))
            if found is None:
                dropped += 1
                continue
            part.attrSet("href", found.address)
            part.attrSet("class", "file")
            resolved.append(part)
        elif part.type == "link_close" and dropped:
            dropped -= 1
        else:
            resolved.append(part)
    return resolved


def _picture(part: Token, files: Mapping[str, Attached]) -> Token:
    found = files.get(str(part.attrGet("src")).removeprefix("file:"))
    if found is None or found.width is None:
        return Token("text", "", 0, content=part.content)
    part.attrSet("src", found.address)
    part.attrSet("width", str(found.width))
    part.attrSet("height", str(found.height))
    part.attrSet("loading", "lazy")
    return part


def keys_in(texts: Collection[str]) -> set[str]:
    """The keys of all files that any of these texts shows or offers."""
    found: set[str] = set()
    for text in texts:
        for token in _reader.parse(text or ""):
            for part in token.children or []:
                address: Any = part.attrGet("src") or part.attrGet("href") or ""
                if str(address).startswith("file:"):
                    found.add(str(address).removeprefix("file:"))
    return found


def inline_html(text: str | None) -> Markup:
    """One line, such as a choice of a question: stress and code, no paragraphs, no links."""
    clean = nh3.clean(_reader.renderInline(text or ""), tags=_INLINE_TAGS, attributes={})
    return Markup(clean)  # noqa: S704 - cleaned above
