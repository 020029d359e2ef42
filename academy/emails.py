"""What the academy writes to people."""

from academy.invitations import Invitation, invitation_file
from academy.models import Certificate, Enrolment, Seat, SeatStatus, Submission, Webinar
from academy.queries import seats_of
from accounts.models import User
from core import clock, mail, storage
from core.database import session
from core.i18n import format_moment
from core.i18n import lazy_gettext as _l
from core.letters import kind
from core.settings import PROGRAMME_TIME_ZONE, SENDER_ADDRESS, VENDOR_NAME

kind("academy", _l("Courses and certificates"), "academy/emails/")


def issued(certificate: Certificate) -> None:
    """The certificate, by its page and its PDF."""
    mail.send(
        "academy/emails/issued",
        to=certificate.user.email,
        locale=certificate.user.locale,
        key=f"certificate-{certificate.id}-issued",
        certificate=certificate,
        course=certificate.course_version.title_in(certificate.user.locale),
        url=mail.absolute_url(f"/certificates/{certificate.serial}"),
        pdf_url=mail.absolute_url(f"/academy/certificates/{certificate.serial}/pdf"),
    )


def revoked(certificate: Certificate) -> None:
    """That it was taken back, and why."""
    mail.send(
        "academy/emails/revoked",
        to=certificate.user.email,
        locale=certificate.user.locale,
        key=f"certificate-{certificate.id}-revoked",
        certificate=certificate,
        course=certificate.course_version.title_in(certificate.user.locale),
        url=mail.absolute_url(f"/academy/courses/{certificate.course.code}"),
    )


def expiring(certificate: Certificate, days: int) -> None:
    """That it ends, and where it is renewed; once a step of 90, 60, 30 and 7 days."""
    mail.send(
        "academy/emails/expiring",
        to=certificate.user.email,
        locale=certificate.user.locale,
        key=f"certificate-{certificate.id}-expiring-{days}",
        certificate=certificate,
        course=certificate.course_version.title_in(certificate.user.locale),
        url=mail.absolute_url(f"/academy/courses/{certificate.course.code}"),
    )


def _about_end(name: str, certificate: Certificate) -> None:
    assert certificate.ends_at is not None
    person = certificate.user
    mail.send(
        f"academy/emails/{name}",
        to=person.email,
        locale=person.locale,
        key=f"certificate-{certificate.id}-{name}-{certificate.ends_at.date()}",
        certificate=certificate,
        course=certificate.course_version.title_in(person.locale),
        url=mail.absolute_url(f"/academy/courses/{certificate.course.code}"),
    )


def end_announced(certificate: Certificate) -> None:
    """That a newer version of the course ends it on a day, and that the exam may be taken again at once."""
    _about_end("end_announced", certificate)


def ended(certificate: Certificate) -> None:
    """That the day has come."""
    _about_end("ended", certificate)


def enrolled(enrolment: Enrolment, by: User, course: str) -> None:
    """That the firm's admin wishes somebody to learn a course."""
    person = enrolment.user
    mail.send(
        "academy/emails/enrolled",
        to=person.email,
        locale=person.locale,
        key=f"enrolment-{enrolment.id}",
        person=person,
        by=by,
        course=course,
        wanted_by=enrolment.wanted_by,
        url=mail.absolute_url(f"/academy/courses/{enrolment.course.code}"),
    )


def zone_of(person: User) -> str:
    """The time zone somebody lives in, as far as they said."""
    return person.time_zone or PROGRAMME_TIME_ZONE.value()


def invitation(webinar: Webinar, person: User) -> bytes:
    """A webinar for one person's calendar; the same UID for every change."""
    host = mail.absolute_url("").split("://")[-1].split(":")[0]
    return invitation_file(
        Invitation(
            uid=f"webinar-{webinar.id}@{host}",
            title=webinar.title,
            description=webinar.description,
            starts_at=webinar.starts_at,
            ends_at=webinar.ends_at,
            zone=zone_of(person),
            place=webinar.link,
            url=mail.absolute_url(f"/academy/webinars/{webinar.id}"),
            organiser=VENDOR_NAME.value(),
            mailbox=SENDER_ADDRESS.value(),
            attendee=person.email,
            changed_at=webinar.changed_at,
            sequence=webinar.sequence,
            is_cancelled=webinar.cancelled_at is not None,
        )
    )


def _about_webinar(name: str, seat: Seat) -> None:
    webinar, person = seat.webinar, seat.user
    key = storage.keep(invitation(webinar, person), folder="calendars")
    zone = zone_of(person)
    mail.send(
        f"academy/emails/{name}",
        to=person.email,
        locale=person.locale,
        attachments=[(key, "webinar.ics", "text/calendar")],
        key=f"{name}-{seat.id}-{webinar.sequence}-{int(seat.since.timestamp())}",
        person=person,
        webinar=webinar,
        when=format_moment(webinar.starts_at, zone=zone),
        zone=zone,
        url=mail.absolute_url(f"/academy/webinars/{webinar.id}"),
    )


def seat_booked(seat: Seat) -> None:
    """A seat, with the invitation for the calendar."""
    _about_webinar("webinar_seat", seat)


def webinar_changed(webinar: Webinar) -> None:
    """The new invitation, to everybody who has a seat."""
    for seat in session.scalars(seats_of(webinar).where(Seat.status == SeatStatus.BOOKED)):
        _about_webinar("webinar_changed", seat)


def webinar_cancelled(webinar: Webinar) -> None:
    """Out of every calendar: to who had a seat or waited for one."""
    for seat in session.scalars(seats_of(webinar).where(Seat.status != SeatStatus.GIVEN_UP)):
        _about_webinar("webinar_cancelled", seat)


def work_assessed(submission: Submission) -> None:
    """The verdict, with what was said."""
    verdict = submission.verdict
    assert verdict is not None
    course = submission.practical.course
    mail.send(
        "academy/emails/work_assessed",
        to=submission.user.email,
        locale=submission.user.locale,
        key=f"verdict-{verdict.id}",
        person=submission.user,
        verdict=verdict,
        course=course.versions[0].title_in(submission.user.locale),
        url=mail.absolute_url(f"/academy/courses/{course.code}/practical"),
    )


def slot_booked(submission: Submission) -> None:
    """The time of a talk, to both, each in their own time zone and with an invitation."""
    slot = submission.slot
    assert slot is not None
    course = submission.practical.course
    host = mail.absolute_url("").split("://")[-1].split(":")[0]
    for person, other in ((submission.user, slot.examiner), (slot.examiner, submission.user)):
        title = course.versions[0].title_in(person.locale)
        calendar = invitation_file(
            Invitation(
                uid=f"talk-{submission.id}@{host}",
                title=title,
                description=other.name,
                starts_at=slot.starts_at,
                ends_at=slot.ends_at,
                zone=zone_of(person),
                place=slot.place,
                url=mail.absolute_url("/academy/courses/" + course.code + "/practical"),
                organiser=VENDOR_NAME.value(),
                mailbox=SENDER_ADDRESS.value(),
                attendee=person.email,
                changed_at=clock.now(),
                sequence=slot.id,
            )
        )
        mail.send(
            "academy/emails/slot_booked",
            to=person.email,
            locale=person.locale,
            attachments=[(storage.keep(calendar, folder="calendars"), "talk.ics", "text/calendar")],
            key=f"talk-{submission.id}-{slot.id}-{person.id}",
            person=person,
            other=other,
            course=title,
            when=format_moment(slot.starts_at, zone=zone_of(person)),
            zone=zone_of(person),
            place=slot.place,
        )
