"""Whom firms have asked to join them, and who follows a link."""

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from accounts.models import User, digest
from accounts.permissions import PARTNER_ROLES
from accounts.queries import user_by_email
from core import clock
from core.bounces import Bounce, bounced_among
from core.database import session
from partners.models import Invitation, Member, Partner


def invitations_of(partner: Partner) -> sa.Select[Invitation]:
    """Those of a firm that nobody has followed yet, lapsed ones included, the latest first."""
    return (
        sa.select(Invitation)
        .options(joinedload(Invitation.invited_by))
        .where(Invitation.partner_id == partner.id)
        .order_by(Invitation.sent_at.desc(), Invitation.id.desc())
    )


def good_invitation(secret: str) -> Invitation | None:
    """What the mailed link stands for, while it works."""
    return session.scalar(
        sa.select(Invitation)
        .options(joinedload(Invitation.partner))
        .where(Invitation.token_digest == digest(secret), Invitation.expires_at > clock.now())
    )


def who_holds(email: str) -> User | None:
    """Who signs in with the address and has not left their firm: nobody else can come in with it before they do."""
    user = user_by_email(email)
    if user is None or user.role not in PARTNER_ROLES:
        return user
    has_left = sa.select(Member.id).where(Member.user_id == user.id, Member.left_at.is_not(None))
    return None if session.scalar(has_left) is not None else user


def mail_came_back(invitations: list[Invitation]) -> dict[str, Bounce]:
    """The refused mail of each address that was refused since it was sent: what came back before tells of others."""
    bounced = bounced_among([row.email for row in invitations])
    return {
        row.email: bounced[row.email]
        for row in invitations
        if row.email in bounced and bounced[row.email].at >= row.sent_at
    }
