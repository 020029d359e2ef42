"""Moodle's GIFT, the text format of question banks: read with an error a line, and written so that it reads back.

Tags stand in a comment before the question, ``// [tag:leads]``, as Moodle writes them; a ``$CATEGORY:`` line adds its
last part. Texts marked ``[html]`` become Markdown. Putting things in order is written ``{>3 ALL VERTICAL …`` with an
item a line, as Moodle's own question type writes it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from academy import ordering
from academy.bank_files import (
    BankFile,
    BankProblem,
    BankQuestion,
    Unreadable,
    check_accepted,
    check_choices,
    check_items,
    check_pairs,
    checked_weight,
    decimal_text,
    name_from,
    with_feedback,
)
from academy.from_html import Picture, markdown_from
from core.digits import number_in
from core.i18n import gettext as _

_GAP = "_____"


@dataclass
class _Block:
    """The lines of one question. ``numbers`` are their places in the file, for the report."""

    numbers: list[int]
    lines: list[str]
    tags: list[str]
    idnumber: str

    @property
    def line(self) -> int:
        return self.numbers[0]

    @property
    def text(self) -> str:
        return "\n".join(self.lines).strip()

    def line_of(self, piece: str) -> int:
        """The line that ``piece`` of the text stands in."""
        whole = "\n".join(self.lines)
        return self.numbers[whole[: max(whole.find(piece), 0)].count("\n")]


def read_gift(source: str) -> BankFile:
    """Reads a file. A question that cannot be used is a problem with its line; the others are still read."""
    found = BankFile()
    for block in _blocks(source.lstrip("\ufeff")):
        if found.is_full:
            found.problems.append(BankProblem(block.line, _("One file can hold 2000 questions at most.")))
            break
        try:
            found.add(_question(block))
        except Unreadable as problem:
            found.problems.append(BankProblem(problem.line or block.line, problem.sentence))
    return found


def _blocks(source: str) -> Iterable[_Block]:
    """Questions are parted by empty lines. A line that begins with ``//`` is a comment, wherever it stands."""
    block = _Block([], [], [], "")
    category: list[str] = []
    for number, line in enumerate([*source.splitlines(), ""], start=1):
        bare = line.strip()
        if bare.startswith("//"):
            block.tags += re.findall(r"\[tag:((?:[^\]\\]|\\.)+)\]", bare)
            known = re.search(r"\[id:((?:[^\]\\]|\\.)+)\]", bare)
            block.idnumber = _unescaped(known[1]).strip() if known else block.idnumber
        elif not block.lines and bare.startswith("$CATEGORY:"):
            last = bare.removeprefix("$CATEGORY:").strip().rstrip("/").rpartition("/")[2].strip()
            category = [last] if last and last not in {"$course$", "top"} else []
        elif bare:
            block.numbers.append(number)
            block.lines.append(line)
        elif block.lines:
            unique = list(dict.fromkeys(_unescaped(tag).strip() for tag in [*block.tags, *category]))
            block.tags = [tag for tag in unique if tag]
            yield block
            block = _Block([], [], [], "")


def _unescaped(text: str) -> str:
    r"""Takes the backslash off ``\~ \= \# \{ \} \: \\`` and reads ``\n`` as a new line."""
    return re.sub(r"\\(n|.)", lambda match: "\n" if match[1] == "n" else match[1], text, flags=re.DOTALL)


def _escaped(text: str) -> str:
    """Written so that it means itself, in one line."""
    plain = re.sub(r"([\\~=#{}:])", r"\\\1", text.replace("\r", ""))
    return plain.replace("\n", r"\n")


def _split(text: str, signs: str) -> list[tuple[str, str]]:
    """``text`` cut before every unescaped one of ``signs``: (sign, what follows), the first with an empty sign."""
    parts: list[tuple[str, str]] = []
    sign, piece, escape = "", "", False
    for letter in text:
        if escape:
            piece += letter
            escape = False
        elif letter == "\\":
            piece += letter
            escape = True
        elif letter in signs:
            parts.append((sign, piece))
            sign, piece = letter, ""
        else:
            piece += letter
    parts.append((sign, piece))
    return parts


