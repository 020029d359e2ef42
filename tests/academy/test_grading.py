"""What answers are worth and how exams are drawn, as laws."""

from collections import Counter
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy import badges, grading
from academy.grading import draw, number_from, result_of, share_of

pytestmark = pytest.mark.pure

shares = st.fractions(0, 1, max_denominator=12)
items = st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), shares), max_size=20)


@given(items, st.integers(50, 100))
def test_a_score_is_the_mean_and_passes_exactly_at_the_mark(rows: Any, mark: int) -> None:
    result = result_of(rows, mark)
    assert 0 <= result.score <= 1
    assert result.has_passed == (bool(rows) and sum(share for _tag, share in rows) * 100 >= mark * len(rows))
    assert Fraction(grading.ten_thousandths(result.score), 10_000) <= result.score


@given(items, st.integers(50, 100))
def test_who_fails_has_a_weak_topic(rows: Any, mark: int) -> None:
    result = result_of(rows, mark)
    assert {topic.tag for topic in result.topics} == {tag for tag, _share in rows}
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
