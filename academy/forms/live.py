"""Webinars, practical works, talks with examiners, articles, paths and files as people type them."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    DateField,
    FormField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms import Form as PlainForm
from wtforms.validators import URL, DataRequired, InputRequired, Length, NumberRange, Optional

from academy.forms.editions import spread
from academy.models import Article, Audience, Course, LearningPath, Practical, Webinar
from core import uploads
from core.errors import InvalidInput
from core.forms import FieldList, Form, ListField, choices
from core.i18n import LOCALES, current_zone
from core.i18n import gettext as _
from core.i18n import lazy_gettext as _l

_ADDRESS = URL(message=_l("Write the whole address, beginning with https://."))


def moment_of(form: Any) -> datetime:
    """The day and time that were typed, as they are meant where the person is."""
    return datetime.combine(form.day.data, form.time.data, ZoneInfo(current_zone())).astimezone(UTC)


class FileForm(Form):
    """A picture or a PDF for lessons."""

    file = FileField(
        _l("Picture or PDF"),
        [DataRequired()],
        render_kw={"accept": uploads.ACCEPTED},
        description=_l("JPEG, PNG, HEIC or PDF, up to 10 MB. Where and when a photo was taken is removed."),
    )


class PathForm(Form):
    """A learning path: up to eight courses in their order."""

    title_en = StringField(_l("Title in English"), [DataRequired(), Length(max=160)])
    summary_en = TextAreaField(_l("Summary in English"), [Length(max=600)])
    title_ru = StringField(_l("Title in Russian"), [Length(max=160)])
    summary_ru = TextAreaField(_l("Summary in Russian"), [Length(max=600)])
    code = StringField(_l("Code"), [DataRequired(), Length(max=60)])
    audience = SelectField(_l("Audience"), choices=choices([(one.value, one.label) for one in Audience]))
    courses = FieldList(SelectField(_l("Course"), validate_choice=True), min_entries=8, max_entries=8)

    @classmethod
    def of(cls, path: LearningPath | None, courses: list[Course]) -> "PathForm":
        """The form filled with a path, offering ``courses``."""
        data: dict[str, Any] | None = None
        if path is not None:
            chosen = [step.course.code for step in path.steps]
            data = {
                **spread(path.editions, ("title", "summary")),
                "code": path.code,
                "audience": path.audience,
                "courses": (chosen + [""] * 8)[:8],
            }
        form = cls(data=data)
        for line in form.courses:
            line.choices = choices(
                [(course.code, course.versions[0].title) for course in courses if course.versions],
                empty=_l("none"),
            )
        return form


class EnrolmentForm(Form):
    """Who of the team shall learn what, until when."""

    course = SelectField(_l("Course"), [DataRequired()])
    people = ListField(_l("Who shall learn it"), [DataRequired()])
    wanted_by = DateField(
        _l("Done by"), [Optional()], description=_l("They see the day; nothing is taken away when it passes.")
    )


class WebinarForm(Form):
    """A webinar; day and time are the reader's own."""

    title = StringField(_l("Title"), [DataRequired(), Length(max=160)])
    description = TextAreaField(_l("What it is about"), [Length(max=4000)])
    locale = SelectField(_l("Language"), choices=choices(LOCALES))
    host = SelectField(_l("Host"))
    day = DateField(_l("Day"), [InputRequired()])
    time = TimeField(_l("Time"), [InputRequired()])
    minutes = IntegerField(_l("Minutes"), [InputRequired(), NumberRange(10, 480)], default=60)
    seats = IntegerField(_l("Seats"), [InputRequired(), NumberRange(1, 10_000)], default=100)
    link = StringField(
        _l("Where one joins"),
        [Optional(), _ADDRESS, Length(max=500)],
        description=_l("Shown to those who have a seat, and in their invitation."),
    )
    course = SelectField(_l("Belongs to the course"))

    @classmethod
    def of(cls, webinar: Webinar | None, hosts: list[Any], courses: list[Course]) -> "WebinarForm":
        """The form filled with a webinar."""
        data: dict[str, Any] | None = None
        if webinar is not None:
            local = webinar.starts_at.astimezone(ZoneInfo(current_zone()))
            data = {
                "title": webinar.title,
                "description": webinar.description,
                "locale": webinar.locale,
                "host": str(webinar.host_id),
                "day": local.date(),
                "time": local.time(),
                "minutes": webinar.minutes,
                "seats": webinar.seats,
                "link": webinar.link,
                "course": webinar.course.code if webinar.course else "",
            }
        form = cls(data=data)
        form.day.description = _("In your time zone, %(zone)s.", zone=current_zone())
        form.host.choices = choices([(str(person.id), person.name) for person in hosts])
        form.course.choices = choices(
            [(course.code, course.versions[0].title) for course in courses if course.versions],
            empty=_l("none"),
        )
        return form


class AttendanceForm(Form):
    """The list of a meeting program."""

    file = FileField(
        _l("List of those who were there"),
        [DataRequired()],
        description=_l("A CSV file of your meeting program. Every mailbox in it is looked for."),
    )


class RecordingForm(Form):
    """Where a recording stands."""

    address = StringField(_l("Address of the recording"), [DataRequired(), _ADDRESS, Length(max=500)])
    as_lesson = BooleanField(_l("Add it to the draft of its course as a lesson"))


class RubricLine(PlainForm):
    """One thing an examiner looks at."""

    name_en = StringField(_l("What is looked at, in English"), [Length(max=160)])
    name_ru = StringField(_l("In Russian"), [Length(max=160)])
    points = IntegerField(_l("Points"), [Optional(), NumberRange(1, 100)])


