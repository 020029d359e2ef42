"""What happens to money between customers and the vendor. The subject is the fact itself.

All but ``SaleRecorded`` are announced only once the sale is known: facts that came before it follow it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from core.i18n import lazy_pgettext
from core.signals import Signal
from referrals.models.sales import Chargeback, Payment, Refund, Sale, SaleDecision


class SaleRecorded(Signal[Sale]):
    """A sale came; ``sale.earns`` says whether it is already anybody's."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Sale recorded")


@dataclass(frozen=True)
class SalesRecorded(Signal[Sequence[int]]):
    """Many sales came at once, by their ids: none came of a deal, and nothing waited for any of them.

    The trail says *sale recorded* of each. Whoever listens to :class:`SaleRecorded` listens to this as well.
    ``is_a_part``: further sales of the same list follow, in any order of their dates; whoever brings the list says
    when it is whole.
    """

    is_a_part: bool = False


@dataclass(frozen=True)
class SaleAttributed(Signal[Sale]):
    """A sale that was nobody's, or stood under review, now earns for ``sale.partner_id``; at most once a sale."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Sale attributed")

    source: str


@dataclass(frozen=True)
class SaleHeld(Signal[Sale]):
    """Something is missing before the sale can earn."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Sale held")

    reason: str


@dataclass(frozen=True)
class SalePlanNamed(Signal[Sale]):
    """A person said by which plan a sale is computed; an empty text stands for its partner's."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Plan of a sale named")

    before: str
    after: str


@dataclass(frozen=True)
class SalePutRight(Signal[Sale]):
    """A person gave a wrong sale to another partner or to nobody, or voided it."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Sale put right")

    decision: SaleDecision
    before: str
    after: str
    reason: str


class PaymentRecorded(Signal[Payment]):
    """More of a sale was paid."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Payment recorded")


class RefundRecorded(Signal[Refund]):
    """A part of a sale was given back to the customer."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Refund recorded")


class ChargebackRecorded(Signal[Chargeback]):
    """A customer's bank opened, won or lost a chargeback."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Chargeback recorded")


@dataclass(frozen=True)
class FactPutAside(Signal[Payment | Refund | Chargeback]):
    """Somebody took what counts nowhere off the list of what waits. It is kept, and still goes to its sale."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Put aside")

    reason: str


class RefundRefused(Signal[Refund]):
    """A refund that came before its sale is more than the sale can bear: it counts nowhere, and finance is told."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Refund refused")
