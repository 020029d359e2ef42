"""Moodle XML, the format that question banks travel in: read with an error a line, and written so that nothing is lost.

A document type or an entity is refused before anything else is looked at, so that no file unfolds into something it
does not hold. Texts in HTML become Markdown. What means something to Moodle only (penalty, numbering, …) is kept
under ``moodle`` in the answer and written back.
"""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any
from xml.parsers import expat

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

_DEEPEST = 40


@dataclass
class _Node:
    """An element with the line it begins in."""

    tag: str
    attributes: dict[str, str]
    line: int
    children: list["_Node"] = field(default_factory=list)
    text: str = ""

    def all(self, tag: str) -> list["_Node"]:
        return [child for child in self.children if child.tag == tag]

    def first(self, tag: str) -> "_Node | None":
        return next((child for child in self.children if child.tag == tag), None)

    def plain(self, tag: str, default: str = "") -> str:
        """The text of a child, or of the ``text`` within it."""
        child = self.first(tag)
        if child is None:
            return default
        inner = child.first("text")
        return (inner or child).text.strip()


class _Refused(Exception):
    """The file as a whole is not taken."""

    def __init__(self, line: int, sentence: str) -> None:
        super().__init__(sentence)
        self.line = line
        self.sentence = sentence


def _tree(source: str) -> _Node:
    """The elements of a file. Raises _Refused for what is not well-formed, or declares a type or an entity."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    root = _Node("", {}, 0)
    open_ones = [root]

    def refuse(*_declared: Any) -> None:
        raise _Refused(
            parser.CurrentLineNumber,
            _("A document type or entity is declared. Take it out; Moodle writes none."),
        )

    def begin(tag: str, attributes: dict[str, str]) -> None:
        node = _Node(tag, attributes, parser.CurrentLineNumber)
        open_ones[-1].children.append(node)
        open_ones.append(node)
        if len(open_ones) > _DEEPEST:
            raise _Refused(node.line, _("The elements lie too deep in each other."))

    def say(text: str) -> None:
        open_ones[-1].text += text

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = begin
    parser.EndElementHandler = lambda _tag: open_ones.pop()
    parser.CharacterDataHandler = say
    try:
        parser.Parse(re.sub(r"\A\s*<\?xml[^>]*\?>", _blank, source), True)
    except expat.ExpatError as problem:
        raise _Refused(problem.lineno, _("The XML can't be read from here on.")) from problem
    return root


def _blank(declaration: re.Match[str]) -> str:
    """The declaration names the bytes' encoding; the text has been decoded, so only its lines are kept."""
    return "\n" * declaration[0].count("\n")


def read_moodle_xml(source: str) -> BankFile:
    """Reads a file. A question that cannot be used is a problem with its line; the others are still read."""
    found = BankFile()
    try:
        root = _tree(source.lstrip("\ufeff"))
    except _Refused as problem:
        found.problems.append(BankProblem(problem.line, problem.sentence))
        return found
    quiz = root.first("quiz")
    if quiz is None:
        found.problems.append(BankProblem(1, _("This is not Moodle's XML: there is no <quiz> in it.")))
        return found
    category: list[str] = []
    for node in quiz.all("question"):
        if node.attributes.get("type") == "category":
            category = _category(node.plain("category"))
            continue
        if found.is_full:
            found.problems.append(BankProblem(node.line, _("One file can hold 2000 questions at most.")))
            break
        try:
            found.add(_Question(node, category).read())
        except Unreadable as problem:
            found.problems.append(BankProblem(problem.line or node.line, problem.sentence))
    return found


def _category(path: str) -> list[str]:
    last = path.rstrip("/").rpartition("/")[2].strip()
    return [last] if last and last not in {"$course$", "top"} else []


#: Elements that mean something to Moodle and nothing here.
_KEPT = (
    "penalty", "hidden", "idnumber", "answernumbering", "showstandardinstruction", "shownumcorrect", "layouttype",
    "showgrading", "unitgradingtype", "unitpenalty", "showunits", "unitsleft",
)  # fmt: skip
_COMBINED = {
    "correct": "correctfeedback", "partial": "partiallycorrectfeedback", "incorrect": "incorrectfeedback",
}  # fmt: skip

_Parts = tuple[str, dict[str, Any], dict[str, Any]]


