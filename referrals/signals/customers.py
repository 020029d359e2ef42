"""What happens to customers."""

from typing import Any, ClassVar

from core.i18n import lazy_pgettext
from core.signals import Signal
from referrals.models.customers import Customer


class CustomerAdded(Signal[Customer]):
    """A firm became a customer."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Customer added")
