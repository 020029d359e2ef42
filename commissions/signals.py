"""What commissions announce: earnings, holds, payout profiles, runs, payouts, statements."""

from dataclasses import dataclass
from typing import Any, ClassVar

from commissions.models import (
    BankStatement,
    Dispute,
    Entry,
    PayingAccount,
    Payout,
    PayoutProfile,
    PayoutRun,
    Plan,
    PlanVersion,
    Recomputation,
    SaleImport,
    SaleReport,
    Statement,
    TaxPaper,
)
from core.i18n import lazy_pgettext
from core.signals import Signal
from partners.models import Partner


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


@dataclass(frozen=True)
class PaymentFileExecuted(Signal[PayoutRun]):
    """The bank carried a file out."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Payment file carried out")

    file: str
    reference: str


@dataclass(frozen=True)
class TakingBackBegun(Signal[Payout]):
    """Stripe is asked to take a transfer back."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Taking back of a payout begun")

    reason: str


@dataclass(frozen=True)
class PayingAccountChanged(Signal[PayingAccount]):
    """Payouts of one way and currency come from another account from now on."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Account that payouts come from changed")

    way: str
    currency: str
    account: str


@dataclass(frozen=True)
class BankStatementRead(Signal[BankStatement]):
    """A statement of the bank's was uploaded."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Bank statement read")

    lines: int


@dataclass(frozen=True)
class TaxRatesChanged(Signal[PayoutProfile]):
    """Finance set what is withheld from a partner's payouts, and the VAT on top; hundredths of a per cent."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Tax rates of payouts changed")

    before: dict[str, int]
    after: dict[str, int]


@dataclass(frozen=True)
class TaxPaperUploaded(Signal[TaxPaper]):
    """A partner gave a document about its taxes."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Tax document uploaded")

    kind: str


class TaxPaperChecked(Signal[TaxPaper]):
    """Finance found it good."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Tax document checked")


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


@dataclass(frozen=True)
class StatementPapersMade(Signal[Statement]):
    """Its acceptance act or self-billing invoice was made: by number, the hash of each."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Papers of a statement made")

    hashes: dict[str, str]


class StatementReceived(Signal[Statement]):
    """Somebody of the partner fetched it."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Statement fetched")


class PlanVersionDrafted(Signal[PlanVersion]):
    """A draft was written, or written anew."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Plan version drafted")


@dataclass(frozen=True)
class PlanVersionDiscarded(Signal[Plan]):
    """A draft of the plan was taken away."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Draft of a plan discarded")

    label: str
    name: str


class SaleReported(Signal[SaleReport]):
    """A partner tells of a sale of its own; the vendor's clock runs."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Sale reported by the partner")


@dataclass(frozen=True)
class SaleReportConfirmed(Signal[SaleReport]):
    """The vendor agreed. ``is_new`` is false when the sale had come another way."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Reported sale confirmed")

    is_new: bool


@dataclass(frozen=True)
class SaleReportDeclined(Signal[SaleReport]):
    """The vendor did not agree, for a reason that the partner is told."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Reported sale declined")

    reason: str


class SaleReportWithdrawn(Signal[SaleReport]):
    """The partner took its report back."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Report of a sale withdrawn")


@dataclass(frozen=True)
class SalesImported(Signal[SaleImport]):
    """A file of sales was taken in; each sale is announced by itself as well."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Sales imported")

    taken: int
    left_out: int


@dataclass(frozen=True)
class SalesRecomputed(Signal[Recomputation]):
    """All sales were worked out again; ``differences`` is how many said something else before."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Sales recomputed")

    sales: int
    posted: int
    differences: int


class PlanVersionSimulated(Signal[PlanVersion]):
    """It was run over past sales."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Plan version simulated")


class PlanVersionPublished(Signal[PlanVersion]):
    """It holds from its moment on, and never changes again."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Plan version published")


@dataclass(frozen=True)
class EarlierSalesWorkedOut(Signal[Plan]):
    """Somebody has the sales worked out that came before their plan was published."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Sales from before the plan worked out")

    sales: int


class ProofsDiffer(Signal[Entry]):
    """The nightly proof job computed another number than the one in the books."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Proofs differ")


class DisputeOpened(Signal[Dispute]):
    """A partner questions a line of its earnings; the vendor's clock runs."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Dispute opened")


class DisputeAnswered(Signal[Dispute]):
    """The vendor explained the line; the clock stands."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Dispute answered")


class DisputeRepliedTo(Signal[Dispute]):
    """The partner is not convinced; the clock runs anew."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Reply to the answer of a dispute")


@dataclass(frozen=True)
class DisputeCorrected(Signal[Dispute]):
    """The partner was right: ``amount_minor`` is the difference that was posted."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Disputed line corrected")

    amount_minor: int
    reason: str


@dataclass(frozen=True)
class DisputeRejected(Signal[Dispute]):
    """The line was right, for a reason that the partner is told."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Dispute rejected")

    reason: str


@dataclass(frozen=True)
class WrittenByHand(Signal[Entry]):
    """Finance wrote a bonus, a correction or a set-off to a partner's balance."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Line of earnings written by hand")

    kind: str
    amount_minor: int
    currency: str
    reason: str


class DisputeWithdrawn(Signal[Dispute]):
    """The partner takes its question back."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Dispute withdrawn")


@dataclass(frozen=True)
class RecruiterNoted(Signal[Partner]):
    """Somebody said, or put right, who brought a partner; empty is nobody."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Recruiter of the partner noted")

    before: str
    after: str
    reason: str


@dataclass(frozen=True)
class StatementSigned(Signal[Statement]):
    """The partner accepted a month, and what it comes to."""

    said: ClassVar[Any] = lazy_pgettext("deed", "Statement signed")

    digest: str
