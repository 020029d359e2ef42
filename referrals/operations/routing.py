"""Gives a lead its partner: gathers the facts, lets the rules decide, keeps the decision and carries it out."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from academy.queries import certified_products_by_partner, products_with_a_course
from core import clock
from core.activity import Actor
from core.database import lock, session, write_once
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.settings import PROGRAMME_TIME_ZONE
from core.signals import announce
from partners.models import Partner, PartnerStatus
from partners.queries import (
    partners_with_valid_agreement,
    tiers,
    tiers_by_code,
)
from referrals.matching import KeyKind, keys_of
from referrals.models.customers import Customer
from referrals.models.deals import Deal, DealKey, DealStatus
from referrals.models.identity import IdentityKey
from referrals.models.leads import Lead, LeadStatus, NamedAccount
from referrals.models.routing import PolicyStatus, RoutingCandidate, RoutingDecision, RoutingPolicy
from referrals.operations.identity import identity_of
from referrals.operations.offering import make_offer
from referrals.queries import leads as asked
from referrals.queries.codes import partner_of_code
from referrals.queries.names import Names
from referrals.routing import (
    CandidateFacts,
    Decision,
    Filter,
    Filtered,
    LeadFacts,
    Mode,
    Override,
    OverrideKind,
    Policy,
    Row,
    SizeBand,
    reason_sentence,
    route,
)
from referrals.signals.leads import LeadAssigned, LeadRouted, LeadWentToTriage, PolicyPublished

LATELY = timedelta(days=90)
SHARE_OF = timedelta(days=30)
CORPORATE = 1000
"""From so many people on, a lead goes to the second tier upwards, unless the policy says otherwise."""


# Policies


@dataclass(frozen=True)
class Queue:
    """Leads of one kind, which go another way than the policy's: what it takes to be in it, and the mode."""

    name: str
    mode: Mode
    k: int = 3
    sources: tuple[str, ...] = ()
    employees_below: int | None = None
    size_below_minor: int | None = None

    def takes(self, lead: Lead) -> bool:
        """Every condition that is set must hold; what is not known of the lead does not hold."""
        if self.sources and (lead.source or "").lower() not in self.sources:
            return False
        if self.employees_below is not None and (
            lead.employees is None or lead.employees >= self.employees_below
        ):
            return False
        if self.size_below_minor is None:
            return True
        return lead.size_minor is not None and lead.size_minor < self.size_below_minor

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "mode": self.mode.value,
            "k": self.k,
            "sources": list(self.sources),
            "employees_below": self.employees_below,
            "size_below_minor": self.size_below_minor,
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Queue":
        return cls(**{**stored, "mode": Mode(stored["mode"]), "sources": tuple(stored.get("sources", ()))})


def read_policy(row: RoutingPolicy) -> tuple[Policy, tuple[Queue, ...]]:
    """A stored version as the rules understand it, and its queues."""
    definition = {key: value for key, value in row.definition.items() if key != "queues"}
    queues = tuple(Queue.from_json(stored) for stored in row.definition.get("queues", ()))
    return Policy.from_json(row.name, definition), queues


def _definition(policy: Policy, queues: Iterable[Queue]) -> dict[str, Any]:
    return {**policy.as_json(), "queues": [queue.as_json() for queue in queues]}


def policy_in_force() -> RoutingPolicy:
    """The published version; a new installation begins with the portal's own."""
    row = asked.published_policy()
    if row is None:
        _begin_with_a_policy()
        row = asked.published_policy()
    if row is None:
        raise RuntimeError("There is no published routing policy.")
    return row


def _begin_with_a_policy() -> None:
    """Writes version 1. Of two requests that find none, one writes it and the other waits for it."""
    ladder = tiers()
    bands = (SizeBand(CORPORATE, ladder[1].rank, ladder[1].code),) if len(ladder) > 1 else ()
    policy = Policy(tier_minimums=bands, top_tier_weight=_top_weight())
    queues = (
        Queue("Small firms", Mode.POOL, employees_below=10),
        Queue("Shop", Mode.POOL, sources=("shop",)),
    )
    write_once(
        RoutingPolicy,
        {
            "code": "standard",
            "version": 1,
            "status": PolicyStatus.PUBLISHED,
            "definition": _definition(policy, queues),
            "note": "",
            "created_at": clock.now(),
            "published_at": clock.now(),
            "published_by_name": "",
        },
        unique=["code", "version"],
    )


