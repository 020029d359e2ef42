"""Which partner gets a lead, and why: the same facts, policy and seed always give the same decision.

Overrides first, then hard filters, then a weighted score, then the choice. Every step of every candidate is
in the decision, as codes and figures; :func:`reason_sentence` and :func:`advice` put them into the reader's
words. A replay is :func:`route` again under another policy.
"""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from operator import attrgetter
from random import Random
from typing import Any, NamedTuple, TypeAlias

from core.i18n import format_number
from core.i18n import gettext as _
from core.places import Coordinates, kilometres

SCALE = 1_000_000
"""Factor values are whole millionths, so that sums and ties are exact."""
NEUTRAL = SCALE // 2

WEIGHT_SCALE = 10_000
"""Weights have four decimals at most."""

Number: TypeAlias = int | float | Decimal
Params: TypeAlias = Mapping[str, Any]
"""The figures behind a filter or factor, as JSON takes them."""


class Filter(StrEnum):
    """The hard filters, in the order they are asked."""

    STANDING = "standing"
    AGREEMENT = "agreement"
    COUNTRY = "country"
    REGION = "region"
    LANGUAGE = "language"
    CERTIFICATE = "certificate"
    SERVICE = "service"
    TIER = "tier"
    OPEN_LEADS = "open_leads"
    DAILY = "daily"
    PAUSED = "paused"
    DECLINED = "declined"
    LAPSED = "lapsed"


NOT_WAIVED = frozenset({Filter.STANDING, Filter.AGREEMENT, Filter.DECLINED, Filter.LAPSED})
"""What even an override does not go past."""


class Factor(StrEnum):
    DISTANCE = "distance"
    TIER = "tier"
    FIT = "fit"
    ACCEPTANCE = "acceptance"
    ANSWER_TIME = "answer_time"
    WIN_RATE = "win_rate"
    LOAD = "load"
    FAIRNESS = "fairness"


class Mode(StrEnum):
    OFFER = "offer"
    """One partner at a time."""
    POOL = "pool"
    """Everybody eligible sees it; the first claim wins."""
    K_AT_ONCE = "k_at_once"
    """The first k may claim it."""


class Choice(StrEnum):
    BEST = "best"
    DRAW = "draw"
    """By lot, each with the chance its score gives, from a stored seed."""


class OverrideKind(StrEnum):
    """What decides before any score, in this order."""

    EXPLICIT = "explicit"
    REGISTERED_DEAL = "registered_deal"
    OWN_OPPORTUNITY = "own_opportunity"
    """The vendor talks to the company itself: no partner is asked."""
    EXISTING_CUSTOMER = "existing_customer"
    ASKED_PARTNER = "asked_partner"
    EVENT_HOST = "event_host"
    REFERRAL_CODE = "referral_code"
    NAMED_ACCOUNT = "named_account"


# Facts


@dataclass(frozen=True, slots=True)
class LeadFacts:
    """What routing knows of a lead. What is None or empty is not known, and excludes nobody."""

    country: str | None = None
    region: str | None = None
    place: Coordinates | None = None
    language: str | None = None
    products: frozenset[str] = frozenset()
    certificates: frozenset[str] = frozenset()
    """The products that only a partner certified for them may be given."""
    services: frozenset[str] = frozenset()
    industry: str | None = None
    employees: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateFacts:
    """What routing knows of a partner at this moment."""

    partner_id: str
    is_active: bool = True
    has_agreement: bool = True
    countries: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    """ISO 3166-2. In a country of which it names regions it serves those only, in the others everywhere."""
    languages: frozenset[str] = frozenset()
    """Empty: not stated, which excludes nothing."""
    products: frozenset[str] = frozenset()
    certified: frozenset[str] = frozenset()
    """Products with a valid certificate held by an active member."""
    services: frozenset[str] = frozenset()
    industries: frozenset[str] = frozenset()
    tier: str = ""
    tier_rank: int = 0
    tier_weight: Number = 0
    place: Coordinates | None = None
    open_leads: int = 0
    leads_today: int = 0
    capacity: int | None = None
    """The partner's own limit of open leads, when lower than the policy's."""
    daily_capacity: int | None = None
    """The same a day."""
    paused_until: str | None = None
    is_paused: bool = False
    has_declined: bool = False
    has_lapsed: bool = False
    acceptance_rate: Number | None = None
    """Of the offers of 90 days; None without any."""
    median_answer_hours: Number | None = None
    """In working hours, over 90 days; None without any answer."""
    win_rate: Number | None = None
    decided_deals: int = 0
    """Won and lost; below the policy's number a partner is a newcomer."""
    received_lately: int = 0
    expected_lately: Number | None = None
    """Its share of the leads of the same time."""


