"""What happens to referral codes."""

from dataclasses import dataclass
from typing import Any, ClassVar

from core.i18n import lazy_pgettext
from core.signals import Signal
from referrals.models.codes import ReferralCode


class ReferralCodeMade(Signal[ReferralCode]):
    """A partner got a code to give away."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Referral code made")


@dataclass(frozen=True)
class ReferralCodeEnded(Signal[ReferralCode]):
    """Whoever comes with the code from now on is nobody's. ``by_vendor``: its partner did not do it."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Referral code ended")

    by_vendor: bool


class ReferralCodeRevived(Signal[ReferralCode]):
    """The code counts again. Who came with it since it ended stays nobody's."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Referral code brought back")
