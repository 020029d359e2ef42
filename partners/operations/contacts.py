"""Who at the vendor looks after a firm: chosen firm by firm, or handed over all at once when somebody leaves."""

from collections.abc import Mapping

import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Permission
from core import jobs
from core.activity import Actor
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.signals import announce
from partners import signals
from partners.models import Contact, ContactKind, Partner, Thread, ThreadPerson
from partners.operations.firms import change_partner
from partners.queries.contacts import care_of, contacts_of, open_threads_naming
from partners.queries.partners import is_looked_after_by

#: So many firms and conversations change hands in one transaction; the rest by the worker.
AT_ONCE = 100
JOB = "partners.hand-over-firms"


def name_contacts(
    partner: Partner,
    people: Mapping[ContactKind, User | None],
    *,
    manager: User | None = None,
    by: Actor | None,
) -> None:
    """Says who is turned to for what; a kind that is not given stays, ``None`` leaves its place empty.

    Raises InvalidInput at the kind's name, or at ``manager_id``.
    """
    lock(partner)
    strangers = {kind for kind, user in people.items() if user is not None and not _may_care(user)}
    if strangers:
        sentence = _("Choose somebody who works for the vendor.")
        raise InvalidInput({kind.value: sentence for kind in strangers})
    if manager is not None:
        change_partner(partner, manager_id=manager.id, by=by)
    there = {row.kind: row for row in session.scalars(contacts_of(partner))}
    before: dict[str, int] = {}
    after: dict[str, int] = {}
    for kind, user in people.items():
        row = there.get(kind)
        old, new = row.user_id if row is not None else 0, user.id if user is not None else 0
        if old == new:
            continue
        before[kind.value], after[kind.value] = old, new
        if user is None:
            session.delete(row)
        elif row is None:
            session.add(Contact(partner_id=partner.id, kind=kind, user_id=user.id))
        else:
            row.user_id = user.id
    session.flush()
    session.expire(partner, ["contacts"])
    if before:
        announce(signals.ContactsChanged(partner, by, before=before, after=after))


def _may_care(user: User) -> bool:
    return user.is_staff and user.suspended_at is None


def hand_over_firms(leaver: User, heir: User, *, by: User) -> None:
    """Everything that ``leaver`` looks after is ``heir``'s from now on: firms as manager or contact, and open
    conversations in which they are named. The first hundred at once, the rest by the worker.

    Raises InvalidInput at ``heir``, Refusal when there is nothing to hand over.
    """
    care = care_of(leaver)
    if not care.is_any:
        raise Refusal(_("%(name)s looks after no firm.", name=leaver.name))
    if heir.id == leaver.id or not _may_care(heir):
        raise InvalidInput({"heir": _("Choose a colleague.")})
    if care.managed and not _may_manage(heir):
        raise InvalidInput({"heir": _("Choose one of the vendor's partner managers.")})
    announce(
        signals.FirmsHandedOver(leaver, by, to_id=heir.id, firms=care.firms, conversations=care.conversations)
    )
    if hand_over_some(leaver, heir, by=by):
        jobs.enqueue(JOB, {"leaver": leaver.id, "heir": heir.id, "by": by.id})


def _may_manage(user: User) -> bool:
    return user.may(Permission.PARTNERS_WRITE)


def hand_over_some(leaver: User, heir: User, *, by: Actor | None) -> bool:
    """A hundred firms and conversations of them; answers whether more are left to an ``heir`` who is still here."""
    if not _may_care(heir):
        return False
    firms = session.scalars(
        sa.select(Partner).where(is_looked_after_by(leaver.id)).order_by(Partner.id).limit(AT_ONCE)
    ).all()
    for firm in firms:
        kinds = session.scalars(contacts_of(firm).where(Contact.user_id == leaver.id)).all()
        manager = heir if firm.manager_id == leaver.id else None
        name_contacts(firm, {row.kind: heir for row in kinds}, manager=manager, by=by)
    threads = session.scalars(open_threads_naming(leaver).order_by(Thread.id).limit(AT_ONCE)).all()
    for thread in threads:
        _name_instead(thread, leaver, heir)
    session.flush()
    return len(firms) == AT_ONCE or len(threads) == AT_ONCE


def _name_instead(thread: Thread, leaver: User, heir: User) -> None:
    lock(thread)
    named = sa.select(ThreadPerson).where(ThreadPerson.thread_id == thread.id)
    rows = {row.user_id: row for row in session.scalars(named)}
    session.delete(rows[leaver.id])
    if heir.id not in rows:
        session.add(ThreadPerson(thread_id=thread.id, user_id=heir.id))
    session.flush()
    session.expire(thread, ["people"])


def move_contacts(duplicate: Partner, survivor: Partner) -> None:
    """Of a firm that was merged: who looked after it fills the places that are empty at the firm that stays."""
    taken = sa.select(Contact.kind).where(Contact.partner_id == survivor.id)
    theirs = Contact.partner_id == duplicate.id
    session.execute(
        sa.delete(Contact).where(theirs, Contact.kind.in_(taken)).execution_options(synchronize_session=False)
    )
    session.execute(
        sa.update(Contact)
        .where(theirs)
        .values(partner_id=survivor.id)
        .execution_options(synchronize_session=False)
    )
    if survivor.manager_id is None:
        survivor.manager_id = duplicate.manager_id
