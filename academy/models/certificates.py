"""Certificates: what a person has proved, until when, and what became of it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from academy.models.courses import Course, CourseVersion, Level
from academy.models.exams import Attempt
from accounts.models import User
from core import clock
from core.database import Base
from core.errors import Refusal
from core.i18n import gettext as _
from core.i18n import lazy_gettext
from core.triggers import refuse_when


class Band(StrEnum):
    """How well somebody passed, without the exact score."""

    PASSED = "passed"
    DISTINCTION = "distinction"

    @property
    def label(self) -> Any:
        return _BANDS[self]


_BANDS = {Band.PASSED: lazy_gettext("Passed"), Band.DISTINCTION: lazy_gettext("Passed with distinction")}


class CertificateStatus(StrEnum):
    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"


class Certificate(Base):
    """What a person proved in a passed attempt. It is theirs: they take it along when they change firms.

    ``serial`` is 100 random bits in a form that can be read out; whoever has it may see what was certified.
    """

    __tablename__ = "academy_certificate"
    __table_args__ = (
        sa.Index("ix_academy_certificate_holder", "user_id", "course_id"),
        sa.Index(
            "uq_academy_certificate_standing",
            "user_id",
            "course_id",
            unique=True,
            postgresql_where=sa.text("revoked_at IS NULL AND superseded_at IS NULL"),
            sqlite_where=sa.text("revoked_at IS NULL AND superseded_at IS NULL"),
        ),
        sa.Index("ix_academy_certificate_expiry", "expires_at", "id"),
        sa.Index("ix_academy_certificate_issued", "issued_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    serial: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts_user.id"))
    course_id: Mapped[int] = mapped_column(sa.ForeignKey("academy_course.id"), index=True)
    course_version_id: Mapped[int] = mapped_column(sa.ForeignKey("academy_course_version.id"), index=True)
    attempt_id: Mapped[int] = mapped_column(sa.ForeignKey("academy_attempt.id"), unique=True)
    #: The person's name as it was certified.
    holder: Mapped[str]
    level: Mapped[Level]
    band: Mapped[Band]
    issued_at: Mapped[datetime]
    #: Until when it was given; what it says and what its check code is made over.
    expires_at: Mapped[datetime]
    #: When a newer version of its course ends it, if that is before its time.
    ends_at: Mapped[datetime | None]
    superseded_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts_user.id"), index=True)
    revocation_reason: Mapped[str] = mapped_column(default="")
    #: The last reminder that went out: so many days before the end.
    reminded_days: Mapped[int | None]

    user: Mapped[User] = relationship(foreign_keys=[user_id])
    course: Mapped[Course] = relationship()
    course_version: Mapped[CourseVersion] = relationship()
    attempt: Mapped[Attempt] = relationship()

    @hybrid_property
    def holds_until(self) -> datetime:
        """When it ends if nothing else happens: its time is over, or a newer version of the course ends it."""
        return self.ends_at if self.ends_at is not None else self.expires_at

    @holds_until.inplace.expression
    @classmethod
    def _holds_until(cls) -> sa.ColumnElement[datetime]:
        return sa.func.coalesce(cls.ends_at, cls.expires_at)

    @property
    def is_ended_by_version(self) -> bool:
        """A newer version of the course has ended it."""
        return self.ends_at is not None and self.ends_at <= clock.now()

    @property
    def status(self) -> CertificateStatus:
        if self.revoked_at is not None:
            return CertificateStatus.REVOKED
        if self.superseded_at is not None or self.is_ended_by_version:
            return CertificateStatus.SUPERSEDED
        return CertificateStatus.VALID if self.expires_at > clock.now() else CertificateStatus.EXPIRED

    @property
    def is_valid(self) -> bool:
        return self.status is CertificateStatus.VALID

    def revoke(self, reason: str, *, by_id: int | None) -> None:
        """Takes it back. Raises Refusal when it was taken back before."""
        if self.revoked_at is not None:
            raise Refusal(_("Certificate %(serial)s is revoked already.", serial=self.serial))
        self.revoked_at = clock.now()
        self.revoked_by_id = by_id
        self.revocation_reason = reason

    def end_early(self, moment: datetime) -> None:
        """A newer version of the course ends it at ``moment``, unless it ends before."""
        self.ends_at = min(moment, self.holds_until)
        if self.ends_at == self.expires_at:
            self.ends_at = None

    def supersede(self) -> None:
        """A newer one stands in its place, or a newer version of the course has ended it."""
        self.superseded_at = clock.now()


_table: sa.Table = Certificate.__table__  # type: ignore[assignment]

refuse_when(
    _table,
    "INSERT",
    "needs_its_exam",
    [
        (
            "a certificate needs a passed attempt of its holder",
            "NOT EXISTS (SELECT 1 FROM academy_attempt WHERE id = NEW.attempt_id AND status = 'passed' "
            "AND user_id = NEW.user_id AND version_id = NEW.course_version_id)",
        ),
    ],
)
refuse_when(
    _table,
    "UPDATE",
    "says_what_it_said",
    [
        (
            "what a certificate says does not change",
            "OLD.serial <> NEW.serial OR OLD.user_id <> NEW.user_id OR OLD.course_id <> NEW.course_id "
            "OR OLD.course_version_id <> NEW.course_version_id OR OLD.attempt_id <> NEW.attempt_id "
            "OR OLD.level <> NEW.level OR OLD.band <> NEW.band "
            "OR OLD.issued_at <> NEW.issued_at OR OLD.expires_at <> NEW.expires_at",
        ),
        (
            "a certificate names its holder until their data is erased",
            "OLD.holder <> NEW.holder AND NOT EXISTS "
            "(SELECT 1 FROM accounts_user WHERE id = OLD.user_id AND erased_at IS NOT NULL)",
        ),
        ("a revoked certificate stays revoked", "OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS NULL"),
        ("a superseded certificate stays so", "OLD.superseded_at IS NOT NULL AND NEW.superseded_at IS NULL"),
    ],
)
refuse_when(_table, "DELETE", "stays", [("certificates are kept", "1 = 1")])
