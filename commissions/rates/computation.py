"""What a sale earns, and for whom: a pure function of a plan version and the set of facts known so far.

:func:`compute` never asks what was posted before. It says what everybody's figure *should* be, and
:func:`postings` turns that into differences. So no order and no repetition of payments, refunds and
chargebacks can change where the figures end.

A line that a split divides is the parts of that split: one entry a share. Any other line is a commission,
worked out by the rule that won it, and rounded by itself. Where the partner billed the customer, the money is
already with the partner: for a split, and for a licence, its one entry is its own part less what it
collected, a negative amount it owes.

The commissions of a sale don't sum to less than 0: what a negative line takes back ends where nothing is left
to take.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import lcm
from typing import Literal, NamedTuple

from commissions.rates import remaining
from commissions.rates.facts import Chargeback, PartnerFacts, Payment, Refund, SaleFacts
from commissions.rates.matching import Award, CapKey, Granted, Matched
from commissions.rates.plan import LICENCE, PlanVersion, Rate, Split
from commissions.rates.proofs import GrantWorking, Proof, ShareWorking, Working, exact_text, proof_of
from core.money import allocate, half_up_ratio

NOTHING_GRANTED: Granted = {}
VENDORS_PART = "Vendor's part"
"""The name of the entry by which a partner owes a licence that it billed and that no rule rewards."""

_NOTHING = Rate("0", 0, 1)


class Beneficiary(NamedTuple):
    """Whose figure it is."""

    type: Literal["partner", "vendor"]
    id: str | None = None


class EntryKey(NamedTuple):
    """What a figure is about: the line (None: the sale), the rule or the split by name, and whose it is."""

    line: int | None
    kind: Literal["commission", "split"]
    name: str
    beneficiary: Beneficiary


@dataclass(frozen=True, slots=True)
class Entry:
    """What one beneficiary should have, all in all, from one line by one rule or split."""

    key: EntryKey
    amount_minor: int
    currency: str
    working: Working

    @property
    def proof(self) -> Proof:
        return proof_of(self.working, self.amount_minor, self.currency)


@dataclass(frozen=True, slots=True)
class Posting:
    """The difference to what was posted before, with its own proof."""

    key: EntryKey
    kind: Literal["commission", "split", "reversal"]
    amount_minor: int
    currency: str
    proof: Proof


@dataclass(frozen=True)
class Computation:
    """What a sale earns as far as is known. ``figures`` holds zeros too: they prove that nothing is (left)
    earned."""

    version: PlanVersion
    sale: SaleFacts
    matched: Matched
    kept: tuple[int, ...]
    figures: tuple[Entry, ...]
    is_held: bool

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """The figures that are something."""
        return tuple(entry for entry in self.figures if entry.amount_minor)

    @cached_property
    def targets(self) -> dict[EntryKey, int]:
        """What each key should sum to; what isn't named should sum to 0."""
        return {entry.key: entry.amount_minor for entry in self.entries}

    @property
    def cap_use(self) -> Mapping[CapKey, int]:
        """What this sale adds to what was granted under each cap, whatever is refunded later."""
        return self.matched.cap_use


def compute(
    version: PlanVersion,
    sale: SaleFacts,
    *,
    payments: Iterable[Payment] = (),
    refunds: Iterable[Refund] = (),
    chargebacks: Iterable[Chargeback] = (),
    granted: Granted = NOTHING_GRANTED,
) -> Computation:
    """What the sale earns under the version, given all that is known.

    ``granted`` is what the sales *before this one* used of each cap (their ``cap_use``). For caps not to
    depend on the order of arrival either, *before* must be an order of the sales themselves: by moment, then
    by id.
    """
    matched = version.matcher.match(sale, granted)
    nets = matched.situation.nets
    chargebacks = tuple(chargebacks)
    back = remaining.money_back(refunds, chargebacks)
    received = remaining.money_in(matched.situation.amount_minor, sale.paid_minor, payments)
    kept = remaining.kept(nets, received, back)
    entries: list[Entry] = []
    if sale.partner is not None and matched.situation.amount_minor >= 0:
        desk = _Desk(version, sale, sale.partner, matched, kept, back.total)
        entries = desk.figures()
    return Computation(
        version, sale, matched, tuple(kept), tuple(entries), remaining.is_contested(chargebacks)
    )


