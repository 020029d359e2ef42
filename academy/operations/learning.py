"""What learners do: enrol, and read lessons."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta

import sqlalchemy as sa

from academy.models import CourseVersion, Enrolment, Lesson, LessonCompletion, VersionStatus
from academy.queries import enrolment_of
from academy.queries.courses import FIRST_COURSE_DAYS, enrolments_in, first_course
from academy.signals import LearnerEnrolled, LearnersEnrolled
from accounts.models import User
from accounts.permissions import MATRIX, Permission
from core import clock
from core.activity import Deed
from core.bulk import among, insert_rows, new_ids
from core.database import lock, session, write_once
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.settings import PROGRAMME_TIME_ZONE
from core.signals import announce, announce_together
from partners.models import Member


def enrol(
    version: CourseVersion, *, by: User | None, learner: User | None = None, wanted_by: date | None = None
) -> Enrolment:
    """Begins to learn a course, or lets ``learner`` begin. Twice is one enrolment, also from two tabs at once.

    A day that the firm wishes is kept also for who learns already. ``by`` is ``None`` when the programme enrols.
    """
    learner = learner or by
    if learner is None:
        raise TypeError("Somebody has to learn it.")
    if version.status is not VersionStatus.PUBLISHED or version.course.retired_at is not None:
        raise Refusal(_("“%(title)s” is not taught now.", title=version.title))
    known = enrolment_of(learner, version.course_id)
    if known is not None:
        known.wanted_by = wanted_by or known.wanted_by
        return known
    moment = clock.now()
    write_once(
        Enrolment,
        {
            "user_id": learner.id,
            "course_id": version.course_id,
            "enrolled_at": moment,
            "enrolled_by_id": by.id if by is not None and by is not learner else None,
            "wanted_by": wanted_by,
        },
        unique=["user_id", "course_id"],
    )
    enrolment = enrolment_of(learner, version.course_id)
    assert enrolment is not None
    if enrolment.enrolled_at == moment:
        announce(LearnerEnrolled(enrolment, by))
    return enrolment


def enrol_team(
    version: CourseVersion, people: Collection[User], *, wanted_by: date | None, by: User
) -> list[Enrolment]:
    """Enrols people of a firm, at its admin's wish; who learns the course already is left as they are.

    Raises InvalidInput at ``people`` when nobody is named, at ``wanted_by`` when that day is over.
    """
    if not people:
        raise InvalidInput({"people": _("Choose who shall learn.")})
    if wanted_by is not None and wanted_by < clock.now().date():
        raise InvalidInput({"wanted_by": _("That day is over.")})
    already = {
        row.user_id for row in session.scalars(enrolments_in(version.course_id, [one.id for one in people]))
    }
    rows = [enrol(version, by=by, learner=person, wanted_by=wanted_by) for person in people]
    return [row for row in rows if row.user_id not in already]


def enrol_newcomer(person: User) -> Enrolment | None:
    """Lets whoever joins a firm begin the programme's first course, if there is one and their role learns."""
    version = first_course()
    if version is None or not person.may(Permission.COURSES_LEARN) or enrolment_of(person, version.course_id):
        return None
    wanted_by = clock.today(PROGRAMME_TIME_ZONE.value()) + timedelta(days=FIRST_COURSE_DAYS)
    return enrol(version, by=None, learner=person, wanted_by=wanted_by)


def enrol_newcomers(members: Sequence[int]) -> None:
    """The same for many who just joined, by their memberships; none of them learns anything yet."""
    version = first_course()
    if version is None:
        return
    people = session.execute(
        sa.select(User.id, User.role)
        .join(Member, Member.user_id == User.id)
        .where(among(Member.id, members))
        .order_by(Member.id)
    )
    learners = [user.id for user in people if Permission.COURSES_LEARN in MATRIX.get(user.role, ())]
    ids = new_ids(Enrolment, len(learners))
    moment = clock.now()
    wanted_by = clock.today(PROGRAMME_TIME_ZONE.value()) + timedelta(days=FIRST_COURSE_DAYS)
    insert_rows(
        Enrolment,
        ("id", "user_id", "course_id", "enrolled_at", "wanted_by"),
        (
            (number, user_id, version.course_id, moment, wanted_by)
            for number, user_id in zip(ids, learners, strict=True)
        ),
    )
    announce_together(
        LearnersEnrolled(ids, None), [Deed(LearnerEnrolled.verb, "enrolment", number) for number in ids]
    )


def complete_lesson(version: CourseVersion, lesson: Lesson, *, by: User) -> None:
    """Marks a lesson as read and enrols whoever is not yet; reading it again changes nothing."""
    enrolment = lock(enrol(version, by=by))
    write_once(
        LessonCompletion,
        {"enrolment_id": enrolment.id, "lesson_key": lesson.key, "completed_at": clock.now()},
        unique=["enrolment_id", "lesson_key"],
    )
    session.flush()
