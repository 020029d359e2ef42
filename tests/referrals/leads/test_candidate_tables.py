"""The table of candidates of a lead: kept small, read back whole, and asked for by statements that are kept."""

import json
from datetime import timedelta

import pytest

from accounts.permissions import Role
from core import clock
from core.database import session
from partners.models import Partner
from partners.operations import publish_agreement
from referrals.models import RoutingDecision
from referrals.operations.routing import left_out_by_reason, network_facts, rows_of
from referrals.operations.routing.tables import table_text
from referrals.queries.candidates import LeftOut, Sorted, Standings, sort_network
from referrals.queries.decisions import latest_decision
from referrals.routing import Filter, Filtered, LeadFacts, Policy, route
from tests.academy.cast import a_certificate, a_course
from tests.cast import a_member, a_partner
from tests.referrals.leads.cast import a_lead, a_pooled_lead, make_product
from tests.statements import heard_statements

PAUSED = Filtered(Filter.PAUSED, {"until": None})
ABROAD = Filtered(Filter.COUNTRY, {"country": "DE"})


def everybody_but(policy: Policy, lead: LeadFacts) -> dict[int, tuple[Filtered, ...]]:
    """What SQL says keeps each partner of the network from ``lead``; nothing for who passes."""
    standings = Standings((), (), ("registered", "silver", "gold", "platinum"), (), "", clock.now())
    network = sort_network(lead, policy, standings)
    said = {partner_id: entry.failed for entry in network.left_out for partner_id in entry.partner_ids}
    assert not said.keys() & network.passing.keys()
    return said | dict.fromkeys(network.passing, ())


def by_the_rules(policy: Policy, lead: LeadFacts) -> dict[int, tuple[Filtered, ...]]:
    """The same by the pure rules."""
    return {
        int(row.partner_id): row.filtered_by for row in route(lead, network_facts(), policy, 1).candidates
    }


@pytest.mark.parametrize("needs_every_service", [True, False])
def test_a_lead_may_want_more_services_than_a_number_has_bits(programme, needs_every_service):
    wanted = frozenset(f"service-{number:03}" for number in range(150))
    for offers in (sorted(wanted), sorted(wanted)[:-1], sorted(wanted)[::3], ["welding"]):
        a_partner(f"Offers {len(offers)}").services = offers
    lead, policy = LeadFacts(services=wanted), Policy(needs_every_service=needs_every_service)
    found = everybody_but(policy, lead)
    assert found == by_the_rules(policy, lead)
    assert len(set(map(str, found.values()))) == (4 if needs_every_service else 2)


def test_who_has_too_many_leads_is_told_its_own_numbers(programme):
    for number, (cap, daily_cap) in enumerate([(1, 9), (2, 9), (2, 1), (9, 2), (9, 9)]):
        firm = a_partner(f"Firm{number}", country="FR")
        firm.open_lead_cap, firm.daily_lead_cap = cap, daily_cap
        for lead in range(2):
            a_lead(f"Only{number} {lead}", partner_id=firm.id, email=f"a@only-{number}-{lead}.example")
    lead, policy = LeadFacts(country="DE"), Policy()
    found = everybody_but(policy, lead)
    assert found == by_the_rules(policy, lead)
    figures = [
        (one.filter, one.params)
        for failed in found.values()
        for one in failed
        if one.filter is not Filter.COUNTRY
    ]
    assert (Filter.OPEN_LEADS, {"open": 2, "cap": 2}) in figures
    assert (Filter.DAILY, {"today": 2, "cap": 1}) in figures


def decision_of(network: Sorted) -> RoutingDecision:
    return RoutingDecision(ranking=table_text([], network))


@pytest.mark.parametrize("far_apart", [1, 1000])
def test_the_left_out_are_read_back_however_their_numbers_lie(far_apart):
    first, second = [9 * far_apart, 5 * far_apart], [6 * far_apart]
    network = Sorted({}, [LeftOut((PAUSED,), first), LeftOut((ABROAD, PAUSED), second)], {})
    decision = decision_of(network)
    assert ("signs" in json.loads(decision.ranking)) is (far_apart == 1)
    assert {int(row.partner_id): row.filtered_by for row in rows_of(decision)} == {
        **dict.fromkeys(first, (PAUSED,)),
        **dict.fromkeys(second, (ABROAD, PAUSED)),
    }
    assert left_out_by_reason(decision) == [(ABROAD, second), (PAUSED, [*sorted(first), *second])]


