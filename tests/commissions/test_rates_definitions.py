"""A definition that makes no sense is refused, and every problem says where it is and what to do."""

import tomllib
from copy import deepcopy
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from commissions.rates import InvalidDefinition, Known, parse, problems_of
from commissions.rates.plan import Brackets, Cap, Condition, Fixed, Group, Percent, Rate
from tests.commissions.plans import (
    a_plan,
    a_rule,
    a_split,
    any_of,
    brackets,
    definition,
    fixed,
    margin,
    percent,
    when,
)
from tests.commissions.test_rates_examples import STANDARD


def pointers(given: Any, known: Known | None = None) -> list[str]:
    return [problem.pointer for problem in problems_of(given, known)]


def the_problem(given: Any, known: Known | None = None) -> tuple[str, str]:
    (problem,) = problems_of(given, known)
    return problem.pointer, problem.detail


def test_the_example_of_the_interface_is_a_version() -> None:
    version = parse(STANDARD)
    assert (version.name, version.currency, version.match, version.hold_days) == (
        "Standard 2026",
        "EUR",
        "first",
        30,
    )
    assert version.effective_from == datetime(2026, 1, 1, tzinfo=UTC)
    gold, base, volume = version.rules
    assert gold.amount == Percent(Rate("2.9", 29, 1000))
    assert gold.term_months == 12
    assert gold.caps == (Cap("customer", "calendar_month", 1000000),)
    assert gold.when.parts[0] == Condition("line.kind", "eq", "licence")
    assert isinstance(gold.when.parts[1], Group) and gold.when.parts[1].mode == "any"
    assert base.amount == Fixed(1000, "sale")
    assert isinstance(volume.amount, Brackets) and volume.term_months is None
    assert [(share.to, share.percent.text) for share in version.splits[0].shares] == [
        ("partner", "90"),
        ("vendor", "10"),
    ]


def test_the_same_definition_in_toml_is_the_same_version() -> None:
    text = """
        name = "Standard"
        currency = "EUR"
        effective_from = 2026-01-01T00:00:00Z

        [[rules]]
        name = "Volume"
        amount = {type = "brackets", on = "line.net_minor", mode = "slab", brackets = [
            {from = "0", to = "100000", rate = "10"}, {from = "100000", rate = "15.5"}]}
        when.all = [{field = "line.kind", op = "eq", value = "licence"}]
    """
    rule = brackets(("0", "100000", "10"), ("100000", None, "15.5"))
    same = a_plan(rule | {"name": "Volume", "when": when(("line.kind", "eq", "licence"))})
    assert parse(tomllib.loads(text)) == same
    assert parse(tomllib.loads(text.replace('"15.5"', "15.5"), parse_float=Decimal)) == same


def test_what_is_left_out_has_its_default() -> None:
    version = a_plan(percent("10"))
    (rule,) = version.rules
    assert (version.match, version.hold_days, version.rebinds, version.splits) == ("first", 30, False, ())
    assert (rule.trigger, rule.term_months, rule.caps, rule.with_split, rule.when) == (
        "sale",
        None,
        (),
        False,
        Group("all"),
    )


def test_a_version_that_is_refused_says_everything_at_once() -> None:
    given = definition(percent("110"), fixed(-1), name="", currency="Euro")
    with pytest.raises(InvalidDefinition) as refusal:
        parse(given)
    assert [problem.pointer for problem in refusal.value.problems] == [
        "/name",
        "/currency",
        "/rules/0/amount/rate",
        "/rules/1/amount/amount_minor",
    ]


# The version itself


@pytest.mark.parametrize("given", [None, [], "plan", 5])
def test_a_definition_is_an_object(given: Any) -> None:
    assert pointers(given) == [""]


def test_missing_and_unknown_fields_are_named() -> None:
    assert pointers({"rules": []}) == ["/name", "/currency", "/effective_from"]
    assert the_problem(definition(percent("1"), holddays=30)) == (
        "/holddays",
        "There is no such field here: “holddays”.",
    )
    assert pointers(definition(percent("1") | {"a/b~c": 1})) == ["/rules/0/a~1b~0c"]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"name": "  "}, "/name"),
        ({"name": "x" * 201}, "/name"),
        ({"currency": "XXX"}, "/currency"),
        ({"effective_from": "2026-01-01"}, "/effective_from"),
        ({"effective_from": "soon"}, "/effective_from"),
        ({"effective_from": datetime(2026, 1, 1)}, "/effective_from"),  # noqa: DTZ001
        ({"match": "worst"}, "/match"),
        ({"hold_days": -1}, "/hold_days"),
        ({"hold_days": True}, "/hold_days"),
        ({"hold_days": 30.0}, "/hold_days"),
        ({"rebinds": "yes"}, "/rebinds"),
        ({"rules": {}}, "/rules"),
        ({"rules": []}, "/rules"),
        ({"splits": None}, "/splits"),
    ],
)
def test_a_wrong_value_is_refused_where_it_stands(changes: dict[str, Any], pointer: str) -> None:
    assert pointers(definition(percent("1")) | changes) == [pointer]