class _Question:
    """One <question> element on its way to the bank."""

    def __init__(self, node: _Node, category: list[str]) -> None:
        self.node = node
        self.category = category
        self.format = "moodle_auto_format"

    def read(self) -> BankQuestion:
        node = self.node
        kind = node.attributes.get("type", "")
        reader = self._READERS.get(kind)
        if reader is None:
            raise Unreadable(self._why_not(kind))
        asked = node.first("questiontext")
        if asked is None:
            raise Unreadable(_("The question has no text."))
        self.format = asked.attributes.get("format", "moodle_auto_format")
        text = self._text(asked)
        if not text:
            raise Unreadable(_("The question has no text."), asked.line)
        kind, answer, texts = reader(self)
        explanation = node.first("generalfeedback")
        texts = {"text": text, **texts, "explanation": self._text(explanation) if explanation else ""}
        tags = [
            tag.plain("text") or tag.text.strip() for holder in node.all("tags") for tag in holder.all("tag")
        ]
        return BankQuestion(
            line=node.line,
            name=(node.plain("name") or name_from(text))[:200],
            kind=kind,
            tags=list(dict.fromkeys(tag for tag in tags or self.category if tag)),
            answer={**answer, **self._common()},
            texts={**texts, **self._combined()},
        )

    @staticmethod
    def _why_not(kind: str) -> str:
        if kind in {"essay", "description"}:
            return _(
                "Essays and descriptions are not imported: only questions that the portal can mark by itself."
            )
        return _("Questions of the kind “%(kind)s” are not imported.", kind=kind[:40])

    def _text(self, node: _Node, *, rich: bool = True) -> str:
        """What an element says, as Markdown; without stress where only plain words will do."""
        inner = node.first("text") or node
        said = inner.text.strip()
        if node.all("file") or "@@PLUGINFILE@@" in said:
            raise Unreadable(
                _("A picture or file is embedded here. Put it into a lesson instead."), node.line
            )
        how = node.attributes.get("format") or self.format
        if how != "html":
            return said
        try:
            text = markdown_from(said)
        except Picture:
            raise Unreadable(_("The text shows a picture, which is not imported."), node.line) from None
        return (
            text if rich else re.sub(r"\\([\\`*_\[\]<>])", r"\1", re.sub(r"(?<!\\)(\*\*|~~|[*`])", "", text))
        )

    def _common(self) -> dict[str, Any]:
        """What every kind may have: its points, a fixed order of choices, and what only Moodle needs."""
        common: dict[str, Any] = {}
        points = self.node.plain("defaultgrade", "1") or "1"
        try:
            worth = Fraction(points)
        except (ValueError, ZeroDivisionError):
            raise Unreadable(_("“%(text)s” is not a number of points.", text=points[:40])) from None
        if not 0 < worth <= 1000:
            raise Unreadable(_("A question is worth more than 0 and up to 1000 points."))
        if worth != 1:
            common["points"] = decimal_text(worth)
        if self.node.plain("shuffleanswers", "1").lower() in {"0", "false"}:
            common["in_order"] = True
        kept = {name: self.node.plain(name) for name in _KEPT if self.node.first(name) is not None}
        return {**common, "moodle": kept} if kept else common

    def _combined(self) -> dict[str, Any]:
        said = {}
        for name, tag in _COMBINED.items():
            node = self.node.first(tag)
            said[name] = self._text(node) if node is not None else ""
        return {"combined": said} if any(said.values()) else {}

    def _answers(self, *, rich: bool) -> tuple[list[_Node], list[str], list[str], list[str]]:
        """The answers: elements, texts, weights, comments."""
        nodes = self.node.all("answer")
        texts, comments = [], []
        for node in nodes:
            text = self._text(node, rich=rich)
            if not text:
                raise Unreadable(_("An answer is empty."), node.line)
            texts.append(text)
            comment = node.first("feedback")
            comments.append(self._text(comment) if comment is not None else "")
        weights = [checked_weight(node.attributes.get("fraction", "0"), node.line) for node in nodes]
        return nodes, texts, weights, comments

    def _choices(self) -> _Parts:
        _nodes, choices, weights, comments = self._answers(rich=True)
        kind = "single" if self.node.plain("single", "true").lower() in {"true", "1"} else "multiple"
        check_choices(kind, weights, choices)
        return kind, {"weights": weights}, with_feedback({"choices": choices}, comments)

    def _truth(self) -> _Parts:
        nodes, texts, weights, comments = self._answers(rich=False)
        said = {text.lower(): place for place, text in enumerate(texts)}
        if set(said) != {"true", "false"}:
            raise Unreadable(
                _("True or false needs exactly these two answers."), nodes[0].line if nodes else None
            )
        truth = Fraction(weights[said["true"]]) > Fraction(weights[said["false"]])
        return (
            "true_false",
            {"truth": truth},
            with_feedback({}, [comments[said["true"]], comments[said["false"]]]),
        )

    def _words(self) -> _Parts:
        _nodes, texts, weights, comments = self._answers(rich=False)
        check_accepted(weights)
        accepted = [{"text": text, "weight": weight} for text, weight in zip(texts, weights, strict=True)]
        answer = {"case": True} if self.node.plain("usecase") in {"1", "true"} else {}
        return "short_text", answer, with_feedback({"accepted": accepted}, comments)

    def _numbers(self) -> _Parts:
        units = self.node.first("units")
        if units is not None and units.all("unit"):
            raise Unreadable(_("Units are not supported. Ask for the bare number."), units.line)
        nodes, texts, weights, comments = self._answers(rich=False)
        accepted: list[dict[str, str]] = []
        said: list[str] = []
        answer: dict[str, Any] = {}
        other = ""
        for node, text, weight, comment in zip(nodes, texts, weights, comments, strict=True):
            if text == "*" and Fraction(weight) <= 0:
                other = comment
                continue
            middle = _number(text, node)
            tolerance = abs(_number(node.plain("tolerance", "0") or "0", node))
            accepted.append(
                {
                    "least": decimal_text(middle - tolerance),
                    "most": decimal_text(middle + tolerance),
                    "weight": weight,
                }
            )
            said.append(comment)
        check_accepted([one["weight"] for one in accepted])
        answer["accepted"] = accepted
        texts_said = with_feedback({}, said)
        return "numeric", answer, {**texts_said, "otherwise": other} if other else texts_said

    def _pairs(self) -> _Parts:
        pairs = []
        for node in self.node.all("subquestion"):
            right = node.first("answer")
            pairs.append([self._text(node), right.plain("text") if right is not None else ""])
        check_pairs(pairs)
        return "matching", {}, {"pairs": pairs}

    def _order(self) -> _Parts:
        nodes = self.node.all("answer")
        places = [_number(node.attributes.get("fraction", "0"), node) for node in nodes]
        if len(set(places)) == len(places):
            nodes = [
                node for _place, node in sorted(zip(places, nodes, strict=True), key=lambda pair: pair[0])
            ]
        items = [self._text(node) for node in nodes]
        check_items(items)
        named = self.node.plain("gradingtype")
        grading = ordering.grading_named(named)
        if grading is None:
            raise Unreadable(_("“%(text)s” is no way of grading an order.", text=named[:40]))
        answer: dict[str, Any] = {"grading": grading}
        select = self.node.plain("selecttype", "ALL").lower()
        count = number_in(self.node.plain("selectcount")) or 0
        if select in {"random", "contiguous"} and 2 <= count < len(items):
            answer |= {"select": select, "count": count}
        return "ordering", answer, {"items": items}

    _READERS = {
        "multichoice": _choices,
        "truefalse": _truth,
        "shortanswer": _words,
        "numerical": _numbers,
        "matching": _pairs,
        "match": _pairs,
        "ordering": _order,
    }