class ScoreFacts(NamedTuple):
    """Of :class:`CandidateFacts` what the factors ask, where the filters were asked already."""

    partner_id: str
    products: frozenset[str]
    certified: frozenset[str]
    services: frozenset[str]
    industries: frozenset[str]
    tier: str
    tier_weight: Number
    place: Coordinates | None
    open_leads: int
    capacity: int | None
    acceptance_rate: Number | None
    median_answer_hours: Number | None
    win_rate: Number | None
    decided_deals: int
    received_lately: int
    expected_lately: Number | None


Scorable: TypeAlias = CandidateFacts | ScoreFacts


@dataclass(frozen=True, slots=True)
class SizeBand:
    """From ``employees`` upwards a lead goes to partners of at least this tier."""

    employees: int
    tier_rank: int
    tier: str
    """The tier's code, to be named in the reason."""


DEFAULT_WEIGHTS: Mapping[Factor, Decimal] = {
    Factor.DISTANCE: Decimal("0.20"),
    Factor.TIER: Decimal("0.10"),
    Factor.FIT: Decimal("0.20"),
    Factor.ACCEPTANCE: Decimal("0.10"),
    Factor.ANSWER_TIME: Decimal("0.15"),
    Factor.WIN_RATE: Decimal("0.10"),
    Factor.LOAD: Decimal("0.05"),
    Factor.FAIRNESS: Decimal("0.10"),
}


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of a routing policy; refuses to exist when it makes no sense."""

    name: str = "standard/1"
    weights: Mapping[Factor, Decimal] = field(default_factory=lambda: dict(DEFAULT_WEIGHTS))
    mode: Mode = Mode.OFFER
    k: int = 3
    choice: Choice = Choice.BEST
    open_leads_cap: int = 15
    daily_cap: int = 10
    tier_minimums: tuple[SizeBand, ...] = ()
    needs_every_service: bool = True
    """Whether a partner must offer all the services wanted, or one of them."""
    newcomer_deals: int = 5
    newcomer_floor: Decimal = Decimal("0.25")
    """The win rate a newcomer has at least."""
    half_distance_km: int = 200
    """At this distance the factor is worth a half, at twice that a quarter."""
    half_answer_hours: int = 8
    top_tier_weight: Decimal = Decimal(1)
    """The weight of the best tier, which is worth 1."""

    def __post_init__(self) -> None:
        if any(weight < 0 for weight in self.weights.values()) or not any(self.weights.values()):
            raise ValueError("Weights are not negative, and at least one is more than nothing.")
        if any(weight * WEIGHT_SCALE % 1 for weight in self.weights.values()):
            raise ValueError("A weight has four decimals at most.")
        if not 0 <= self.newcomer_floor <= 1:
            raise ValueError("A newcomer's floor lies between 0 and 1.")
        positive = (
            self.k,
            self.open_leads_cap,
            self.daily_cap,
            self.half_distance_km,
            self.half_answer_hours,
        )
        if min(positive) <= 0 or self.top_tier_weight <= 0:
            raise ValueError("Caps, k, halves and the top tier's weight are more than nothing.")

    def least_tier(self, employees: int | None) -> SizeBand | None:
        """Which tier a partner needs at least for a company of this size; None when any will do."""
        bands = [band for band in self.tier_minimums if employees is not None and employees >= band.employees]
        return max(bands, key=attrgetter("employees"), default=None)

    def as_json(self) -> dict[str, Any]:
        """Everything but the name, as a stored version holds it."""
        return {
            "weights": {factor.value: str(weight) for factor, weight in self.weights.items()},
            "mode": self.mode.value,
            "k": self.k,
            "choice": self.choice.value,
            "open_leads_cap": self.open_leads_cap,
            "daily_cap": self.daily_cap,
            "tier_minimums": [
                {"employees": band.employees, "tier_rank": band.tier_rank, "tier": band.tier}
                for band in self.tier_minimums
            ],
            "needs_every_service": self.needs_every_service,
            "newcomer_deals": self.newcomer_deals,
            "newcomer_floor": str(self.newcomer_floor),
            "half_distance_km": self.half_distance_km,
            "half_answer_hours": self.half_answer_hours,
            "top_tier_weight": str(self.top_tier_weight),
        }

    @classmethod
    def from_json(cls, name: str, stored: Mapping[str, Any]) -> "Policy":
        """The policy :meth:`as_json` wrote.

        What it leaves out has its default. Raises ValueError and TypeError.
        """
        values = dict(stored)
        if "weights" in values:
            values["weights"] = {Factor(code): Decimal(weight) for code, weight in values["weights"].items()}
        if "tier_minimums" in values:
            values["tier_minimums"] = tuple(SizeBand(**band) for band in values["tier_minimums"])
        for key, kind in (
            ("mode", Mode),
            ("choice", Choice),
            ("newcomer_floor", Decimal),
            ("top_tier_weight", Decimal),
        ):
            if key in values:
                values[key] = kind(values[key])
        return cls(name=name, **values)


# Decisions

NO_PARTNER = ""


@dataclass(frozen=True, slots=True)
class Override:
    """A reason to give the lead to one partner, whatever the score; ``evidence`` names what it rests on.

    For what the vendor keeps to itself, ``partner_id`` is :data:`NO_PARTNER`.
    """

    kind: OverrideKind
    partner_id: str
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class OverrideResult:
    """What became of an override: applied, stopped by filters, or behind a stronger one."""

    override: Override
    is_applied: bool
    stopped_by: tuple["Filtered", ...] = ()
    is_unknown: bool = False
    """Its partner is not among the candidates."""


@dataclass(frozen=True, slots=True)
class Filtered:
    """One filter that keeps a candidate out, with the figures for its sentence."""

    filter: Filter
    params: Params


class Scored(NamedTuple):
    """What one factor is worth for one candidate, with the figures behind it."""

    factor: Factor
    value: int
    """In millionths."""
    weight: int
    """In ten-thousandths."""
    params: Params

    @property
    def points(self) -> int:
        return self.value * self.weight


@dataclass(slots=True)
class Row:
    """One candidate's line in the table. Not frozen, since that would cost a lead with thousands of them dearly."""

    partner_id: str
    eligible: bool
    filtered_by: tuple[Filtered, ...]
    factors: tuple[Scored, ...] = ()
    points: int | None = None
    """The exact score; None for who was filtered."""
    rank: int | None = None
    chosen: bool = False
    waived: tuple[Filtered, ...] = ()
    """Filters that an override went past."""

    @property
    def score(self) -> float | None:
        """From 0 to 1."""
        if self.points is None:
            return None
        return score_of(self.points, sum(factor.weight for factor in self.factors))

    def as_json(self) -> dict[str, Any]:
        """What is stored: codes and figures, no sentences."""
        return {
            "partner_id": self.partner_id,
            "eligible": self.eligible,
            "filtered_by": [_filtered_json(entry) for entry in self.filtered_by],
            "waived": [_filtered_json(entry) for entry in self.waived],
            "points": self.points,
            "score": self.score,
            "factors": [
                {
                    "name": scored.factor.value,
                    "value": scored.value / SCALE,
                    "weight": scored.weight / WEIGHT_SCALE,
                    "params": dict(scored.params),
                }
                for scored in self.factors
            ],
            "rank": self.rank,
            "chosen": self.chosen,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Row":
        """The row :meth:`as_json` wrote."""
        return cls(
            partner_id=stored["partner_id"],
            eligible=stored["eligible"],
            filtered_by=tuple(_filtered_from(entry) for entry in stored["filtered_by"]),
            factors=tuple(
                Scored(
                    Factor(entry["name"]),
                    round(entry["value"] * SCALE),
                    round(entry["weight"] * WEIGHT_SCALE),
                    entry["params"],
                )
                for entry in stored["factors"]
            ),
            points=stored["points"],
            rank=stored["rank"],
            chosen=stored["chosen"],
            waived=tuple(_filtered_from(entry) for entry in stored.get("waived", ())),
        )


@dataclass(frozen=True, slots=True)
class Decision:
    """The whole of one routing: who was considered, who was chosen, and by what."""

    policy: str
    mode: Mode
    choice: Choice
    seed: int
    overrides: tuple[OverrideResult, ...]
    candidates: tuple[Row, ...]
    """The ranked ones in their order, then the filtered ones by partner."""

    @property
    def chosen(self) -> tuple[str, ...]:
        """Who is offered the lead or may claim it, in their order; empty when nobody can be given it."""
        return tuple(row.partner_id for row in self.candidates if row.chosen)

    @property
    def is_the_vendors_own(self) -> bool:
        """No partner is asked, since the vendor talks to the company itself."""
        return any(
            result.is_applied and result.override.partner_id == NO_PARTNER for result in self.overrides
        )

    @property
    def ranked(self) -> tuple[Row, ...]:
        return tuple(row for row in self.candidates if row.rank is not None)

    def row_of(self, partner_id: str) -> Row | None:
        return next((row for row in self.candidates if row.partner_id == partner_id), None)


def score_of(points: int, weight: int) -> float:
    """From 0 to 1, where ``weight`` is that of all factors together."""
    return round(points / (SCALE * weight), 6)


def route(
    lead: LeadFacts,
    candidates: Iterable[CandidateFacts],
    policy: Policy,
    seed: int,
    overrides: Iterable[Override] = (),
) -> Decision:
    """Decides about ``lead``. Neither the order of the candidates nor that of the overrides matters.

    Ties go to who received less lately, then to the lower id. An override goes past every filter except
    :data:`NOT_WAIVED`; its partner is then asked alone, whatever the mode.
    """
    listed = list(candidates)
    filters = _Filters(lead, policy)
    failures = {facts.partner_id: failed for facts in listed if (failed := filters.failing(facts))}
    return choose(lead, listed, failures, policy, seed, overrides)


def choose(
    lead: LeadFacts,
    candidates: Iterable[Scorable],
    failures: Mapping[str, tuple[Filtered, ...]],
    policy: Policy,
    seed: int,
    overrides: Iterable[Override] = (),
) -> Decision:
    """Decides among ``candidates`` where the filters have been asked already: ``failures`` says what keeps whom out.

    The database asks the filters of a large network faster than a loop does; whoever asked, the choice is made here.
    """
    listed = list(candidates)
    asked = {facts.partner_id: facts for facts in listed}
    if len(asked) < len(listed):
        raise ValueError("Every partner is a candidate once.")
    results = _weigh_overrides(overrides, asked, failures)
    given_to = next((result.override.partner_id for result in results if result.is_applied), None)

    scored = [
        facts for partner_id, facts in asked.items() if partner_id not in failures or partner_id == given_to
    ]
    ranking = list(zip(scored, *_Scores(lead, policy).of(scored), strict=True))
    ranking.sort(key=_place_in_ranking)
    if given_to is not None:
        ranking.sort(key=lambda entry: entry[0].partner_id != given_to)
    mode = policy.mode if given_to is None else Mode.OFFER
    eligible = [(points, facts.partner_id) for facts, points, _factors in ranking]
    chosen = _choose(eligible, policy, seed) if given_to is None else {given_to}

    rows = [
        Row(
            partner_id=facts.partner_id,
            eligible=True,
            filtered_by=(),
            factors=factors,
            points=points,
            rank=rank,
            chosen=facts.partner_id in chosen,
            waived=failures.get(facts.partner_id, ()),
        )
        for rank, (facts, points, factors) in enumerate(ranking, start=1)
    ]
    left_out = sorted(id_ for id_ in failures if id_ in asked and id_ != given_to)
    rows += [Row(partner_id=id_, eligible=False, filtered_by=failures[id_]) for id_ in left_out]
    return Decision(policy.name, mode, policy.choice, seed, results, tuple(rows))


def _place_in_ranking(entry: tuple[Scorable, int, tuple[Scored, ...]]) -> tuple[int, int, str]:
    """More points first; ties go to who received less lately, then to the lower id."""
    facts, points, _factors = entry
    return -points, facts.received_lately, facts.partner_id


def _weigh_overrides(
    overrides: Iterable[Override],
    asked: Container[str],
    failures: Mapping[str, tuple[Filtered, ...]],
) -> tuple[OverrideResult, ...]:
    """Every override in the order of their strength; the first that nothing stops is applied.

    Nothing stops what the vendor keeps to itself.
    """
    order = list(OverrideKind)
    results: list[OverrideResult] = []
    is_decided = False
    for override in sorted(overrides, key=lambda one: (order.index(one.kind), one.evidence, one.partner_id)):
        is_asked = override.partner_id in asked or override.partner_id == NO_PARTNER
        failed = failures.get(override.partner_id, ()) if is_asked else None
        stopped_by = tuple(entry for entry in failed or () if entry.filter in NOT_WAIVED)
        is_applied = not is_decided and failed is not None and not stopped_by
        results.append(OverrideResult(override, is_applied, stopped_by, is_unknown=failed is None))
        is_decided = is_decided or is_applied
    return tuple(results)


def _choose(ranking: Sequence[tuple[int, str]], policy: Policy, seed: int) -> set[str]:
    """Who is asked, of the eligible in their order."""
    if policy.mode is Mode.POOL:
        return {partner_id for _points, partner_id in ranking}
    wanted = 1 if policy.mode is Mode.OFFER else policy.k
    if policy.choice is Choice.BEST:
        return {partner_id for _points, partner_id in ranking[:wanted]}
    return draw(ranking, wanted, seed)


def draw(ranking: Sequence[tuple[int, str]], wanted: int, seed: int) -> set[str]:
    """``wanted`` different partners by lot, each with the chance its points give; one seed, one result.

    Uses nothing of the generator but ``random()``, the one part Python promises never to change.
    """
    urn = sorted(ranking, key=lambda entry: entry[1])
    lots = Random(seed)  # noqa: S311 - a lot that must be repeatable, no secret
    drawn: set[str] = set()
    while urn and len(drawn) < wanted:
        # One more than the points, so that a score of nothing still has a chance.
        at = int(lots.random() * (1 << 53)) * sum(points + 1 for points, _id in urn) >> 53
        for position, (points, partner_id) in enumerate(urn):
            at -= points + 1
            if at < 0:
                drawn.add(partner_id)
                del urn[position]
                break
    return drawn


class _Filters:
    """The hard filters for one lead. Their figures are made once where they are the same for all."""

    def __init__(self, lead: LeadFacts, policy: Policy) -> None:
        self.lead = lead
        self.policy = policy
        self.band = policy.least_tier(lead.employees)
        self.not_active = Filtered(Filter.STANDING, {})
        self.no_agreement = Filtered(Filter.AGREEMENT, {})
        self.other_country = Filtered(Filter.COUNTRY, {"country": lead.country})
        self.other_region = Filtered(Filter.REGION, {"region": lead.region})
        self.no_language = Filtered(Filter.LANGUAGE, {"language": lead.language})
        self.has_declined = Filtered(Filter.DECLINED, {})
        self.has_lapsed = Filtered(Filter.LAPSED, {})
        self.country_prefix = f"{lead.country}-"

    def failing(self, facts: CandidateFacts) -> tuple[Filtered, ...]:
        """Every filter that keeps the candidate out, in order."""
        lead, failed = self.lead, []
        if not facts.is_active:
            failed.append(self.not_active)
        if not facts.has_agreement:
            failed.append(self.no_agreement)
        if lead.country and lead.country not in facts.countries:
            failed.append(self.other_country)
        elif lead.region and facts.regions and self._is_elsewhere(facts.regions):
            failed.append(self.other_region)
        if lead.language and facts.languages and lead.language not in facts.languages:
            failed.append(self.no_language)
        if not lead.certificates <= facts.certified:
            missing = sorted(lead.certificates - facts.certified)
            failed.append(Filtered(Filter.CERTIFICATE, {"products": missing}))
        if lead.services and not self._offers(facts.services):
            failed.append(Filtered(Filter.SERVICE, {"services": sorted(lead.services - facts.services)}))
        if self.band and facts.tier_rank < self.band.tier_rank:
            params = {"employees": lead.employees, "least": self.band.tier, "tier": facts.tier}
            failed.append(Filtered(Filter.TIER, params))
        cap = _cap(facts, self.policy)
        if facts.open_leads >= cap:
            failed.append(Filtered(Filter.OPEN_LEADS, {"open": facts.open_leads, "cap": cap}))
        daily_cap = _daily_cap(facts, self.policy)
        if facts.leads_today >= daily_cap:
            failed.append(Filtered(Filter.DAILY, {"today": facts.leads_today, "cap": daily_cap}))
        if facts.is_paused:
            failed.append(Filtered(Filter.PAUSED, {"until": facts.paused_until}))
        if facts.has_declined:
            failed.append(self.has_declined)
        if facts.has_lapsed:
            failed.append(self.has_lapsed)
        return tuple(failed)

    def _is_elsewhere(self, regions: frozenset[str]) -> bool:
        return self.lead.region not in regions and any(
            region.startswith(self.country_prefix) for region in regions
        )

    def _offers(self, services: frozenset[str]) -> bool:
        wanted = self.lead.services
        return wanted <= services if self.policy.needs_every_service else not wanted.isdisjoint(services)


_Measure: TypeAlias = Callable[[Scorable], tuple[int, Params]]


class _Scores:
    """The factors for one lead."""

    def __init__(self, lead: LeadFacts, policy: Policy) -> None:
        self.lead = lead
        self.policy = policy
        measures: dict[Factor, tuple[_Measure, tuple[str, ...]]] = {
            Factor.DISTANCE: (self._distance, ("place",)),
            Factor.TIER: (self._tier, ("tier", "tier_weight")),
            Factor.FIT: (self._fit, ("industries", "certified", "products", "services")),
            Factor.ACCEPTANCE: (self._acceptance, ("acceptance_rate",)),
            Factor.ANSWER_TIME: (self._answer_time, ("median_answer_hours",)),
            Factor.WIN_RATE: (self._win_rate, ("win_rate", "decided_deals")),
            Factor.LOAD: (self._load, ("open_leads", "capacity")),
            Factor.FAIRNESS: (self._fairness, ("received_lately", "expected_lately")),
        }
        self.asked = [
            (factor, int(policy.weights[factor] * WEIGHT_SCALE), *measures[factor])
            for factor in Factor
            if factor in policy.weights
        ]

    def of(self, listed: Sequence[Scorable]) -> tuple[list[int], list[tuple[Scored, ...]]]:
        """For each of ``listed`` the points in all, and every factor of the policy in one order."""
        factors = [self._column(listed, *asked) for asked in self.asked]
        points = [[scored.value * scored.weight for scored in column] for column in factors]
        return list(map(sum, zip(*points, strict=True))), list(zip(*factors, strict=True))

    def _column(
        self,
        listed: Sequence[Scorable],
        factor: Factor,
        weight: int,
        measure: _Measure,
        counts: tuple[str, ...],
    ) -> list[Scored]:
        """One factor of everybody. Many share what it depends on; it is measured once for all of them."""
        what_counts = [*map(attrgetter(*counts), listed)]
        known: dict[Any, Scored] = {}
        for same, facts in dict(zip(what_counts, listed, strict=True)).items():
            value, params = measure(facts)
            known[same] = Scored(factor, min(max(value, 0), SCALE), weight, params)
        return [*map(known.__getitem__, what_counts)]

    def _distance(self, facts: Scorable) -> tuple[int, Params]:
        if self.lead.place is None or facts.place is None:
            return NEUTRAL, {"unknown": "lead" if self.lead.place is None else "partner"}
        km = round(kilometres(self.lead.place, facts.place))
        return _halving(km, self.policy.half_distance_km), {"km": km}

    def _tier(self, facts: Scorable) -> tuple[int, Params]:
        weight = Decimal(str(facts.tier_weight)) / self.policy.top_tier_weight
        return _millionths(weight), {"tier": facts.tier}

    def _fit(self, facts: Scorable) -> tuple[int, Params]:
        """What the lead names of industry, products and services, each counted alike.

        Half for only selling a product.
        """
        lead = self.lead
        parts: list[int] = []
        if lead.industry:
            parts.append(SCALE if lead.industry in facts.industries else 0)
        if lead.products:
            certified = len(lead.products & facts.certified)
            sold = len((lead.products & facts.products) - facts.certified)
            parts.append((2 * certified + sold) * SCALE // (2 * len(lead.products)))
        if lead.services:
            parts.append(len(lead.services & facts.services) * SCALE // len(lead.services))
        if not parts:
            return NEUTRAL, {"unknown": "lead"}
        return sum(parts) // len(parts), {
            "other_industry": bool(lead.industry) and lead.industry not in facts.industries,
            "uncertified": sorted(lead.products - facts.certified),
            "services": sorted(lead.services - facts.services),
        }

    def _acceptance(self, facts: Scorable) -> tuple[int, Params]:
        if facts.acceptance_rate is None:
            return NEUTRAL, {"unknown": "partner"}
        value = _millionths(facts.acceptance_rate)
        return value, {"percent": _percent(value)}

    def _answer_time(self, facts: Scorable) -> tuple[int, Params]:
        if facts.median_answer_hours is None:
            return NEUTRAL, {"unknown": "partner"}
        hours = float(facts.median_answer_hours)
        return _halving(hours, self.policy.half_answer_hours), {"hours": round(hours, 1)}

    def _win_rate(self, facts: Scorable) -> tuple[int, Params]:
        value = _millionths(facts.win_rate or 0)
        if facts.decided_deals < self.policy.newcomer_deals:
            return max(value, _millionths(self.policy.newcomer_floor)), {"newcomer": True}
        return value, {"percent": _percent(value)}

    def _load(self, facts: Scorable) -> tuple[int, Params]:
        cap = _cap(facts, self.policy)
        return (cap - facts.open_leads) * SCALE // max(cap, 1), {"open": facts.open_leads, "cap": cap}

    def _fairness(self, facts: Scorable) -> tuple[int, Params]:
        """A half when it had its share, towards 1 with less, towards 0 with more."""
        expected = _millionths(facts.expected_lately or 0)
        received = facts.received_lately * SCALE
        if facts.expected_lately is None or expected + received <= 0:
            return NEUTRAL, {"unknown": "partner"}
        params = {"received": facts.received_lately, "expected": round(expected / SCALE, 1)}
        return expected * SCALE // (expected + received), params


def files_part(limit: int, day: int) -> int:
    """How many of the ``limit`` leads a day that a partner takes can come from files on this day.

    The other half, rounded up, is for those who ask meanwhile. Of a single place a day files get every other one:
    ``day`` is the number of the day and of the partner together, so that half of such partners have it each day.
    """
    return limit // 2 if limit > 1 else day % 2 * limit


def _cap(facts: Scorable, policy: Policy) -> int:
    return policy.open_leads_cap if facts.capacity is None else min(facts.capacity, policy.open_leads_cap)


def _daily_cap(facts: CandidateFacts, policy: Policy) -> int:
    return policy.daily_cap if facts.daily_capacity is None else min(facts.daily_capacity, policy.daily_cap)


def _millionths(share: Number) -> int:
    return round(share * SCALE)


def _percent(millionths: int) -> int:
    return round(millionths * 100 / SCALE)


def _halving(amount: float, half: int) -> int:
    """1 at nothing, a half at ``half``, a quarter at twice that."""
    return round(float(0.5 ** (max(amount, 0) / half)) * SCALE)


def _filtered_json(entry: Filtered) -> dict[str, Any]:
    return {"filter": entry.filter.value, "params": dict(entry.params)}


def _filtered_from(stored: Mapping[str, Any]) -> Filtered:
    return Filtered(Filter(stored["filter"]), stored["params"])


# In words

NameOf: TypeAlias = Callable[[str, str], str]
"""Names a ``product``, ``service``, ``tier``, ``country``, ``region``, ``language`` or ``date`` by its code."""


def as_they_are(_kind: str, code: str) -> str:
    """Codes for names, where there is nobody to ask."""
    return code


def reason_sentence(filter_: Filter | str, params: Params, name_of: NameOf = as_they_are) -> str:
    """Why a candidate was left out, in the reader's language."""
    match Filter(filter_):
        case Filter.STANDING:
            return _("The partner is not active.")
        case Filter.AGREEMENT:
            return _("The partner has not signed the current agreement.")
        case Filter.COUNTRY:
            return _(
                "Does not serve this country: %(country)s.", country=name_of("country", params["country"])
            )
        case Filter.REGION:
            return _("Does not serve this region: %(region)s.", region=name_of("region", params["region"]))
        case Filter.LANGUAGE:
            return _(
                "Does not speak the language: %(language)s.", language=name_of("language", params["language"])
            )
        case Filter.CERTIFICATE:
            return _(
                "No valid certificate for: %(products)s.",
                products=_names(params["products"], "product", name_of),
            )
        case Filter.SERVICE:
            return _("Does not offer: %(services)s.", services=_names(params["services"], "service", name_of))
        case Filter.TIER:
            return _(
                "A company of %(employees)s people goes to partners from %(least)s upwards.",
                employees=params["employees"],
                least=name_of("tier", params["least"]),
            )
        case Filter.OPEN_LEADS:
            return _("Has %(open)s open leads of %(cap)s at most.", **params)
        case Filter.DAILY:
            if not params.get("of_a_file"):
                return _("Has received %(today)s leads today of %(cap)s at most.", **params)
            if not params["cap"]:
                return _("Takes one lead a day; today's place is kept from files, for whoever asks today.")
            return _("Has received %(today)s leads today; files fill %(cap)s of its day at most.", **params)
        case Filter.PAUSED:
            if params.get("until"):
                return _("Paused by the partner until %(until)s.", until=name_of("date", params["until"]))
            return _("Paused by the partner.")
        case Filter.DECLINED:
            return _("Has declined this lead before.")
        case Filter.LAPSED:
            return _("Has let this lead lapse before.")


def row_answer(row: Row, name_of: NameOf = as_they_are) -> dict[str, Any]:
    """The row as the API shows it, with its reasons in words."""
    return {
        "partner_id": row.partner_id,
        "eligible": row.eligible,
        "filtered_by": [
            {"filter": entry.filter.value, "reason": reason_sentence(entry.filter, entry.params, name_of)}
            for entry in row.filtered_by
        ],
        "score": row.score,
        "factors": [
            {
                "name": scored.factor.value,
                "value": scored.value / SCALE,
                "weight": scored.weight / WEIGHT_SCALE,
            }
            for scored in row.factors
        ],
        "rank": row.rank,
        "chosen": row.chosen,
    }


def factor_label(factor: Factor) -> str:
    """The head of its column."""
    return {
        Factor.DISTANCE: _("Distance"),
        Factor.TIER: _("Tier"),
        Factor.FIT: _("Fit"),
        Factor.ACCEPTANCE: _("Acceptance"),
        Factor.ANSWER_TIME: _("Answer time"),
        Factor.WIN_RATE: _("Win rate"),
        Factor.LOAD: _("Load"),
        Factor.FAIRNESS: _("Fairness"),
    }[factor]


def factor_figure(scored: Scored, name_of: NameOf = as_they_are) -> str:
    """The figure a factor's value was made of: ``12 km``, ``6 of 15 open``; says so where it is not known."""
    params = scored.params
    if "unknown" in params:
        return _not_known(scored.factor, params["unknown"])
    match scored.factor:
        case Factor.DISTANCE:
            return _("%(km)s km", **params)
        case Factor.TIER:
            return name_of("tier", params["tier"])
        case Factor.FIT:
            return _fit_against(params, name_of) or _("everything fits")
        case Factor.ACCEPTANCE:
            return _("%(percent)s %% accepted", **params)
        case Factor.ANSWER_TIME:
            return _("median %(hours)s h", hours=_plain(params["hours"]))
        case Factor.WIN_RATE:
            return _("newcomer") if "newcomer" in params else _("%(percent)s %% won", **params)
        case Factor.LOAD:
            return _("%(open)s of %(cap)s open", **params)
        case Factor.FAIRNESS:
            expected = _plain(params["expected"])
            return _("%(received)s received of %(expected)s", received=params["received"], expected=expected)


def _not_known(factor: Factor, whose: str) -> str:
    match factor:
        case Factor.DISTANCE if whose == "lead":
            return _("the customer's place is not known")
        case Factor.DISTANCE:
            return _("the partner's place is not known")
        case Factor.FIT:
            return _("the lead names no need")
    return _("nothing to measure yet")


def mode_label(mode: Mode) -> str:
    """How many are asked, and how."""
    return {
        Mode.OFFER: _("One partner at a time"),
        Mode.POOL: _("Pool: the first claim wins"),
        Mode.K_AT_ONCE: _("Several at once: the first answer wins"),
    }[mode]


def choice_label(choice: Choice) -> str:
    """Who of the ranked is asked."""
    return {
        Choice.BEST: _("The best score"),
        Choice.DRAW: _("By lot, each with the chance its score gives"),
    }[choice]


def services_label(*, needs_every: bool) -> str:
    """How many of the services that a customer wants a partner must offer."""
    return _("A partner must offer all of them") if needs_every else _("One of them is enough")


def override_label(kind: OverrideKind) -> str:
    """Why a lead goes to one partner before any score."""
    return {
        OverrideKind.EXPLICIT: _("Named by the sender"),
        OverrideKind.REGISTERED_DEAL: _("Registered deal"),
        OverrideKind.OWN_OPPORTUNITY: _("We talk to the company ourselves"),
        OverrideKind.EXISTING_CUSTOMER: _("Existing customer"),
        OverrideKind.ASKED_PARTNER: _("The customer asked this partner"),
        OverrideKind.EVENT_HOST: _("Host of the event"),
        OverrideKind.REFERRAL_CODE: _("Referral code"),
        OverrideKind.NAMED_ACCOUNT: _("Named account"),
    }[kind]


def advice(row: Row, best: Row | None, of: int, name_of: NameOf = as_they_are) -> str:
    """What a partner may know of its own row, and what would do better next time.

    *Third of 7: median answer 31 h against 4 h; certificate for Cloud missing.* The best row's figures are named,
    never whose they are. At most three things, what cost most first.
    """
    if row.rank is None:
        return " ".join(reason_sentence(entry.filter, entry.params, name_of) for entry in row.filtered_by)
    place = _place(row.rank, of)
    if best is None or best.partner_id == row.partner_id:
        return _("%(place)s.", place=place)
    theirs = {scored.factor: scored for scored in best.factors}
    behind = [(theirs[own.factor].points - own.points, own) for own in row.factors if own.factor in theirs]
    behind.sort(key=lambda pair: -pair[0])
    said = [text for lost, own in behind if lost > 0 and (text := _against(own, theirs[own.factor], name_of))]
    if not said:
        return _("%(place)s.", place=place)
    return _("%(place)s: %(reasons)s.", place=place, reasons="; ".join(said[:3]))


def _against(own: Scored, best: Scored, name_of: NameOf) -> str:
    """One factor beside the best partner's; empty where there is nothing the partner could learn."""
    mine, theirs = own.params, best.params
    match own.factor:
        case Factor.DISTANCE if "km" in mine and "km" in theirs:
            return _("%(mine)s km away against %(theirs)s km", mine=mine["km"], theirs=theirs["km"])
        case Factor.DISTANCE if mine.get("unknown") == "partner":
            return _("your place is not known")
        case Factor.TIER if mine["tier"] and theirs["tier"]:
            return _(
                "%(mine)s against %(theirs)s",
                mine=name_of("tier", mine["tier"]),
                theirs=name_of("tier", theirs["tier"]),
            )
        case Factor.FIT:
            return _fit_against(mine, name_of)
        case Factor.ACCEPTANCE if "percent" in mine and "percent" in theirs:
            return _(
                "%(mine)s %% of offers accepted against %(theirs)s %%",
                mine=mine["percent"],
                theirs=theirs["percent"],
            )
        case Factor.ANSWER_TIME if "hours" in mine and "hours" in theirs:
            return _(
                "median answer %(mine)s h against %(theirs)s h",
                mine=_plain(mine["hours"]),
                theirs=_plain(theirs["hours"]),
            )
        case Factor.ANSWER_TIME if "hours" not in mine:
            return _("no answers yet to measure")
        case Factor.WIN_RATE if "percent" in mine and "percent" in theirs:
            return _(
                "%(mine)s %% of deals won against %(theirs)s %%",
                mine=mine["percent"],
                theirs=theirs["percent"],
            )
        case Factor.LOAD:
            return _("%(open)s of %(cap)s leads open", **mine)
        case Factor.FAIRNESS if "received" in mine:
            return _(
                "%(received)s leads received lately, your share is %(expected)s",
                received=mine["received"],
                expected=_plain(mine["expected"]),
            )
    return ""


def _fit_against(mine: Params, name_of: NameOf) -> str:
    if mine.get("uncertified"):
        return _(
            "certificate for %(products)s missing", products=_names(mine["uncertified"], "product", name_of)
        )
    if mine.get("services"):
        return _("not offered: %(services)s", services=_names(mine["services"], "service", name_of))
    if mine.get("other_industry"):
        return _("industry not in your profile")
    return ""


def _names(codes: Sequence[str], kind: str, name_of: NameOf) -> str:
    return ", ".join(name_of(kind, code) for code in codes)


def _plain(number: float) -> str:
    return format_number(number)


def _place(rank: int, of: int) -> str:
    match rank:
        case 1:
            return _("First of %(of)s", of=of)
        case 2:
            return _("Second of %(of)s", of=of)
        case 3:
            return _("Third of %(of)s", of=of)
        case 4:
            return _("Fourth of %(of)s", of=of)
        case 5:
            return _("Fifth of %(of)s", of=of)
    return _("Place %(rank)s of %(of)s", rank=rank, of=of)
