"""Routing: who may get a lead, who does, and the reasons anybody can read."""

import json
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referrals.routing import (
    NOT_WAIVED,
    CandidateFacts,
    Choice,
    Decision,
    Factor,
    Filter,
    LeadFacts,
    Mode,
    Override,
    OverrideKind,
    Policy,
    Row,
    SizeBand,
    advice,
    draw,
    factor_figure,
    factor_label,
    override_label,
    reason_sentence,
    route,
    row_answer,
)

HAMBURG, LUENEBURG, BREMEN = (53.551, 9.994), (53.251, 10.414), (53.079, 8.802)

LEAD = LeadFacts(
    country="DE",
    region="DE-NI",
    place=LUENEBURG,
    language="de",
    products=frozenset({"cloud"}),
    certificates=frozenset({"cloud"}),
    services=frozenset({"training"}),
    industry="logistics",
    employees=120,
)
POLICY = Policy(tier_minimums=(SizeBand(50, 1, "silver"), SizeBand(1000, 2, "gold")))


def a_partner(partner_id: str = "acme", **facts: Any) -> CandidateFacts:
    """A partner that every filter lets pass."""
    usual: dict[str, Any] = {
        "countries": frozenset({"DE"}),
        "languages": frozenset({"de", "en"}),
        "products": frozenset({"cloud"}),
        "certified": frozenset({"cloud"}),
        "services": frozenset({"training", "support"}),
        "industries": frozenset({"logistics"}),
        "tier": "silver",
        "tier_rank": 1,
        "tier_weight": Decimal("0.5"),
        "place": HAMBURG,
    }
    return CandidateFacts(partner_id=partner_id, **usual | facts)


def decide(
    *partners: CandidateFacts, lead: LeadFacts = LEAD, policy: Policy = POLICY, seed: int = 1
) -> Decision:
    return route(lead, partners, policy, seed)


def only(factor: Factor) -> Policy:
    return replace(POLICY, weights={factor: Decimal(1)})


def value_of(factor: Factor, lead: LeadFacts = LEAD, **facts: Any) -> float:
    score = decide(a_partner(**facts), lead=lead, policy=only(factor)).candidates[0].score
    assert score is not None
    return score


# Filters


@pytest.mark.parametrize(
    ("facts", "filter_", "sentence"),
    [
        ({"is_active": False}, Filter.STANDING, "The partner is not active."),
        ({"has_agreement": False}, Filter.AGREEMENT, "The partner has not signed the current agreement."),
        ({"countries": frozenset({"FR"})}, Filter.COUNTRY, "Does not serve this country: DE."),
        ({"regions": frozenset({"DE-HH"})}, Filter.REGION, "Does not serve this region: DE-NI."),
        ({"languages": frozenset({"fr"})}, Filter.LANGUAGE, "Does not speak the language: de."),
        ({"certified": frozenset()}, Filter.CERTIFICATE, "No valid certificate for: cloud."),
        ({"services": frozenset({"audit"})}, Filter.SERVICE, "Does not offer: training."),
        ({"tier_rank": 0}, Filter.TIER, "A company of 120 people goes to partners from silver upwards."),
        ({"open_leads": 15}, Filter.OPEN_LEADS, "Has 15 open leads of 15 at most."),
        ({"open_leads": 4, "capacity": 4}, Filter.OPEN_LEADS, "Has 4 open leads of 4 at most."),
        ({"leads_today": 10}, Filter.DAILY, "Has received 10 leads today of 10 at most."),
        ({"is_paused": True}, Filter.PAUSED, "Paused by the partner."),
        (
            {"is_paused": True, "paused_until": "2026-11-30"},
            Filter.PAUSED,
            "Paused by the partner until 2026-11-30.",
        ),
        ({"has_declined": True}, Filter.DECLINED, "Has declined this lead before."),
        ({"has_lapsed": True}, Filter.LAPSED, "Has let this lead lapse before."),
    ],
)
def test_each_filter_keeps_out_with_its_reason(facts: dict[str, Any], filter_: Filter, sentence: str) -> None:
    decision = decide(a_partner(**facts))
    (row,) = decision.candidates
    assert not row.eligible
    assert decision.chosen == ()
    assert [entry.filter for entry in row.filtered_by] == [filter_]
    assert reason_sentence(filter_, row.filtered_by[0].params) == sentence


