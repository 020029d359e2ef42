"""What holds for every plan, every sale and every order of events."""

from fractions import Fraction
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from commissions.rates import (
    Chargeback,
    EntryKey,
    LineFacts,
    Payment,
    Refund,
    SaleFacts,
    compute,
    first_postings,
    recompute,
    targets,
)
from commissions.rates.conditions import Situation, compiled, field_named, why_it_holds
from commissions.rates.contradictions import impossible_parts
from commissions.rates.plan import Condition, Group
from core.money import half_up
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
    post,
    training,
    when,
)

rates = st.decimals(min_value=0, max_value=100, places=3).map(lambda rate: format(rate, "f"))
kinds = st.sampled_from(["licence", "training", "support"])
lines = st.lists(
    st.builds(
        LineFacts,
        kind=kinds,
        quantity=st.integers(-2, 9),
        unit_amount_minor=st.integers(-2000, 5000),
        discount_minor=st.integers(0, 300),
        cost_minor=st.none() | st.integers(0, 3000),
    ),
    min_size=1,
    max_size=4,
).map(tuple)

caps = st.lists(
    st.fixed_dictionaries(
        {
            "per": st.sampled_from(["customer", "partner"]),
            "window": st.sampled_from(["calendar_month", "lifetime"]),
            "amount_minor": st.integers(0, 3000),
        }
    ),
    max_size=2,
)


@st.composite
def amounts(draw: st.DrawFn) -> dict[str, Any]:
    rate, other = draw(rates), draw(rates)
    steps = (("0", "5000", rate), ("5000", None, other))
    mode = draw(st.sampled_from(["slab", "marginal"]))
    on = draw(st.sampled_from(["line.net_minor", "line.quantity", "sale.amount_minor"]))
    fixed_minor = draw(st.integers(0, 2000))
    return draw(
        st.sampled_from(
            [
                percent(rate),
                percent(rate),
                margin(rate),
                fixed(fixed_minor),
                fixed(fixed_minor, "unit"),
                brackets(*steps, mode=mode, on=on),
            ]
        )
    )


@st.composite
def plans(draw: st.DrawFn) -> Any:
    rules = []
    for number in range(draw(st.integers(1, 4))):
        conditions = [("line.kind", "in", draw(st.lists(kinds, min_size=1, max_size=3)))]
        changes = {
            "name": f"Rule {number}",
            "when": when(*conditions[: draw(st.integers(0, 1))]),
            "caps": draw(caps),
            "with_split": draw(st.booleans()),
        }
        rules.append(draw(amounts()) | changes)
    partner, vendor, recruiter = draw(st.tuples(*[st.integers(1, 33)] * 3))
    shares = (("partner", str(partner)), ("vendor", str(vendor)), ("recruiter", str(recruiter)))
    condition = when(("line.kind", "eq", draw(kinds)), ("sale.billed_by", "in", ["vendor", "partner"]))
    splits = [a_split(*shares, when=condition)] * draw(st.integers(0, 1))
    return a_plan(*rules, splits=splits, match=draw(st.sampled_from(["first", "best"])))


@st.composite
def sales(draw: st.DrawFn) -> SaleFacts:
    return a_sale(
        *draw(lines),
        billed_by=draw(st.sampled_from(["vendor", "partner"])),
        paid_minor=draw(st.none() | st.integers(0, 20000)),
    )


events = st.lists(
    st.one_of(
        st.tuples(st.just("payment"), st.integers(0, 9000)),
        st.tuples(st.just("refund"), st.integers(0, 9000), st.none() | st.integers(0, 4)),
        st.tuples(st.sampled_from(["opened", "won", "lost"]), st.integers(0, 9000), st.integers(0, 1)),
    ),
    max_size=6,
).map(lambda found: [_event(number, event) for number, event in enumerate(found)])

Event = Payment | Refund | Chargeback


def _event(number: int, event: tuple[Any, ...]) -> Event:
    match event:
        case ("payment", amount):
            return Payment(f"py_{number}", amount)
        case ("refund", amount, line):
            return Refund(f"re_{number}", amount, line)
        case _:
            status, amount, which = event
            return Chargeback(f"dp_{which}", status, amount, NOON.replace(minute=number))


