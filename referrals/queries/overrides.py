"""Whether anything at all speaks for one partner about a lead: for nearly every lead nothing does."""

from collections.abc import Mapping
from typing import NamedTuple

import sqlalchemy as sa

from core import clock
from core.database import Moment, session
from referrals.matching import KeyKind
from referrals.models.customers import Customer
from referrals.models.deals import Deal, DealKey, DealStatus
from referrals.models.identity import IdentityKey
from referrals.models.leads import Lead, NamedAccount
from referrals.models.links import LeadTouch
from referrals.models.opportunities import OwnOpportunity


class Speaks(NamedTuple):
    """What there is of a lead: worth being asked for."""

    deal: bool
    own: bool
    customer: bool
    account: bool
    touch: bool


def what_speaks(lead: Lead, keys: Mapping[KeyKind, str]) -> Speaks:
    """Asked in one statement, where each by itself would cost a lead more than the choice of its partner."""
    values = {
        "lead": lead.id,
        "domain": keys.get(KeyKind.DOMAIN),
        "tax_id": keys.get(KeyKind.TAX_ID),
        "now": clock.now(),
    }
    return Speaks._make(session.execute(_SPEAKS, values).one())


def _speaks() -> sa.Select[bool, bool, bool, bool, bool]:
    domain, tax_id = (sa.bindparam(name, type_=sa.Text) for name in ("domain", "tax_id"))
    now = sa.bindparam("now", type_=Moment())
    is_known = sa.or_(
        sa.and_(IdentityKey.kind == KeyKind.TAX_ID.value, IdentityKey.value == tax_id),
        sa.and_(IdentityKey.kind == KeyKind.DOMAIN.value, IdentityKey.value == domain),
    )
    deal = (
        sa.exists()
        .where(DealKey.deal_id == Deal.id, IdentityKey.id == DealKey.key_id, is_known)
        .where(Deal.status == DealStatus.APPROVED, Deal.protected_until > now)
    )
    own = sa.exists().where(
        sa.or_(OwnOpportunity.domain == domain, OwnOpportunity.tax_key == tax_id),
        OwnOpportunity.ended_at.is_(None),
        OwnOpportunity.holds_until > now,
    )
    customer = sa.exists().where(
        sa.or_(Customer.domain == domain, Customer.tax_key == tax_id), Customer.partner_id.is_not(None)
    )
    account = sa.exists().where(NamedAccount.domain == domain)
    touch = sa.exists().where(LeadTouch.lead_id == sa.bindparam("lead", type_=sa.BigInteger))
    return sa.select(deal, own, customer, account, touch)


_SPEAKS = _speaks()