def _top_weight() -> Decimal:
    return max((Decimal(tier.lead_weight) for tier in tiers()), default=Decimal(1))


def publish_policy(policy: Policy, queues: Iterable[Queue], *, note: str, by: Actor | None) -> RoutingPolicy:
    """Routes by these rules from now on; the version before stays as it was."""
    before = lock(policy_in_force())
    if before.status is not PolicyStatus.PUBLISHED:
        raise Refusal(_("Somebody published another version just now. Look at it first."))
    before.status = PolicyStatus.SUPERSEDED
    session.flush()
    row = RoutingPolicy(
        code=before.code,
        version=before.version + 1,
        status=PolicyStatus.PUBLISHED,
        definition=_definition(replace(policy, top_tier_weight=_top_weight()), queues),
        note=note.strip(),
        created_at=clock.now(),
        published_at=clock.now(),
        published_by_name=str(by.name) if by is not None else "",
    )
    session.add(row)
    session.flush()
    announce(PolicyPublished(row, by))
    return row


# Facts


def lead_facts(lead: Lead) -> LeadFacts:
    """What routing may know of a lead. A certificate is asked for only where a course leads to one."""
    products = frozenset(lead.product_codes)
    known_place = lead.latitude is not None and lead.longitude is not None
    return LeadFacts(
        country=lead.country,
        region=lead.region,
        place=(lead.latitude, lead.longitude) if known_place else None,  # type: ignore[arg-type]
        language=lead.language,
        products=products,
        certificates=products & products_with_a_course() if products else frozenset(),
        services=frozenset(lead.service_kinds),
        industry=(lead.industry or "").strip().lower() or None,
        employees=lead.employees,
    )


def candidate_facts(lead: Lead) -> list[CandidateFacts]:
    """What routing knows of every partner at this moment: the same few queries for ten partners as for thousands."""
    firms = session.execute(
        sa.select(
            Partner.id, Partner.status, Partner.country, Partner.regions, Partner.languages, Partner.products,
            Partner.services, Partner.industries, Partner.tier, Partner.latitude, Partner.longitude,
            Partner.open_lead_cap, Partner.daily_lead_cap, Partner.paused_at,
        ).where(Partner.status != PartnerStatus.TERMINATED)
    ).all()  # fmt: skip
    with_agreement = set(session.scalars(partners_with_valid_agreement()))
    certified = certified_products_by_partner([firm.id for firm in firms]) if lead.product_codes else {}
    ladder = tiers_by_code()
    lately = asked.offer_figures(clock.now() - LATELY)
    medians = asked.median_answers(clock.now() - LATELY)
    open_leads = asked.open_lead_counts()
    today = asked.received_counts(_midnight())
    received = asked.received_counts(clock.now() - SHARE_OF)
    decided = asked.decided_leads()
    declined, lapsed = asked.answers_to(lead)
    weights = {code: float(tier.lead_weight) for code, tier in ladder.items()}
    whole = sum(weights.get(firm.tier, 1.0) for firm in firms if firm.status is PartnerStatus.ACTIVE) or 1.0
    all_received = sum(received.values())
    facts = []
    for firm in firms:
        figures = lately.get(firm.id)
        won, number = decided.get(firm.id, (0, 0))
        countries, regions = _area(firm.country, firm.regions)
        facts.append(
            CandidateFacts(
                partner_id=str(firm.id),
                is_active=firm.status is PartnerStatus.ACTIVE,
                has_agreement=firm.id in with_agreement,
                countries=countries,
                regions=regions,
                languages=frozenset(firm.languages),
                products=frozenset(firm.products),
                certified=frozenset(certified.get(firm.id, ())),
                services=frozenset(firm.services),
                industries=frozenset(industry.strip().lower() for industry in firm.industries),
                tier=firm.tier,
                tier_rank=ladder[firm.tier].rank if firm.tier in ladder else 0,
                tier_weight=Decimal(ladder[firm.tier].lead_weight) if firm.tier in ladder else 0,
                place=(firm.latitude, firm.longitude) if firm.latitude is not None else None,
                open_leads=open_leads.get(firm.id, 0),
                leads_today=today.get(firm.id, 0),
                capacity=firm.open_lead_cap,
                daily_capacity=firm.daily_lead_cap,
                is_paused=firm.paused_at is not None,
                has_declined=firm.id in declined,
                has_lapsed=firm.id in lapsed,
                acceptance_rate=figures.accepted / figures.offered if figures else None,
                median_answer_hours=medians.get(firm.id),
                win_rate=won / number if number else None,
                decided_deals=number,
                received_lately=received.get(firm.id, 0),
                expected_lately=all_received * weights.get(firm.tier, 1.0) / whole if all_received else None,
            )
        )
    return facts


