"""What a table's rows need beside their text: roles and labels, so that they may become cards on a phone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

_TAG = re.compile(r"<(tr|th|td)\b((?:[^>\"]|\"[^\"]*\")*)>")
_COLSPAN = re.compile(r'\bcolspan="(\d+)"')
_CLASS = re.compile(r'\bclass="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its head, and how its cells behave.

    ``number`` aligns right with tabular figures; ``key`` keeps the figure beside the name on a phone; ``wide`` takes
    a line of its own there; ``sort`` is the word the address carries to order by it; ``hidden`` hides the head from
    sight only, above buttons; ``label`` is the head's text, ``short`` what a card says instead of it.
    """

    label: str
    number: bool = False
    key: bool = False
    wide: bool = False
    sort: str | None = None
    hidden: bool = False
    short: str | None = None

    @property
    def classes(self) -> list[str]:
        return [
            name for name, wanted in (("n", self.number), ("key", self.key), ("line", self.wide)) if wanted
        ]


def column(label: str, **how: object) -> Column:
    """``Column`` for templates."""
    return Column(label, **how)  # type: ignore[arg-type]


def dress_rows(rows: str, columns: Sequence[Column]) -> Markup:
    """Writes into ``rows`` (our own markup: tr, th, td) what their columns ask for.

    Every cell gets its role, because ``display: block`` takes it away, its column's classes, and its column's name as
    ``data-label``. Cells that span several columns count as so many.
    """
    position = 0
    #: The same tag in the same column looks the same in every row.
    known: dict[tuple[int, str], tuple[str, int]] = {}

    def dress(match: re.Match[str]) -> str:
        nonlocal position
        here = (position, match[0])
        if here not in known:
            known[here] = (anew(match), position)
        tag, position = known[here]
        return tag

    def anew(match: re.Match[str]) -> str:
        nonlocal position
        tag, attributes = match[1], match[2]
        if tag == "tr":
            position = 0
            return f'<tr{attributes} role="row">'
        span = _COLSPAN.search(attributes)
        width = int(span[1]) if span else 1
        its_column = columns[position] if position < len(columns) else None
        position += width
        role = "cell" if tag == "td" else ("rowheader" if "scope=" in attributes else "columnheader")
        if its_column is not None and width == 1:
            if its_column.classes:
                attributes = _with_classes(attributes, its_column.classes)
            if tag == "td" and "data-label=" not in attributes and not its_column.hidden:
                attributes += f' data-label="{escape(its_column.short or its_column.label)}"'
        return f'<{tag}{attributes} role="{role}">'

    return Markup(_TAG.sub(dress, rows))  # noqa: S704 - only adds attributes to markup that was escaped before


def _with_classes(attributes: str, names: list[str]) -> str:
    found = _CLASS.search(attributes)
    if found is None:
        return f'{attributes} class="{" ".join(names)}"'
    there = found[1].split()
    together = " ".join([*there, *(name for name in names if name not in there)])
    return attributes[: found.start()] + f'class="{together}"' + attributes[found.end() :]
