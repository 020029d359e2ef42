"""Practical assessment: the task, works handed in, talks booked, verdicts, second looks, and the certificate."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa

from academy.models import (
    Attempt,
    AttemptStatus,
    Course,
    Practical,
    Slot,
    Submission,
    SubmissionStatus,
    Verdict,
)
from academy.models.editions import with_edition
from academy.operations.certificates import certify_when_complete
from academy.queries.practicals import submission_of
from academy.signals import SlotBooked, WorkAppealed, WorkAssessed, WorkSubmitted
from accounts.models import User
from core import clock, uploads
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.signals import announce


def save_practical(
    course: Course,
    practical: Practical | None,
    *,
    texts: Mapping[str, Mapping[str, Any]],
    rubric: Sequence[Mapping[str, Any]],
    needed: int,
    minutes: int,
    required: bool,
    by: User | None,
) -> Practical:
    """The task of a course with its rubric. Works handed in keep their verdicts; a certificate that stands, stands.

    Raises InvalidInput at ``task_en``, ``rubric`` or ``needed``.
    """
    if not texts.get("en", {}).get("task"):
        raise InvalidInput({"task_en": _("Write the task in English; it is the original.")})
    if not rubric:
        raise InvalidInput({"rubric": _("Say what is looked at, and what it is worth.")})
    if needed > sum(int(line["points"]) for line in rubric):
        raise InvalidInput({"needed": _("The whole rubric is worth less than that.")})
    practical = practical or Practical(course=course, editions={})
    editions: dict[str, Any] = dict(practical.editions)
    for locale, words in texts.items():
        editions = with_edition(editions, locale, words)
    practical.editions = editions
    practical.rubric = [dict(line) for line in rubric]
    practical.needed = needed
    practical.minutes = minutes
    practical.required = required
    session.add(practical)
    session.flush()
    return practical


def submit_work(
    practical: Practical, *, text: str, link: str, file: tuple[bytes, str] | None, by: User
) -> Submission:
    """Hands a work in: a text, a link or a file, or several of them. One at a time waits for its verdict.

    ``file`` is (content, name). Raises InvalidInput at ``text``, ``link`` or ``file``.
    """
    lock(practical)
    last = submission_of(practical, by)
    if last is not None and (last.is_open or last.status is SubmissionStatus.PASSED):
        raise Refusal(
            _("Your work has been accepted.") if not last.is_open else _("Your work is being looked at.")
        )
    link = link.strip()
    if link and (urlsplit(link).scheme not in {"http", "https"} or not urlsplit(link).netloc):
        raise InvalidInput({"link": _("Write the whole address, beginning with https://.")})
    if not (text.strip() or link or file):
        raise InvalidInput({"text": _("Describe your work, link it, or add a file.")})
    submission = Submission(
        practical_id=practical.id,
        practical=practical,
        user_id=by.id,
        status=SubmissionStatus.SUBMITTED,
        text=text.strip(),
        link=link,
        submitted_at=clock.now(),
    )
    if file is not None:
        try:
            checked = uploads.check_file(*file)
        except uploads.RefusedFile as problem:
            raise InvalidInput({"file": str(problem)}) from problem
        submission.file_name, submission.file_type = checked.name, checked.content_type
        submission.storage_key = uploads.keep_file(checked, folder="academy-works")
    session.add(submission)
    session.flush()
    announce(WorkSubmitted(submission, by))
    return submission


def offer_slots(
    examiner: User, *, starts_at: datetime, minutes: int, count: int, place: str, by: User
) -> list[Slot]:
    """Offers ``count`` times in a row. Raises InvalidInput at ``starts_at`` when that is over, or offered already."""
    if starts_at <= clock.now():
        raise InvalidInput({"starts_at": _("That moment is over.")})
    ends_at = starts_at + timedelta(minutes=minutes * count)
    others = session.scalars(
        sa.select(Slot).where(
            Slot.examiner_id == examiner.id,
            Slot.starts_at < ends_at,
            Slot.starts_at > starts_at - timedelta(hours=8),
        )
    )
    if any(slot.ends_at > starts_at for slot in others):
        raise InvalidInput({"starts_at": _("You offer a time then already.")})
    slots = [
        Slot(
            examiner_id=examiner.id,
            starts_at=starts_at + timedelta(minutes=minutes * place_in_row),
            minutes=minutes,
            place=place.strip(),
        )
        for place_in_row in range(count)
    ]
    session.add_all(slots)
    session.flush()
    return slots


def withdraw_slot(slot: Slot, *, by: User) -> None:
    """Takes a time back. Raises Refusal once somebody has booked it."""
    lock(slot)
    if session.scalar(sa.select(Submission.id).where(Submission.slot_id == slot.id)) is not None:
        raise Refusal(_("Somebody has booked this time."))
    session.delete(slot)


def book_slot(submission: Submission, slot: Slot, *, by: User) -> None:
    """Takes a time for the talk, or another one instead. The slot's row is the lock: who comes first has it."""
    lock(slot)
    lock(submission)
    if not submission.is_open:
        raise Refusal(_("This work has been assessed already."))
    if slot.starts_at <= clock.now():
        raise Refusal(_("That moment is over."))
    holder = session.scalar(sa.select(Submission.id).where(Submission.slot_id == slot.id))
    if holder == submission.id:
        return
    if holder is not None:
        raise Refusal(_("Somebody else has just taken this time. Choose another one."))
    if submission.verdict is not None and submission.verdict.examiner_id == slot.examiner_id:
        raise Refusal(_("The second look is another examiner's."))
    submission.slot = slot
    session.flush()
    announce(SlotBooked(submission, by))


