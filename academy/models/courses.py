"""Courses, their versions, what stands in a version, and who learns."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from academy.models.editions import Edition, edition_of
from accounts.models import User
from core import clock
from core.database import Base
from core.errors import Refusal
from core.i18n import gettext as _
from core.i18n import lazy_gettext


class Audience(StrEnum):
    """For whom a course is."""

    EVERYBODY = "everybody"
    SELLERS = "sellers"
    ENGINEERS = "engineers"
    CONSULTANTS = "consultants"

    @property
    def label(self) -> Any:
        return _AUDIENCES[self]


_AUDIENCES = {
    Audience.EVERYBODY: lazy_gettext("For everybody"),
    Audience.SELLERS: lazy_gettext("For sellers"),
    Audience.ENGINEERS: lazy_gettext("For engineers"),
    Audience.CONSULTANTS: lazy_gettext("For consultants"),
}


class Level(StrEnum):
    """How far a course goes; it stands on the certificate."""

    FOUNDATION = "foundation"
    PROFESSIONAL = "professional"
    EXPERT = "expert"

    @property
    def label(self) -> Any:
        return _LEVELS[self]


_LEVELS = {
    Level.FOUNDATION: lazy_gettext("Foundation"),
    Level.PROFESSIONAL: lazy_gettext("Professional"),
    Level.EXPERT: lazy_gettext("Expert"),
}


class VersionStatus(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"


class Course(Base):
    """Something to learn and be certified in. A certificate qualifies for every product in ``product_codes``."""

    __tablename__ = "academy_course"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    audience: Mapped[Audience]
    level: Mapped[Level]
    product_codes: Mapped[list[str]] = mapped_column(default=list)
    position: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]

    versions: Mapped[list["CourseVersion"]] = relationship(
        back_populates="course", order_by="CourseVersion.number.desc()"
    )


class CourseVersion(Base):
    """A course as it is taught: edited as a draft, then published for good, then superseded by the next."""

    __tablename__ = "academy_course_version"
    __table_args__ = (
        sa.UniqueConstraint("course_id", "number"),
        sa.Index(
            "uq_academy_course_version_draft",
            "course_id",
            unique=True,
            postgresql_where=sa.text("status = 'draft'"),
            sqlite_where=sa.text("status = 'draft'"),
        ),
        sa.Index(
            "uq_academy_course_version_published",
            "course_id",
            unique=True,
            postgresql_where=sa.text("status = 'published'"),
            sqlite_where=sa.text("status = 'published'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(sa.ForeignKey("academy_course.id"), index=True)
    number: Mapped[int]
    status: Mapped[VersionStatus]
    #: ``{"en": {"title": …, "summary": …, "revised_at": …}, …}``
    editions: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    published_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts_user.id"), index=True)
    #: From this moment certificates of earlier versions hold no more; ``None``: they last to their end.
    ends_earlier_at: Mapped[datetime | None]

    course: Mapped[Course] = relationship(back_populates="versions")
    modules: Mapped[list["Module"]] = relationship(
        back_populates="version", order_by="Module.position", cascade="all, delete-orphan"
    )
    exam: Mapped["Exam"] = relationship(back_populates="version", cascade="all, delete-orphan")

    @property
    def edition(self) -> Edition:
        """Title and summary as the reader gets them."""
        return edition_of(self.editions)

    def title_in(self, locale: str | None = None) -> str:
        """The title in ``locale``, or for the reader."""
        return str(edition_of(self.editions, locale)["title"])

    @property
    def title(self) -> str:
        return self.title_in()

    @property
    def is_draft(self) -> bool:
        return self.status is VersionStatus.DRAFT

    @property
    def lessons(self) -> list["Lesson"]:
        """Every lesson, in the order of reading."""
        return [lesson for module in self.modules for lesson in module.lessons]

    @property
    def locales(self) -> list[str]:
        """The languages that the course itself is described in, the original first."""
        return sorted(self.editions, key=lambda locale: (locale != "en", locale))

    def refuse_unless_draft(self) -> None:
        """A version that was published is what people learned from: it is never edited."""
        if not self.is_draft:
            raise Refusal(
                _("Version %(number)s is published. Edit the next draft instead.", number=self.number)
            )

    def publish(self) -> None:
        """Becomes the version that is taught."""
        self.refuse_unless_draft()
        self.status = VersionStatus.PUBLISHED
        self.published_at = clock.now()

    def supersede(self) -> None:
        """A newer version is taught from now on."""
        if self.status is not VersionStatus.PUBLISHED:
            raise Refusal(_("Version %(number)s is not taught.", number=self.number))
        self.status = VersionStatus.SUPERSEDED


class Module(Base):
    """A chapter of a version."""

    __tablename__ = "academy_module"

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(sa.ForeignKey("academy_course_version.id"), index=True)
    position: Mapped[int]
    editions: Mapped[dict[str, Any]]

    version: Mapped[CourseVersion] = relationship(back_populates="modules")
    lessons: Mapped[list["Lesson"]] = relationship(
        back_populates="module", order_by="Lesson.position", cascade="all, delete-orphan"
    )

    @property
    def edition(self) -> Edition:
        return edition_of(self.editions)


class Lesson(Base):
    """A text to read. ``key`` stays the same from version to version, so that progress is kept."""

    __tablename__ = "academy_lesson"

    id: Mapped[int] = mapped_column(primary_key=True)
    module_id: Mapped[int] = mapped_column(sa.ForeignKey("academy_module.id"), index=True)
    key: Mapped[str] = mapped_column(index=True)
    position: Mapped[int]
    minutes: Mapped[int]
    #: ``{"en": {"title": …, "text": Markdown, "revised_at": …}, …}``
    editions: Mapped[dict[str, Any]]

    module: Mapped[Module] = relationship(back_populates="lessons")

    @property
    def edition(self) -> Edition:
        return edition_of(self.editions)


class Exam(Base):
    """How a version is examined: ``draws`` is ``{"tag": …, "count": …, "names": {"en": {"title": …}}}`` a topic."""

    __tablename__ = "academy_exam"

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(sa.ForeignKey("academy_course_version.id"), unique=True)
    minutes: Mapped[int]
    draws: Mapped[list[dict[str, Any]]]
    #: Per cent of a question's worth that a wrong answer takes away; 0 is the usual.
    penalty: Mapped[int] = mapped_column(default=0, server_default="0")

    version: Mapped[CourseVersion] = relationship(back_populates="exam")

    @property
    def length(self) -> int:
        """How many questions an attempt shows."""
        return sum(int(draw["count"]) for draw in self.draws)


class Enrolment(Base):
    """Somebody learns a course. Locked while they begin an attempt, so that two tabs begin one."""

    __tablename__ = "academy_enrolment"
    __table_args__ = (sa.UniqueConstraint("user_id", "course_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts_user.id"))
    course_id: Mapped[int] = mapped_column(sa.ForeignKey("academy_course.id"), index=True)
    enrolled_at: Mapped[datetime]
    #: Who enrolled them, when it was not themselves.
    enrolled_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts_user.id"), index=True)
    #: Until when their firm would like it done.
    wanted_by: Mapped[date | None]

    user: Mapped[User] = relationship(foreign_keys=[user_id])
    course: Mapped[Course] = relationship()


class LessonCompletion(Base):
    """Somebody has read a lesson."""

    __tablename__ = "academy_lesson_completion"
    __table_args__ = (sa.UniqueConstraint("enrolment_id", "lesson_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(sa.ForeignKey("academy_enrolment.id"))
    lesson_key: Mapped[str] = mapped_column(index=True)
    completed_at: Mapped[datetime]
