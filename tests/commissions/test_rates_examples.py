"""What partners earn, example by example: this page is the specification in numbers.

Amounts are minor units. Every figure is also worked out again from its own proof.
"""

from typing import Any

import pytest

from commissions.rates import (
    Chargeback,
    ConflictingFacts,
    EntryKey,
    LineFacts,
    Payment,
    Refund,
    compute,
    first_postings,
    parse,
    recompute,
)
from tests.commissions.plans import (
    ACME,
    NOON,
    PARTNER,
    RIVAL,
    VENDOR,
    a_plan,
    a_sale,
    a_split,
    brackets,
    earned,
    fixed,
    licence,
    margin,
    percent,
    post,
    training,
    when,
)

TEN_PERCENT = a_plan(percent("10"))
NINETY_TEN = a_plan(splits=[a_split(("partner", "90"), ("vendor", "10"))])

# The version that the interface's own page shows.
STANDARD = {
    "name": "Standard 2026",
    "currency": "EUR",
    "effective_from": "2026-01-01T00:00:00Z",
    "match": "first",
    "hold_days": 30,
    "rules": [
        {
            "name": "Gold: licence in the first year",
            "trigger": "sale",
            "term_months": 12,
            "when": {
                "all": [
                    {"field": "line.kind", "op": "eq", "value": "licence"},
                    {
                        "any": [
                            {"field": "partner.tier", "op": "in", "value": ["gold", "platinum"]},
                            {"field": "sale.amount_minor", "op": "gt", "value": 1500000},
                        ]
                    },
                ]
            },
            "amount": {"type": "percent", "rate": "2.9"},
            "caps": [{"per": "customer", "window": "calendar_month", "amount_minor": 1000000}],
        },
        {
            "name": "Base",
            "trigger": "sale",
            "term_months": 0,
            "when": {"all": []},
            "amount": {"type": "fixed", "amount_minor": 1000, "per": "sale"},
        },
        {
            "name": "Volume",
            "trigger": "sale",
            "term_months": None,
            "when": {"all": []},
            "amount": {
                "type": "brackets",
                "on": "line.net_minor",
                "mode": "slab",
                "brackets": [
                    {"from": "0", "to": "100000", "rate": "10"},
                    {"from": "100000", "to": None, "rate": "15"},
                ],
            },
        },
    ],
    "splits": [
        {
            "name": "90/10 on projects we bill",
            "when": {
                "all": [
                    {"field": "sale.billed_by", "op": "eq", "value": "vendor"},
                    {"field": "line.kind", "op": "ne", "value": "licence"},
                ]
            },
            "shares": [{"to": "partner", "percent": "90"}, {"to": "vendor", "percent": "10"}],
        }
    ],
}


def test_the_example_of_the_interface() -> None:
    sale = a_sale(LineFacts("licence", 20, 10000, product="cloud-pro"))
    (entry,) = compute(parse(STANDARD), sale).entries
    assert (entry.key.line, entry.key.kind, entry.key.name) == (
        0,
        "commission",
        "Gold: licence in the first year",
    )
    assert entry.key.beneficiary == PARTNER
    assert entry.amount_minor == 5800
    proof = entry.proof
    assert recompute(proof) == 5800
    del proof["inputs"]
    assert proof == {
        "base_minor": 200000,
        "formula": "2.9 % of 2,000.00",
        "exact": "5800",
        "rounding": "none",
    }


@pytest.mark.parametrize(
    ("base", "rate", "commission", "exact", "rounding"),
    [
        (3000, "1.15", 35, "34.5", "half up, +0.5"),
        (25000, "0.29", 73, "72.5", "half up, +0.5"),
        (9999, "15", 1500, "1499.85", "half up, +0.15"),
        (1198437, "17.5", 209726, "209726.475", "half up, −0.475"),
        (200000, "2.9", 5800, "5800", "none"),
        (5, "10", 1, "0.5", "half up, +0.5"),
        (100, "100", 100, "100", "none"),
    ],
)
def test_a_percentage_is_rounded_half_up_once(
    base: int, rate: str, commission: int, exact: str, rounding: str
) -> None:
    (entry,) = compute(a_plan(percent(rate)), a_sale(licence(base))).entries
    assert (entry.amount_minor, entry.proof["exact"], entry.proof["rounding"]) == (
        commission,
        exact,
        rounding,
    )