def test_all_failing_filters_are_listed_in_the_order_of_the_rules() -> None:
    hopeless = CandidateFacts(
        partner_id="acme",
        is_active=False,
        has_agreement=False,
        countries=frozenset({"FR"}),
        languages=frozenset({"fr"}),
        open_leads=99,
        leads_today=99,
        is_paused=True,
        has_declined=True,
        has_lapsed=True,
    )
    (row,) = decide(hopeless).candidates
    assert [entry.filter for entry in row.filtered_by] == [one for one in Filter if one is not Filter.REGION]


def test_what_is_not_known_of_a_lead_excludes_nobody() -> None:
    anywhere = a_partner(countries=frozenset(), regions=frozenset({"DE-HH"}), services=frozenset())
    assert decide(anywhere, lead=LeadFacts()).chosen == ("acme",)


def test_a_partner_that_names_no_region_of_the_country_serves_all_of_it() -> None:
    assert decide(a_partner(regions=frozenset({"FR-IDF"}))).chosen == ("acme",)


def test_a_partner_that_states_no_language_is_not_left_out_for_it() -> None:
    assert decide(a_partner(languages=frozenset())).chosen == ("acme",)


def test_one_of_the_services_is_enough_where_the_policy_says_so() -> None:
    lead = replace(LEAD, services=frozenset({"training", "audit"}))
    assert decide(a_partner(), lead=lead).chosen == ()
    assert decide(a_partner(), lead=lead, policy=replace(POLICY, needs_every_service=False)).chosen == (
        "acme",
    )


def test_a_large_company_goes_to_a_higher_tier() -> None:
    large = replace(LEAD, employees=5000)
    assert decide(a_partner(), a_partner("gold", tier_rank=2), lead=large).chosen == ("gold",)


# Factors


def test_an_unknown_place_is_neutral_and_says_so() -> None:
    assert (
        value_of(Factor.DISTANCE, place=None) == value_of(Factor.DISTANCE, replace(LEAD, place=None)) == 0.5
    )
    row = decide(a_partner(place=None)).candidates[0]
    assert row.factors[0].params == {"unknown": "partner"}


def test_distance_halves_every_two_hundred_kilometres() -> None:
    near, far = value_of(Factor.DISTANCE), value_of(Factor.DISTANCE, place=BREMEN)
    assert near == pytest.approx(0.5 ** (43 / 200), abs=1e-5)
    assert 0 < far < near < 1


@pytest.mark.parametrize(
    ("factor", "facts", "value"),
    [
        (Factor.TIER, {"tier_weight": Decimal("0.75")}, 0.75),
        (Factor.TIER, {"tier_weight": 3}, 1),
        (Factor.FIT, {}, 1),
        (Factor.FIT, {"industries": frozenset()}, 0.666666),
        (Factor.ACCEPTANCE, {"acceptance_rate": 0.8}, 0.8),
        (Factor.ACCEPTANCE, {}, 0.5),
        (Factor.ANSWER_TIME, {"median_answer_hours": 0}, 1),
        (Factor.ANSWER_TIME, {"median_answer_hours": 8}, 0.5),
        (Factor.ANSWER_TIME, {"median_answer_hours": 16}, 0.25),
        (Factor.ANSWER_TIME, {}, 0.5),
        (Factor.WIN_RATE, {"win_rate": 0.1, "decided_deals": 20}, 0.1),
        (Factor.WIN_RATE, {"win_rate": 0, "decided_deals": 1}, 0.25),
        (Factor.WIN_RATE, {"win_rate": 1, "decided_deals": 1}, 1),
        (Factor.WIN_RATE, {}, 0.25),
        (Factor.LOAD, {"open_leads": 0}, 1),
        (Factor.LOAD, {"open_leads": 6}, 0.6),
        (Factor.FAIRNESS, {"received_lately": 4, "expected_lately": 4}, 0.5),
        (Factor.FAIRNESS, {"received_lately": 0, "expected_lately": 4}, 1),
        (Factor.FAIRNESS, {"received_lately": 12, "expected_lately": 4}, 0.25),
        (Factor.FAIRNESS, {}, 0.5),
    ],
)
def test_what_a_factor_is_worth(factor: Factor, facts: dict[str, Any], value: float) -> None:
    assert value_of(factor, **facts) == value


def test_only_selling_a_product_fits_half_as_well_as_being_certified() -> None:
    wanted = LeadFacts(products=frozenset({"cloud", "erp"}))
    assert value_of(Factor.FIT, wanted, products=frozenset({"cloud", "erp"})) == 0.75


def test_a_lead_that_names_nothing_fits_everybody_alike() -> None:
    assert value_of(Factor.FIT, LeadFacts()) == 0.5


