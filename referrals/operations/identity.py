"""Keeps the keys by which companies are recognised, and looks them up."""

from collections.abc import Iterable
from datetime import timedelta

import sqlalchemy as sa

from core import clock
from core.database import session, write_once
from referrals.matching import Hit, HitClass, Identity, Key, KeyKind, keys_of, similarity, trigrams
from referrals.models.identity import IdentityKey, LeadKey, NameTrigram
from referrals.models.leads import Lead
from referrals.queries import identity as known


def identity_of(lead: Lead) -> Identity:
    """What is known of the lead's company and person."""
    return Identity(
        company=lead.company,
        tax_id=lead.tax_id,
        website=lead.website,
        email=lead.email,
        phone=lead.phone,
        country=lead.country,
        postcode=lead.postcode,
    )


def hold_keys(lead: Lead) -> None:
    """Ties the lead to its keys, and holds them until the transaction ends."""
    session.add_all(LeadKey(lead_id=lead.id, key_id=row.id) for row in held_keys(keys_of(identity_of(lead))))
    session.flush()


def held_keys(keys: Iterable[Key]) -> list[IdentityKey]:
    """The rows of ``keys``, locked; always in one order, so that transactions never wait for each other in a ring."""
    return [_held(key) for key in sorted(keys, key=lambda key: (key.kind.value, key.value))]


def _held(key: Key) -> IdentityKey:
    letters = sorted(trigrams(key.value)) if key.kind is KeyKind.SIMILAR_NAME else []
    values = {"kind": key.kind.value, "value": key.value, "trigram_count": len(letters)}
    write_once(IdentityKey, values, unique=["kind", "value"])
    row = session.scalars(
        sa.select(IdentityKey)
        .where(IdentityKey.kind == key.kind.value, IdentityKey.value == key.value)
        .with_for_update()
    ).one()
    for trigram in letters:
        write_once(NameTrigram, {"trigram": trigram, "key_id": row.id}, unique=["trigram", "key_id"])
    return row


def lead_hits(identity: Identity, *, but: Lead | None = None, similar: bool = False) -> list[Hit]:
    """The open leads that share a key with ``identity``; with ``similar``, those whose names look alike as well."""
    keys = keys_of(identity)
    exact = [(key.kind.value, key.value) for key in keys if key.kind is not KeyKind.SIMILAR_NAME]
    hits = [_hit(lead, KeyKind(kind)) for lead, kind in known.leads_known_by(exact) if lead is not but]
    name = next((key.value for key in keys if key.kind is KeyKind.SIMILAR_NAME), "")
    if similar and name:
        own = trigrams(name)
        alike = {
            key_id: similarity(shared, len(own), theirs)
            for key_id, _value, shared, theirs in known.similar_names(sorted(own), own=len(own))
        }
        for lead, key_id in known.leads_with_names(sorted(alike)):
            if lead is not but:
                hits.append(_hit(lead, KeyKind.SIMILAR_NAME, alike[key_id]))
    return hits


def _hit(lead: Lead, kind: KeyKind, alike: float = 1.0) -> Hit:
    return Hit(
        kind=kind,
        hit_class=HitClass.CLAIMED_LEAD if lead.is_held else HitClass.EARLIER_LEAD,
        reference=f"lead:{lead.id}",
        completed_at=lead.received_at,
        partner_id=str(lead.partner_id) if lead.is_held else None,
        similarity=alike,
    )


def same_text_lately(text: str | None) -> int:
    """How many leads of the last day had this very text."""
    return known.same_text_since(text, clock.now() - timedelta(days=1))