def assess(submission: Submission, *, points: Mapping[str, int], feedback: str, by: User) -> Verdict:
    """Gives a verdict by the rubric. A passed one brings the certificate where the exam is passed as well.

    Nobody assesses their own work, and a second look is somebody else's. Raises InvalidInput at a line of the rubric
    or at ``feedback``.
    """
    lock(submission)
    if submission.user_id == by.id:
        raise Refusal(_("Nobody assesses their own work."))
    if submission.status is SubmissionStatus.APPEALED and any(
        verdict.examiner_id == by.id for verdict in submission.verdicts
    ):
        raise Refusal(_("The second look is another examiner's."))
    if not submission.is_open:
        raise Refusal(_("This work has been assessed already."))
    practical = submission.practical
    problems = {}
    lines = []
    for line in practical.rubric:
        given = points.get(str(line["key"]))
        if given is None or not 0 <= given <= int(line["points"]):
            problems[str(line["key"])] = _("Between 0 and %(most)s.", most=line["points"])
        else:
            lines.append({**line, "given": given})
    if len(feedback.strip()) < 10:
        problems["feedback"] = _("Say in a sentence or two what was good and what was missing.")
    if problems:
        raise InvalidInput(problems)
    passed = sum(int(line["given"]) for line in lines) >= practical.needed
    verdict = Verdict(
        submission_id=submission.id,
        examiner_id=by.id,
        given_at=clock.now(),
        lines=lines,
        needed=practical.needed,
        passed=passed,
        feedback=feedback.strip(),
    )
    session.add(verdict)
    session.flush()
    session.expire(submission, ["verdicts"])
    submission.decide(passed=passed)
    session.flush()
    announce(WorkAssessed(submission, by))
    if passed:
        _certify(submission)
    return verdict


def _certify(submission: Submission) -> None:
    """The exam may have been passed before the work: then the certificate has waited for it."""
    attempt = session.scalar(
        sa.select(Attempt)
        .where(
            Attempt.user_id == submission.user_id,
            Attempt.course_id == submission.practical.course_id,
            Attempt.status == AttemptStatus.PASSED,
        )
        .order_by(Attempt.id.desc())
        .limit(1)
    )
    if attempt is not None:
        certify_when_complete(attempt, on=clock.now())


def appeal(submission: Submission, *, why: str, by: User) -> None:
    """Asks for a second look by another examiner, once. Raises InvalidInput at ``why`` when it says nothing."""
    if len(why.strip()) < 10:
        raise InvalidInput({"why": _("Say what was overlooked.")})
    lock(submission).ask_again(why.strip())
    submission.slot = None
    session.flush()
    announce(WorkAppealed(submission, by))