def test_two_rules_of_one_name_are_refused() -> None:
    assert the_problem(definition(percent("1", "Base"), percent("2", "Base"))) == (
        "/rules/1/name",
        "“Base” stands here twice.",
    )


# Amounts


@pytest.mark.parametrize(
    ("amount", "pointer"),
    [
        ({"type": "percent", "rate": "5", "amount_minor": 100}, "amount_minor"),
        ({"type": "fixed", "amount_minor": 100, "per": "sale", "rate": "5"}, "rate"),
    ],
)
def test_a_percentage_and_an_amount_together_are_refused(amount: dict[str, Any], pointer: str) -> None:
    assert the_problem(definition(a_rule(amount))) == (
        f"/rules/0/amount/{pointer}",
        "A rule grants a percentage or an amount of money, not both.",
    )


@pytest.mark.parametrize(
    "rate", ["-1", "100.1", "1,5", "ten", "", "1e1", "NaN", " 5", "1.0000000001", 2.9, True, None]
)
def test_a_rate_is_exact_decimal_text_up_to_a_hundred(rate: Any) -> None:
    assert pointers(definition(a_rule({"type": "percent", "rate": rate}, "Rule"))) == ["/rules/0/amount/rate"]


@pytest.mark.parametrize(
    ("amount", "pointers_found"),
    [
        ("ten", ["/rules/0/amount"]),
        ({}, ["/rules/0/amount/type"]),
        ({"type": "gift"}, ["/rules/0/amount/type"]),
        ({"type": "percent"}, ["/rules/0/amount/rate"]),
        ({"type": "percent", "rate": "5", "of": "net"}, ["/rules/0/amount/of"]),
        ({"type": "fixed", "amount_minor": 1.5, "per": "sale"}, ["/rules/0/amount/amount_minor"]),
        ({"type": "fixed", "amount_minor": 10**15, "per": "sale"}, ["/rules/0/amount/amount_minor"]),
        ({"type": "fixed", "amount_minor": 100, "per": "day"}, ["/rules/0/amount/per"]),
        ({"type": "fixed"}, ["/rules/0/amount/amount_minor", "/rules/0/amount/per"]),
    ],
)
def test_an_amount_has_its_fields_and_no_others(amount: Any, pointers_found: list[str]) -> None:
    assert pointers(definition({"name": "Rule", "amount": amount})) == pointers_found


@pytest.mark.parametrize(
    ("steps", "pointer", "words"),
    [
        ([("0", "100", "10"), ("200", None, "15")], "1/from", "There is a gap: nothing covers 100 to 200."),
        (
            [("0", "200", "10"), ("100", None, "15")],
            "1/from",
            "Brackets overlap: two of them cover 100 to 200.",
        ),
        ([("50", None, "10")], "0/from", "The first bracket begins at 0."),
        ([("0", "100", "10")], "0/to", "The last bracket has no end."),
        ([("0", None, "10"), ("100", None, "15")], "0/to", "Only the last bracket has no end."),
        ([("0", "0", "10"), ("0", None, "15")], "0/to", "A bracket ends above where it begins."),
        ([("0", "1.5", "10")], "0/to", "Write where the bracket ends as a whole number"),
        ([("-5", None, "10")], "0/from", "Write where the bracket ends as a whole number"),
        ([("0", None, "x")], "0/rate", "Write a percentage"),
    ],
)
def test_brackets_cover_everything_once(steps: list[Any], pointer: str, words: str) -> None:
    at, detail = the_problem(definition(brackets(*steps)))
    assert at == f"/rules/0/amount/brackets/{pointer}"
    assert detail.startswith(words)


def test_brackets_are_some_on_something() -> None:
    assert pointers(definition(brackets())) == ["/rules/0/amount/brackets"]
    assert pointers(definition(brackets(("0", None, "1"), on="sale.tax_minor"))) == ["/rules/0/amount/on"]
    assert pointers(definition(brackets(("0", None, "1"), mode="steep"))) == ["/rules/0/amount/mode"]


@pytest.mark.parametrize(
    ("cap", "pointer"),
    [
        ({"per": "order", "window": "lifetime", "amount_minor": 1}, "0/per"),
        ({"per": "partner", "window": "week", "amount_minor": 1}, "0/window"),
        ({"per": "partner", "window": "lifetime", "amount_minor": "1"}, "0/amount_minor"),
        ({"per": "partner", "window": "lifetime"}, "0/amount_minor"),
    ],
)
def test_a_cap_says_per_whom_and_for_how_long(cap: dict[str, Any], pointer: str) -> None:
    assert pointers(definition(percent("1", caps=[cap]))) == [f"/rules/0/caps/{pointer}"]


