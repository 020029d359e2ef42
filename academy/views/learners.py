"""What learners and their admin see: the catalogue, a course, a lesson, the team."""

from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, render_template, url_for

from academy import operations, queries, settings
from academy.models import Certificate, CourseVersion, Lesson
from academy.queries.courses import with_lessons
from academy.views import academy
from accounts.access import public, requires, signed_in_user
from accounts.models import User
from accounts.permissions import Permission
from core.database import session
from core.i18n import gettext as _
from partners.models import Partner
from partners.queries import partner_of, partners_visible_to, products_by_code


@dataclass(frozen=True)
class Standing:
    """Where somebody stands with a course: what they read, where they go on, and whether they are certified."""

    version: CourseVersion
    read: set[str]
    is_enrolled: bool
    certificate: Certificate | None

    @property
    def lessons_read(self) -> int:
        return sum(lesson.key in self.read for lesson in self.version.lessons)

    @property
    def has_read_all(self) -> bool:
        return self.lessons_read == len(self.version.lessons)

    @property
    def next_lesson(self) -> Lesson | None:
        """Where to go on: the first unread lesson behind the last read one, else the first unread one."""
        lessons = self.version.lessons
        last = max((place for place, lesson in enumerate(lessons) if lesson.key in self.read), default=-1)
        unread = [lesson for lesson in [*lessons[last + 1 :], *lessons] if lesson.key not in self.read]
        return unread[0] if unread else None


def standings(person: User) -> list[Standing]:
    """Every live course as ``person`` stands with it; the same few queries for any number of courses."""
    versions = session.scalars(with_lessons(queries.live_versions())).unique().all()
    read = queries.completed_keys(person, [version.course_id for version in versions])
    enrolled = {enrolment.course_id for enrolment in session.scalars(queries.enrolments_of(person))}
    held = {row.course_id: row for row in session.scalars(queries.certificates_of(person)) if row.is_valid}
    return [
        Standing(
            version,
            read.get(version.course_id, set()),
            version.course_id in enrolled,
            held.get(version.course_id),
        )
        for version in versions
    ]


def what_next(rows: list[Standing]) -> Standing | None:
    """What to do first: a course begun and not yet certified, else the first one untouched."""
    open_ones = [row for row in rows if row.certificate is None]
    begun = [row for row in open_ones if row.is_enrolled]
    return next(iter(begun or open_ones), None)


def product_names(codes: list[str]) -> list[str]:
    """What products are called, for the codes a course qualifies for."""
    known = products_by_code()
    return [known[code].label if code in known else code for code in codes]


def live_or_404(code: str) -> CourseVersion:
    """The version that is taught."""
    return queries.live_version(code) or abort(404)


@academy.get("/courses")
@public
def catalogue() -> Any:
    """What there is to learn, for anybody who wonders."""
    versions = session.scalars(with_lessons(queries.live_versions())).unique().all()
    return render_template("academy/catalogue.html", versions=versions, product_names=product_names)


@academy.get("/academy")
@requires(Permission.COURSES_LEARN)
def courses() -> Any:
    """What to do next, and every course with how far one is."""
    rows = standings(signed_in_user())
    return render_template(
        "academy/courses.html", rows=rows, following=what_next(rows), product_names=product_names
    )


@academy.get("/academy/courses/<code>")
@requires(Permission.COURSES_LEARN)
def course(code: str) -> Any:
    """A course: its lessons, how far one is, its exam."""
    version = live_or_404(code)
    person = signed_in_user()
    standing = _standing(person, version)
    return render_template(
        "academy/course.html",
        version=version,
        standing=standing,
        state=queries.exam_state(person, version),
        rules=exam_rules(version),
        why_shut=operations.why_shut,
        opens=product_names(version.course.product_codes),
    )


def _standing(person: User, version: CourseVersion) -> Standing:
    return Standing(
        version,
        queries.completed_keys(person, [version.course_id]).get(version.course_id, set()),
        queries.enrolment_of(person, version.course_id) is not None,
        next((row for row in session.scalars(queries.certificates_of(person))
              if row.course_id == version.course_id and row.is_valid), None),
    )  # fmt: skip


def exam_rules(version: CourseVersion) -> dict[str, int]:
    """The figures of the rules, as they hold now."""
    return {
        "questions": version.exam.length,
        "minutes": version.exam.minutes,
        "pass_mark": settings.PASS_MARK.value(),
        "attempts": settings.ATTEMPTS.value(),
        "wait_hours": settings.WAIT_HOURS.value(),
        "months": settings.CERTIFICATE_MONTHS.value(),
    }


@academy.post("/academy/courses/<code>/enrolment")
@requires(Permission.COURSES_LEARN)
def enrolment(code: str) -> Any:
    """Begins a course and opens its first lesson."""
    version = live_or_404(code)
    operations.enrol(version, by=signed_in_user())
    following = _standing(signed_in_user(), version).next_lesson
    if following is None:
        return redirect(url_for("academy.course", code=code))
    return redirect(url_for("academy.lesson", code=code, lesson_id=following.id))


@academy.get("/academy/courses/<code>/lessons/<int:lesson_id>")
@requires(Permission.COURSES_LEARN)
def lesson(code: str, lesson_id: int) -> Any:
    """A lesson to read, with where it stands in the course."""
    version = live_or_404(code)
    lessons = version.lessons
    place = next((place for place, row in enumerate(lessons) if row.id == lesson_id), None)
    if place is None:
        abort(404)
    return render_template(
        "academy/lesson.html",
        version=version,
        lesson=lessons[place],
        place=place + 1,
        before=lessons[place - 1] if place else None,
        after=lessons[place + 1] if place + 1 < len(lessons) else None,
        standing=_standing(signed_in_user(), version),
    )


@academy.post("/academy/courses/<code>/lessons/<int:lesson_id>/completion")
@requires(Permission.COURSES_LEARN)
def lesson_completion(code: str, lesson_id: int) -> Any:
    """Read; on to where one goes on, or back to the course at its end."""
    version = live_or_404(code)
    row = next((row for row in version.lessons if row.id == lesson_id), None) or abort(404)
    operations.complete_lesson(version, row, by=signed_in_user())
    following = _standing(signed_in_user(), version).next_lesson
    if following is None:
        flash(_("You have read every lesson. The exam is next."), "good")
        return redirect(url_for("academy.course", code=code))
    return redirect(url_for("academy.lesson", code=code, lesson_id=following.id))


@academy.get("/academy/team")
@requires(Permission.TEAM_PROGRESS_READ)
def team() -> Any:
    """How far one's own people are, and what a certificate would open."""
    firm = partner_of(signed_in_user())
    if firm is None:
        abort(404)
    return _team_page(firm)


@academy.get("/staff/partners/<int:partner_id>/team")
@requires(Permission.TEAM_PROGRESS_READ)
def partner_team(partner_id: int) -> Any:
    """The same for a firm, for whoever looks after it."""

    firm = session.scalar(partners_visible_to(signed_in_user()).where(Partner.id == partner_id)) or abort(404)
    return _team_page(firm)


def _team_page(firm: Partner) -> Any:
    people = queries.team_progress(firm)
    certified = queries.certified_products_by_partner([firm.id]).get(firm.id, set())
    versions = [row.version for row in people[0].courses] if people else []
    openings = [
        (version, product_names([code for code in version.course.product_codes if code not in certified]))
        for version in versions
    ]
    return render_template(
        "academy/team.html", firm=firm, people=people, versions=versions,
        openings=[(version, names) for version, names in openings if names],
    )  # fmt: skip
