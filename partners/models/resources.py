"""What the vendor gives partners to sell with: price lists, decks, logos, templates."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base
from core.i18n import lazy_gettext
from partners.models.catalogue import said


class ResourceKind(StrEnum):
    PRICE_LIST = "price_list"
    DECK = "deck"
    LOGO = "logo"
    TEMPLATE = "template"
    CASE = "case"
    OTHER = "other"

    @property
    def label(self) -> Any:
        return _KINDS[self]


_KINDS = {
    ResourceKind.PRICE_LIST: lazy_gettext("Price list"),
    ResourceKind.DECK: lazy_gettext("Presentation"),
    ResourceKind.LOGO: lazy_gettext("Logo"),
    ResourceKind.TEMPLATE: lazy_gettext("Template"),
    ResourceKind.CASE: lazy_gettext("Case study"),
    ResourceKind.OTHER: lazy_gettext("Other"),
}


class Resource(Base):
    """A file for partners; a new file under the same title is the next ``version``.

    ``language`` is a code or empty (any); ``tiers`` narrows, when it is not empty. A ``co_branded`` PDF is given out
    with the firm's name and logo on its first page.
    """

    __tablename__ = "partners_resource"
    __table_args__ = (sa.Index("ix_partners_resource_list", "retired_at", "kind", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[ResourceKind]
    title: Mapped[str]
    title_ru: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="")
    tiers: Mapped[list[str]]
    co_branded: Mapped[bool]
    version: Mapped[int]
    storage_key: Mapped[str]
    file_name: Mapped[str]
    content_type: Mapped[str]
    size: Mapped[int]
    changed_at: Mapped[datetime]
    changed_by_name: Mapped[str]
    retired_at: Mapped[datetime | None]

    @property
    def said_title(self) -> str:
        return said(self.title, self.title_ru)


class ResourceDownload(Base):
    """A firm's person took a file."""

    __tablename__ = "partners_resource_download"
    __table_args__ = (sa.Index("ix_partners_resource_download_resource", "resource_id", "partner_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_resource.id"))
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"), index=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts_user.id"))
    version: Mapped[int]
    at: Mapped[datetime]
