"""A partner's own rates."""

import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Permission
from partners.queries import rows_visible_to
from referrals.models.rates import ServiceRate


def rates_visible_to(user: User) -> sa.Select[ServiceRate]:
    """A partner: its own; the vendor's people: all. By kind, then by name."""
    return (
        sa.select(ServiceRate)
        .where(rows_visible_to(user, ServiceRate.partner_id, Permission.DEALS_READ))
        .order_by(ServiceRate.kind, ServiceRate.name, ServiceRate.id)
    )
