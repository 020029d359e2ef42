"""Whom mail about money goes to, and how what somebody typed is put into it."""

import re
from collections.abc import Iterable

from accounts.models import User
from accounts.permissions import Role
from accounts.queries import active_staff_with
from core.database import session
from partners.models import Partner
from partners.queries import active_members


def money_people(partner: Partner) -> Iterable[User]:
    """The firm's admins and finance people who can sign in."""
    roles = {Role.PARTNER_ADMIN, Role.PARTNER_FINANCE}
    for member in session.scalars(active_members(partner)):
        if member.user.role in roles and member.user.suspended_at is None:
            yield member.user


def staff(*roles: Role) -> list[User]:
    """The vendor's people of these roles."""
    return [person for role in roles for person in session.scalars(active_staff_with(role))]


def plain(text: str, most: int = 200) -> str:
    """Somebody's text without the signs that mail would take for formatting or a link, cut to ``most``."""
    return " ".join(re.sub(r"[\[\]()<>`*_~#|\\]|https?://|www\.", " ", text).split())[:most]
