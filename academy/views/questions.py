"""The question bank: its list with how each question did, writing one, and files in and out."""

from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for

from academy import operations, queries
from academy.forms import ImportForm, QuestionForm
from academy.models import Course, Question, QuestionKind
from academy.operations import Imported
from academy.views import academy
from academy.views.authors import course_or_404
from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from core.database import session
from core.errors import InvalidInput
from core.i18n import LOCALES
from core.i18n import gettext as _
from core.pagination import paginate

MOST_BYTES = 2_000_000


def _question_or_404(course: Course, question_id: int) -> Question:
    found: Question = session.scalar(queries.questions_of(course).where(Question.id == question_id)) or abort(
        404
    )
    return found


@academy.get("/staff/courses/<code>/questions")
@requires(Permission.COURSES_WRITE)
def questions(code: str) -> Any:
    """The bank: what is asked, how often, how well it was answered, and which questions tell little."""
    course = course_or_404(code)
    figures = queries.item_figures(course)
    return render_template(
        "academy/staff/questions.html",
        course=course,
        page=paginate(queries.questions_of(course)),
        figures=figures,
        weakest=sorted((row for row in figures.values() if row.concern), key=lambda row: row.share)[:10],
        tags=queries.tag_counts(course),
        kinds=list(QuestionKind),
    )


@academy.route("/staff/courses/<code>/questions/new/<kind>", methods=["GET", "POST"])
@requires(Permission.COURSES_WRITE)
def new_question(code: str, kind: str) -> Any:
    """A question of one kind."""
    course = course_or_404(code)
    if kind not in set(QuestionKind):
        abort(404)
    return _question_page(course, None, QuestionKind(kind))


@academy.route("/staff/courses/<code>/questions/<int:question_id>", methods=["GET", "POST"])
@requires(Permission.COURSES_WRITE)
def question(code: str, question_id: int) -> Any:
    """A question of the bank."""
    course = course_or_404(code)
    row = _question_or_404(course, question_id)
    return _question_page(course, row, row.kind)


def _question_page(course: Course, row: Question | None, kind: QuestionKind) -> Any:
    form = QuestionForm.for_kind(kind, row)
    if form.was_sent_and_holds():
        try:
            answer, texts = form.content(kind, row)
            operations.save_question(
                course,
                row,
                name=form.name.data,
                kind=kind,
                tags=[tag.strip() for tag in form.tags.data.split(",") if tag.strip()],
                answer=answer,
                texts=texts,
                by=signed_in_user(),
            )
            flash(_("Saved. Attempts under way keep what they show."), "good")
            return redirect(url_for("academy.questions", code=course.code))
        except InvalidInput as problem:
            form.complain(problem)
    page = render_template("academy/staff/question.html", form=form, question=row, kind=kind, course=course)
    return page, form.status


@academy.post("/staff/courses/<code>/questions/<int:question_id>/retirement")
@requires(Permission.COURSES_WRITE)
def question_retirement(code: str, question_id: int) -> Any:
    """Is asked no more."""
    course = course_or_404(code)
    operations.retire_question(_question_or_404(course, question_id), by=signed_in_user())
    flash(_("The question is asked no more."), "good")
    return redirect(url_for("academy.questions", code=code))


@academy.post("/staff/courses/<code>/questions/<int:question_id>/return")
@requires(Permission.COURSES_WRITE)
def question_return(code: str, question_id: int) -> Any:
    """Is asked again."""
    course = course_or_404(code)
    operations.bring_back_question(_question_or_404(course, question_id), by=signed_in_user())
    flash(_("The question is asked again."), "good")
    return redirect(url_for("academy.questions", code=code))


@academy.route("/staff/courses/<code>/questions/import", methods=["GET", "POST"])
@requires(Permission.COURSES_WRITE)
def questions_import(code: str) -> Any:
    """A file of questions into the bank, with a report by line."""
    course = course_or_404(code)
    form = ImportForm()
    report: Imported | None = None
    if form.was_sent_and_holds():
        try:
            source = _source_of(form)
            bring = operations.would_import if form.is_trial.data else operations.import_questions
            report = bring(course, source, locale=form.locale.data, by=signed_in_user())
        except InvalidInput as problem:
            form.complain(problem)
    page = render_template("academy/staff/import.html", form=form, course=course, report=report)
    return page, 200 if report is not None else form.status


def _source_of(form: ImportForm) -> str:
    upload = form.file.data
    content: bytes = upload.read(MOST_BYTES + 1) if upload else b""
    if upload:
        upload.close()
    if len(content) > MOST_BYTES:
        raise InvalidInput({"file": _("The file is larger than 2 MB.")})
    try:
        text = content.decode("utf-8-sig") if content else str(form.text.data or "")
    except UnicodeDecodeError:
        raise InvalidInput(
            {"file": _("The file is not text in UTF-8. Save it so, and send it again.")}
        ) from None
    if not text.strip():
        raise InvalidInput({"file": _("Choose a file, or paste its text.")})
    return text.replace("\0", "")


@academy.get("/staff/courses/<code>/questions/export")
@requires(Permission.COURSES_WRITE)
def questions_export(code: str) -> Any:
    """The bank as a file, in one language: GIFT, or Moodle XML by ``format=xml``."""
    course = course_or_404(code)
    locale = request.args.get("locale", "en")
    if locale not in LOCALES:
        abort(404)
    form = request.args.get("format", "gift")
    if form not in {"gift", "xml"}:
        abort(404)
    rows = [row for row in session.scalars(queries.questions_of(course)) if row.is_live]
    answer = Response(
        operations.exported_questions(rows, locale=locale, form=form),
        mimetype="application/xml" if form == "xml" else "text/plain",
    )
    answer.headers["Content-Disposition"] = f'attachment; filename="{course.code}-{locale}.{form}"'
    return answer
