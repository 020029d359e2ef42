"""Webinars: to come and recorded, a seat for oneself, and what hosts do."""

from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for

from academy import emails, operations, queries
from academy.forms import AttendanceForm, RecordingForm, WebinarForm, moment_of
from academy.models import Seat, SeatStatus, Webinar
from academy.queries.webinars import people_who_host
from academy.views import academy
from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from core.database import session
from core.errors import InvalidInput
from core.i18n import current_zone, ngettext
from core.i18n import gettext as _
from core.pagination import paginate


def _webinar_or_404(webinar_id: int) -> Webinar:
    found: Webinar = session.scalar(
        queries.webinars_visible_to(signed_in_user()).where(Webinar.id == webinar_id)
    ) or abort(404)
    return found


@academy.get("/academy/webinars")
@requires(Permission.COURSES_LEARN)
def webinars() -> Any:
    """What is to come, in one's own time zone, and what can be watched."""
    person = signed_in_user()
    rows = session.scalars(queries.webinars_to_come(person).limit(100)).all()
    return render_template(
        "academy/webinars.html",
        rows=rows,
        taken=queries.taken_by_webinar([row.id for row in rows]),
        mine=queries.my_seats(person),
        page=paginate(queries.webinars_recorded(person)),
        zone=current_zone(),
    )


@academy.get("/academy/webinars/<int:webinar_id>")
@requires(Permission.COURSES_LEARN)
def webinar(webinar_id: int) -> Any:
    """A webinar: when it is for me and for its host, and my seat."""
    row = _webinar_or_404(webinar_id)
    person = signed_in_user()
    may_hold = person.may(Permission.WEBINARS_HOLD)
    return render_template(
        "academy/webinar.html",
        webinar=row,
        seat=queries.seat_of(row, person),
        taken=queries.taken_by_webinar([row.id]).get(row.id, 0),
        zone=current_zone(),
        host_zone=emails.zone_of(row.host),
        may_hold=may_hold,
        seats=session.scalars(queries.seats_of(row).limit(500)).all() if may_hold else [],
        attendance_form=AttendanceForm(formdata=None),
        recording_form=RecordingForm(formdata=None, data={"address": row.recording}),
        draft=queries.draft_version(row.course) if may_hold and row.course is not None else None,
    )


def _back(row: Webinar) -> Any:
    return redirect(url_for("academy.webinar", webinar_id=row.id))


@academy.post("/academy/webinars/<int:webinar_id>/seat")
@requires(Permission.COURSES_LEARN)
def webinar_seat(webinar_id: int) -> Any:
    """Takes a seat, or a place in the queue."""
    row = _webinar_or_404(webinar_id)
    seat = operations.take_seat(row, by=signed_in_user())
    if seat.status is SeatStatus.BOOKED:
        flash(_("You have a seat. The invitation for your calendar is on its way."), "good")
    else:
        flash(_("All seats are taken. You are in the queue and hear at once when one is free."), "wait")
    return _back(row)


@academy.post("/academy/webinars/<int:webinar_id>/seat/end")
@requires(Permission.COURSES_LEARN)
def webinar_seat_end(webinar_id: int) -> Any:
    """Gives the seat to whoever waits."""
    row = _webinar_or_404(webinar_id)
    operations.give_up_seat(row, by=signed_in_user())
    flash(_("Your seat is free for somebody else."), "good")
    return _back(row)


@academy.get("/academy/webinars/<int:webinar_id>/invitation.ics")
@requires(Permission.COURSES_LEARN)
def webinar_invitation(webinar_id: int) -> Any:
    """The invitation for one's calendar."""
    row = _webinar_or_404(webinar_id)
    seat = queries.seat_of(row, signed_in_user())
    if seat is None or seat.status is not SeatStatus.BOOKED:
        abort(404)
    answer = Response(emails.invitation(row, signed_in_user()), mimetype="text/calendar")
    answer.headers["Content-Disposition"] = 'attachment; filename="webinar.ics"'
    return answer


@academy.route("/staff/webinars/new", methods=["GET", "POST"])
@requires(Permission.WEBINARS_HOLD)
def new_webinar() -> Any:
    """Plans a webinar."""
    return _webinar_form(None)