def told(facts: list[Event]) -> dict[str, Any]:
    """The events as the engine takes them."""
    return {
        "payments": [fact for fact in facts if isinstance(fact, Payment)],
        "refunds": [fact for fact in facts if isinstance(fact, Refund)],
        "chargebacks": [fact for fact in facts if isinstance(fact, Chargeback)],
    }


@given(plans(), sales(), events, st.data())
@settings(max_examples=150)
def test_order_and_repetition_of_events_change_nothing(
    plan: Any, sale: SaleFacts, facts: list[Event], data: st.DataObject
) -> None:
    """Whatever comes in whatever order, and twice: what is posted in the end is the same."""
    ends = targets(plan, sale, **told(facts))
    shuffled = data.draw(st.permutations(facts + facts[: data.draw(st.integers(0, 3))]))
    posted: dict[EntryKey, int] = {}
    known: list[Event] = []
    sale_comes = data.draw(st.integers(0, len(shuffled)))
    for number in range(len(shuffled) + 1):
        if number == sale_comes:
            for posting in first_postings(plan, sale, **told(known)):
                assert recompute(posting.proof) == posting.amount_minor
                posted[posting.key] = posted.get(posting.key, 0) + posting.amount_minor
        elif number > sale_comes:
            post(compute(plan, sale, **told(known)), posted)
        known = shuffled[: number + 1]
    post(compute(plan, sale, **told(known)), posted)
    assert {key: amount for key, amount in posted.items() if amount} == ends


@given(plans(), sales(), events)
@settings(max_examples=150)
def test_every_figure_can_be_worked_out_again_from_its_proof(
    plan: Any, sale: SaleFacts, facts: list[Event]
) -> None:
    computation = compute(plan, sale, **told(facts))
    for entry in computation.figures:
        assert recompute(entry.proof) == entry.amount_minor
    assert len({entry.key for entry in computation.figures}) == len(computation.figures)


@given(plans(), sales(), events)
def test_nothing_is_left_of_a_sale_that_was_wholly_given_back(
    plan: Any, sale: SaleFacts, facts: list[Event]
) -> None:
    everything = max(1, sum(line.net_minor for line in sale.lines))
    facts = [*facts, Refund("re_all", everything)]
    assert targets(plan, sale, **told(facts)) == {}


@given(plans(), sales(), events)
def test_what_is_kept_is_what_was_paid_less_what_went_back(
    plan: Any, sale: SaleFacts, facts: list[Event]
) -> None:
    kept = compute(plan, sale, **told(facts)).kept
    nets = [line.net_minor for line in sale.lines]
    assert 0 <= sum(kept) <= max(0, sum(nets))
    for part, net in zip(kept, nets, strict=True):
        assert min(0, net) <= part <= max(0, net)


@given(plans(), sales(), events)
def test_the_commissions_of_a_sale_never_sum_below_zero(
    plan: Any, sale: SaleFacts, facts: list[Event]
) -> None:
    ours = SaleFacts(**{name: getattr(sale, name) for name in sale.__slots__} | {"billed_by": "vendor"})
    entries = compute(plan, ours, **told(facts)).entries
    assert sum(entry.amount_minor for entry in entries if entry.key.kind == "commission") >= 0


@given(st.integers(1, 10**9), rates, st.lists(st.integers(1, 10**9), max_size=5))
def test_one_line_at_a_percentage_is_what_a_pocket_calculator_says(
    net: int, rate: str, refunds: list[int]
) -> None:
    sale = a_sale(licence(net))
    given_back = [Refund(f"re_{number}", amount) for number, amount in enumerate(refunds)]
    kept = max(0, net - sum(refunds))
    expected = half_up(net * Fraction(rate) / 100 * kept / net)
    assert sum(targets(a_plan(percent(rate)), sale, refunds=given_back).values()) == expected


