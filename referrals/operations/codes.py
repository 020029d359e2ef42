"""Giving a partner a referral code."""

import re

import sqlalchemy as sa

from core import clock
from core.activity import Actor
from core.database import session
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.signals import announce
from partners.models import Partner
from referrals.models.codes import ReferralCode
from referrals.queries.links import link_with_token
from referrals.signals.codes import ReferralCodeMade


def make_referral_code(partner: Partner, code: str, *, by: Actor | None) -> ReferralCode:
    """Gives ``partner`` a code. Raises InvalidInput at ``code`` when it is taken or cannot be typed."""
    code = code.strip().upper()
    if not re.fullmatch(r"[A-Z0-9][A-Z0-9-]{2,29}", code):
        raise InvalidInput({"code": _("Use 3 to 30 Latin letters, digits and dashes.")})
    of_code = session.scalar(sa.select(ReferralCode.id).where(ReferralCode.code == code))
    # A form may send a link's token where a code is expected: nobody may take another one's clicks by such a code.
    if of_code is not None or link_with_token(code.lower()) is not None:
        raise InvalidInput({"code": _("This code is taken.")})
    row = ReferralCode(code=code, partner_id=partner.id, created_at=clock.now())
    session.add(row)
    announce(ReferralCodeMade(row, by))
    return row
