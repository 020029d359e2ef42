"""What learners and their admin see: the catalogue, a course, a lesson, the team."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import abort, flash, redirect, render_template, url_for

from academy import operations, queries, settings
from academy.forms import EnrolmentForm
from academy.models import Certificate, CourseVersion, Lesson, Webinar
from academy.queries.courses import with_lessons
from academy.queries.tier_needs import what_tiers_need
from academy.views import academy
from academy.views.texts import as_html
from accounts.access import public, requires, signed_in_user
from accounts.models import User
from accounts.permissions import Permission
from core.database import session
from core.errors import InvalidInput
from core.forms import choices
from core.i18n import gettext as _
from core.i18n import ngettext
from partners.models import Partner
from partners.queries import partner_of, partners_visible_to, products_by_code
from partners.queries.measures import programme_today

#: An end nearer than this is said on the team's page.
SOON = timedelta(days=120)


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
    return render_template(
        "academy/catalogue.html",
        versions=versions,
        product_names=product_names,
        paths=session.scalars(queries.learning_paths()).all(),
        titles={version.course_id: version.title for version in versions},
    )


@academy.get("/academy")
@requires(Permission.COURSES_LEARN)
def courses() -> Any:
    """What to do next, and every course with how far one is."""
    rows = standings(signed_in_user())
    enrolments = {row.course_id: row for row in session.scalars(queries.enrolments_of(signed_in_user()))}
    return render_template(
        "academy/courses.html",
        rows=rows,
        following=what_next(rows),
        product_names=product_names,
        paths=session.scalars(queries.learning_paths()).all(),
        wanted_by={course_id: row.wanted_by for course_id, row in enrolments.items()},
    )


@academy.get("/academy/first-course")
@requires(Permission.COURSES_LEARN)
def first_course() -> Any:
    """To the course that everybody who joins learns first."""
    version = queries.first_course()
    if version is None:
        return redirect(url_for("academy.courses"))
    return redirect(url_for("academy.course", code=version.course.code))


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
        practical=queries.practical_of(version.course_id),
        has_passed_practical=queries.has_passed_practical(version.course_id, person.id),
        webinars=session.scalars(
            queries.webinars_to_come(person).where(Webinar.course_id == version.course_id).limit(3)
        ).all(),
        recordings=session.scalars(
            queries.webinars_recorded(person).where(Webinar.course_id == version.course_id).limit(3)
        ).all(),
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
        body=as_html(lessons[place].edition["text"], version.course_id),
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


def _team_page(firm: Partner, form: EnrolmentForm | None = None) -> Any:
    people = queries.team_progress(firm)
    certified = queries.certified_products_by_partner([firm.id]).get(firm.id, set())
    versions = [row.version for row in people[0].courses] if people else []
    openings = [
        (version, product_names([code for code in version.course.product_codes if code not in certified]))
        for version in versions
    ]
    if form is None and signed_in_user().may(Permission.TEAM_ENROL) and not signed_in_user().is_staff:
        form = _enrolment_form(people, versions, EnrolmentForm(formdata=None))
    page = render_template(
        "academy/team.html", firm=firm, people=people, versions=versions, form=form,
        needs=what_tiers_need(firm), horizon=programme_today() + SOON,
        openings=[(version, names) for version, names in openings if names],
    )  # fmt: skip
    return page, form.status if form is not None else 200


def _enrolment_form(
    people: list[queries.TeamMember], versions: list[CourseVersion], form: EnrolmentForm
) -> EnrolmentForm:
    form.course.choices = choices([(version.course.code, version.title) for version in versions])
    form.people.choices = choices([(str(person.user.id), person.user.name) for person in people])
    return form


@academy.post("/academy/team")
@requires(Permission.TEAM_ENROL)
def team_enrolment() -> Any:
    """Enrols people of one's own firm; they are told by mail."""
    firm = partner_of(signed_in_user())
    if firm is None:
        abort(404)
    people = queries.team_progress(firm)
    versions = [row.version for row in people[0].courses] if people else []
    form = _enrolment_form(people, versions, EnrolmentForm())
    if form.was_sent_and_holds():
        version = live_or_404(form.course.data)
        chosen = [person.user for person in people if str(person.user.id) in set(form.people.data)]
        try:
            rows = operations.enrol_team(version, chosen, wanted_by=form.wanted_by.data, by=signed_in_user())
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(
                ngettext("%(num)s person is enrolled.", "%(num)s people are enrolled.", len(rows))
                if rows
                else _("They all learn it already."),
                "good",
            )
            return redirect(url_for("academy.team"))
    return _team_page(firm, form)
