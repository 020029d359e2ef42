"""What happens to referral codes."""

from typing import Any, ClassVar

from core.i18n import lazy_pgettext
from core.signals import Signal
from referrals.models.codes import ReferralCode


class ReferralCodeMade(Signal[ReferralCode]):
    """A partner got a code to give away."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Referral code made")
