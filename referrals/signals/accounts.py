"""What named accounts announce."""

from dataclasses import dataclass
from typing import Any, ClassVar

from core.i18n import lazy_pgettext
from core.signals import Signal
from referrals.models.leads import NamedAccount


@dataclass(frozen=True)
class AccountNamed(Signal[NamedAccount]):
    """A company was given to one partner."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Account given to a partner")

    domain: str


@dataclass(frozen=True)
class AccountFreed(Signal[NamedAccount]):
    """A company is nobody's in particular any more."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Named account ended")

    domain: str
