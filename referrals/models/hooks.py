"""Web hooks in: addresses to which a CRM, a shop or the vendor's product sends its own messages about leads."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base
from core.i18n import lazy_gettext as _l


class HookKind(StrEnum):
    """What the messages are about."""

    LEAD = "lead"
    PRODUCT = "product"
    """Something that somebody did in the vendor's product: signed up, reached a limit, a trial is ending."""

    @property
    def label(self) -> Any:
        return {HookKind.LEAD: _l("Leads"), HookKind.PRODUCT: _l("Events of the product")}[self]


class LeadHook(Base):
    """One address with its secret and its mapping: which part of a message says what of a lead.

    The secret is not kept: it is made anew from the portal's own, the number and the ``generation``.
    """

    __tablename__ = "referrals_lead_hook"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[HookKind]
    slug: Mapped[str] = mapped_column(unique=True)
    generation: Mapped[int] = mapped_column(default=1)
    #: ``{"company": "contact.company.name", …}``: a path of keys, and of places in lists, with points between.
    mapping: Mapped[dict[str, Any]]
    source: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class HookMessage(Base):
    """A message that came in, and what became of it; the same message again is answered by the first."""

    __tablename__ = "referrals_hook_message"
    __table_args__ = (sa.UniqueConstraint("hook_id", "message_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    hook_id: Mapped[int] = mapped_column(sa.ForeignKey("referrals_lead_hook.id"), index=True)
    message_key: Mapped[str]
    received_at: Mapped[datetime] = mapped_column(index=True)
    body: Mapped[dict[str, Any]]
    #: Why no lead was made of it; empty when one was.
    problem: Mapped[str] = mapped_column(default="")
    lead_id: Mapped[int | None]
