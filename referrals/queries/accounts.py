"""Named accounts: which companies are whose."""

import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Permission
from referrals.models.leads import NamedAccount


def named_accounts_visible_to(user: User, text: str = "") -> sa.Select[NamedAccount]:
    """For the vendor's people: which companies are whose, by domain."""
    rows = sa.select(NamedAccount).order_by(NamedAccount.domain)
    if not user.is_staff or not user.may(Permission.ROUTING_READ):
        return rows.where(sa.false())
    return (
        rows.where(NamedAccount.domain.contains(text.strip().lower(), autoescape=True))
        if text.strip()
        else rows
    )
