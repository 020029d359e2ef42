"""Who at the vendor looks after which firm."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from accounts.models import User
from core.database import session
from core.i18n import lazy_pgettext
from partners.models import Contact, ContactKind, Partner, Thread, ThreadPerson
from partners.queries.partners import partners_matching


def contacts_of(partner: Partner) -> sa.Select[Contact]:
    """Everybody named for the firm, whether they still work here or not."""
    return (
        sa.select(Contact)
        .options(joinedload(Contact.user))
        .where(Contact.partner_id == partner.id)
        .order_by(Contact.id)
    )


@dataclass(frozen=True)
class Place:
    """One respect in which a firm is looked after, and by whom. ``code`` is ``manager`` or a contact's kind.

    ``user`` is whoever the firm can turn to today. ``gone`` was named and works here no more: staff fill the place.
    """

    code: str
    label: Any
    purpose: Any
    user: User | None
    gone: User | None = None


MANAGER = lazy_pgettext("contact", "Partner manager")
MANAGES = lazy_pgettext("contact", "everything; the first to ask")


def places_of(partner: Partner) -> list[Place]:
    """The manager and every kind of contact, in their order, filled or empty: one statement."""
    named = {row.kind: row.user for row in session.scalars(contacts_of(partner))}
    return [
        _place("manager", MANAGER, MANAGES, partner.manager),
        *(_place(kind.value, kind.label, kind.purpose, named.get(kind)) for kind in ContactKind),
    ]


def _place(code: str, label: Any, purpose: Any, user: User | None) -> Place:
    is_gone = user is not None and user.suspended_at is not None
    return Place(code, label, purpose, None if is_gone else user, user if is_gone else None)


def people_of(partner: Partner) -> list[Place]:
    """Those whom the firm can turn to today."""
    return [place for place in places_of(partner) if place.user is not None]


def with_contacts(firms: sa.Select[Partner]) -> sa.Select[Partner]:
    """The same firms with manager and contacts at hand, for lists that machines read."""
    return firms.options(
        joinedload(Partner.manager), selectinload(Partner.contacts).joinedload(Contact.user, innerjoin=True)
    )


def open_threads_naming(user: User) -> sa.Select[Thread]:
    """The conversations still open in which somebody of the vendor is named."""
    named = sa.exists().where(ThreadPerson.thread_id == Thread.id, ThreadPerson.user_id == user.id)
    return sa.select(Thread).where(Thread.closed_at.is_(None), named)


@dataclass(frozen=True)
class Care:
    """How much somebody of the vendor looks after: firms as manager, firms in all, open conversations."""

    managed: int
    firms: int
    conversations: int

    @property
    def is_any(self) -> bool:
        return bool(self.firms or self.conversations)


def care_of(user: User) -> Care:
    """What would have to be handed over if they left: one statement."""
    managed = sa.select(sa.func.count()).where(Partner.manager_id == user.id).scalar_subquery()
    cared = partners_matching(sa.select(Partner.id), carer_id=user.id).subquery()
    firms = sa.select(sa.func.count()).select_from(cared).scalar_subquery()
    threads = (
        sa.select(sa.func.count())
        .select_from(open_threads_naming(user).with_only_columns(Thread.id).subquery())
        .scalar_subquery()
    )
    return Care(*session.execute(sa.select(managed, firms, threads)).one())


def kinds_of(user: User, firms: Sequence[Partner]) -> dict[int, list[str]]:
    """In which respects somebody looks after each of ``firms``, in words: one statement."""
    rows = session.scalars(
        sa.select(Contact)
        .where(Contact.user_id == user.id, Contact.partner_id.in_([firm.id for firm in firms]))
        .order_by(Contact.id)
    ).all()
    said: dict[int, list[str]] = {
        firm.id: [str(MANAGER)] if firm.manager_id == user.id else [] for firm in firms
    }
    for row in rows:
        said[row.partner_id].append(str(row.kind.label))
    return said
