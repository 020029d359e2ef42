"""What learners do: enrol, and read lessons."""

from academy.models import CourseVersion, Enrolment, Lesson, LessonCompletion, VersionStatus
from academy.queries import enrolment_of
from academy.signals import LearnerEnrolled
from accounts.models import User
from core import clock
from core.database import lock, session, write_once
from core.errors import Refusal
from core.i18n import gettext as _
from core.signals import announce


def enrol(version: CourseVersion, *, by: User) -> Enrolment:
    """Begins to learn a course; enrolling twice is one enrolment, also from two tabs at once."""
    if version.status is not VersionStatus.PUBLISHED or version.course.retired_at is not None:
        raise Refusal(_("“%(title)s” is not taught now.", title=version.title))
    known = enrolment_of(by, version.course_id)
    if known is not None:
        return known
    moment = clock.now()
    write_once(
        Enrolment,
        {"user_id": by.id, "course_id": version.course_id, "enrolled_at": moment},
        unique=["user_id", "course_id"],
    )
    enrolment = enrolment_of(by, version.course_id)
    assert enrolment is not None
    if enrolment.enrolled_at == moment:
        announce(LearnerEnrolled(enrolment, by))
    return enrolment


def complete_lesson(version: CourseVersion, lesson: Lesson, *, by: User) -> None:
    """Marks a lesson as read and enrols whoever is not yet; reading it again changes nothing."""
    enrolment = lock(enrol(version, by=by))
    write_once(
        LessonCompletion,
        {"enrolment_id": enrolment.id, "lesson_key": lesson.key, "completed_at": clock.now()},
        unique=["enrolment_id", "lesson_key"],
    )
    session.flush()