def test_the_score_is_the_weighted_sum() -> None:
    policy = replace(POLICY, weights={Factor.LOAD: Decimal("0.75"), Factor.ACCEPTANCE: Decimal("0.25")})
    row = decide(a_partner(open_leads=6, acceptance_rate=0.2), policy=policy).candidates[0]
    assert row.score == pytest.approx(0.75 * 0.6 + 0.25 * 0.2)


# Choice and mode

NEAR, MIDDLE, FAR = a_partner("near"), a_partner("middle", place=BREMEN), a_partner("far", place=(48.1, 11.6))


def test_offer_asks_the_best_one() -> None:
    decision = decide(FAR, NEAR, MIDDLE)
    assert decision.chosen == ("near",)
    assert [row.partner_id for row in decision.ranked] == ["near", "middle", "far"]


def test_the_pool_is_open_to_all_who_are_eligible() -> None:
    decision = decide(FAR, NEAR, a_partner("shut", is_active=False), policy=replace(POLICY, mode=Mode.POOL))
    assert decision.chosen == ("near", "far")


def test_k_at_once_asks_the_first_k() -> None:
    assert decide(FAR, NEAR, MIDDLE, policy=replace(POLICY, mode=Mode.K_AT_ONCE, k=2)).chosen == (
        "near",
        "middle",
    )


def test_equals_are_taken_in_turn_and_then_by_id() -> None:
    assert decide(
        a_partner("b", received_lately=1), a_partner("c"), a_partner("a", received_lately=1)
    ).chosen == ("c",)
    assert decide(a_partner("b"), a_partner("a")).chosen == ("a",)


def test_nobody_at_all_chooses_nobody() -> None:
    assert decide().chosen == ()


def test_a_candidate_listed_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="once"):
        decide(NEAR, NEAR)


def test_a_draw_can_be_drawn_again() -> None:
    by_lot = replace(POLICY, choice=Choice.DRAW)
    assert {decide(FAR, NEAR, MIDDLE, policy=by_lot, seed=seed).chosen for seed in range(40)} == {
        ("near",),
        ("middle",),
        ("far",),
    }
    assert all(
        decide(FAR, NEAR, policy=by_lot, seed=seed) == decide(NEAR, FAR, policy=by_lot, seed=seed)
        for seed in range(20)
    )


def test_a_draw_gives_each_the_chance_of_its_score() -> None:
    drawn = Counter(next(iter(draw([(3_000_000, "a"), (1_000_000, "b")], 1, seed))) for seed in range(4000))
    assert drawn["a"] / 4000 == pytest.approx(0.75, abs=0.03)


def test_a_draw_of_several_gives_different_ones_even_without_points() -> None:
    assert draw([(0, "a"), (0, "b"), (5, "c")], 3, 7) == {"a", "b", "c"}
    assert draw([(0, "a")], 3, 7) == {"a"}


# Overrides


def overridden(*overrides: Override, rival: CandidateFacts | None = None) -> Decision:
    return route(LEAD, [NEAR, rival or FAR], replace(POLICY, mode=Mode.POOL), 1, overrides)


def test_overrides_decide_in_their_order_whatever_theirs_was() -> None:
    deal, code = (
        Override(OverrideKind.REGISTERED_DEAL, "far", "D-7"),
        Override(OverrideKind.REFERRAL_CODE, "near"),
    )
    decision = overridden(code, deal)
    assert decision.chosen == ("far",)
    assert decision.mode is Mode.OFFER
    assert [(result.override.kind, result.is_applied) for result in decision.overrides] == [
        (OverrideKind.REGISTERED_DEAL, True),
        (OverrideKind.REFERRAL_CODE, False),
    ]
    assert [row.partner_id for row in decision.ranked] == ["far", "near"]


def test_an_override_goes_past_area_field_caps_and_pause_and_the_row_says_so() -> None:
    away = a_partner("far", countries=frozenset({"FR"}), certified=frozenset(), open_leads=99, is_paused=True)
    decision = overridden(Override(OverrideKind.EXISTING_CUSTOMER, "far"), rival=away)
    assert decision.chosen == ("far",)
    row = decision.row_of("far")
    assert row and row.eligible and not row.filtered_by
    assert [entry.filter for entry in row.waived] == [
        Filter.COUNTRY,
        Filter.CERTIFICATE,
        Filter.OPEN_LEADS,
        Filter.PAUSED,
    ]