def test_a_result_of_zero_makes_no_entry() -> None:
    assert earned(TEN_PERCENT, a_sale(licence(4))) == []
    assert earned(a_plan(percent("0")), a_sale(licence(10000))) == []


def test_each_line_is_rounded_by_itself() -> None:
    assert earned(TEN_PERCENT, a_sale(licence(333), licence(333), licence(333))) == [33, 33, 33]


def test_the_base_is_the_price_less_discount_and_credit_without_tax() -> None:
    line = LineFacts("licence", 40, 33600, discount_minor=134400, credit_minor=11163, tax_minor=227703)
    (entry,) = compute(a_plan(percent("17.5")), a_sale(line)).entries
    assert entry.proof["base_minor"] == 1198437
    assert entry.amount_minor == 209726


@pytest.mark.parametrize(
    ("total", "shares", "parts"),
    [
        (9999, [("partner", "90"), ("vendor", "10")], [8999, 1000]),
        (5, [("partner", "90"), ("vendor", "10")], [5]),
        (101, [("partner", "50"), ("vendor", "30"), ("recruiter", "20")], [51, 30, 20]),
        (101, [("vendor", "30"), ("recruiter", "20"), ("partner", "50")], [51, 30, 20]),
        (1, [("vendor", "50"), ("partner", "50")], [1]),
        (10001, [("partner", "33.333333")], [3334]),
        (-9999, [("partner", "90"), ("vendor", "10")], []),
    ],
)
def test_a_split_goes_by_largest_remainder_and_ties_to_the_partner(
    total: int, shares: list[tuple[str, str]], parts: list[int]
) -> None:
    plan = a_plan(splits=[a_split(*shares)])
    assert earned(plan, a_sale(training(total))) == parts


def test_a_split_makes_one_entry_a_share() -> None:
    shares = [("partner", "70"), ("vendor", "15"), ("recruiter", "10"), ("initech", "5")]
    entries = compute(a_plan(splits=[a_split(*shares)]), a_sale(training(10000))).entries
    assert {(each.key.beneficiary.type, each.key.beneficiary.id): each.amount_minor for each in entries} == {
        ("partner", "acme"): 7000,
        ("vendor", None): 1500,
        ("partner", "rival"): 1000,
        ("partner", "initech"): 500,
    }
    assert {each.key.kind for each in entries} == {"split"}


def test_a_recruiter_nobody_is_leaves_the_share_with_the_vendor() -> None:
    sale = a_sale(training(10000), partner=type(ACME)("acme"))
    plan = a_plan(splits=[a_split(("partner", "90"), ("recruiter", "10"))])
    assert earned(plan, sale) == [9000]


def test_two_shares_of_one_partner_are_one_entry() -> None:
    plan = a_plan(splits=[a_split(("partner", "60.5"), ("acme", "20.25"), ("vendor", "19.25"))])
    assert earned(plan, a_sale(training(10000))) == [8075, 1925]


# Refunds


def test_three_refunds_of_a_third_take_back_exactly_what_was_granted() -> None:
    plan, sale = a_plan(percent("15")), a_sale(licence(9999))
    posted: dict[EntryKey, int] = {}
    assert post(compute(plan, sale), posted) == [1500]
    refunds: list[Refund] = []
    for number in range(3):
        refunds.append(Refund(f"re_{number}", 3333))
        assert post(compute(plan, sale, refunds=refunds), posted) == [-500]
    assert set(posted.values()) == {0}


