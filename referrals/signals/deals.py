"""What happens to deals."""

from dataclasses import dataclass
from typing import Any, ClassVar

from core.i18n import lazy_pgettext
from core.signals import Signal
from referrals.models.deals import Deal


class DealOpened(Signal[Deal]):
    """A lead was accepted or claimed, and its deal began, approved and protected."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Deal opened")


class DealSubmitted(Signal[Deal]):
    """A partner registered a deal."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Deal registered")


class DealQuestioned(Signal[Deal]):
    """The vendor asked the partner for more."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Question about a deal asked")


class DealAnswered(Signal[Deal]):
    """The partner answered the vendor's question."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Question about a deal answered")


class DealApproved(Signal[Deal]):
    """The registration holds; the company is protected."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Deal approved")


class DealRejected(Signal[Deal]):
    """The registration was turned down, with the reason."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Deal not approved")


class DealWithdrawn(Signal[Deal]):
    """The partner gave it up."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Deal withdrawn")


class DealEscalated(Signal[Deal]):
    """The vendor did not decide in time."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Late decision reported")


class DealExtended(Signal[Deal]):
    """Protection was extended, once, with evidence."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Protection extended")


class DealExpired(Signal[Deal]):
    """Protection ran out."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Protection ended")


@dataclass(frozen=True)
class OrderReported(Signal[Deal]):
    """The partner says it is won and names the order; the vendor has to confirm it."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Order reported")

    order: str


class OrderRefused(Signal[Deal]):
    """The vendor could not find the order that the partner named."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Order not confirmed")


@dataclass(frozen=True)
class DealWon(Signal[Deal]):
    """The order is there: a sale, or an invoice that the vendor confirmed."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Deal won")

    order: str


class DealLost(Signal[Deal]):
    """The company decided otherwise."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Deal lost")


@dataclass(frozen=True)
class EstimateSaved(Signal[Deal]):
    """A new version of the estimate."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Estimate saved")

    version: int


@dataclass(frozen=True)
class DealHandedOver(Signal[Deal]):
    """A colleague of the same firm goes on with it; an empty ``to_name`` means everybody of the firm."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Deal handed over to a colleague")

    from_name: str
    to_name: str
    reason: str


@dataclass(frozen=True)
class DealHandedOn(Signal[Deal]):
    """Another firm goes on with it."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Deal handed on")

    from_name: str
    to_name: str
    reason: str
