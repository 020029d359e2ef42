"""What speaks for one partner before any score, each with what it rests on."""

import sqlalchemy as sa

from core import clock
from core.database import session
from referrals.matching import KeyKind, keys_of
from referrals.models.customers import Customer
from referrals.models.deals import Deal, DealKey, DealStatus
from referrals.models.identity import IdentityKey
from referrals.models.leads import Lead, NamedAccount
from referrals.operations.identity import identity_of
from referrals.queries.links import bringer_of
from referrals.queries.opportunities import own_opportunity_of
from referrals.queries.overrides import what_speaks
from referrals.routing import NO_PARTNER, Override, OverrideKind


def vendors_own(lead: Lead) -> list[Override]:
    """What keeps the lead with the vendor; nothing for nearly every lead."""
    return _vendors_own({key.kind: key.value for key in keys_of(identity_of(lead))})


def _vendors_own(keys: dict[KeyKind, str]) -> list[Override]:
    own = own_opportunity_of(keys)
    return [Override(OverrideKind.OWN_OPPORTUNITY, NO_PARTNER, own.company)] if own is not None else []


def overrides_for(lead: Lead) -> list[Override]:
    """Everything that speaks for one partner before any score, or for the vendor itself; each with what it rests on."""
    found: list[Override] = []

    def add(kind: OverrideKind, partner_id: int | None, evidence: str = "") -> None:
        if partner_id is not None:
            found.append(Override(kind, str(partner_id), evidence))

    add(OverrideKind.EXPLICIT, lead.explicit_partner_id)
    keys = {key.kind: key.value for key in keys_of(identity_of(lead))}
    domain, tax_key = keys.get(KeyKind.DOMAIN), keys.get(KeyKind.TAX_ID)
    speaks = what_speaks(lead, keys)
    for deal in _protected_deals(keys) if speaks.deal else ():
        add(OverrideKind.REGISTERED_DEAL, deal.partner_id, deal.number)
    if speaks.own:
        found += _vendors_own(keys)
    for customer in _customers(domain, tax_key) if speaks.customer else ():
        add(OverrideKind.EXISTING_CUSTOMER, customer.partner_id, customer.name)
    add(OverrideKind.ASKED_PARTNER, lead.wanted_partner_id)
    add(OverrideKind.EVENT_HOST, lead.event_partner_id)
    brought = bringer_of(lead) if speaks.touch or lead.referral_code else None
    if brought is not None:
        bringer, _source, word = brought
        add(OverrideKind.REFERRAL_CODE, bringer.id, word)
    if speaks.account and domain is not None:
        account = session.scalar(sa.select(NamedAccount).where(NamedAccount.domain == domain))
        add(OverrideKind.NAMED_ACCOUNT, account.partner_id if account is not None else None, domain)
    return found


def _protected_deals(keys: dict[KeyKind, str]) -> list[Deal]:
    """Approved registrations of the same company, by what names a company for certain."""
    certain = [(kind.value, keys[kind]) for kind in (KeyKind.TAX_ID, KeyKind.DOMAIN) if kind in keys]
    if not certain:
        return []
    return list(
        session.scalars(
            sa.select(Deal)
            .join(DealKey, DealKey.deal_id == Deal.id)
            .join(IdentityKey, IdentityKey.id == DealKey.key_id)
            .where(
                sa.tuple_(IdentityKey.kind, IdentityKey.value).in_(certain),
                Deal.status == DealStatus.APPROVED,
                Deal.protected_until > clock.now(),
            )
            .order_by(Deal.id)
            .distinct()
            .limit(10)
        )
    )


def _customers(domain: str | None, tax_key: str | None) -> list[Customer]:
    same = [
        column == value for column, value in ((Customer.domain, domain), (Customer.tax_key, tax_key)) if value
    ]
    if not same:
        return []
    return list(
        session.scalars(
            sa.select(Customer)
            .where(sa.or_(*same), Customer.partner_id.is_not(None))
            .order_by(Customer.id)
            .limit(10)
        )
    )
