"""What people type into the academy: revocations, courses, lessons, topics, questions, files of questions."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms import Form as PlainForm
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from academy.gift import decimal_text
from academy.grading import number_from
from academy.models import Audience, Course, CourseVersion, Lesson, Level, Module, Question, QuestionKind
from core.errors import InvalidInput
from core.forms import Form, ListField, choices
from core.i18n import LOCALES
from core.i18n import gettext as _
from core.i18n import lazy_gettext as _l

LONGEST_TEXT = 60_000


class RevocationForm(Form):
    """Why a certificate is taken back."""

    reason = TextAreaField(
        _l("Reason"),
        [DataRequired(), Length(max=1000)],
        description=_l("The holder is told; the public page shows that it was revoked, not why."),
    )


class SeriesForm(Form):
    """Why somebody gets another series of attempts."""

    reason = StringField(_l("Reason"), [DataRequired(), Length(max=300)])


class CourseForm(Form):
    """A course: for whom, how far, and what it qualifies for."""

    audience = SelectField(_l("Audience"), choices=choices([(one.value, one.label) for one in Audience]))
    level = SelectField(_l("Level"), choices=choices([(one.value, one.label) for one in Level]))
    products = ListField(
        _l("Products it qualifies for"),
        description=_l(
            "Leads for these products reach only firms with a certificate. None: the course is for knowledge."
        ),
    )

    def offer(self, products: list[Any]) -> "CourseForm":
        """Sets the products to choose from; answers the form."""
        self.products.choices = choices([(product.code, product.label) for product in products])
        return self


def _title(language: str, *, required: bool) -> StringField:
    checks = [DataRequired(), Length(max=160)] if required else [Length(max=160)]
    return StringField(_l("Title in English") if language == "en" else _l("Title in Russian"), checks)


def _summary(label: Any) -> TextAreaField:
    return TextAreaField(label, [Length(max=600)])


class NewCourseForm(CourseForm):
    """A course with the title of its first draft."""

    code = StringField(
        _l("Code"),
        [DataRequired(), Length(max=60)],
        description=_l("Stands in addresses and in routing, such as cloud-implementation."),
    )
    title_en = _title("en", required=True)
    summary_en = _summary(_l("Summary in English"))
    title_ru = _title("ru", required=False)
    summary_ru = _summary(_l("Summary in Russian"))

    def __iter__(self) -> Iterator[Any]:
        """The title comes first, as one thinks of it."""
        names = ("title_en", "summary_en", "title_ru", "summary_ru", "code", "audience", "level", "products")
        yield from (one for one in super().__iter__() if one.name not in names)
        yield from (self[name] for name in names)


class TopicForm(PlainForm):
    """A topic of the exam."""

    tag = StringField(_l("Tag"), [Optional(), Length(max=60)])
    count = IntegerField(_l("Questions"), [Optional(), NumberRange(1, 50)])
    name_en = StringField(_l("Name in English"), [Length(max=80)])
    name_ru = StringField(_l("Name in Russian"), [Length(max=80)])


class DraftForm(Form):
    """A draft's titles, summaries, and exam."""

    title_en = _title("en", required=True)
    summary_en = _summary(_l("Summary in English"))
    title_ru = _title("ru", required=False)
    summary_ru = _summary(_l("Summary in Russian"))
    minutes = IntegerField(_l("Minutes for the exam"), [InputRequired(), NumberRange(1, 240)])
    topics = FieldList(FormField(TopicForm), max_entries=20)

    @classmethod
    def of(cls, version: CourseVersion) -> "DraftForm":
        """The form filled with a draft, and three empty lines for more topics."""
        topics: list[dict[str, Any]] = [
            {
                "tag": draw["tag"],
                "count": draw["count"],
                "name_en": draw.get("names", {}).get("en", {}).get("title", ""),
                "name_ru": draw.get("names", {}).get("ru", {}).get("title", ""),
            }
            for draw in version.exam.draws
        ]
        blank: dict[str, Any] = {"tag": "", "count": None, "name_en": "", "name_ru": ""}
        return cls(
            data={
                **spread(version.editions, ("title", "summary")),
                "minutes": version.exam.minutes,
                "topics": [*topics, blank, dict(blank), dict(blank)][:20],
            }
        )

    def draws(self) -> list[dict[str, Any]]:
        """The topics as an exam keeps them; lines without a tag are left out."""
        drawn = []
        for line in self.topics.data:
            tag = (line["tag"] or "").strip()
            if not tag:
                continue
            if not line["count"]:
                raise InvalidInput({"draws": _("Say how many questions of “%(tag)s” are asked.", tag=tag)})
            names = {
                locale: {"title": line[f"name_{locale}"].strip()}
                for locale in LOCALES
                if (line[f"name_{locale}"] or "").strip()
            }
            drawn.append({"tag": tag, "count": line["count"], "names": names})
        return drawn


