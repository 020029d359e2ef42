"""What routing knows: of a lead, of every partner, and of the few who pass the filters."""

import json
from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from academy.queries import certified_products_by_partner, products_with_a_course
from core import clock
from core.database import session
from core.settings import PROGRAMME_TIME_ZONE
from partners.models import Partner, PartnerStatus, Tier
from partners.queries import partners_with_valid_agreement, tiers_by_code
from referrals.models.leads import Lead
from referrals.queries import candidates
from referrals.queries.candidates import Standings
from referrals.queries.decisions import answers_to
from referrals.queries.figures import (
    decided_leads,
    median_answers,
    offer_figures,
    open_lead_counts,
    received_counts,
)
from referrals.queries.scores import score_figures
from referrals.routing import CandidateFacts, LeadFacts, Policy, ScoreFacts

LATELY = timedelta(days=90)
SHARE_OF = timedelta(days=30)


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


def network_facts() -> list[CandidateFacts]:
    """What is known of every partner at this moment, whatever the lead: a few queries for thousands of partners."""
    firms = session.execute(
        sa.select(
            Partner.id, Partner.status, Partner.country, Partner.regions, Partner.languages, Partner.products,
            Partner.services, Partner.industries, Partner.tier, Partner.latitude, Partner.longitude,
            Partner.open_lead_cap, Partner.daily_lead_cap, Partner.paused_at,
        ).where(Partner.status != PartnerStatus.TERMINATED)
    ).all()  # fmt: skip
    with_agreement = set(session.scalars(partners_with_valid_agreement()))
    certified = certified_products_by_partner([firm.id for firm in firms])
    ladder = tiers_by_code()
    since = clock.now() - LATELY
    lately, medians = offer_figures(since), median_answers(since)
    open_leads = open_lead_counts()
    today, received = received_counts(midnight()), received_counts(clock.now() - SHARE_OF)
    decided = decided_leads()
    numbers = Counter(firm.tier for firm in firms if firm.status is PartnerStatus.ACTIVE)
    share, weights = _share_of(sum(received.values()), numbers, ladder), _weights(ladder)
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
                industries=_plain_names(json.dumps(firm.industries)),
                tier=firm.tier,
                tier_rank=ladder[firm.tier].rank if firm.tier in ladder else 0,
                tier_weight=weights.get(firm.tier, 0),
                place=(firm.latitude, firm.longitude) if firm.latitude is not None else None,
                open_leads=open_leads.get(firm.id, 0),
                leads_today=today.get(firm.id, 0),
                capacity=firm.open_lead_cap,
                daily_capacity=firm.daily_lead_cap,
                is_paused=firm.paused_at is not None,
                acceptance_rate=figures.accepted / figures.offered if figures else None,
                median_answer_hours=medians.get(firm.id),
                win_rate=won / number if number else None,
                decided_deals=number,
                received_lately=received.get(firm.id, 0),
                expected_lately=share.get(firm.tier),
            )
        )
    return facts


def sort_network(
    lead: Lead, facts: LeadFacts, policy: Policy, ladder: Mapping[str, Tier], *, is_of_a_file: bool = False
) -> candidates.Sorted:
    """Who passes the policy's filters for this lead, and what keeps everybody else out. ``ladder``: tiers by code.

    ``is_of_a_file``: it may fill only the part of a partner's day that files may.
    """
    declined, lapsed = answers_to(lead)
    least = policy.least_tier(facts.employees)
    below = [code for code, tier in ladder.items() if least is not None and tier.rank < least.tier_rank]
    return candidates.sort_network(
        facts,
        policy,
        Standings(
            declined,
            lapsed,
            tuple(ladder),
            below,
            least.tier if least is not None else "",
            midnight(),
            is_of_a_file,
        ),
    )


def facts_for_scores(
    lead: LeadFacts, network: candidates.Sorted, ladder: Mapping[str, Tier], besides: Collection[int] = ()
) -> list[ScoreFacts]:
    """What scores are made of, for who passed the filters, and for those ``besides`` that an override speaks for."""
    open_leads = network.passing | candidates.open_leads_of(besides)
    wanted = [*network.passing, *besides]
    if not wanted:
        return []
    products = sorted(lead.products)
    since = clock.now() - LATELY
    rows = score_figures(wanted, products, lately=since, share_of=clock.now() - SHARE_OF)
    share = _share_of(rows[0].received_in_all if rows else 0, network.active_by_tier, ladder)
    weights = _weights(ladder)
    return [
        ScoreFacts(
            str(partner_id),
            _codes(sold),
            _of_bits(certified, products),
            _codes(services),
            _plain_names(industries),
            tier,
            weights.get(tier, 0),
            (latitude, longitude) if latitude is not None else None,
            open_leads.get(partner_id, 0),
            cap,
            accepted / answered if answered else None,
            hours,
            won / decided if decided else None,
            decided or 0,
            received,
            share.get(tier),
        )
        for (
            partner_id, tier, latitude, longitude, sold, services, industries, cap, received,
            answered, accepted, decided, won, certified, hours, _in_all,
        ) in rows
    ]  # fmt: skip


def _share_of(received: int, numbers: Mapping[str, int], ladder: Mapping[str, Tier]) -> dict[str, float]:
    """By tier: how many of the leads received lately one partner of it should have had; ``numbers`` of them are active.

    Empty when there were none.
    """
    if not received:
        return {}
    weights = {code: float(tier.lead_weight) for code, tier in ladder.items()}
    whole = sum(weights.get(code, 1.0) * number for code, number in numbers.items()) or 1.0
    return {code: received * weights.get(code, 1.0) / whole for code in {*weights, *numbers}}


def _weights(ladder: Mapping[str, Tier]) -> dict[str, Decimal]:
    return {code: Decimal(tier.lead_weight) for code, tier in ladder.items()}


@lru_cache(maxsize=4096)
def _codes(stored: str) -> frozenset[str]:
    """A stored list of codes; many firms have the same."""
    return frozenset(json.loads(stored))


@lru_cache(maxsize=4096)
def _plain_names(stored: str) -> frozenset[str]:
    return frozenset(name.strip().lower() for name in json.loads(stored))


def _of_bits(number: int, codes: list[str]) -> frozenset[str]:
    return (
        frozenset(code for place, code in enumerate(codes) if number >> place & 1) if number else frozenset()
    )


def _area(country: str, places: list[str]) -> tuple[frozenset[str], frozenset[str]]:
    """The countries and regions a firm serves; a firm that names none serves its own country."""
    whole = {place for place in places if "-" not in place}
    parts = {place for place in places if "-" in place and place.partition("-")[0] not in whole}
    countries = whole | {part.partition("-")[0] for part in parts}
    return frozenset(countries or {country}), frozenset(parts)


def midnight() -> datetime:
    """When the programme's day began."""
    local = clock.now().astimezone(ZoneInfo(PROGRAMME_TIME_ZONE.value()))
    return local.replace(hour=0, minute=0, second=0, microsecond=0)
