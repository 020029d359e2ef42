"""Questions as authors type them, and files of questions."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from flask_wtf.file import FileField
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from academy.bank_files import decimal_text
from academy.forms.editions import gathered, spread
from academy.grading import number_from
from academy.models import Question, QuestionKind
from academy.ordering import USUAL
from core.errors import InvalidInput
from core.forms import DecimalTextField, Form, choices
from core.i18n import LOCALES, lazy_pgettext
from core.i18n import gettext as _
from core.i18n import lazy_gettext as _l

#: The ways of grading an order, the usual one first.
GRADINGS = (
    ("ABSOLUTE_POSITION", _l("Each item that is in its place")),
    ("ALL_OR_NOTHING", _l("All or nothing")),
    ("RELATIVE_TO_CORRECT", _l("How near each item is to its place")),
    ("RELATIVE_ALL_PREVIOUS_AND_NEXT", _l("Each pair that stands the right way round")),
    ("RELATIVE_ONE_PREVIOUS_AND_NEXT", _l("Each item beside its right neighbours")),
    ("RELATIVE_NEXT_EXCLUDE_LAST", _l("Each item with the right one behind it")),
    ("RELATIVE_NEXT_INCLUDE_LAST", _l("Each item with the right one behind it, the last one too")),
    ("LONGEST_ORDERED_SUBSET", _l("The longest part that is in order")),
    ("LONGEST_CONTIGUOUS_SUBSET", _l("The longest run without a gap")),
)


class QuestionForm(Form):
    """A question. Which fields it has depends on its kind: :meth:`for_kind`."""

    name = StringField(
        _l("Name"),
        [DataRequired(), Length(max=200)],
        description=_l("For authors; a translated file finds the question by it."),
    )
    tags = StringField(
        _l("Tags"),
        [DataRequired(), Length(max=300)],
        description=_l("With commas between them; the exam draws by them."),
    )
    truth = RadioField(
        _l("Right answer"), choices=choices([("true", _l("True")), ("false", _l("False"))]), default="true"
    )
    least = StringField(lazy_pgettext("range", "From"), [DataRequired()])
    most = StringField(
        _l("To"),
        [DataRequired()],
        description=_l("Every number in between is right; the same twice for one number."),
    )
    grading = SelectField(_l("What counts"), choices=choices(GRADINGS), default=USUAL)
    points = DecimalTextField(
        _l("Points"),
        [DataRequired()],
        default="1",
        description=_l("How much it weighs in the exam; 1 is the usual."),
    )
    text_en = TextAreaField(_l("Question in English"), [DataRequired(), Length(max=4000)])
    answers_en = TextAreaField(_l("Answers in English"), [DataRequired(), Length(max=6000)])
    explanation_en = TextAreaField(
        _l("Explanation in English"),
        [Length(max=4000)],
        description=_l("Shown to those who passed and missed it."),
    )
    text_ru = TextAreaField(_l("Question in Russian"), [Length(max=4000)])
    answers_ru = TextAreaField(_l("Answers in Russian"), [Length(max=6000)])
    explanation_ru = TextAreaField(_l("Explanation in Russian"), [Length(max=4000)])

    @classmethod
    def for_kind(cls, kind: QuestionKind, question: Question | None) -> "QuestionForm":
        """The form of a kind, filled with a question's texts."""
        form = cls(data=_question_data(question) if question is not None else None)
        if kind is not QuestionKind.TRUE_FALSE:
            del form.truth
        if kind is not QuestionKind.NUMERIC:
            del form.least, form.most
        if kind is not QuestionKind.ORDERING:
            del form.grading
        if kind in (QuestionKind.TRUE_FALSE, QuestionKind.NUMERIC):
            del form.answers_en, form.answers_ru
        else:
            form.answers_en.description = ANSWER_HINTS[kind]
        return form

    def content(
        self, kind: QuestionKind, before: Question | None
    ) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
        """The answer and the texts by language, as the bank keeps them. Raises InvalidInput by field."""
        answer, texts = self._typed(kind, before)
        kept = _kept(before) if before is not None and before.kind is kind else {}
        points = self.points.data
        if points is None or not 0 < points <= 1000:
            raise InvalidInput({"points": _("More than 0 and up to 1000.")})
        if points != 1:
            answer["points"] = decimal_text(Fraction(points))
        return {**kept, **answer}, {
            locale: _with_comments(words, before, locale) for locale, words in texts.items()
        }

    def _typed(
        self, kind: QuestionKind, before: Question | None
    ) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
        texts = gathered(self, ("text", "explanation"))
        if kind is QuestionKind.TRUE_FALSE:
            return {"truth": self.truth.data == "true"}, texts
        if kind is QuestionKind.NUMERIC:
            others = before.answer["accepted"][1:] if before is not None and before.kind is kind else []
            return {"accepted": [{**self._range(), "weight": "100"}, *others]}, texts
        answer: dict[str, Any] = {}
        for locale in LOCALES:
            lines = [
                line.strip() for line in (self[f"answers_{locale}"].data or "").splitlines() if line.strip()
            ]
            if not lines and locale != "en":
                continue
            try:
                answer, texts[locale] = _READ[kind](lines, texts[locale], answer, before)
            except ValueError as problem:
                raise InvalidInput({f"answers_{locale}": str(problem)}) from problem
        if kind is QuestionKind.ORDERING:
            answer["grading"] = self.grading.data
        return answer, texts

    def _range(self) -> dict[str, str]:
        ends = {}
        for name in ("least", "most"):
            number = number_from(self[name].data)
            if number is None:
                raise InvalidInput({name: _("Type a number, such as 12.5.")})
            ends[name] = number
        if ends["least"] > ends["most"]:
            raise InvalidInput({"most": _("This is below the first number.")})
        return {name: decimal_text(number) for name, number in ends.items()}


