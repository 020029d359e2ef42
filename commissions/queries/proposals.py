"""What a payout run in one currency would hold if it were proposed now: who is paid, who is left out and why."""

import hashlib
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from commissions.models import Entry, PayoutMethod, PayoutProfile
from commissions.models.profiles import said_destination
from commissions.queries.earnings import held_by_a_flag, payable_entries
from commissions.queries.vat import NO_VAT, LineVat, partners_with_vat, services_within, vat_of_lines
from commissions.settings import FOREIGN_FEE, MINIMUM_PAYOUT, SET_OFF_SHARE, STRIPE_FEE
from commissions.taxes import Parts, payout_parts
from core import clock
from core.database import session
from core.i18n import lazy_gettext
from partners.models import PAID, Partner, PartnerStatus
from partners.queries import partners_with_valid_agreement


class Reason(StrEnum):
    """Why a partner is not in a run."""

    NO_AGREEMENT = "no_agreement"
    NOT_ACTIVE = "not_active"
    NO_PROFILE = "no_profile"
    INCOMPLETE = "incomplete"
    RESTS = "rests"
    NOT_EURO = "not_euro"
    NOT_ROUBLE = "not_rouble"
    BELOW_MINIMUM = "below_minimum"
    OWES = "owes"
    FLAGGED = "flagged"
    MILESTONE = "milestone"
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
            Reason.NOT_ROUBLE,
        }