class ModuleForm(Form):
    """A chapter's title."""

    title_en = _title("en", required=True)
    title_ru = _title("ru", required=False)


class LessonForm(Form):
    """A lesson in both languages."""

    title_en = _title("en", required=True)
    text_en = TextAreaField(
        _l("Text in English"),
        [Length(max=LONGEST_TEXT)],
        description=_l("Markdown: ## headings, **bold**, lists, tables, links."),
    )
    title_ru = _title("ru", required=False)
    text_ru = TextAreaField(_l("Text in Russian"), [Length(max=LONGEST_TEXT)])
    minutes = IntegerField(_l("Minutes to read"), [InputRequired(), NumberRange(1, 240)], default=5)


def spread(editions: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Editions as form data: ``{"title_en": …, "title_ru": …}``."""
    return {
        f"{name}_{locale}": editions.get(locale, {}).get(name, "") for locale in LOCALES for name in names
    }


def gathered(form: Form, names: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """The other way round: texts by language."""
    return {locale: {name: form[f"{name}_{locale}"].data or "" for name in names} for locale in LOCALES}


def module_form(module: Module | None) -> ModuleForm:
    return ModuleForm(data=spread(module.editions, ("title",)) if module else None)


def lesson_form(lesson: Lesson | None) -> LessonForm:
    return LessonForm(
        data={**spread(lesson.editions, ("title", "text")), "minutes": lesson.minutes} if lesson else None
    )


def course_form(course: Course, products: list[Any]) -> CourseForm:
    return CourseForm(
        data={"audience": course.audience, "level": course.level, "products": course.product_codes}
    ).offer(products)


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
    least = StringField(_l("From"), [DataRequired()])
    most = StringField(
        _l("To"),
        [DataRequired()],
        description=_l("Every number in between is right; the same twice for one number."),
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
        if kind in (QuestionKind.TRUE_FALSE, QuestionKind.NUMERIC):
            del form.answers_en, form.answers_ru
        else:
            form.answers_en.description = ANSWER_HINTS[kind]
        return form

    def content(
        self, kind: QuestionKind, before: Question | None
    ) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
        """The answer and the texts by language, as the bank keeps them. Raises InvalidInput by field."""
        texts = gathered(self, ("text", "explanation"))
        if kind is QuestionKind.TRUE_FALSE:
            return {"truth": self.truth.data == "true"}, texts
        if kind is QuestionKind.NUMERIC:
            return {"accepted": [{**self._range(), "weight": "100"}]}, texts
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
    QuestionKind.MATCHING: _l("One pair a line: left -> right."),
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
    if sum(line.startswith("=") for line in lines) != 1:
        raise ValueError(_("Begin exactly one choice with =."))
    return _read_choices(lines, texts, answer, before)


def _weights(right: list[bool], before: Question | None) -> list[str]:
    """What choices are worth: the weights there were while the same ones are right, else equal parts."""
    known = before.answer.get("weights", []) if before is not None else []
    if len(known) == len(right) and [Fraction(weight) > 0 for weight in known] == right:
        return list(known)
    if sum(right) == 1:
        return ["100" if is_right else "0" for is_right in right]
    part = f"{float(Fraction(100, sum(right))):.5f}".rstrip("0").rstrip(".")
    return [part if is_right else f"-{part}" for is_right in right]


def _read_words(
    lines: list[str], texts: dict[str, Any], answer: dict[str, Any], before: Question | None
) -> _Read:
    if not lines:
        raise ValueError(_("Write one accepted answer at least."))
    return {}, {**texts, "accepted": [{"text": line, "weight": "100"} for line in lines]}


def _read_pairs(
    lines: list[str], texts: dict[str, Any], answer: dict[str, Any], before: Question | None
) -> _Read:
    pairs = [[side.strip() for side in line.split("->", 1)] for line in lines]
    if len(pairs) < 2 or any(len(pair) != 2 or not all(pair) for pair in pairs):
        raise ValueError(_("Write two pairs at least, each as left -> right."))
    return {}, {**texts, "pairs": pairs}


_READ = {
    QuestionKind.SINGLE: _read_single,
    QuestionKind.MULTIPLE: _read_choices,
    QuestionKind.SHORT_TEXT: _read_words,
    QuestionKind.MATCHING: _read_pairs,
}


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
    return data


def _answer_lines(question: Question, words: Mapping[str, Any]) -> list[str]:
    if "weights" in question.answer:
        weighed = zip(question.answer["weights"], words.get("choices", []), strict=False)
        return [f"={text}" if Fraction(weight) > 0 else text for weight, text in weighed]
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
    file = FileField(_l("GIFT file"), description=_l("As Moodle exports it, up to 1 MB."))
    text = TextAreaField(_l("Or paste it"), [Length(max=1_000_000)])
    is_trial = BooleanField(_l("Only check, change nothing"))
