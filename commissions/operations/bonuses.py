"""What other events than sales earn: a lead taken on, a lead that proves good, a new partner brought.

They are computed by the version that is in force for the partner at that moment, and posted once. Where the cause is
undone, the grant is taken back by difference.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from commissions import rates
from commissions.models import Entry, EntryKind, PlanVersion
from commissions.operations.accrual import hold_book, partner_as_it_was
from commissions.operations.entries import post_entries
from commissions.queries import plans as queries
from commissions.queries.bonuses import REFUSED, is_refused
from commissions.rates.facts import Trigger
from commissions.rates.terms import window_label
from core import activity, clock
from core.activity import Actor
from core.bulk import among
from core.database import session
from core.settings import PROGRAMME_TIME_ZONE
from partners.models import Partner
from referrals.models import Lead


@dataclass(frozen=True)
class Occasion:
    """Something that a rule may reward. ``cause`` names it for good (``lead:12``); ``number`` is shown to people."""

    trigger: Trigger
    cause: str
    number: int
    country: str | None = None
    size: int | None = None
    source: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


def grant(partner: Partner, occasion: Occasion, *, by: Actor | None) -> list[Entry]:
    """Posts what the partner's plan pays for the occasion; again, or without a fitting rule: nothing."""
    rewarding = _plan_that_rewards(partner, occasion)
    if rewarding is None:
        return []
    version, plan = rewarding
    hold_book(partner.id)
    before = _lines_of(occasion.cause)
    if sum(entry.amount_minor for entry in before):
        return []
    facts = _facts(partner, occasion, plan)
    computation = rates.compute(plan, facts, granted=_used(partner, version, plan, facts))
    now = clock.now()
    entries = [
        Entry(
            key=_key(posting.key.name, partner.id, occasion.cause, before),
            kind=EntryKind.COMMISSION,
            partner_id=partner.id,
            amount_minor=posting.amount_minor,
            currency=posting.currency,
            plan_version_id=version.id,
            rule=posting.key.name,
            cause=occasion.cause,
            received_at=now,
            available_at=rates.available_at(now, plan.hold_days),
            proof={**posting.proof, "event": {"trigger": occasion.trigger, "number": occasion.number}},
        )
        for posting in rates.postings(computation, {})
    ]
    return post_entries(entries, by=by)


def refuse(
    partner: Partner, occasion: Occasion, lead: Lead, *, because: str, word: str, by: Actor | None
) -> None:
    """Writes down, once, that what the plan pays for a lead does not come, and why; where it pays nothing: nothing.

    ``because`` is what :func:`referrals.operations.attribution.why_its_own` says; ``word`` the code or link it came by.
    """
    rewarding = _plan_that_rewards(partner, occasion)
    if rewarding is None or is_refused(lead):
        return
    _version, plan = rewarding
    if not rates.postings(rates.compute(plan, _facts(partner, occasion, plan), granted={}), {}):
        return
    details = {"partner": partner.name, "reason": because, "word": word}
    activity.record(REFUSED, lead, by=by, details=details, partner_id=partner.id)


def _plan_that_rewards(partner: Partner, occasion: Occasion) -> tuple[PlanVersion, rates.PlanVersion] | None:
    """The partner's plan of this moment, if it has a rule for such occasions."""
    version = queries.live_version(partner.plan_code)
    if version is None:
        return None
    plan = queries.parsed(version)
    fits = any(rule.trigger == occasion.trigger for rule in plan.rules)
    return (version, plan) if fits else None


def take_back(cause: str, *, by: Actor | None) -> list[Entry]:
    """Takes back whatever an occasion granted and was not taken back yet; it counts at once."""
    before = _lines_of(cause)
    if not before:
        return []
    hold_book(before[0].partner_id or 0)
    before = _lines_of(cause)
    now = clock.now()
    reversals = []
    for root in [entry for entry in before if entry.corrects_id is None]:
        granted = root.amount_minor + sum(
            entry.amount_minor for entry in before if entry.corrects_id == root.id
        )
        if granted:
            proof = rates.proof_of(None, 0, root.currency, granted_minor=granted)
            reversals.append(
                Entry(
                    key=_key(root.rule, root.partner_id, cause, before),
                    kind=EntryKind.REVERSAL,
                    partner_id=root.partner_id,
                    amount_minor=-granted,
                    currency=root.currency,
                    plan_version_id=root.plan_version_id,
                    rule=root.rule,
                    cause=cause,
                    received_at=now,
                    available_at=now,
                    proof={**proof, "event": root.proof.get("event")},
                    corrects_id=root.id,
                )
            )
    return post_entries(reversals, by=by)


def granted_causes(causes: Collection[str]) -> list[str]:
    """Of many occasions, those that granted anything."""
    query = sa.select(Entry.cause).where(among(Entry.cause, causes), Entry.sale_id.is_(None)).distinct()
    return sorted(cause for cause in session.scalars(query) if cause is not None)


def _lines_of(cause: str) -> list[Entry]:
    """Every line of an occasion: granted, taken back, granted again."""
    query = sa.select(Entry).where(Entry.cause == cause, Entry.sale_id.is_(None))
    return list(session.scalars(query.where(Entry.kind != EntryKind.ADJUSTMENT).order_by(Entry.id)))


def _key(rule: str, partner_id: int | None, cause: str, before: list[Entry]) -> str:
    """What makes a line unique: the same occasion may be granted, taken back and granted again."""
    return f"||{rule}|partner:{partner_id}|{cause}|{len(before)}"


def _facts(partner: Partner, occasion: Occasion, plan: rates.PlanVersion) -> rates.SaleFacts:
    return rates.SaleFacts(
        occurred_at=clock.now(),
        currency=plan.currency,
        partner=rates.PartnerFacts.kept(partner_as_it_was(partner, clock.now())),
        customer=rates.CustomerFacts(country=occasion.country, size=occasion.size),
        country=occasion.country,
        source=occasion.source,
        metadata=occasion.metadata,
        time_zone=ZoneInfo(PROGRAMME_TIME_ZONE.value()),
        trigger=occasion.trigger,
    )


def _used(
    partner: Partner, version: PlanVersion, plan: rates.PlanVersion, facts: rates.SaleFacts
) -> dict[rates.CapKey, int]:
    """What earlier occasions used of each cap, before anything was taken back."""
    used: dict[rates.CapKey, int] = {}
    for rule in plan.rules:
        if rule.trigger != facts.trigger or not rule.caps:
            continue
        earlier = session.execute(
            sa.select(Entry.received_at, Entry.amount_minor).where(
                Entry.partner_id == partner.id,
                Entry.plan_version_id == version.id,
                Entry.rule == rule.name,
                Entry.kind == EntryKind.COMMISSION,
                Entry.sale_id.is_(None),
            )
        ).all()
        for cap, key in zip(rule.caps, rates.cap_keys(rule, facts), strict=True):
            used[key] = sum(
                amount
                for at, amount in earlier
                if window_label(cap.window, at, facts.time_zone) == key.window
            )
    return used
