"""Everybody can see why: what became of every rule and split, and by which facts."""

import json
from datetime import UTC, datetime
from typing import Any

from commissions.rates import LineFacts, Pair, Refund, compute, explain, parse
from tests.commissions.plans import (
    NOON,
    a_plan,
    a_sale,
    a_split,
    brackets,
    fixed,
    licence,
    margin,
    percent,
    training,
    when,
)
from tests.commissions.test_rates_examples import STANDARD


def rules_of(explained: dict[str, Any]) -> list[tuple[str, str]]:
    return [(step["rule"], step["outcome"]) for step in explained["rules"]]


def test_a_line_tells_its_base_its_rule_and_what_the_facts_were() -> None:
    line = LineFacts("licence", 20, 10000, discount_minor=5000)
    (explained,) = explain(compute(parse(STANDARD), a_sale(line), refunds=[Refund("re_1", 95000)]))
    assert explained["base"]["net_minor"] == 195000
    assert explained["base"]["kept_minor"] == 100000
    assert rules_of(explained) == [
        ("Gold: licence in the first year", "applied"),
        ("Base", "not_reached"),
        ("Volume", "not_reached"),
    ]
    assert explained["rules"][0]["because"] == [
        {"field": "line.kind", "op": "eq", "value": "licence", "was": "licence"},
        {"field": "partner.tier", "op": "in", "value": ["gold", "platinum"], "was": "gold"},
    ]
    assert [entry["amount_minor"] for entry in explained["earned"]] == [2900]
    assert json.loads(json.dumps(explained)) == explained


def test_every_reason_why_a_rule_does_not_apply_is_told() -> None:
    plan = a_plan(
        percent("50", "Tin", when=when(("line.kind", "eq", "licence"), ("partner.tier", "eq", "tin"))),
        percent("40", "First month", term_months=1),
        fixed(10, name="In euros"),
        margin("30", name="On the margin"),
        brackets(("0", None, "9")) | {"name": "Brackets in euros"},
        percent("20", "Base"),
        percent("10", "Never"),
    )
    sale = a_sale(licence(1000), currency="USD", pair=Pair(datetime(2026, 1, 31, 12, tzinfo=UTC)))
    (explained,) = explain(compute(plan, sale))
    assert rules_of(explained) == [
        ("Tin", "condition"),
        ("First month", "term"),
        ("In euros", "currency"),
        ("On the margin", "no_cost"),
        ("Brackets in euros", "currency"),
        ("Base", "applied"),
        ("Never", "not_reached"),
    ]
    tin, first_month, *_others = explained["rules"]
    assert tin["because"] == [{"field": "partner.tier", "op": "eq", "value": "tin", "was": "gold"}]
    assert first_month["ended_at"] == "2026-02-28T12:00:00+00:00"


def test_a_divided_line_tells_its_split_and_what_the_rule_would_have_been() -> None:
    (explained,) = explain(compute(parse(STANDARD), a_sale(training(10000))))
    assert [(step["split"], step["outcome"]) for step in explained["splits"]] == [
        ("90/10 on projects we bill", "applied")
    ]
    assert rules_of(explained)[1] == ("Base", "divided")
    assert [entry["amount_minor"] for entry in explained["earned"]] == [9000, 1000]


def test_a_split_tells_why_it_does_not_divide() -> None:
    plan = a_plan(splits=[a_split(("partner", "90"), name="Ours"), a_split(("partner", "80"), name="Later")])
    (explained,) = explain(compute(plan, a_sale(training(100), billed_by="partner")))
    assert [step["outcome"] for step in explained["splits"]] == ["billed_by_partner", "billed_by_partner"]
    (explained,) = explain(compute(plan, a_sale(training(100))))
    assert [step["outcome"] for step in explained["splits"]] == ["applied", "not_reached"]


def test_where_the_best_wins_the_others_granted_less() -> None:
    plan = a_plan(percent("5", "Less"), percent("10", "Most"), percent("7", "Also less"), match="best")
    (explained,) = explain(compute(plan, a_sale(licence(1000))))
    assert rules_of(explained) == [("Less", "less"), ("Most", "applied"), ("Also less", "less")]


def test_an_amount_in_another_currency_says_so() -> None:
    plan = a_plan(percent("5", when=when(("sale.amount_minor", "gt", 5))))
    (explained,) = explain(compute(plan, a_sale(licence(1000), currency="USD")))
    assert explained["rules"][0]["because"][0]["other_currency"] is True


def test_an_amount_per_sale_stands_with_each_line_it_is_for() -> None:
    plan = a_plan(fixed(1000, name="Each sale", when=when(("line.kind", "eq", "licence"))))
    with_licence, with_training = explain(compute(plan, a_sale(licence(100), training(100))))
    assert [entry["line"] for entry in with_licence["earned"]] == [None]
    assert with_training["earned"] == []


def test_a_sale_below_zero_says_so() -> None:
    (explained,) = explain(compute(a_plan(percent("5")), a_sale(licence(-10))))
    assert explained["below_zero"] == -10


def test_an_event_without_lines_is_explained_once() -> None:
    plan = a_plan(fixed(10, name="Lead", trigger="lead_accepted"), percent("5"))
    (explained,) = explain(compute(plan, a_sale(trigger="lead_accepted", occurred_at=NOON)))
    assert (explained["line"], explained["base"], rules_of(explained)) == (None, None, [("Lead", "applied")])
    assert [entry["amount_minor"] for entry in explained["earned"]] == [10]
