"""Learning paths: courses in the order in which they are best taken."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from academy.models.courses import Audience, Course
from academy.models.editions import Edition, edition_of
from core.database import Base


class LearningPath(Base):
    """Several courses in an order, for one audience."""

    __tablename__ = "academy_path"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    audience: Mapped[Audience]
    #: ``{"en": {"title": …, "summary": …, "revised_at": …}, …}``
    editions: Mapped[dict[str, Any]]
    position: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]

    steps: Mapped[list["PathStep"]] = relationship(
        back_populates="path", order_by="PathStep.position", cascade="all, delete-orphan"
    )

    @property
    def edition(self) -> Edition:
        return edition_of(self.editions)

    @property
    def title(self) -> str:
        return str(self.edition["title"])


class PathStep(Base):
    """A course's place in a path."""

    __tablename__ = "academy_path_step"
    __table_args__ = (sa.UniqueConstraint("path_id", "course_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    path_id: Mapped[int] = mapped_column(sa.ForeignKey("academy_path.id"))
    course_id: Mapped[int] = mapped_column(sa.ForeignKey("academy_course.id"), index=True)
    position: Mapped[int]

    path: Mapped[LearningPath] = relationship(back_populates="steps")
    course: Mapped[Course] = relationship()