@academy.route("/staff/webinars/<int:webinar_id>", methods=["GET", "POST"])
@requires(Permission.WEBINARS_HOLD)
def webinar_change(webinar_id: int) -> Any:
    """Another time, more seats, another text."""
    return _webinar_form(_webinar_or_404(webinar_id))


def _webinar_form(row: Webinar | None) -> Any:
    hosts = list(session.scalars(people_who_host()))
    courses = [course for course in session.scalars(queries.all_courses()) if course.retired_at is None]
    form = WebinarForm.of(row, hosts, courses)
    if form.was_sent_and_holds():
        by_code = {course.code: course for course in courses}
        try:
            saved = operations.save_webinar(
                row,
                title=form.title.data,
                description=form.description.data or "",
                locale=form.locale.data,
                host=next(host for host in hosts if str(host.id) == form.host.data),
                starts_at=moment_of(form),
                minutes=form.minutes.data,
                seats=form.seats.data,
                link=form.link.data or "",
                course=by_code.get(form.course.data),
                by=signed_in_user(),
            )
        except InvalidInput as problem:
            form.complain(InvalidInput({"day" if where == "starts_at" else where: sentence
                                        for where, sentence in problem.problems.items()}))  # fmt: skip
        else:
            flash(_("Saved. Whoever has a seat gets the new invitation.") if row else _("The webinar is planned."),
                  "good")  # fmt: skip
            return _back(saved)
    return render_template("academy/staff/webinar.html", form=form, webinar=row), form.status


@academy.post("/staff/webinars/<int:webinar_id>/cancellation")
@requires(Permission.WEBINARS_HOLD)
def webinar_cancellation(webinar_id: int) -> Any:
    """Takes it out of every calendar."""
    row = _webinar_or_404(webinar_id)
    operations.cancel_webinar(row, by=signed_in_user())
    flash(_("The webinar is cancelled. Everybody who had a seat is told."), "good")
    return _back(row)


@academy.post("/staff/webinars/<int:webinar_id>/check-in")
@requires(Permission.WEBINARS_HOLD)
def webinar_check_in(webinar_id: int) -> Any:
    """Notes that one person is there."""
    row = _webinar_or_404(webinar_id)
    seat: Seat = session.scalar(
        queries.seats_of(row).where(Seat.id == request.form.get("seat", type=int))
    ) or abort(404)
    operations.check_in([seat], by=signed_in_user())
    return _back(row)


@academy.post("/staff/webinars/<int:webinar_id>/attendance")
@requires(Permission.WEBINARS_HOLD)
def webinar_attendance(webinar_id: int) -> Any:
    """Notes who was there from a list."""
    row = _webinar_or_404(webinar_id)
    form = AttendanceForm()
    if not form.was_sent_and_holds():
        flash(_("Choose a file first."), "bad")
        return _back(row)
    upload = form.file.data
    content = upload.read(1_000_001)
    upload.close()
    found, unknown = operations.import_attendance(
        row, content.decode("utf-8-sig", "replace"), by=signed_in_user()
    )
    flash(ngettext("%(num)s person was there.", "%(num)s people were there.", found), "good")
    if unknown:
        flash(_("Nobody here has these mailboxes: %(list)s", list=", ".join(unknown[:20])), "wait")
    return _back(row)


@academy.post("/staff/webinars/<int:webinar_id>/recording")
@requires(Permission.WEBINARS_HOLD)
def webinar_recording(webinar_id: int) -> Any:
    """Where the recording stands; as a lesson, when wished."""
    row = _webinar_or_404(webinar_id)
    form = RecordingForm()
    if not form.was_sent_and_holds():
        flash(_("Write the whole address, beginning with https://."), "bad")
        return _back(row)
    draft = None
    if form.as_lesson.data and row.course is not None:
        draft = operations.begin_draft(row.course, by=signed_in_user())
    lesson = operations.keep_recording(row, form.address.data, draft, by=signed_in_user())
    flash(
        _("The recording is a lesson of the draft now.") if lesson else _("The recording is there."), "good"
    )
    return _back(row)
