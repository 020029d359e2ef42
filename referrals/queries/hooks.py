"""Every question about web hooks in."""

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Permission
from core.database import session
from referrals.models.hooks import HookMessage, LeadHook


def hooks_visible_to(user: User) -> sa.Select[LeadHook]:
    """For who manages the keys of machines: all, open ones first."""
    rows = sa.select(LeadHook).order_by(LeadHook.closed_at.is_not(None), LeadHook.id.desc())
    return rows if user.is_staff and user.may(Permission.KEYS_MANAGE) else rows.where(sa.false())


def open_hook(slug: str) -> LeadHook | None:
    """The address that still answers."""
    return session.scalar(sa.select(LeadHook).where(LeadHook.slug == slug, LeadHook.closed_at.is_(None)))


def latest_messages(hook: LeadHook) -> Sequence[HookMessage]:
    """What came last."""
    return session.scalars(
        sa.select(HookMessage).where(HookMessage.hook_id == hook.id).order_by(HookMessage.id.desc()).limit(10)
    ).all()


def last_messages(hook_ids: Collection[int]) -> dict[int, datetime]:
    """When each of these addresses last heard something."""
    rows = session.execute(
        sa.select(HookMessage.hook_id, sa.func.max(HookMessage.received_at).label("latest"))
        .where(HookMessage.hook_id.in_(hook_ids))
        .group_by(HookMessage.hook_id)
    )
    return {row.hook_id: row.latest for row in rows}
