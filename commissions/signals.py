"""What commissions announce: earnings, holds, payout profiles, runs, payouts, statements."""

from dataclasses import dataclass
from typing import Any, ClassVar

from commissions.models import Entry, Payout, PayoutProfile, PayoutRun, PlanVersion, Statement
from core.i18n import lazy_pgettext
from core.signals import Signal


@dataclass(frozen=True)
class HoldPlaced(Signal[Entry]):
    """A line of earnings waits, for a reason."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Hold placed")

    cause: str
    reason: str


@dataclass(frozen=True)
class HoldLifted(Signal[Entry]):
    """It waits no longer for that cause."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Hold lifted")

    cause: str


@dataclass(frozen=True)
class PayoutProfileChanged(Signal[PayoutProfile]):
    """Money goes somewhere else from now on; ``before`` and ``after`` are masked."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Payout details changed")

    before: dict[str, str]
    after: dict[str, str]


@dataclass(frozen=True)
class RunProposed(Signal[PayoutRun]):
    """A list is frozen and waits for a second person."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Payout run proposed")

    total_minor: int
    digest: str


@dataclass(frozen=True)
class RunSentBack(Signal[PayoutRun]):
    """It is a draft again; an approval it had is void."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Payout run sent back")

    note: str


class RunWithdrawn(Signal[PayoutRun]):
    """It will not be paid; its lines are payable again."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Payout run withdrawn")


@dataclass(frozen=True)
class RunApproved(Signal[PayoutRun]):
    """A second person approved exactly this list."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Payout run approved")

    total_minor: int
    digest: str


class RunSendingBegun(Signal[PayoutRun]):
    """The money is on its way."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Sending of a payout run begun")


class RunDone(Signal[PayoutRun]):
    """Every payout of it is paid or given up."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Payout run done")


@dataclass(frozen=True)
class PaymentFileMade(Signal[PayoutRun]):
    """A file for the bank was made, with this digest."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Payment file made")

    sha256: str


class PayoutSent(Signal[Payout]):
    """Handed to the bank or to Stripe."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Payout sent")


class PayoutPaid(Signal[Payout]):
    """The money is the partner's."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Payout paid")


@dataclass(frozen=True)
class PayoutFailed(Signal[Payout]):
    """It certainly did not arrive."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Payout failed")

    reason: str


@dataclass(frozen=True)
class PayoutUnknown(Signal[Payout]):
    """Nobody knows yet whether it arrived; it is being looked up."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Payout without an answer")

    reason: str


class PayoutReleased(Signal[Payout]):
    """Given up: its lines are payable again."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Payout released")


@dataclass(frozen=True)
class PayoutReversed(Signal[Payout]):
    """It came back after it had been paid."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Payout reversed")

    reason: str


class StatementIssued(Signal[Statement]):
    """A month is closed for a partner."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Statement issued")


class StatementReceived(Signal[Statement]):
    """Somebody of the partner fetched it."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Statement fetched")


class PlanVersionDrafted(Signal[PlanVersion]):
    """A draft was written, or written anew."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Plan version drafted")


class PlanVersionSimulated(Signal[PlanVersion]):
    """It was run over past sales."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Plan version simulated")


class PlanVersionPublished(Signal[PlanVersion]):
    """It holds from its moment on, and never changes again."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Plan version published")


class ProofsDiffer(Signal[Entry]):
    """The nightly proof job computed another number than the one in the books."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Proofs differ")
