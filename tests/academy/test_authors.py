"""Authors write a draft, publish it, and learn from the figures; what is taught never changes under a learner."""

from typing import Any

import pytest

from academy import operations, queries
from academy.models import QuestionKind
from core.database import session
from core.errors import InvalidInput, Refusal
from tests.academy.cast import a_course, a_failed_attempt, an_attempt, live, right_answers


def test_a_course_is_written_and_published_through_its_pages(
    browser: Any, programme: None, arthur: Any
) -> None:
    browser.sign_in(arthur).open("/staff/courses").click("Begin a course")
    browser.fill("Code", "desk-support").fill("Title in English", "Desk support").press("Begin the course")
    assert browser.sees("Not ready to publish.")
    assert browser.sees("It has no lesson.")
    browser.click("Add a chapter").fill("Title in English", "Tickets").press("Add the chapter")
    browser.open(browser.url).click("Add a lesson: Tickets")
    browser.fill("Title in English", "A good ticket").fill("Text in English", "Say **what** happened.").press(
        "Save"
    )
    browser.click("Question bank").click("One right choice")
    browser.fill("Name", "what").fill("Tags", "tickets").fill(
        "Question in English", "What does a ticket say?"
    )
    browser.fill("Answers in English", "=What happened\nWhose fault it is").press("Save")
    browser.click("Desk support").click("Title, summary, exam: Draft: version 1")
    browser.fill("Minutes for the exam", "10").fill("Tag", "tickets").fill("Questions", "1").press("Save")
    browser.press("Publish version 1")
    assert browser.sees("Version 1 is taught from now on.")
    version = queries.live_version("desk-support")
    assert version is not None
    assert version.exam.draws == [{"tag": "tickets", "count": 1, "names": {}}]


def test_a_lesson_is_changed_in_both_languages_and_previewed(browser: Any, arthur: Any) -> None:
    a_course(published=False)
    browser.sign_in(arthur).open("/staff/courses/selling").click("Lesson 1")
    browser.fill("Title in Russian", "Урок 1").fill("Text in Russian", "Текст").press("Save")
    assert browser.heading == "Preview: Lesson 1"
    assert browser.sees("Урок 1")


def test_a_published_lesson_is_not_edited(browser: Any, arthur: Any) -> None:
    lesson = live(a_course()).lessons[0]
    with pytest.raises(Refusal, match="Edit the next draft"):
        operations.change_lesson(lesson, texts={}, minutes=1, by=arthur)
    browser.sign_in(arthur).open(f"/staff/lessons/{lesson.id}", expect=409)


def test_a_draft_does_not_touch_what_is_taught(sam: Any) -> None:
    course = a_course()
    draft = operations.begin_draft(course, by=None)
    operations.change_lesson(
        draft.lessons[0], texts={"en": {"title": "Other", "text": "Other"}}, minutes=9, by=None
    )
    operations.remove_lesson(draft.lessons[1], by=None)
    session.flush()
    assert [lesson.edition["title"] for lesson in live(course).lessons] == ["Lesson 1", "Lesson 2"]


def test_there_is_one_draft_at_a_time(sam: Any) -> None:
    course = a_course()
    assert operations.begin_draft(course, by=None) is operations.begin_draft(course, by=None)


def test_publishing_supersedes_the_version_before() -> None:
    course = a_course()
    first = live(course)
    operations.publish_version(operations.begin_draft(course, by=None), by=None)
    assert (first.status, live(course).number) == ("superseded", 2)


def test_an_exam_that_asks_more_than_the_bank_holds_is_not_published() -> None:
    with pytest.raises(Refusal, match="too few questions"):
        a_course(draws=[{"tag": "leads", "count": 3, "names": {}}])


def test_a_code_is_taken_once() -> None:
    a_course()
    with pytest.raises(InvalidInput, match="Another course has this code"):
        a_course()


def test_a_retired_course_asks_for_no_certificate(browser: Any, arthur: Any) -> None:
    a_course(products=("cloud",))
    browser.sign_in(arthur).open("/staff/courses/selling").press("Retire the course")
    assert browser.sees("The course is retired.")
    assert queries.products_with_a_course() == set()
    browser.open("/courses")
    assert not browser.sees("About selling.")


