"""The pictures and files of lessons: for learners to see, for authors to add."""

from typing import Any

from flask import abort, flash, redirect, render_template, url_for

from academy import operations, queries
from academy.forms import FileForm
from academy.models import CourseFile
from academy.views import academy
from academy.views.authors import course_or_404
from academy.views.texts import size_in_words
from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from core import uploads
from core.database import session
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.pagination import paginate


@academy.get("/academy/files/<key>")
@requires(Permission.COURSES_LEARN)
def course_file(key: str) -> Any:
    """A picture or file of a course. A browser shows pictures in the lesson and opens nothing by itself."""
    row: CourseFile = session.scalar(
        queries.files_visible_to(signed_in_user()).where(CourseFile.key == key)
    ) or abort(404)
    answer = uploads.download(row.storage_key, name=row.name, content_type=row.content_type)
    answer.headers["Cache-Control"] = "private, max-age=86400"
    return answer


@academy.route("/staff/courses/<code>/files", methods=["GET", "POST"])
@requires(Permission.COURSES_WRITE)
def course_files(code: str) -> Any:
    """The pictures and files of a course, with what an author writes to show each."""
    course = course_or_404(code)
    form = FileForm()
    if form.was_sent_and_holds():
        upload = form.file.data
        content = upload.read(uploads.MOST_BYTES + 1)
        upload.close()
        try:
            row = operations.add_file(course, content, upload.filename or "", by=signed_in_user())
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("“%(name)s” is in. Copy its line into a lesson.", name=row.name), "good")
            return redirect(url_for("academy.course_files", code=code))
    page = render_template(
        "academy/staff/files.html",
        course=course,
        form=form,
        page=paginate(queries.files_of(course.id)),
        size_in_words=size_in_words,
    )
    return page, form.status


@academy.post("/staff/courses/<code>/files/<key>/removal")
@requires(Permission.COURSES_WRITE)
def course_file_removal(code: str, key: str) -> Any:
    """Takes a file out that no lesson shows."""
    course = course_or_404(code)
    row: CourseFile = session.scalar(queries.files_of(course.id).where(CourseFile.key == key)) or abort(404)
    operations.remove_file(row, by=signed_in_user())
    flash(_("The file is gone."), "good")
    return redirect(url_for("academy.course_files", code=code))
