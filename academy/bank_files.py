"""What a file of questions holds, whatever its format: questions in the shape of the bank, and what can't be used."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from academy.grading import weight
from core.i18n import gettext as _

MOST_QUESTIONS = 2000


@dataclass(frozen=True)
class BankQuestion:
    """One question. ``line`` is where it begins in the file; ``answer`` and ``texts`` are as the bank keeps them."""

    line: int
    name: str
    kind: str
    tags: list[str]
    answer: dict[str, Any]
    texts: dict[str, Any]


@dataclass(frozen=True)
class BankProblem:
    """What cannot be used, and where."""

    line: int
    sentence: str


@dataclass
class BankFile:
    """Everything found in a file: what can be used and what can't."""

    questions: list[BankQuestion] = field(default_factory=list)
    problems: list[BankProblem] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)

    @property
    def is_full(self) -> bool:
        return len(self.questions) >= MOST_QUESTIONS

    def add(self, question: BankQuestion) -> None:
        """Takes a question in, unless another of the file has its name."""
        if question.name in self.lines:
            sentence = _(
                "The name “%(name)s” stands in line %(line)s already.",
                name=question.name,
                line=self.lines[question.name],
            )
            self.problems.append(BankProblem(question.line, sentence))
            return
        self.lines[question.name] = question.line
        self.questions.append(question)


class Unreadable(Exception):
    """Why a question can't be used. ``line`` is more exact than the question's beginning, where that is known."""

    def __init__(self, sentence: str, line: int | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.line = line


def name_from(text: str) -> str:
    """What a question without a name is called: how its text begins."""
    return " ".join(text.split())[:80]


def checked_weight(text: str, line: int | None = None) -> str:
    """A weight in per cent as a decimal text, without zeros at its end. Raises Unreadable."""
    try:
        share = Fraction(text.strip())
    except (ValueError, ZeroDivisionError):
        raise Unreadable(_("“%(text)s” is not a weight in per cent.", text=text.strip()[:40]), line) from None
    if not -100 <= share <= 100:
        raise Unreadable(_("%(weight)s %% is not between -100 and 100.", weight=text.strip()), line)
    plain = text.strip().removeprefix("+")
    return plain.rstrip("0").rstrip(".") or "0" if "." in plain else plain


def check_choices(kind: str, weights: Sequence[str], choices: Sequence[str], line: int | None = None) -> None:
    """Raises Unreadable unless somebody can get the full score, and choices differ."""
    if len(choices) < 2:
        raise Unreadable(_("There is only one choice."), line)
    if kind == "single" and "100" not in weights:
        raise Unreadable(_("No choice is worth 100 %%."), line)
    if kind == "multiple" and sum((weight(one) for one in weights if Fraction(one) > 0), Fraction(0)) != 1:
        raise Unreadable(_("The weights of the right choices do not add up to 100 %%."), line)
    if len(set(choices)) != len(choices):
        raise Unreadable(_("Two choices say the same."), line)


def check_accepted(weights: Sequence[str], line: int | None = None) -> None:
    """Raises Unreadable unless some answer is worth something."""
    if not any(Fraction(one) > 0 for one in weights):
        raise Unreadable(_("No answer is right."), line)


def check_pairs(pairs: Sequence[Sequence[str]], line: int | None = None) -> None:
    """Raises Unreadable unless there are two lefts at least and every pair has its right side."""
    if sum(bool(left) for left, _right in pairs) < 2 or any(not right for _left, right in pairs):
        raise Unreadable(_("Matching needs two pairs at least, each with a right side."), line)


def check_items(items: Sequence[str], line: int | None = None) -> None:
    """Raises Unreadable unless there is something to put in order."""
    if len(items) < 2:
        raise Unreadable(_("Ordering needs two items at least."), line)
    if len(set(items)) != len(items):
        raise Unreadable(_("Two items say the same."), line)


def decimal_text(number: Fraction) -> str:
    """A number as a decimal text, exact for everything that was read from one."""
    from decimal import Decimal, localcontext

    with localcontext() as exactly:
        exactly.prec = 120
        value = Decimal(number.numerator) / Decimal(number.denominator)
    return format(value.normalize(), "f") if value else "0"


def with_feedback(texts: dict[str, Any], feedback: Sequence[str]) -> dict[str, Any]:
    """``texts`` with what each answer is commented by, where any is."""
    return {**texts, "feedback": list(feedback)} if any(feedback) else texts
