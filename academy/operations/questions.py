"""The question bank: written on a page, or brought in and taken out as a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from academy.bank_files import BankFile, BankProblem, BankQuestion
from academy.gift import read_gift, write_gift
from academy.models import Course, Question, QuestionKind
from academy.models.editions import ORIGINAL, edition_of, with_edition
from academy.moodle_xml import read_moodle_xml, write_moodle_xml
from academy.queries import questions_of
from academy.signals import QuestionChanged, QuestionsImported
from accounts.models import User
from core import clock
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.signals import announce


def save_question(
    course: Course,
    question: Question | None,
    *,
    name: str,
    kind: QuestionKind,
    tags: Sequence[str],
    answer: Mapping[str, Any],
    texts: Mapping[str, Mapping[str, Any]],
    by: User | None,
) -> Question:
    """Adds a question or changes one. ``texts`` are by language; attempts under way keep what they show.

    Raises InvalidInput at ``name``, at ``answer``, or at a language, when editions do not fit together.
    """
    other = session.scalar(sa.select(Question).where(Question.course_id == course.id, Question.name == name))
    if other is not None and other is not question:
        raise InvalidInput({"name": _("Another question of this course has this name.")})
    editions: dict[str, Any] = (
        dict(question.editions) if question is not None and question.kind is kind else {}
    )
    for locale, words in texts.items():
        editions = with_edition(editions, locale, words)
    _refuse_misfits(answer, editions)
    if question is None:
        question = Question(course_id=course.id, created_at=clock.now())
        session.add(question)
    question.name = name.strip()
    question.kind = kind
    question.tags = list(dict.fromkeys(tags))
    question.answer = dict(answer)
    question.editions = editions
    session.flush()
    announce(QuestionChanged(question, by))
    return question


def _refuse_misfits(answer: Mapping[str, Any], editions: Mapping[str, Any]) -> None:
    if ORIGINAL not in editions:
        raise InvalidInput({"text_en": _("Write the question in English; it is the original.")})
    for locale, words in editions.items():
        if not words.get("text"):
            raise InvalidInput({f"text_{locale}": _("This edition has no question.")})
        if "weights" in answer and len(words.get("choices", [])) != len(answer["weights"]):
            raise InvalidInput(
                {f"choices_{locale}": _("Every language needs the same choices, in the same order.")}
            )
        if "grading" in answer and len(words.get("items", [])) != len(editions[ORIGINAL].get("items", [])):
            raise InvalidInput({f"choices_{locale}": _("Every language needs as many items.")})


def retire_question(question: Question, *, by: User | None) -> None:
    """Is asked no more. What it was asked before stays in the figures."""
    if not question.is_live:
        raise Refusal(_("This question is retired already."))
    question.retired_at = clock.now()
    announce(QuestionChanged(question, by))


def bring_back_question(question: Question, *, by: User | None) -> None:
    """Is asked again."""
    if question.is_live:
        raise Refusal(_("This question is in use."))
    question.retired_at = None
    announce(QuestionChanged(question, by))


def read_bank(source: str) -> BankFile:
    """A file of questions, whichever format it is: XML begins with ``<``, and no question of GIFT's does."""
    return read_moodle_xml(source) if source.lstrip("\ufeff \t\r\n").startswith("<") else read_gift(source)


@dataclass
class Imported:
    """What became of a file: the names that were added or got another edition, and what could not be used."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    problems: list[BankProblem] = field(default_factory=list)


def import_questions(course: Course, source: str, *, locale: str, by: User | None) -> Imported:
    """Brings a file, GIFT or Moodle XML, into the bank as texts in ``locale``.

    A question whose name is known gets its texts in that language replaced, so that a translated file adds an edition
    to every question. A question that does not fit is reported with its line; the others come in.
    """
    lock(course)
    report, fitting = _read(course, source, locale)
    for known, entry, editions in fitting:
        question = known or Question(
            course_id=course.id, name=entry.name, kind=QuestionKind(entry.kind), created_at=clock.now()
        )
        if locale == ORIGINAL:
            question.answer = entry.answer
            question.tags = entry.tags or (known.tags if known else [])
        question.editions = editions
        session.add(question)
    session.flush()
    if fitting:
        announce(
            QuestionsImported(course, by, added=len(report.added), changed=len(report.changed), locale=locale)
        )
    return report


def would_import(course: Course, source: str, *, locale: str, by: User | None) -> Imported:
    """The report that :func:`import_questions` would give; nothing is changed."""
    return _read(course, source, locale)[0]


def _read(
    course: Course, source: str, locale: str
) -> tuple[Imported, list[tuple[Question | None, BankQuestion, dict[str, Any]]]]:
    """The report on a file, and for everything in it that fits: the question there is, the entry, the editions."""
    file = read_bank(source)
    report = Imported(problems=list(file.problems))
    bank = {question.name: question for question in session.scalars(questions_of(course))}
    fitting = []
    for entry in file.questions:
        known = bank.get(entry.name)
        try:
            editions = _editions_with(known, entry, locale)
        except InvalidInput as problem:
            report.problems.append(BankProblem(entry.line, next(iter(problem.problems.values()))))
            continue
        fitting.append((known, entry, editions))
        (report.added if known is None else report.changed).append(entry.name)
    report.problems.sort(key=lambda problem: problem.line)
    return report, fitting


def _editions_with(known: Question | None, entry: BankQuestion, locale: str) -> dict[str, Any]:
    """The editions of a question once ``entry`` is in. Raises InvalidInput when it does not fit what is there."""
    if known is None:
        if locale != ORIGINAL:
            sentence = _(
                "There is no question “%(name)s” yet. Import the English file first.", name=entry.name
            )
            raise InvalidInput({"name": sentence})
        return with_edition({}, locale, entry.texts)
    if str(known.kind) != entry.kind:
        raise InvalidInput({"kind": _("“%(name)s” is of another kind in the bank.", name=entry.name)})
    if locale != ORIGINAL and _marked_by(known.answer) != _marked_by(entry.answer):
        sentence = _("“%(name)s” has other right answers than the English original.", name=entry.name)
        raise InvalidInput({"answer": sentence})
    editions = with_edition(known.editions, locale, entry.texts)
    _refuse_misfits(entry.answer, editions)
    return editions


def _marked_by(answer: Mapping[str, Any]) -> dict[str, Any]:
    """What decides on right and wrong: everything but what only Moodle needs."""
    return {name: value for name, value in answer.items() if name not in {"moodle", "points", "in_order"}}


FORMATS = {"gift": write_gift, "xml": write_moodle_xml}


def exported_questions(questions: Sequence[Question], *, locale: str, form: str = "gift") -> str:
    """The questions that have an edition in ``locale``, as a file: ``gift`` or (Moodle's) ``xml``."""
    return FORMATS[form](
        BankQuestion(
            line=0,
            name=question.name,
            kind=str(question.kind),
            tags=question.tags,
            answer=question.answer,
            texts=dict(edition_of(question.editions, locale).texts),
        )
        for question in questions
        if locale in question.editions
    )
