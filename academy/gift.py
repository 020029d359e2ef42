"""Moodle's GIFT, the text format of question banks: read with an error a line, and written so that it reads back.

A question is a :class:`GiftQuestion`; its ``answer`` and ``texts`` have the shapes that the bank keeps. Tags stand in
a comment before the question, ``// [tag:leads]``, as Moodle writes them; a ``$CATEGORY:`` line adds its last part.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from core.i18n import gettext as _

MOST_QUESTIONS = 2000
_GAP = "_____"


@dataclass(frozen=True)
class GiftQuestion:
    """One question. ``line`` is where it begins in the file, for the report."""

    line: int
    name: str
    kind: str
    tags: list[str]
    answer: dict[str, Any]
    texts: dict[str, Any]


@dataclass(frozen=True)
class GiftProblem:
    """What cannot be used, and where."""

    line: int
    sentence: str


@dataclass
class GiftFile:
    """Everything found in a file: what can be used and what can't."""

    questions: list[GiftQuestion] = field(default_factory=list)
    problems: list[GiftProblem] = field(default_factory=list)


class _Unreadable(Exception):
    """The sentence says why; ``offset`` counts lines from the beginning of the question."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass
class _Block:
    line: int
    text: str
    tags: list[str]


def read_gift(source: str) -> GiftFile:
    """Reads a file. A question that cannot be used is a problem with its line; the others are still read."""
    found = GiftFile()
    names: dict[str, int] = {}
    for block in _blocks(source.lstrip("\ufeff")):
        if len(found.questions) >= MOST_QUESTIONS:
            found.problems.append(GiftProblem(block.line, _("One file can hold 2000 questions at most.")))
            break
        try:
            question = _question(block)
        except _Unreadable as problem:
            found.problems.append(GiftProblem(block.line, problem.sentence))
            continue
        if question.name in names:
            found.problems.append(
                GiftProblem(block.line, _("The name “%(name)s” stands in line %(line)s already.",
                                          name=question.name, line=names[question.name]))
            )  # fmt: skip
            continue
        names[question.name] = block.line
        found.questions.append(question)
    return found


def _blocks(source: str) -> Iterable[_Block]:
    """Questions are parted by empty lines. A line that begins with ``//`` is a comment, wherever it stands."""
    lines: list[str] = []
    start = 0
    category: list[str] = []
    tags: list[str] = []
    for number, line in enumerate([*source.splitlines(), ""], start=1):
        bare = line.strip()
        if bare.startswith("//"):
            tags += re.findall(r"\[tag:((?:[^\]\\]|\\.)+)\]", bare)
        elif not lines and bare.startswith("$CATEGORY:"):
            last = bare.removeprefix("$CATEGORY:").strip().rstrip("/").rpartition("/")[2].strip()
            category = [last] if last and last not in {"$course$", "top"} else []
        elif bare:
            start = start if lines else number
            lines.append(line)
        elif lines:
            unique = list(dict.fromkeys(_unescaped(tag).strip() for tag in [*tags, *category]))
            yield _Block(start, "\n".join(lines).strip(), [tag for tag in unique if tag])
            lines, tags = [], []


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


def _question(block: _Block) -> GiftQuestion:
    text, name = block.text, ""
    if text.startswith("::"):
        end = _find(text, "::", 2)
        if end < 0:
            raise _Unreadable(_("The name opens with :: and is never closed by ::."))
        name = _unescaped(text[2:end]).strip()
        text = text[end + 2 :]
    opening, closing = _find(text, "{"), _find(text, "}")
    if opening < 0:
        raise _Unreadable(_("There are no answers in braces { }. Descriptions are not imported."))
    if closing < opening:
        raise _Unreadable(_("A brace { is opened and never closed by }."))
    if _find(text, "{", opening + 1) >= 0 and _find(text, "{", opening + 1) > closing:
        raise _Unreadable(_("There are answers in two places. One question can have one set of answers."))
    before, inside, after = text[:opening], text[opening + 1 : closing], text[closing + 1 :]
    said, is_html = _without_format(before)
    if is_html:
        raise _Unreadable(_("The text is marked [html]. Export it as Markdown or plain text."))
    asked = _unescaped(said).strip()
    tail = _unescaped(after).strip()
    if tail:
        asked = f"{asked} {_GAP} {tail}".strip()
    if not asked:
        raise _Unreadable(_("The question has no text."))
    kind, answer, texts = _answers(inside.strip())
    return GiftQuestion(
        line=block.line,
        name=(name or _name_from(asked))[:200],
        kind=kind,
        tags=block.tags,
        answer=answer,
        texts={"text": asked, **texts},
    )


