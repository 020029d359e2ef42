"""What a partner would earn month by month, computed by a plan version and nothing else.

Deals and renewals are whole customers, one sale each, and every sale goes through ``rates.compute`` like a real one,
caps included. So a figure here is what the same sales would really post. It is a computation, not a promise: how many
deals there are is the reader's own assumption.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from commissions.rates import (
    LICENCE,
    Beneficiary,
    CapKey,
    Computation,
    CustomerFacts,
    LineFacts,
    Pair,
    PartnerFacts,
    PlanVersion,
    Proof,
    SaleFacts,
    add_months,
    compute,
)

MONTHS = 24
SOMEBODY = "0"
"""The partner of a computation that is for nobody in particular."""

SERVICE = "implementation"
"""The kind of the services in the computation."""

OWN_SERVICES = ""
"""The name of the row of services that the partner bills itself: no rule, all of it its own."""

Biller = Literal["partner", "vendor"]


@dataclass(frozen=True)
class Assumptions:
    """What the reader supposes. Amounts are in the plan's currency; renewals in per cent of customers."""

    deals_a_month: Decimal
    licence_minor: int
    services_minor: int
    renewals_percent: int
    tier: str | None = None
    services_billed_by: Biller = "partner"
    country: str | None = None
    partner_type: str | None = None


@dataclass(frozen=True)
class Month:
    """One month: how many deals and renewals, and what they bring."""

    number: int
    deals: int
    renewals: int
    commission_minor: int
    services_minor: int

    @property
    def total_minor(self) -> int:
        return self.commission_minor + self.services_minor


@dataclass
class Source:
    """What one rule brings from one kind of sale: for one of them, and in each of the two years."""

    rule: str
    #: ``new``, ``renewal``, or ``own`` for services that the partner bills itself.
    occasion: Literal["new", "renewal", "own"]
    is_service: bool
    one_minor: int
    proof: Proof | None
    times: int = 0
    years: list[int] = field(default_factory=lambda: [0, 0])


@dataclass(frozen=True)
class Outlook:
    """The months, and where their money comes from."""

    months: tuple[Month, ...]
    sources: tuple[Source, ...]

    def year(self, number: int) -> tuple[int, int]:
        """Commission and services of the first or the second twelve months."""
        months = self.months[12 * (number - 1) : 12 * number]
        return sum(month.commission_minor for month in months), sum(month.services_minor for month in months)


def outlook(version: PlanVersion, supposed: Assumptions, starts_at: datetime, time_zone: tzinfo) -> Outlook:
    """Computes 24 months from ``starts_at``, one sale a deal, and one a renewal from the thirteenth month on."""
    return _Desk(version, supposed, starts_at, time_zone).work()


def whole_by(supposed: Decimal, months: int) -> int:
    """How many whole customers a rate a month makes by the end of ``months``."""
    return int((supposed * months).quantize(Decimal(1), ROUND_HALF_UP))


class _Desk:
    """One computation: caps are used up sale by sale, as they would be."""

    def __init__(
        self, version: PlanVersion, supposed: Assumptions, starts_at: datetime, time_zone: tzinfo
    ) -> None:
        self.version = version
        self.supposed = supposed
        self.starts_at = starts_at
        self.time_zone = time_zone
        self.granted: dict[CapKey, int] = defaultdict(int)
        self.sources: dict[tuple[str, str, bool], Source] = {}

    def work(self) -> Outlook:
        months = tuple(self._month(number) for number in range(1, MONTHS + 1))
        return Outlook(months, tuple(self.sources.values()))

    def _month(self, number: int) -> Month:
        rate = self.supposed.deals_a_month
        deals = whole_by(rate, number) - whole_by(rate, number - 1)
        renewed = self._renewed_by(number) - self._renewed_by(number - 1)
        before = self._totals()
        self._sell_each(number, [self._new(number, index) for index in range(deals)])
        self._sell_each(number, [self._renewal(number, index) for index in range(renewed)])
        commission, services = (now - then for now, then in zip(self._totals(), before, strict=True))
        return Month(number, deals, renewed, commission, services)

    def _renewed_by(self, number: int) -> int:
        """How many customers of a year before have renewed by the end of the month."""
        if number <= 12:
            return 0
        customers = Decimal(whole_by(self.supposed.deals_a_month, number - 12))
        return whole_by(customers * self.supposed.renewals_percent / 100, 1)

    def _totals(self) -> tuple[int, int]:
        sums = [0, 0]
        for source in self.sources.values():
            sums[source.is_service] += sum(source.years)
        return sums[0], sums[1]

    def _at(self, number: int) -> datetime:
        return add_months(self.starts_at, number - 1, self.time_zone)

    def _new(self, number: int, index: int) -> SaleFacts:
        lines = [LineFacts(LICENCE, 1, self.supposed.licence_minor)] if self.supposed.licence_minor else []
        if self.supposed.services_minor and self.supposed.services_billed_by == "vendor":
            lines.append(LineFacts(SERVICE, 1, self.supposed.services_minor))
        if self.supposed.services_minor and self.supposed.services_billed_by == "partner":
            self._note(number, OWN_SERVICES, "own", True, self.supposed.services_minor, None)
        return self._sale(number, f"{number}-{index}", tuple(lines), "new", Pair(self._at(number), True))

    def _renewal(self, number: int, index: int) -> SaleFacts:
        lines = (LineFacts(LICENCE, 1, self.supposed.licence_minor),) if self.supposed.licence_minor else ()
        return self._sale(
            number, f"{number - 12}-{index}", lines, "renewal", Pair(self._at(number - 12), False)
        )

    def _sale(
        self, number: int, customer: str, lines: tuple[LineFacts, ...], kind: str, pair: Pair
    ) -> SaleFacts:
        return SaleFacts(
            occurred_at=self._at(number),
            currency=self.version.currency,
            partner=PartnerFacts(
                SOMEBODY, self.supposed.tier, self.supposed.partner_type, self.supposed.country
            ),
            customer=CustomerFacts(customer, self.supposed.country),
            lines=lines,
            type=kind,
            country=self.supposed.country,
            pair=pair,
            time_zone=self.time_zone,
        )

    def _sell_each(self, number: int, sales: list[SaleFacts]) -> None:
        """One sale after another. Where the last one used no cap, the next like it comes to the same."""
        computation: Computation | None = None
        for sale in sales:
            if not sale.lines:
                continue
            if computation is None or any(computation.cap_use.values()):
                computation = compute(self.version, sale, granted=self.granted)
            for key, amount in computation.cap_use.items():
                self.granted[key] += amount
            self._take(number, sale, computation)

    def _take(self, number: int, sale: SaleFacts, computation: Computation) -> None:
        occasion: Literal["new", "renewal"] = "renewal" if sale.type == "renewal" else "new"
        for entry in computation.entries:
            if entry.key.beneficiary == Beneficiary("partner", SOMEBODY):
                is_service = entry.key.line is not None and sale.lines[entry.key.line].kind != LICENCE
                self._note(number, entry.key.name, occasion, is_service, entry.amount_minor, entry.proof)

    def _note(
        self,
        number: int,
        rule: str,
        occasion: Literal["new", "renewal", "own"],
        is_service: bool,
        amount: int,
        proof: Proof | None,
    ) -> None:
        key = (rule, occasion, is_service)
        if key not in self.sources:
            self.sources[key] = Source(rule, occasion, is_service, amount, proof)
        source = self.sources[key]
        source.times += 1
        source.years[0 if number <= 12 else 1] += amount
