"""What stands beside an estimate: totals, licence share, who earns what and when, and how versions differ."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from accounts.access import visitor
from core.money import half_up
from referrals import estimate_changes, estimates, quotes
from referrals.models.deals import Deal, Estimate, EstimateLine, EstimateMilestone
from referrals.models.sales import BilledBy
from referrals.operations.estimates import LineData, MilestoneData, as_line, data_of
from referrals.settings import LICENCE_SHARE

_TENTHS = 10


@dataclass(frozen=True)
class Due:
    """What the customer pays at one milestone; ``partner_minor`` of it the vendor passes on, where that is known."""

    name: str
    amount_minor: int
    partner_minor: int | None
    due_on: date | None
    document: str


@dataclass(frozen=True)
class Figures:
    """Everything the pages say about an estimate's money; ``share`` and ``programme_share`` are per cent."""

    currency: str
    totals: estimates.Totals
    charges: estimates.Charges
    amounts: tuple[int, ...]
    due: tuple[Due, ...]
    programme_share: Decimal
    billed_by: BilledBy
    now: quotes.Quote | None
    again: quotes.Quote | None

    @property
    def share(self) -> Decimal | None:
        """The licence share, rounded to tenths of a per cent."""
        exact = self.totals.licence_share
        return Decimal(half_up(exact * 100 * _TENTHS)) / _TENTHS if exact is not None else None

    @property
    def scale(self) -> Decimal:
        """The end of the gauge: three times the programme's share, or all when there is more."""
        room = self.programme_share * 3
        return Decimal(100) if self.share is not None and self.share > room else min(room, Decimal(100))

    @property
    def due_later_minor(self) -> int:
        """What of the first year no milestone names; negative when they name more than there is."""
        return self.totals.total_minor - sum(one.amount_minor for one in self.due)

    @property
    def services_to_add(self) -> int:
        return self.totals.services_to_add(self.programme_share)

    @property
    def services_beyond(self) -> int:
        """How much more the services are than the programme's share asks for."""
        return max(0, self.totals.services_minor - self.totals.services_needed(self.programme_share))

    @property
    def times_licence(self) -> Fraction:
        """How many times the licence the services are at the programme's share: nine at 10 %."""
        share = Fraction(self.programme_share)
        return (100 - share) / share

    @property
    def times_commission(self) -> Decimal | None:
        """Services over commission, rounded to tenths."""
        if self.now is None:
            return None
        times = estimates.services_to_commission(self.totals.services_minor, self.now.commission_minor)
        return Decimal(half_up(times * _TENTHS)) / _TENTHS if times is not None else None


def figures_of(
    deal: Deal,
    lines: Iterable[LineData],
    *,
    currency: str,
    billed_by: BilledBy,
    milestones: Sequence[MilestoneData | EstimateMilestone] = (),
) -> Figures:
    """Computes everything from the lines that can be counted."""
    typed = tuple(lines)
    counted = [as_line(line) for line in typed]
    first_year = tuple(_quoted(line, one.year_minor) for line, one in zip(typed, counted, strict=True))
    recurring = tuple(
        _quoted(line, one.year_minor) for line, one in zip(typed, counted, strict=True) if one.is_recurring
    )
    sums = estimates.totals(counted)
    now = _quote(deal, first_year, currency, billed_by, "new")
    return Figures(
        currency=currency,
        totals=sums,
        charges=estimates.charges(counted),
        amounts=tuple(one.year_minor for one in counted),
        due=_due(milestones, sums, now if billed_by is BilledBy.VENDOR else None),
        programme_share=LICENCE_SHARE.value(),
        billed_by=billed_by,
        now=now,
        again=_quote(deal, recurring, currency, billed_by, "renewal"),
    )


def figures_of_version(deal: Deal, version: Estimate) -> Figures:
    """The same of a version that was saved."""
    data = data_of(version)
    return figures_of(
        deal,
        data.lines,
        currency=data.currency,
        billed_by=data.billed_by,
        milestones=data.milestones,
    )


def _due(
    milestones: Sequence[MilestoneData | EstimateMilestone],
    sums: estimates.Totals,
    quote: quotes.Quote | None,
) -> tuple[Due, ...]:
    """The milestones; of a project that the vendor bills with the partner's share of the services, in proportion."""
    planned = sum(one.amount_minor for one in milestones)
    share: Fraction | None = None
    if quote is not None and 0 < planned <= sums.services_minor:
        share = Fraction(quote.partner_minor - quote.commission_minor, sums.services_minor)
    return tuple(
        Due(
            one.name,
            one.amount_minor,
            half_up(share * one.amount_minor) if share is not None else None,
            one.due_on,
            one.document,
        )
        for one in milestones
    )


@dataclass(frozen=True)
class VersionChanges:
    """How a version differs from an earlier one."""

    lines: list[estimate_changes.Change[EstimateLine]]
    milestones: list[estimate_changes.Change[EstimateMilestone]]
    total_minor: int | None
    """How much more the newer one comes to; ``None`` between two currencies."""

    def __bool__(self) -> bool:
        return bool(self.lines or self.milestones)


def changes_between(before: Estimate, after: Estimate) -> VersionChanges:
    """What was added, removed or changed from one version to another."""
    return VersionChanges(
        estimate_changes.line_changes(before.lines, after.lines),
        estimate_changes.milestone_changes(before.milestones, after.milestones),
        after.total_minor - before.total_minor if before.currency == after.currency else None,
    )


def _quoted(line: LineData, net_minor: int) -> quotes.QuotedLine:
    return quotes.QuotedLine.of(line.kind.value, line.product, line.quantity, net_minor)


def _quote(
    deal: Deal,
    lines: tuple[quotes.QuotedLine, ...],
    currency: str,
    billed_by: BilledBy,
    sale_type: quotes.SaleKind,
) -> quotes.Quote | None:
    return quotes.quote(
        quotes.Inquiry(
            partner=deal.partner,
            lines=lines,
            currency=currency,
            billed_by=billed_by.value,
            customer=deal.customer,
            country=deal.country,
            sale_type=sale_type,
            origin=deal.origin.value,
            reader="vendor" if (person := visitor()) is not None and person.is_staff else "partner",
        )
    )