def _without_format(text: str) -> tuple[str, bool]:
    match = re.match(r"\s*\[(html|moodle|plain|markdown)\]", text)
    if match is None:
        return text, False
    return text[match.end() :], match[1] == "html"


def _name_from(text: str) -> str:
    return " ".join(text.split())[:80]


def _answers(inside: str) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """The kind, what is the same in every language, and the texts of what stands in the braces."""
    explanation = ""
    mark = _find(inside, "####")
    if mark >= 0:
        explanation = _unescaped(_without_format(inside[mark + 4 :])[0]).strip()
        inside = inside[:mark].strip()
    said = {"explanation": explanation}
    if not inside:
        raise _Unreadable(_("Essays are not imported: only questions that the portal can mark by itself."))
    truth = _split(inside, "#")[0][1].strip().upper()
    if truth in {"T", "TRUE", "F", "FALSE"}:
        return "true_false", {"truth": truth.startswith("T")}, said
    if inside.startswith("#"):
        return "numeric", {"accepted": _ranges(inside[1:].strip())}, said
    first, *rest = _split(inside, "~=")
    if first[1].strip():
        raise _Unreadable(
            _("An answer begins with = or ~; “%(text)s” begins with neither.", text=first[1].strip()[:40])
        )
    options = [_option(sign, piece) for sign, piece in rest]
    if all(option.sign == "=" and "->" in option.text for option in options):
        return "matching", {}, {"pairs": _pairs(options), **said}
    if all(option.sign == "=" for option in options):
        accepted = [{"text": option.text, "weight": option.weight or "100"} for option in options]
        return "short_text", {}, {"accepted": accepted, **said}
    return _choices(options, said)


@dataclass(frozen=True)
class _Option:
    sign: str
    text: str
    weight: str


def _option(sign: str, piece: str) -> _Option:
    piece = piece.strip()
    weight = ""
    match = re.match(r"%(-?\d+(?:\.\d+)?)%", piece)
    if match is not None:
        weight, piece = match[1], piece[match.end() :]
        if not -100 <= Fraction(weight) <= 100:
            raise _Unreadable(_("%(weight)s %% is not between -100 and 100.", weight=weight))
    piece = _without_format(_split(piece, "#")[0][1])[0]
    text = _unescaped(piece).strip()
    if not text:
        raise _Unreadable(_("An answer after %(sign)s is empty.", sign=sign))
    return _Option(sign, text, weight)


def _pairs(options: Sequence[_Option]) -> list[list[str]]:
    pairs = [[side.strip() for side in option.text.split("->", 1)] for option in options]
    if len(pairs) < 2 or any(not right for _left, right in pairs):
        raise _Unreadable(_("Matching needs two pairs at least, each with a right side."))
    return [pair for pair in pairs if pair[0]]


def _choices(options: Sequence[_Option], said: dict[str, Any]) -> tuple[str, dict[str, Any], dict[str, Any]]:
    if len(options) < 2:
        raise _Unreadable(_("There is only one choice."))
    weights = [option.weight or ("100" if option.sign == "=" else "0") for option in options]
    right = [option for option in options if option.sign == "="]
    kind = "single" if right else "multiple"
    if kind == "single" and (len(right) != 1 or right[0].weight not in ("", "100")):
        raise _Unreadable(_("Mark one right choice by =, or give each of several a weight such as ~%%50%%."))
    if kind == "multiple" and sum((_third(text) for text in weights if Fraction(text) > 0), Fraction(0)) != 1:
        raise _Unreadable(_("The weights of the right choices do not add up to 100 %%."))
    texts = {"choices": [option.text for option in options], **said}
    if len(set(texts["choices"])) != len(options):
        raise _Unreadable(_("Two choices say the same."))
    return kind, {"weights": weights}, texts


