"""What speaks for a partner at a sale: the leads of the customer's company, and the clicks that led to them."""

from dataclasses import dataclass
from datetime import timedelta

from referrals.matching import KeyKind
from referrals.models.leads import Lead
from referrals.models.links import LeadTouch
from referrals.models.sales import Sale
from referrals.queries.firms import partner_names
from referrals.queries.links import leads_of_company, touches_of_leads
from referrals.settings import CREDIT_DAYS


@dataclass(frozen=True)
class Evidence:
    """Leads and clicks before the sale, the earliest first; ``names`` are those of the partners that occur."""

    leads: list[Lead]
    clicks: list[LeadTouch]
    names: dict[int, str]


def clicks_and_leads(sale: Sale) -> Evidence:
    """Everything known of the customer's company in the time that counts."""
    customer = sale.customer
    keys = {KeyKind.TAX_ID: customer.tax_key or "", KeyKind.DOMAIN: customer.domain or ""}
    since = sale.occurred_at - timedelta(days=CREDIT_DAYS.value())
    leads = leads_of_company(keys, since=since, until=sale.occurred_at)
    clicks = touches_of_leads([lead.id for lead in leads])
    return Evidence(leads, clicks, partner_names([lead.partner_id for lead in leads if lead.partner_id]))
