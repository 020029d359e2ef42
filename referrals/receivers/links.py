"""The mails about referral codes and missing-referral requests."""

from core.signals import receives
from referrals.emails.codes import tell_partner_that_a_code_ended
from referrals.emails.missing import tell_who_asked, tell_who_decides
from referrals.signals.codes import ReferralCodeEnded
from referrals.signals.links import ReferralGranted, ReferralRefused, ReferralRequested


@receives(ReferralCodeEnded)
def tell_the_partner_that_the_vendor_ended_a_code(signal: ReferralCodeEnded) -> None:
    if signal.by_vendor:
        tell_partner_that_a_code_ended(signal.subject)


@receives(ReferralRequested)
def tell_the_vendor_that_a_referral_is_missing(signal: ReferralRequested) -> None:
    tell_who_decides(signal.subject)


@receives(ReferralGranted)
def tell_the_partner_that_the_sale_is_theirs(signal: ReferralGranted) -> None:
    tell_who_asked(signal.subject, is_granted=True)


@receives(ReferralRefused)
def tell_the_partner_why_the_sale_is_not_theirs(signal: ReferralRefused) -> None:
    tell_who_asked(signal.subject, is_granted=False)
