"""Practical works: for their authors, for examiners, and the task as course authors write it."""

from typing import Any

from flask import abort, flash, redirect, render_template, url_for

from academy import emails, operations, queries
from academy.forms import (
    AppealForm,
    PracticalForm,
    SlotForm,
    VerdictForm,
    WorkForm,
    gathered,
    moment_of,
)
from academy.models import Practical, Slot, Submission, Verdict
from academy.views import academy
from academy.views.authors import course_or_404
from academy.views.learners import live_or_404
from academy.views.texts import as_html
from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from core import uploads
from core.database import session
from core.errors import InvalidInput
from core.i18n import current_zone, ngettext
from core.i18n import gettext as _
from core.pagination import paginate


def _file_of(form: WorkForm) -> tuple[bytes, str] | None:
    upload = form.file.data
    if not upload or not upload.filename:
        return None
    content = upload.read(uploads.MOST_BYTES + 1)
    upload.close()
    return content, upload.filename


def _practical_or_404(course_id: int) -> Practical:
    return queries.practical_of(course_id) or abort(404)


@academy.route("/academy/courses/<code>/practical", methods=["GET", "POST"])
@requires(Permission.COURSES_LEARN)
def practical(code: str) -> Any:
    """The task, what I handed in, the talk, the verdict."""
    version = live_or_404(code)
    task = _practical_or_404(version.course_id)
    person = signed_in_user()
    form = WorkForm()
    if form.was_sent_and_holds():
        try:
            operations.submit_work(
                task, text=form.text.data or "", link=form.link.data or "", file=_file_of(form), by=person
            )
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("Your work is in. Choose a time for the talk with an examiner."), "good")
            return redirect(url_for("academy.practical", code=code))
    return _practical_page(version, task, form)


def _practical_page(version: Any, task: Practical, form: WorkForm) -> Any:
    work = queries.submission_of(task, signed_in_user())
    slots = session.scalars(queries.free_slots().limit(60)).all() if work is not None and work.is_open else []
    if work is not None and work.verdict is not None:
        slots = [slot for slot in slots if slot.examiner_id != work.verdict.examiner_id]
    page = render_template(
        "academy/practical.html",
        version=version,
        practical=task,
        body=as_html(task.edition["task"], version.course_id),
        work=work,
        slots=slots,
        form=form,
        appeal_form=AppealForm(formdata=None),
        zone=current_zone(),
        zone_of=emails.zone_of,
        name_of=Verdict.name_of,
    )
    return page, form.status


def _mine_or_404(code: str) -> Submission:
    task = _practical_or_404(live_or_404(code).course_id)
    return queries.submission_of(task, signed_in_user()) or abort(404)


@academy.post("/academy/courses/<code>/practical/slots/<int:slot_id>")
@requires(Permission.COURSES_LEARN)
def practical_slot(code: str, slot_id: int) -> Any:
    """Takes a time for the talk."""
    work = _mine_or_404(code)
    slot: Slot = session.scalar(queries.free_slots().where(Slot.id == slot_id)) or abort(404)
    operations.book_slot(work, slot, by=signed_in_user())
    flash(_("The talk is booked. Both of you get an invitation."), "good")
    return redirect(url_for("academy.practical", code=code))


@academy.post("/academy/courses/<code>/practical/appeal")
@requires(Permission.COURSES_LEARN)
def practical_appeal(code: str) -> Any:
    """Asks for a second look by another examiner."""
    work = _mine_or_404(code)
    form = AppealForm()
    if form.was_sent_and_holds():
        try:
            operations.appeal(work, why=form.why.data, by=signed_in_user())
            flash(_("Another examiner takes a second look. Choose a time for the talk."), "good")
        except InvalidInput as problem:
            flash(next(iter(problem.problems.values())), "bad")
    else:
        flash(_("Say what was overlooked."), "bad")
    return redirect(url_for("academy.practical", code=code))