@given(lines, rates, st.lists(st.integers(0, 5000), min_size=1, max_size=5))
def test_more_given_back_never_earns_more(sold: tuple[LineFacts, ...], rate: str, refunds: list[int]) -> None:
    sale = a_sale(*(line for line in sold if line.net_minor > 0))
    given_back = [Refund(f"re_{number}", amount) for number, amount in enumerate(refunds)]
    plan = a_plan(percent(rate))
    sums = [sum(compute(plan, sale, refunds=given_back[:count]).kept) for count in range(len(refunds) + 1)]
    assert all(later <= earlier for earlier, later in pairwise(sums))
    one_line = a_sale(licence(20000))
    earned = [
        sum(targets(plan, one_line, refunds=given_back[:count]).values()) for count in range(len(refunds) + 1)
    ]
    assert all(later <= earlier for earlier, later in pairwise(earned))


@given(st.integers(0, 10**8), st.lists(st.integers(1, 33), min_size=2, max_size=3), st.integers(0, 10**8))
def test_shares_sum_to_the_whole_and_each_is_within_one_unit(
    net: int, percents: list[int], refund: int
) -> None:
    percents = [*percents[:-1], 100 - sum(percents[:-1])]
    owners = ["partner", "vendor", "recruiter"]
    split = a_split(*((owner, str(share)) for owner, share in zip(owners, percents, strict=False)))
    computation = compute(a_plan(splits=[split]), a_sale(training(net)), refunds=[Refund("re_1", refund)])
    kept = max(0, net - refund)
    assert sum(entry.amount_minor for entry in computation.figures) == kept
    for entry, share in zip(computation.figures, percents, strict=True):
        assert abs(entry.amount_minor - Fraction(kept * share, 100)) < 1


FIELDS = ["line.kind", "line.quantity", "sale.amount_minor", "sale.type", "partner.tier", "metadata.campaign"]
VALUES: dict[str, list[Any]] = {
    "line.kind": ["licence", "training", "support"],
    "sale.type": ["new", "renewal", "expansion"],
    "partner.tier": ["silver", "gold"],
    "metadata.campaign": ["spring", 1, True],
}


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    name = draw(st.sampled_from(FIELDS))
    found = field_named(name)
    assert found is not None
    op = draw(st.sampled_from(found.operators))
    values: st.SearchStrategy[Any] = st.sampled_from(VALUES[name]) if name in VALUES else st.integers(-3, 12)
    if op in ("gt", "gte", "lt", "lte"):
        values = st.integers(-3, 12)
    if op == "contains":
        values = st.sampled_from(["lic", "sp", "new", "gol"])
    if op == "exists":
        values = st.booleans()
    if op in ("in", "not_in"):
        values = st.lists(values, min_size=1, max_size=3).map(tuple)
    return Condition(name, op, draw(values))


trees = st.recursive(
    conditions(),
    lambda parts: st.builds(
        Group, st.sampled_from(["all", "any"]), st.lists(parts, min_size=1, max_size=3).map(tuple)
    ),
    max_leaves=7,
)
situations = st.builds(
    lambda kind, quantity, unit, type_, campaign: a_sale(
        LineFacts(kind, quantity, unit),
        type=type_,
        metadata={} if campaign is None else {"campaign": campaign},
    ),
    kinds,
    st.integers(-2, 9),
    st.integers(0, 3),
    st.sampled_from(VALUES["sale.type"]),
    st.sampled_from([None, "spring", 1, True]),
)


@given(trees, situations)
@settings(max_examples=300)
def test_the_explanation_of_a_condition_agrees_with_the_condition(tree: Any, sale: SaleFacts) -> None:
    situation = Situation(sale)
    holds = compiled(tree, "EUR")(situation, sale.lines[0])
    explained, reasons = why_it_holds(tree, situation, sale.lines[0], "EUR")
    assert explained is holds
    assert reasons
    assert all(reason.held is holds for reason in reasons)


@given(st.lists(conditions(), min_size=1, max_size=5), situations)
@settings(max_examples=300)
def test_what_holds_for_a_sale_is_never_called_impossible(found: list[Condition], sale: SaleFacts) -> None:
    if sale.lines[0].net_minor < 0:
        return
    tree = Group("all", tuple(found))
    if compiled(tree, "EUR")(Situation(sale), sale.lines[0]):
        assert impossible_parts(tree, "/when") == []