def _third(text: str) -> Fraction:
    from academy.grading import weight

    return weight(text)


def _ranges(inside: str) -> list[dict[str, str]]:
    """``3.14:0.01``, ``1..5``, or several after ``=``, each perhaps with a weight."""
    pieces = [piece for sign, piece in _split(inside, "=~") if sign == "=" or piece.strip()]
    ranges = []
    for piece in pieces:
        plain = _split(piece, "#")[0][1].strip()
        match = re.match(r"%(\d+(?:\.\d+)?)%", plain)
        weight = match[1] if match else "100"
        plain = plain[match.end() :] if match else plain
        ranges.append({**_range(plain.strip()), "weight": weight})
    if not ranges:
        raise _Unreadable(_("There is no number after #."))
    return ranges


_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,2})?"


def _range(plain: str) -> dict[str, str]:
    plain = plain.replace("\\:", ":")
    match = re.fullmatch(rf"({_NUMBER})\s*\.\.\s*({_NUMBER})", plain)
    if match is not None:
        least, most = Fraction(match[1]), Fraction(match[2])
    else:
        match = re.fullmatch(rf"({_NUMBER})(?:\s*:\s*({_NUMBER}))?", plain)
        if match is None:
            raise _Unreadable(_("“%(text)s” is not a number such as 3.14:0.01 or 1..5.", text=plain[:40]))
        middle, tolerance = Fraction(match[1]), abs(Fraction(match[2] or "0"))
        least, most = middle - tolerance, middle + tolerance
    if least > most:
        raise _Unreadable(_("The range %(text)s begins above its end.", text=plain[:40]))
    return {"least": decimal_text(least), "most": decimal_text(most)}


def decimal_text(number: Fraction) -> str:
    """A number as a decimal text, exact for everything that was read from one."""
    from decimal import Decimal, localcontext

    with localcontext() as exactly:
        exactly.prec = 120
        value = Decimal(number.numerator) / Decimal(number.denominator)
    return format(value.normalize(), "f") if value else "0"


def write_gift(questions: Iterable[GiftQuestion]) -> str:
    """The questions as a file that reads back to the same."""
    return "\n".join(_written(question) for question in questions)


def _written(question: GiftQuestion) -> str:
    tags = " ".join(f"[tag:{tag.replace(']', chr(92) + ']')}]" for tag in question.tags)
    lines = [f"// {tags}"] if tags else []
    name, asked = _escaped(question.name), _escaped(question.texts["text"])
    explanation = question.texts.get("explanation", "")
    lines.append(f"::{name}::[markdown]{asked}{{")
    lines += [f"\t{line}" for line in _written_answers(question)]
    if explanation:
        lines.append(f"\t####{_escaped(explanation)}")
    return "\n".join([*lines, "}", ""])


def _written_answers(question: GiftQuestion) -> list[str]:
    answer, texts = question.answer, question.texts
    if question.kind == "true_false":
        return ["TRUE" if answer["truth"] else "FALSE"]
    if question.kind == "numeric":
        return [
            "#",
            *(f"={_weight(one['weight'])}{one['least']}..{one['most']}" for one in answer["accepted"]),
        ]
    if question.kind == "short_text":
        return [f"={_weight(one['weight'])}{_escaped(one['text'])}" for one in texts["accepted"]]
    if question.kind == "matching":
        return [f"={_escaped(left)} -> {_escaped(right)}" for left, right in texts["pairs"]]
    weighed = zip(answer["weights"], texts["choices"], strict=True)
    if question.kind == "single":
        return [
            f"={_escaped(text)}" if weight == "100" else f"~{_weight(weight, '0')}{_escaped(text)}"
            for weight, text in weighed
        ]
    return [f"~%{weight}%{_escaped(text)}" for weight, text in weighed]


def _weight(weight: str, usual: str = "100") -> str:
    return "" if weight == usual else f"%{weight}%"