@academy.get("/academy/works/<int:submission_id>/file")
@requires(Permission.COURSES_LEARN)
def work_file(submission_id: int) -> Any:
    """The file of a work: for its author and for examiners."""
    work: Submission = session.scalar(
        queries.submissions_visible_to(signed_in_user()).where(Submission.id == submission_id)
    ) or abort(404)
    if work.storage_key is None:
        abort(404)
    return uploads.download(work.storage_key, name=work.file_name, content_type=work.file_type)


@academy.get("/staff/works")
@requires(Permission.WORK_ASSESS)
def works() -> Any:
    """What waits for a verdict, the oldest first, and my times."""
    person = signed_in_user()
    return render_template(
        "academy/staff/works.html",
        page=paginate(queries.submissions_waiting()),
        slots=session.scalars(queries.slots_of(person).limit(50)).all(),
        works={work.slot_id: work for work in session.scalars(queries.bookings_with(person))},
        form=SlotForm(formdata=None),
        zone=current_zone(),
        zone_of=emails.zone_of,
    )


@academy.route("/staff/slots/new", methods=["GET", "POST"])
@requires(Permission.WORK_ASSESS)
def new_slots() -> Any:
    """Offers times for talks."""
    form = SlotForm()
    form.day.description = _("In your time zone, %(zone)s.", zone=current_zone())
    if form.was_sent_and_holds():
        try:
            rows = operations.offer_slots(
                signed_in_user(),
                starts_at=moment_of(form),
                minutes=form.minutes.data,
                count=form.count.data,
                place=form.place.data or "",
                by=signed_in_user(),
            )
        except InvalidInput as problem:
            form.complain(InvalidInput({"day": next(iter(problem.problems.values()))}))
        else:
            flash(ngettext("%(num)s time is offered.", "%(num)s times are offered.", len(rows)), "good")
            return redirect(url_for("academy.works"))
    return render_template("academy/staff/slots.html", form=form), form.status


@academy.post("/staff/slots/<int:slot_id>/removal")
@requires(Permission.WORK_ASSESS)
def slot_removal(slot_id: int) -> Any:
    """Takes one of my times back."""
    slot: Slot = session.scalar(queries.slots_of(signed_in_user()).where(Slot.id == slot_id)) or abort(404)
    operations.withdraw_slot(slot, by=signed_in_user())
    flash(_("The time is no longer offered."), "good")
    return redirect(url_for("academy.works"))


@academy.route("/staff/works/<int:submission_id>", methods=["GET", "POST"])
@requires(Permission.WORK_ASSESS)
def work(submission_id: int) -> Any:
    """One work, to assess by the rubric."""
    row: Submission = session.scalar(
        queries.submissions_visible_to(signed_in_user()).where(Submission.id == submission_id)
    ) or abort(404)
    form = VerdictForm.of(row.practical, Verdict.name_of)
    if form.was_sent_and_holds():
        try:
            verdict = operations.assess(
                row, points=form.points(row.practical), feedback=form.feedback.data, by=signed_in_user()
            )
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("Passed. The author is told.") if verdict.passed else _("Not passed. The author is told."),
                  "good")  # fmt: skip
            return redirect(url_for("academy.works"))
    page = render_template(
        "academy/staff/work.html",
        work=row,
        form=form,
        task=as_html(row.practical.edition["task"], row.practical.course_id),
        zone_of=emails.zone_of,
        name_of=Verdict.name_of,
        person=signed_in_user(),
    )
    return page, form.status


@academy.route("/staff/courses/<code>/practical", methods=["GET", "POST"])
@requires(Permission.COURSES_WRITE)
def practical_task(code: str) -> Any:
    """The task of a course and its rubric."""
    course = course_or_404(code)
    known = queries.practical_of(course.id)
    form = PracticalForm.of(known)
    if form.was_sent_and_holds():
        try:
            operations.save_practical(
                course,
                known,
                texts=gathered(form, ("task",)),
                rubric=form.rubric(),
                needed=form.needed.data,
                minutes=form.minutes.data,
                required=form.required.data,
                by=signed_in_user(),
            )
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("Saved."), "good")
            return redirect(url_for("academy.authored_course", code=code))
    return render_template("academy/staff/practical.html", form=form, course=course), form.status
