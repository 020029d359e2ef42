"""What commissions answer when attribution asks whom a partner's money goes to."""

import sqlalchemy as sa

from commissions.models import PayoutProfile
from core.database import session
from partners.models import Partner
from referrals import payees


@payees.register
def payee_of(partner: Partner) -> payees.Payee | None:
    """Who stands on the partner's payout details; ``None`` while there are none."""
    found = session.scalar(sa.select(PayoutProfile).where(PayoutProfile.partner_id == partner.id))
    if found is None:
        return None
    account = found.iban or found.account
    return payees.Payee(found.holder, found.tax_id, found.country or partner.country, account)
