"""Rules, proofs and examples in words; every rule of the standard plan has an example that the engine worked out."""

from typing import Any

import pytest

from commissions import wording
from commissions.comparison import compare
from commissions.drafting import definition_of, typed_of
from commissions.examples import example_of_rule, example_of_split
from commissions.rates import PlanVersion, compute, parse
from core.forms import parse_minor
from tests.commissions.cast import a_definition
from tests.commissions.plans import (
    a_plan,
    a_sale,
    any_of,
    brackets,
    fixed,
    licence,
    margin,
    percent,
    when,
)

pytestmark = pytest.mark.pure
TIERS = ["registered", "silver", "gold", "platinum"]
STANDARD = parse(a_definition())
NAMES = wording.Names(tiers={"gold": "Gold", "silver": "Silver"}, kinds={"licence": "Licence"})
NBSP = "\u00a0"


def said(plan: PlanVersion) -> wording.RuleWords:
    return wording.rule_words(plan.rules[0], plan.currency, NAMES)


@pytest.mark.parametrize("rule", STANDARD.rules, ids=lambda rule: rule.name)
def test_every_rule_of_the_standard_plan_wins_its_example(rule: Any) -> None:
    found = example_of_rule(STANDARD, rule, tiers=TIERS, minor=100_000)
    assert found is not None
    assert found.earned_by(rule.name) > 0
    assert found.computation.version is STANDARD


def test_the_split_of_the_standard_plan_has_an_example_too() -> None:
    [split] = STANDARD.splits
    found = example_of_split(STANDARD, split, tiers=TIERS, minor=100_000)
    assert found is not None and found.earned_by(split.name) == 90_000


@pytest.mark.parametrize(
    "rule",
    [
        percent("5", when=when(("sale.amount_minor", "gt", 1_500_000), ("partner.tier", "ne", "registered"))),
        percent("5", when=any_of(("line.kind", "eq", "audit"), ("sale.country", "eq", "AT"))),
        percent(
            "5", when=when(("metadata.campaign", "contains", "spring"), ("customer.size", "exists", True))
        ),
        percent("5", when=when(("customer.months_since_first_sale", "gte", 12), ("line.quantity", "lt", 10))),
        fixed(5_000, trigger="lead_accepted"),
        margin("20"),
        brackets(("0", "100000", "5"), ("100000", None, "7")),
    ],
    ids=str,
)
def test_rules_of_all_kinds_have_an_example(rule: Any) -> None:
    plan = a_plan(rule)
    found = example_of_rule(plan, plan.rules[0], tiers=TIERS, minor=100_000)
    assert found is not None and found.earned_by(plan.rules[0].name) > 0


def test_a_rule_is_said_in_sentences() -> None:
    words = said(
        a_plan(
            percent(
                "2.9",
                "Gold",
                term_months=12,
                when=when(("line.kind", "eq", "licence"), any_of(("partner.tier", "in", ["gold", "silver"]),
                                                                 ("sale.amount_minor", "gt", 1_500_000))),
                caps=[{"per": "customer", "window": "calendar_month", "amount_minor": 1_000_000}],
            )
        )
    )  # fmt: skip
    assert words.pays == f"2.9{NBSP}% of the line"
    assert words.when == [
        "Kind of line: Licence",
        "Tier of the partner: Gold or Silver – or – Amount of the sale: above €15,000.00",
    ]
    assert words.term == "For 12 months from the first sale to the customer."
    assert words.limits[0] == "At most €10,000.00 per customer, a calendar month."
    assert words.sentence.startswith(
        f"2.9{NBSP}% of the line when the kind of line is Licence and (the partner's tier is Gold or Silver or the "
        "amount of the sale is above €15,000.00). For 12 months from the first sale to the customer. At most €10,000.00"
    )


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (percent("5"), f"5{NBSP}% of the line. For as long as the customer buys."),
        (
            percent("5", when=when(("sale.type", "ne", "renewal"), ("line.quantity", "gte", 10))),
            f"5{NBSP}% of the line when the kind of sale is not Renewal and the quantity is 10 or more.",
        ),
        (
            percent("5", when=when(("metadata.campaign", "exists", True), ("customer.size", "lt", 50))),
            f"5{NBSP}% of the line when campaign is known and the customer's size is below 50.",
        ),
        (
            fixed(5_000, trigger="lead_accepted"),
            "What happens: A lead that it takes on. €50.00 a sale. For as long as the customer buys.",
        ),
    ],
)
def test_a_rule_is_one_sentence_and_what_limits_it(rule: Any, sentence: str) -> None:
    assert said(a_plan(rule)).sentence.startswith(sentence)


@pytest.mark.parametrize(
    ("rule", "minor", "formula", "exact", "rounding"),
    [
        (percent("1.15"), 3_000, f"1.15{NBSP}% of €30.00", "€0.345", "+€0.005, half up, once"),
        (percent("10"), 3_000, f"10{NBSP}% of €30.00", "€3.00", "none: it is a whole number"),
        (fixed(500), 3_000, "€5.00 a sale", "€5.00", "none: it is a whole number"),
        (
            brackets(("0", "1000", "10"), ("1000", None, "5"), mode="marginal"),
            3_000,
            f"10{NBSP}% of €10.00 + 5{NBSP}% of €20.00",
            "€2.00",
            "none: it is a whole number",
        ),
    ],
)
def test_a_proof_is_said_to_the_last_decimal(
    rule: Any, minor: int, formula: str, exact: str, rounding: str
) -> None:
    [entry] = compute(a_plan(rule), a_sale(licence(minor))).entries
    assert wording.formula_words(entry.proof) == formula
    assert wording.exact_words(str(entry.proof["exact"]), "EUR") == exact
    assert wording.rounding_words(entry.proof, "EUR") == rounding


@pytest.mark.parametrize(
    ("exact", "currency", "words"),
    [
        ("1000/3", "EUR", "€3.333333…"),
        ("-1000/3", "EUR", "−€3.333333…"),
        ("209726.475", "EUR", "€2,097.26475"),
        ("0.5", "JPY", "¥0.5"),
        ("12345", "KWD", "KWD\u00a012.345"),
    ],
)
def test_no_decimal_is_lost_and_what_has_no_end_says_so(exact: str, currency: str, words: str) -> None:
    assert wording.exact_words(exact, currency) == words


def test_versions_are_compared_by_the_names_of_rules() -> None:
    old = a_plan(percent("1", "a"), percent("2", "b"), percent("3", "c"), percent("4", "d")).rules
    new = a_plan(percent("3", "c"), percent("1", "a"), percent("9", "b"), percent("5", "e")).rules
    kinds = {change.name: change.kind for change in compare(old, new)}
    assert kinds == {"a": "same", "b": "changed", "c": "moved", "d": "removed", "e": "added"}


def test_the_editor_gives_back_what_it_was_given() -> None:
    from zoneinfo import ZoneInfo

    zone = ZoneInfo("Europe/Berlin")
    definition = a_definition(
        rebinds=True,
        rules=[
            percent(
                "5", "AT", when=when(("sale.country", "not_in", ["AT", "CH"]), ("line.quantity", "gte", 10))
            ),
            fixed(1_000, "unit", "Units", trigger="sale", with_split=True),
            brackets(("0", "1000", "10"), ("1000", None, "5.25")),
            margin(
                "20",
                "Margin",
                term_months=0,
                caps=[{"per": "partner", "window": "lifetime", "amount_minor": 5}],
            ),
        ],
    )
    written = definition_of(typed_of(definition, zone), zone, parse_minor)
    assert written.problems == []
    assert parse(written.definition) == parse(definition)
