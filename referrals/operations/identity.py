"""Keeps the keys by which companies are recognised, and looks them up."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from core import clock
from core.bulk import insert_rows
from core.database import write_many_once
from referrals.matching import Hit, Identity, Key, KeyKind, keys_of, similarity, trigrams
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
    hold_keys_of_many([lead], {lead.id: identity_of(lead)})


def held_keys(keys: Iterable[Key]) -> dict[Key, int]:
    """The numbers of ``keys``, locked; always in one order, so that transactions never wait for each other in a ring.

    Five statements, however many keys there are.
    """
    wanted = {(key.kind.value, key.value): key for key in keys}
    letters = {value: sorted(trigrams(value)) for kind, value in wanted if kind == KeyKind.SIMILAR_NAME}
    write_many_once(
        IdentityKey,
        [
            {
                "kind": kind,
                "value": value,
                "trigram_count": len(letters[value]) if kind == KeyKind.SIMILAR_NAME else 0,
            }
            for kind, value in sorted(wanted)
        ],
        unique=["kind", "value"],
    )
    numbers = known.held_key_numbers(sorted(wanted))
    write_many_once(
        NameTrigram,
        [
            {"trigram": trigram, "key_id": numbers[KeyKind.SIMILAR_NAME.value, value]}
            for value, of_name in sorted(letters.items())
            for trigram in of_name
        ],
        unique=["trigram", "key_id"],
    )
    return {key: numbers[named] for named, key in wanted.items()}


def hold_keys_of_many(
    leads: Iterable[Lead], identities: Mapping[int, Identity]
) -> dict[int, list[tuple[int, KeyKind]]]:
    """The same for many leads at once; answers the number and kind of every key by lead."""
    keys = {lead.id: keys_of(identities[lead.id]) for lead in leads}
    numbers = held_keys({key for of_lead in keys.values() for key in of_lead})
    held = {lead_id: [(numbers[key], key.kind) for key in of_lead] for lead_id, of_lead in keys.items()}
    ties = [(lead_id, key_id) for lead_id, of_lead in held.items() for key_id, _kind in of_lead]
    insert_rows(LeadKey, ("lead_id", "key_id"), ties)
    return held


def lead_hits(identity: Identity, *, but: Lead | None = None, similar: bool = False) -> list[Hit]:
    """The open leads that share a key with ``identity``; with ``similar``, those whose names look alike as well."""
    keys = keys_of(identity)
    exact = [(key.kind.value, key.value) for key in keys if key.kind is not KeyKind.SIMILAR_NAME]
    hits = [
        known.hit_of(lead, KeyKind(kind)) for lead, kind in known.leads_known_by(exact) if lead is not but
    ]
    name = next((key.value for key in keys if key.kind is KeyKind.SIMILAR_NAME), "")
    if similar and name:
        own = trigrams(name)
        alike = {
            key_id: similarity(shared, len(own), theirs)
            for key_id, _value, shared, theirs in known.similar_names(sorted(own), own=len(own))
        }
        for lead, key_id in known.leads_with_names(sorted(alike)):
            if lead is not but:
                hits.append(known.hit_of(lead, KeyKind.SIMILAR_NAME, alike[key_id]))
    return hits


def same_text_lately(text: str | None) -> int:
    """How many leads of the last day had this very text."""
    return known.same_text_since(text, clock.now() - timedelta(days=1))
