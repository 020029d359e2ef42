"""HTML that another system exported, as Markdown: what it says and how it is stressed, never what it could run."""

import re
from html.parser import HTMLParser

_BLOCKS = {"p", "div", "section", "article", "header", "footer", "figure", "dl", "dt", "dd", "tbody", "thead"}
_PAIRS = {
    "b": "**", "strong": "**", "i": "*", "em": "*", "code": "`", "kbd": "`", "tt": "`", "samp": "`", "s": "~~",
    "del": "~~", "strike": "~~",
}  # fmt: skip
_SILENT = {"script", "style", "head", "title", "template", "iframe", "object", "svg", "math"}
_SPECIAL = re.compile(r"([\\`*_\[\]<>])")


class Picture(ValueError):
    """The text shows a picture, which no Markdown of ours could."""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.lists: list[list[int]] = []
        self.links: list[str] = []
        self.silent = 0
        self.verbatim = 0
        self.code = 0
        self.cells: list[str] | None = None
        self.rows = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in _SILENT:
            self.silent += 1
        elif tag == "img":
            raise Picture(given.get("src") or "")
        elif tag == "br":
            self.parts.append("\n" if self.verbatim else "  \n")
        elif tag == "hr":
            self.parts.append("\n\n---\n\n")
        elif tag == "pre":
            self.verbatim += 1
            self.parts.append("\n\n```\n")
        elif tag in _PAIRS and not self.verbatim:
            self.code += _PAIRS[tag] == "`"
            self.parts.append(_PAIRS[tag])
        elif re.fullmatch(r"h[1-6]", tag):
            self.parts.append("\n\n" + "#" * max(2, int(tag[1])) + " ")
        elif tag in ("ul", "ol"):
            self.parts.append("\n" if self.lists else "\n\n")
            self.lists.append([0, int(tag == "ol")])
        elif tag == "li":
            self._begin_item()
        elif tag == "blockquote":
            self.parts.append("\n\n> ")
        elif tag == "a":
            self.links.append(given.get("href") or "")
            self.parts.append("[")
        elif tag == "table":
            self.rows = 0
            self.parts.append("\n\n")
        elif tag == "tr":
            self.cells = []
        elif tag in ("td", "th"):
            self.parts.append("| ")
            if self.cells is not None:
                self.cells.append("---")
        elif tag in _BLOCKS:
            self.parts.append("\n\n")

    def _begin_item(self) -> None:
        if not self.lists:
            self.lists.append([0, 0])
        count, is_ordered = self.lists[-1]
        self.lists[-1][0] = count + 1
        mark = f"{count + 1}." if is_ordered else "-"
        self.parts.append("\n" + "   " * (len(self.lists) - 1) + f"{mark} ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self.silent = max(0, self.silent - 1)
        elif tag == "pre":
            self.verbatim = max(0, self.verbatim - 1)
            self.parts.append("\n```\n\n")
        elif tag in _PAIRS and not self.verbatim:
            self.code -= _PAIRS[tag] == "`" and self.code > 0
            self.parts.append(_PAIRS[tag])
        elif tag in ("ul", "ol") and self.lists:
            self.lists.pop()
            self.parts.append("\n" if self.lists else "\n\n")
        elif tag == "a" and self.links:
            address = self.links.pop()
            self.parts.append(f"](<{address}>)" if re.match(r"(https?:|mailto:)", address) else "]")
        elif tag in ("td", "th"):
            self.parts.append(" ")
        elif tag == "tr":
            self.parts.append("|\n")
            if self.rows == 0:
                self.parts.append("|" + "|".join(self.cells or []) + "|\n")
            self.rows += 1
            self.cells = None
        elif tag in _BLOCKS or tag in {"table", "blockquote"} or re.fullmatch(r"h[1-6]", tag):
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        if self.silent:
            return
        if self.verbatim:
            self.parts.append(data)
            return
        plain = re.sub(r"[ \t\r\n\u00a0]+", " ", data)
        self.parts.append(plain if self.code else _SPECIAL.sub(r"\\\1", plain))


def markdown_from(html: str) -> str:
    """The Markdown of an HTML text. Raises Picture when it shows one."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    text = "".join(reader.parts)
    text = re.sub(r"[ \t]+\n(?! *\n)", lambda found: "  \n" if found[0].startswith("  ") else "\n", text)
    text = re.sub(r"\n[ \t]+\n", "\n\n", text)
    text = re.sub(r"\n{3,}", "\n\n", text)
    # A list within a list begins on the next line
    text = re.sub(r"\n\n( {3,}(?:-|\d+\.) )", r"\n\1", text)
    return text.strip()
