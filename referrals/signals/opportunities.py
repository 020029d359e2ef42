"""What the vendor's own opportunities announce."""

from dataclasses import dataclass
from typing import Any, ClassVar

from core.i18n import lazy_pgettext
from core.signals import Signal
from referrals.models.opportunities import OwnOpportunity


@dataclass(frozen=True)
class OpportunityKept(Signal[OwnOpportunity]):
    """The vendor talks to a company itself."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Own opportunity written down")

    company: str


@dataclass(frozen=True)
class OpportunityChanged(Signal[OwnOpportunity]):
    """Somebody else talks to the company, or until another day."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Own opportunity changed")

    before: dict[str, str]
    after: dict[str, str]


@dataclass(frozen=True)
class OpportunityEnded(Signal[OwnOpportunity]):
    """The company is for partners again; ``why`` is ``ended`` by a person or ``over``."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Own opportunity ended")

    company: str
    why: str
