"""What authors see: their courses, the draft in hand, publishing, and who may try again."""

from typing import Any

from flask import abort, flash, redirect, render_template, url_for

from academy import operations, queries
from academy.forms import (
    DraftForm,
    NewCourseForm,
    PublicationForm,
    SeriesForm,
    course_form,
    gathered,
    lesson_form,
    module_form,
)
from academy.models import Audience, Course, CourseVersion, Lesson, Level, Module
from academy.operations.courses import what_is_missing
from academy.queries.courses import lessons_for_author
from academy.views import academy
from academy.views.learners import product_names
from academy.views.texts import as_html
from accounts.access import requires, signed_in_user
from accounts.models import User
from accounts.permissions import Permission
from core.database import session
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.pagination import paginate
from partners.queries import products


def course_or_404(code: str) -> Course:
    """The course, whatever its state."""
    return queries.course_by_code(code) or abort(404)


def _draft_or_404(code: str) -> CourseVersion:
    return queries.draft_version(course_or_404(code)) or abort(404)


def _module_or_404(version: CourseVersion, module_id: int) -> Module:
    return next((module for module in version.modules if module.id == module_id), None) or abort(404)


def _lesson_or_404(lesson_id: int) -> Lesson:
    may_write = signed_in_user().may(Permission.COURSES_WRITE)
    return session.scalar(lessons_for_author(may_write).where(Lesson.id == lesson_id)) or abort(404)


def _back(course: Course) -> Any:
    return redirect(url_for("academy.authored_course", code=course.code))


@academy.get("/staff/courses")
@requires(Permission.COURSES_WRITE)
def authored_courses() -> Any:
    """Every course, with its versions."""
    return render_template(
        "academy/staff/courses.html", page=paginate(queries.all_courses()), product_names=product_names
    )


@academy.route("/staff/courses/new", methods=["GET", "POST"])
@requires(Permission.COURSES_WRITE)
def new_course() -> Any:
    """Begins a course."""
    form = NewCourseForm().offer(products())
    if form.was_sent_and_holds():
        try:
            course = operations.make_course(
                code=form.code.data,
                audience=Audience(form.audience.data),
                level=Level(form.level.data),
                product_codes=form.products.data,
                texts=gathered(form, ("title", "summary")),
                by=signed_in_user(),
            )
            flash(_("The course is begun. Add its chapters and lessons."), "good")
            return _back(course)
        except InvalidInput as problem:
            form.complain(problem)
    return _form_page(form, _("A new course"), _("Begin the course"), None)


def _form_page(form: Any, heading: str, verb: str, course: Course | None) -> Any:
    page = render_template("academy/staff/form.html", form=form, heading=heading, verb=verb, course=course)
    return page, form.status


@academy.get("/staff/courses/<code>")
@requires(Permission.COURSES_WRITE)
def authored_course(code: str) -> Any:
    """A course as its author sees it: figures, versions, the draft, who needs another series."""
    return _course_page(course_or_404(code), PublicationForm(formdata=None))


def _course_page(course: Course, publication: PublicationForm) -> Any:
    draft = queries.draft_version(course)
    taught = queries.live_version(course.code)
    page = render_template(
        "academy/staff/course.html",
        course=course,
        draft=draft,
        taught=taught,
        publication=publication,
        title=_title(course),
        missing=what_is_missing(draft) if draft is not None else [],
        figures=queries.course_figures(course),
        used_up=queries.used_up_attempts(taught) if taught is not None else [],
        series_form=SeriesForm(formdata=None),
        opens=product_names(course.product_codes),
        practical=queries.practical_of(course.id),
        weakest=queries.weakest_topics(course),
        bank=sum(1 for _one in session.scalars(queries.questions_of(course)) if _one.is_live),
    )
    return page, publication.status


def _title(course: Course) -> str:
    return course.versions[0].title if course.versions else course.code


