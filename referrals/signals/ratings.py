"""What is announced about the words of customers."""

from dataclasses import dataclass
from typing import Any, ClassVar

from core.i18n import lazy_pgettext
from core.signals import Signal
from referrals.models.ratings import Rating


class RatingAsked(Signal[Rating]):
    """A customer was asked by mail how their partner did."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Customer asked for a rating")


class RatingGiven(Signal[Rating]):
    """The customer answered."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Customer answered")


@dataclass(frozen=True)
class RatingSetAside(Signal[Rating]):
    """The answer counts no more."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Rating set aside")

    reason: str


class RatingCountsAgain(Signal[Rating]):
    """The answer that was set aside counts again."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Rating counts again")
