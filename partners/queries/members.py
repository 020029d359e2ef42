"""Who belongs to which firm."""

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from accounts.models import User
from accounts.permissions import PARTNER_ROLES, Permission, Role
from core.database import session
from partners.models import Member, Partner


def membership_of(user: User) -> Member | None:
    """The row that ties ``user`` to a firm they have not left, asked once a request."""
    known: dict[int, Member | None] = session.info.setdefault("partners.membership", {})
    if user.id not in known:
        known[user.id] = session.scalar(_MEMBERSHIP, {"user": user.id})
    return known[user.id]


# Asked by every page of a partner, so built once.
_MEMBERSHIP = (
    sa.select(Member)
    .where(Member.user_id == sa.bindparam("user"), Member.left_at.is_(None))
    .options(joinedload(Member.partner, innerjoin=True), joinedload(Member.user, innerjoin=True))
)


def forget_memberships() -> None:
    """To be called by whoever changes who belongs where."""
    session.info.pop("partners.membership", None)
    session.info.pop("partners.numbers", None)


def partner_of(user: User) -> Partner | None:
    """The firm that ``user``, a person or a bound machine, belongs to; ``None`` for the vendor's people."""
    membership = membership_of(user)
    return membership.partner if membership is not None else None


def members_of(partner: Partner) -> sa.Select[Member]:
    """Everybody who is or was a person of the firm, those who left last. Machines are left out."""
    return (
        sa.select(Member)
        .join(Member.user)
        .options(contains_eager(Member.user))
        .where(Member.partner_id == partner.id, User.role.in_(PARTNER_ROLES))
        .order_by(Member.left_at.is_not(None), User.name, Member.id)
    )


def active_members(partner: Partner) -> sa.Select[Member]:
    """The people of the firm today, invited ones included."""
    return members_of(partner).where(Member.left_at.is_(None))


def people_who_may(partner: Partner, permission: Permission) -> list[User]:
    """The people of the firm today who have signed up and may do this: whom a mail about it is for."""
    people = (member.user for member in session.scalars(active_members(partner)))
    return [user for user in people if user.has_signed_up and user.may(permission)]


def admins_of(partner: Partner) -> sa.Select[Member]:
    """The firm's admins today."""
    return active_members(partner).where(User.role == Role.PARTNER_ADMIN, User.suspended_at.is_(None))


def machines_of(partner: Partner) -> sa.Select[Member]:
    """The machines whose keys are bound to the firm."""
    return (
        sa.select(Member)
        .join(Member.user)
        .options(contains_eager(Member.user))
        .where(Member.partner_id == partner.id, User.role == Role.MACHINE, Member.left_at.is_(None))
        .order_by(Member.id)
    )