@academy.route("/staff/courses/<code>/details", methods=["GET", "POST"])
@requires(Permission.COURSES_WRITE)
def course_details(code: str) -> Any:
    """For whom it is and what it qualifies for; holds at once, for every version."""
    course = course_or_404(code)
    form = course_form(course, products())
    if form.was_sent_and_holds():
        operations.change_course(
            course,
            audience=Audience(form.audience.data),
            level=Level(form.level.data),
            product_codes=form.products.data,
            by=signed_in_user(),
        )
        flash(_("Saved. Routing follows at once."), "good")
        return _back(course)
    return _form_page(form, _title(course), _("Save"), course)


@academy.post("/staff/courses/<code>/draft")
@requires(Permission.COURSES_WRITE)
def course_draft(code: str) -> Any:
    """The next version, begun as a copy of the one that is taught."""
    course = course_or_404(code)
    draft = operations.begin_draft(course, by=signed_in_user())
    flash(
        _("Version %(number)s is a draft now. Learners see it when it is published.", number=draft.number),
        "good",
    )
    return _back(course)


@academy.route("/staff/courses/<code>/draft/description", methods=["GET", "POST"])
@requires(Permission.COURSES_WRITE)
def draft_description(code: str) -> Any:
    """A draft's title, summary and exam."""
    draft = _draft_or_404(code)
    form = DraftForm.of(draft)
    if form.was_sent_and_holds():
        try:
            operations.change_version(
                draft,
                texts=gathered(form, ("title", "summary")),
                minutes=form.minutes.data,
                penalty=form.penalty.data,
                draws=form.draws(),
                by=signed_in_user(),
            )
            flash(_("Saved."), "good")
            return _back(draft.course)
        except InvalidInput as problem:
            form.complain(problem)
    page = render_template(
        "academy/staff/draft.html",
        form=form,
        draft=draft,
        course=draft.course,
        tags=queries.tag_counts(draft.course),
    )
    return page, form.status


@academy.post("/staff/courses/<code>/draft/publication")
@requires(Permission.COURSES_WRITE)
def draft_publication(code: str) -> Any:
    """Teaches the draft from now on."""
    draft = _draft_or_404(code)
    form = PublicationForm()
    if form.was_sent_and_holds():
        try:
            operations.publish_version(
                draft, last_day_of_earlier=form.last_day_of_earlier.data, by=signed_in_user()
            )
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("Version %(number)s is taught from now on.", number=draft.number), "good")
            return _back(draft.course)
    return _course_page(draft.course, form)


@academy.post("/staff/courses/<code>/retirement")
@requires(Permission.COURSES_WRITE)
def course_retirement(code: str) -> Any:
    """Out of the catalogue; certificates last to their end."""
    course = course_or_404(code)
    operations.retire_course(course, by=signed_in_user())
    flash(_("The course is retired. Its certificates last to their end."), "good")
    return _back(course)


@academy.post("/staff/courses/<code>/attempt-series/<int:user_id>")
@requires(Permission.COURSES_WRITE)
def attempt_series(code: str, user_id: int) -> Any:
    """Another series of attempts for somebody who has used theirs up."""
    course = course_or_404(code)
    taught = queries.live_version(code) or abort(404)
    person: User = next(
        (row.user for row in queries.used_up_attempts(taught) if row.user_id == user_id), None
    ) or abort(404)
    form = SeriesForm()
    if form.was_sent_and_holds():
        operations.grant_attempts(person, course, reason=form.reason.data, by=signed_in_user())
        flash(_("%(name)s may try again at once.", name=person.name), "good")
    else:
        flash(_("Say why, in a few words."), "bad")
    return _back(course)


@academy.route("/staff/courses/<code>/draft/modules/new", methods=["GET", "POST"])
@requires(Permission.COURSES_WRITE)
def new_module(code: str) -> Any:
    """Another chapter."""
    draft = _draft_or_404(code)
    form = module_form(None)
    if form.was_sent_and_holds():
        try:
            operations.add_module(draft, texts=gathered(form, ("title",)), by=signed_in_user())
            return _back(draft.course)
        except InvalidInput as problem:
            form.complain(problem)
    return _form_page(form, _("A new chapter"), _("Add the chapter"), draft.course)


