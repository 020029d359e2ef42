"""What the academy holds about people: what they learned, tried, handed in and proved."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from academy.models import Attempt, Certificate, Course, Enrolment, Seat, Submission, Webinar
from core import storage
from core.database import session
from core.i18n import lazy_gettext as _l
from core.personal_data import Holding, Person, holds


def _courses(person: Person) -> sa.Select[*tuple[Any, ...]] | None:
    if person.user_id is None:
        return None
    return (
        sa.select(Course.code.label("course"), Enrolment.enrolled_at, Enrolment.wanted_by)
        .join(Course, Course.id == Enrolment.course_id)
        .where(Enrolment.user_id == person.user_id)
    )


def _attempts(person: Person) -> sa.Select[*tuple[Any, ...]] | None:
    if person.user_id is None:
        return None
    return (
        sa.select(Course.code.label("course"), Attempt.started_at, Attempt.status, Attempt.score)
        .join(Course, Course.id == Attempt.course_id)
        .where(Attempt.user_id == person.user_id)
        .order_by(Attempt.id)
    )


def _certificates(person: Person) -> sa.Select[*tuple[Any, ...]] | None:
    if person.user_id is None:
        return None
    return sa.select(
        Certificate.serial, Certificate.holder, Certificate.level, Certificate.issued_at, Certificate.expires_at,
        Certificate.revoked_at,
    ).where(Certificate.user_id == person.user_id)  # fmt: skip


def _erase_certificates(person: Person) -> int:
    """The name on them goes: the database allows that of an erased person's certificates only."""
    done: Any = session.execute(
        sa.update(Certificate)
        .where(Certificate.user_id == person.user_id)
        .values(holder=f"#{person.user_id}")
        .execution_options(synchronize_session=False)
    )
    session.expire_all()
    return int(done.rowcount)


def _works(person: Person) -> sa.Select[*tuple[Any, ...]] | None:
    if person.user_id is None:
        return None
    return (
        sa.select(
            Submission.submitted_at, Submission.status, Submission.text, Submission.link, Submission.file_name,
            Submission.appeal,
        )
        .where(Submission.user_id == person.user_id)
        .order_by(Submission.id)
    )  # fmt: skip


def _work_files(person: Person) -> Iterator[tuple[str, str]]:
    rows = session.execute(
        sa.select(Submission.file_name, Submission.storage_key).where(
            Submission.user_id == person.user_id, Submission.storage_key.is_not(None)
        )
    )
    yield from ((name or "work", key) for name, key in rows.all() if key is not None)


def _erase_works(person: Person) -> int:
    works = list(session.scalars(sa.select(Submission).where(Submission.user_id == person.user_id)))
    for work in works:
        if work.storage_key is not None:
            storage.forget(work.storage_key)
        work.text = work.link = work.file_name = work.file_type = work.appeal = ""
        work.storage_key = None
    session.flush()
    return len(works)


def _webinars(person: Person) -> sa.Select[*tuple[Any, ...]] | None:
    if person.user_id is None:
        return None
    return (
        sa.select(Webinar.title, Webinar.starts_at, Seat.status, Seat.attended_at)
        .join(Webinar, Webinar.id == Seat.webinar_id)
        .where(Seat.user_id == person.user_id)
    )


holds(
    Holding("courses", _l("Courses"), _courses, kept=_l("What was learned stays by number, without a name.")),
    Holding(
        "exam_attempts", _l("Exam attempts"), _attempts,
        kept=_l("Results stay by number, for what certificates were worth and how questions did."),
    ),
    Holding(
        "certificates", _l("Certificates"), _certificates, _erase_certificates,
        kept=_l("The certificate's number stays, so that it can be looked up; the name on it goes."),
    ),
    Holding(
        "practical_works", _l("Practical works"), _works, _erase_works, files=_work_files,
        kept=_l("The verdict stays; what was handed in goes."),
    ),
    Holding("webinars", _l("Webinars"), _webinars, kept=_l("Who was there stays by number, without a name.")),
)  # fmt: skip
