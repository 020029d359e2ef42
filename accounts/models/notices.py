"""What the portal has told somebody, and which mail they would rather not get."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models.people import User
from core.database import Base


class Notice(Base):
    """One thing that happened for somebody: what their mail's subject says, and where it leads."""

    __tablename__ = "accounts_notice"
    __table_args__ = (
        sa.Index("ix_accounts_notice_latest", "user_id", "at", "id"),
        sa.Index(
            "ix_accounts_notice_unread",
            "user_id",
            postgresql_where=sa.text("read_at IS NULL"),
            sqlite_where=sa.text("read_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts_user.id"))
    kind: Mapped[str]
    text: Mapped[str]
    #: A path of this portal; empty where the mail led nowhere.
    path: Mapped[str]
    at: Mapped[datetime] = mapped_column(index=True)
    read_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()


class StoppedMail(Base):
    """A kind of mail that somebody does not want; it still stands among their notices."""

    __tablename__ = "accounts_stopped_mail"
    __table_args__ = (sa.UniqueConstraint("user_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts_user.id"))
    kind: Mapped[str]
    stopped_at: Mapped[datetime]
