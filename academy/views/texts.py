"""Authors' texts as readers see them."""

from datetime import datetime

from flask import url_for
from markupsafe import Markup

from academy import queries
from academy.lesson_text import Attached, lesson_html
from academy.models import CourseFile
from academy.settings import film_hosts
from core.database import session
from core.i18n import format_moment, format_number
from core.i18n import gettext as _


def as_html(text: str, course_id: int | None) -> Markup:
    """A text with the pictures and files of its course."""
    if course_id is None:
        return lesson_html(text, {}, film_hosts())
    files = {row.key: _attached(row) for row in session.scalars(queries.files_of(course_id))}
    return lesson_html(text, files, film_hosts())


def _attached(row: CourseFile) -> Attached:
    return Attached(
        url_for("academy.course_file", key=row.key), row.name, size_in_words(row.size), row.width, row.height
    )


def size_in_words(size: int) -> str:
    """``340 KB``, ``2 MB``."""
    if size < 1_000_000:
        return _("%(size)s KB", size=format_number(max(1, size // 1000)))
    return _("%(size)s MB", size=format_number(size // 1_000_000))


def spoken_moment(moment: datetime, zone: str) -> str:
    """A moment as the clock shows it in ``zone``."""
    return format_moment(moment, zone=zone)
