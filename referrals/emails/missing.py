"""What is written to both sides about missing-referral requests."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from accounts.models import User
from accounts.permissions import Permission
from accounts.queries import staff
from core import mail
from core.database import session
from partners.queries import active_members, people_who_may
from referrals.emails.deals import plain
from referrals.models.missing import ReferralRequest


def tell_who_decides(request: ReferralRequest) -> None:
    """A partner asks; to everybody at the vendor who decides about sales."""
    people = session.scalars(staff().where(User.suspended_at.is_(sa.null()))).all()
    deciders = (user for user in people if user.has_signed_up and user.may(Permission.SALES_WRITE))
    _send("deal_missing_asked", request, deciders, due_at=request.decide_by)


def tell_who_asked(request: ReferralRequest, *, is_granted: bool) -> None:
    """The answer; to whoever asked, or to the firm's sellers when that person has left."""
    members = [member.user for member in session.scalars(active_members(request.partner))]
    asked = [user for user in members if user.id == request.filed_by_id]
    name = "deal_missing_granted" if is_granted else "deal_missing_rejected"
    people = asked or people_who_may(request.partner, Permission.DEALS_WORK)
    _send(name, request, people, why=plain(request.reason))


def _send(name: str, request: ReferralRequest, people: Iterable[User], **context: Any) -> None:
    for user in people:
        mail.send(
            f"referrals/emails/{name}",
            to=user.email,
            locale=user.locale,
            key=f"{name}:{request.id}:{user.id}",
            name=user.name,
            partner=plain(request.partner.name),
            company=plain(request.company),
            order=plain(request.order_number),
            number=request.number,
            request_url=mail.absolute_url(f"/referral-requests/{request.id}"),
            **context,
        )