def _area(country: str, places: list[str]) -> tuple[frozenset[str], frozenset[str]]:
    """The countries and regions a firm serves; a firm that names none serves its own country."""
    whole = {place for place in places if "-" not in place}
    parts = {place for place in places if "-" in place and place.partition("-")[0] not in whole}
    countries = whole | {part.partition("-")[0] for part in parts}
    return frozenset(countries or {country}), frozenset(parts)


def _midnight() -> datetime:
    local = clock.now().astimezone(ZoneInfo(PROGRAMME_TIME_ZONE.value()))
    return local.replace(hour=0, minute=0, second=0, microsecond=0)


def overrides_for(lead: Lead) -> list[Override]:
    """Everything that speaks for one partner before any score, each with what it rests on."""
    found: list[Override] = []

    def add(kind: OverrideKind, partner_id: int | None, evidence: str = "") -> None:
        if partner_id is not None:
            found.append(Override(kind, str(partner_id), evidence))

    add(OverrideKind.EXPLICIT, lead.explicit_partner_id)
    keys = {key.kind: key.value for key in keys_of(identity_of(lead))}
    domain, tax_key = keys.get(KeyKind.DOMAIN), keys.get(KeyKind.TAX_ID)
    for deal in _protected_deals(keys):
        add(OverrideKind.REGISTERED_DEAL, deal.partner_id, deal.number)
    for customer in _customers(domain, tax_key):
        add(OverrideKind.EXISTING_CUSTOMER, customer.partner_id, customer.name)
    add(OverrideKind.ASKED_PARTNER, lead.wanted_partner_id)
    add(OverrideKind.EVENT_HOST, lead.event_partner_id)
    owner = partner_of_code(lead.referral_code)
    add(OverrideKind.REFERRAL_CODE, owner.id if owner is not None else None, lead.referral_code or "")
    if domain is not None:
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


# Routing


def decide(lead: Lead, row: RoutingPolicy, *, seed: int, mode: Mode | None = None) -> Decision:
    """What the policy says about the lead now, without doing anything about it. ``mode`` overrules the policy's."""
    policy, queues = read_policy(row)
    queue = next((queue for queue in queues if queue.takes(lead)), None)
    if queue is not None:
        policy = replace(policy, mode=queue.mode, k=queue.k)
    if mode is not None:
        policy = replace(policy, mode=mode)
    overrides = [] if mode is Mode.POOL else overrides_for(lead)
    return route(lead_facts(lead), candidate_facts(lead), policy, seed, overrides)


def route_lead(
    lead: Lead, *, by: Actor | None, seed: int | None = None, mode: Mode | None = None
) -> RoutingDecision:
    """Routes a qualified lead: offers it, puts it into the pool, or leaves it to the triage. Keeps the whole table."""
    if lead.status is not LeadStatus.QUALIFIED:
        raise Refusal(_("Only a qualified lead is routed."))
    row = policy_in_force()
    decision = decide(lead, row, seed=secrets.randbelow(2**31) if seed is None else seed, mode=mode)
    kept = _keep(lead, row, decision)
    announce(LeadRouted(lead, by, policy=row.name, mode=decision.mode.value, eligible=len(decision.ranked)))
    chosen = [int(partner_id) for partner_id in decision.chosen]
    if not chosen:
        send_to_triage(lead, "nobody_eligible", by=by)
    elif decision.mode is Mode.POOL:
        lead.become(LeadStatus.AVAILABLE)
    else:
        lead.become(LeadStatus.OFFERED)
        firms = {firm.id: firm for firm in session.scalars(sa.select(Partner).where(Partner.id.in_(chosen)))}
        for partner_id in chosen:
            make_offer(lead, firms[partner_id], kept, by=by)
    return kept