def test_what_remains_is_reckoned_from_the_exact_figure() -> None:
    """5 at 10 %: exactly 0.5, granted 1; after a refund of 1 exactly 0.4, so nothing remains."""
    plan, sale = TEN_PERCENT, a_sale(licence(5))
    posted: dict[EntryKey, int] = {}
    assert post(compute(plan, sale), posted) == [1]
    assert post(compute(plan, sale, refunds=[Refund("re_1", 1)]), posted) == [-1]


def test_what_remains_of_a_split_is_split_anew() -> None:
    plan, sale = NINETY_TEN, a_sale(training(9999))
    posted: dict[EntryKey, int] = {}
    assert post(compute(plan, sale), posted) == [8999, 1000]
    assert post(compute(plan, sale, refunds=[Refund("re_1", 3333)]), posted) == [-3000, -333]


def test_a_reversal_says_what_was_granted_before() -> None:
    plan, sale = a_plan(percent("15")), a_sale(licence(9999))
    grant, reversal = first_postings(plan, sale, refunds=[Refund("re_1", 3333)])
    assert (grant.kind, grant.amount_minor) == ("commission", 1500)
    assert (reversal.kind, reversal.amount_minor) == ("reversal", -500)
    assert reversal.key == grant.key
    proof = reversal.proof
    assert recompute(proof) == -500
    assert proof["formula"] == "15 % of 99.99 × 66.66 ÷ 99.99 − 15.00 granted before"
    assert (proof["exact"], proof["rounding"]) == ("-500.1", "half up, +0.1")


@pytest.mark.parametrize(
    ("refunds", "kept"),
    [
        ([Refund("a", 100)], [67, 133, 0]),
        ([Refund("a", 100, line=0)], [0, 200, 0]),
        ([Refund("a", 50, line=1), Refund("b", 125)], [50, 75, 0]),
        ([Refund("a", 150, line=0)], [0, 150, 0]),
        ([Refund("a", 10, line=7)], [97, 193, 0]),
        ([Refund("a", 299, line=7)], [0, 1, 0]),
        ([Refund("a", 300)], [0, 0, 0]),
        ([Refund("a", 999)], [0, 0, 0]),
        ([Refund("a", 100), Refund("a", 100)], [67, 133, 0]),
    ],
)
def test_a_refund_reduces_its_line_or_is_spread_over_what_remains(
    refunds: list[Refund], kept: list[int]
) -> None:
    sale = a_sale(licence(100), licence(200), licence(0))
    computation = compute(a_plan(percent("100")), sale, refunds=refunds)
    assert list(computation.kept) == kept


@pytest.mark.parametrize("refund", [Refund("a", 1), Refund("a", 1, line=7)])
def test_of_equal_lines_the_first_gives_back_the_unit_that_is_over(refund: Refund) -> None:
    computation = compute(TEN_PERCENT, a_sale(licence(1), licence(1)), refunds=[refund])
    assert computation.kept == (0, 1)


def test_the_whole_refund_of_a_sale_with_a_proration_takes_back_everything() -> None:
    sale = a_sale(licence(10000), licence(-3000))
    assert earned(TEN_PERCENT, sale) == [1000, -300]
    assert earned(TEN_PERCENT, sale, refunds=[Refund("re_1", 3500)]) == [500, -150]
    assert earned(TEN_PERCENT, sale, refunds=[Refund("re_1", 7000)]) == []


# Payments in part


def test_commission_accrues_with_the_cash_and_the_last_payment_takes_the_remainder() -> None:
    plan, sale = TEN_PERCENT, a_sale(licence(9995), paid_minor=0)
    posted: dict[EntryKey, int] = {}
    payments: list[Payment] = []
    accrued = []
    for number, amount in enumerate((3333, 3333, 3329)):
        payments.append(Payment(f"py_{number}", amount))
        accrued += post(compute(plan, sale, payments=payments), posted)
    assert accrued == [333, 334, 333]
    assert sum(accrued) == 1000


