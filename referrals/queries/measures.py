"""What referrals can measure about firms: revenue, deals, customers, leads, answers. Each is one SELECT for all firms.

Sales count while they are a firm's and nothing stands in their way; what customers got back is taken off on the day of
the sale, so that both leave a window together. Money is turned into the programme's currency by the rate of the first
day of the programme year (today's where that one is missing), to six digits: enough to hold a tier against, and no tier
moves with a currency. A currency without any rate counts as nothing.
"""

from datetime import date
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from core.database import session
from core.exchange import rate_on
from core.money import exponent
from core.settings import PROGRAMME_CURRENCY
from partners.models import LineKind
from partners.queries.measures import Between, moment_of, month_starts, programme_today
from partners.settings import YEAR_STARTS
from partners.tiers.windows import year_of
from referrals.models import (
    Chargeback,
    ChargebackStatus,
    Deal,
    DealOrigin,
    DealStatus,
    Lead,
    LeadClaim,
    LeadOrigin,
    LeadStatus,
    Offer,
    Refund,
    Sale,
    SaleLine,
    SaleStatus,
    SaleType,
)
from referrals.queries.figures import medians_of_answers
from referrals.queries.lists import distinct_values

_DIGITS = 10**6
_WHOLE = 10_000


def _counts() -> sa.ColumnElement[bool]:
    return sa.and_(Sale.partner_id.is_not(None), Sale.status == SaleStatus.ATTRIBUTED)


def _currencies() -> list[str]:
    """The currencies of sales, found one by one along their index, whatever the number of sales."""
    return distinct_values(Sale.currency)


def _rates() -> dict[str, tuple[int, int]]:
    """For every currency of sales: (numerator, denominator) into the programme's."""
    into = PROGRAMME_CURRENCY.value()
    today = programme_today()
    opening = year_of(today, YEAR_STARTS.value())
    known = {}
    for code in _currencies():
        found = _rate(opening, today, code, into)
        if found is not None:
            known[code] = _scaled(found * Fraction(10) ** (exponent(into) - exponent(code)))
    return known


def _rate(opening: date, today: date, code: str, into: str) -> Fraction | None:
    text = rate_on(opening, code, into) or rate_on(today, code, into)
    return Fraction(text) if text is not None else None


def _scaled(factor: Fraction) -> tuple[int, int]:
    """A factor as a whole number of six digits at most over a power of ten, so that products fit 64 bits."""
    below = 1
    while factor * below * 10 < _DIGITS and factor * below != int(factor * below):
        below *= 10
    return int(factor * below), below


