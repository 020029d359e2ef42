"""What is written to partners about their referral codes."""

from accounts.permissions import Permission
from core import mail
from core.database import session
from core.settings import VENDOR_NAME
from partners.queries import active_members
from referrals.models.codes import ReferralCode


def tell_partner_that_a_code_ended(code: ReferralCode) -> None:
    """The vendor ended it; to everybody of the firm who works on deals."""
    for member in session.scalars(active_members(code.partner)):
        user = member.user
        if not user.has_signed_up or not user.may(Permission.DEALS_WORK):
            continue
        mail.send(
            "referrals/emails/code_ended",
            to=user.email,
            locale=user.locale,
            key=f"code-ended:{code.id}:{code.ended_at:%Y%m%d%H%M%S}:{user.id}",
            name=user.name,
            vendor=VENDOR_NAME.value(),
            code=code.code,
            codes_url=mail.absolute_url("/links/codes"),
        )
