"""What the academy's tests are made of: a small course with a bank, attempts, certificates."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from academy import operations, queries
from academy.models import Attempt, Audience, Certificate, Course, CourseVersion, Level, Practical, Submission
from accounts.models import User
from core import clock
from core.database import session

BANK = """
// [tag:leads]
::Owner::Who owns a claimed lead?{
=The firm that claimed it
~Whoever looks at it
~Nobody
####The first to claim it owns it.}

// [tag:leads]
::Pool::A lead in the pool belongs to whoever claims it first.{T}

// [tag:money]
::Ninety::Of 1000 euro of services that the vendor bills, how many are the partner's?{#900 ####Nine tenths.}

// [tag:money]
::Word::What is a reversed commission called?{=reversal =a reversal}

// [tag:money]
::Both::What can be split?{
~%50%Services
~%50%Support
~%-100%The licence}

// [tag:money]
::Pairs::Match who does what.{
=Finance -> proposes a run
=A manager -> approves it}
"""

BANK_RU = """
::Owner::Кому принадлежит взятый лид?{
=Партнёру, который его взял
~Тому, кто на него смотрит
~Никому}
"""


def a_course(
    code: str = "selling",
    *,
    title: str = "Selling",
    products: tuple[str, ...] = (),
    published: bool = True,
    **exam: Any,
) -> Course:
    """A course with two lessons and six questions; the exam asks all of them in 30 minutes unless told otherwise."""
    course = operations.make_course(
        code=code,
        audience=Audience.SELLERS,
        level=Level.FOUNDATION,
        product_codes=products,
        texts={"en": {"title": title, "summary": f"About {title.lower()}."}},
        by=None,
    )
    version = queries.draft_version(course)
    assert version is not None
    module = operations.add_module(version, texts={"en": {"title": "Basics"}}, by=None)
    for number in (1, 2):
        texts = {"en": {"title": f"Lesson {number}", "text": f"Text **{number}**."}}
        operations.add_lesson(module, texts=texts, minutes=3, by=None)
    report = operations.import_questions(course, exam.get("bank", BANK), locale="en", by=None)
    assert not report.problems
    draws = exam.get(
        "draws", [{"tag": "leads", "count": 2, "names": {}}, {"tag": "money", "count": 4, "names": {}}]
    )
    operations.change_version(
        version, texts={}, minutes=exam.get("minutes", 30), draws=draws, penalty=exam.get("penalty"), by=None
    )
    if published and exam.get("bank", BANK):
        operations.publish_version(version, by=None)
    session.flush()
    return course


def live(course: Course) -> CourseVersion:
    """The version that is taught."""
    version = queries.live_version(course.code)
    assert version is not None
    return version


def right_answers(attempt: Attempt) -> dict[int, Any]:
    """What gets the full score."""
    return {item.position: _right(item.shown) for item in attempt.items}


def _right(shown: dict[str, Any]) -> Any:
    if "choices" in shown:
        right = [choice["id"] for choice in shown["choices"] if float(choice["weight"]) > 0]
        return right if shown["kind"] == "multiple" else right[0]
    if "truth" in shown:
        return "true" if shown["truth"] else "false"
    if "items" in shown:
        return {one["id"]: str(one["place"] + 1) for one in shown["items"]}
    if "pairs" in shown:
        return {pair["id"]: pair["right_id"] for pair in shown["pairs"]}
    if shown["kind"] == "numeric":
        return shown["accepted"][0]["least"]
    return shown["accepted"][0]["text"]


def an_attempt(user: User, course: Course) -> Attempt:
    """An attempt under way."""
    return operations.begin_attempt(live(course), locale="en", by=user)


def a_failed_attempt(user: User, course: Course) -> Attempt:
    """An attempt handed in empty."""
    return operations.hand_in(an_attempt(user, course), {}, by=user)


def a_certificate(user: User, course: Course, *, on: datetime | None = None) -> Certificate:
    """A certificate, earned by passing, now or ``on`` a day in the past."""
    if on is not None:
        with clock.frozen_at(on):
            return a_certificate(user, course)
    attempt = an_attempt(user, course)
    operations.hand_in(attempt, right_answers(attempt), by=user)
    assert attempt.has_passed
    return session.scalars(sa.select(Certificate).where(Certificate.attempt_id == attempt.id)).one()


RUBRIC = [
    {"key": "line-1", "points": 6, "names": {"en": {"title": "It works"}}},
    {"key": "line-2", "points": 4, "names": {"en": {"title": "It is explained"}}},
]


def a_practical(course: Any, **changes: Any) -> Practical:
    """A task of ten points, seven of which pass; the certificate needs it unless told otherwise."""
    values: dict[str, Any] = {
        "texts": {"en": {"task": "Set up **one** site."}}, "rubric": RUBRIC, "needed": 7, "minutes": 30,
        "required": True,
    }  # fmt: skip
    return operations.save_practical(course, None, **{**values, **changes}, by=None)


def a_work(task: Practical, person: Any) -> Submission:
    """A work that waits for its verdict."""
    return operations.submit_work(task, text="Here it is, with pictures.", link="", file=None, by=person)