def test_nothing_is_earned_before_anything_is_paid() -> None:
    assert earned(TEN_PERCENT, a_sale(licence(10000), paid_minor=0)) == []
    assert earned(TEN_PERCENT, a_sale(licence(10000), paid_minor=2500)) == [250]


def test_money_back_counts_against_money_in() -> None:
    sale = a_sale(licence(10000), paid_minor=5000)
    assert earned(TEN_PERCENT, sale, refunds=[Refund("re_1", 2000)]) == [300]
    assert earned(TEN_PERCENT, sale, refunds=[Refund("re_1", 2000)], payments=[Payment("py_1", 5000)]) == [
        800
    ]


def test_more_than_the_total_earns_no_more() -> None:
    sale = a_sale(licence(10000), paid_minor=5000)
    assert earned(TEN_PERCENT, sale, payments=[Payment("py_1", 90000)]) == [1000]


# Chargebacks


@pytest.mark.parametrize(
    ("statuses", "is_held", "amounts"),
    [
        (["opened"], True, [1000]),
        (["opened", "won"], False, [1000]),
        (["opened", "lost"], False, [600]),
        (["lost"], False, [600]),
        (["lost", "opened"], False, [600]),
    ],
)
def test_a_chargeback_holds_and_then_releases_or_reverses(
    statuses: list[Any], is_held: bool, amounts: list[int]
) -> None:
    chargebacks = [Chargeback("dp_1", status, 4000, NOON) for status in statuses]
    computation = compute(TEN_PERCENT, a_sale(licence(10000)), chargebacks=chargebacks)
    assert computation.is_held is is_held
    assert [entry.amount_minor for entry in computation.entries] == amounts


@pytest.mark.parametrize(
    ("first", "second", "amount"),
    [
        (("won", 1), ("lost", 2), 600),
        (("lost", 1), ("won", 2), 1000),
        (("won", 1), ("lost", 1), 600),
    ],
)
def test_of_two_outcomes_the_later_counts_whichever_came_first(first: Any, second: Any, amount: int) -> None:
    told = [Chargeback("dp_1", status, 4000, NOON.replace(hour=hour)) for status, hour in (first, second)]
    sale = a_sale(licence(10000))
    assert (
        earned(TEN_PERCENT, sale, chargebacks=told)
        == earned(TEN_PERCENT, sale, chargebacks=told[::-1])
        == [amount]
    )


def test_one_id_with_two_contents_is_refused() -> None:
    with pytest.raises(ConflictingFacts):
        compute(TEN_PERCENT, a_sale(licence(100)), refunds=[Refund("re_1", 1), Refund("re_1", 2)])


# Kinds of amounts


def test_a_fixed_amount_per_sale_is_one_entry_without_a_line() -> None:
    (entry,) = compute(a_plan(fixed(1000)), a_sale(licence(5000), training(5000))).entries
    assert (entry.key.line, entry.amount_minor) == (None, 1000)
    assert entry.proof["formula"] == "10.00 per sale"
    refunds = [Refund("re_1", 2500)]
    assert earned(a_plan(fixed(1000)), a_sale(licence(5000), training(5000)), refunds=refunds) == [750]


def test_a_fixed_amount_per_sale_belongs_to_the_lines_its_rule_won() -> None:
    plan = a_plan(fixed(1000, when=when(("line.kind", "eq", "licence"))))
    sale = a_sale(licence(5000), training(5000))
    assert earned(plan, sale, refunds=[Refund("re_1", 5000, line=1)]) == [1000]
    assert earned(plan, sale, refunds=[Refund("re_1", 5000, line=0)]) == []


def test_a_fixed_amount_counts_for_a_free_sale_too() -> None:
    assert earned(a_plan(fixed(1000)), a_sale(licence(0))) == [1000]
    assert earned(a_plan(fixed(50, "unit")), a_sale(licence(0, quantity=3))) == [150]


