"""What the vendor licenses, what partners do, what the tiers give, what applicants are asked."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base
from core.i18n import current_locale, lazy_gettext


def said(english: str, russian: str) -> str:
    """One of two texts, in the reader's language; a text that is missing is said in English."""
    return russian if russian and current_locale() == "ru" else english


class LineKind(StrEnum):
    """What a line of an estimate or a sale is for: the earning points of the programme."""

    LICENCE = "licence"
    IMPLEMENTATION = "implementation"
    INTEGRATION = "integration"
    CUSTOMISATION = "customisation"
    TRAINING = "training"
    SUPPORT = "support"
    AUDIT = "audit"
    MIGRATION = "migration"
    SYSTEMS_INTEGRATION = "systems_integration"
    MOBILE = "mobile"
    HOSTING = "hosting"
    ADMINISTRATION = "administration"
    OTHER = "other"


class Recurrence(StrEnum):
    """How often a product is paid for."""

    MONTH = "month"
    YEAR = "year"
    ONCE = "once"

    @property
    def label(self) -> Any:
        return _RECURRENCES[self]


_RECURRENCES = {
    Recurrence.MONTH: lazy_gettext("a month"),
    Recurrence.YEAR: lazy_gettext("a year"),
    Recurrence.ONCE: lazy_gettext("once"),
}


class Unit(StrEnum):
    """What a product's price is for."""

    USER = "user"
    COMPANY = "company"
    DEVICE = "device"
    SITE = "site"

    @property
    def label(self) -> Any:
        return _UNITS[self]


_UNITS = {
    Unit.USER: lazy_gettext("per user"),
    Unit.COMPANY: lazy_gettext("per company"),
    Unit.DEVICE: lazy_gettext("per device"),
    Unit.SITE: lazy_gettext("per site"),
}


class Product(Base):
    """Something the vendor licenses. Its code is what leads, estimates, sales and courses name."""

    __tablename__ = "partners_product"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_ru: Mapped[str] = mapped_column(default="")
    list_price_minor: Mapped[int]
    currency: Mapped[str]
    unit: Mapped[Unit]
    recurring: Mapped[Recurrence]
    retired_at: Mapped[datetime | None]

    @property
    def label(self) -> str:
        return said(self.name, self.name_ru)


class Service(Base):
    """Something a partner does for a customer; its code is a :class:`LineKind`."""

    __tablename__ = "partners_service"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_ru: Mapped[str] = mapped_column(default="")
    description: Mapped[str] = mapped_column(default="")
    description_ru: Mapped[str] = mapped_column(default="")
    position: Mapped[int]
    retired_at: Mapped[datetime | None]

    @property
    def label(self) -> str:
        return said(self.name, self.name_ru)

    @property
    def said_description(self) -> str:
        return said(self.description, self.description_ru)


class Question(Base):
    """A question of the programme's own in the application form. One that is retired is no longer asked."""

    __tablename__ = "partners_question"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    text_ru: Mapped[str] = mapped_column(default="")
    position: Mapped[int]
    retired_at: Mapped[datetime | None]

    @property
    def label(self) -> str:
        return said(self.text, self.text_ru)


class Tier(Base):
    """A rank in the programme and what it gives. Rates are decimal texts: ``0.5`` is half."""

    __tablename__ = "partners_tier"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    rank: Mapped[int] = mapped_column(unique=True)
    name: Mapped[str]
    name_ru: Mapped[str] = mapped_column(default="")
    #: How much more often routing prefers this tier: ``1`` is the ground.
    lead_weight: Mapped[str]
    cofunding_rate: Mapped[str]
    #: The most that one event is reimbursed, in the programme's currency; ``None``: no cap.
    cofunding_cap_minor: Mapped[int | None]
    support: Mapped[str] = mapped_column(default="")
    support_ru: Mapped[str] = mapped_column(default="")
    demands: Mapped[str] = mapped_column(default="")
    demands_ru: Mapped[str] = mapped_column(default="")

    @property
    def label(self) -> str:
        return said(self.name, self.name_ru)

    @property
    def said_support(self) -> str:
        return said(self.support, self.support_ru)

    @property
    def said_demands(self) -> str:
        return said(self.demands, self.demands_ru)
