"""Which partners' people sign in from where leads were sent."""

from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa

from accounts.models import SignIn
from core import clock
from core.database import session
from partners.models import Member, Partner
from referrals.models.senders import LeadNeighbour, LeadSender

#: A session that ended so long before the lead came says nothing of it any more.
NEAR = timedelta(days=30)


def sign_ins_since(
    moment: datetime, *, partner_id: int | None = None, addresses: Collection[str] = ()
) -> list[tuple[int, str, datetime]]:
    """(partner, address, when the last session from there is over) of firms' people, for sessions after ``moment``.

    Of one firm, or from certain addresses, where these are given.
    """
    until = sa.func.max(sa.func.coalesce(SignIn.ended_at, SignIn.expires_at))
    rows = (
        sa.select(Member.partner_id, SignIn.address, sa.type_coerce(until, SignIn.expires_at.type))
        .join(Member, Member.user_id == SignIn.user_id)
        .where(
            Member.left_at.is_(None),
            SignIn.is_halfway.is_(False),
            sa.func.coalesce(SignIn.ended_at, SignIn.expires_at) >= moment,
        )
        .group_by(Member.partner_id, SignIn.address)
    )
    if partner_id is not None:
        rows = rows.where(Member.partner_id == partner_id)
    if addresses:
        rows = rows.where(SignIn.address.in_(addresses))
    return [tuple(row) for row in session.execute(rows)]


def senders_of(lead_ids: Collection[int]) -> list[LeadSender]:
    """From where these leads were sent, as long as that is kept."""
    return list(session.scalars(sa.select(LeadSender).where(LeadSender.lead_id.in_(lead_ids))))


def senders_kept() -> sa.Select[LeadSender]:
    """All of them, oldest first."""
    return sa.select(LeadSender).order_by(LeadSender.lead_id)


def is_known_neighbour(partner: Partner, lead_ids: Collection[int]) -> bool:
    """Whether the partner is written down as a neighbour of one of these leads."""
    wanted = sa.select(LeadNeighbour.lead_id).where(
        LeadNeighbour.partner_id == partner.id, LeadNeighbour.lead_id.in_(lead_ids)
    )
    return session.scalar(wanted.limit(1)) is not None


def neighbours_of(lead_id: int) -> list[str]:
    """The names of the partners whose people sign in from where the lead was sent; for the vendor's eyes only."""
    names = (
        sa.select(Partner.name)
        .join(LeadNeighbour, LeadNeighbour.partner_id == Partner.id)
        .where(LeadNeighbour.lead_id == lead_id)
        .order_by(Partner.name)
        .limit(20)
    )
    return list(session.scalars(names))


def a_while_ago() -> datetime:
    """Before this, no session concerns a lead whose sender is still kept."""
    return clock.now() - 2 * NEAR
