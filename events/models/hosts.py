"""Co-hosts: partners who join another's event with a stated share of its cost."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import User
from core.database import Base
from core.errors import Refusal
from core.i18n import gettext as _
from events.models.gatherings import Event
from partners.models import Partner


class CoHostStatus(StrEnum):
    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


_NEXT = {
    CoHostStatus.ASKED: {CoHostStatus.ACCEPTED, CoHostStatus.DECLINED, CoHostStatus.WITHDRAWN},
    CoHostStatus.ACCEPTED: set[CoHostStatus](),
    CoHostStatus.DECLINED: set[CoHostStatus](),
    CoHostStatus.WITHDRAWN: {CoHostStatus.ASKED},
}


class CoHost(Base):
    """A partner's wish to join an event, and the host's answer. The share is in the currency of the event's request."""

    __tablename__ = "events_co_host"
    __table_args__ = (
        sa.UniqueConstraint("event_id", "partner_id"),
        sa.CheckConstraint("share_minor >= 0", name="share"),
        sa.Index("ix_events_co_host_partner", "partner_id", "status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events_event.id"))
    partner_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_partner.id"))
    status: Mapped[CoHostStatus] = mapped_column(default=CoHostStatus.ASKED)
    share_minor: Mapped[int]
    note: Mapped[str] = mapped_column(default="")
    asked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts_user.id"), index=True)
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(default="")

    event: Mapped[Event] = relationship(back_populates="joined")
    partner: Mapped[Partner] = relationship()
    asked_by: Mapped[User | None] = relationship()

    @property
    def is_accepted(self) -> bool:
        return self.status is CoHostStatus.ACCEPTED

    @property
    def waits(self) -> bool:
        """For the host's answer."""
        return self.status is CoHostStatus.ASKED

    def become(self, status: CoHostStatus) -> None:
        """Goes to the next state. Raises Refusal for a step that is not the next one."""
        if status not in _NEXT[self.status]:
            raise Refusal(_("This was answered already. Look at it again."))
        self.status = status
