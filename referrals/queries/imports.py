"""Every question about imports of leads."""

import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Permission
from core.database import session
from referrals.models.imports import LeadImport
from referrals.models.leads import Lead


def imports_visible_to(user: User) -> sa.Select[LeadImport]:
    """For the vendor's people who may bring leads in: all, latest first."""
    rows = sa.select(LeadImport).order_by(LeadImport.id.desc())
    return rows if user.is_staff and user.may(Permission.LEADS_WRITE) else rows.where(sa.false())


def import_counts(row: LeadImport) -> dict[str, int]:
    """What has become of the leads of a file, by state."""
    rows = session.execute(
        sa.select(Lead.status, sa.func.count()).where(Lead.import_id == row.id).group_by(Lead.status)
    )
    return {status.value: int(number) for status, number in rows}