def test_thousands_of_reasons_each_have_their_own_sign():
    network = Sorted(
        {},
        [
            LeftOut((Filtered(Filter.OPEN_LEADS, {"open": number, "cap": 1}),), [number])
            for number in range(1, 3001)
        ],
        {},
    )
    found = rows_of(decision_of(network))
    assert [(int(row.partner_id), row.filtered_by[0].params["open"]) for row in found] == [
        (number, number) for number in range(1, 3001)
    ]


def test_a_large_network_is_a_small_table():
    network = Sorted(
        {}, [LeftOut((PAUSED,), list(range(0, 25_000, 2))), LeftOut((ABROAD,), list(range(1, 25_000, 2)))], {}
    )
    assert len(table_text([], network)) < 26_000


def test_the_table_of_an_older_decision_is_read_as_it_was_written():
    older = {
        "factors": [["load", 10_000]],
        "figures": [[500_000, {"open": 1, "cap": 2}]],
        "rows": [[7, 5_000_000_000, 1, 0]],
        "waived": [],
        "left_out": [[[{"filter": "paused", "params": {"until": None}}], "12,9"]],
    }
    decision = RoutingDecision(ranking=json.dumps(older))
    found = rows_of(decision)
    assert [(row.partner_id, row.rank) for row in found] == [("7", 1), ("9", None), ("12", None)]
    assert found[0].factors[0].params == {"open": 1, "cap": 2}
    assert found[1].filtered_by == (PAUSED,)


def reasons_of(partner: Partner, **about) -> list[str]:
    """What keeps ``partner`` from a new lead."""
    reasons_of.number += 1
    lead = a_lead(f"Asker{reasons_of.number}", **about)
    [row] = [row for row in rows_of(latest_decision(lead)) if row.partner_id == str(partner.id)]
    return [one.filter.value for one in row.filtered_by]


reasons_of.number = 0


def test_the_next_lead_of_the_same_kind_is_asked_by_its_own_values(programme):
    german = a_partner("Berlin", country="DE", languages=["de"], services=["training"])
    assert reasons_of(german, country="DE", language="de", services=("training",)) == []
    assert reasons_of(german, country="FR", language="de", services=("training",)) == ["country"]
    assert reasons_of(german, country="DE", language="fr", services=("training",)) == ["language"]
    assert reasons_of(german, country="DE", language="de", services=("support",)) == ["service"]


def test_a_certificate_that_ran_out_counts_no_more_the_next_time_it_is_asked_for(programme, time):
    make_product("cloud")
    course = a_course("cloud-course", products=("cloud",))
    firm = a_partner("Certified", products=["cloud"])
    certificate = a_certificate(a_member(firm, "Cora", Role.ENGINEER), course)
    assert reasons_of(firm, products=("cloud",)) == []
    time.move_to(certificate.holds_until + timedelta(minutes=1))
    assert reasons_of(firm, products=("cloud",)) == ["certificate"]


def test_an_agreement_that_had_to_be_accepted_by_yesterday_counts_from_today(programme, acme, time):
    assert reasons_of(acme) == []
    publish_agreement(
        text="Leads are answered on the day they come. " * 9,
        text_ru="На лиды отвечают в тот же день. " * 9,
        summary="Answer sooner.",
        summary_ru="Отвечайте быстрее.",
        accept_by=clock.now().date() + timedelta(days=3),
        by=None,
    )
    assert reasons_of(acme) == []
    time.move(days=5)
    assert reasons_of(acme) == ["agreement"]


def statements_of(deed) -> int:
    session.flush()
    with heard_statements() as seen:
        deed()
    return len(seen)


@pytest.mark.parametrize("make", [a_lead, a_pooled_lead])
def test_routing_asks_as_much_of_thirty_partners_as_of_three(programme, make):
    for number in range(3):
        a_partner(f"Few{number}")
    make("Warmup")
    # Who may claim from the pool is written down once for as long as they are the same.
    a_partner("Another")
    few = statements_of(lambda: make("Initech"))
    for number in range(27):
        a_partner(f"More{number}")
    many = statements_of(lambda: make("Umbrella"))
    assert few == many