_REASONS = {
    Reason.NO_AGREEMENT: lazy_gettext("The agreement in force is not accepted"),
    Reason.NOT_ACTIVE: lazy_gettext("The partner is suspended"),
    Reason.NO_PROFILE: lazy_gettext("No payout details yet"),
    Reason.INCOMPLETE: lazy_gettext("Payout details are incomplete"),
    Reason.RESTS: lazy_gettext("Payout details changed a few days ago"),
    Reason.NOT_EURO: lazy_gettext("SEPA pays euros only"),
    Reason.NOT_ROUBLE: lazy_gettext("A Russian bank is paid roubles only"),
    Reason.BELOW_MINIMUM: lazy_gettext("Below the least that is paid out"),
    Reason.OWES: lazy_gettext("Nothing is owed after set-off"),
    Reason.FLAGGED: lazy_gettext("A dispute or chargeback is open"),
    Reason.MILESTONE: lazy_gettext("A milestone of the project is not accepted or paid yet"),
    Reason.BY_HAND: lazy_gettext("Left out by hand"),
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """One partner's part of a run to be. ``deferred_minor`` is beyond the share for one payout, and set off later.

    Its lines are two arrays beside each other, so that a plan over a million lines stays small.
    """

    partner_id: int
    partner: str
    method: PayoutMethod
    destination: dict[str, Any]
    entry_ids: "array[int]"
    amounts: "array[int]"
    amount_minor: int
    set_off_minor: int
    deferred_minor: int
    parts: Parts
    #: The rate and VAT of each line that has any.
    vat: Mapping[int, LineVat]

    @property
    def said_destination(self) -> str:
        """Where it goes, fit for a page."""
        return said_destination(self.method, self.destination)

    @property
    def lines(self) -> Iterable[tuple[int, int, int, int]]:
        """(entry id, amount, rate of VAT, VAT) of each."""
        for entry_id, amount in zip(self.entry_ids, self.amounts, strict=True):
            yield entry_id, amount, *self.vat.get(entry_id, NO_VAT)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One partner with a balance that stays, and every reason for it."""

    partner_id: int
    partner: str
    amount_minor: int
    reasons: tuple[Reason, ...]

    @property
    def is_blocked(self) -> bool:
        """Whether somebody must do something before this partner can be paid."""
        return any(reason.blocks for reason in self.reasons)

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
        kept = tuple(candidate for candidate in self.candidates if candidate.partner_id not in by_hand)
        gone = tuple(
            LeftOut(candidate.partner_id, candidate.partner, candidate.amount_minor, (Reason.BY_HAND,))
            for candidate in self.candidates
            if candidate.partner_id in by_hand
        )
        return Proposal(self.currency, self.as_of, kept, (*gone, *self.left_out))

    @property
    def total_minor(self) -> int:
        return sum(candidate.amount_minor for candidate in self.candidates)

    @property
    def line_count(self) -> int:
        return sum(len(candidate.entry_ids) for candidate in self.candidates)

    @property
    def set_off_minor(self) -> int:
        return sum(candidate.set_off_minor for candidate in self.candidates)

    @property
    def digest(self) -> str:
        digest = hashlib.sha256(self.currency.encode())
        for candidate in self.candidates:
            digest.update(
                f"{candidate.partner_id}:{candidate.amount_minor}:{len(candidate.entry_ids)}:{candidate.parts.vat_minor}".encode()
            )
            digest.update(candidate.entry_ids.tobytes())
            digest.update(candidate.amounts.tobytes())
        return digest.hexdigest()


def proposal(currency: str) -> Proposal:
    """Everything payable in ``currency`` at this moment, by partner, in a handful of queries whatever the number."""
    as_of = clock.now()
    lines = _payable_lines(currency, as_of)
    flagged = {
        partner_id: (int(total), Reason.FLAGGED if disputed else Reason.MILESTONE)
        for partner_id, total, disputed in session.execute(held_by_a_flag(currency, as_of))
    }
    terms = _Terms.in_force(currency)
    vat, services = _vat(lines), _taxed_services(lines)
    candidates, left_out = [], []
    for partner_id, name, status, has_agreed, profile in _people(currency, as_of):
        if partner_id not in lines:
            if partner_id in flagged:
                total, reason = flagged[partner_id]
                left_out.append(LeftOut(partner_id, name, total, (reason,)))
            continue
        entry_ids, amounts = lines[partner_id]
        amount, set_off, deferred = terms.set_off(amounts)
        taxed = vat.get(partner_id, {})
        parts = terms.parts(
            amount, services.get(partner_id, 0), sum(line.vat_minor for line in taxed.values()), profile
        )
        reasons = _reasons(status, has_agreed, profile, parts, terms)
        if reasons:
            left_out.append(LeftOut(partner_id, name, sum(amounts), tuple(reasons)))
        else:
            candidates.append(
                Candidate(
                    partner_id, name, profile.method, profile.destination, entry_ids, amounts,
                    amount, set_off, deferred, parts, taxed,
                )
            )  # fmt: skip
    left_out.sort(key=lambda left: (not left.is_blocked, -left.amount_minor, left.partner))
    return Proposal(currency, as_of, tuple(candidates), tuple(left_out))


# How many rows are taken from the database at a time.
_BATCH = 1000


def _payable_lines(currency: str, as_of: datetime) -> dict[int, tuple["array[int]", "array[int]"]]:
    """partner → (ids, amounts) of its payable lines, in the order of their ids."""
    rows = session.execute(payable_entries(currency, as_of).execution_options(yield_per=_BATCH))
    found: dict[int, tuple[array[int], array[int]]] = {}
    for entry_id, partner_id, amount, _kind in rows:
        ids, amounts = found.setdefault(partner_id, (array("q"), array("q")))
        ids.append(entry_id)
        amounts.append(amount)
    return found


def _vat(lines: Mapping[int, tuple["array[int]", "array[int]"]]) -> dict[int, dict[int, LineVat]]:
    """partner → (line → its rate and VAT), of those alone who can have any, some thousand lines at a time."""
    found: dict[int, dict[int, LineVat]] = {}
    rates = sa.select(PayoutProfile).where(PayoutProfile.partner_id.in_(partners_with_vat()))
    waiting: dict[int, int] = {}
    whose: dict[int, int] = {}

    def work_out() -> None:
        for entry_id, taxed in vat_of_lines(waiting).items():
            if taxed != NO_VAT:
                found.setdefault(whose[entry_id], {})[entry_id] = taxed
        waiting.clear()
        whose.clear()

    for profile in session.scalars(rates.order_by(PayoutProfile.partner_id)).all():
        for entry_id in lines.get(profile.partner_id, ((), ()))[0]:
            waiting[entry_id], whose[entry_id] = profile.paid_vat_bp, profile.partner_id
        if len(waiting) >= _BATCH:
            work_out()
    work_out()
    return found


def _taxed_services(lines: Mapping[int, tuple["array[int]", "array[int]"]]) -> dict[int, int]:
    """partner → the services among its lines, of those alone from whom tax is withheld, a thousand lines at a time."""
    found: dict[int, int] = {}
    waiting: dict[int, int] = {}
    whose: dict[int, int] = {}

    def work_out() -> None:
        for entry_id, amount in services_within(waiting).items():
            found[whose[entry_id]] = found.get(whose[entry_id], 0) + amount
        waiting.clear()
        whose.clear()

    taxed = sa.select(PayoutProfile.partner_id).where(PayoutProfile.withholding_bp > 0)
    for partner_id in session.scalars(taxed.order_by(PayoutProfile.partner_id)).all():
        for entry_id, amount in zip(*lines.get(partner_id, ((), ())), strict=True):
            waiting[entry_id], whose[entry_id] = amount, partner_id
        if len(waiting) >= _BATCH:
            work_out()
    work_out()
    return found


def _people(currency: str, as_of: datetime) -> Iterable[Any]:
    """(partner, name, status, whether it agreed, profile) of all with something due or flagged, by partner."""
    due = sa.union(
        payable_entries(currency, as_of).order_by(None).with_only_columns(Entry.partner_id),
        held_by_a_flag(currency, as_of).with_only_columns(Entry.partner_id),
    )
    # Who has left is bound by what it signed.
    agreed = sa.or_(
        Partner.status == PartnerStatus.TERMINATED, Partner.id.in_(partners_with_valid_agreement())
    )
    return session.execute(
        sa.select(Partner.id, Partner.name, Partner.status, agreed, PayoutProfile)
        .outerjoin(PayoutProfile, PayoutProfile.partner_id == Partner.id)
        .where(Partner.id.in_(due))
        .order_by(Partner.id)
        .execution_options(yield_per=_BATCH)
    )


@dataclass(frozen=True, slots=True)
class _Terms:
    """What the programme's settings say about payouts, read once."""

    currency: str
    share: int
    minimum_minor: int
    fees: Mapping[PayoutMethod, int]

    @classmethod
    def in_force(cls, currency: str) -> "_Terms":
        fees = {PayoutMethod.FOREIGN: FOREIGN_FEE.value(), PayoutMethod.STRIPE: STRIPE_FEE.value()}
        return cls(currency, SET_OFF_SHARE.value(), MINIMUM_PAYOUT.value(), fees)

    def set_off(self, amounts: Iterable[int]) -> tuple[int, int, int]:
        """(what is paid, what negative lines take off, what is left of them for later).

        They take off at most the share of one payout that the programme allows.
        """
        earned = owed_back = 0
        for amount in amounts:
            if amount > 0:
                earned += amount
            else:
                owed_back -= amount
        taken = min(owed_back, earned * self.share // 100) if self.share < 100 else owed_back
        return earned - taken, taken, owed_back - taken

    def parts(
        self, amount_minor: int, services_minor: int, vat_minor: int, profile: PayoutProfile | None
    ) -> Parts:
        if profile is None:
            return Parts(amount_minor)
        return payout_parts(
            amount_minor,
            services_minor=services_minor,
            vat_minor=vat_minor,
            withholding_bp=profile.withholding_bp,
            fee_minor=self.fees.get(profile.method, 0),
        )


def _reasons(
    status: PartnerStatus, has_agreed: bool, profile: PayoutProfile | None, parts: Parts, terms: _Terms
) -> list[Reason]:
    reasons = []
    if status not in PAID:
        reasons.append(Reason.NOT_ACTIVE)
    if not has_agreed:
        reasons.append(Reason.NO_AGREEMENT)
    if profile is None:
        reasons.append(Reason.NO_PROFILE)
    elif profile.missing:
        reasons.append(Reason.INCOMPLETE)
    elif profile.rests:
        reasons.append(Reason.RESTS)
    if profile is not None and profile.method.currency not in {None, terms.currency}:
        reasons.append(Reason.NOT_EURO if profile.method is PayoutMethod.SEPA else Reason.NOT_ROUBLE)
    if parts.amount_minor <= 0:
        reasons.append(Reason.OWES)
    elif parts.net_minor <= 0 or (
        # The last payout of a firm that has left is as small as it is.
        parts.amount_minor < terms.minimum_minor and status is not PartnerStatus.TERMINATED
    ):
        reasons.append(Reason.BELOW_MINIMUM)
    return reasons
