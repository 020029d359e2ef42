"""Pictures and files that lessons show and offer."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from academy.models.courses import Course
from core.database import Base


class CourseFile(Base):
    """A picture or a PDF of a course, made safe on its way in. Lessons name it by its ``key``: ``file:KEY``.

    It belongs to the course, not to a version, so that what was published keeps its pictures.
    """

    __tablename__ = "academy_course_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(sa.ForeignKey("academy_course.id"), index=True)
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    content_type: Mapped[str]
    size: Mapped[int]
    storage_key: Mapped[str]
    #: Of a picture, in pixels.
    width: Mapped[int | None]
    height: Mapped[int | None]
    added_at: Mapped[datetime]
    added_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts_user.id"), index=True)

    course: Mapped[Course] = relationship()

    @property
    def is_picture(self) -> bool:
        return self.width is not None

    @property
    def markdown(self) -> str:
        """How a lesson shows or offers it."""
        stem = self.name.rpartition(".")[0] or self.name
        return f"{'!' if self.is_picture else ''}[{stem}](file:{self.key})"
