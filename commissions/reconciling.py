"""Two sides of the same money, compared: what we say was paid, and what the other side says. Pure.

A comparison is *matched*, *missing* there, *unknown* here, or *different*, and says what to do next.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from core.i18n import lazy_gettext


class Verdict(StrEnum):
    """What comparing one payment came to."""

    MATCHED = "matched"
    SETTLED = "settled"
    OPEN = "open"
    MISSING = "missing"
    UNKNOWN = "unknown_there"
    DIFFERENT = "different"

    @property
    def label(self) -> Any:
        return _VERDICTS[self]

    @property
    def is_good(self) -> bool:
        return self in {Verdict.MATCHED, Verdict.SETTLED}


_VERDICTS = {
    Verdict.MATCHED: lazy_gettext("Matched"),
    Verdict.SETTLED: lazy_gettext("Just settled"),
    Verdict.OPEN: lazy_gettext("Not settled here yet"),
    Verdict.MISSING: lazy_gettext("Missing there"),
    Verdict.UNKNOWN: lazy_gettext("Unknown here"),
    Verdict.DIFFERENT: lazy_gettext("Different"),
}


@dataclass(frozen=True, slots=True)
class Ours:
    """A payout as we know it. ``where`` is the account it went to, empty where the other side does not tell it."""

    payout_id: int
    partner: str
    amount_minor: int
    currency: str
    status: str
    reference: str
    where: str = ""
    is_released: bool = False


@dataclass(frozen=True, slots=True)
class Theirs:
    """A payment as Stripe or the bank knows it; ``payout_id`` is what it names, if anything."""

    name: str
    amount_minor: int
    currency: str
    payout_id: int | None
    text: str = ""
    where: str = ""
    came_back: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One comparison: both sides next to each other, and what to do next."""

    verdict: Verdict
    ours: Ours | None
    theirs: Theirs | None

    def as_json(self) -> dict[str, Any]:
        return {
            "verdict": str(self.verdict),
            "ours": asdict(self.ours) if self.ours else None,
            "theirs": asdict(self.theirs) if self.theirs else None,
        }

    @property
    def next_step(self) -> str:
        """What to do about it, in the reader's language; empty where nothing is left to do."""
        return str(_STEPS.get(self.step, ""))

    @property
    def step(self) -> str:
        """Which of the things to do."""
        if self.verdict is not Verdict.DIFFERENT or self.ours is None or self.theirs is None:
            return str(self.verdict)
        if self.theirs.came_back:
            return "came_back"
        if self.ours.is_released:
            return "given_up"
        is_same = (self.ours.amount_minor, self.ours.currency) == (
            self.theirs.amount_minor,
            self.theirs.currency,
        )
        return "not_here" if is_same and not self._elsewhere else "different"

    @property
    def _elsewhere(self) -> bool:
        here, there = self.ours and self.ours.where, self.theirs and self.theirs.where
        return bool(here and there and here != there)

    @property
    def state(self) -> str:
        return str(self.verdict)

    @property
    def is_good(self) -> bool:
        return self.verdict.is_good

    @property
    def said(self) -> str:
        """One line for a terminal."""
        ours = f"payout {self.ours.payout_id} ({self.ours.status})" if self.ours else "no payout"
        return f"{self.verdict}: {ours}, {self.theirs.name if self.theirs else 'nothing there'}. {self.next_step}"


_STEPS = {
    "missing": lazy_gettext("Ask there what became of it. Until it is found, do not send it again."),
    "unknown_there": lazy_gettext("Find out who ordered it. A backup that was restored may lack its run."),
    "open": lazy_gettext("It was paid: settle it."),
    "different": lazy_gettext(
        "Another sum or account than was ordered. Clear it up there before anything else."
    ),
    "came_back": lazy_gettext("It came back there, but not here. Say on its page that it did not arrive."),
    "given_up": lazy_gettext("Given up here, but paid there. Take it back, or adjust the partner's balance."),
    "not_here": lazy_gettext("Paid there, but not here. Open the payout and look at its attempts."),
}
_OPEN = {"sending", "unknown", "failed", "sent"}
_WORST_FIRST = (
    Verdict.DIFFERENT, Verdict.UNKNOWN, Verdict.MISSING, Verdict.OPEN, Verdict.SETTLED, Verdict.MATCHED,
)  # fmt: skip


def compare(ours: Mapping[int, Ours], theirs: Iterable[Theirs], expected: Iterable[int]) -> list[Finding]:
    """Every payment of theirs against ours, and each of ``expected`` (payouts) that they do not have.

    The worst comes first. A payment that came back is compared with a payout that came back.
    """
    findings, seen = [], set()
    for payment in theirs:
        own = ours.get(payment.payout_id) if payment.payout_id is not None else None
        if own is not None:
            seen.add(own.payout_id)
        findings.append(Finding(_verdict(own, payment), own, payment))
    findings += [
        Finding(Verdict.MISSING, ours[payout_id], None) for payout_id in expected if payout_id not in seen
    ]
    return sorted(findings, key=lambda finding: _WORST_FIRST.index(finding.verdict))


def _verdict(own: Ours | None, payment: Theirs) -> Verdict:
    if own is None:
        return Verdict.UNKNOWN
    same = (payment.amount_minor, payment.currency) == (own.amount_minor, own.currency)
    if not same or (payment.where and own.where and payment.where != own.where):
        return Verdict.DIFFERENT
    if payment.came_back:
        has_come_back = own.status in {"reversed", "failed"} or own.is_released
        return Verdict.MATCHED if has_come_back else Verdict.DIFFERENT
    if own.is_released:
        return Verdict.DIFFERENT
    if own.status == "paid":
        return Verdict.MATCHED
    return Verdict.OPEN if own.status in _OPEN else Verdict.DIFFERENT


def from_json(stored: Mapping[str, Any]) -> Finding:
    """A finding as it was kept."""
    ours = Ours(**stored["ours"]) if stored["ours"] else None
    theirs = Theirs(**stored["theirs"]) if stored["theirs"] else None
    return Finding(Verdict(stored["verdict"]), ours, theirs)
