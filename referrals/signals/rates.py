"""What happens to a partner's own rates."""

from dataclasses import dataclass
from typing import Any, ClassVar

from core.i18n import lazy_pgettext
from core.signals import Signal
from partners.models import Partner


@dataclass(frozen=True)
class ServiceRateSaved(Signal[Partner]):
    """A rate was put on the card, or got another price."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Service rate saved")

    name: str
    price_minor: int
    currency: str


@dataclass(frozen=True)
class ServiceRateRemoved(Signal[Partner]):
    """A rate was taken off the card."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Service rate removed")

    name: str
