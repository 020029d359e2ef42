"""What authors and managers type: courses, drafts, lessons, topics, revocations, another series."""

from collections.abc import Iterator
from typing import Any

from flask_wtf.file import FileField
from wtforms import DateField, FormField, IntegerField, SelectField, StringField, TextAreaField
from wtforms import Form as PlainForm
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from academy.forms.editions import spread
from academy.models import Audience, Course, CourseVersion, Lesson, Level, Module
from core.errors import InvalidInput
from core.forms import FieldList, Form, ListField, choices
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


class CheckFileForm(Form):
    """A paper or a credential to check."""

    file = FileField(
        _l("The file"),
        [DataRequired()],
        description=_l("The certificate's PDF, or its credential (.jwt). It is checked and not kept."),
    )


class PublicationForm(Form):
    """Whether certificates of earlier versions last to their end."""

    last_day_of_earlier = DateField(
        _l("Certificates of earlier versions end on"),
        [Optional()],
        description=_l(
            "Nothing: they last to their end. Their holders are told at once, and when the day comes."
        ),
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
    penalty = IntegerField(
        _l("Negative marks, per cent"),
        [InputRequired(), NumberRange(0, 100)],
        default=0,
        description=_l(
            "What a wrong answer takes away of its question's worth. An open question takes nothing; 0: off."
        ),
    )
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
                "penalty": version.exam.penalty,
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
