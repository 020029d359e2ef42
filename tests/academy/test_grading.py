"""What answers are worth and how exams are drawn, as laws."""

from collections import Counter
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy import badges, grading, ordering
from academy.grading import Marked, draw, number_from, result_of, share_of

pytestmark = pytest.mark.pure

shares = st.fractions(0, 1, max_denominator=12)
marks = st.builds(
    Marked,
    st.sampled_from(["a", "b", "c"]),
    shares,
    st.fractions(Fraction(1, 2), 3, max_denominator=4),
    st.booleans(),
)
items = st.lists(marks, max_size=20)


@given(items, st.integers(50, 100))
def test_a_score_is_the_mean_and_passes_exactly_at_the_mark(rows: Any, mark: int) -> None:
    result = result_of(rows, mark)
    whole = sum(row.points for row in rows)
    assert 0 <= result.score <= 1
    assert result.has_passed == (
        bool(rows) and sum(row.share * row.points for row in rows) * 100 >= mark * whole
    )
    assert Fraction(grading.ten_thousandths(result.score), 10_000) <= result.score


@given(items, st.integers(50, 100))
def test_who_fails_has_a_weak_topic(rows: Any, mark: int) -> None:
    result = result_of(rows, mark)
    assert {topic.tag for topic in result.topics} == {row.tag for row in rows}
    if rows and not result.has_passed:
        assert any(topic.is_weak for topic in result.topics)


@given(
    st.lists(st.sampled_from(["100", "50", "33.33333", "-50", "-100", "0"]), min_size=1, max_size=6),
    st.data(),
)
def test_several_choices_are_worth_between_nothing_and_everything(weights: list[str], data: Any) -> None:
    choices = [{"id": str(place), "text": "", "weight": weight} for place, weight in enumerate(weights)]
    chosen = data.draw(st.lists(st.sampled_from([*(choice["id"] for choice in choices), "unknown"])))
    assert 0 <= share_of({"kind": "multiple", "choices": choices}, {"value": chosen}) <= 1


def test_thirds_add_up_to_one() -> None:
    choices = [{"id": str(place), "text": "", "weight": "33.33333"} for place in range(3)]
    assert share_of({"kind": "multiple", "choices": choices}, {"value": ["0", "1", "2"]}) == 1


def test_ticking_one_choice_twice_counts_once() -> None:
    choices = [{"id": "a", "text": "", "weight": "50"}, {"id": "b", "text": "", "weight": "50"}]
    assert share_of({"kind": "multiple", "choices": choices}, {"value": ["a", "a"]}) == Fraction(1, 2)


@pytest.mark.parametrize("kind", ["single", "multiple", "true_false", "numeric", "short_text", "matching"])
@pytest.mark.parametrize("given_", [None, {}, {"value": None}, {"value": ""}, {"value": []}, {"value": {}}])
def test_no_answer_is_worth_nothing(kind: str, given_: Any) -> None:
    shown = {"kind": kind, "choices": [], "truth": False, "accepted": [], "pairs": []}
    assert share_of(shown, given_) == 0


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("900", 900), ("900,0", 900), ("1 000", 1000), ("1,000.50", Fraction(2001, 2)), ("1.000,5", Fraction(2001, 2)),
        ("\N{MINUS SIGN}3", -3), ("90 %", 90), ("1/4", Fraction(1, 4)), ("1e3", 1000), (".5", Fraction(1, 2)),
        ("nine", None), ("", None), ("1/0", None), ("1e999999", None), ("--1", None), ("9" * 50, None),
    ],
)  # fmt: skip
def test_a_number_is_read_as_people_type_it(typed: str, number: Any) -> None:
    assert number_from(typed) == number


@pytest.mark.parametrize(
    ("typed", "fits"),
    [
        ("Reversal", True),
        ("  a   reversal. ", True),
        ("full reversal now", True),
        ("revers", False),
        ("ЁЛКА", True),
        ("елка", True),
    ],
)
def test_words_are_compared_kindly(typed: str, fits: bool) -> None:
    accepted = [{"text": text, "weight": "100"} for text in ("reversal", "a reversal", "full*now", "ёлка")]
    assert (share_of({"kind": "short_text", "accepted": accepted}, {"value": typed}) == 1) is fits


def test_a_star_stands_for_anything_and_parts_do_not_overlap() -> None:
    accepted = [{"text": "ab*ba", "weight": "100"}]
    assert share_of({"kind": "short_text", "accepted": accepted}, {"value": "aba"}) == 0
    assert share_of({"kind": "short_text", "accepted": accepted}, {"value": "abba"}) == 1


def test_matching_is_worth_the_share_of_right_pairs() -> None:
    pairs = [
        {"id": "1", "left": "", "right_id": "x", "right": ""},
        {"id": "2", "left": "", "right_id": "y", "right": ""},
    ]
    assert share_of({"kind": "matching", "pairs": pairs}, {"value": {"1": "x", "2": "x"}}) == Fraction(1, 2)


banks = st.dictionaries(
    st.integers(1, 40), st.lists(st.sampled_from("abc"), min_size=1, unique=True), max_size=20
)


@given(
    banks,
    st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(1, 4)), max_size=3, unique_by=lambda want: want[0]
    ),
    st.integers(),
)
def test_a_draw_holds_what_was_wanted_and_no_question_twice(bank: Any, wanted: Any, seed: int) -> None:
    drawn = draw(bank, wanted, Random(seed))
    if drawn is None:
        # By Hall's theorem, some set of topics then has fewer questions than it asks for.
        groups = [[want for place, want in enumerate(wanted) if mask >> place & 1] for mask in range(8)]
        assert any(
            sum(count for _tag, count in group)
            > sum(any(tag in held for tag, _count in group) for held in bank.values())
            for group in groups
        )
        return
    assert len({question for question, _tag in drawn}) == len(drawn)
    assert Counter(tag for _question, tag in drawn) == Counter(dict(wanted))
    assert all(tag in bank[question] for question, tag in drawn)


