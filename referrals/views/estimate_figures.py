"""What stands beside an estimate: the totals, the licence share, and who earns what, now and at renewal."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from core.money import half_up
from referrals import estimates, quotes
from referrals.models.deals import Deal, EstimateLine
from referrals.models.sales import BilledBy
from referrals.operations.deals import LineData
from referrals.settings import LICENCE_SHARE

_TENTHS = 10


@dataclass(frozen=True)
class Figures:
    """Everything the pages say about an estimate's money; ``share`` and ``programme_share`` are per cent."""

    currency: str
    totals: estimates.Totals
    amounts: tuple[int, ...]
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


def as_line(line: LineData | EstimateLine) -> estimates.Line:
    """A line, typed or stored, as the computation takes it."""
    return estimates.Line(
        line.kind.value, line.quantity, line.unit_price_minor, line.discount_percent, line.recurring.value
    )


def figures_of(deal: Deal, lines: Iterable[LineData], *, currency: str, billed_by: BilledBy) -> Figures:
    """Computes everything from the lines that can be counted."""
    typed = tuple(lines)
    counted = [as_line(line) for line in typed]
    first_year = tuple(_quoted(line, one.year_minor) for line, one in zip(typed, counted, strict=True))
    recurring = tuple(
        _quoted(line, one.year_minor) for line, one in zip(typed, counted, strict=True) if one.is_recurring
    )
    return Figures(
        currency=currency,
        totals=estimates.totals(counted),
        amounts=tuple(one.year_minor for one in counted),
        programme_share=LICENCE_SHARE.value(),
        billed_by=billed_by,
        now=_quote(deal, first_year, currency, billed_by, "new"),
        again=_quote(deal, recurring, currency, billed_by, "renewal"),
    )


def _quoted(line: LineData, net_minor: int) -> quotes.QuotedLine:
    whole = line.quantity == line.quantity.to_integral_value()
    return quotes.QuotedLine(line.kind.value, line.product, int(line.quantity) if whole else 1, net_minor)


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
        )
    )
