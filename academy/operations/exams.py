"""Exams: beginning an attempt, keeping answers, ending by hand or by the clock.

The server draws the questions, holds what it showed, and keeps the time. What leaves it before the end is a question's
text and its choices under random names, nothing else. The attempt's row is locked by whoever changes it, so that two
tabs, a reload and the clock never end it twice.
"""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from random import SystemRandom
from typing import Any

from academy import grading, settings
from academy.models import (
    Attempt,
    AttemptItem,
    AttemptSeries,
    AttemptStatus,
    Course,
    CourseVersion,
    Question,
    QuestionKind,
)
from academy.models.editions import edition_of
from academy.operations.certificates import certify_when_complete
from academy.operations.learning import enrol
from academy.queries import exam_state, questions_to_draw
from academy.queries.exams import ExamDoor, ExamState
from academy.signals import AttemptsGranted, ExamFailed, ExamPassed, ExamStarted
from accounts.models import User
from core import clock
from core.database import lock, session
from core.errors import Refusal
from core.i18n import format_moment
from core.i18n import gettext as _
from core.signals import announce

_chance = SystemRandom()

#: What somebody types into one field of an exam, at most.
LONGEST_ANSWER = 500


def begin_attempt(version: CourseVersion, *, locale: str, by: User) -> Attempt:
    """Begins an attempt, or answers the one under way: a second tab and a second click continue it.

    Raises Refusal with the reason and the moment when it becomes possible.
    """
    lock(enrol(version, by=by))
    state = exam_state(by, version)
    if state.attempt is not None and state.attempt.is_overdue:
        _end(state.attempt, ran_out=True)
        state = exam_state(by, version)
    if state.door is ExamDoor.UNDER_WAY and state.attempt is not None:
        return state.attempt
    if not state.may_begin:
        raise Refusal(why_shut(state))
    wanted = [(str(draw["tag"]), int(draw["count"])) for draw in version.exam.draws]
    bank = {row.id: row for row in questions_to_draw(version.course_id, [tag for tag, _count in wanted])}
    drawn = grading.draw({row.id: row.tags for row in bank.values()}, wanted, _chance)
    if drawn is None:
        raise Refusal(_("The exam is being reworked. Come back tomorrow."))
    attempt = Attempt(
        user_id=by.id,
        course_id=version.course_id,
        version=version,
        locale=locale,
        status=AttemptStatus.OPEN,
        pass_mark=settings.PASS_MARK.value(),
        penalty=version.exam.penalty,
        started_at=clock.now(),
        due_at=clock.now() + timedelta(minutes=version.exam.minutes),
        items=[
            AttemptItem(position=position, question_id=number, tag=tag, shown=shown(bank[number], locale))
            for position, (number, tag) in enumerate(drawn, start=1)
        ],
    )
    session.add(attempt)
    session.flush()
    announce(ExamStarted(attempt, by))
    return attempt


def why_shut(state: ExamState) -> str:
    """Why no attempt can begin now, and when one can."""
    if state.door is ExamDoor.WAITING and state.opens_at is not None:
        return _("The next attempt opens on %(moment)s.", moment=format_moment(state.opens_at))
    if state.door is ExamDoor.CERTIFIED and state.opens_at is not None:
        return _(
            "You are certified. The exam opens again on %(moment)s.", moment=format_moment(state.opens_at)
        )
    return _("You have used all attempts. Your partner manager can ask the author for another series.")