ANSWER_HINTS = {
    QuestionKind.SINGLE: _l("One choice a line. Begin the right one with =."),
    QuestionKind.MULTIPLE: _l(
        "One choice a line. Begin each right one with =. A wrong tick takes away what a right one gives."
    ),
    QuestionKind.SHORT_TEXT: _l(
        "Every accepted answer on a line of its own; * stands for anything. Case does not matter."
    ),
    QuestionKind.MATCHING: _l(
        "One pair a line: left -> right. A line that begins with -> is a right side without a partner."
    ),
    QuestionKind.ORDERING: _l("One item a line, in the right order. The exam shows them mixed."),
}

_Read = tuple[dict[str, Any], dict[str, Any]]


def _read_choices(
    lines: list[str], texts: dict[str, Any], answer: dict[str, Any], before: Question | None
) -> _Read:
    right = [line.startswith("=") for line in lines]
    said = [line.removeprefix("=").strip() for line in lines]
    if len(lines) < 2 or not any(right):
        raise ValueError(_("Write two choices at least, and begin what is right with =."))
    if len(set(said)) != len(said):
        raise ValueError(_("Two choices say the same."))
    weights = answer.get("weights") or _weights(right, before)
    if len(weights) != len(right) or [Fraction(weight) > 0 for weight in weights] != right:
        raise ValueError(_("Every language needs the same choices, in the same order."))
    return {"weights": weights}, {**texts, "choices": said}


def _read_single(
    lines: list[str], texts: dict[str, Any], answer: dict[str, Any], before: Question | None
) -> _Read:
    right = [line.startswith("=") for line in lines]
    if sum(right) != 1 and not _is_as_before(right, before):
        raise ValueError(_("Begin exactly one choice with =."))
    return _read_choices(lines, texts, answer, before)


def _is_as_before(right: list[bool], before: Question | None) -> bool:
    """Whether the same choices are right as in the question there is."""
    known = before.answer.get("weights", []) if before is not None else []
    return len(known) == len(right) and [Fraction(weight) > 0 for weight in known] == right


def _weights(right: list[bool], before: Question | None) -> list[str]:
    """What choices are worth: the weights there were while the same ones are right, else equal parts."""
    if before is not None and _is_as_before(right, before):
        return list(before.answer["weights"])
    if sum(right) == 1:
        return ["100" if is_right else "0" for is_right in right]
    part = f"{float(Fraction(100, sum(right))):.5f}".rstrip("0").rstrip(".")
    return [part if is_right else f"-{part}" for is_right in right]


