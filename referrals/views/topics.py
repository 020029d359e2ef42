"""What conversations can be about here: leads one holds, and deals."""

import sqlalchemy as sa
from flask import url_for

from accounts.models import User
from core.database import session
from core.i18n import lazy_gettext as _l
from partners.queries import partner_of
from partners.subjects import Topic, topics
from referrals.models.deals import Deal
from referrals.models.leads import Lead
from referrals.queries.deals import deals_visible_to
from referrals.queries.leads import leads_visible_to


@topics("lead", _l("Lead"))
def lead_as_topic(user: User, number: int) -> Topic | None:
    firm = partner_of(user)
    mine: sa.ColumnElement[bool] = sa.true() if firm is None else Lead.partner_id == firm.id
    lead = session.scalar(leads_visible_to(user).where(Lead.id == number, mine))
    if lead is None:
        return None
    return Topic(lead.name, url_for("referrals.lead", lead_id=lead.id), lead.partner_id)


@topics("deal", _l("Deal"))
def deal_as_topic(user: User, number: int) -> Topic | None:
    deal = session.scalar(deals_visible_to(user).where(Deal.id == number))
    if deal is None:
        return None
    return Topic(
        f"{deal.number} · {deal.company}", url_for("referrals.deal", deal_id=deal.id), deal.partner_id
    )