def _find(text: str, what: str, start: int = 0) -> int:
    """Where the unescaped ``what`` begins, or -1."""
    match = re.compile(r"(?<!\\)(?:\\\\)*(" + re.escape(what) + ")").search(text, start)
    return match.start(1) if match else -1


def _question(block: _Block) -> BankQuestion:
    text, name = block.text, ""
    if text.startswith("::"):
        end = _find(text, "::", 2)
        if end < 0:
            raise Unreadable(_("The name opens with :: and is never closed by ::."))
        name = _unescaped(text[2:end]).strip()
        text = text[end + 2 :]
    opening, closing = _find(text, "{"), _find(text, "}")
    if opening < 0:
        raise Unreadable(_("There are no answers in braces { }. Descriptions are not imported."))
    if closing < opening:
        raise Unreadable(_("A brace { is opened and never closed by }."))
    again = _find(text, "{", opening + 1)
    if again > closing:
        raise Unreadable(
            _("There are answers in two places. One question can have one set of answers."),
            block.line_of(text[again:]),
        )
    before, inside, after = text[:opening], text[opening + 1 : closing], text[closing + 1 :]
    said, marked = _without_format(before)
    asked = _said(said, marked)
    tail = _said(after, marked)
    if tail:
        asked = f"{asked} {_GAP} {tail}".strip()
    if not asked:
        raise Unreadable(_("The question has no text."))
    kind, answer, texts = _Answers(block, marked).read(inside.strip())
    if block.idnumber:
        answer = {**answer, "moodle": {"idnumber": block.idnumber}}
    return BankQuestion(
        line=block.line,
        name=(name or name_from(asked))[:200],
        kind=kind,
        tags=block.tags,
        answer=answer,
        texts={"text": asked, **texts},
    )


def _without_format(text: str) -> tuple[str, str]:
    """A text without the mark of its format, and the mark (``html``, ``markdown``, …) or nothing."""
    match = re.match(r"\s*\[(html|moodle|plain|markdown)\]", text)
    return (text, "") if match is None else (text[match.end() :], match[1])


def _said(text: str, marked: str) -> str:
    """A piece as it was meant; what is HTML becomes Markdown."""
    plain = _unescaped(text).strip()
    if marked != "html":
        return plain
    try:
        return markdown_from(plain)
    except Picture:
        raise Unreadable(
            _("The text shows a picture. GIFT does not carry pictures; export as Moodle XML.")
        ) from None


@dataclass
class _Option:
    sign: str
    text: str
    weight: str
    feedback: str


