"""Is this company somebody's already? Looks leads, deals and customers up by every key of theirs."""

from collections.abc import Collection
from datetime import timedelta

import sqlalchemy as sa

from core import clock
from core.database import session
from partners.models import Partner
from referrals.matching import (
    Hit,
    HitClass,
    Identity,
    KeyKind,
    Verdict,
    classify,
    keys_of,
    name_key,
    similarity,
    trigrams,
)
from referrals.models.customers import Customer
from referrals.models.deals import Deal, DealKey, DealOrigin, DealStatus, RejectionCode
from referrals.models.identity import IdentityKey
from referrals.operations.identity import held_keys, lead_hits
from referrals.queries import identity as known
from referrals.queries.opportunities import opportunities_known_by
from referrals.settings import PROTECTION_DAYS

#: Deals in these states stand in somebody's way.
_STANDING = (
    DealStatus.SUBMITTED,
    DealStatus.IN_REVIEW,
    DealStatus.INFO_REQUESTED,
    DealStatus.APPROVED,
    DealStatus.WON,
)


def check_conflict(
    identity: Identity,
    *,
    partner: Partner | None,
    but: Deal | None = None,
    said_now: Collection[KeyKind] = (),
) -> Verdict:
    """Clear, needs review or conflict, for a company that ``partner`` would register now.

    What is found never says whose it is. ``but`` is the registration itself. By the keys ``said_now`` it is known
    from now on only, not from the moment it was handed in.
    """
    now = clock.now()
    moment = (but.submitted_at if but is not None else None) or now
    lead = but.lead if but is not None else None
    hits = [
        # A deal knows until when its lead is protected, so it comes before the lead.
        *_deal_hits(identity, but),
        *lead_hits(identity, but=lead, similar=True),
        *_customer_hits(identity),
        *_own_hits(identity),
    ]
    earlier = [hit for hit in hits if hit.completed_at <= (now if hit.kind in said_now else moment)]
    partner_id = str(partner.id) if partner is not None else None
    return classify(earlier, completed_at=now, now=now, partner_id=partner_id)


def identity_of_deal(deal: Deal) -> Identity:
    """What is known of the deal's company and person."""
    return Identity(
        company=deal.company,
        tax_id=deal.tax_id,
        website=deal.website,
        email=deal.email,
        phone=deal.phone,
        country=deal.country,
        postcode=deal.postcode,
    )


def hold_deal_keys(deal: Deal) -> None:
    """Ties the deal to the keys of its company, and holds them until the transaction ends.

    Two partners who register one company at one moment so meet here: the second waits, and then sees the first.
    """
    numbers = held_keys(keys_of(identity_of_deal(deal))).values()
    session.execute(sa.delete(DealKey).where(DealKey.deal_id == deal.id))
    if numbers:
        session.execute(sa.insert(DealKey), [{"deal_id": deal.id, "key_id": number} for number in numbers])


def _deal_hits(identity: Identity, but: Deal | None) -> list[Hit]:
    keys = keys_of(identity)
    exact = [(key.kind.value, key.value) for key in keys if key.kind is not KeyKind.SIMILAR_NAME]
    found = sa.select(Deal, IdentityKey.kind, IdentityKey.id).join(DealKey, DealKey.deal_id == Deal.id)
    found = found.join(IdentityKey, IdentityKey.id == DealKey.key_id).where(
        sa.or_(Deal.status.in_(_STANDING), _is_the_vendors_own())
    )
    if but is not None:
        found = found.where(Deal.id != but.id)
    hits: list[Hit] = []
    if exact:
        rows = session.execute(
            found.where(sa.tuple_(IdentityKey.kind, IdentityKey.value).in_(exact))
            .order_by(Deal.id)
            .limit(200)
        )
        hits += [_deal_hit(deal, KeyKind(kind)) for deal, kind, _key in rows]
    alike = _names_like(next((key.value for key in keys if key.kind is KeyKind.SIMILAR_NAME), ""))
    if alike:
        rows = session.execute(found.where(IdentityKey.id.in_(sorted(alike))).order_by(Deal.id).limit(100))
        hits += [_deal_hit(deal, KeyKind.SIMILAR_NAME, alike[key_id]) for deal, _kind, key_id in rows]
    return hits