def targets(
    version: PlanVersion,
    sale: SaleFacts,
    payments: Iterable[Payment] = (),
    refunds: Iterable[Refund] = (),
    chargebacks: Iterable[Chargeback] = (),
    granted: Granted = NOTHING_GRANTED,
) -> dict[EntryKey, int]:
    """What each entry of a sale should sum to: a function of the set of facts alone."""
    computation = compute(
        version, sale, payments=payments, refunds=refunds, chargebacks=chargebacks, granted=granted
    )
    return computation.targets


def postings(computation: Computation, posted: Mapping[EntryKey, int]) -> list[Posting]:
    """What is still to be posted, given the sum of what was posted by key.

    A posting that takes back what was granted is a reversal. A key that was posted and is earned no more goes
    to 0.
    """
    result: list[Posting] = []
    for entry in computation.figures:
        before = posted.get(entry.key, 0)
        if entry.amount_minor != before:
            result.append(_posting(entry.key, entry.amount_minor, before, entry.currency, entry.working))
    known = {entry.key for entry in computation.figures}
    for key, before in posted.items():
        if key not in known and before:
            result.append(_posting(key, 0, before, computation.sale.currency, None))
    return result


def first_postings(
    version: PlanVersion,
    sale: SaleFacts,
    *,
    payments: Iterable[Payment] = (),
    refunds: Iterable[Refund] = (),
    chargebacks: Iterable[Chargeback] = (),
    granted: Granted = NOTHING_GRANTED,
) -> list[Posting]:
    """What a new sale posts. Refunds that came before it are reversals of what it grants, so both can be
    seen."""
    payments, refunds, chargebacks = tuple(payments), tuple(refunds), tuple(chargebacks)
    granting = compute(version, sale, payments=payments, granted=granted)
    if not refunds and not chargebacks:
        return postings(granting, {})
    final = compute(
        version, sale, payments=payments, refunds=refunds, chargebacks=chargebacks, granted=granted
    )
    return [*postings(granting, {}), *postings(final, granting.targets)]


def _posting(key: EntryKey, target: int, before: int, currency: str, working: Working | None) -> Posting:
    amount = target - before
    takes_back = before != 0 and (amount < 0) is (before > 0)
    proof = proof_of(working, target, currency, granted_minor=before)
    return Posting(key, "reversal" if takes_back else key.kind, amount, currency, proof)


