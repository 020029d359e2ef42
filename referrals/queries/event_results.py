"""What became of the guests of events: leads, deals, won deals, revenue. Fills the results that events show."""

import sqlalchemy as sa

from events.models import Registration
from events.queries.outcomes import comes_of_events
from referrals.models import Deal, DealStatus, Lead, LeadStatus, Refund, Sale

_NOBODY = (LeadStatus.SPAM, LeadStatus.DUPLICATE)


@comes_of_events
def outcomes_of_guests(events: sa.Select[int]) -> sa.Executable:
    """(event id, what, currency, number) for each of ``events``. A duplicate is somebody else's lead already.

    A guest's lead is known by its key, ``registration-<id>``; revenue is sales of its deals without tax and refunds.
    """
    leads = (
        sa.select(
            Registration.event_id.label("event_id"), Lead.id.label("lead_id"), Lead.status.label("status")
        )
        .join(
            Lead,
            sa.and_(
                Lead.caller_id.is_(None),
                Lead.caller_key == sa.literal("registration-") + sa.cast(Registration.id, sa.String),
            ),
        )
        .where(Registration.event_id.in_(events), Lead.status.not_in(_NOBODY))
        .cte("event_leads")
    )
    deals = (
        sa.select(leads.c.event_id, Deal.id.label("deal_id"), Deal.status.label("status"))
        .join(Deal, Deal.lead_id == leads.c.lead_id)
        .cte("event_deals")
    )
    refunded = (
        sa.select(sa.func.coalesce(sa.func.sum(Refund.amount_minor), 0))
        .where(Refund.sale_id == Sale.id, Refund.refused_because.is_(None))
        .scalar_subquery()
    )
    none = sa.literal("")
    return sa.union_all(
        sa.select(leads.c.event_id, sa.literal("leads"), none, sa.func.count()).group_by(leads.c.event_id),
        sa.select(deals.c.event_id, sa.literal("deals"), none, sa.func.count()).group_by(deals.c.event_id),
        sa.select(deals.c.event_id, sa.literal("won"), none, sa.func.count())
        .where(deals.c.status == DealStatus.WON)
        .group_by(deals.c.event_id),
        sa.select(
            deals.c.event_id, sa.literal("revenue"), Sale.currency, sa.func.sum(Sale.total_minor - refunded)
        )
        .join(Sale, Sale.deal_id == deals.c.deal_id)
        .group_by(deals.c.event_id, Sale.currency),
    )
