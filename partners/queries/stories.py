"""Stories: one's own, those that wait for the vendor, and those that everybody may read."""

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from accounts.models import User
from accounts.permissions import Permission
from partners.models import Story, StoryStatus
from partners.queries.partners import rows_visible_to


def stories_visible_to(user: User) -> sa.Select[Story]:
    """The firm's own; for the vendor's people every one that was sent. Latest first."""
    rows = sa.select(Story).options(joinedload(Story.partner)).order_by(Story.id.desc())
    if user.is_staff:
        seen = rows_visible_to(user, Story.partner_id, Permission.PARTNERS_READ)
        return rows.where(seen, Story.status != StoryStatus.DRAFT)
    return rows.where(rows_visible_to(user, Story.partner_id, Permission.FIRM_READ))


def stories_to_publish(user: User) -> sa.Select[Story]:
    """Those that wait for the vendor, oldest first."""
    if not user.may(Permission.PARTNERS_WRITE):
        return stories_visible_to(user).where(sa.false())
    return (
        stories_visible_to(user)
        .where(Story.status == StoryStatus.SUBMITTED)
        .order_by(None)
        .order_by(Story.id)
    )


def published_stories(partner_id: int | None = None) -> sa.Select[Story]:
    """Those everybody may read, of one firm or of all; latest first."""
    rows = sa.select(Story).options(joinedload(Story.partner)).where(Story.status == StoryStatus.PUBLISHED)
    if partner_id is not None:
        rows = rows.where(Story.partner_id == partner_id)
    return rows.order_by(Story.published_at.desc(), Story.id.desc())