class PracticalForm(Form):
    """The practical task of a course."""

    task_en = TextAreaField(
        _l("Task in English"),
        [DataRequired(), Length(max=20_000)],
        description=_l("Markdown, as in lessons."),
    )
    task_ru = TextAreaField(_l("Task in Russian"), [Length(max=20_000)])
    lines = FieldList(FormField(RubricLine), max_entries=12)
    needed = IntegerField(_l("Points needed"), [InputRequired(), NumberRange(1, 1200)])
    minutes = IntegerField(_l("Minutes of the talk"), [InputRequired(), NumberRange(10, 240)], default=30)
    required = BooleanField(_l("The certificate needs it passed"), default=True)

    @classmethod
    def of(cls, practical: Practical | None) -> "PracticalForm":
        """The form filled with a task, and empty lines for more of the rubric."""
        blank: dict[str, Any] = {"name_en": "", "name_ru": "", "points": None}
        if practical is None:
            return cls(data={"lines": [dict(blank) for _line in range(4)], "required": True, "minutes": 30})
        lines = [
            {
                "name_en": line["names"].get("en", {}).get("title", ""),
                "name_ru": line["names"].get("ru", {}).get("title", ""),
                "points": line["points"],
            }
            for line in practical.rubric
        ]
        return cls(
            data={
                **spread(practical.editions, ("task",)),
                "lines": [*lines, dict(blank), dict(blank)][:12],
                "needed": practical.needed,
                "minutes": practical.minutes,
                "required": practical.required,
            }
        )

    def rubric(self) -> list[dict[str, Any]]:
        """The lines as a task keeps them; empty ones are left out."""
        found: list[dict[str, Any]] = []
        for line in self.lines.data:
            if not line["name_en"]:
                continue
            if not line["points"]:
                raise InvalidInput({"rubric": _("Say what “%(name)s” is worth.", name=line["name_en"])})
            names = {
                locale: {"title": line[f"name_{locale}"]} for locale in LOCALES if line[f"name_{locale}"]
            }
            found.append({"key": f"line-{len(found) + 1}", "points": line["points"], "names": names})
        return found


class WorkForm(Form):
    """A practical work."""

    text = TextAreaField(_l("Your work in words"), [Length(max=20_000)])
    link = StringField(
        _l("Link"), [Optional(), Length(max=500)], description=_l("To a demo, a repository, a document.")
    )
    file = FileField(
        _l("File"),
        render_kw={"accept": uploads.ACCEPTED},
        description=_l("PDF, JPEG, PNG or HEIC, up to 10 MB."),
    )


class SlotForm(Form):
    """Times that an examiner offers; day and time are the examiner's own."""

    day = DateField(_l("Day"), [InputRequired(_l("Choose a day."))])
    time = TimeField(_l("First at"), [InputRequired(_l("Choose a time."))])
    minutes = IntegerField(_l("Minutes each"), [InputRequired(), NumberRange(10, 240)], default=30)
    count = IntegerField(_l("How many in a row"), [InputRequired(), NumberRange(1, 16)], default=4)
    place = StringField(_l("Where"), [Length(max=500)], description=_l("The address of a call, or a room."))


class AppealForm(Form):
    """Why somebody wants a second look."""

    why = TextAreaField(_l("What was overlooked"), [DataRequired(), Length(max=4000)])


class VerdictForm(Form):
    """What an examiner found, line by line of the rubric, and then in words."""

    @classmethod
    def of(cls, practical: Practical, name_of: Any) -> "VerdictForm":
        """The form with a field for each line of the rubric, in front of the feedback."""

        class WithLines(cls):  # type: ignore[misc, valid-type]
            pass

        for line in practical.rubric:
            most = int(line["points"])
            between = _("Give 0 to %(most)s points.", most=most)
            field = IntegerField(
                _("%(name)s (0 to %(points)s)", name=name_of(line), points=most),
                [InputRequired(between), NumberRange(0, most, between)],
                render_kw={"inputmode": "numeric"},
            )
            setattr(WithLines, str(line["key"]), field)
        # Fields stand in the order in which they are made
        WithLines.feedback = TextAreaField(
            _("Feedback"),
            [
                DataRequired(_("Say in a sentence or two what was good and what was missing.")),
                Length(max=8000),
            ],
            render_kw={"rows": "5"},
        )
        form: VerdictForm = WithLines()
        return form

    def points(self, practical: Practical) -> dict[str, int]:
        """What was given, by line."""
        return {str(line["key"]): self[str(line["key"])].data for line in practical.rubric}


class ArticleForm(Form):
    """An article of the knowledge base."""

    title_en = StringField(_l("Title in English"), [DataRequired(), Length(max=160)])
    text_en = TextAreaField(_l("Text in English"), [DataRequired(), Length(max=40_000)])
    title_ru = StringField(_l("Title in Russian"), [Length(max=160)])
    text_ru = TextAreaField(_l("Text in Russian"), [Length(max=40_000)])
    slug = StringField(_l("Address"), [DataRequired(), Length(max=80)])
    products = ListField(_l("Products it is about"))
    is_published = BooleanField(_l("Published"), default=True)

    @classmethod
    def of(cls, article: Article | None, products: list[Any]) -> "ArticleForm":
        """The form filled with an article."""
        data: dict[str, Any] = {"is_published": True}
        if article is not None:
            data = {
                **spread(article.editions, ("title", "text")),
                "slug": article.slug,
                "products": article.product_codes,
                "is_published": article.published_at is not None,
            }
        form = cls(data=data)
        form.products.choices = choices([(product.code, product.label) for product in products])
        return form


class VoteForm(Form):
    """What was missing in an article."""

    comment = StringField(_l("What was missing?"), [Length(max=500)])
