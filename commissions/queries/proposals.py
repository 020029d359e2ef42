"""What a payout run in one currency would hold if it were proposed now: who is paid, who is left out and why."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from commissions.models import Entry, EntryKind, PayoutMethod, PayoutProfile, PayoutRun
from commissions.queries.earnings import held_by_a_flag, payable_entries
from commissions.queries.payouts import lines_of_run, usual_payouts
from commissions.settings import MINIMUM_PAYOUT, SET_OFF_SHARE
from core import clock
from core.database import session
from core.i18n import gettext as _
from core.i18n import lazy_gettext
from partners.models import Partner, PartnerStatus
from partners.queries import partners_with_valid_agreement


class Reason(StrEnum):
    """Why a partner is not in a run."""

    NO_AGREEMENT = "no_agreement"
    NOT_ACTIVE = "not_active"
    NO_PROFILE = "no_profile"
    INCOMPLETE = "incomplete"
    RESTS = "rests"
    NOT_EURO = "not_euro"
    BELOW_MINIMUM = "below_minimum"
    OWES = "owes"
    FLAGGED = "flagged"
    BY_HAND = "by_hand"

    @property
    def label(self) -> Any:
        return _REASONS[self]

    @property
    def blocks(self) -> bool:
        """Whether somebody must do something, rather than just wait."""
        return self in {
            Reason.NO_AGREEMENT,
            Reason.NOT_ACTIVE,
            Reason.NO_PROFILE,
            Reason.INCOMPLETE,
            Reason.NOT_EURO,
        }


_REASONS = {
    Reason.NO_AGREEMENT: lazy_gettext("The agreement in force is not accepted"),
    Reason.NOT_ACTIVE: lazy_gettext("The partner is suspended or has left"),
    Reason.NO_PROFILE: lazy_gettext("No payout details yet"),
    Reason.INCOMPLETE: lazy_gettext("Payout details are incomplete"),
    Reason.RESTS: lazy_gettext("Payout details changed a few days ago"),
    Reason.NOT_EURO: lazy_gettext("SEPA pays euros only"),
    Reason.BELOW_MINIMUM: lazy_gettext("Below the least that is paid out"),
    Reason.OWES: lazy_gettext("Nothing is owed after set-off"),
    Reason.FLAGGED: lazy_gettext("A dispute or chargeback is open"),
    Reason.BY_HAND: lazy_gettext("Left out by hand"),
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """One partner's part of a run to be. ``deferred_minor`` is beyond the share for one payout, and set off later."""

    partner: Partner
    profile: PayoutProfile
    lines: tuple[tuple[int, int], ...]
    amount_minor: int
    set_off_minor: int
    deferred_minor: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One partner with a balance that stays, and every reason for it."""

    partner_id: int
    partner: str
    amount_minor: int
    reasons: tuple[Reason, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "partner_id": self.partner_id,
            "partner": self.partner,
            "amount_minor": self.amount_minor,
            "reasons": [str(reason) for reason in self.reasons],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "LeftOut":
        reasons = tuple(Reason(reason) for reason in stored["reasons"])
        return cls(stored["partner_id"], stored["partner"], stored["amount_minor"], reasons)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A run to be. ``digest`` changes with any line in it."""

    currency: str
    as_of: datetime
    candidates: tuple[Candidate, ...]
    left_out: tuple[LeftOut, ...]

    def without(self, partner_ids: Iterable[int]) -> "Proposal":
        """The same, with these partners left out by hand."""
        by_hand = set(partner_ids)
        kept = tuple(candidate for candidate in self.candidates if candidate.partner.id not in by_hand)
        gone = tuple(
            LeftOut(candidate.partner.id, candidate.partner.name, candidate.amount_minor, (Reason.BY_HAND,))
            for candidate in self.candidates
            if candidate.partner.id in by_hand
        )
        return Proposal(self.currency, self.as_of, kept, (*gone, *self.left_out))

    @property
    def total_minor(self) -> int:
        return sum(candidate.amount_minor for candidate in self.candidates)

    @property
    def line_count(self) -> int:
        return sum(len(candidate.lines) for candidate in self.candidates)

    @property
    def set_off_minor(self) -> int:
        return sum(candidate.set_off_minor for candidate in self.candidates)

    @property
    def digest(self) -> str:
        content = [
            [candidate.partner.id, candidate.amount_minor, list(candidate.lines)]
            for candidate in self.candidates
        ]
        return hashlib.sha256(json.dumps([self.currency, content]).encode()).hexdigest()


def proposal(currency: str) -> Proposal:
    """Everything payable in ``currency`` at this moment, by partner, in a handful of queries whatever the number."""
    as_of = clock.now()
    lines: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for entry_id, partner_id, amount, _kind in session.execute(payable_entries(currency, as_of)):
        lines[partner_id].append((entry_id, amount))
    flagged = {
        partner_id: int(total) for partner_id, total in session.execute(held_by_a_flag(currency, as_of))
    }
    ids = sorted({*lines, *flagged})
    partners = _by_id(Partner, Partner.id, ids)
    profiles = _by_id(PayoutProfile, PayoutProfile.partner_id, ids)
    agreed = set(session.scalars(partners_with_valid_agreement()))
    candidates, left_out = [], []
    for partner_id in ids:
        partner, profile = partners[partner_id], profiles.get(partner_id)
        candidate = _candidate(partner, profile, lines[partner_id])
        amount = sum(amount for _entry_id, amount in lines[partner_id])
        reasons = _reasons(partner, profile, currency, candidate.amount_minor, partner_id in agreed)
        if not lines[partner_id]:
            reasons, amount = [Reason.FLAGGED], flagged[partner_id]
        if reasons:
            left_out.append(LeftOut(partner_id, partner.name, amount, tuple(reasons)))
        else:
            candidates.append(candidate)
    left_out.sort(key=lambda left: (-left.amount_minor, left.partner))
    return Proposal(currency, as_of, tuple(candidates), tuple(left_out))


