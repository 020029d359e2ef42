"""What happens to customers."""

from dataclasses import dataclass
from typing import Any, ClassVar

from core.i18n import lazy_pgettext
from core.signals import Signal
from referrals.models.customers import Customer


class CustomerAdded(Signal[Customer]):
    """A firm became a customer."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Customer added")


@dataclass(frozen=True)
class CustomerHandedOn(Signal[Customer]):
    """Another firm looks after it."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Customer handed on")

    from_name: str
    to_name: str
    reason: str


@dataclass(frozen=True)
class CustomersMerged(Signal[Customer]):
    """Another customer turned out to be this one; its sales, deals and keys are this one's now."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Customers merged")

    merged_id: int
    merged_name: str
    reason: str
