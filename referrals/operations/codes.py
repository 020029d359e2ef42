"""Giving a partner a referral code, ending it, and bringing it back."""

import re

import sqlalchemy as sa

from accounts.models import User
from core import clock
from core.activity import Actor
from core.database import lock, session, write_once
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.settings import VENDOR_NAME
from core.signals import announce
from partners.models import Partner
from referrals.models.codes import CodeGap, ReferralCode
from referrals.queries.codes import number_of_live_codes
from referrals.queries.links import link_with_token
from referrals.signals.codes import ReferralCodeEnded, ReferralCodeMade, ReferralCodeRevived

MOST_CODES = 200


def make_referral_code(partner: Partner, code: str, *, by: Actor | None) -> ReferralCode:
    """Gives ``partner`` a code; one of its own that has ended is brought back.

    Raises InvalidInput at ``code`` when it is taken or cannot be typed: what one partner has printed stays its own for
    good, also when the code has ended. Refusal when the partner is not active or has too many.
    """
    code = code.strip().upper()
    if not re.fullmatch(r"[A-Z0-9][A-Z0-9-]{2,29}", code):
        raise InvalidInput({"code": _("Use 3 to 30 Latin letters, digits and dashes.")})
    lock(partner)
    known = _row_of(code)
    if known is not None and known.partner_id == partner.id:
        if known.ended_at is None:
            raise InvalidInput({"code": _("This code is yours already.")})
        revive_code(known, by=by)
        return known
    # A form may send a link's token where a code is expected: nobody may take another one's clicks by such a code.
    if known is not None or link_with_token(code.lower()) is not None:
        raise InvalidInput({"code": _("This code is taken.")})
    _refuse_one_more(partner)
    # Two partners may want the same word at once; the second waits for the first, and reads that it is taken.
    values = {"code": code, "partner_id": partner.id, "created_at": clock.now(), "ended_at": None}
    write_once(ReferralCode, values, unique=["code"])
    row = _row_of(code)
    if row is None or row.partner_id != partner.id:
        raise InvalidInput({"code": _("This code is taken.")})
    announce(ReferralCodeMade(row, by))
    return row


def end_code(code: ReferralCode, *, by: Actor | None) -> None:
    """Who comes with it counts no more; what it has brought stays its partner's. Ended twice is ended.

    What the vendor has ended, only the vendor brings back.
    """
    lock(code)
    of_vendor = _is_of_the_vendor(by)
    if code.ended_at is None:
        code.ended_at, code.ended_by_vendor = clock.now(), of_vendor
        session.flush()
        announce(ReferralCodeEnded(code, by, by_vendor=of_vendor))


def revive_code(code: ReferralCode, *, by: Actor | None) -> None:
    """It counts again from now on; who came meanwhile stays nobody's. One that lives is left as it is.

    Raises Refusal when the partner is not active or has too many, or when the vendor ended it and somebody else asks.
    """
    lock(code.partner)
    lock(code)
    if code.ended_at is None:
        return
    if code.ended_by_vendor and not _is_of_the_vendor(by):
        raise Refusal(
            _("%(vendor)s ended this code and alone can bring it back.", vendor=VENDOR_NAME.value())
        )
    _refuse_one_more(code.partner)
    session.add(CodeGap(code_id=code.id, ended_at=code.ended_at, revived_at=clock.now()))
    code.ended_at, code.ended_by_vendor = None, False
    session.flush()
    announce(ReferralCodeRevived(code, by))


def _is_of_the_vendor(by: Actor | None) -> bool:
    return isinstance(by, User) and by.is_staff


def _row_of(code: str) -> ReferralCode | None:
    return session.scalar(sa.select(ReferralCode).where(ReferralCode.code == code))


def _refuse_one_more(partner: Partner) -> None:
    if not partner.is_active:
        raise Refusal(_("%(partner)s is not active.", partner=partner.name))
    if number_of_live_codes(partner) >= MOST_CODES:
        raise Refusal(_("A partner can have %(most)s codes at once. End one first.", most=MOST_CODES))
