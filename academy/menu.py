"""What the academy adds to the menu, and what of it waits for people."""

from collections.abc import Iterable
from datetime import timedelta

from flask import url_for

from academy import queries, settings
from academy.models import Attempt, Certificate, Webinar
from accounts.models import User
from accounts.permissions import Permission
from core import clock, navigation
from core.database import session
from core.i18n import gettext as _
from core.i18n import lazy_gettext
from core.navigation import Entry
from core.waiting import Waiting, waits


def init_app() -> None:
    for entry in (
        Entry(
            lazy_gettext("Academy"), "academy.courses", "mortarboard", Permission.COURSES_LEARN,
            group="growth", order=50, on_phone=True, audience="partner",
        ),
        Entry(
            lazy_gettext("Academy"), "academy.courses", "mortarboard", Permission.COURSES_LEARN,
            group="growth", order=50, on_phone=True, audience="staff",
        ),
        Entry(
            lazy_gettext("Courses"), "academy.authored_courses", "journal-text", Permission.COURSES_WRITE,
            group="programme", order=40, on_phone=True, audience="staff", also=("/staff/paths",),
        ),
        Entry(
            lazy_gettext("Assessments"), "academy.works", "clipboard-check", Permission.WORK_ASSESS,
            group="programme", order=42, on_phone=True, audience="staff", also=("/staff/slots",),
        ),
        Entry(
            lazy_gettext("Certificates"), "academy.all_certificates", "patch-check", Permission.STAFF_PAGES,
            group="programme", order=41, audience="staff",
        ),
    ):  # fmt: skip
        navigation.add(entry)


def _learns(person: User) -> bool:
    return not person.is_machine and person.may(Permission.COURSES_LEARN)


@waits
def exams_that_wait(person: User) -> Iterable[Waiting]:
    """An attempt under way, and a retake whose door has opened."""
    if not _learns(person):
        return
    wait = timedelta(hours=settings.WAIT_HOURS.value())
    for attempt in queries.last_attempts_of(person).values():
        course = url_for("academy.course", code=attempt.version.course.code)
        if attempt.is_open and not attempt.is_overdue:
            yield Waiting(
                _("Exam under way: %(course)s", course=attempt.version.title),
                _("Your answers are kept; the clock runs on."),
                url_for("academy.attempt", attempt_id=attempt.id),
                _("Go on"),
                "stopwatch",
                attempt.due_at,
            )
        elif _may_be_retaken(attempt, wait):
            yield Waiting(
                _("Retake open: %(course)s", course=attempt.version.title),
                _("Last time: %(topics)s.", topics=", ".join(attempt.weak_topics)),
                course,
                _("Look at the course"),
                "mortarboard",
            )


def _may_be_retaken(attempt: Attempt, wait: timedelta) -> bool:
    if attempt.ended_at is None or attempt.has_passed or attempt.version.status != "published":
        return False
    opened = attempt.ended_at + wait
    return opened <= clock.now() < opened + timedelta(days=30)


@waits
def certificates_that_end(person: User) -> Iterable[Waiting]:
    """A certificate of one's own that can be renewed."""
    if not _learns(person):
        return
    rows = queries.expiring_soon(settings.RENEWAL_DAYS.value()).limit(20)
    for certificate in session.scalars(rows.where(Certificate.user_id == person.id)):
        yield Waiting(
            _("Renew: %(course)s", course=certificate.course_version.title),
            _("Your certificate ends; passing the exam again renews it."),
            url_for("academy.course", code=certificate.course.code),
            _("Look at the course"),
            "patch-check",
            certificate.holds_until,
        )


@waits
def works_that_wait(person: User) -> Iterable[Waiting]:
    """For examiners: what nobody has assessed yet, one line for all of it."""
    if person.is_machine or not person.may(Permission.WORK_ASSESS):
        return
    oldest = session.scalars(queries.submissions_waiting().limit(1)).first()
    if oldest is not None:
        yield Waiting(
            _("Practical works wait for a verdict"),
            _("The oldest is %(name)s's.", name=oldest.user.name),
            url_for("academy.works"),
            _("Assess"),
            "clipboard-check",
            oldest.slot.starts_at if oldest.slot is not None else None,
        )


@waits
def webinars_of_mine(person: User) -> Iterable[Waiting]:
    """A webinar with a seat of one's own that begins within a day."""
    if not _learns(person):
        return
    rows = queries.webinars_to_come(person).where(
        Webinar.starts_at < clock.now() + timedelta(days=1), Webinar.id.in_(queries.booked_by(person))
    )
    for webinar in session.scalars(rows.limit(5)):
        yield Waiting(
            _("Webinar: %(title)s", title=webinar.title),
            _("You have a seat."),
            url_for("academy.webinar", webinar_id=webinar.id),
            _("Open"),
            "camera-video",
            webinar.starts_at,
        )