def _by_id(model: Any, column: Any, ids: Sequence[int]) -> dict[int, Any]:
    found: dict[int, Any] = {}
    for start in range(0, len(ids), 500):
        query = sa.select(model).where(column.in_(ids[start : start + 500]))
        found.update((getattr(row, column.key), row) for row in session.scalars(query))
    return found


def _candidate(partner: Partner, profile: Any, lines: list[tuple[int, int]]) -> Candidate:
    """What negative lines take off, at most the share of one payout that the programme allows."""
    earned = sum(amount for _entry_id, amount in lines if amount > 0)
    owed_back = -sum(amount for _entry_id, amount in lines if amount < 0)
    at_most = earned * SET_OFF_SHARE.value() // 100
    set_off = min(owed_back, at_most) if SET_OFF_SHARE.value() < 100 else owed_back
    return Candidate(partner, profile, tuple(lines), earned - set_off, set_off, owed_back - set_off)


def _reasons(
    partner: Partner, profile: PayoutProfile | None, currency: str, amount: int, has_agreed: bool
) -> list[Reason]:
    reasons = []
    if partner.status is not PartnerStatus.ACTIVE:
        reasons.append(Reason.NOT_ACTIVE)
    if not has_agreed:
        reasons.append(Reason.NO_AGREEMENT)
    if profile is None:
        reasons.append(Reason.NO_PROFILE)
    elif profile.missing:
        reasons.append(Reason.INCOMPLETE)
    elif profile.rests:
        reasons.append(Reason.RESTS)
    if profile is not None and profile.method is PayoutMethod.SEPA and currency != "EUR":
        reasons.append(Reason.NOT_EURO)
    if amount <= 0:
        reasons.append(Reason.OWES)
    elif amount < MINIMUM_PAYOUT.value():
        reasons.append(Reason.BELOW_MINIMUM)
    return reasons


@dataclass(slots=True)
class Look:
    """One partner whose part of a run differs from what is usual for it, and in which way."""

    partner: Partner
    amount_minor: int
    usual_minor: int | None
    remarks: list[str] = field(default_factory=list)


def unusual(
    currency: str,
    parts: Sequence[tuple[Partner, int]],
    lines: Iterable[tuple[int, Any]],
    run_id: int | None = None,
) -> list[Look]:
    """Those of ``parts`` (partner, amount) to look at first, the largest difference on top.

    ``lines`` are (partner id, entry). Unusual is: a first payout, twice or half of the mean of the last six, one sale
    that makes 80 %, details changed within 30 days, anything entered by hand.
    """
    ids = [partner.id for partner, _amount in parts]
    usual = usual_payouts(currency, ids, before_run=run_id)
    by_sale: dict[int, dict[int | None, int]] = defaultdict(lambda: defaultdict(int))
    by_hand: dict[int, int] = defaultdict(int)
    for partner_id, entry in lines:
        by_sale[partner_id][entry.sale_id] += entry.amount_minor
        if entry.kind in {EntryKind.BONUS, EntryKind.ADJUSTMENT}:
            by_hand[partner_id] += entry.amount_minor
    profiles = _by_id(PayoutProfile, PayoutProfile.partner_id, ids)
    looks = []
    for partner, amount in parts:
        look = Look(partner, amount, usual.get(partner.id))
        look.remarks = list(
            _remarks(look, by_sale[partner.id], by_hand.get(partner.id), profiles.get(partner.id))
        )
        if look.remarks:
            looks.append(look)
    return sorted(looks, key=lambda look: -abs(look.amount_minor - (look.usual_minor or 0)))


def _remarks(
    look: Look, by_sale: Mapping[int | None, int], by_hand: int | None, profile: PayoutProfile | None
) -> Iterable[str]:
    if look.usual_minor is None:
        yield _("First payout")
    elif look.amount_minor >= 2 * look.usual_minor:
        yield _("At least twice its usual")
    elif 2 * look.amount_minor <= look.usual_minor:
        yield _("At most half of its usual")
    sales = [amount for sale, amount in by_sale.items() if sale is not None]
    if len(by_sale) > 1 and sales and max(sales) * 5 >= look.amount_minor * 4:
        share = min(100, max(sales) * 100 // look.amount_minor)
        yield _("One sale is %(share)s %% of it", share=share)
    if profile is not None and profile.changed_at > clock.now() - timedelta(days=30):
        days = (clock.now() - profile.changed_at).days
        yield _("Payout details changed %(days)s days ago", days=days)
    if by_hand:
        yield _("Something was entered by hand")


def unusual_in_run(run: PayoutRun) -> list[Look]:
    """The payouts of a run to look at first."""
    parts: dict[int, tuple[Partner, int]] = {}
    lines: list[tuple[int, Entry]] = []
    for entry, payout in session.execute(lines_of_run(run)):
        parts[payout.partner_id] = (payout.partner, payout.amount_minor)
        lines.append((payout.partner_id, entry))
    return unusual(run.currency, list(parts.values()), lines, run_id=run.id)


def unusual_in_proposal(planned: Proposal) -> list[Look]:
    """The parts of a run to be that somebody should look at first."""
    ids = [entry_id for candidate in planned.candidates for entry_id, _amount in candidate.lines]
    entries = _by_id(Entry, Entry.id, ids)
    lines = [
        (candidate.partner.id, entries[entry_id])
        for candidate in planned.candidates
        for entry_id, _amount in candidate.lines
    ]
    parts = [(candidate.partner, candidate.amount_minor) for candidate in planned.candidates]
    return unusual(planned.currency, parts, lines)
