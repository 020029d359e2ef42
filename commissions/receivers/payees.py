"""Whom a partner's money goes to: what attribution asks about it, and a new firm's step to say so."""

from collections.abc import Iterable

import sqlalchemy as sa

from accounts.permissions import Permission
from commissions.models import PayoutProfile
from core.database import session
from core.i18n import lazy_gettext as _l
from partners.models import Partner
from partners.queries import onboarding
from referrals import payees


@payees.register
def payee_of(partner: Partner) -> payees.Payee | None:
    """Who stands on the partner's payout details; ``None`` while there are none."""
    found = session.scalar(sa.select(PayoutProfile).where(PayoutProfile.partner_id == partner.id))
    if found is None:
        return None
    account = found.iban or found.account
    return payees.Payee(found.holder, found.tax_id, found.country or partner.country, account)


def have_said_how_they_are_paid(partner_ids: onboarding.Firms) -> Iterable[int]:
    """The firms whose payout details are complete."""
    profiles = session.scalars(sa.select(PayoutProfile).where(PayoutProfile.partner_id.in_(partner_ids)))
    return [profile.partner_id for profile in profiles if not profile.missing]


onboarding.add_step(
    onboarding.Step(
        "payout_profile",
        _l("Say how you are paid"),
        _l("A bank account or Stripe, so that the first commission waits for nothing."),
        21,
        "commissions.payout_profile",
        have_said_how_they_are_paid,
        Permission.PROFILE_MANAGE,
    )
)