def test_a_free_line_keeps_what_the_sale_keeps() -> None:
    plan, sale = a_plan(fixed(50, "unit")), a_sale(licence(10000), LineFacts("training", 5, 0))
    assert earned(plan, sale) == [50, 250]
    assert earned(plan, sale, refunds=[Refund("re_1", 5000)]) == [25, 125]


def test_lines_that_only_take_back_are_no_sale_to_reward() -> None:
    plan = a_plan(fixed(1000, when=when(("line.kind", "eq", "licence"))))
    assert earned(plan, a_sale(licence(-100), training(5000))) == []


@pytest.mark.parametrize(
    ("line", "amount"),
    [
        (LineFacts("licence", 20, 10000), 10000),
        (LineFacts("licence", 3, 10000), 1500),
    ],
)
def test_a_fixed_amount_per_unit(line: LineFacts, amount: int) -> None:
    (entry,) = compute(a_plan(fixed(500, "unit")), a_sale(line)).entries
    assert entry.amount_minor == amount
    assert entry.proof["formula"] == f"5.00 per unit × {line.quantity}"


@pytest.mark.parametrize("line", [LineFacts("licence", -3, 1000), LineFacts("licence", 3, -1000)])
def test_units_that_are_taken_back_take_back_their_amount(line: LineFacts) -> None:
    assert earned(a_plan(fixed(500, "unit")), a_sale(LineFacts("licence", 20, 1000), line)) == [10000, -1500]


STEPS = [("0", "100000", "10"), ("100000", "500000", "15"), ("500000", None, "20")]


@pytest.mark.parametrize(
    ("net", "slab", "marginal"),
    [
        (99999, 10000, 10000),
        (100000, 15000, 10000),
        (200000, 30000, 25000),
        (600000, 120000, 90000),
    ],
)
def test_brackets_are_half_open_and_slab_or_marginal(net: int, slab: int, marginal: int) -> None:
    assert earned(a_plan(brackets(*STEPS)), a_sale(licence(net))) == [slab]
    assert earned(a_plan(brackets(*STEPS, mode="marginal")), a_sale(licence(net))) == [marginal]


def test_brackets_say_what_they_added_up() -> None:
    (entry,) = compute(a_plan(brackets(*STEPS, mode="marginal")), a_sale(licence(200000))).entries
    assert entry.proof["formula"] == "10 % of 1,000.00 + 15 % of 1,000.00"
    (entry,) = compute(a_plan(brackets(*STEPS)), a_sale(licence(200000))).entries
    assert entry.proof["formula"] == "15 % of 2,000.00"


def test_a_line_that_takes_back_is_in_the_bracket_of_what_it_takes_back() -> None:
    sale = a_sale(licence(600000), licence(-200000))
    assert earned(a_plan(brackets(*STEPS)), sale) == [120000, -30000]
    assert earned(a_plan(brackets(*STEPS, mode="marginal")), sale) == [90000, -25000]


def test_brackets_on_the_sale_or_on_units_choose_the_rate_of_each_line() -> None:
    sale = a_sale(licence(60000), training(60000))
    assert earned(a_plan(brackets(*STEPS, on="sale.amount_minor")), sale) == [9000, 9000]
    assert earned(a_plan(brackets(*STEPS, on="sale.amount_minor", mode="marginal")), sale) == [6500, 6500]
    by_units = brackets(("0", "10", "10"), ("10", None, "20"), on="line.quantity")
    assert earned(a_plan(by_units), a_sale(LineFacts("licence", 9, 1000))) == [900]
    assert earned(a_plan(by_units), a_sale(LineFacts("licence", 10, 1000))) == [2000]


