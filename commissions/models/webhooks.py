"""The inbox of web hooks: each event stored first, once, and handled by a job."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base


class WebhookEvent(Base):
    """An event that came with a good signature. ``body`` is kept to the byte."""

    __tablename__ = "commissions_webhook_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(index=True)
    #: The connected account it is about, if any.
    account: Mapped[str | None]
    body: Mapped[str]
    received_at: Mapped[datetime] = mapped_column(index=True)
    handled_at: Mapped[datetime | None]
    #: What became of it, in a word: handled, ignored.
    result: Mapped[str | None]
