"""Learning paths: for learners with how far they are, for authors to arrange."""

from typing import Any

from flask import abort, flash, redirect, render_template, url_for

from academy import operations, queries
from academy.forms import PathForm, gathered
from academy.models import Audience, LearningPath
from academy.views import academy
from academy.views.learners import standings
from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from core.database import session
from core.errors import InvalidInput
from core.i18n import gettext as _


def _path_or_404(code: str) -> LearningPath:
    return queries.path_by_code(code) or abort(404)


@academy.get("/academy/paths/<code>")
@requires(Permission.COURSES_LEARN)
def path(code: str) -> Any:
    """A path: its courses in order, with how far one is in each."""
    row = _path_or_404(code)
    by_course = {standing.version.course_id: standing for standing in standings(signed_in_user())}
    steps = [by_course[step.course_id] for step in row.steps if step.course_id in by_course]
    following = next((standing for standing in steps if standing.certificate is None), None)
    return render_template("academy/path.html", path=row, steps=steps, following=following)


@academy.get("/staff/paths")
@requires(Permission.COURSES_WRITE)
def authored_paths() -> Any:
    """Every path."""
    return render_template("academy/staff/paths.html", paths=session.scalars(queries.learning_paths()).all())


@academy.route("/staff/paths/new", methods=["GET", "POST"])
@requires(Permission.COURSES_WRITE)
def new_path() -> Any:
    """Begins a path."""
    return _path_page(None)


@academy.route("/staff/paths/<code>", methods=["GET", "POST"])
@requires(Permission.COURSES_WRITE)
def authored_path(code: str) -> Any:
    """A path's texts and courses."""
    return _path_page(_path_or_404(code))


def _path_page(row: LearningPath | None) -> Any:
    courses = [course for course in session.scalars(queries.all_courses()) if course.retired_at is None]
    form = PathForm.of(row, courses)
    if form.was_sent_and_holds():
        by_code = {course.code: course for course in courses}
        try:
            operations.save_path(
                row,
                code=form.code.data,
                audience=Audience(form.audience.data),
                texts=gathered(form, ("title", "summary")),
                courses=[by_code[chosen] for chosen in form.courses.data if chosen],
                by=signed_in_user(),
            )
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("Saved."), "good")
            return redirect(url_for("academy.authored_paths"))
    return render_template("academy/staff/path.html", form=form, path=row), form.status


@academy.post("/staff/paths/<code>/retirement")
@requires(Permission.COURSES_WRITE)
def path_retirement(code: str) -> Any:
    """Out of the catalogue; its courses stay."""
    operations.retire_path(_path_or_404(code), by=signed_in_user())
    flash(_("The path is retired. Its courses stay."), "good")
    return redirect(url_for("academy.authored_paths"))
