"""The audit trail: who did what to which thing, when and from where. Rows are added, never changed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa
from flask import has_request_context, request
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.bulk import insert_rows
from core.database import Base, session
from core.i18n import lazy_pgettext
from core.triggers import never_removed


class Actor(Protocol):
    """Whoever does something: a person or a machine's key."""

    @property
    def id(self) -> Any: ...
    @property
    def name(self) -> Any: ...


#: The words of a deed for people, by verb; a signal that says ``said = lazy_pgettext("deed", …)`` adds its own.
SAID: dict[str, Any] = {
    "audit failed": lazy_pgettext("deed", "Audit of the books failed"),
    "exchange rate set": lazy_pgettext("deed", "Exchange rate set"),
    "exchange rates imported": lazy_pgettext("deed", "Exchange rates imported"),
    "setting changed": lazy_pgettext("deed", "Setting changed"),
    "transfer without a payout": lazy_pgettext("deed", "Transfer without a payout found"),
    "webhook rejected": lazy_pgettext("deed", "Message of a payment service rejected"),
}


class Activity(Base):
    """One deed. The actor is kept without a foreign key, so that the trail outlives the person's row."""

    __tablename__ = "core_activity"
    __table_args__ = (
        sa.Index("ix_core_activity_subject", "subject_type", "subject_id", "id"),
        sa.Index("ix_core_activity_partner", "partner_id", "id"),
        sa.Index("ix_core_activity_actor", "actor_id", "id"),
        sa.Index("ix_core_activity_at", "at", "id"),
        sa.Index("ix_core_activity_verb", "verb", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor_id: Mapped[int | None]
    actor_name: Mapped[str]
    verb: Mapped[str]
    subject_type: Mapped[str]
    subject_id: Mapped[int | None]
    partner_id: Mapped[int | None]
    details: Mapped[dict[str, Any]]
    address: Mapped[str | None]

    @property
    def said(self) -> str:
        """The deed in the reader's language, or its verb where no words are known."""
        return str(SAID.get(self.verb, self.verb))


# Whoever knows people says when a name may be taken out of a row (accounts.models.erasure); nothing else ever changes.
never_removed(Activity.__table__)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Change:
    """What a field was before and after."""

    before: Any
    after: Any


def record(
    verb: str,
    subject: Any,
    *,
    by: Actor | None,
    details: dict[str, Any] | None = None,
    partner_id: int | None = None,
) -> Activity:
    """Adds a row to the trail, in the running transaction.

    ``by=None`` means the portal itself, or a visitor; whose address is not written down, since nobody could have a
    row erased that names no one.
    """
    if subject is not None and getattr(subject, "id", None) is None:
        session.flush()
    row = Activity(
        at=clock.now(),
        actor_id=by.id if by is not None else None,
        actor_name=str(by.name) if by is not None else "",
        verb=verb,
        subject_type=type(subject).__name__.lower() if subject is not None else "",
        subject_id=getattr(subject, "id", None),
        partner_id=partner_id if partner_id is not None else getattr(subject, "partner_id", None),
        details=details or {},
        address=_address_of(by),
    )
    session.add(row)
    return row


def _address_of(by: Actor | None) -> str | None:
    return request.remote_addr if by is not None and has_request_context() else None


@dataclass(frozen=True, slots=True)
class Deed:
    """A row of the trail to be, where there are thousands. ``subject_type`` is as :func:`record` writes it."""

    verb: str
    subject_type: str
    subject_id: int
    partner_id: int | None = None
    details: dict[str, Any] | None = None


def record_many(deeds: Iterable[Deed], *, by: Actor | None) -> None:
    """Adds a row to the trail for each of many deeds at once, as :func:`record`."""
    actor_id, actor_name = (by.id, str(by.name)) if by is not None else (None, "")
    address = _address_of(by)
    at = clock.now()
    insert_rows(
        Activity,
        ("at", "actor_id", "actor_name", "verb", "subject_type", "subject_id", "partner_id", "details", "address"),
        (
            (at, actor_id, actor_name, deed.verb, deed.subject_type, deed.subject_id, deed.partner_id,
             deed.details or {}, address)
            for deed in deeds
        ),
    )  # fmt: skip


def activity_on(subject: Any) -> sa.Select[Activity]:
    """The deeds done to ``subject``, latest first."""
    return (
        sa.select(Activity)
        .where(Activity.subject_type == type(subject).__name__.lower(), Activity.subject_id == subject.id)
        .order_by(Activity.at.desc(), Activity.id.desc())
    )