def _number(text: str, node: _Node) -> Fraction:
    plain = text.strip().replace(",", ".")
    if not re.fullmatch(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,2})?", plain) or len(plain) > 60:
        raise Unreadable(_("“%(text)s” is not a number.", text=plain[:40]), node.line)
    return Fraction(plain)


# Writing

_KINDS = {
    "single": "multichoice", "multiple": "multichoice", "true_false": "truefalse", "numeric": "numerical",
    "short_text": "shortanswer", "matching": "matching", "ordering": "ordering",
}  # fmt: skip


def write_moodle_xml(questions: Iterable[BankQuestion]) -> str:
    """The questions as a file that Moodle imports, and that reads back to the same here."""
    quiz = ElementTree.Element("quiz")
    for question in questions:
        _write(quiz, question)
    ElementTree.indent(quiz)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(quiz, encoding="unicode") + "\n"


def _write(quiz: ElementTree.Element, question: BankQuestion) -> None:
    answer, texts = question.answer, question.texts
    node = ElementTree.SubElement(quiz, "question", type=_KINDS[question.kind])
    _say(node, "name", question.name, None)
    _say(node, "questiontext", texts["text"])
    _say(node, "generalfeedback", texts.get("explanation", ""))
    _put(node, "defaultgrade", answer.get("points", "1"))
    for name, value in answer.get("moodle", {}).items():
        if name in _KEPT:
            _put(node, name, str(value))
    if answer.get("in_order"):
        _put(node, "shuffleanswers", "0")
    for name, tag in _COMBINED.items():
        if texts.get("combined", {}).get(name):
            _say(node, tag, texts["combined"][name])
    _WRITERS[question.kind](node, answer, texts)
    if question.tags:
        holder = ElementTree.SubElement(node, "tags")
        for tag_name in question.tags:
            _say(holder, "tag", tag_name, None)


