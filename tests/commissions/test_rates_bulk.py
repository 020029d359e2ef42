"""In bulk the engine says the same: figures, postings and proofs, for any plan and any sale."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from commissions.rates import (
    Bulk,
    CustomerFacts,
    InvalidDefinition,
    LineFacts,
    Pair,
    PartnerFacts,
    PlainLine,
    PlanVersion,
    SaleFacts,
    compute,
    first_postings,
    parse,
)
from commissions.standard_plan import standard_plan
from tests.commissions.plans import (
    NOON,
    a_plan,
    a_sale,
    a_split,
    any_of,
    brackets,
    fixed,
    licence,
    margin,
    percent,
    training,
    when,
)
from tests.commissions.test_rates_laws import plans as any_plans

pytestmark = pytest.mark.pure

kinds = st.sampled_from(["licence", "training", "support"])
rates = st.decimals(min_value=0, max_value=90, places=3).map(lambda rate: format(rate, "f"))
conditions = st.one_of(
    st.tuples(
        st.just("line.kind"), st.sampled_from(["in", "not_in"]), st.lists(kinds, min_size=1, max_size=2)
    ),
    st.tuples(st.just("line.product"), st.sampled_from(["eq", "ne"]), st.sampled_from(["cloud", "desk"])),
    st.tuples(st.just("line.product"), st.sampled_from(["contains"]), st.just("lou")),
    st.tuples(
        st.sampled_from(["line.net_minor", "sale.amount_minor"]),
        st.sampled_from(["eq", "ne", "gt", "gte", "lt", "lte"]),
        st.integers(0, 20_000),
    ),
    st.tuples(
        st.just("line.quantity"), st.sampled_from(["in", "not_in"]), st.lists(st.integers(1, 9), min_size=1)
    ),
    st.tuples(
        st.just("customer.months_since_first_sale"), st.sampled_from(["gt", "lte"]), st.integers(0, 14)
    ),
    st.tuples(st.just("customer.size"), st.sampled_from(["eq", "ne", "gt"]), st.integers(0, 2)),
    st.tuples(st.just("metadata.tag"), st.sampled_from(["eq", "ne", "exists"]), st.just(True)),
    st.tuples(st.just("metadata.tag"), st.just("contains"), st.just("x")),
    st.tuples(st.just("metadata.tag"), st.sampled_from(["eq", "ne", "gt"]), st.just(1)),
    st.tuples(st.just("partner.tier"), st.sampled_from(["eq", "ne"]), st.sampled_from(["gold", "silver"])),
    st.tuples(st.just("sale.country"), st.just("exists"), st.booleans()),
    st.tuples(st.just("sale.source"), st.sampled_from(["eq", "ne"]), st.sampled_from(["code", "link"])),
    st.tuples(st.just("sale.source"), st.just("exists"), st.booleans()),
    st.tuples(st.just("sale.type"), st.just("eq"), st.sampled_from(["new", "renewal"])),
)


@st.composite
def trees(draw: st.DrawFn) -> Any:
    join = draw(st.sampled_from([when, any_of]))
    return join(*draw(st.lists(conditions, min_size=1 if join is any_of else 0, max_size=3)))


@st.composite
def plain_plans(draw: st.DrawFn) -> PlanVersion:
    """First match, no caps: what most plans are."""
    rules = []
    for number in range(draw(st.integers(1, 4))):
        rate = draw(rates)
        amount = draw(
            st.sampled_from(
                [
                    percent(rate),
                    percent(rate),
                    margin(rate),
                    fixed(draw(st.integers(0, 900)), "unit"),
                    brackets(
                        ("0", "5000", rate),
                        ("5000", None, "7.5"),
                        mode=draw(st.sampled_from(["slab", "marginal"])),
                    ),
                ]
            )
        )
        rules.append(
            amount
            | {
                "name": f"Rule {number}",
                "when": draw(trees()),
                "with_split": draw(st.booleans()),
                "term_months": draw(st.sampled_from([None, 0, 1, 3, 12])),
            }
        )
    shares = draw(
        st.permutations([("vendor", "10"), ("partner", draw(rates)), ("recruiter", "3.5")]).flatmap(
            lambda all_: st.integers(1, 3).map(lambda count: all_[:count])
        )
    )
    splits = [
        a_split(*shares, name=f"Split {number}", when=draw(trees()))
        for number in range(draw(st.integers(0, 2)))
    ]
    try:
        return a_plan(*rules, splits=splits)
    except InvalidDefinition:  # a condition that can never be true
        reject()


@st.composite
def plain_sales(draw: st.DrawFn) -> SaleFacts:
    lines = draw(
        st.lists(
            st.builds(
                PlainLine,
                kind=kinds,
                product=st.sampled_from([None, "cloud", "desk"]),
                quantity=st.integers(1, 9),
                net_minor=st.integers(-200, 20_000) | st.integers(1, 20_000),
                cost_minor=st.none() | st.integers(0, 3000),
            ),
            min_size=1,
            max_size=4,
        ).map(tuple)
    )
    first = NOON - timedelta(days=draw(st.sampled_from([0, 27, 28, 31, 60, 89, 92, 364, 365, 366, 400])))
    tag: Any = draw(st.sampled_from([None, True, 1, "1", [1], ["x", True]]))
    return SaleFacts(
        occurred_at=NOON,
        currency=draw(st.sampled_from(["EUR", "EUR", "USD"])),
        partner=PartnerFacts(
            "1",
            draw(st.sampled_from(["gold", "silver", None])),
            "integrator",
            "DE",
            draw(st.sampled_from([None, "9"])),
        ),
        customer=CustomerFacts(
            "7", draw(st.sampled_from([None, "DE"])), draw(st.sampled_from([None, "1", 1, 2]))
        ),
        lines=lines,  # type: ignore[arg-type]
        type=draw(st.sampled_from(["new", "renewal"])),
        billed_by=draw(st.sampled_from(["vendor", "vendor", "vendor", "partner"])),
        source=draw(st.sampled_from([None, "code", "link", "routed"])),
        metadata={} if tag is None else {"tag": tag},
        pair=Pair(first, draw(st.sampled_from([None, True, False]))),
        paid_minor=draw(st.sampled_from([None, None, None, 900])),
    )


def _agree(bulk: Bulk, sale: SaleFacts) -> None:
    postings = first_postings(bulk.version, sale)
    assert bulk.postings(sale) == postings
    assert [(*one[:5], json.loads(one.proof)) for one in bulk.written(sale)] == [
        (
            posting.key.line,
            posting.kind,
            posting.key.name,
            posting.key.beneficiary.id,
            posting.amount_minor,
            posting.proof,
        )
        for posting in postings
    ]
    entries = compute(bulk.version, sale).entries
    assert bulk.figures(sale) == [(entry.key.beneficiary.id, entry.amount_minor) for entry in entries]


@settings(max_examples=200)
@given(plain_plans(), st.lists(plain_sales(), min_size=1, max_size=8))
def test_shape_by_shape_the_figures_and_proofs_are_the_engines(
    plan: PlanVersion, sales: list[SaleFacts]
) -> None:
    bulk = Bulk(plan)
    for sale in [*sales, *sales]:
        _agree(bulk, sale)


@given(any_plans(), st.lists(plain_sales(), min_size=1, max_size=4))
def test_plans_that_are_not_plain_go_through_the_engine(plan: PlanVersion, sales: list[SaleFacts]) -> None:
    bulk = Bulk(plan)
    for sale in sales:
        _agree(bulk, sale)


@settings(max_examples=300)
@given(
    st.decimals(min_value=0, max_value=100, places=9).map(
        lambda rate: format(rate, "f").rstrip("0").rstrip(".")
    )
    | st.sampled_from(["0", "0.000000001", "12.5", "33.333333333", "100"]),
    st.integers(1, 10**13),
    st.sampled_from(["EUR", "JPY", "KWD"]),
)
def test_written_proofs_are_the_engines_to_the_letter(rate: str, net: int, currency: str) -> None:
    """Any rate that can be written, any amount, currencies with 0, 2 and 3 decimals; shares as well."""
    plan = a_plan(
        percent(rate, when=when(("line.kind", "eq", "licence"))),
        currency=currency,
        splits=[a_split(("partner", "66.666666667"), ("vendor", "33.3"), when=when(("line.kind", "eq", "training")))],
    )  # fmt: skip
    lines = (PlainLine("licence", None, 1, net, None), PlainLine("training", None, 1, net, None))
    sale = replace(a_sale(), lines=lines, currency=currency)  # type: ignore[arg-type]
    _agree(Bulk(plan), sale)


def test_true_is_not_one_in_bulk_either() -> None:
    plan = a_plan(percent("10", when=when(("metadata.n", "eq", 1))), percent("5", name="Else"))
    bulk = Bulk(plan)
    for value in (True, 1, True, "1", 1):
        sale = replace(a_sale(licence(1000)), metadata={"n": value})
        assert [posting.key.name for posting in bulk.postings(sale)] == [
            "10" if value == 1 and value is not True else "Else"
        ]


def test_a_bound_is_where_its_condition_says() -> None:
    plan = a_plan(percent("10", when=when(("sale.amount_minor", "gt", 15_000))), percent("5", name="Else"))
    bulk = Bulk(plan)
    won = [bulk.postings(a_sale(licence(minor)))[0].key.name for minor in (15_001, 14_999, 15_000, 15_002)]
    assert won == ["10", "Else", "Else", "10"]


def test_what_is_remembered_has_an_end() -> None:
    from commissions.rates import bulk as module

    plan = a_plan(percent("10", when=when(("customer.id", "contains", "7"))))
    bulk = Bulk(plan)
    limit, module.SHAPES_KEPT = module.SHAPES_KEPT, 5
    try:
        for number in range(30):
            sale = replace(a_sale(licence(1000), training(500)), customer=CustomerFacts(str(number)))
            _agree(bulk, sale)
        assert len(bulk._decisions) <= 8
    finally:
        module.SHAPES_KEPT = limit


def test_a_rule_that_looks_beyond_the_line_is_the_engines() -> None:
    """The bonus of the standard plan: once a first sale, within a cap. All other sales go shape by shape."""
    bulk = Bulk(parse(standard_plan("2026-01-01T00:00:00+00:00", year=2026)))
    assert bulk.is_plain
    first = a_sale(licence(1000), training(500), LineFacts("implementation", 1, 5000))
    later = replace(first, pair=Pair(NOON - timedelta(days=40), False))
    for sale in (first, later, first):
        _agree(bulk, sale)
    assert (bulk._decided(first), bulk._decided(later) is not None) == (None, True)