def _keep(lead: Lead, row: RoutingPolicy, decision: Decision) -> RoutingDecision:
    kept = RoutingDecision(
        lead_id=lead.id,
        policy_id=row.id,
        policy=decision.policy,
        mode=decision.mode.value,
        choice=decision.choice.value,
        seed=decision.seed,
        made_at=clock.now(),
        overrides=[
            {
                "kind": result.override.kind.value,
                "partner_id": result.override.partner_id,
                "evidence": result.override.evidence,
                "applied": result.is_applied,
                "unknown": result.is_unknown,
                "stopped_by": [_filtered_json(entry) for entry in result.stopped_by],
            }
            for result in decision.overrides
        ],
        filtered_out=_by_reason(decision.candidates),
        partners_asked=len(decision.candidates),
    )
    session.add(kept)
    session.flush()
    rows = [_candidate(kept, one) for one in decision.ranked]
    if rows:
        session.execute(sa.insert(RoutingCandidate), rows)
    return kept


def _candidate(kept: RoutingDecision, one: Row) -> dict[str, Any]:
    stored = one.as_json()
    names = ("points", "score", "factors", "waived", "rank", "chosen")
    return {
        "decision_id": kept.id,
        "partner_id": int(one.partner_id),
        **{name: stored[name] for name in names},
    }


def row_of(candidate: RoutingCandidate) -> Row:
    """A stored candidate as the rules read it."""
    names = ("factors", "points", "rank", "chosen", "waived")
    stored = {name: getattr(candidate, name) for name in names}
    return Row.from_json(
        {**stored, "partner_id": str(candidate.partner_id), "eligible": True, "filtered_by": []}
    )


def rows_of(decision: RoutingDecision) -> list[Row]:
    """The whole table of a decision: the scored by rank, then the filtered out by partner."""
    left_out: dict[int, list[Filtered]] = {}
    for entry in decision.filtered_out:
        filtered = Filtered(Filter(entry["filter"]), entry["params"])
        for partner_id in entry["partner_ids"]:
            left_out.setdefault(partner_id, []).append(filtered)
    return [row_of(candidate) for candidate in asked.candidates_of(decision)] + [
        Row(partner_id=str(partner_id), eligible=False, filtered_by=tuple(left_out[partner_id]))
        for partner_id in sorted(left_out)
    ]


def _filtered_json(entry: Filtered) -> dict[str, Any]:
    return {"filter": entry.filter.value, "params": dict(entry.params)}


def _by_reason(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Who was left out, by filter and figures, in the order of the filters: one entry for nearly everybody."""
    entries: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        for filtered in row.filtered_by:
            key = (filtered.filter.value, repr(sorted(filtered.params.items())))
            entry = entries.setdefault(key, {**_filtered_json(filtered), "partner_ids": []})
            entry["partner_ids"].append(int(row.partner_id))
    order = list(Filter)
    return sorted(entries.values(), key=lambda entry: order.index(Filter(entry["filter"])))


def send_to_triage(lead: Lead, reason: str, *, by: Actor | None) -> None:
    """A person has to decide; the lead stands in the managers' list until then."""
    lead.reason = reason
    lead.become(LeadStatus.TRIAGE)
    announce(LeadWentToTriage(lead, by, reason=reason))


def assign_lead(lead: Lead, partner: Partner, *, reason: str, by: Actor | None) -> None:
    """A manager's choice: only this partner is asked now. Raises Refusal with what stands against it."""
    from referrals.operations.holding import free_lead

    if not reason.strip():
        raise InvalidInput({"reason": _("Say why, for whoever reads this later.")})
    free_lead(lead, reason="reassigned", by=by)
    lead.explicit_partner_id = partner.id
    decision = route_lead(lead, by=by)
    chosen = {candidate.partner_id for candidate in asked.candidates_of(decision) if candidate.chosen}
    if partner.id not in chosen:
        names = Names()
        against = [
            reason_sentence(entry["filter"], entry["params"], names)
            for result in decision.overrides
            if result["kind"] == OverrideKind.EXPLICIT
            for entry in result["stopped_by"]
        ]
        raise Refusal(" ".join([_("%(partner)s cannot get it.", partner=partner.name), *against]))
    announce(LeadAssigned(lead, by, to_partner_id=partner.id, reason=reason.strip()))


def put_into_pool(lead: Lead, *, by: Actor | None) -> None:
    """Every partner who passes the filters may claim it."""
    from referrals.operations.holding import free_lead

    free_lead(lead, reason="reassigned", by=by)
    lead.explicit_partner_id = None
    route_lead(lead, by=by, mode=Mode.POOL)