def _put(node: ElementTree.Element, tag: str, text: str) -> None:
    ElementTree.SubElement(node, tag).text = text


def _say(
    node: ElementTree.Element, tag: str, text: str, how: str | None = "markdown", **attributes: str
) -> ElementTree.Element:
    given = {"format": how, **attributes} if how else attributes
    child = ElementTree.SubElement(node, tag, given)
    _put(child, "text", text)
    return child


def _write_answers(
    node: ElementTree.Element, answers: Iterable[tuple[str, str]], comments: Sequence[str], how: str
) -> list[ElementTree.Element]:
    written = []
    for place, (weight, text) in enumerate(answers):
        child = _say(node, "answer", text, how, fraction=weight)
        _say(child, "feedback", comments[place] if place < len(comments) else "")
        written.append(child)
    return written


def _write_choices(node: ElementTree.Element, answer: Any, texts: Any, *, is_single: bool) -> None:
    _put(node, "single", "true" if is_single else "false")
    weighed = zip(answer["weights"], texts["choices"], strict=True)
    _write_answers(node, weighed, texts.get("feedback", []), "markdown")


def _write_single(node: ElementTree.Element, answer: Any, texts: Any) -> None:
    _write_choices(node, answer, texts, is_single=True)


def _write_multiple(node: ElementTree.Element, answer: Any, texts: Any) -> None:
    _write_choices(node, answer, texts, is_single=False)


def _write_truth(node: ElementTree.Element, answer: Any, texts: Any) -> None:
    truth = answer["truth"]
    weighed = [("100" if truth else "0", "true"), ("0" if truth else "100", "false")]
    _write_answers(node, weighed, texts.get("feedback", []), "moodle_auto_format")


def _write_words(node: ElementTree.Element, answer: Any, texts: Any) -> None:
    _put(node, "usecase", "1" if answer.get("case") else "0")
    weighed = [(one["weight"], one["text"]) for one in texts["accepted"]]
    _write_answers(node, weighed, texts.get("feedback", []), "plain_text")


def _write_numbers(node: ElementTree.Element, answer: Any, texts: Any) -> None:
    ends = [(Fraction(one["least"]), Fraction(one["most"])) for one in answer["accepted"]]
    weighed = [
        (one["weight"], decimal_text((least + most) / 2))
        for one, (least, most) in zip(answer["accepted"], ends, strict=True)
    ]
    written = _write_answers(node, weighed, texts.get("feedback", []), "moodle_auto_format")
    for child, (least, most) in zip(written, ends, strict=True):
        _put(child, "tolerance", decimal_text((most - least) / 2))
    if texts.get("otherwise"):
        _write_answers(node, [("0", "*")], [texts["otherwise"]], "moodle_auto_format")


def _write_pairs(node: ElementTree.Element, answer: Any, texts: Any) -> None:
    for left, right in texts["pairs"]:
        child = _say(node, "subquestion", left)
        _say(child, "answer", right, None)


def _write_order(node: ElementTree.Element, answer: Any, texts: Any) -> None:
    _put(node, "selecttype", str(answer.get("select", "all")).upper())
    _put(node, "selectcount", str(answer.get("count", len(texts["items"]))))
    _put(node, "gradingtype", answer["grading"])
    for place, item in enumerate(texts["items"], start=1):
        _say(node, "answer", item, "markdown", fraction=f"{place}.0000000")


_WRITERS = {
    "single": _write_single,
    "multiple": _write_multiple,
    "true_false": _write_truth,
    "numeric": _write_numbers,
    "short_text": _write_words,
    "matching": _write_pairs,
    "ordering": _write_order,
}