@pytest.mark.parametrize(
    ("kind", "answers", "expected"),
    [
        ("multiple", "=Yes\n=Also\nNo", {"weights": ["50", "50", "-50"]}),
        ("single", "No\n=Yes", {"weights": ["0", "100"]}),
        ("short_text", "one\ntwo", {}),
        ("matching", "a -> 1\nb -> 2", {}),
    ],
)
def test_every_kind_of_question_can_be_written(
    browser: Any, arthur: Any, kind: str, answers: str, expected: Any
) -> None:
    course = a_course()
    browser.sign_in(arthur).open(f"/staff/courses/selling/questions/new/{kind}")
    browser.fill("Name", "mine").fill("Tags", "leads, money").fill("Question in English", "Which?")
    browser.fill("Answers in English", answers).press("Save")
    assert browser.sees("Saved.")
    mine = next(row for row in session.scalars(queries.questions_of(course)) if row.name == "mine")
    assert (mine.answer, mine.tags, mine.kind) == (expected, ["leads", "money"], QuestionKind(kind))
    browser.click("mine").press("Save")
    assert browser.sees("Saved.")


def test_a_number_and_a_truth_can_be_written(browser: Any, arthur: Any) -> None:
    course = a_course()
    browser.sign_in(arthur).open("/staff/courses/selling/questions/new/numeric")
    browser.fill("Name", "n").fill("Tags", "x").fill("From", "9,5").fill("To", "10").fill(
        "Question in English", "How many?"
    )
    browser.press("Save").open("/staff/courses/selling/questions/new/true_false")
    browser.fill("Name", "t").fill("Tags", "x").fill("False", True).fill(
        "Question in English", "Really?"
    ).press("Save")
    rows = {row.name: row.answer for row in session.scalars(queries.questions_of(course))}
    assert rows["n"] == {"accepted": [{"least": "9.5", "most": "10", "weight": "100"}]}
    assert rows["t"] == {"truth": False}


def test_choices_that_differ_between_languages_are_refused(browser: Any, arthur: Any) -> None:
    a_course()
    browser.sign_in(arthur).open("/staff/courses/selling/questions/new/single")
    browser.fill("Name", "n").fill("Tags", "x").fill("Question in English", "Which?").fill(
        "Answers in English", "=a\nb"
    )
    browser.fill("Question in Russian", "Что?").fill("Answers in Russian", "=а\nб\nв").press(
        "Save", expect=422
    )
    assert browser.sees("Every language needs the same choices, in the same order.")


def test_a_retired_question_is_asked_no_more(browser: Any, arthur: Any) -> None:
    course = a_course()
    browser.sign_in(arthur).open("/staff/courses/selling/questions").press("Retire")
    assert browser.sees("The question is asked no more.")
    assert len(queries.questions_to_draw(course.id, ["leads"])) == 1
    browser.press("Ask again")
    assert len(queries.questions_to_draw(course.id, ["leads"])) == 2


def test_the_figures_name_questions_that_tell_little(
    sam: Any, ada: Any, rex: Any, mona: Any, finn: Any, pia: Any
) -> None:
    course = a_course()
    for person in (sam, ada, rex, mona, finn):
        attempt = an_attempt(person, course)
        answers = right_answers(attempt)
        word = next(item for item in attempt.items if item.shown["kind"] == "short_text")
        answers[word.position] = "nonsense"
        operations.hand_in(attempt, answers, by=person)
    a_failed_attempt(pia, course)
    figures = {row.question.name: row for row in queries.item_figures(course).values()}
    assert (figures["Word"].asked, figures["Word"].share, figures["Word"].concern) == (6, 0, "hard")
    assert figures["Owner"].concern == ""
    assert figures["Owner"].difference == 1
    totals = queries.course_figures(course)
    assert (totals.enrolled, totals.finished, totals.passed, totals.certified) == (6, 6, 5, 5)


@pytest.mark.parametrize(
    "path", ["/staff/courses", "/staff/courses/selling/questions", "/staff/courses/selling/questions/import"]
)
def test_only_authors_see_the_bank(browser: Any, sam: Any, mona: Any, path: str) -> None:
    a_course()
    session.commit()
    for person in (sam, mona):
        browser.client.delete_cookie("guildhall")
        browser.sign_in(person).open(path, expect=403)
