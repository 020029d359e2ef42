"""What is written to partners about their referral codes."""

from accounts.permissions import Permission
from core import mail
from core.settings import VENDOR_NAME
from partners.queries import people_who_may
from referrals.models.codes import ReferralCode


def tell_partner_that_a_code_ended(code: ReferralCode) -> None:
    """The vendor ended it; to everybody of the firm who works on deals."""
    for user in people_who_may(code.partner, Permission.DEALS_WORK):
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
