"""Referral links for tests, made by the operations."""

from datetime import timedelta
from typing import Any

from core import clock
from referrals.models import ReferralLink
from referrals.operations.links import make_link
from referrals.touches import Touch


def a_link(partner: Any, path: str = "/cloud", campaign: str = "") -> ReferralLink:
    """A link of ``partner``."""
    return make_link(partner, path=path, campaign=campaign, by=None)


def clicked(link: ReferralLink, *, days_ago: int = 1) -> Touch:
    """A click as a visitor carries it."""
    return Touch(clock.now().replace(microsecond=0) - timedelta(days=days_ago), link.token)
