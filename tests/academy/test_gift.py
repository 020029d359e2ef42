"""GIFT files: read with an error a line, written so that they read back, and editions that find their questions."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy import operations, queries
from academy.bank_files import BankQuestion
from academy.gift import read_gift, write_gift
from core.database import session
from tests.academy.cast import BANK, BANK_RU, a_course

SAMPLE = """\
// question: 1  name: Grants tomb
// [id:q1] [tag:history]
::Grants tomb::[html]Who's buried in <b>Grant's</b> tomb?{=Grant ~nobody}

::TrueStatement about Grant::Grant was buried in a tomb in New York City.{T}

// false, with feedback
Grant was born in Ohio {FALSE#no#yes####General feedback.}

$CATEGORY: $course$/top/Arithmetic

What's 2 plus 2? {=4 #right ~3 ~5}

::Kids::When was Ulysses S. Grant born?{#1822:5}

What is the value of pi (to 3 decimal places)? {#3.141..3.142}

::Weighted::When was he born {#
=1822:0
=%50%1822:2
}?

Two plus two is {=four =4}.

::Several::What two people are entombed in Grant's tomb? {
~%-100%No one
~%50%Grant \\{Ulysses\\}
~%50%Grant's wife
}

Match the countries. {
=Canada -> Ottawa
=Italy -> Rome
=Japan -> Tokyo
}

::Essay::Write about Grant. {}

::Open::This never closes {=a ~b

A description without any answers.
"""


def test_moodles_own_examples_are_read() -> None:
    file = read_gift(SAMPLE)
    assert [(question.name, question.kind) for question in file.questions] == [
        ("Grants tomb", "single"),
        ("TrueStatement about Grant", "true_false"),
        ("Grant was born in Ohio", "true_false"),
        ("What's 2 plus 2?", "single"),
        ("Kids", "numeric"),
        ("What is the value of pi (to 3 decimal places)?", "numeric"),
        ("Weighted", "numeric"),
        ("Two plus two is _____ .", "short_text"),
        ("Several", "multiple"),
        ("Match the countries.", "matching"),
    ]
    by_name = {question.name: question for question in file.questions}
    assert by_name["Grants tomb"].texts["text"] == "Who's buried in **Grant's** tomb?"
    assert by_name["Grants tomb"].answer["moodle"] == {"idnumber": "q1"}
    assert by_name["Grants tomb"].tags == ["history"]
    assert by_name["Grant was born in Ohio"].texts["feedback"] == ["no", "yes"]
    assert by_name["What's 2 plus 2?"].texts["feedback"] == ["right", "", ""]
    assert by_name["Grant was born in Ohio"].texts["explanation"] == "General feedback."
    assert by_name["Kids"].answer == {"accepted": [{"least": "1817", "most": "1827", "weight": "100"}]}
    assert by_name["Several"].texts["choices"] == ["No one", "Grant {Ulysses}", "Grant's wife"]
    assert by_name["Several"].tags == ["Arithmetic"]
    assert by_name["What's 2 plus 2?"].answer == {"weights": ["100", "0", "0"]}


def test_what_cannot_be_used_is_named_with_its_line() -> None:
    assert [
        (problem.line, problem.sentence.split(".")[0].split(":")[0]) for problem in read_gift(SAMPLE).problems
    ] == [
        (37, "Essays are not imported"),
        (39, "A brace { is opened and never closed by }"),
        (41, "There are no answers in braces { }"),
    ]


@pytest.mark.pure
@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Q {~a ~b}", "do not add up to 100"),
        ("Q {=a ~a}", "say the same"),
        ("Q {~%100%a}", "only one choice"),
        ("Q {#one}", "is not a number"),
        ("Q {=a -> 1}", "two pairs"),
        ("Q {a ~b}", "begins with neither"),
        ("::Q {T}", "never closed by ::"),
        ("{T}", "has no text"),
        ("Q {~%150%a ~b}", "between -100 and 100"),
    ],
)
def test_each_mistake_has_its_sentence(text: str, why: str) -> None:
    file = read_gift(text)
    assert not file.questions
    assert why in file.problems[0].sentence


def test_a_doubled_name_is_refused() -> None:
    file = read_gift("::Q::a {T}\n\n::Q::b {F}")
    assert len(file.questions) == 1
    assert (file.problems[0].line, "line 1" in file.problems[0].sentence) == (3, True)


words = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Zl", "Zp")), min_size=1, max_size=30).map(
    lambda text: " ".join(text.split()).lstrip("%[").replace("->", "").strip()
).filter(lambda text: bool(text) and text.lower() not in {"t", "f", "true", "false"})  # fmt: skip
texts = st.tuples(words, words)
kinds = st.one_of(
    st.tuples(st.just("true_false"), st.booleans().map(lambda truth: ({"truth": truth}, {}))),
    st.tuples(
        st.just("single"),
        st.lists(words, min_size=2, max_size=5, unique=True).map(
            lambda choices: ({"weights": ["100", *["0"] * (len(choices) - 1)]}, {"choices": choices})
        ),
    ),
    st.tuples(
        st.just("multiple"),
        st.lists(words, min_size=3, max_size=5, unique=True).map(
            lambda choices: (
                {"weights": ["33.33333", "66.66667", *["-50"] * (len(choices) - 2)]},
                {"choices": choices},
            )
        ),
    ),
    st.tuples(
        st.just("numeric"),
        st.tuples(st.integers(-999, 999), st.integers(0, 999)).map(
            lambda ends: (
                {
                    "accepted": [
                        {"least": f"{ends[0]}.5", "most": f"{ends[0] + ends[1] + 1}", "weight": "100"}
                    ]
                },
                {},
            )
        ),
    ),
    st.tuples(
        st.just("short_text"),
        st.lists(words, min_size=1, max_size=3).map(
            lambda accepted: ({}, {"accepted": [{"text": word, "weight": "50"} for word in accepted]})
        ),
    ),
    st.tuples(
        st.just("matching"),
        st.lists(texts, min_size=2, max_size=4).map(
            lambda pairs: ({}, {"pairs": [list(pair) for pair in pairs]})
        ),
    ),
)


@pytest.mark.pure
@given(
    kind=kinds,
    name=words,
    text=words,
    explanation=st.just("") | words,
    tags=st.lists(st.sampled_from("abc"), unique=True),
)
def test_what_is_written_reads_back(
    kind: Any, name: str, text: str, explanation: str, tags: list[str]
) -> None:
    answer, said = kind[1]
    question = BankQuestion(
        0, name, kind[0], tags, answer, {"text": text, **said, "explanation": explanation}
    )
    file = read_gift(write_gift([question]))
    assert not file.problems
    assert [replace(one, line=0) for one in file.questions] == [question]


def test_a_bank_goes_out_and_comes_back_the_same() -> None:
    first, second = a_course(), a_course("copy")
    rows = session.scalars(queries.questions_of(first)).all()
    source = operations.exported_questions(rows, locale="en")
    operations.import_questions(second, source, locale="en", by=None)
    again = session.scalars(queries.questions_of(second)).all()

    def content(questions: Any) -> Any:
        return {
            row.name: (row.kind, row.tags, row.answer, {**row.editions["en"], "revised_at": None})
            for row in questions
        }

    assert content(rows) == content(again)


def test_a_translated_file_adds_an_edition_to_the_same_questions() -> None:
    course = a_course()
    report = operations.import_questions(course, BANK_RU, locale="ru", by=None)
    assert (report.added, report.changed, report.problems) == ([], ["Owner"], [])
    owner = next(row for row in session.scalars(queries.questions_of(course)) if row.name == "Owner")
    assert sorted(owner.editions) == ["en", "ru"]
    assert owner.tags == ["leads"]


def test_a_translation_with_other_right_answers_is_reported() -> None:
    course = a_course()
    wrong = (
        BANK_RU.replace("=Партнёру", "~Партнёру").replace("~Никому", "=Никому")
        + "\n\n::Unknown::Что это? {T}"
    )
    report = operations.import_questions(course, wrong, locale="ru", by=None)
    assert [problem.line for problem in report.problems] == [2, 8]
    assert not report.changed


def test_an_author_imports_a_file_and_reads_the_report(browser: Any, arthur: Any) -> None:
    a_course()
    browser.sign_in(arthur).open("/staff/courses/selling/questions").click("Import a file")
    browser.fill("Or paste it", "::New::Is this new? {T}\n\n::Bad::No answers").fill(
        "Only check, change nothing", True
    )
    browser.press("Read the file")
    assert browser.sees("Only checked, nothing was changed.")
    assert browser.sees("1 question is new")
    assert browser.sees("There are no answers in braces")
    browser.open("/staff/courses/selling/questions")
    assert not browser.sees("Is this new?")
    browser.click("Import a file").fill("Or paste it", "::New::Is this new? {T}").press("Read the file")
    browser.click("To the question bank")
    assert browser.sees("Is this new?")


def test_the_export_is_a_file(browser: Any, arthur: Any) -> None:
    a_course()
    browser.sign_in(arthur).open("/staff/courses/selling/questions/export?locale=en")
    assert browser.response.headers["Content-Disposition"] == 'attachment; filename="selling-en.gift"'
    assert len(read_gift(browser.html).questions) == BANK.count("::") // 2