def test_a_draw_is_found_although_questions_carry_several_tags() -> None:
    bank = {1: ["a", "b"], 2: ["a"], 3: ["b", "c"], 4: ["c"]}
    for seed in range(50):
        assert draw(bank, [("a", 2), ("b", 1), ("c", 1)], Random(seed)) is not None
    assert draw(bank, [("a", 3)], Random(1)) is None


def test_a_check_code_belongs_to_its_words_alone() -> None:
    code = badges.check_code("secret", ["ab", "c"])
    assert badges.is_the_code("secret", ["ab", "c"], code.lower().replace("-", " "))
    assert not badges.is_the_code("secret", ["a", "bc"], code)
    assert not badges.is_the_code("other", ["ab", "c"], code)
    assert len(code) == 14


def test_serials_are_long_and_never_the_same() -> None:
    serials = {badges.new_serial() for _ in range(200)}
    assert len(serials) == 200
    assert all(len(serial) == 24 and badges.tidy_code(serial) == serial for serial in serials)


@given(items, st.integers(50, 100), st.integers(0, 100))
def test_negative_marks_never_help_and_open_questions_cost_nothing(
    rows: Any, mark: int, penalty: int
) -> None:
    without, with_them = result_of(rows, mark), result_of(rows, mark, penalty_percent=penalty)
    assert 0 <= with_them.score <= without.score
    if all(row.share or not row.is_answered for row in rows):
        assert with_them == without


def test_negative_marks_as_an_example() -> None:
    rows = [Marked("a", Fraction(1)), Marked("a", Fraction(0)), Marked("a", Fraction(0), is_answered=False)]
    assert result_of(rows, 50, penalty_percent=50).score == Fraction(1, 6)
    assert result_of(rows, 50).score == Fraction(1, 3)


def test_a_question_of_two_points_weighs_twice() -> None:
    assert result_of([Marked("a", Fraction(1), Fraction(2)), Marked("a", Fraction(0))], 50).score == Fraction(
        2, 3
    )


# Orders


@pytest.mark.parametrize(
    ("grading_name", "order", "expected"),
    [
        ("ALL_OR_NOTHING", (0, 1, 2, 3), Fraction(1)),
        ("ALL_OR_NOTHING", (0, 1, 3, 2), Fraction(0)),
        ("ABSOLUTE_POSITION", (0, 1, 3, 2), Fraction(1, 2)),
        ("ABSOLUTE_POSITION", (1, 2, 3, 0), Fraction(0)),
        ("RELATIVE_TO_CORRECT", (1, 2, 3, 0), Fraction(1, 2)),
        ("RELATIVE_NEXT_EXCLUDE_LAST", (1, 2, 3, 0), Fraction(2, 3)),
        ("RELATIVE_NEXT_INCLUDE_LAST", (1, 2, 3, 0), Fraction(1, 2)),
        ("RELATIVE_NEXT_INCLUDE_LAST", (2, 0, 1, 3), Fraction(1, 2)),
        ("RELATIVE_ONE_PREVIOUS_AND_NEXT", (1, 2, 3, 0), Fraction(1, 2)),
        ("RELATIVE_ALL_PREVIOUS_AND_NEXT", (1, 2, 3, 0), Fraction(1, 2)),
        ("LONGEST_ORDERED_SUBSET", (1, 2, 3, 0), Fraction(3, 4)),
        ("LONGEST_CONTIGUOUS_SUBSET", (2, 3, 0, 1), Fraction(1, 2)),
        ("LONGEST_CONTIGUOUS_SUBSET", (3, 2, 1, 0), Fraction(0)),
    ],
)
def test_orders_by_each_way_of_grading(grading_name: str, order: tuple[int, ...], expected: Fraction) -> None:
    assert ordering.worth(order, grading_name) == expected


@given(
    st.integers(2, 8).flatmap(lambda count: st.permutations(range(count))),
    st.sampled_from(list(ordering.GRADINGS)),
)
def test_only_the_right_order_gets_everything(order: list[int], name: str) -> None:
    worth = ordering.worth(order, name)
    assert 0 <= worth <= 1
    assert (worth == 1) == (order == sorted(order))


def shown_order(*texts: str) -> dict[str, Any]:
    items = [{"id": text, "text": text, "place": place} for place, text in enumerate(texts)]
    return {"kind": "ordering", "grading": "ABSOLUTE_POSITION", "items": items}


def test_places_make_an_order() -> None:
    shown = shown_order("a", "b", "c")
    assert share_of(shown, {"value": {"a": "1", "b": "2", "c": "3"}}) == 1
    assert share_of(shown, {"value": {"b": "1", "a": "2", "c": "3"}}) == Fraction(1, 3)
    assert share_of(shown, {"value": {}}) == 0


@given(
    st.dictionaries(
        st.sampled_from(["a", "b", "c", "x"]), st.sampled_from(["1", "2", "3", "9999", "-1", "x", ""])
    )
)
def test_whatever_places_are_sent_the_order_is_whole(places: dict[str, str]) -> None:
    assert 0 <= share_of(shown_order("a", "b", "c"), {"value": places}) <= 1


def test_capitals_matter_where_the_question_says_so() -> None:
    shown = {"kind": "short_text", "accepted": [{"text": "GmbH", "weight": "100"}]}
    assert share_of(shown, {"value": "gmbh"}) == 1
    assert share_of({**shown, "case": True}, {"value": "gmbh"}) == 0
    assert share_of({**shown, "case": True}, {"value": " GmbH. "}) == 1