def test_the_margin_is_what_a_line_leaves_after_its_cost() -> None:
    plan = a_plan(margin("20"))
    (entry,) = compute(plan, a_sale(licence(200000, cost_minor=150000))).entries
    assert entry.amount_minor == 10000
    assert entry.proof["formula"] == "20 % of the margin 500.00 (2,000.00 − 1,500.00)"
    assert earned(plan, a_sale(licence(1000, cost_minor=1500))) == []
    assert earned(plan, a_sale(licence(1000))) == []
    assert earned(plan, a_sale(licence(2000, cost_minor=1000), licence(-500, cost_minor=-250))) == [200, -50]


# A sale's sum is not below 0


def test_a_sale_whose_base_is_not_above_zero_earns_nothing() -> None:
    assert earned(TEN_PERCENT, a_sale(licence(1000), licence(-3000))) == []
    assert earned(a_plan(fixed(1000)), a_sale(licence(-1))) == []
    plan = a_plan(percent("20", when=when(("line.kind", "eq", "licence"))), percent("10"))
    assert earned(plan, a_sale(licence(1000), training(-1000))) == []


def test_negative_lines_take_back_no_more_than_there_is() -> None:
    plan = a_plan(percent("1", when=when(("line.kind", "eq", "licence"))), percent("20"))
    sale = a_sale(licence(10000), training(-400), training(-300))
    assert earned(plan, sale) == [100, -80, -20]
    proof = compute(plan, sale).entries[2].proof
    assert proof["formula"] == "20 % of −3.00, not below −0.20"
    assert (proof["exact"], proof["rounding"]) == ("-20", "none")


# Caps


def test_a_cap_leaves_what_earlier_sales_left_of_it() -> None:
    rule = percent("10", caps=[{"per": "customer", "window": "calendar_month", "amount_minor": 1000}])
    plan = a_plan(rule)
    first = compute(plan, a_sale(licence(8000)))
    assert [entry.amount_minor for entry in first.entries] == [800]
    assert list(first.cap_use.values()) == [800]
    assert earned(plan, a_sale(licence(8000)), granted=first.cap_use) == [200]
    assert earned(plan, a_sale(licence(8000)), granted=dict.fromkeys(first.cap_use, 1000)) == []
    overdrawn = compute(plan, a_sale(licence(8000)), granted=dict.fromkeys(first.cap_use, 1200))
    assert (overdrawn.entries, list(overdrawn.cap_use.values())) == ((), [0])
    assert earned(plan, a_sale(licence(8000)), granted=dict.fromkeys(first.cap_use, 1200)) == []
    (entry,) = compute(
        plan, a_sale(licence(8000)), granted=first.cap_use, refunds=[Refund("re_1", 2000)]
    ).entries
    assert entry.amount_minor == 150
    assert entry.proof["formula"] == "(10 % of 80.00, at most 2.00) × 60.00 ÷ 80.00"


def test_lines_use_up_a_cap_in_their_order() -> None:
    plan = a_plan(percent("10", caps=[{"per": "partner", "window": "lifetime", "amount_minor": 1000}]))
    assert earned(plan, a_sale(licence(6000), licence(6000), licence(6000))) == [600, 400]


def test_the_tightest_cap_counts() -> None:
    caps = [
        {"per": "partner", "window": "calendar_year", "amount_minor": 900},
        {"per": "customer", "window": "calendar_month", "amount_minor": 700},
    ]
    assert earned(a_plan(percent("10", caps=caps)), a_sale(licence(10000))) == [700]


# Who billed


def test_what_the_vendor_bills_is_divided_and_what_the_partner_bills_is_the_partners() -> None:
    plan = parse(STANDARD)
    assert earned(plan, a_sale(training(10000))) == [9000, 1000]
    by_partner = compute(plan, a_sale(training(10000), billed_by="partner"))
    assert all(entry.key.kind == "commission" for entry in by_partner.entries)


