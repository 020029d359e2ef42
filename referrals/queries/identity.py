"""Who do we know already? Leads by their keys, and names that look alike."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from core.bulk import among
from core.database import session
from referrals.matching import Hit, HitClass, KeyKind
from referrals.models.identity import IdentityKey, LeadKey, NameTrigram
from referrals.models.leads import OPEN, Lead


def leads_known_by(keys: Sequence[tuple[str, str]]) -> list[tuple[Lead, str]]:
    """Open leads that share a key (kind, value), each with the kind; oldest first."""
    if not keys:
        return []
    rows = session.execute(
        sa.select(Lead, IdentityKey.kind)
        .join(LeadKey, LeadKey.lead_id == Lead.id)
        .join(IdentityKey, IdentityKey.id == LeadKey.key_id)
        .where(sa.tuple_(IdentityKey.kind, IdentityKey.value).in_(list(keys)), Lead.status.in_(OPEN))
        .order_by(Lead.id)
        .limit(200)
    )
    return [(lead, kind) for lead, kind in rows]


def similar_names(trigrams: Sequence[str], *, own: int) -> list[tuple[int, str, int, int]]:
    """Names that share at least half of ``trigrams``: key id, name, how many shared, how many it has."""
    if not trigrams:
        return []
    shared = sa.func.count().label("shared")
    rows = session.execute(
        sa.select(IdentityKey.id, IdentityKey.value, shared, IdentityKey.trigram_count)
        .join(NameTrigram, NameTrigram.key_id == IdentityKey.id)
        .where(NameTrigram.trigram.in_(list(trigrams)))
        .group_by(IdentityKey.id, IdentityKey.value, IdentityKey.trigram_count)
        .having(sa.func.count() * 2 >= own)
        .order_by(shared.desc(), IdentityKey.id)
        .limit(50)
    )
    return [(key_id, value, int(both), int(theirs)) for key_id, value, both, theirs in rows]


def leads_with_names(key_ids: Sequence[int]) -> list[tuple[Lead, int]]:
    """Open leads whose bare name is one of these keys."""
    if not key_ids:
        return []
    rows = session.execute(
        sa.select(Lead, LeadKey.key_id)
        .join(LeadKey, LeadKey.lead_id == Lead.id)
        .where(LeadKey.key_id.in_(list(key_ids)), Lead.status.in_(OPEN))
        .order_by(Lead.id)
        .limit(100)
    )
    return [(lead, key_id) for lead, key_id in rows]


def same_text_since(text: str | None, since: datetime) -> int:
    """How many leads since then had this very text."""
    if not (text or "").strip():
        return 0
    return int(
        session.scalar(
            sa.select(sa.func.count()).select_from(Lead).where(Lead.received_at >= since, Lead.text == text)
        )
        or 0
    )


def held_key_numbers(wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """The number of each key (kind, value), locked; in one order, so that nobody waits for another in a ring."""
    values: dict[str, list[str]] = defaultdict(list)
    for kind, value in wanted:
        values[kind].append(value)
    of_a_kind = [
        sa.and_(IdentityKey.kind == kind, among(IdentityKey.value, some)) for kind, some in values.items()
    ]
    rows = session.execute(
        sa.select(IdentityKey.kind, IdentityKey.value, IdentityKey.id)
        .where(sa.or_(sa.false(), *of_a_kind))
        .order_by(IdentityKey.kind, IdentityKey.value)
        .with_for_update()
    )
    return {(kind, value): number for kind, value, number in rows}


def open_leads_by_key(kinds: Mapping[int, KeyKind], *, but: Collection[int]) -> list[tuple[Hit, int]]:
    """Open leads that have one of these keys, except ``but``: as hits, each with the key."""
    rows = session.execute(
        sa.select(Lead, LeadKey.key_id)
        .join(LeadKey, LeadKey.lead_id == Lead.id)
        .where(among(LeadKey.key_id, kinds), Lead.status.in_(OPEN), sa.not_(among(LeadKey.lead_id, but)))
        .order_by(Lead.id)
    )
    return [(hit_of(lead, kinds[key_id]), key_id) for lead, key_id in rows]


def hit_of(lead: Lead, kind: KeyKind, alike: float = 1.0) -> Hit:
    """A lead as something found by a key."""
    return Hit(
        kind=kind,
        hit_class=HitClass.CLAIMED_LEAD if lead.is_held else HitClass.EARLIER_LEAD,
        reference=f"lead:{lead.id}",
        completed_at=lead.received_at,
        partner_id=str(lead.partner_id) if lead.is_held else None,
        similarity=alike,
    )
