"""What is unusual about a payout run, for whoever looks at it: what waits for a decision, then what differs most."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from commissions.models import Entry, EntryHold, EntryKind, Payout, PayoutLine, PayoutProfile, PayoutRun
from commissions.queries.earnings import payable_entries
from commissions.queries.payouts import usual_payouts
from commissions.queries.proposals import Proposal
from core import clock
from core.database import session
from core.i18n import gettext as _
from core.i18n import ngettext
from partners.models import Partner

# More than this nobody reads; the rest is counted.
MOST_LOOKS = 25
_LATELY = timedelta(days=30)
_NOTHING_HELD: Mapping[int, Set[str]] = {}


@dataclass(slots=True)
class Look:
    """One partner whose part of a run differs from what is usual for it, and in which way."""

    partner: Partner
    amount_minor: int
    usual_minor: int | None
    remarks: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Looks:
    """Those to look at first, and how many there are in all."""

    first: list[Look]
    number: int


@dataclass(frozen=True, slots=True)
class MadeOf:
    """By partner: (its largest sum of one sale, how many sources there are), and what was entered by hand."""

    largest_sale: Mapping[int, tuple[int, int]]
    by_hand: Mapping[int, int]


def unusual_in_run(run: PayoutRun) -> Looks:
    """The payouts of a run to look at first."""
    rows = session.execute(sa.select(Payout.partner_id, Payout.amount_minor).where(Payout.run_id == run.id))
    lines = (
        sa.select(Payout.partner_id, Entry.sale_id, Entry.kind, Entry.cause, PayoutLine.amount_minor)
        .join(PayoutLine, PayoutLine.payout_id == Payout.id)
        .join(Entry, Entry.id == PayoutLine.entry_id)
        .where(Payout.run_id == run.id)
    )
    amounts = {row.partner_id: row.amount_minor for row in rows}
    usual = usual_payouts(run.currency, before_run=run.id)
    return _unusual(amounts, usual, _made_of(lines), _held_since(run))


def _held_since(run: PayoutRun) -> dict[int, set[str]]:
    """partner → why lines of its payout wait now; none did when they were frozen into the run."""
    rows = session.execute(
        sa.select(Payout.partner_id, EntryHold.reason)
        .join(PayoutLine, PayoutLine.payout_id == Payout.id)
        .join(EntryHold, EntryHold.entry_id == PayoutLine.entry_id)
        .where(Payout.run_id == run.id, PayoutLine.released_at.is_(None), EntryHold.lifted_at.is_(None))
        .distinct()
    )
    found: dict[int, set[str]] = {}
    for partner_id, reason in rows:
        found.setdefault(partner_id, set()).add(reason)
    return found


def unusual_in_proposal(planned: Proposal) -> Looks:
    """The parts of a run to be that somebody should look at first."""
    amounts = {candidate.partner_id: candidate.amount_minor for candidate in planned.candidates}
    payable = payable_entries(planned.currency, planned.as_of).order_by(None).subquery()
    lines = sa.select(payable.c.partner_id, Entry.sale_id, Entry.kind, Entry.cause, Entry.amount_minor).join(
        Entry, Entry.id == payable.c.id
    )
    return _unusual(amounts, usual_payouts(planned.currency), _made_of(lines))


def _unusual(
    amounts: Mapping[int, int],
    usual: Mapping[int, int],
    made_of: MadeOf,
    held: Mapping[int, Set[str]] = _NOTHING_HELD,
) -> Looks:
    """Those of ``amounts`` (partner → sum) that differ from what is usual.

    Unusual is: a line that waits for a decision since it was frozen, a first payout, twice or half of the mean of the
    last six, one sale that makes 80 %, details changed within 30 days, anything entered by hand.
    """
    lately = clock.now() - _LATELY
    changed = {
        partner_id: (clock.now() - changed_at).days
        for partner_id, changed_at in session.execute(
            sa.select(PayoutProfile.partner_id, PayoutProfile.changed_at).where(
                PayoutProfile.changed_at > lately
            )
        )
    }

    def remarks_on(partner_id: int) -> list[str]:
        largest, sources = made_of.largest_sale.get(partner_id, (0, 0))
        return list(
            _remarks(
                amounts[partner_id],
                usual.get(partner_id),
                largest if sources > 1 else 0,
                partner_id in made_of.by_hand,
                changed.get(partner_id),
                held.get(partner_id, set()),
            )
        )

    def difference(partner_id: int) -> tuple[bool, int, int]:
        return partner_id not in held, -abs(amounts[partner_id] - usual.get(partner_id, 0)), partner_id

    found = sorted((partner_id for partner_id in amounts if remarks_on(partner_id)), key=difference)
    first = found[:MOST_LOOKS]
    partners = {
        partner.id: partner for partner in session.scalars(sa.select(Partner).where(Partner.id.in_(first)))
    }
    looks = [
        Look(partners[partner_id], amounts[partner_id], usual.get(partner_id), remarks_on(partner_id))
        for partner_id in first
    ]
    return Looks(looks, len(found))


def _made_of(lines: sa.Select[*tuple[Any, ...]]) -> MadeOf:
    """Summed in the database: ``lines`` select partner id, sale id, kind, cause, amount."""
    line = lines.subquery()
    by_sale = (
        sa.select(line.c.partner_id, line.c.sale_id, sa.func.sum(line.c.amount_minor).label("total"))
        .group_by(line.c.partner_id, line.c.sale_id)
        .subquery()
    )
    of_sales = sa.case((by_sale.c.sale_id.is_not(None), by_sale.c.total))
    largest = session.execute(
        sa.select(
            by_sale.c.partner_id, sa.cast(sa.func.max(of_sales), sa.BigInteger), sa.func.count()
        ).group_by(by_sale.c.partner_id)
    )
    by_hand = session.execute(
        sa.select(line.c.partner_id, sa.cast(sa.func.sum(line.c.amount_minor), sa.BigInteger))
        .where(
            sa.or_(
                line.c.kind.in_((EntryKind.BONUS, EntryKind.ADJUSTMENT)),
                line.c.cause.startswith("by-hand:", autoescape=True),
            )
        )
        .group_by(line.c.partner_id)
    )
    return MadeOf(
        {partner_id: (int(most or 0), int(count)) for partner_id, most, count in largest},
        {partner_id: int(total) for partner_id, total in by_hand},
    )


def _remarks(
    amount: int,
    usual: int | None,
    largest_sale: int,
    by_hand: bool,
    changed_days_ago: int | None,
    held: Set[str],
) -> Iterable[str]:
    if "chargeback" in held:
        yield _("A customer's bank is looking into a payment")
    if "dispute" in held:
        yield _("The partner disputes a line")
    if "milestone" in held:
        yield _("A milestone is open again")
    if usual is None:
        yield _("First payout")
    elif amount >= 2 * usual:
        yield _("At least twice its usual")
    elif 2 * amount <= usual:
        yield _("At most half of its usual")
    if largest_sale * 5 >= amount * 4:
        yield _("One sale is %(share)s %% of it", share=min(100, largest_sale * 100 // amount))
    if changed_days_ago == 0:
        yield _("Payout details changed today")
    elif changed_days_ago is not None:
        yield ngettext(
            "Payout details changed %(num)s day ago",
            "Payout details changed %(num)s days ago",
            changed_days_ago,
        )
    if by_hand:
        yield _("Something was entered by hand")