def test_a_split_of_what_the_partner_billed_is_the_vendors_part_owed() -> None:
    split = a_split(
        ("partner", "85"),
        ("vendor", "10"),
        ("recruiter", "5"),
        when=when(("sale.billed_by", "eq", "partner")),
    )
    plan, sale = a_plan(splits=[split]), a_sale(training(9999), billed_by="partner")
    computation = compute(plan, sale)
    assert {entry.key.beneficiary: entry.amount_minor for entry in computation.entries} == {
        PARTNER: -1500,
        RIVAL: 500,
    }
    assert VENDOR not in {entry.key.beneficiary for entry in computation.entries}
    assert computation.entries[0].proof["formula"] == "85 % of 99.99 − 99.99 collected by the partner"
    assert earned(plan, sale) == [-1500, 500]
    assert earned(plan, sale, refunds=[Refund("re_1", 9999)]) == []


def test_a_split_that_does_not_ask_who_billed_leaves_the_partners_services_alone() -> None:
    assert earned(NINETY_TEN, a_sale(training(10000), billed_by="partner")) == []


def test_a_licence_that_the_partner_billed_is_owed_less_the_commission() -> None:
    sale = a_sale(licence(200000), billed_by="partner")
    (entry,) = compute(parse(STANDARD), sale).entries
    assert (entry.key.kind, entry.key.beneficiary, entry.amount_minor) == ("split", PARTNER, 5800 - 200000)
    assert entry.proof["formula"] == "2.9 % of 2,000.00 − 2,000.00 collected by the partner"
    owing, released = first_postings(parse(STANDARD), sale, refunds=[Refund("re_1", 100000)])
    assert (owing.kind, owing.amount_minor) == ("split", 5800 - 200000)
    assert (released.kind, released.amount_minor) == ("reversal", (2900 - 100000) - (5800 - 200000))


def test_a_licence_that_no_rule_rewards_is_owed_whole() -> None:
    plan = a_plan(percent("10", when=when(("line.kind", "eq", "training"))))
    assert earned(plan, a_sale(licence(5000), training(1000), billed_by="partner")) == [-5000, 100]


def test_a_divided_line_earns_commission_only_from_a_rule_that_says_so() -> None:
    split = a_split(("partner", "90"), ("vendor", "10"))
    assert earned(a_plan(percent("5"), splits=[split]), a_sale(training(10000))) == [9000, 1000]
    assert earned(a_plan(percent("5", with_split=True), splits=[split]), a_sale(training(10000))) == [
        500,
        9000,
        1000,
    ]


# Other currencies, other events


def test_other_exponents() -> None:
    (entry,) = compute(a_plan(percent("7.5")), a_sale(licence(1001), currency="JPY")).entries
    assert (entry.amount_minor, entry.proof["formula"]) == (75, "7.5 % of 1,001")
    (entry,) = compute(a_plan(percent("7.5")), a_sale(licence(1001), currency="KWD")).entries
    assert entry.proof["formula"] == "7.5 % of 1.001"


def test_an_accepted_lead_earns_its_amount() -> None:
    plan = a_plan(
        fixed(2500, trigger="lead_accepted", when=when(("partner.tier", "eq", "gold"))), percent("10")
    )
    (entry,) = compute(plan, a_sale(trigger="lead_accepted")).entries
    assert (entry.key.line, entry.amount_minor, recompute(entry.proof)) == (None, 2500, 2500)
    assert earned(plan, a_sale(trigger="lead_qualified")) == []
    assert earned(plan, a_sale(licence(1000))) == [100]


def test_without_a_partner_nothing_is_earned() -> None:
    assert earned(TEN_PERCENT, a_sale(licence(1000), partner=None)) == []


def test_a_sale_that_moves_to_nobody_is_taken_back() -> None:
    posted: dict[EntryKey, int] = {}
    post(compute(TEN_PERCENT, a_sale(licence(1000))), posted)
    assert post(compute(TEN_PERCENT, a_sale(licence(1000), partner=None)), posted) == [-100]
