"""Budgets and how they are shared out. No budget gives more than it has, whoever shares it out at the same time."""

from datetime import date
from typing import Any

import sqlalchemy as sa

from core import clock
from core.activity import Actor
from core.database import lock, session
from core.errors import InvalidInput
from core.i18n import format_money
from core.i18n import gettext as _
from core.money import currencies
from core.places import is_country
from core.settings import PROGRAMME_TIME_ZONE
from core.signals import announce
from events import signals
from events.models import Allocation, Budget, YearPlan, city_key
from partners.models import Partner


def make_budget(
    *,
    name: str,
    amount_minor: int,
    currency: str,
    starts_on: date,
    ends_on: date,
    region: str = "",
    by: Actor | None,
) -> Budget:
    """Sets money aside for a period. Raises InvalidInput by field."""
    problems: dict[str, str] = {}
    if not 1 <= len(name) <= 120:
        problems["name"] = _("Give it a name of up to 120 characters.")
    if currency not in currencies():
        problems["currency"] = _("Choose a currency by its code, such as EUR.")
    if region and not is_country(region):
        problems["region"] = _("Choose a country.")
    if amount_minor <= 0:
        problems["amount_minor"] = _("Type an amount above zero.")
    if ends_on < starts_on:
        problems["ends_on"] = _("It ends before it begins.")
    if problems:
        raise InvalidInput(problems)
    budget = Budget(
        name=name,
        amount_minor=amount_minor,
        currency=currency,
        starts_on=starts_on,
        ends_on=ends_on,
        region=region,
        allocated_minor=0,
        created_at=clock.now(),
    )
    session.add(budget)
    session.flush()
    announce(signals.BudgetMade(budget, by))
    return budget


def make_allocation(
    budget: Budget, *, amount_minor: int, expires_on: date, partner: Partner | None = None, by: Actor | None
) -> Allocation:
    """Gives a part of ``budget`` to ``partner``, or leaves it open to all. Raises InvalidInput by field."""
    lock(budget)
    problems: dict[str, Any] = {}
    if amount_minor <= 0:
        problems["amount_minor"] = _("Type an amount above zero.")
    elif amount_minor > budget.unallocated_minor:
        problems["amount_minor"] = _(
            "Only %(left)s of this budget is left.",
            left=format_money(budget.unallocated_minor, budget.currency),
        )
    if not clock.today(PROGRAMME_TIME_ZONE.value()) <= expires_on <= budget.ends_on:
        problems["expires_on"] = _("Choose a day from today until the end of the budget.")
    if partner is not None and budget.region and partner.country != budget.region:
        problems["partner_id"] = _("%(name)s is not in the country of this budget.", name=partner.name)
    if problems:
        raise InvalidInput(problems)
    budget.allocated_minor += amount_minor
    allocation = Allocation(
        budget=budget,
        partner=partner,
        amount_minor=amount_minor,
        reserved_minor=0,
        paid_minor=0,
        expires_on=expires_on,
        created_at=clock.now(),
    )
    session.add(allocation)
    session.flush()
    announce(signals.AllocationMade(allocation, by))
    return allocation


def plan_year(year: int, *, country: str, city: str, events: int, by: Actor | None) -> None:
    """Says how many events a city is to have in a year; 0 takes the plan away. Raises InvalidInput by field."""
    problems: dict[str, str] = {}
    if not is_country(country):
        problems["country"] = _("Choose a country.")
    if not 1 <= len(city) <= 120:
        problems["city"] = _("Type up to %(most)s characters.", most=120)
    if not 0 <= events <= 1000:
        problems["events"] = _("Type a number up to %(most)s.", most=1000)
    if problems:
        raise InvalidInput(problems)
    row = session.scalar(
        sa.select(YearPlan)
        .where(YearPlan.year == year, YearPlan.country == country, YearPlan.city_key == city_key(city))
        .with_for_update()
    )
    if row is None and events:
        row = YearPlan(year=year, country=country, city=city, city_key=city_key(city), events=events)
        session.add(row)
    elif row is not None and events:
        row.city, row.events = city, events
    elif row is not None:
        session.delete(row)
    else:
        return
    session.flush()
    announce(signals.YearPlanned(row, by, year=year, city=city, events=events))
