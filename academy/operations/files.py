"""Pictures and files of lessons: made safe on their way in, removed only while no lesson shows them."""

import secrets

import sqlalchemy as sa

from academy.lesson_text import keys_in
from academy.models import Course, CourseFile, CourseVersion, Lesson, Module
from accounts.models import User
from core import clock, uploads
from core.database import session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _


def add_file(course: Course, content: bytes, name: str, *, by: User | None) -> CourseFile:
    """Takes a picture or a PDF into a course. Raises InvalidInput at ``file`` with why it is not taken."""
    try:
        checked = uploads.check_file(content, name)
    except uploads.RefusedFile as problem:
        raise InvalidInput({"file": str(problem)}) from problem
    width, height = _measures(checked.content) if checked.content_type.startswith("image/") else (None, None)
    file = CourseFile(
        course_id=course.id,
        key=secrets.token_hex(5),
        name=checked.name,
        content_type=checked.content_type,
        size=len(checked.content),
        storage_key=uploads.keep_file(checked, folder="academy"),
        width=width,
        height=height,
        added_at=clock.now(),
        added_by_id=by.id if by is not None else None,
    )
    session.add(file)
    session.flush()
    return file


def _measures(content: bytes) -> tuple[int, int]:
    """A picture's width and height in pixels, so that a page does not jump while it loads."""
    import io

    from PIL import Image

    with Image.open(io.BytesIO(content)) as image:
        return image.width, image.height


def remove_file(file: CourseFile, *, by: User) -> None:
    """Takes a file out of its course. Raises Refusal while a lesson of any version shows it."""
    lessons = session.scalars(
        sa.select(Lesson)
        .join(Module, Module.id == Lesson.module_id)
        .join(CourseVersion, CourseVersion.id == Module.version_id)
        .where(CourseVersion.course_id == file.course_id)
    )
    for lesson in lessons:
        if file.key in keys_in([str(words.get("text", "")) for words in lesson.editions.values()]):
            raise Refusal(_("The lesson “%(title)s” shows this file.", title=lesson.edition["title"]))
    uploads.forget_later(file.storage_key)
    session.delete(file)