def shown(question: Question, locale: str) -> dict[str, Any]:
    """A question as one attempt shows it: one language, choices in random order under random names.

    The right answer stands in it as well; :func:`asked` leaves it out.
    """
    edition, answer = edition_of(question.editions, locale), question.answer
    snapshot: dict[str, Any] = {
        "kind": str(question.kind),
        "locale": edition.locale,
        "text": edition["text"],
        "explanation": edition["explanation"],
        **{name: answer[name] for name in ("points", "case") if name in answer},
    }

    def mixed(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return items if answer.get("in_order") else grading.shuffled(items, _chance)

    if question.kind is QuestionKind.ORDERING:
        return {**snapshot, "grading": answer["grading"], "items": _items_shown(edition["items"], answer)}
    if "weights" in answer:
        choices = [
            {"id": secrets.token_hex(4), "text": text, "weight": weight}
            for text, weight in zip(edition["choices"], answer["weights"], strict=True)
        ]
        return {**snapshot, "choices": mixed(choices)}
    if "truth" in answer:
        return {**snapshot, "truth": answer["truth"]}
    if "accepted" in answer:
        return {**snapshot, "accepted": answer["accepted"]}
    if question.kind is QuestionKind.MATCHING:
        names = {right: secrets.token_hex(4) for _left, right in edition["pairs"]}
        pairs = [
            {"id": secrets.token_hex(4), "left": left, "right": right, "right_id": names[right]}
            for left, right in edition["pairs"]
            if left
        ]
        # A right side without a left one is there to be chosen wrongly
        others = [{"right": right, "right_id": names[right]} for left, right in edition["pairs"] if not left]
        return {**snapshot, "pairs": mixed(pairs), **({"others": others} if others else {})}
    return {**snapshot, "accepted": edition["accepted"]}


def _items_shown(items: list[str], answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The items to put in order, or as many of them as the question draws; never in the right order by chance."""
    drawn = list(enumerate(items))
    count = int(answer.get("count", len(items)))
    if answer.get("select") == "contiguous":
        first = _chance.randrange(len(items) - count + 1)
        drawn = drawn[first : first + count]
    elif answer.get("select") == "random":
        drawn = sorted(_chance.sample(drawn, count))
    placed = [
        {"id": secrets.token_hex(4), "text": text, "place": place}
        for place, (_number, text) in enumerate(drawn)
    ]
    mixed = grading.shuffled(placed, _chance)
    while mixed == placed:
        mixed = grading.shuffled(placed, _chance)
    return mixed


def asked(item: AttemptItem) -> dict[str, Any]:
    """What the page may know of a question while the attempt is open."""
    snapshot = item.shown
    public: dict[str, Any] = {name: snapshot[name] for name in ("kind", "text", "locale")}
    public["points"] = snapshot.get("points", "1")
    for name in ("choices", "items"):
        if name in snapshot:
            public[name] = [{"id": one["id"], "text": one["text"]} for one in snapshot[name]]
    if "pairs" in snapshot:
        public["lefts"] = [{"id": pair["id"], "text": pair["left"]} for pair in snapshot["pairs"]]
        rights = {
            pair["right_id"]: pair["right"] for pair in [*snapshot["pairs"], *snapshot.get("others", [])]
        }
        public["rights"] = sorted(
            ({"id": key, "text": text} for key, text in rights.items()), key=lambda right: right["text"]
        )
    return public


def save_answers(attempt: Attempt, answers: Mapping[int, Any], *, by: User) -> None:
    """Keeps answers, by position, without ending the attempt. Raises Refusal after the end or when time is up."""
    lock(attempt)
    if not attempt.is_open:
        raise Refusal(_("This attempt has ended. What was saved before has been marked."))
    if attempt.is_overdue:
        raise Refusal(_("Time is up. What was saved before is marked."))
    _keep(attempt, answers)


def hand_in(attempt: Attempt, answers: Mapping[int, Any], *, by: User) -> Attempt:
    """Ends an attempt with these answers. When time is up they are refused, and what was saved before is marked.

    Handing in twice, from two tabs, is handing in once.
    """
    lock(attempt)
    if not attempt.is_open:
        return attempt
    overdue = attempt.is_overdue
    if not overdue:
        _keep(attempt, answers)
    _end(attempt, ran_out=overdue)
    return attempt


def close_overdue(attempt: Attempt) -> Attempt:
    """Ends an attempt whose time is up, wherever that is noticed first."""
    lock(attempt)
    if attempt.is_overdue:
        _end(attempt, ran_out=True)
    return attempt


def _keep(attempt: Attempt, answers: Mapping[int, Any]) -> None:
    for item in attempt.items:
        if item.position not in answers:
            continue
        given = _tidy(answers[item.position])
        if given != item.given:
            item.given = given
            item.saved_at = clock.now()
    session.flush()


def _tidy(value: Any) -> dict[str, Any] | None:
    """What was sent, no longer than an answer can be; nothing at all is no answer."""
    if isinstance(value, list):
        value = [str(one)[:LONGEST_ANSWER] for one in value[:50]]
    elif isinstance(value, dict):
        value = {str(key)[:50]: str(one)[:50] for key, one in list(value.items())[:50] if one}
    else:
        value = str(value or "")[:LONGEST_ANSWER].replace("\0", "").strip()
    return {"value": value} if value else None


def _end(attempt: Attempt, *, ran_out: bool) -> None:
    """Marks what was saved and ends it. A passed attempt brings its certificate in the same transaction, unless
    a practical is missing."""
    marked = [
        grading.Marked(
            item.tag,
            grading.share_of(item.shown, item.given),
            grading.points_of(item.shown),
            is_answered=item.given is not None,
        )
        for item in attempt.items
    ]
    for item, mark in zip(attempt.items, marked, strict=True):
        item.score = grading.ten_thousandths(mark.share)
    session.flush()
    result = grading.result_of(marked, attempt.pass_mark, penalty_percent=attempt.penalty)
    names = {str(draw["tag"]): draw.get("names", {}) for draw in attempt.version.exam.draws}
    attempt.status = AttemptStatus.PASSED if result.has_passed else AttemptStatus.FAILED
    attempt.score = grading.ten_thousandths(result.score)
    attempt.ran_out = ran_out
    attempt.ended_at = attempt.due_at if ran_out else clock.now()
    attempt.topics = [
        {
            "tag": topic.tag,
            "names": names.get(topic.tag, {}),
            "score": grading.ten_thousandths(topic.score),
            "is_weak": topic.is_weak,
        }
        for topic in result.topics
    ]
    session.flush()
    by = attempt.user
    if not result.has_passed:
        announce(ExamFailed(attempt, by))
        return
    announce(ExamPassed(attempt, by))
    certify_when_complete(attempt, on=attempt.ended_at)


def grant_attempts(user: User, course: Course, *, reason: str, by: User) -> AttemptSeries:
    """Another series of attempts for somebody who has used theirs up; open at once."""
    series = AttemptSeries(
        user_id=user.id,
        course_id=course.id,
        granted_at=clock.now(),
        granted_by_id=by.id,
        reason=reason.strip(),
    )
    session.add(series)
    session.flush()
    announce(AttemptsGranted(series, by))
    return series
