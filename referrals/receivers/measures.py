"""Tells partners what referrals can measure: for tiers, scorecards, development plans and the concentration report."""

from collections.abc import Collection
from typing import Any

from core.i18n import format_money, gettext, ngettext
from core.i18n import lazy_gettext as _l
from core.settings import PROGRAMME_CURRENCY
from partners.queries.applications import KnownCustomer, recognises
from partners.queries.measures import Measure, MeasureUnit, measures_by
from referrals.queries import measures as asked
from referrals.queries.customers import customer_known_by
from referrals.queries.ratings import customer_rating

_DEALS, _LEADS, _SALES = "referrals.deals", "referrals.leads", "referrals.sales"


def _money(minor: int) -> str:
    return format_money(minor, PROGRAMME_CURRENCY.value())


def _facts(code: str, order: int, unit: MeasureUnit, label: Any, how: Any, facts: Any, **about: Any) -> None:
    measures_by(Measure(code, label, unit, how, order, facts=facts, **about))


def _levels(
    code: str, order: int, unit: MeasureUnit, label: Any, how: Any, levels: Any, **about: Any
) -> None:
    measures_by(Measure(code, label, unit, how, order, levels=levels, **about))


_facts(
    "licence_revenue", 10, MeasureUnit.MONEY, _l("Licence revenue"),
    _l("Net licence lines of your sales, less what customers got back."),
    asked.licence_revenue, endpoint=_SALES,
    more=lambda missing: gettext("%(amount)s more licence revenue", amount=_money(missing)),
)  # fmt: skip
_facts(
    "total_revenue", 11, MeasureUnit.MONEY, _l("Revenue"),
    _l("Net lines of your sales, licences and services, less what customers got back."),
    asked.total_revenue, endpoint=_SALES,
    more=lambda missing: gettext("%(amount)s more revenue", amount=_money(missing)),
)  # fmt: skip
_levels(
    "licence_share", 12, MeasureUnit.SHARE, _l("Licence share"),
    _l("Licences in your revenue."), asked.licence_share, for_tiers=False, endpoint=_SALES,
)  # fmt: skip
_facts(
    "won_deals", 20, MeasureUnit.COUNT, _l("Won deals"),
    _l("Deals won, registered and from leads."), asked.won_deals, endpoint=_DEALS,
    more=lambda missing: ngettext("%(num)s more won deal", "%(num)s more won deals", missing),
)  # fmt: skip
_facts(
    "approved_registrations", 21, MeasureUnit.COUNT, _l("Approved deal registrations"),
    _l("Deals you registered yourselves and that were approved."), asked.approved_registrations, endpoint=_DEALS,
    more=lambda missing: ngettext("%(num)s more approved registration", "%(num)s more approved registrations", missing),
)  # fmt: skip
_facts(
    "active_customers", 30, MeasureUnit.COUNT, _l("Active customers"),
    _l("Customers who bought through you; each counts once."), asked.active_customers,
    endpoint="referrals.customers",
    more=lambda missing: ngettext("%(num)s more active customer", "%(num)s more active customers", missing),
)  # fmt: skip
_facts(
    "renewals", 31, MeasureUnit.COUNT, _l("Renewals"),
    _l("Sales that renew an earlier one."), asked.renewals, for_tiers=False, endpoint=_SALES,
)  # fmt: skip
_levels(
    "renewals_rate", 32, MeasureUnit.SHARE, _l("Renewals rate"),
    _l("Of the customers who bought in a period as long before, the share that bought again."),
    asked.renewals_rate, endpoint="referrals.customers",
)  # fmt: skip
_levels(
    "answer_time", 40, MeasureUnit.MINUTES, _l("Median answer time"),
    _l("Working time from a lead's offer to your answer; half of the answers are faster."),
    asked.answer_time, less_is_better=True, endpoint=_LEADS,
)  # fmt: skip
_levels(
    "customer_rating", 45, MeasureUnit.STARS, _l("Customer rating"),
    _l("What customers said when they were asked after a won deal, one to five stars; the mean."),
    customer_rating, endpoint="referrals.firm_ratings",
)  # fmt: skip
_levels(
    "service_attach", 50, MeasureUnit.SHARE, _l("Service attach"),
    _l("Of first purchases, the share with at least one service."), asked.service_attach, endpoint=_SALES,
)  # fmt: skip
_facts(
    "leads_offered", 60, MeasureUnit.COUNT, _l("Leads offered"),
    _l("Leads that were offered to you."), asked.leads_offered, for_tiers=False, endpoint=_LEADS,
)  # fmt: skip
_facts(
    "leads_taken", 61, MeasureUnit.COUNT, _l("Leads accepted"),
    _l("Leads you accepted or claimed."), asked.leads_taken, for_tiers=False, endpoint=_LEADS,
)  # fmt: skip
_facts(
    "leads_won", 62, MeasureUnit.COUNT, _l("Leads won"),
    _l("Leads that became an order."), asked.leads_won, for_tiers=False, endpoint=_LEADS,
)  # fmt: skip
_facts(
    "event_leads", 71, MeasureUnit.COUNT, _l("Leads from your events"),
    _l("Guests of your events who became leads."), asked.event_leads, for_tiers=False, endpoint=_LEADS,
)  # fmt: skip


@recognises
def a_customer_of_ours(domains: Collection[str], tax_keys: Collection[str]) -> KnownCustomer | None:
    """So that a customer who applies gets the short path and the reviewer knows."""
    customer = customer_known_by(domains, tax_keys)
    return KnownCustomer(customer.name, customer.created_at) if customer is not None else None