@academy.route("/staff/courses/<code>/draft/modules/<int:module_id>", methods=["GET", "POST"])
@requires(Permission.COURSES_WRITE)
def module(code: str, module_id: int) -> Any:
    """A chapter's title."""
    draft = _draft_or_404(code)
    row = _module_or_404(draft, module_id)
    form = module_form(row)
    if form.was_sent_and_holds():
        try:
            operations.change_module(row, texts=gathered(form, ("title",)), by=signed_in_user())
            return _back(draft.course)
        except InvalidInput as problem:
            form.complain(problem)
    return _form_page(form, row.edition["title"], _("Save"), draft.course)


@academy.post("/staff/courses/<code>/draft/modules/<int:module_id>/removal")
@requires(Permission.COURSES_WRITE)
def module_removal(code: str, module_id: int) -> Any:
    """Takes an empty chapter out."""
    draft = _draft_or_404(code)
    operations.remove_module(_module_or_404(draft, module_id), by=signed_in_user())
    flash(_("The chapter is gone."), "good")
    return _back(draft.course)


@academy.route("/staff/courses/<code>/draft/modules/<int:module_id>/lessons/new", methods=["GET", "POST"])
@requires(Permission.COURSES_WRITE)
def new_lesson(code: str, module_id: int) -> Any:
    """Another lesson at the end of a chapter."""
    draft = _draft_or_404(code)
    row = _module_or_404(draft, module_id)
    form = lesson_form(None)
    if form.was_sent_and_holds():
        try:
            operations.add_lesson(
                row, texts=gathered(form, ("title", "text")), minutes=form.minutes.data, by=signed_in_user()
            )
            return _back(draft.course)
        except InvalidInput as problem:
            form.complain(problem)
    return _lesson_page(form, None, draft.course)


@academy.route("/staff/lessons/<int:lesson_id>", methods=["GET", "POST"])
@requires(Permission.COURSES_WRITE)
def lesson_draft(lesson_id: int) -> Any:
    """A lesson of a draft, in both languages."""
    row = _lesson_or_404(lesson_id)
    row.module.version.refuse_unless_draft()
    form = lesson_form(row)
    if form.was_sent_and_holds():
        try:
            operations.change_lesson(
                row, texts=gathered(form, ("title", "text")), minutes=form.minutes.data, by=signed_in_user()
            )
            flash(_("Saved."), "good")
            return redirect(url_for("academy.lesson_preview", lesson_id=row.id))
        except InvalidInput as problem:
            form.complain(problem)
    return _lesson_page(form, row, row.module.version.course)


def _lesson_page(form: Any, row: Lesson | None, course: Course) -> Any:
    return render_template("academy/staff/lesson.html", form=form, lesson=row, course=course), form.status


@academy.get("/staff/lessons/<int:lesson_id>/preview")
@requires(Permission.COURSES_WRITE)
def lesson_preview(lesson_id: int) -> Any:
    """A lesson as learners will read it, in every language it has."""
    row = _lesson_or_404(lesson_id)
    course = row.module.version.course
    editions = [
        (locale, words["title"], as_html(str(words.get("text", "")), course.id))
        for locale, words in sorted(row.editions.items())
    ]
    return render_template("academy/staff/lesson_preview.html", lesson=row, course=course, editions=editions)


@academy.post("/staff/lessons/<int:lesson_id>/place")
@requires(Permission.COURSES_WRITE)
def lesson_place(lesson_id: int) -> Any:
    """One place up in its chapter."""
    row = _lesson_or_404(lesson_id)
    operations.move_lesson(row, up=True, by=signed_in_user())
    return _back(row.module.version.course)


@academy.post("/staff/lessons/<int:lesson_id>/removal")
@requires(Permission.COURSES_WRITE)
def lesson_removal(lesson_id: int) -> Any:
    """Takes a lesson out of the draft."""
    row = _lesson_or_404(lesson_id)
    course = row.module.version.course
    operations.remove_lesson(row, by=signed_in_user())
    flash(_("The lesson is gone from the draft."), "good")
    return _back(course)