@pytest.mark.parametrize(
    "facts", [{"is_active": False}, {"has_agreement": False}, {"has_declined": True}, {"has_lapsed": True}]
)
def test_an_override_stops_at_standing_and_at_an_answer_given(facts: dict[str, bool]) -> None:
    decision = overridden(
        Override(OverrideKind.EXPLICIT, "far"),
        Override(OverrideKind.NAMED_ACCOUNT, "near"),
        rival=a_partner("far", **facts),
    )
    assert decision.chosen == ("near",)
    assert {entry.filter for entry in decision.overrides[0].stopped_by} <= NOT_WAIVED
    assert not decision.overrides[0].is_applied


def test_an_override_to_nobody_we_know_is_recorded_and_passed_over() -> None:
    decision = overridden(Override(OverrideKind.EXPLICIT, "gone"))
    assert decision.overrides[0].is_unknown
    assert decision.chosen == ("near", "far")


# In words


def test_a_partner_reads_its_place_and_what_would_do_better() -> None:
    lead = replace(LEAD, certificates=frozenset(), products=frozenset({"cloud", "erp"}))
    best = a_partner("best", median_answer_hours=4, certified=frozenset({"cloud", "erp"}))
    slow = a_partner("slow", median_answer_hours=31)
    decision = decide(slow, best, lead=lead)
    row = decision.row_of("slow")
    assert row
    names = {"erp": "ERP"}
    text = advice(row, decision.ranked[0], 7, lambda _kind, code: names.get(code, code))
    assert text == "Second of 7: median answer 31 h against 4 h; certificate for ERP missing."


def test_the_first_reads_its_place_and_the_filtered_their_reasons() -> None:
    decision = decide(NEAR, a_partner("shut", is_paused=True, has_declined=True))
    assert advice(decision.candidates[0], decision.ranked[0], 1) == "First of 1."
    assert (
        advice(decision.candidates[1], decision.ranked[0], 1)
        == "Paused by the partner. Has declined this lead before."
    )


def test_a_place_far_down_is_a_number() -> None:
    decision = decide(NEAR, MIDDLE)
    assert advice(replace(decision.candidates[1], rank=12), decision.ranked[0], 20).startswith(
        "Place 12 of 20: "
    )


def test_a_rivals_name_is_never_in_the_advice() -> None:
    decision = decide(NEAR, MIDDLE, FAR)
    assert all("near" not in advice(row, decision.ranked[0], 3) for row in decision.ranked)


def test_a_row_answers_in_the_shape_of_the_api() -> None:
    decision = decide(NEAR, a_partner("shut", is_paused=True))
    best, left_out = (row_answer(row) for row in decision.candidates)
    assert list(best) == ["partner_id", "eligible", "filtered_by", "score", "factors", "rank", "chosen"]
    assert best["factors"][0] == {"name": "distance", "value": 0.861546, "weight": 0.2}
    assert (best["eligible"], best["rank"], best["chosen"], best["filtered_by"]) == (True, 1, True, [])
    assert left_out["filtered_by"] == [{"filter": "paused", "reason": "Paused by the partner."}]
    assert (left_out["score"], left_out["rank"], left_out["factors"]) == (None, None, [])


def test_every_factor_shows_the_figure_it_was_made_of() -> None:
    known = a_partner(
        acceptance_rate=0.8,
        median_answer_hours=2.5,
        win_rate=0.3,
        decided_deals=9,
        open_leads=6,
        received_lately=3,
        expected_lately=4,
    )
    said = [factor_figure(scored) for scored in decide(known).candidates[0].factors]
    assert said == [
        "43 km",
        "silver",
        "everything fits",
        "80 % accepted",
        "median 2.5 h",
        "30 % won",
        "6 of 15 open",
        "3 received of 4",
    ]
    said = [
        factor_figure(scored)
        for scored in decide(a_partner(place=None), lead=LeadFacts()).candidates[0].factors
    ]
    assert said[0] == "the customer's place is not known"
    assert said[2:6] == [
        "the lead names no need",
        "nothing to measure yet",
        "nothing to measure yet",
        "newcomer",
    ]


def test_every_factor_and_override_has_its_label() -> None:
    assert len({factor_label(factor) for factor in Factor}) == len(Factor)
    assert len({override_label(kind) for kind in OverrideKind}) == len(OverrideKind)


# Policies


