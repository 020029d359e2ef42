"""Success stories: what a partner did for a customer, published with the customer's recorded consent."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core import clock
from core.database import Base
from core.errors import Refusal
from core.i18n import gettext as _
from partners.models.catalogue import said
from partners.models.firms import Partner


class StoryStatus(StrEnum):
    """Written by the firm, read by the vendor, published; taken back by either side at any time."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class Story(Base):
    """A story and the consent it rests on: who at the customer gave it, when, and where that is kept."""

    __tablename__ = "partners_story"
    __table_args__ = (
        sa.Index("ix_partners_story_list", "status", "id"),
        sa.CheckConstraint(
            "status NOT IN ('submitted', 'published') OR (consent_by <> '' AND consent_on IS NOT NULL)",
            name="consent",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"), index=True)
    status: Mapped[StoryStatus]
    customer: Mapped[str]
    title: Mapped[str]
    title_ru: Mapped[str] = mapped_column(default="")
    text: Mapped[str]
    text_ru: Mapped[str] = mapped_column(default="")
    consent_by: Mapped[str] = mapped_column(default="")
    consent_on: Mapped[date | None]
    consent_kept_in: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    published_by_name: Mapped[str] = mapped_column(default="")
    returned_because: Mapped[str] = mapped_column(default="")

    partner: Mapped[Partner] = relationship()

    @property
    def said_title(self) -> str:
        return said(self.title, self.title_ru)

    @property
    def said_text(self) -> str:
        return said(self.text, self.text_ru)

    @property
    def may_be_edited(self) -> bool:
        return self.status is StoryStatus.DRAFT

    def submit(self) -> None:
        """To the vendor, with the consent it rests on."""
        if self.status is not StoryStatus.DRAFT:
            raise Refusal(_("Only a draft can be sent."))
        if not self.consent_by or self.consent_on is None:
            raise Refusal(_("Write down who at the customer agreed, and when."))
        self.status, self.returned_because = StoryStatus.SUBMITTED, ""

    def publish(self, by_name: str) -> None:
        if self.status is not StoryStatus.SUBMITTED:
            raise Refusal(_("This story does not wait to be published."))
        self.status, self.published_at, self.published_by_name = StoryStatus.PUBLISHED, clock.now(), by_name

    def give_back(self, reason: str) -> None:
        """To the firm, to be mended."""
        if self.status is not StoryStatus.SUBMITTED:
            raise Refusal(_("This story does not wait to be published."))
        self.status, self.returned_because = StoryStatus.DRAFT, reason

    def withdraw(self) -> None:
        if self.status is StoryStatus.WITHDRAWN:
            raise Refusal(_("This story is withdrawn already."))
        self.status = StoryStatus.WITHDRAWN
