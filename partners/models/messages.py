"""Conversations between a firm and the vendor, on a thing of theirs or in general."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import User
from core import clock
from core.database import Base
from partners.models.firms import Partner


class Thread(Base):
    """One conversation. ``about_kind`` and ``about_id`` name the thing it is about; both empty: in general.

    ``answer_due_at`` is the vendor's clock: it runs while the firm has the last word.
    """

    __tablename__ = "partners_thread"
    __table_args__ = (
        sa.Index("ix_partners_thread_list", "partner_id", "last_message_id"),
        sa.Index("ix_partners_thread_about", "about_kind", "about_id"),
        sa.Index("ix_partners_thread_due", "answer_due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"))
    subject: Mapped[str]
    about_kind: Mapped[str] = mapped_column(default="")
    about_id: Mapped[int | None]
    #: The thing's name when the thread was opened, for lists.
    about_title: Mapped[str] = mapped_column(default="")
    opened_by_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts_user.id"))
    opened_at: Mapped[datetime]
    #: The number of its last message, and when it came: what lists are ordered by.
    last_message_id: Mapped[int | None]
    last_message_at: Mapped[datetime]
    answer_due_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    partner: Mapped[Partner] = relationship()
    opened_by: Mapped[User] = relationship()
    people: Mapped[list[User]] = relationship(secondary="partners_thread_person", order_by=User.name)
    messages: Mapped[list["Message"]] = relationship(
        lambda: Message, back_populates="thread", order_by=lambda: Message.id
    )

    @property
    def waits_for_vendor(self) -> bool:
        """The firm has the last word."""
        return self.answer_due_at is not None

    @property
    def shown_status(self) -> str:
        """The state as a pill shows it: ``closed``, ``overdue``, ``waiting`` for the vendor, or ``answered``."""
        if self.closed_at is not None:
            return "closed"
        if self.answer_due_at is None:
            return "answered"
        return "overdue" if self.answer_due_at < clock.now() else "waiting"


class ThreadPerson(Base):
    """Somebody of the vendor who is named in a thread: new messages of the firm reach them."""

    __tablename__ = "partners_thread_person"

    thread_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_thread.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts_user.id"), primary_key=True, index=True)


class Message(Base):
    """What somebody wrote. It stays as it was sent."""

    __tablename__ = "partners_message"

    id: Mapped[int] = mapped_column(primary_key=True)
    thread_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_thread.id"), index=True)
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts_user.id"))
    from_vendor: Mapped[bool]
    text: Mapped[str]
    written_at: Mapped[datetime]

    thread: Mapped[Thread] = relationship(back_populates="messages")
    author: Mapped[User] = relationship()

    @property
    def partner_id(self) -> int:
        """Whose conversation it is, for the audit trail."""
        return self.thread.partner_id


class ThreadReading(Base):
    """How far a person has read a thread."""

    __tablename__ = "partners_thread_reading"

    thread_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_thread.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts_user.id"), primary_key=True)
    message_id: Mapped[int]
