"""Every question about missing-referral requests, asked for whoever may see the answer."""

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from accounts.models import User
from accounts.permissions import Permission
from partners.queries import rows_visible_to
from referrals.models.missing import ReferralRequest, RequestStatus


def requests_visible_to(user: User) -> sa.Select[ReferralRequest]:
    """A partner: its own. The vendor's people who may read sales: all. What waits comes first, by its clock."""
    permission = Permission.SALES_READ if user.is_staff else Permission.DEALS_READ
    mine = rows_visible_to(user, ReferralRequest.partner_id, permission)
    return (
        sa.select(ReferralRequest)
        .where(mine)
        .options(joinedload(ReferralRequest.partner))
        .order_by(
            sa.case((ReferralRequest.status == RequestStatus.OPEN, 0), else_=1),
            sa.case(
                (ReferralRequest.status == RequestStatus.OPEN, ReferralRequest.id), else_=-ReferralRequest.id
            ),
        )
    )


def requests_to_decide(user: User) -> sa.Select[ReferralRequest]:
    """What waits for the vendor, the nearest clock first; for who may decide about sales."""
    waiting = requests_visible_to(user).where(ReferralRequest.status == RequestStatus.OPEN)
    if not user.is_staff or not user.may(Permission.SALES_WRITE):
        waiting = waiting.where(sa.false())
    return waiting.order_by(None).order_by(ReferralRequest.decide_by, ReferralRequest.id)
