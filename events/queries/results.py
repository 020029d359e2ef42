"""What events brought: guests, leads, deals, revenue against cost, by event, city, partner or type."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from accounts.models import User
from accounts.permissions import Permission
from core import clock
from core.database import session
from core.exchange import rate_on
from core.i18n import gettext as _
from core.i18n import lazy_gettext
from core.money import half_up
from core.settings import PROGRAMME_CURRENCY, PROGRAMME_TIME_ZONE
from events.models import (
    Event,
    EventStatus,
    FundingClaim,
    FundingLine,
    FundingRequest,
    Registration,
    city_key,
)
from events.queries.board import span_of
from events.queries.outcomes import Outcome, outcomes_of
from events.reimbursement import converted
from partners.queries import rows_visible_to


class Grouping(StrEnum):
    """What a line of the results stands for."""

    EVENT = "event"
    CITY = "city"
    PARTNER = "partner"
    ACTIVITY = "activity"

    @property
    def label(self) -> Any:
        return _GROUPINGS[self]


_GROUPINGS = {
    Grouping.EVENT: lazy_gettext("Event"),
    Grouping.CITY: lazy_gettext("City"),
    Grouping.PARTNER: lazy_gettext("Partner"),
    Grouping.ACTIVITY: lazy_gettext("Kind of event"),
}


@dataclass(slots=True)
class Result:
    """One line. Money is in the programme's currency; ``spent`` is the whole cost, ``reimbursed`` the vendor's part."""

    name: str
    event: Event | None = None
    events: int = 0
    registered: int = 0
    guests: int = 0
    agreed: int = 0
    leads: int = 0
    deals: int = 0
    won: int = 0
    revenue_minor: int = 0
    spent_minor: int = 0
    reimbursed_minor: int = 0
    #: Currencies without a rate, whose sums are left out.
    without_rate: frozenset[str] = frozenset()

    @property
    def cost_per_lead_minor(self) -> int | None:
        """The whole cost by lead, half up; ``None`` without leads."""
        return half_up(Fraction(self.spent_minor, self.leads)) if self.leads else None

    @property
    def gain_minor(self) -> int:
        """What is left of the revenue after the whole cost; below zero until it is earned back."""
        return self.revenue_minor - self.spent_minor

    @property
    def roi_percent(self) -> int | None:
        """(revenue - cost) ÷ cost, in whole per cent, half up; ``None`` without cost."""
        if not self.spent_minor:
            return None
        return half_up(Fraction(100 * (self.revenue_minor - self.spent_minor), self.spent_minor))


def held_events(reader: User, year: int | None) -> sa.Select[Event]:
    """Events that took place in a year of the programme's clock, or ever; those the reader may see, latest first."""
    rows = sa.select(Event).where(
        rows_visible_to(reader, Event.partner_id, Permission.FUNDING_READ), Event.status == EventStatus.HELD
    )
    if year is not None:
        first, last = span_of(year)
        rows = rows.where(Event.starts_at >= first, Event.starts_at < last)
    return rows.order_by(Event.starts_at.desc(), Event.id.desc())


def results(reader: User, *, year: int | None, by: Grouping) -> list[Result]:
    """The lines of a year: by event in the order of time, otherwise the greatest revenue first.

    A handful of queries, however many events.
    """
    chosen = held_events(reader, year)
    ids = chosen.with_only_columns(Event.id).order_by(None)
    outcomes = outcomes_of(ids)
    convert = _Converter(PROGRAMME_CURRENCY.value())
    lines: dict[Any, Result] = {}
    for event, registered, guests, agreed, spent, planned, reimbursed, currency in session.execute(
        _with_counts(chosen)
    ).unique():
        key, name = _KEYS[by](event)
        line = lines.setdefault(key, Result(name, event if by is Grouping.EVENT else None))
        line.events += 1
        line.registered += registered
        line.guests += guests
        line.agreed += agreed
        outcome = outcomes.get(event.id, Outcome())
        line.leads += outcome.leads
        line.deals += outcome.deals
        line.won += outcome.won
        line.spent_minor += convert(spent if spent is not None else planned, currency, line)
        line.reimbursed_minor += convert(reimbursed, currency, line)
        for code, minor in outcome.revenue.items():
            line.revenue_minor += convert(minor, code, line)
    if by is Grouping.EVENT:
        return list(lines.values())
    return sorted(lines.values(), key=lambda line: (-line.revenue_minor, -line.leads, line.name))


def together(lines: list[Result]) -> Result:
    """All lines in one."""
    whole = Result(_("Together"))
    for line in lines:
        for name in _SUMMED:
            setattr(whole, name, getattr(whole, name) + getattr(line, name))
        whole.without_rate |= line.without_rate
    return whole


_SUMMED = (
    "events", "registered", "guests", "agreed", "leads", "deals", "won", "revenue_minor", "spent_minor",
    "reimbursed_minor",
)  # fmt: skip

_KEYS: dict[Grouping, Callable[[Event], tuple[Any, str]]] = {
    Grouping.EVENT: lambda event: (event.id, event.title),
    Grouping.CITY: lambda event: (city_key(event.city), event.city or _("online")),
    Grouping.PARTNER: lambda event: (event.partner_id, event.partner.name),
    Grouping.ACTIVITY: lambda event: (event.activity, str(event.activity.label)),
}


class _Converter:
    """Sums in the programme's currency by today's rates; each rate is looked up once."""

    def __init__(self, currency: str) -> None:
        self.currency = currency
        self.rates: dict[str, Fraction | None] = {}

    def __call__(self, minor: int, currency: str, line: Result) -> int:
        if currency == self.currency or not minor:
            return minor
        if currency not in self.rates:
            found = rate_on(clock.today(PROGRAMME_TIME_ZONE.value()), currency, self.currency)
            self.rates[currency] = Fraction(found) if found is not None else None
        rate = self.rates[currency]
        if rate is None:
            line.without_rate |= {currency}
            return 0
        return converted(minor, rate, of=currency, to=self.currency)


def _with_counts(chosen: sa.Select[Event]) -> sa.Select[Any]:
    guests = (
        sa.select(
            Registration.event_id,
            sa.func.count().label("registered"),
            sa.func.count(Registration.checked_in_at).label("there"),
            sa.func.count(Registration.consented_at).label("agreed"),
        )
        .where(Registration.event_id.in_(chosen.with_only_columns(Event.id).order_by(None)))
        .group_by(Registration.event_id)
        .subquery()
    )
    planned = (
        # PostgreSQL sums whole numbers into decimals.
        sa.select(sa.cast(sa.func.coalesce(sa.func.sum(FundingLine.amount_minor), 0), sa.BigInteger))
        .where(FundingLine.request_id == FundingRequest.id)
        .scalar_subquery()
    )
    return (
        chosen.join(Event.request)
        .outerjoin(FundingClaim, FundingClaim.request_id == FundingRequest.id)
        .outerjoin(guests, guests.c.event_id == Event.id)
        .add_columns(
            sa.func.coalesce(guests.c.registered, 0),
            sa.func.coalesce(guests.c.there, 0),
            sa.func.coalesce(guests.c.agreed, 0),
            FundingClaim.spent_minor,
            planned,
            sa.func.coalesce(FundingClaim.granted_minor, 0),
            FundingRequest.currency,
        )
        .options(joinedload(Event.partner))
    )
