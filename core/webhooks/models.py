"""Endpoints, messages, and each message's way to each endpoint."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core import clock
from core.database import Base
from core.i18n import lazy_pgettext
from core.sealing import unseal
from core.signals import Signal

PURPOSE = "web hook secret"


class Endpoint(Base):
    """Where another system listens. Its secret signs what we send; after a change both hold for a day."""

    __tablename__ = "core_webhook_endpoint"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    url: Mapped[str]
    event_types: Mapped[list[str]]
    sealed_secret: Mapped[str]
    sealed_old_secret: Mapped[str | None]
    old_secret_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None]
    #: Since when nothing arrives any more; empty once something did.
    failing_since: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    disabled_because: Mapped[str] = mapped_column(default="")

    def secrets(self) -> list[str]:
        """What to sign with: the secret, and for a day after a change the one before it."""
        sealed = [self.sealed_secret]
        if (
            self.sealed_old_secret
            and self.old_secret_until is not None
            and self.old_secret_until > clock.now()
        ):
            sealed.append(self.sealed_old_secret)
        return [unseal(PURPOSE, one) for one in sealed]


class Message(Base):
    """Something that happened, as it is told: the same bytes to everybody, at every attempt."""

    __tablename__ = "core_webhook_message"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: The ``webhook-id`` header, by which a receiver knows a repetition.
    public_id: Mapped[str] = mapped_column(unique=True)
    type: Mapped[str]
    body: Mapped[str]
    at: Mapped[datetime] = mapped_column(index=True)


class DeliveryStatus(StrEnum):
    """Where a message is on its way to one endpoint."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


class Delivery(Base):
    """One message to one endpoint, with what the other side said last."""

    __tablename__ = "core_webhook_delivery"
    __table_args__ = (
        sa.UniqueConstraint("endpoint_id", "message_id"),
        sa.Index("ix_core_webhook_delivery_endpoint", "endpoint_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    endpoint_id: Mapped[int] = mapped_column(sa.ForeignKey("core_webhook_endpoint.id"))
    message_id: Mapped[int] = mapped_column(sa.ForeignKey("core_webhook_message.id"), index=True)
    status: Mapped[DeliveryStatus] = mapped_column(default=DeliveryStatus.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    #: How often somebody pressed "send again": attempts count anew from there.
    resent: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime | None]
    last_status: Mapped[int | None]
    last_answer: Mapped[str] = mapped_column(default="")
    next_at: Mapped[datetime | None]

    endpoint: Mapped[Endpoint] = relationship()
    message: Mapped[Message] = relationship()


@dataclass(frozen=True)
class EndpointDisabled(Signal[Endpoint]):
    """Nothing is sent there any more: somebody stopped it, the receiver is gone, or it failed for days."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Web hook stopped")

    reason: str


class EndpointAdded(Signal[Endpoint]):
    """Another system listens."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Web hook added")


class EndpointChanged(Signal[Endpoint]):
    """Another name, address or choice of types."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Web hook changed")


class EndpointStarted(Signal[Endpoint]):
    """Messages are sent there again."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Web hook started again")


class EndpointSecretChanged(Signal[Endpoint]):
    """A new secret; the old one holds a day longer."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Secret of a web hook changed")
