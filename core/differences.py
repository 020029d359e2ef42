"""What changed between two texts: paragraph by paragraph, and word by word within one that was changed.

Texts are Markdown as people write it. Where lines break within a paragraph does not count; a list's lines count singly.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

#: Below this likeness (0 to 1) a paragraph counts as another one, not as a changed one.
LEAST_LIKENESS = 0.4
#: Longer paragraphs are not compared word by word: comparing takes the product of both lengths.
MOST_WORDS = 1500
#: In a passage with more pairs of old and new paragraphs than this, none is looked for a counterpart.
MOST_PAIRS = 400
_ITEM = re.compile(r"(?:[-*+]|\d+[.)])\s")
_HEADING = re.compile(r"#{1,6}\s+")


class Kind(StrEnum):
    SAME = "same"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True)
class Piece:
    """Words that stayed, went or came."""

    kind: Kind
    text: str


@dataclass(frozen=True)
class Change:
    """A paragraph that was changed, added or taken out, and the heading it stands under (empty: above the first)."""

    heading: str
    pieces: tuple[Piece, ...]


def changes(before: str, after: str) -> list[Change]:
    """Every paragraph that is not as it was, in the order of the texts; empty when only line breaks differ."""
    old, new = _paragraphs(before), _paragraphs(after)
    old_rows, new_rows = _placed(old), _placed(new)
    return [
        change
        for tag, old_from, old_to, new_from, new_to in _matcher(old, new).get_opcodes()
        if tag != "equal"
        for change in _pairs(old_rows[old_from:old_to], new_rows[new_from:new_to])
    ]


def _paragraphs(text: str) -> list[str]:
    """The text's paragraphs, headings and list items, each on one line."""
    found: list[str] = []
    for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n")):
        lines: list[str] = []
        for line in filter(None, (line.strip() for line in block.split("\n"))):
            begins = not lines or _ITEM.match(line) or _HEADING.match(line) or _HEADING.match(lines[-1])
            if begins:
                lines.append(line)
            else:
                lines[-1] += " " + line
        found += [" ".join(line.split()) for line in lines]
    return found


def _placed(paragraphs: list[str]) -> list[tuple[str, str]]:
    """Each paragraph's nearest heading above (none for a heading itself) and its words."""
    rows, heading = [], ""
    for paragraph in paragraphs:
        words = _HEADING.sub("", paragraph, count=1)
        is_heading = words != paragraph
        rows.append(("" if is_heading else heading, words))
        heading = words if is_heading else heading
    return rows


def _pairs(old: list[tuple[str, str]], new: list[tuple[str, str]]) -> Iterator[Change]:
    """Changed paragraphs beside what they were, in their order; what has no counterpart went or came as a whole."""
    is_rewritten = len(old) * len(new) > MOST_PAIRS
    for heading, words in new:
        alike = (row for row, (_, other) in enumerate(old) if not is_rewritten and _alike(other, words))
        found = next(alike, None)
        if found is None:
            yield Change(heading, (Piece(Kind.NEW, words),))
            continue
        yield from _gone(old[:found])
        yield Change(heading, tuple(_by_words(old[found][1], words)))
        old = old[found + 1 :]
    yield from _gone(old)


def _gone(rows: list[tuple[str, str]]) -> Iterator[Change]:
    return (Change(heading, (Piece(Kind.GONE, words),)) for heading, words in rows)


def _alike(old: str, new: str) -> bool:
    one, other = old.split(), new.split()
    if max(len(one), len(other)) > MOST_WORDS:
        return False
    return _matcher(one, other).ratio() >= LEAST_LIKENESS


def _by_words(old: str, new: str) -> list[Piece]:
    one, other = old.split(), new.split()
    pieces: list[Piece] = []
    for tag, old_from, old_to, new_from, new_to in _matcher(one, other).get_opcodes():
        if tag == "equal":
            pieces.append(Piece(Kind.SAME, " ".join(one[old_from:old_to])))
            continue
        if old_from < old_to:
            pieces.append(Piece(Kind.GONE, " ".join(one[old_from:old_to])))
        if new_from < new_to:
            pieces.append(Piece(Kind.NEW, " ".join(other[new_from:new_to])))
    return pieces


def _matcher(one: list[str], other: list[str]) -> "SequenceMatcher[str]":
    return SequenceMatcher(None, one, other, autojunk=False)
