"""Moodle XML: files as Moodle writes them come in without loss, and what goes out reads back the same."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy import operations, queries
from academy.bank_files import BankQuestion
from academy.from_html import markdown_from
from academy.gift import read_gift, write_gift
from academy.moodle_xml import read_moodle_xml, write_moodle_xml
from core.database import session
from tests.academy.cast import a_course, an_attempt, right_answers
from tests.academy.test_gift import kinds, words

FILES = Path(__file__).parent / "files"
EXPORTED = (FILES / "moodle-export.xml").read_text("utf-8")


def by_name() -> dict[str, BankQuestion]:
    return {question.name: question for question in read_moodle_xml(EXPORTED).questions}


@pytest.mark.pure
def test_every_kind_that_can_be_marked_comes_in() -> None:
    assert [(one.name, one.kind) for one in read_moodle_xml(EXPORTED).questions] == [
        ("Owner of a lead", "single"),
        ("What can be split", "multiple"),
        ("The pool", "true_false"),
        ("Tenth", "numeric"),
        ("Reversal", "short_text"),
        ("Who does what", "matching"),
        ("Way of a lead", "ordering"),
    ]


@pytest.mark.pure
def test_html_becomes_markdown_and_keeps_its_stress() -> None:
    owner = by_name()["Owner of a lead"]
    assert owner.texts["text"] == "Who **owns** a lead that was `claimed` by 2 \\* 3 firms?"
    assert owner.texts["choices"] == ["The firm that claimed it *first*", "Whoever looks at it", "Nobody"]
    assert owner.texts["feedback"] == [
        "Right: the first one owns it.",
        "",
        "Leads are never without somebody.",
    ]
    assert owner.texts["explanation"] == "- The first claim wins.\n- Others get a sentence."


@pytest.mark.pure
def test_weights_tolerances_feedback_points_and_tags_are_kept() -> None:
    bank = by_name()
    assert bank["What can be split"].answer["weights"] == ["33.33333", "33.33333", "33.33333", "-100"]
    assert bank["What can be split"].answer["points"] == "2"
    assert bank["What can be split"].answer["in_order"] is True
    assert bank["What can be split"].texts["combined"] == {
        "correct": "All of it.", "partial": "Some of it.", "incorrect": "None of it.",
    }  # fmt: skip
    assert bank["The pool"].answer["truth"] is True
    assert bank["The pool"].texts["feedback"] == ["Yes, the first one.", "No: claim it first."]
    assert bank["Tenth"].answer["accepted"] == [
        {"least": "89.5", "most": "90.5", "weight": "100"},
        {"least": "9", "most": "9", "weight": "50"},
    ]
    assert bank["Tenth"].texts["otherwise"] == "Nine tenths of 100."
    assert bank["Reversal"].answer["case"] is True
    assert bank["Reversal"].texts["accepted"] == [
        {"text": "Storno", "weight": "100"},
        {"text": "Re*", "weight": "80"},
    ]
    assert bank["Who does what"].texts["pairs"] == [
        ["Finance", "proposes a run"], ["A manager", "approves it"], ["", "signs cheques"],
    ]  # fmt: skip
    assert bank["Way of a lead"].answer["grading"] == "RELATIVE_NEXT_EXCLUDE_LAST"
    assert bank["Way of a lead"].texts["items"] == ["Offer", "Accept", "Contact", "Win"]
    assert bank["Owner of a lead"].tags == ["leads", "basics"]
    assert bank["The pool"].tags == ["Selling"]
    assert bank["Owner of a lead"].answer["moodle"]["penalty"] == "0.3333333"
    assert bank["Owner of a lead"].answer["moodle"]["idnumber"] == "own-1"


@pytest.mark.pure
def test_what_cannot_be_used_is_named_with_its_own_line() -> None:
    problems = {problem.line: problem.sentence for problem in read_moodle_xml(EXPORTED).problems}
    lines = EXPORTED.splitlines()

    def line(text: str) -> int:
        return next(number for number, one in enumerate(lines, start=1) if text in one)

    assert problems.keys() == {
        line('type="essay"'), line('type="cloze"'), line("<!-- picture -->") + 1, line("<!-- weight -->") + 1,
        line("<!-- doubled -->") + 1,
    }  # fmt: skip
    assert "between -100 and 100" in problems[line("<!-- weight -->") + 1]
    assert "picture" in problems[line("<!-- picture -->") + 1]
    assert (
        f"stands in line {line('type=' + chr(34) + 'multichoice' + chr(34))} already"
        in problems[line("<!-- doubled -->") + 1]
    )


@pytest.mark.pure
def test_moodles_file_survives_two_ways_round() -> None:
    first = read_moodle_xml(EXPORTED).questions
    again = read_moodle_xml(write_moodle_xml(first))
    assert not again.problems
    assert [replace(one, line=0) for one in again.questions] == [replace(one, line=0) for one in first]


@pytest.mark.pure
@pytest.mark.parametrize(
    ("source", "why"),
    [
        ('<!DOCTYPE quiz [<!ENTITY a "b">]><quiz>&a;</quiz>', "document type or entity"),
        (
            '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><quiz>&b;</quiz>',
            "document type or entity",
        ),
        ('<!DOCTYPE quiz SYSTEM "file:///etc/passwd"><quiz/>', "document type or entity"),
        ("<quiz><question>", "can't be read from here"),
        ("<quiz>&undefined;</quiz>", "can't be read from here"),
        ("<html/>", "no <quiz>"),
        ("<quiz>" + "<a>" * 60 + "</a>" * 60 + "</quiz>", "too deep"),
    ],
)
def test_files_that_are_none_or_mean_harm_are_refused_whole(source: str, why: str) -> None:
    found = read_moodle_xml(source)
    assert not found.questions
    assert why in found.problems[0].sentence


def asked(kind: str, inside: str) -> str:
    text = "<name><text>Q</text></name><questiontext format='plain_text'><text>T?</text></questiontext>"
    return f'<quiz><question type="{kind}">{text}{inside}</question></quiz>'


@pytest.mark.pure
@pytest.mark.parametrize(
    ("kind", "inside", "why"),
    [
        ("multichoice", "<answer fraction='100'><text>a</text></answer>", "only one choice"),
        ("multichoice", "<answer fraction='50'><text>a</text></answer><answer fraction='0'><text>b</text></answer>",
         "worth 100 %"),
        ("multichoice", "<answer fraction='x'><text>a</text></answer><answer fraction='0'><text>b</text></answer>",
         "not a weight"),
        ("multichoice", "<answer fraction='100'><text/></answer><answer fraction='0'><text>b</text></answer>",
         "answer is empty"),
        ("truefalse", "<answer fraction='100'><text>yes</text></answer>", "exactly these two answers"),
        ("numerical", "<answer fraction='100'><text>ten</text></answer>", "is not a number"),
        ("numerical", "<answer fraction='100'><text>1</text></answer><units><unit><unit_name>m</unit_name></unit>"
         "</units>", "Units are not supported"),
        ("shortanswer", "<answer fraction='0'><text>a</text></answer>", "No answer is right"),
        ("matching", "<subquestion><text>a</text><answer><text>1</text></answer></subquestion>", "two pairs"),
        ("ordering", "<answer fraction='1'><text>a</text></answer>", "two items"),
        ("ordering", "<gradingtype>MOOD</gradingtype><answer fraction='1'><text>a</text></answer>"
         "<answer fraction='2'><text>b</text></answer>", "no way of grading"),
        ("calculated", "", "kind “calculated” are not imported"),
        ("truefalse", "<defaultgrade>0</defaultgrade><answer fraction='100'><text>true</text></answer>"
         "<answer fraction='0'><text>false</text></answer>", "more than 0"),
    ],
)  # fmt: skip
def test_each_mistake_has_its_sentence(kind: str, inside: str, why: str) -> None:
    found = read_moodle_xml(asked(kind, inside))
    assert not found.questions
    assert why in found.problems[0].sentence


orders = st.tuples(
    st.just("ordering"),
    st.tuples(st.lists(words, min_size=2, max_size=5, unique=True), st.sampled_from(["random", "all"])).map(
        lambda drawn: (
            {
                "grading": "ALL_OR_NOTHING",
                **({"select": "random", "count": 2} if drawn[1] == "random" and len(drawn[0]) > 2 else {}),
            },
            {"items": drawn[0]},
        )
    ),
)
extras = st.fixed_dictionaries(
    {}, optional={"points": st.just("2.5"), "in_order": st.just(True), "moodle": st.just({"penalty": "0.5"})}
)


@pytest.mark.pure
@given(kind=kinds | orders, name=words, text=words, explanation=st.just("") | words, extra=extras,
       tags=st.lists(words, unique=True, max_size=3))  # fmt: skip
def test_what_is_written_reads_back(
    kind: Any, name: str, text: str, explanation: str, extra: dict[str, Any], tags: list[str]
) -> None:
    answer, said = kind[1]
    said = {"text": text, **said, "explanation": explanation}
    if "choices" in said:
        said["feedback"] = ["", *[text] * (len(said["choices"]) - 1)]
    question = BankQuestion(0, name, kind[0], tags, {**answer, **extra}, said)
    file = read_moodle_xml(write_moodle_xml([question]))
    assert not file.problems
    assert [replace(one, line=0) for one in file.questions] == [question]


@pytest.mark.pure
@given(kind=orders, name=words)
def test_orders_go_through_gift_as_well(kind: Any, name: str) -> None:
    answer, said = kind[1]
    question = BankQuestion(0, name, "ordering", ["a"], answer, {"text": "T", **said, "explanation": ""})
    assert [replace(one, line=0) for one in read_gift(write_gift([question])).questions] == [question]


@pytest.mark.pure
def test_gift_orders_as_moodle_writes_them() -> None:
    source = "::Way::Put in order{>4 ALL VERTICAL RELATIVE_NEXT_EXCLUDE_LAST SHOW\nOffer\nAccept\n\\=Contact\nWin\n}"
    question = read_gift(source).questions[0]
    assert (question.kind, question.answer) == ("ordering", {"grading": "RELATIVE_NEXT_EXCLUDE_LAST"})
    assert question.texts["items"] == ["Offer", "Accept", "=Contact", "Win"]
    short = read_gift("::Old::Order{>3 EXACT\na\nb\nc}").questions[0]
    assert short.answer == {"grading": "ABSOLUTE_POSITION"}


@pytest.mark.pure
def test_a_problem_in_a_gift_file_names_the_line_of_the_answer() -> None:
    source = "::A::Fine{T}\n\n::B::Which?{\n=right\n// a comment\n~%500%wrong\n}"
    assert [(one.line, "between" in one.sentence) for one in read_gift(source).problems] == [(6, True)]


@pytest.mark.pure
@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("<ul><li>a</li><li>b<ol><li>c</li></ol></li></ul>", "- a\n- b\n   1. c"),
        ("a<br>b", "a  \nb"),
        ("<pre>x = 1\n  y</pre>", "```\nx = 1\n  y\n```"),
        ('<a href="https://a.example/x">here</a> <a href="javascript:x()">there</a>',
         "[here](<https://a.example/x>) [there]"),
        ("<script>alert(1)</script>x<iframe src=y></iframe>", "x"),
        ("<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>",
         "| a | b |\n|---|---|\n| 1 | 2 |"),
        ("2 &lt; 3 &amp; 4", "2 \\< 3 & 4"),
    ],
)  # fmt: skip
def test_html_as_markdown(html: str, markdown: str) -> None:
    assert markdown_from(html) == markdown


# In the bank


def test_a_bank_goes_out_and_comes_back_the_same_as_xml() -> None:
    first, second = a_course(), a_course("copy", bank="")
    operations.import_questions(first, EXPORTED, locale="en", by=None)
    rows = session.scalars(queries.questions_of(first)).all()
    report = operations.import_questions(
        second, operations.exported_questions(rows, locale="en", form="xml"), locale="en", by=None
    )
    assert not report.problems

    def content(course: Any) -> Any:
        return {
            row.name: (row.kind, row.tags, row.answer, {**row.editions["en"], "revised_at": None})
            for row in session.scalars(queries.questions_of(course))
        }

    assert content(first) == content(second)


def test_editing_an_imported_question_keeps_what_the_page_does_not_show(browser: Any, arthur: Any) -> None:
    course = a_course()
    operations.import_questions(course, EXPORTED, locale="en", by=None)
    row = next(
        one for one in session.scalars(queries.questions_of(course)) if one.name == "What can be split"
    )
    before = (dict(row.answer), dict(row.editions["en"]))
    browser.sign_in(arthur).open(f"/staff/courses/selling/questions/{row.id}")
    browser.fill("Explanation in English", "The licence is never split.").press("Save")
    session.expire_all()
    assert row.answer == before[0]
    assert row.editions["en"]["combined"] == before[1]["combined"]
    assert row.editions["en"]["explanation"] == "The licence is never split."


def test_an_exam_of_imported_questions_can_be_passed(sam: Any) -> None:
    course = a_course(published=False)
    operations.import_questions(course, EXPORTED, locale="en", by=None)
    version = queries.draft_version(course)
    assert version is not None
    draws = [{"tag": "leads", "count": 3, "names": {}}, {"tag": "Selling", "count": 6, "names": {}}]
    operations.change_version(version, texts={}, draws=draws, by=None)
    operations.publish_version(version, by=None)
    attempt = an_attempt(sam, course)
    operations.hand_in(attempt, right_answers(attempt), by=sam)
    assert (attempt.status, attempt.score) == ("passed", 10_000)


def test_the_page_takes_an_xml_file_and_offers_one(browser: Any, arthur: Any) -> None:
    from io import BytesIO

    a_course()
    browser.sign_in(arthur).open("/staff/courses/selling/questions").click("Import a file")
    browser.fill("GIFT or Moodle XML file", (BytesIO(EXPORTED.encode()), "bank.xml")).press("Read the file")
    assert browser.sees("7 questions are new")
    assert browser.sees("5 can't be used")
    browser.open("/staff/courses/selling/questions").click("Moodle XML, English")
    assert browser.response.headers["Content-Disposition"] == 'attachment; filename="selling-en.xml"'
    assert len(read_moodle_xml(browser.response.text).questions) == 13