def _in_programme_currency(amount: Any, currency: Any) -> Any:
    whens = [
        (currency == code, amount if above == below else amount * above // below)
        for code, (above, below) in _rates().items()
    ]
    return sa.case(*whens, else_=0) if whens else sa.literal(0)


def _net() -> Any:
    return SaleLine.quantity * SaleLine.unit_amount_minor - SaleLine.discount_minor - SaleLine.credit_minor


def _lost_for_good() -> sa.ColumnElement[bool]:
    """A chargeback that was lost and not won after all."""
    other = aliased(Chargeback)
    won_later = sa.exists().where(
        other.source == Chargeback.source,
        other.external_id == Chargeback.external_id,
        other.status == ChargebackStatus.WON,
        other.occurred_at > Chargeback.occurred_at,
    )
    return sa.and_(Chargeback.status == ChargebackStatus.LOST, ~won_later)


def _given_back(about: Between, part: Any) -> list[sa.Select[*tuple[Any, ...]]]:
    """What customers got back, as negative facts of the day of the sale; ``part`` of an amount counts."""
    return [
        sa.select(
            Sale.partner_id,
            (-_in_programme_currency(part(fact.amount_minor), Sale.currency)).label("amount"),
            Sale.occurred_at.label("turns"),
        )
        .select_from(fact)
        .join(Sale, Sale.id == fact.sale_id)
        .where(_counts(), about.covers(Sale.occurred_at), counts)
        for fact, counts in ((Refund, Refund.refused_because.is_(None)), (Chargeback, _lost_for_good()))
    ]


def total_revenue(about: Between, _course: str) -> sa.Select[*tuple[Any, ...]]:
    """Net sales less what was given back."""
    sold = sa.select(
        Sale.partner_id,
        _in_programme_currency(Sale.total_minor, Sale.currency).label("amount"),
        Sale.occurred_at.label("turns"),
    ).where(_counts(), about.covers(Sale.occurred_at))
    return _together(sold, *_given_back(about, lambda amount: amount))


def licence_revenue(about: Between, _course: str) -> sa.Select[*tuple[Any, ...]]:
    """The licence lines of the same sales; what was given back counts by the licences' share of the sale."""
    sold = (
        sa.select(
            Sale.partner_id,
            _in_programme_currency(_net(), Sale.currency).label("amount"),
            Sale.occurred_at.label("turns"),
        )
        .select_from(Sale)
        .join(SaleLine, SaleLine.sale_id == Sale.id)
        .where(_counts(), about.covers(Sale.occurred_at), SaleLine.kind == LineKind.LICENCE)
    )
    licences = (
        sa.select(sa.func.coalesce(sa.func.sum(_net()), 0))
        .where(SaleLine.sale_id == Sale.id, SaleLine.kind == LineKind.LICENCE)
        .scalar_subquery()
    )
    share = sa.cast(licences * _WHOLE, sa.BigInteger) // sa.func.nullif(Sale.total_minor, 0)
    return _together(sold, *_given_back(about, lambda amount: amount * sa.func.coalesce(share, 0) // _WHOLE))


def _together(*parts: sa.Select[*tuple[Any, ...]]) -> sa.Select[*tuple[Any, ...]]:
    every = sa.union_all(*parts).subquery()
    return sa.select(every.c.partner_id, every.c.amount, every.c.turns)


def won_deals(about: Between, _course: str) -> sa.Select[*tuple[Any, ...]]:
    return sa.select(Deal.partner_id, sa.literal(1).label("amount"), Deal.closed_at.label("turns")).where(
        Deal.status == DealStatus.WON, about.covers(Deal.closed_at)
    )


def approved_registrations(about: Between, _course: str) -> sa.Select[*tuple[Any, ...]]:
    """Registrations of the firm's own that were approved, whatever became of them."""
    return sa.select(Deal.partner_id, sa.literal(1).label("amount"), Deal.decided_at.label("turns")).where(
        Deal.origin == DealOrigin.REGISTERED,
        Deal.status.in_((DealStatus.APPROVED, DealStatus.WON, DealStatus.LOST, DealStatus.EXPIRED)),
        about.covers(Deal.decided_at),
    )


def active_customers(about: Between, _course: str) -> sa.Select[*tuple[Any, ...]]:
    """Customers who bought through the firm; each counts once, from their latest purchase."""
    return (
        sa.select(
            Sale.partner_id, sa.literal(1).label("amount"), sa.func.max(Sale.occurred_at).label("turns")
        )
        .where(_counts(), about.covers(Sale.occurred_at))
        .group_by(Sale.partner_id, Sale.customer_id)
    )


def renewals(about: Between, _course: str) -> sa.Select[*tuple[Any, ...]]:
    return sa.select(Sale.partner_id, sa.literal(1).label("amount"), Sale.occurred_at.label("turns")).where(
        _counts(), about.covers(Sale.occurred_at), Sale.type == SaleType.RENEWAL
    )


def renewals_rate(about: Between, _course: str) -> sa.Select[*tuple[Any, ...]]:
    """Of the customers who bought in a period as long just before, the share that bought again in this one."""
    before = (
        sa.true()
        if about.since is None
        else sa.and_(
            Sale.occurred_at >= about.since - (about.until - about.since), Sale.occurred_at < about.since
        )
    )
    bought = sa.select(Sale.partner_id, Sale.customer_id).where(_counts(), before).distinct().subquery()
    again = (
        sa.select(Sale.partner_id, Sale.customer_id)
        .where(
            _counts(),
            about.covers(Sale.occurred_at),
            Sale.type.in_((SaleType.RENEWAL, SaleType.EXPANSION)),
        )
        .distinct()
        .subquery()
    )
    return (
        sa.select(
            bought.c.partner_id,
            (sa.func.count(again.c.customer_id) * _WHOLE // sa.func.count()).label("value"),
            sa.func.count().label("counted"),
        )
        .outerjoin(
            again,
            sa.and_(again.c.partner_id == bought.c.partner_id, again.c.customer_id == bought.c.customer_id),
        )
        .group_by(bought.c.partner_id)
    )


def answer_time(about: Between, _course: str) -> sa.Select[*tuple[Any, ...]]:
    """The median working time to an answer to offered leads: the figure that routing uses."""
    medians = medians_of_answers(about.covers(Offer.offered_at))
    return sa.select(
        medians.c.partner_id,
        sa.cast(sa.func.round(medians.c.hours * 60), sa.BigInteger).label("value"),
        medians.c.number.label("counted"),
    )


def service_attach(about: Between, _course: str) -> sa.Select[*tuple[Any, ...]]:
    """Of first purchases, the share with at least one line that is not a licence."""
    services = sa.exists().where(SaleLine.sale_id == Sale.id, SaleLine.kind != LineKind.LICENCE)
    return (
        sa.select(
            Sale.partner_id,
            (sa.func.sum(sa.case((services, _WHOLE), else_=0)) // sa.func.count()).label("value"),
            sa.func.count().label("counted"),
        )
        .where(_counts(), about.covers(Sale.occurred_at), Sale.type == SaleType.NEW)
        .group_by(Sale.partner_id)
    )


def licence_share(about: Between, _course: str) -> sa.Select[*tuple[Any, ...]]:
    """Licences in the revenue."""
    is_licence = SaleLine.kind == LineKind.LICENCE
    licences = sa.func.sum(sa.case((is_licence, _net()), else_=0))
    return (
        sa.select(
            Sale.partner_id,
            (licences * _WHOLE // sa.func.sum(_net())).label("value"),
            sa.func.count(sa.distinct(Sale.id)).label("counted"),
        )
        .select_from(Sale)
        .join(SaleLine, SaleLine.sale_id == Sale.id)
        .where(_counts(), about.covers(Sale.occurred_at))
        .group_by(Sale.partner_id)
        .having(sa.func.sum(_net()) > 0)
    )


def leads_offered(about: Between, _course: str) -> sa.Select[*tuple[Any, ...]]:
    return sa.select(Offer.partner_id, sa.literal(1).label("amount"), Offer.offered_at.label("turns")).where(
        about.covers(Offer.offered_at)
    )


def leads_taken(about: Between, _course: str) -> sa.Select[*tuple[Any, ...]]:
    """Leads accepted from an offer or claimed from the pool."""
    return sa.select(
        LeadClaim.partner_id, sa.literal(1).label("amount"), LeadClaim.claimed_at.label("turns")
    ).where(about.covers(LeadClaim.claimed_at))


def leads_won(about: Between, _course: str) -> sa.Select[*tuple[Any, ...]]:
    return sa.select(Lead.partner_id, sa.literal(1).label("amount"), Lead.closed_at.label("turns")).where(
        Lead.status == LeadStatus.WON, Lead.partner_id.is_not(None), about.covers(Lead.closed_at)
    )


def event_leads(about: Between, _course: str) -> sa.Select[*tuple[Any, ...]]:
    """Guests of the firm's events who became leads."""
    return sa.select(
        Lead.event_partner_id.label("partner_id"),
        sa.literal(1).label("amount"),
        Lead.received_at.label("turns"),
    ).where(
        Lead.origin == LeadOrigin.EVENT, Lead.event_partner_id.is_not(None), about.covers(Lead.received_at)
    )


def revenue_by_earning_point(partner_id: int, months: int = 12) -> dict[LineKind, list[int]]:
    """One firm's net revenue in each of the last months (the running one last), by what it was for. One statement."""
    starts = month_starts(programme_today(), months)
    year, month = sa.extract("year", Sale.occurred_at), sa.extract("month", Sale.occurred_at)
    amount = _in_programme_currency(_net(), Sale.currency)
    rows = session.execute(
        sa.select(SaleLine.kind, year, month, sa.func.sum(amount))
        .select_from(Sale)
        .join(SaleLine, SaleLine.sale_id == Sale.id)
        .where(_counts(), Sale.partner_id == partner_id, Sale.occurred_at >= moment_of(starts[0]))
        .group_by(SaleLine.kind, year, month)
    )
    found: dict[LineKind, list[int]] = {}
    places = {(first.year, first.month): place for place, first in enumerate(starts)}
    for kind, of_year, of_month, total in rows:
        place = places.get((int(of_year), int(of_month)))
        if place is not None:
            found.setdefault(kind, [0] * months)[place] = int(total)
    return found
