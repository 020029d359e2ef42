"""Exams that a browser can't cheat: the server draws, keeps the clock and what it showed, and marks."""

import re
from typing import Any

import pytest
import sqlalchemy as sa

from academy import operations, queries
from academy.models import Attempt, Certificate
from core.database import session
from core.errors import Refusal
from tests.academy.cast import a_certificate, a_course, a_failed_attempt, an_attempt, live, right_answers


def begin(browser: Any, code: str = "selling") -> Any:
    return browser.open(f"/academy/courses/{code}").press("Start the exam", expect=200)


def test_right_answers_pass_and_bring_a_certificate(sam: Any) -> None:
    course = a_course()
    attempt = an_attempt(sam, course)
    operations.hand_in(attempt, right_answers(attempt), by=sam)
    assert attempt.has_passed
    assert attempt.score == 10_000
    certificate = session.scalars(sa.select(Certificate)).one()
    assert (certificate.user_id, certificate.band, certificate.is_valid) == (sam.id, "distinction", True)


def test_an_empty_attempt_fails_and_says_topics(sam: Any) -> None:
    attempt = a_failed_attempt(sam, a_course())
    assert attempt.status == "failed"
    assert sorted(topic["tag"] for topic in attempt.topics if topic["is_weak"]) == ["leads", "money"]
    assert not session.scalars(sa.select(Certificate)).all()


def test_the_page_never_holds_the_answers(browser: Any, sam: Any) -> None:
    course = a_course()
    begin(browser.sign_in(sam))
    attempt = session.scalars(sa.select(Attempt)).one()
    secret = [
        "900",
        "reversal",
        "The first to claim it owns it",
        "Nine tenths",
        "weight",
        "truth",
        "right_id",
    ]
    shown = re.sub(r'(name="csrf[-_]token" (?:value|content)=)"[^"]*"', r'\1""', browser.html)
    assert not [word for word in secret if word in shown]
    numbers = {str(item.question_id) for item in attempt.items}
    names = {choice["id"] for item in attempt.items for choice in item.shown.get("choices", [])}
    assert not names & numbers
    assert all(len(name) == 8 for name in names)
    assert course.code == "selling"


def test_every_attempt_names_its_choices_anew(sam: Any, ada: Any) -> None:
    course = a_course()
    ids = [
        {
            choice["id"]
            for item in an_attempt(person, course).items
            for choice in item.shown.get("choices", [])
        }
        for person in (sam, ada)
    ]
    assert not ids[0] & ids[1]


def test_a_second_tab_continues_the_same_attempt(browser: Any, sam: Any) -> None:
    a_course()
    begin(browser.sign_in(sam))
    first = browser.url
    browser.open("/academy/courses/selling").click("Go on with the exam")
    assert browser.url == first
    assert session.scalar(sa.select(sa.func.count()).select_from(Attempt)) == 1


def test_starting_twice_continues_the_same_attempt(sam: Any) -> None:
    course = a_course()
    assert an_attempt(sam, course) is an_attempt(sam, course)


def questions_on(browser: Any) -> list[str]:
    """What the page asks, with the choices in their order."""
    return re.findall(r"Question \d+ of \d+(.*?)(?=Question \d|Your answers|Hand in)", browser.text)


def test_a_reload_shows_the_same_questions_with_the_kept_answers(browser: Any, sam: Any) -> None:
    a_course()
    begin(browser.sign_in(sam))
    before = questions_on(browser)
    label = "What is a reversed commission called?"
    browser.fill(label, "reversal").press("Keep my answers")
    assert browser.sees("Your answers are kept.")
    browser.open(browser.url)
    assert questions_on(browser) == before
    assert len(before) == 6
    assert browser._field(label).get("value") == "reversal"


def test_the_whole_exam_goes_through_the_page(browser: Any, sam: Any) -> None:
    a_course()
    begin(browser.sign_in(sam))
    attempt = session.scalars(sa.select(Attempt)).one()
    for item in attempt.items:
        shown = item.shown
        text = shown["text"]
        if shown["kind"] == "matching":
            for pair in shown["pairs"]:
                browser.fill(pair["left"], pair["right"])
        elif shown["kind"] == "multiple":
            browser.fill(text, [choice["text"] for choice in shown["choices"] if choice["weight"] == "50"])
        elif shown["kind"] == "single":
            browser.fill(text, "The firm that claimed it")
        elif shown["kind"] == "true_false":
            browser.fill(text, "True")
        else:
            browser.fill(text, "900,0" if shown["kind"] == "numeric" else "A Reversal.")
    browser.press("Hand in")
    assert browser.heading == "Passed: Selling"
    assert browser.sees("100 %".replace(" ", "\N{NO-BREAK SPACE}"))
    browser.open("/academy/certificates")
    assert browser.sees("Selling")


