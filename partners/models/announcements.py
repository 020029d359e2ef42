"""What the vendor tells its partners, all of them or a segment, and who has read it."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from accounts.models import User
from core import clock
from core.database import Base
from partners.models.catalogue import said


class Announcement(Base):
    """A text in Markdown, in English and, where it was translated, in Russian. Published once, it is never edited.

    ``tiers``, ``types``, ``countries``: the firms it is for; an empty list does not narrow.
    """

    __tablename__ = "partners_announcement"
    __table_args__ = (sa.Index("ix_partners_announcement_published_at", "published_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    title_ru: Mapped[str] = mapped_column(default="")
    text: Mapped[str]
    text_ru: Mapped[str] = mapped_column(default="")
    tiers: Mapped[list[str]]
    types: Mapped[list[str]]
    countries: Mapped[list[str]]
    published_at: Mapped[datetime]
    published_by_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts_user.id"))
    published_by_name: Mapped[str]
    #: From then on it is out of date and no longer shown on home pages.
    ends_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]

    @property
    def said_title(self) -> str:
        return said(self.title, self.title_ru)

    @property
    def said_text(self) -> str:
        return said(self.text, self.text_ru)

    @property
    def is_for_everybody(self) -> bool:
        return not (self.tiers or self.types or self.countries)

    @property
    def shown_status(self) -> str:
        """The state as a pill shows it: ``withdrawn``, ``expired`` or ``published``."""
        if self.withdrawn_at is not None:
            return "withdrawn"
        return "expired" if self.ends_at is not None and self.ends_at <= clock.now() else "published"


class AnnouncementReading(Base):
    """Somebody opened an announcement; the first time counts."""

    __tablename__ = "partners_announcement_reading"

    announcement_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_announcement.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey(User.id), primary_key=True)
    read_at: Mapped[datetime]
