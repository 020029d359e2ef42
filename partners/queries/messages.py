"""Conversations, asked for whoever may read them."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from accounts.models import User
from accounts.permissions import Permission, Role
from accounts.queries import active_staff_with
from core.database import session
from partners.models import Member, Message, Partner, Thread, ThreadPerson, ThreadReading
from partners.queries.members import admins_of
from partners.queries.partners import rows_visible_to


def threads_visible_to(user: User) -> sa.Select[Thread]:
    """The firm's own conversations, or every firm's for the vendor's people; the latest word first."""
    return (
        sa.select(Thread)
        .where(rows_visible_to(user, Thread.partner_id, Permission.MESSAGES_WRITE))
        .order_by(Thread.last_message_id.desc())
    )


def with_names(threads: sa.Select[Thread]) -> sa.Select[Thread]:
    """The same threads with firm and people at hand, for lists."""
    return threads.options(joinedload(Thread.partner), selectinload(Thread.people))


def threads_in(user: User, *, state: str = "", partner_id: int | None = None) -> sa.Select[Thread]:
    """Those in a state: ``waiting`` for the vendor (nearest clock first), ``mine``, ``closed``; else all open ones."""
    rows = threads_visible_to(user)
    if partner_id is not None:
        rows = rows.where(Thread.partner_id == partner_id)
    if state == "closed":
        return rows.where(Thread.closed_at.is_not(None))
    rows = rows.where(Thread.closed_at.is_(None))
    if state == "waiting":
        return (
            rows.where(Thread.answer_due_at.is_not(None))
            .order_by(None)
            .order_by(Thread.answer_due_at, Thread.id)
        )
    if state == "mine":
        return rows.where(_concerns(user))
    return rows


def threads_about(user: User, kind: str, number: int) -> sa.Select[Thread]:
    """The conversations about one thing."""
    return threads_visible_to(user).where(Thread.about_kind == kind, Thread.about_id == number)


def unread_threads(user: User) -> sa.Select[Thread]:
    """Open threads with words of others that this person has not read; the vendor's people: those they are named in."""
    read = sa.and_(ThreadReading.thread_id == Thread.id, ThreadReading.user_id == user.id)
    rows = (
        threads_visible_to(user)
        .outerjoin(ThreadReading, read)
        .where(
            Thread.closed_at.is_(None),
            Thread.last_message_id > sa.func.coalesce(ThreadReading.message_id, 0),
        )
    )
    return rows.where(_concerns(user)) if user.is_staff else rows


def threads_to_answer(user: User) -> sa.Select[Thread]:
    """What this person of the vendor should answer, the nearest clock first."""
    return threads_in(user, state="waiting").where(_concerns(user))


def unread_among(user: User, threads: list[Thread]) -> set[int]:
    """The numbers of those ``threads`` that hold something new for this person; one query."""
    known = dict(
        iter(
            session.execute(
                sa.select(ThreadReading.thread_id, ThreadReading.message_id).where(
                    ThreadReading.user_id == user.id, ThreadReading.thread_id.in_([row.id for row in threads])
                )
            )
        )
    )
    return {row.id for row in threads if (row.last_message_id or 0) > known.get(row.id, 0)}


def _concerns(user: User) -> sa.ColumnElement[bool]:
    """Named in the thread; or nobody who is still here is, and the firm is theirs to manage or nobody's."""
    named = sa.exists().where(ThreadPerson.thread_id == Thread.id, ThreadPerson.user_id == user.id)
    here = User.suspended_at.is_(None)
    anybody = sa.exists().where(ThreadPerson.thread_id == Thread.id, ThreadPerson.user_id == User.id, here)
    managed: sa.ColumnElement[bool] = sa.exists().where(
        Partner.id == Thread.partner_id, Partner.manager_id == user.id
    )
    if user.role is Role.PARTNER_MANAGER:
        has_manager = sa.exists().where(Partner.id == Thread.partner_id, Partner.manager_id == User.id, here)
        managed = sa.or_(managed, ~has_manager)
    return sa.or_(named, sa.and_(~anybody, managed))


def messages_of(thread: Thread) -> sa.Select[Message]:
    """A thread's messages in their order, with their authors."""
    return (
        sa.select(Message)
        .options(joinedload(Message.author))
        .where(Message.thread_id == thread.id)
        .order_by(Message.id)
    )


def vendor_side(thread: Thread) -> list[User]:
    """Whom the firm's words reach: the people named, else the firm's manager, else every partner manager."""
    named = [person for person in thread.people if person.suspended_at is None]
    manager = thread.partner.manager
    if named:
        return named
    if manager is not None and manager.suspended_at is None:
        return [manager]
    return list(session.scalars(active_staff_with(Role.PARTNER_MANAGER)))


def firm_side(thread: Thread) -> list[User]:
    """Whom the vendor's words reach: the firm's people who wrote in the thread or opened it, else its admins."""
    wrote = sa.select(Message.author_id).where(Message.thread_id == thread.id)
    took_part: sa.Select[Any] = sa.select(Member).where(
        Member.partner_id == thread.partner_id,
        Member.left_at.is_(None),
        sa.or_(Member.user_id.in_(wrote), Member.user_id == thread.opened_by_id),
    )
    members = session.scalars(took_part.options(joinedload(Member.user))).all()
    members = members or session.scalars(admins_of(thread.partner)).all()
    return [member.user for member in members if member.user.suspended_at is None]