def test_answers_after_the_time_are_refused_and_kept_ones_are_marked(
    browser: Any, sam: Any, time: Any
) -> None:
    a_course(minutes=30)
    begin(browser.sign_in(sam))
    attempt = session.scalars(sa.select(Attempt)).one()
    kept = right_answers(attempt)
    half = {position: kept[position] for position in list(kept)[:3]}
    operations.save_answers(attempt, half, by=sam)
    session.commit()
    time.move(minutes=30, seconds=1)
    browser.fill("What is a reversed commission called?", "reversal").press("Hand in")
    assert browser.heading == "Not passed yet: Selling"
    assert browser.sees("Time was up before this arrived")
    session.refresh(attempt)
    assert attempt.score == 5_000
    assert (attempt.ran_out, attempt.ended_at) == (True, attempt.due_at)


def test_saving_late_is_refused(sam: Any, time: Any) -> None:
    attempt = an_attempt(sam, a_course())
    time.move(minutes=31)
    with pytest.raises(Refusal, match="Time is up"):
        operations.save_answers(attempt, right_answers(attempt), by=sam)


def test_saving_after_the_end_is_refused(sam: Any) -> None:
    attempt = a_failed_attempt(sam, a_course())
    with pytest.raises(Refusal, match="has ended"):
        operations.save_answers(attempt, right_answers(attempt), by=sam)


def test_the_last_second_still_counts(sam: Any, time: Any) -> None:
    attempt = an_attempt(sam, a_course())
    time.move_to(attempt.due_at)
    assert operations.hand_in(attempt, right_answers(attempt), by=sam).has_passed


def test_handing_in_from_two_tabs_is_handing_in_once(browser: Any, sam: Any) -> None:
    a_course()
    begin(browser.sign_in(sam))
    page = (browser.page, browser.url)
    browser.press("Hand in")
    ended = session.scalars(sa.select(Attempt)).one().ended_at
    browser.page, browser.url = page
    browser.press("Hand in")
    assert browser.heading == "Not passed yet: Selling"
    assert session.scalars(sa.select(Attempt)).one().ended_at == ended


def test_an_attempt_seen_too_late_is_ended_there(browser: Any, sam: Any, time: Any) -> None:
    a_course()
    begin(browser.sign_in(sam))
    time.move(hours=2)
    browser.open(browser.url)
    assert browser.heading == "Not passed yet: Selling"


def test_an_attempt_nobody_looks_at_is_ended_by_the_clock(sam: Any, time: Any, run_jobs: Any) -> None:
    attempt = an_attempt(sam, a_course())
    session.commit()
    time.move(hours=1)
    run_jobs()
    assert session.scalars(sa.select(Attempt.status)).one() == "failed"
    assert attempt.ran_out


def test_one_waits_a_day_between_attempts(sam: Any, time: Any) -> None:
    course = a_course()
    a_failed_attempt(sam, course)
    time.move(hours=23)
    with pytest.raises(Refusal, match="next attempt opens on"):
        an_attempt(sam, course)
    time.move(hours=1)
    assert an_attempt(sam, course).is_open


def test_after_three_attempts_only_an_author_opens_another_series(
    browser: Any, sam: Any, arthur: Any, time: Any
) -> None:
    course = a_course()
    for _try in range(3):
        a_failed_attempt(sam, course)
        time.move(days=1)
    with pytest.raises(Refusal, match="used all attempts"):
        an_attempt(sam, course)
    browser.sign_in(arthur).open("/staff/courses/selling")
    browser.fill("Reason for Sam Seller", "Was ill").press("Let try again")
    assert browser.sees("Sam Seller may try again at once.")
    assert an_attempt(sam, course).is_open


def test_a_new_version_begins_a_new_series(sam: Any, time: Any) -> None:
    course = a_course()
    for _try in range(3):
        a_failed_attempt(sam, course)
        time.move(days=1)
    operations.publish_version(operations.begin_draft(course, by=None), by=None)
    assert an_attempt(sam, course).is_open