@pytest.mark.parametrize(
    "wrong",
    [
        {"weights": {}},
        {"weights": {Factor.LOAD: Decimal(-1)}},
        {"weights": {Factor.LOAD: Decimal("0.00001")}},
        {"k": 0},
        {"half_distance_km": 0},
        {"newcomer_floor": Decimal(2)},
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\."):
        Policy(**wrong)


def test_a_policy_survives_being_stored() -> None:
    policy = replace(POLICY, mode=Mode.K_AT_ONCE, choice=Choice.DRAW, name="near/7")
    assert Policy.from_json("near/7", json.loads(json.dumps(policy.as_json()))) == policy
    assert Policy.from_json("standard/1", {}) == Policy()


# Laws

codes = st.sampled_from(["cloud", "erp", "training", "audit"])
some = st.frozensets(codes, max_size=3)
leads = st.builds(
    LeadFacts,
    country=st.sampled_from([None, "DE", "FR"]),
    region=st.sampled_from([None, "DE-HH"]),
    place=st.sampled_from([None, LUENEBURG]),
    language=st.sampled_from([None, "de"]),
    products=some,
    certificates=some,
    services=some,
    industry=st.sampled_from([None, "logistics"]),
    employees=st.sampled_from([None, 10, 2000]),
)
rates = st.none() | st.decimals(0, 1, places=3)
partners = st.lists(
    st.builds(
        CandidateFacts,
        partner_id=st.text("abcdef", min_size=1, max_size=3),
        is_active=st.sampled_from([True, True, True, False]),
        countries=st.just(frozenset({"DE", "FR"})),
        products=some,
        certified=some,
        services=some,
        tier_rank=st.integers(0, 3),
        tier_weight=st.decimals(0, 2, places=2),
        place=st.sampled_from([None, HAMBURG, BREMEN]),
        open_leads=st.integers(0, 16),
        is_paused=st.sampled_from([False, False, True]),
        has_lapsed=st.sampled_from([False, False, True]),
        acceptance_rate=rates,
        median_answer_hours=st.none() | st.integers(0, 99),
        win_rate=rates,
        decided_deals=st.integers(0, 9),
        received_lately=st.integers(0, 9),
        expected_lately=rates,
    ),
    max_size=8,
    unique_by=lambda facts: facts.partner_id,
)
policies = st.builds(
    replace,
    st.just(POLICY),
    mode=st.sampled_from(Mode),
    choice=st.sampled_from(Choice),
    k=st.integers(1, 4),
    weights=st.dictionaries(st.sampled_from(Factor), st.integers(1, 9).map(Decimal), min_size=1),
)
overrides = st.lists(
    st.builds(Override, st.sampled_from(OverrideKind), st.text("abcdef", min_size=1, max_size=2)), max_size=3
)


@given(leads, partners, policies, st.integers(), overrides, st.randoms())
def test_the_order_of_candidates_and_overrides_does_not_matter(
    lead: LeadFacts,
    asked: list[CandidateFacts],
    policy: Policy,
    seed: int,
    said: list[Override],
    chance: Random,
) -> None:
    decision = route(lead, asked, policy, seed, said)
    chance.shuffle(asked)
    chance.shuffle(said)
    assert route(lead, asked, policy, seed, said) == decision


@given(leads, partners, policies, st.integers())
def test_who_is_filtered_is_never_chosen_and_somebody_is_when_anybody_can_be(
    lead: LeadFacts, asked: list[CandidateFacts], policy: Policy, seed: int
) -> None:
    decision = route(lead, asked, policy, seed)
    assert len(decision.candidates) == len(asked)
    for row in decision.candidates:
        assert row.eligible is (row.rank is not None) is not bool(row.filtered_by)
        assert row.eligible or not row.chosen
        assert row.score is None or 0 <= row.score <= 1
        assert row.eligible or advice(row, None, 1)
    eligible = len(decision.ranked)
    wanted = {Mode.OFFER: 1, Mode.POOL: eligible, Mode.K_AT_ONCE: policy.k}[policy.mode]
    assert len(decision.chosen) == min(wanted, eligible)
    assert [row.rank for row in decision.ranked] == list(range(1, eligible + 1))


@given(leads, partners, policies, st.integers(), overrides)
def test_a_row_survives_being_stored(
    lead: LeadFacts, asked: list[CandidateFacts], policy: Policy, seed: int, said: list[Override]
) -> None:
    for row in route(lead, asked, policy, seed, said).candidates:
        stored = json.loads(json.dumps(row.as_json()))
        assert Row.from_json(stored) == row


@given(leads, partners, policies, st.integers(), overrides)
def test_an_override_is_chosen_alone(
    lead: LeadFacts, asked: list[CandidateFacts], policy: Policy, seed: int, said: list[Override]
) -> None:
    decision = route(lead, asked, policy, seed, said)
    applied = [result.override.partner_id for result in decision.overrides if result.is_applied]
    assert len(applied) <= 1
    if applied:
        assert decision.chosen == tuple(applied)
    else:
        assert decision == replace(route(lead, asked, policy, seed), overrides=decision.overrides)