def _read_words(
    lines: list[str], texts: dict[str, Any], answer: dict[str, Any], before: Question | None
) -> _Read:
    if not lines:
        raise ValueError(_("Write one accepted answer at least."))
    known = {
        one["text"]: one["weight"]
        for words in (before.editions.values() if before is not None else ())
        for one in words.get("accepted", [])
    }
    accepted = [{"text": line, "weight": known.get(line, "100")} for line in lines]
    return {}, {**texts, "accepted": accepted}


def _read_pairs(
    lines: list[str], texts: dict[str, Any], answer: dict[str, Any], before: Question | None
) -> _Read:
    pairs = [[side.strip() for side in line.split("->", 1)] for line in lines]
    if any(len(pair) != 2 or not pair[1] for pair in pairs) or sum(bool(pair[0]) for pair in pairs) < 2:
        raise ValueError(_("Write two pairs at least, each as left -> right."))
    return {}, {**texts, "pairs": pairs}


def _read_items(
    lines: list[str], texts: dict[str, Any], answer: dict[str, Any], before: Question | None
) -> _Read:
    if len(lines) < 2 or len(set(lines)) != len(lines):
        raise ValueError(_("Write two different items at least."))
    return {}, {**texts, "items": lines}


_READ = {
    QuestionKind.SINGLE: _read_single,
    QuestionKind.MULTIPLE: _read_choices,
    QuestionKind.SHORT_TEXT: _read_words,
    QuestionKind.MATCHING: _read_pairs,
    QuestionKind.ORDERING: _read_items,
}


def _kept(before: Question) -> dict[str, Any]:
    """What a file brought and no field shows; it stays when the question is edited."""
    names = ("moodle", "in_order", "case", "select", "count")
    return {name: before.answer[name] for name in names if name in before.answer}


def _with_comments(words: dict[str, Any], before: Question | None, locale: str) -> dict[str, Any]:
    """``words`` with the comments that came with a file, while there are as many answers as comments."""
    known = before.editions.get(locale, {}) if before is not None else {}
    if not words.get("text"):
        return words
    kept = {name: known[name] for name in ("combined", "otherwise") if name in known}
    answers = next((words[name] for name in ("choices", "accepted") if name in words), None)
    if "feedback" in known and (answers is None or len(answers) == len(known["feedback"])):
        kept["feedback"] = known["feedback"]
    return {**words, **kept}


def _question_data(question: Question) -> dict[str, Any]:
    data: dict[str, Any] = {
        "name": question.name,
        "tags": ", ".join(question.tags),
        **spread(question.editions, ("text", "explanation")),
    }
    for locale, words in question.editions.items():
        data[f"answers_{locale}"] = "\n".join(_answer_lines(question, words))
    if "truth" in question.answer:
        data["truth"] = "true" if question.answer["truth"] else "false"
    if "accepted" in question.answer:
        data["least"] = question.answer["accepted"][0]["least"]
        data["most"] = question.answer["accepted"][0]["most"]
    data["grading"] = question.answer.get("grading", USUAL)
    data["points"] = question.answer.get("points", "1")
    return data


def _answer_lines(question: Question, words: Mapping[str, Any]) -> list[str]:
    if "weights" in question.answer:
        weighed = zip(question.answer["weights"], words.get("choices", []), strict=False)
        return [f"={text}" if Fraction(weight) > 0 else text for weight, text in weighed]
    if "items" in words:
        return list(words["items"])
    if "pairs" in words:
        return [f"{left} -> {right}" for left, right in words["pairs"]]
    return [word["text"] for word in words.get("accepted", [])]


class ImportForm(Form):
    """A file of questions, chosen or pasted."""

    locale = SelectField(
        _l("Language of the file"),
        choices=choices(LOCALES),
        description=_l(
            "Import the English file first; another language adds its texts to the same questions."
        ),
    )
    file = FileField(
        _l("GIFT or Moodle XML file"), description=_l("As Moodle exports it, up to 2 MB, in UTF-8.")
    )
    text = TextAreaField(_l("Or paste it"), [Length(max=2_000_000)])
    is_trial = BooleanField(_l("Only check, change nothing"))
