"""What happens to referral links and to missing-referral requests."""

from dataclasses import dataclass
from typing import Any, ClassVar

from core.i18n import lazy_pgettext
from core.signals import Signal
from referrals.models.links import ReferralLink
from referrals.models.missing import ReferralRequest


class ReferralLinkMade(Signal[ReferralLink]):
    """A partner made a link."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Referral link made")


class ReferralLinkEnded(Signal[ReferralLink]):
    """A partner ended a link: clicks on it count no more."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Referral link ended")


class ReferralRequested(Signal[ReferralRequest]):
    """A partner says that an order came through it."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Missing referral asked for")


class ReferralGranted(Signal[ReferralRequest]):
    """The vendor agreed, and the sale is the partner's."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Missing referral accepted")


@dataclass(frozen=True)
class ReferralRefused(Signal[ReferralRequest]):
    """The vendor did not agree."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Missing referral rejected")

    reason: str
