"""Which rule wins: conditions on real facts, the printed order or the best, terms, caps' windows, currencies."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from commissions.rates import CustomerFacts, LineFacts, Pair, PartnerFacts, compute
from tests.commissions.plans import (
    NOON,
    a_plan,
    a_sale,
    a_split,
    any_of,
    brackets,
    earned,
    fixed,
    licence,
    percent,
    training,
    when,
)

FACTS: dict[str, Any] = {
    "partner": PartnerFacts("acme", tier="gold", type="integrator", country="DE"),
    "customer": CustomerFacts("globex", country="AT", size=250),
    "type": "renewal",
    "source": "registered",
    "pair": Pair(datetime(2026, 1, 1, 12, tzinfo=UTC)),
    "metadata": {"campaign": "spring", "seats": 40, "beta": True, "tags": ["a", "b"]},
}
LINE = LineFacts("licence", 20, 10000, product="cloud-pro")


@pytest.mark.parametrize(
    "holds",
    [
        ("line.kind", "eq", "licence"),
        ("line.kind", "ne", "training"),
        ("line.product", "in", ["cloud-pro", "cloud-max"]),
        ("line.product", "contains", "cloud"),
        ("line.product", "not_in", ["cloud-max"]),
        ("line.net_minor", "gte", 200000),
        ("line.quantity", "lt", 21),
        ("sale.type", "eq", "renewal"),
        ("sale.amount_minor", "gt", 199999),
        ("sale.billed_by", "eq", "vendor"),
        ("sale.source", "eq", "registered"),
        ("sale.country", "eq", "AT"),
        ("customer.country", "eq", "AT"),
        ("customer.size", "gte", 250),
        ("customer.id", "eq", "globex"),
        ("customer.months_since_first_sale", "eq", 2),
        ("partner.tier", "in", ["gold", "platinum"]),
        ("partner.type", "eq", "integrator"),
        ("partner.country", "ne", "AT"),
        ("partner.id", "eq", "acme"),
        ("metadata.campaign", "eq", "spring"),
        ("metadata.seats", "lte", 40),
        ("metadata.beta", "eq", True),
        ("metadata.tags", "contains", "b"),
        ("metadata.missing", "ne", "x"),
        ("metadata.missing", "not_in", ["x"]),
        ("metadata.missing", "exists", False),
        ("metadata.campaign", "exists", True),
    ],
)
def test_every_field_and_operator_reads_the_facts(holds: tuple[str, str, Any]) -> None:
    assert earned(a_plan(percent("10", when=when(holds))), a_sale(LINE, **FACTS)) == [20000]


@pytest.mark.parametrize(
    "fails",
    [
        ("line.product", "eq", "cloud"),
        ("line.net_minor", "gt", 200000),
        ("sale.type", "in", ["new", "expansion"]),
        ("metadata.beta", "eq", 1),
        ("metadata.seats", "gt", 40),
        ("metadata.campaign", "gt", 5),
        ("metadata.missing", "eq", "x"),
        ("metadata.missing", "lt", 5),
        ("metadata.missing", "contains", "x"),
        ("metadata.missing", "exists", True),
        ("partner.tier", "exists", False),
    ],
)
def test_what_does_not_hold_earns_nothing(fails: tuple[str, str, Any]) -> None:
    assert earned(a_plan(percent("10", when=when(fails))), a_sale(LINE, **FACTS)) == []


def test_all_and_any_nest() -> None:
    tree = when(
        ("line.kind", "eq", "licence"),
        any_of(
            ("partner.tier", "eq", "tin"), when(("sale.type", "eq", "renewal"), ("line.quantity", "gt", 10))
        ),
    )
    assert earned(a_plan(percent("10", when=tree)), a_sale(LINE, **FACTS)) == [20000]
    assert earned(a_plan(percent("10", when=tree)), a_sale(LINE, **FACTS | {"type": "new"})) == []


def test_the_first_rule_in_the_printed_order_wins() -> None:
    plan = a_plan(percent("5", when=when(("line.kind", "eq", "licence"))), percent("20"))
    assert earned(plan, a_sale(licence(1000), training(1000))) == [50, 200]


def test_a_rule_that_grants_nothing_wins_as_well() -> None:
    assert earned(a_plan(percent("0"), percent("20")), a_sale(licence(1000))) == []


def test_the_best_rule_is_the_one_that_grants_most_money() -> None:
    plan = a_plan(percent("5"), fixed(70, "unit"), percent("2"), match="best")
    assert earned(plan, a_sale(licence(1000))) == [70]
    assert earned(plan, a_sale(licence(2000))) == [100]


def test_of_equal_rules_the_one_printed_first_wins() -> None:
    plan = a_plan(percent("5", "First"), fixed(50, "unit", "Second"), match="best")
    assert [entry.key.name for entry in compute(plan, a_sale(licence(1000))).entries] == ["First"]


def test_an_amount_per_sale_is_best_if_it_is_more_than_its_lines_together() -> None:
    plan = a_plan(percent("10"), fixed(1000), match="best")
    assert earned(plan, a_sale(licence(4000), licence(5000))) == [1000]
    assert earned(plan, a_sale(licence(5000), licence(6000))) == [500, 600]
    only_licences = a_plan(
        percent("10"), fixed(1000, when=when(("line.kind", "eq", "licence"))), match="best"
    )
    assert sorted(earned(only_licences, a_sale(licence(4000), training(50000)))) == [1000, 5000]


def test_of_two_amounts_per_sale_only_the_best_is_granted() -> None:
    plan = a_plan(fixed(800, name="Less"), fixed(1000, name="More"), match="best")
    assert earned(plan, a_sale(licence(4000), licence(5000))) == [1000]


def test_the_best_is_compared_after_caps() -> None:
    capped = percent("50", caps=[{"per": "customer", "window": "lifetime", "amount_minor": 30}])
    assert earned(a_plan(capped, percent("10"), match="best"), a_sale(licence(1000), licence(200))) == [
        100,
        30,
    ]


def test_the_best_event_rule_wins() -> None:
    plan = a_plan(
        fixed(10, trigger="lead_accepted"), fixed(20, trigger="lead_accepted", name="More"), match="best"
    )
    assert earned(plan, a_sale(trigger="lead_accepted")) == [20]


def test_a_divided_line_is_left_to_rules_that_pay_beside_a_split() -> None:
    split = a_split(("partner", "90"), ("vendor", "10"), when=when(("line.kind", "eq", "training")))
    rules = [percent("20", "Plain"), percent("5", "Beside", with_split=True)]
    sale = a_sale(licence(1000), training(1000))
    assert earned(a_plan(*rules, splits=[split]), sale) == [200, 900, 100]
    assert earned(a_plan(*rules, splits=[split], match="best"), sale) == [200, 50, 900, 100]


def test_the_first_split_that_matches_divides_the_line() -> None:
    first = a_split(("partner", "80"), name="First", when=when(("line.kind", "eq", "training")))
    second = a_split(("partner", "70"), name="Second")
    plan = a_plan(splits=[first, second])
    assert earned(plan, a_sale(training(100), LineFacts("audit", 1, 100))) == [80, 70]


# Terms


def test_an_ended_term_falls_through_to_the_next_rule() -> None:
    plan = a_plan(percent("20", term_months=12), percent("5"))
    pair = Pair(datetime(2025, 3, 1, 12, tzinfo=UTC))
    assert earned(plan, a_sale(licence(1000), pair=pair, occurred_at=NOON.replace(hour=11))) == [200]
    assert earned(plan, a_sale(licence(1000), pair=pair, occurred_at=NOON)) == [50]


def test_a_term_of_zero_is_the_first_sale_only() -> None:
    plan = a_plan(percent("20", term_months=0), percent("5"))
    assert earned(plan, a_sale(licence(1000))) == [200]
    assert earned(plan, a_sale(licence(1000), pair=Pair(NOON))) == [200]
    assert earned(plan, a_sale(licence(1000), pair=Pair(NOON, is_first_sale=False))) == [50]
    assert earned(plan, a_sale(licence(1000), pair=Pair(NOON.replace(day=28, month=2)))) == [50]


# Currencies


def test_amounts_of_money_hold_only_in_the_currency_of_the_plan() -> None:
    dollars = a_sale(licence(1000), currency="USD")
    cap = [{"per": "customer", "window": "lifetime", "amount_minor": 10**6}]
    for rule in (fixed(10), fixed(10, "unit"), brackets(("0", None, "10")), percent("10", caps=cap)):
        assert earned(a_plan(rule, percent("1", "Otherwise")), dollars) == [10]
    big = percent("10", when=any_of(("sale.amount_minor", "gt", 5), ("partner.tier", "eq", "tin")))
    assert earned(a_plan(big, percent("1", "Otherwise")), dollars) == [10]
    assert earned(
        a_plan(percent("10", when=any_of(("sale.amount_minor", "gt", 5), ("partner.tier", "eq", "gold")))),
        dollars,
    ) == [100]


# Windows of caps


@pytest.mark.parametrize(
    ("window", "label"),
    [
        ("calendar_month", "2026-04"),
        ("calendar_quarter", "2026-Q2"),
        ("calendar_year", "2026"),
        ("lifetime", "lifetime"),
    ],
)
def test_a_cap_counts_in_the_programmes_calendar(window: str, label: str) -> None:
    plan = a_plan(percent("10", caps=[{"per": "customer", "window": window, "amount_minor": 50}]))
    late = datetime(2026, 3, 31, 23, tzinfo=UTC)
    sale = a_sale(licence(1000), occurred_at=late, time_zone=ZoneInfo("Europe/Berlin"))
    ((key, used),) = compute(plan, sale).cap_use.items()
    assert (key.rule, key.partner_id, key.customer_id, key.window, used) == (
        "10",
        "acme",
        "globex",
        label,
        50,
    )


def test_a_cap_per_partner_counts_all_customers() -> None:
    plan = a_plan(percent("10", caps=[{"per": "partner", "window": "lifetime", "amount_minor": 150}]))
    first = compute(plan, a_sale(licence(1000)))
    second = a_sale(licence(1000), customer=CustomerFacts("initech"))
    assert earned(plan, second, granted=first.cap_use) == [50]
