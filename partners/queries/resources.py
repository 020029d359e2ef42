"""What a firm may take, by tier and language, and how often it was taken."""

import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Permission
from core.database import holds, session
from partners.models import Resource, ResourceDownload, ResourceKind
from partners.queries.members import partner_of


def resources_visible_to(user: User) -> sa.Select[Resource]:
    """All for whoever keeps them, retired ones too; for a firm's people those of its tier. By kind and title."""
    rows = sa.select(Resource).order_by(Resource.kind, Resource.title, Resource.id)
    if user.may(Permission.RESOURCES_WRITE):
        return rows
    firm = partner_of(user)
    if firm is None or not user.may(Permission.FIRM_READ):
        return rows.where(sa.false())
    for_all = Resource.tiers == []
    return rows.where(Resource.retired_at.is_(None), sa.or_(for_all, holds(Resource.tiers, firm.tier)))


def resources_matching(
    rows: sa.Select[Resource], *, kind: str = "", language: str = ""
) -> sa.Select[Resource]:
    """``rows`` of one kind, in one language or in any."""
    if kind in set(ResourceKind):
        rows = rows.where(Resource.kind == ResourceKind(kind))
    if language:
        rows = rows.where(Resource.language.in_(("", language)))
    return rows


def downloads_of(resources: list[Resource]) -> dict[int, tuple[int, int]]:
    """By resource: how often it was taken, and by how many firms; one query."""
    rows = session.execute(
        sa.select(
            ResourceDownload.resource_id,
            sa.func.count(),
            sa.func.count(sa.distinct(ResourceDownload.partner_id)),
        )
        .where(ResourceDownload.resource_id.in_([row.id for row in resources]))
        .group_by(ResourceDownload.resource_id)
    )
    return {number: (int(times), int(firms)) for number, times, firms in rows}