def _names_like(name: str) -> dict[int, float]:
    own = trigrams(name)
    if not own:
        return {}
    return {
        key_id: similarity(shared, len(own), theirs)
        for key_id, _value, shared, theirs in known.similar_names(sorted(own), own=len(own))
    }


def _is_the_vendors_own() -> sa.ColumnElement[bool]:
    """A registration turned down lately since the vendor was talking to the company itself: it still is."""
    lately = clock.now() - timedelta(days=PROTECTION_DAYS.value())
    return sa.and_(
        Deal.status == DealStatus.REJECTED,
        Deal.rejection_code == RejectionCode.VENDOR_OPPORTUNITY,
        Deal.decided_at > lately,
    )


def _deal_hit(deal: Deal, kind: KeyKind, alike: float = 1.0) -> Hit:
    if deal.status is DealStatus.REJECTED:
        until = (deal.decided_at or deal.created_at) + timedelta(days=PROTECTION_DAYS.value())
        return Hit(
            kind=kind,
            hit_class=HitClass.VENDOR_OPPORTUNITY,
            reference=f"deal:{deal.id}",
            completed_at=deal.submitted_at or deal.created_at,
            protected_until=until,
            similarity=alike,
        )
    is_won = deal.status is DealStatus.WON
    is_of_lead = not is_won and deal.origin is DealOrigin.ROUTED
    held_as = HitClass.CLAIMED_LEAD if is_of_lead else HitClass.REGISTRATION
    return Hit(
        kind=kind,
        hit_class=HitClass.EXISTING_CUSTOMER if is_won else held_as,
        reference=f"lead:{deal.lead_id}" if is_of_lead else f"deal:{deal.id}",
        completed_at=deal.submitted_at or deal.created_at,
        partner_id=str(deal.partner_id),
        protected_until=None if is_won else deal.protected_until,
        similarity=alike,
    )


def _own_hits(identity: Identity) -> list[Hit]:
    """What the vendor's people have written down that they talk to."""
    keys = keys_of(identity)
    exact = [(key.kind.value, key.value) for key in keys if key.kind is not KeyKind.SIMILAR_NAME]
    alike = _names_like(next((key.value for key in keys if key.kind is KeyKind.SIMILAR_NAME), ""))
    return [
        Hit(
            kind=KeyKind(kind),
            hit_class=HitClass.VENDOR_OPPORTUNITY,
            reference=f"own:{row.id}",
            completed_at=row.created_at,
            protected_until=row.holds_until,
            similarity=alike.get(key_id, 1.0),
        )
        for row, kind, key_id in opportunities_known_by(exact, sorted(alike))
        if row.holds
    ]


def _customer_hits(identity: Identity) -> list[Hit]:
    keys = {key.kind: key.value for key in keys_of(identity)}
    by = {KeyKind.TAX_ID: Customer.tax_key, KeyKind.DOMAIN: Customer.domain}
    hits = [
        _customer_hit(customer, kind)
        for kind, column in by.items()
        if kind in keys
        for customer in session.scalars(sa.select(Customer).where(column == keys[kind]).limit(20))
    ]
    name = name_key(identity.company)
    if name:
        same_name = sa.select(Customer).where(Customer.name_key == name)
        if identity.country:
            country = identity.country.upper()
            same_name = same_name.where(sa.or_(Customer.country.is_(None), Customer.country == country))
        hits += [_customer_hit(found, KeyKind.SIMILAR_NAME) for found in session.scalars(same_name.limit(20))]
    return hits


def _customer_hit(customer: Customer, kind: KeyKind) -> Hit:
    return Hit(
        kind=kind,
        hit_class=HitClass.EXISTING_CUSTOMER,
        reference=f"customer:{customer.id}",
        completed_at=customer.created_at,
        partner_id=str(customer.partner_id) if customer.partner_id is not None else None,
    )
