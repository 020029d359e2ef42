"""What web hooks in announce."""

from typing import Any, ClassVar

from core.i18n import lazy_pgettext
from core.signals import Signal
from referrals.models.hooks import LeadHook


class HookMade(Signal[LeadHook]):
    """Another system may send its messages here."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Web hook for leads opened")


class HookClosed(Signal[LeadHook]):
    """The address answers no more."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Web hook for leads closed")