class _Answers:
    """What stands in the braces of one question; ``marked`` is the format that its text names for all of it."""

    def __init__(self, block: _Block, marked: str) -> None:
        self.block = block
        self.marked = marked

    def read(self, inside: str) -> tuple[str, dict[str, Any], dict[str, Any]]:
        """The kind, what is the same in every language, and the texts."""
        explanation = ""
        mark = _find(inside, "####")
        if mark >= 0:
            explanation = self._text(inside[mark + 4 :])
            inside = inside[:mark].strip()
        said = {"explanation": explanation}
        if not inside:
            raise Unreadable(_("Essays are not imported: only questions that the portal can mark by itself."))
        if inside.startswith(">"):
            return self._order(inside[1:], said)
        truth, *comments = [piece for _sign, piece in _split(inside, "#")]
        if truth.strip().upper() in {"T", "TRUE", "F", "FALSE"}:
            return self._truth(truth.strip().upper().startswith("T"), comments, said)
        if inside.startswith("#"):
            return self._numbers(inside[1:].strip(), said)
        first, *rest = _split(inside, "~=")
        if first[1].strip():
            begun = first[1].strip()
            raise Unreadable(
                _("An answer begins with = or ~; “%(text)s” begins with neither.", text=begun[:40]),
                self.block.line_of(begun),
            )
        options = [self._option(sign, piece) for sign, piece in rest]
        if all(option.sign == "=" and "->" in option.text for option in options):
            pairs = [[side.strip() for side in option.text.split("->", 1)] for option in options]
            check_pairs(pairs)
            return "matching", {}, {"pairs": pairs, **said}
        comments = [option.feedback for option in options]
        if all(option.sign == "=" for option in options):
            accepted = [{"text": option.text, "weight": option.weight or "100"} for option in options]
            check_accepted([option["weight"] for option in accepted])
            return "short_text", {}, with_feedback({"accepted": accepted, **said}, comments)
        weights = [option.weight or ("100" if option.sign == "=" else "0") for option in options]
        kind = "single" if any(option.sign == "=" for option in options) else "multiple"
        choices = [option.text for option in options]
        check_choices(kind, weights, choices)
        return kind, {"weights": weights}, with_feedback({"choices": choices, **said}, comments)

    def _text(self, piece: str) -> str:
        plain, marked = _without_format(piece)
        return _said(plain, marked or self.marked)

    def _option(self, sign: str, piece: str) -> _Option:
        line = self.block.line_of(sign + piece)
        piece = piece.strip()
        weight = ""
        match = re.match(r"%([-+]?\d+(?:\.\d+)?)%", piece)
        if match is not None:
            weight, piece = checked_weight(match[1], line), piece[match.end() :]
        answer, *comments = [part for _sign, part in _split(piece, "#")]
        text = self._text(answer)
        if not text:
            raise Unreadable(_("An answer after %(sign)s is empty.", sign=sign), line)
        return _Option(sign, text, weight, self._text("#".join(comments)))

    def _order(self, inside: str, said: dict[str, Any]) -> tuple[str, dict[str, Any], dict[str, Any]]:
        """``>3 ALL VERTICAL ABSOLUTE_POSITION SHOW``, then an item a line."""
        first, *lines = inside.splitlines()
        words = first.split()
        number = number_in(words[0]) if words else None
        count, words = (0, words) if number is None else (number, words[1:])
        select = _SELECTIONS.get(words[0].upper()) if words else None
        words = words[1:] if select else words
        words = words[1:] if words and words[0].upper() in _LAYOUTS else words
        grading = ordering.grading_named(words[0]) if words else ordering.USUAL
        words = words[1:] if words and grading else words
        shows = bool(words) and words[0].upper() in _SHOWING
        items = [self._text(line) for line in ["", *lines] if line.strip()]
        if (words and not shows) or len(words) > 1:
            raise Unreadable(
                _(
                    "“%(text)s” is no way of ordering. Each item stands in a line of its own.",
                    text=words[0][:40],
                )
            )
        check_items(items)
        answer: dict[str, Any] = {"grading": grading or ordering.USUAL}
        if select in ("random", "contiguous") and 2 <= count < len(items):
            answer |= {"select": select, "count": count}
        return "ordering", answer, {"items": items, **said}

    def _truth(
        self, truth: bool, comments: list[str], said: dict[str, Any]
    ) -> tuple[str, dict[str, Any], dict[str, Any]]:
        """Behind the first # stands what is said to a wrong answer, behind the second what to a right one."""
        wrong, right = ([self._text(piece) for piece in comments] + ["", ""])[:2]
        return (
            "true_false",
            {"truth": truth},
            with_feedback(said, [right, wrong] if truth else [wrong, right]),
        )

    def _numbers(self, inside: str, said: dict[str, Any]) -> tuple[str, dict[str, Any], dict[str, Any]]:
        """``3.14:0.01``, ``1..5``, or several after ``=``, each perhaps with a weight and a comment."""
        pieces = [(sign, piece) for sign, piece in _split(inside, "=~") if sign == "=" or piece.strip()]
        ranges, feedback = [], []
        for sign, piece in pieces:
            line = self.block.line_of(sign + piece)
            plain, *comments = [part for _sign, part in _split(piece, "#")]
            match = re.match(r"\s*%([-+]?\d+(?:\.\d+)?)%", plain)
            weight = checked_weight(match[1], line) if match else "100"
            plain = plain[match.end() :] if match else plain
            ranges.append({**_range(plain.strip(), line), "weight": weight})
            feedback.append(self._text("#".join(comments)))
        if not ranges:
            raise Unreadable(_("There is no number after #."))
        check_accepted([one["weight"] for one in ranges])
        return "numeric", {"accepted": ranges}, with_feedback(said, feedback)


