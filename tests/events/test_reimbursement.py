"""min(approved, cap, rate × eligible evidenced cost), half up; every unit that is not reimbursed has its sentence."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.explanation import sentences
from events.reimbursement import Cost, Reason, Terms, converted, reimburse

pytestmark = pytest.mark.pure

HALF = Terms("EUR", approved_minor=10**9, rate=Fraction(1, 2))


@st.composite
def costs(draw):
    gross = draw(st.integers(1, 10**7))
    return Cost(
        key=str(draw(st.integers(0, 10**6))),
        label="Hall",
        currency=draw(st.sampled_from(["EUR", "USD", "JPY", "KWD"])),
        gross_minor=gross,
        tax_minor=draw(st.integers(0, gross - 1)),
        excluded_minor=draw(st.integers(0, gross)),
        excluded_because="wine",
        cut_minor=draw(st.integers(0, gross)),
        cut_because="private",
        is_refused=draw(st.booleans()),
        has_receipt=draw(st.booleans()),
        rate=draw(st.one_of(st.none(), st.fractions(Fraction(1, 1000), Fraction(1000)))),
    )


@st.composite
def terms(draw):
    return Terms(
        "EUR",
        approved_minor=draw(st.integers(1, 10**9)),
        rate=draw(st.fractions(Fraction(1, 100), Fraction(1))),
        cap_minor=draw(st.one_of(st.none(), st.integers(1, 10**9))),
        counts_tax=draw(st.booleans()),
    )


@given(st.lists(costs(), max_size=6), terms())
def test_what_was_spent_less_all_cuts_is_what_is_reimbursed(spent, under):
    result = reimburse(spent, under)
    assert result.spent_minor - sum(cut.amount_minor for cut in result.cuts) == result.amount_minor
    assert all(cut.amount_minor > 0 for cut in result.cuts if cut.reason is not Reason.NO_RATE)


@given(st.lists(costs(), max_size=6), terms())
def test_it_is_the_least_of_approved_cap_and_share(spent, under):
    result = reimburse(spent, under)
    limits = [under.approved_minor, result.share_minor]
    if under.cap_minor is not None:
        limits.append(under.cap_minor)
    assert result.amount_minor == min(limits)
    assert abs(result.share_minor - result.eligible_minor * under.rate) <= Fraction(1, 2)


@given(st.lists(costs(), max_size=5), costs(), terms())
def test_another_receipt_never_lowers_it(spent, more, under):
    assert reimburse([*spent, more], under).amount_minor >= reimburse(spent, under).amount_minor


@given(st.lists(costs(), max_size=5), terms())
def test_the_order_of_receipts_changes_nothing(spent, under):
    assert reimburse(spent[::-1], under).amount_minor == reimburse(spent, under).amount_minor


def test_half_a_cent_goes_up():
    assert reimburse([Cost("1", "Hall", "EUR", 10_001)], HALF).amount_minor == 5_001


def test_each_cut_is_explained_in_a_sentence():
    spent = [
        Cost("1", "Dinner", "EUR", 119_000, 19_000, 12_000, "alcohol"),
        Cost("2", "Flyers", "EUR", 50_000, has_receipt=False),
        Cost("3", "Taxi", "EUR", 8_000, is_refused=True, cut_because="It was not for this event"),
        Cost("4", "Hall", "EUR", 400_000, cut_minor=20_000, cut_because="the second day"),
    ]
    under = Terms("EUR", approved_minor=150_000, rate=Fraction(1, 2), cap_minor=200_000)
    result = reimburse(spent, under)
    assert result.amount_minor == 150_000
    assert [sentence for sentence, _minor in sentences(result)] == [
        "Dinner: €190.00 is tax, which does not count.",
        "Dinner: €120.00 is not eligible: alcohol.",
        "Flyers: €500.00 has no receipt yet.",
        "Taxi: €80.00 is not accepted: It was not for this event.",
        "Hall: €200.00 was taken off: the second day.",
        "€2,340.00 stays with the host: 50\N{NO-BREAK SPACE}% of the cost is reimbursed.",
        "€340.00 is above the cap of €2,000.00.",
        "€500.00 is above the approved €1,500.00.",
    ]


def test_a_line_without_a_rate_does_not_count_and_says_so():
    result = reimburse([Cost("1", "Stand", "USD", 50_000, rate=None)], HALF)
    assert result.amount_minor == 0
    assert sentences(result)[0][0] == (
        "Stand: there is no exchange rate for USD on that day yet, so it does not count so far."
    )


@pytest.mark.parametrize(
    ("minor", "of", "to", "rate", "expected"),
    [
        (10_000, "USD", "EUR", "0.9", 9_000),
        (10_000, "JPY", "EUR", "0.006", 6_000),
        (333, "EUR", "KWD", "0.33", 1_099),
    ],
)
def test_minor_units_of_another_currency_are_converted_with_its_own_decimals(minor, of, to, rate, expected):
    assert converted(minor, Fraction(rate), of=of, to=to) == expected
