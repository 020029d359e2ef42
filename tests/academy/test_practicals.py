"""Practical assessment: a work, a talk in both time zones, a verdict by the rubric, a second look, the certificate."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa

from academy import operations, queries
from academy.models import Practical, Submission
from accounts.permissions import Role
from core import clock
from core.database import session
from core.errors import InvalidInput, Refusal
from tests import cast
from tests.academy.cast import a_certificate, a_course, a_practical, a_work, an_attempt, right_answers


@pytest.fixture
def elena() -> Any:
    return cast.a_user("Elena Examiner", Role.EXAMINER)


@pytest.fixture
def task() -> Practical:
    return a_practical(a_course())


def passed(work: Submission, by: Any) -> Any:
    return operations.assess(
        work, points={"line-1": 6, "line-2": 3}, feedback="Clear and complete work.", by=by
    )


def failed(work: Submission, by: Any) -> Any:
    return operations.assess(
        work, points={"line-1": 2, "line-2": 1}, feedback="The site does not start.", by=by
    )


def test_the_certificate_waits_for_the_work_when_the_exam_came_first(
    sam: Any, elena: Any, task: Practical
) -> None:
    attempt = an_attempt(sam, task.course)
    operations.hand_in(attempt, right_answers(attempt), by=sam)
    assert attempt.has_passed
    assert queries.standing_certificate(sam, task.course) is None
    passed(a_work(task, sam), elena)
    certificate = queries.standing_certificate(sam, task.course)
    assert certificate is not None
    assert (certificate.attempt_id, str(certificate.band)) == (attempt.id, "distinction")


def test_the_certificate_comes_with_the_exam_when_the_work_came_first(
    sam: Any, elena: Any, task: Practical
) -> None:
    passed(a_work(task, sam), elena)
    assert queries.standing_certificate(sam, task.course) is None
    assert a_certificate(sam, task.course).is_valid


def test_a_practical_that_is_not_required_holds_nothing_back(sam: Any) -> None:
    course = a_course()
    a_practical(course, required=False)
    assert a_certificate(sam, course).is_valid


def test_a_failed_work_certifies_nobody_and_can_be_done_again(
    sam: Any, elena: Any, task: Practical, mails: Any
) -> None:
    work = a_work(task, sam)
    with pytest.raises(Refusal, match="being looked at"):
        a_work(task, sam)
    verdict = failed(work, elena)
    assert (verdict.given, verdict.points, verdict.passed, str(work.status)) == (3, 10, False, "failed")
    assert "The site does not start." in mails(to=sam.email)[-1]["text"]
    assert str(a_work(task, sam).status) == "submitted"


def test_a_second_look_is_another_examiners_once_and_in_time(
    sam: Any, elena: Any, task: Practical, time: Any
) -> None:
    other = cast.a_user("Otto Examiner", Role.EXAMINER)
    work = a_work(task, sam)
    failed(work, elena)
    operations.appeal(work, why="The site was down for an hour.", by=sam)
    with pytest.raises(Refusal, match="another examiner"):
        passed(work, elena)
    passed(work, other)
    assert (str(work.status), [one.passed for one in work.verdicts]) == ("passed", [False, True])
    second = a_work(a_practical(a_course("two")), sam)
    failed(second, elena)
    time.move(days=15)
    with pytest.raises(Refusal, match="14 days"):
        operations.appeal(second, why="Too late to say this.", by=sam)


def test_nobody_assesses_their_own_work_and_points_have_bounds(elena: Any, sam: Any, task: Practical) -> None:
    with pytest.raises(Refusal, match="own work"):
        passed(a_work(task, elena), elena)
    work = a_work(task, sam)
    with pytest.raises(InvalidInput) as problem:
        operations.assess(work, points={"line-1": 7}, feedback="short", by=elena)
    assert set(problem.value.problems) == {"line-1", "line-2", "feedback"}


def test_a_time_is_booked_by_one_and_both_are_invited_in_their_own_zone(
    sam: Any, ada: Any, elena: Any, task: Practical, mails: Any
) -> None:
    sam.time_zone, elena.time_zone = "America/New_York", "Asia/Tokyo"
    slots = operations.offer_slots(
        elena,
        starts_at=datetime(2026, 3, 5, 13, 0, tzinfo=UTC),
        minutes=30,
        count=2,
        place="Room 1",
        by=elena,
    )
    work = a_work(task, sam)
    operations.book_slot(work, slots[0], by=sam)
    with pytest.raises(Refusal, match="Somebody else has just taken"):
        operations.book_slot(a_work(task, ada), slots[0], by=ada)
    assert "8:00" in mails(to=sam.email)[-1]["text"]
    assert "22:00" in mails(to=elena.email)[-1]["text"]
    with pytest.raises(Refusal, match="booked this time"):
        operations.withdraw_slot(slots[0], by=elena)
    assert [slot.id for slot in session.scalars(queries.free_slots())] == [slots[1].id]


def test_an_examiner_is_not_in_two_places(elena: Any) -> None:
    start = clock.now() + timedelta(days=1)
    operations.offer_slots(elena, starts_at=start, minutes=60, count=1, place="", by=elena)
    with pytest.raises(InvalidInput):
        operations.offer_slots(
            elena, starts_at=start + timedelta(minutes=30), minutes=60, count=1, place="", by=elena
        )


def test_a_verdict_is_never_changed_and_a_pass_needs_one(sam: Any, elena: Any, task: Practical) -> None:
    work = a_work(task, sam)
    with pytest.raises(sa.exc.DatabaseError, match="verdict is needed"), session.begin_nested():
        session.execute(sa.update(Submission).values(status="passed"))
    session.refresh(work)
    verdict = passed(work, elena)
    with pytest.raises(sa.exc.DatabaseError, match="append-only"), session.begin_nested():
        session.execute(sa.update(type(verdict)).values(passed=False))


def test_the_whole_way_on_the_pages(browser: Any, sam: Any, rex: Any, elena: Any, task: Practical) -> None:
    browser.sign_in(elena).open("/staff/works").click("Offer times")
    browser.fill("Day", "2026-03-05").fill("First at", "13:00").fill("How many in a row", "1").press(
        "Offer them"
    )
    browser.client.delete_cookie("guildhall")
    browser.sign_in(sam).open("/academy/courses/selling").click("To the practical work")
    browser.fill("Link", "ftp://x").press("Hand in")
    assert browser.sees("beginning with https://")
    png = BytesIO()
    from PIL import Image

    Image.new("RGB", (8, 8), "red").save(png, "PNG")
    browser.fill("Link", "https://demo.example/x").fill("File", (BytesIO(png.getvalue()), "site.png")).press(
        "Hand in"
    )
    browser.press("Take it")
    assert browser.sees("The talk is booked.")
    work = session.scalars(sa.select(Submission)).one()
    browser.client.delete_cookie("guildhall")
    browser.sign_in(rex).open(f"/academy/works/{work.id}/file", expect=404)
    browser.client.delete_cookie("guildhall")
    browser.sign_in(elena).open("/staff/works")
    assert browser.links.count("Sam Seller") == 2, "the work, and whose the time is"
    assert "Withdraw this time" not in browser.buttons, "it is booked"
    browser.click("Sam Seller")
    assert browser.sees("Their time zone")
    browser.press("Give the verdict", expect=422)
    assert browser.text.index("Give 0 to 6 points.") < browser.text.index("Say in a sentence or two")
    browser.fill("It works (0 to 6)", "6").fill("It is explained (0 to 4)", "9")
    browser.fill("Feedback", "Well done, all of it.")
    browser.press("Give the verdict")
    assert browser.status == 422
    browser.fill("It works (0 to 6)", "6").fill("It is explained (0 to 4)", "4")
    browser.fill("Feedback", "Well done, all of it.")
    browser.press("Give the verdict")
    assert browser.sees("Passed. The author is told.")
    browser.client.delete_cookie("guildhall")
    browser.sign_in(sam).open("/academy/courses/selling/practical")
    assert browser.sees("Well done, all of it.")


def test_an_author_writes_the_task(browser: Any, arthur: Any) -> None:
    a_course()
    browser.sign_in(arthur).open("/staff/courses/selling").click("Practical task")
    browser.fill("Task in English", "Do it").fill("Points needed", "5").press("Save")
    assert browser.sees("Say what is looked at") or browser.status == 422
    browser.fill("Task in English", "Do it").fill("Points needed", "5")
    browser.fill("What is looked at, in English", "It works").fill("Points", "8").press("Save")
    assert queries.practical_of(queries.course_by_code("selling").id).points == 8