_SELECTIONS = {
    "ALL": "all", "EXACT": "all", "RANDOM": "random", "REL": "random", "CONTIGUOUS": "contiguous",
    "CONTIG": "contiguous",
}  # fmt: skip
_LAYOUTS = {"HORIZONTAL", "HORI", "H", "1", "VERTICAL", "VERT", "V", "0"}
_SHOWING = {"SHOW", "TRUE", "YES", "1", "HIDE", "FALSE", "NO", "0"}

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,2})?"


def _range(plain: str, line: int) -> dict[str, str]:
    plain = plain.replace("\\:", ":")
    match = re.fullmatch(rf"({_NUMBER})\s*\.\.\s*({_NUMBER})", plain)
    if match is not None:
        least, most = Fraction(match[1]), Fraction(match[2])
    else:
        match = re.fullmatch(rf"({_NUMBER})(?:\s*:\s*({_NUMBER}))?", plain)
        if match is None:
            raise Unreadable(
                _("“%(text)s” is not a number such as 3.14:0.01 or 1..5.", text=plain[:40]), line
            )
        middle, tolerance = Fraction(match[1]), abs(Fraction(match[2] or "0"))
        least, most = middle - tolerance, middle + tolerance
    if least > most:
        raise Unreadable(_("The range %(text)s begins above its end.", text=plain[:40]), line)
    return {"least": decimal_text(least), "most": decimal_text(most)}


def write_gift(questions: Iterable[BankQuestion]) -> str:
    """The questions as a file that reads back to the same."""
    return "\n".join(_written(question) for question in questions)


def _written(question: BankQuestion) -> str:
    marks = [f"[tag:{_bracketed(tag)}]" for tag in question.tags]
    if question.answer.get("moodle", {}).get("idnumber"):
        marks.insert(0, f"[id:{_bracketed(question.answer['moodle']['idnumber'])}]")
    lines = [f"// {' '.join(marks)}"] if marks else []
    name, asked = _escaped(question.name), _escaped(question.texts["text"])
    explanation = question.texts.get("explanation", "")
    written = _written_answers(question)
    lines.append(f"::{name}::[markdown]{asked}{{{written[0] if question.kind == 'ordering' else ''}")
    lines += [f"\t{line}" for line in (written[1:] if question.kind == "ordering" else written)]
    if explanation:
        lines.append(f"\t####{_escaped(explanation)}")
    return "\n".join([*lines, "}", ""])


def _bracketed(text: str) -> str:
    return text.replace("\\", "\\\\").replace("]", "\\]")


def _written_answers(question: BankQuestion) -> list[str]:
    answer, texts = question.answer, question.texts
    comments: Sequence[str] = texts.get("feedback", [])

    def comment(place: int) -> str:
        return f"#{_escaped(comments[place])}" if place < len(comments) and comments[place] else ""

    if question.kind == "true_false":
        right, wrong = (comment(0), comment(1)) if answer["truth"] else (comment(1), comment(0))
        said = f"{wrong or '#'}{right or '#'}" if wrong or right else ""
        return [("TRUE" if answer["truth"] else "FALSE") + said]
    if question.kind == "numeric":
        return [
            "#",
            *(
                f"={_weight(one['weight'])}{one['least']}..{one['most']}{comment(place)}"
                for place, one in enumerate(answer["accepted"])
            ),
        ]
    if question.kind == "short_text":
        return [
            f"={_weight(one['weight'])}{_escaped(one['text'])}{comment(place)}"
            for place, one in enumerate(texts["accepted"])
        ]
    if question.kind == "matching":
        return [f"={_escaped(left)} -> {_escaped(right)}" for left, right in texts["pairs"]]
    if question.kind == "ordering":
        select = str(answer.get("select", "all")).upper()
        count = answer.get("count", len(texts["items"]))
        first = f">{count} {select} VERTICAL {answer['grading']} SHOW"
        return [first, *(_escaped(item) for item in texts["items"])]
    return [
        f"{_sign(question.kind, weight)}{_escaped(text)}{comment(place)}"
        for place, (weight, text) in enumerate(zip(answer["weights"], texts["choices"], strict=True))
    ]


def _sign(kind: str, weight: str) -> str:
    if kind == "multiple":
        return f"~%{weight}%"
    return "=" if weight == "100" else f"~{_weight(weight, '0')}"


def _weight(weight: str, usual: str = "100") -> str:
    return "" if weight == usual else f"%{weight}%"