@pytest.mark.parametrize("term", [-1, 1.5, "12", True, 1201])
def test_a_term_is_whole_months(term: Any) -> None:
    assert pointers(definition(percent("1", term_months=term))) == ["/rules/0/term_months"]


def test_what_is_no_sale_earns_a_fixed_amount_and_has_no_lines() -> None:
    assert pointers(definition(percent("5", trigger="lead_accepted"))) == ["/rules/0/amount"]
    assert pointers(definition(fixed(5, "unit", trigger="lead_accepted"))) == ["/rules/0/amount"]
    of_line = when(("line.kind", "eq", "licence"))
    assert pointers(definition(fixed(5, trigger="lead_qualified", when=of_line))) == ["/rules/0/when"]
    assert pointers(definition(fixed(5, trigger="lead_lost"))) == ["/rules/0/trigger"]


# Splits


def test_shares_over_a_hundred_percent_are_refused() -> None:
    given = definition(splits=[a_split(("partner", "90"), ("vendor", "10.5"))])
    assert the_problem(given) == ("/splits/0/shares", "The shares come to 100.5 %: more than the whole.")


def test_shares_up_to_a_hundred_percent_are_fine() -> None:
    assert problems_of(definition(splits=[a_split(("partner", "90"), ("vendor", "10"))])) == []
    assert problems_of(definition(splits=[a_split(("partner", "90"))])) == []


def test_a_split_has_shares_each_of_somebody_once() -> None:
    assert pointers(definition(splits=[a_split()])) == ["/splits/0/shares"]
    assert pointers(definition(splits=[a_split(("partner", "10"), ("partner", "10"))])) == [
        "/splits/0/shares/1/to"
    ]
    assert pointers(definition(splits=[a_split(("", "10"))])) == ["/splits/0/shares/0/to"]
    known = Known(partners={"acme"})
    assert problems_of(definition(splits=[a_split(("acme", "10"), ("vendor", "5"))]), known) == []
    assert pointers(definition(splits=[a_split(("nobody", "10"))]), known) == ["/splits/0/shares/0/to"]


# Conditions


@pytest.mark.parametrize(
    ("condition", "pointer"),
    [
        (("line.colour", "eq", "red"), "field"),
        (("metadata.", "eq", "red"), "field"),
        (("line.kind", "is", "licence"), "op"),
        (("line.kind", "gt", "licence"), "op"),
        (("line.quantity", "contains", 5), "op"),
        (("line.kind", "eq", "license"), "value"),
        (("line.kind", "eq", ["licence"]), "value"),
        (("line.kind", "in", "licence"), "value"),
        (("line.kind", "in", []), "value"),
        (("line.kind", "in", ["licence", "licens"]), "value/1"),
        (("line.quantity", "gt", "5"), "value"),
        (("line.quantity", "gt", 5.0), "value"),
        (("line.quantity", "eq", True), "value"),
        (("sale.type", "eq", "upsell"), "value"),
        (("sale.billed_by", "eq", "us"), "value"),
        (("customer.country", "eq", "Germany"), "value"),
        (("customer.country", "eq", "de"), "value"),
        (("customer.size", "gt", "large"), "value"),
        (("partner.tier", "exists", "yes"), "value"),
        (("metadata.x", "eq", 1.5), "value"),
    ],
)
def test_a_condition_names_a_field_an_operator_and_a_value_of_its_kind(condition: Any, pointer: str) -> None:
    assert pointers(definition(percent("1", when=when(condition)))) == [f"/rules/0/when/all/0/{pointer}"]


def test_names_the_programme_does_not_have_are_refused() -> None:
    known = Known(products={"cloud-pro"}, tiers={"gold"})
    rule = percent(
        "1", when=when(("line.product", "eq", "cloud-max"), ("partner.tier", "in", ["gold", "tin"]))
    )
    assert pointers(definition(rule), known) == ["/rules/0/when/all/0/value", "/rules/0/when/all/1/value/1"]
    assert problems_of(definition(rule)) == []


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ([], ""),
        ({}, ""),
        ({"all": [], "any": []}, ""),
        ({"none": []}, ""),
        ({"all": {}}, "/all"),
        ({"any": []}, "/any"),
        ({"all": ["x"]}, "/all/0"),
        ({"all": [{"any": []}]}, "/all/0/any"),
        ({"all": [{"field": "line.kind"}]}, "/all/0/op"),
    ],
)
def test_conditions_are_groups_of_all_or_any(given: Any, pointer: str) -> None:
    assert pointers(definition(percent("1", when=given)))[0] == f"/rules/0/when{pointer}"


