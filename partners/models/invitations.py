"""Whom a firm has asked to join it, until they answer."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import User
from accounts.permissions import Role
from core import clock
from core.database import Base
from partners.models.firms import Partner

#: How long the link of an invitation works.
INVITATION_LIFE = timedelta(days=7)


class Invitation(Base):
    """A firm's wish to have somebody as a member. Nobody is one before they follow the mailed link.

    It says the same, and is as much, whether somebody signs in with the address already or not: only the mail to
    the address tells. The row goes when it is accepted or withdrawn, and some time after it has lapsed.
    """

    __tablename__ = "partners_invitation"
    __table_args__ = (
        sa.UniqueConstraint("partner_id", "email"),
        sa.Index("ix_partners_invitation_email", "email"),
        sa.Index("ix_partners_invitation_expires_at", "expires_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"))
    email: Mapped[str]
    name: Mapped[str]
    role: Mapped[Role]
    #: The language in which the inviter works, for the mail.
    locale: Mapped[str | None]
    #: SHA-256 of the secret in the mailed link; ``None`` until the first mail is written.
    token_digest: Mapped[str | None] = mapped_column(unique=True)
    invited_by_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts_user.id"), index=True)
    invited_at: Mapped[datetime]
    #: When the latest mail was asked for.
    sent_at: Mapped[datetime]
    expires_at: Mapped[datetime]

    partner: Mapped[Partner] = relationship()
    invited_by: Mapped[User] = relationship()

    @property
    def is_open(self) -> bool:
        """The link still works."""
        return self.expires_at > clock.now()

    @property
    def shown_status(self) -> str:
        """The state as a pill shows it: ``invited``, or ``expired`` when nobody has followed the link in time."""
        return "invited" if self.is_open else "expired"
