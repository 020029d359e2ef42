"""Who at the vendor a firm turns to, besides its manager."""

from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import User
from core.database import Base
from core.i18n import lazy_pgettext
from partners.models.firms import Partner


class ContactKind(StrEnum):
    """What a firm turns to somebody for. Its manager stands at the firm itself."""

    TECHNICAL = "technical"
    MARKETING = "marketing"
    FINANCE = "finance"
    SPONSOR = "sponsor"

    @property
    def label(self) -> Any:
        return _KINDS[self][0]

    @property
    def purpose(self) -> Any:
        """What the firm may ask them about, in a few words."""
        return _KINDS[self][1]


_KINDS = {
    ContactKind.TECHNICAL: (
        lazy_pgettext("contact", "Technical contact"),
        lazy_pgettext("contact", "products, projects, certification"),
    ),
    ContactKind.MARKETING: (
        lazy_pgettext("contact", "Marketing contact"),
        lazy_pgettext("contact", "events, co-funding, materials"),
    ),
    ContactKind.FINANCE: (
        lazy_pgettext("contact", "Finance contact"),
        lazy_pgettext("contact", "statements, payouts, taxes"),
    ),
    ContactKind.SPONSOR: (
        lazy_pgettext("contact", "Executive sponsor"),
        lazy_pgettext("contact", "what the others could not settle"),
    ),
}


class Contact(Base):
    """Somebody of the vendor who looks after a firm in one respect; one person each."""

    __tablename__ = "partners_contact"
    __table_args__ = (
        sa.UniqueConstraint("partner_id", "kind"),
        sa.Index("ix_partners_contact_user", "user_id", "partner_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"))
    kind: Mapped[ContactKind]
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts_user.id"))

    partner: Mapped[Partner] = relationship(back_populates="contacts")
    user: Mapped[User] = relationship()

    @property
    def name(self) -> str:
        return self.user.name

    @property
    def email(self) -> str:
        return self.user.email