def test_conditions_have_an_end() -> None:
    deep: dict[str, Any] = {"all": []}
    for _level in range(8):
        deep = {"all": [deep]}
    assert pointers(definition(percent("1", when=deep))) == ["/rules/0/when" + "/all/0" * 8]
    wide = when(*[("line.product", "ne", f"p{number}") for number in range(101)])
    assert pointers(definition(percent("1", when=wide))) == ["/rules/0/when"]


@pytest.mark.parametrize(
    ("conditions", "pointer"),
    [
        ([("line.kind", "eq", "licence"), ("line.kind", "eq", "training")], "/all/1"),
        ([("line.kind", "eq", "licence"), ("line.kind", "ne", "licence")], "/all/1"),
        (
            [("partner.tier", "in", ["gold", "silver"]), ("partner.tier", "not_in", ["silver", "gold"])],
            "/all/1",
        ),
        ([("line.quantity", "gt", 5), ("line.quantity", "lt", 5)], "/all/1"),
        ([("line.quantity", "gt", 5), ("line.quantity", "lt", 6)], "/all/1"),
        ([("line.quantity", "gte", 5), ("line.quantity", "lte", 5), ("line.quantity", "ne", 5)], "/all/2"),
        ([("sale.amount_minor", "lt", 0)], "/all/0"),
        ([("customer.months_since_first_sale", "lt", 0)], "/all/0"),
        ([("partner.tier", "exists", False), ("partner.tier", "eq", "gold")], "/all/1"),
        ([("line.kind", "exists", False)], "/all/0"),
        ([("sale.type", "not_in", ["new", "renewal", "expansion"])], "/all/0"),
        ([("partner.tier", "eq", "gold"), ("partner.tier", "contains", "sil")], "/all/1"),
        ([("metadata.beta", "eq", True), ("metadata.beta", "eq", 1)], "/all/1"),
        (
            [
                ("line.kind", "eq", "licence"),
                any_of(("line.kind", "eq", "audit"), ("line.kind", "eq", "other")),
            ],
            "/all/1/any/0",
        ),
    ],
)
def test_a_condition_that_can_never_be_true_is_refused(conditions: list[Any], pointer: str) -> None:
    at, detail = the_problem(definition(percent("1", when=when(*conditions))))
    assert at == f"/rules/0/when{pointer}"
    assert "can never be true" in detail


def test_a_branch_that_can_never_be_true_is_refused_too() -> None:
    dead = any_of(("line.kind", "eq", "training"), ("partner.tier", "eq", "gold"))
    given = definition(percent("1", when=when(("line.kind", "eq", "licence"), dead)))
    assert pointers(given) == ["/rules/0/when/all/1/any/0"]
    split = a_split(("partner", "90"), when=when(("sale.billed_by", "not_in", ["partner", "vendor"])))
    assert pointers(definition(splits=[split])) == ["/splits/0/when/all/0"]


def test_a_condition_beyond_the_term_is_refused() -> None:
    late = when(("customer.months_since_first_sale", "gte", 12))
    assert pointers(definition(percent("1", term_months=12, when=late))) == ["/rules/0/when/all/0"]
    assert pointers(definition(percent("1", term_months=0, when=late))) == ["/rules/0/when/all/0"]
    assert problems_of(definition(percent("1", term_months=13, when=late))) == []
    assert problems_of(definition(percent("1", when=late))) == []


@pytest.mark.parametrize(
    "conditions",
    [
        [("line.quantity", "gt", 5), ("line.quantity", "lt", 7)],
        [("partner.tier", "ne", "gold"), ("partner.tier", "ne", "silver")],
        [("partner.tier", "exists", False), ("partner.tier", "ne", "gold")],
        [
            ("line.kind", "eq", "licence"),
            any_of(("line.kind", "ne", "audit"), ("partner.tier", "eq", "gold")),
        ],
        [("line.net_minor", "lt", 0)],
        [("metadata.campaign", "contains", "spring"), ("metadata.campaign", "ne", "spring")],
    ],
)
def test_what_can_be_true_is_not_refused(conditions: list[Any]) -> None:
    assert problems_of(definition(percent("1", when=when(*conditions)))) == []


def test_a_tree_with_too_many_alternatives_to_search_is_let_through() -> None:
    pair = any_of(("line.product", "eq", "a"), ("line.product", "eq", "b"))
    assert problems_of(definition(percent("1", when=when(*[pair] * 30)))) == []


def test_reading_a_definition_leaves_it_as_it_was() -> None:
    given = deepcopy(STANDARD)
    parse(given)
    assert given == STANDARD
    assert parse(given) == parse(deepcopy(STANDARD))
    assert problems_of(definition(margin("20"))) == []