def test_who_is_certified_waits_until_it_nearly_ends(sam: Any, time: Any) -> None:
    course = a_course()
    a_certificate(sam, course)
    with pytest.raises(Refusal, match="You are certified"):
        an_attempt(sam, course)
    time.move(days=365 - 89)
    assert an_attempt(sam, course).is_open


def test_the_pass_mark_of_an_attempt_is_the_one_it_began_with(sam: Any, pia: Any) -> None:
    from academy.settings import PASS_MARK
    from core.settings import change_setting

    attempt = an_attempt(sam, a_course())
    change_setting(PASS_MARK, "100", by=pia)
    answers = right_answers(attempt)
    answers.popitem()
    operations.hand_in(attempt, answers, by=sam)
    assert attempt.has_passed


def test_a_changed_question_does_not_reach_an_attempt_under_way(sam: Any) -> None:
    course = a_course()
    attempt = an_attempt(sam, course)
    operations.import_questions(course, "::Pool::The pool is empty.{F}", locale="en", by=None)
    assert any(item.shown["text"].startswith("A lead in the pool") for item in attempt.items)
    operations.hand_in(attempt, right_answers(attempt), by=sam)
    assert attempt.score == 10_000


def test_nobody_else_can_open_an_attempt(browser: Any, sam: Any, rex: Any, ada: Any) -> None:
    attempt = an_attempt(sam, a_course())
    session.commit()
    for outsider in (rex, ada):
        browser.client.delete_cookie("guildhall")
        browser.sign_in(outsider).open(f"/academy/attempts/{attempt.id}", expect=404)
        assert browser.client.get(f"/academy/attempts/{attempt.id}/clock").status_code == 404


def test_the_database_itself_keeps_an_ended_attempt(sam: Any) -> None:
    attempt = a_failed_attempt(sam, a_course())
    with pytest.raises(sa.exc.DatabaseError, match="has ended"), session.begin_nested():
        session.execute(sa.update(Attempt).where(Attempt.id == attempt.id).values(status="passed"))


def test_the_database_itself_refuses_a_certificate_without_an_exam(sam: Any) -> None:
    course = a_course()
    attempt = a_failed_attempt(sam, course)
    forged = Certificate(
        serial="FORGED", user=sam, course=course, course_version=live(course), attempt=attempt, holder="Sam",
        level="foundation", band="passed", issued_at=attempt.started_at, expires_at=attempt.due_at,
    )  # fmt: skip
    with pytest.raises(sa.exc.DatabaseError, match="needs a passed attempt"), session.begin_nested():
        session.add(forged)


def test_the_home_page_says_that_an_exam_is_under_way(browser: Any, sam: Any, time: Any) -> None:
    a_course()
    begin(browser.sign_in(sam))
    browser.open("/")
    assert browser.sees("Exam under way: Selling")
    browser.click("Exam under way: Selling").press("Hand in")
    time.move(days=1)
    browser.open("/")
    assert browser.sees("Retake open: Selling")


def test_things_are_put_in_order_without_scripts(browser: Any, sam: Any) -> None:
    bank = "// [tag:leads]\n::Way::Order?{>3 ALL VERTICAL ABSOLUTE_POSITION SHOW\nOffer\nAccept\nWin\n}\n"
    course = a_course(bank=bank, draws=[{"tag": "leads", "count": 1, "names": {}}])
    browser.sign_in(sam).open("/academy/courses/selling").press("Start the exam")
    assert browser.sees("Give every item its place")
    browser.fill("Offer", "1").fill("Accept", "2").fill("Win", "3").press("Keep my answers")
    assert [browser.text.index(words) for words in ("Offer", "Accept", "Win")] == sorted(
        browser.text.index(words) for words in ("Offer", "Accept", "Win")
    )
    browser.press("Hand in")
    assert queries.standing_certificate(sam, course) is not None


def test_negative_marks_are_those_the_attempt_began_with_and_are_said(browser: Any, sam: Any) -> None:
    course = a_course(penalty=50)
    attempt = an_attempt(sam, course)
    browser.sign_in(sam).open(f"/academy/attempts/{attempt.id}")
    assert browser.sees("a wrong answer takes away 50")
    right = right_answers(attempt)
    wrong = {
        item.position: "nothing" for item in attempt.items if item.shown["kind"] in ("numeric", "short_text")
    }
    operations.hand_in(attempt, {**right, **wrong}, by=sam)
    # Four of six right, two wrong that take half a question each
    assert (attempt.status, attempt.score) == ("failed", 5000)