@dataclass(frozen=True, slots=True)
class _Desk:
    """One sale being worked out."""

    version: PlanVersion
    sale: SaleFacts
    partner: PartnerFacts
    matched: Matched
    kept: list[int]
    back_minor: int

    def figures(self) -> list[Entry]:
        grants = self._not_below_zero([self._granted(award) for award in self.matched.awards])
        if all(split is None for split in self.matched.splits) and self.sale.billed_by == "vendor":
            return grants
        entries: list[Entry] = []
        by_line: dict[int | None, Entry] = {
            entry.key.line: entry for entry in grants if entry.key.line is not None
        }
        for index, split in enumerate(self.matched.splits):
            grant = by_line.get(index)
            if split is not None:
                entries.extend([grant] if grant is not None else [])
                entries.extend(self._shared(index, split))
            elif self.sale.billed_by == "partner" and self.sale.lines[index].kind == LICENCE:
                entries.append(self._owed_for_licence(index, grant))
            elif grant is not None:
                entries.append(grant)
        return [*entries, *(entry for entry in grants if entry.key.line is None)]

    def _granted(self, award: Award) -> Entry:
        nets, line = self.matched.situation.nets, award.line
        kept: int
        of: int | None
        if self.sale.trigger != "sale":
            base, kept, of = 0, 0, None
        else:
            base = nets[line] if line is not None else sum(nets[index] for index in award.covers)
            kept = self.kept[line] if line is not None else sum(self.kept[index] for index in award.covers)
            of = base
            if not base:
                kept, of = self._kept_of_the_sale()
            elif line is None and base < 0:
                kept = 0  # what only takes back is no sale to reward
        facts = self.sale.lines[line] if line is not None else None
        working = GrantWorking(award, facts, base, self.matched.situation.amount_minor, kept, of)
        amount = half_up_ratio(*working.exact)
        key = EntryKey(line, "commission", award.rule.name, self._partner)
        return Entry(key, amount, self.sale.currency, working)

    def _kept_of_the_sale(self) -> tuple[int, int]:
        """The part kept, where a line has no base of its own to measure it by. A free sale is kept until
        taken back."""
        total = self.matched.situation.amount_minor
        if total:
            return sum(self.kept), total
        return (0 if self.back_minor else 1), 1

    def _not_below_zero(self, grants: list[Entry]) -> list[Entry]:
        if all(entry.amount_minor >= 0 for entry in grants):
            return grants
        left = sum(entry.amount_minor for entry in grants if entry.amount_minor > 0)
        result: list[Entry] = []
        for entry in grants:
            if entry.amount_minor >= 0 or not isinstance(entry.working, GrantWorking):
                result.append(entry)
                continue
            amount = max(entry.amount_minor, -left)
            working = replace(entry.working, not_below_minor=-left)
            result.append(replace(entry, amount_minor=amount, working=working))
            left += amount
        return result

    def _shared(self, index: int, split: Split) -> list[Entry]:
        whole = self.kept[index]
        owners = self._owners(split)
        percents = tuple(owners.values())
        parts = allocate(whole, _weights(percents))
        is_with_partner = self.sale.billed_by == "partner"
        entries: list[Entry] = []
        for position, (owner, part) in enumerate(zip(owners, parts, strict=False)):
            collected = whole if is_with_partner and owner == self._partner else 0
            if is_with_partner and owner.type == "vendor":
                continue  # the partner's negative entry holds it
            working = ShareWorking(whole, percents, position, collected)
            entries.append(
                Entry(
                    EntryKey(index, "split", split.name, owner), part - collected, self.sale.currency, working
                )
            )
        return entries

    def _owners(self, split: Split) -> dict[Beneficiary, Rate]:
        """Whose the shares are, the partner's first, so that ties go to it. A recruiter nobody is leaves its
        share."""
        owners: dict[Beneficiary, Rate] = {}
        if self.sale.billed_by == "partner":
            owners[self._partner] = _NOTHING
        for share in split.shares:
            owner = self._owner(share.to)
            if owner is not None:
                owners[owner] = _together(owners[owner], share.percent) if owner in owners else share.percent
        if self._partner in owners:
            owners = {self._partner: owners[self._partner], **owners}
        return owners

    def _owner(self, to: str) -> Beneficiary | None:
        match to:
            case "partner":
                return self._partner
            case "vendor":
                return Beneficiary("vendor")
            case "recruiter":
                recruiter = self.partner.recruiter_id
                return Beneficiary("partner", recruiter) if recruiter is not None else None
            case partner_id:
                return Beneficiary("partner", partner_id)

    def _owed_for_licence(self, index: int, grant: Entry | None) -> Entry:
        """The partner billed the licence: its commission is its own, the rest of the money is the
        vendor's."""
        kept = self.kept[index]
        if grant is not None and isinstance(grant.working, GrantWorking):
            key = EntryKey(index, "split", grant.key.name, self._partner)
            working: Working = replace(grant.working, collected_minor=kept)
            return Entry(key, grant.amount_minor - kept, self.sale.currency, working)
        key = EntryKey(index, "split", VENDORS_PART, self._partner)
        return Entry(key, -kept, self.sale.currency, ShareWorking(kept, (_NOTHING,), 0, kept))

    @property
    def _partner(self) -> Beneficiary:
        return Beneficiary("partner", self.partner.id)


def _weights(percents: tuple[Rate, ...]) -> list[int]:
    """Whole numbers in the proportion of the shares, and of what they leave of 100 % at the end."""
    common = lcm(*(percent.denominator for percent in percents))
    weights = [percent.numerator * (common // percent.denominator) for percent in percents]
    return [*weights, common - sum(weights)]


def _together(first: Rate, second: Rate) -> Rate:
    """Two shares of one owner as one."""
    if not first.numerator:
        return second
    together = (first.share + second.share) * 100
    return Rate.from_text(exact_text(together.numerator, together.denominator))
