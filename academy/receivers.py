"""What the academy does by itself: it writes to holders, ends attempts whose time is up, and reminds of endings.

Adds the first certificate to the first steps of a new firm.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from academy import emails, operations, queries
from academy.models import Certificate
from academy.operations.certificates import REMINDERS, due_reminder
from academy.queries import measures
from academy.signals import (
    CertificateEndAnnounced,
    CertificateEnded,
    CertificateIssued,
    CertificateRevoked,
    LearnerEnrolled,
    SeatBooked,
    SlotBooked,
    WebinarCancelled,
    WebinarChanged,
    WorkAssessed,
)
from accounts.models import User
from core import clock
from core.database import lock, session
from core.i18n import lazy_gettext, ngettext
from core.jobs import recurring
from core.signals import receives
from partners.queries import onboarding
from partners.queries.measures import Measure, MeasureUnit, measures_by
from partners.queries.onboarding import Firms, Step
from partners.signals import MemberJoined, MembersJoined


def have_a_certificate(partner_ids: Firms) -> Iterable[int]:
    """The firms with an active member who holds a valid certificate."""
    return queries.certified_courses_by_partner(partner_ids)


def have_begun_to_learn(partner_ids: Firms) -> Iterable[int]:
    """The firms with an active member who has read a lesson of the first course; all of them while there is none."""
    return queries.firms_that_read_the_first_course(partner_ids)


onboarding.add_step(
    Step(
        "course",
        lazy_gettext("Begin the first course"),
        lazy_gettext("It tells how the programme works; whoever joins is enrolled."),
        queries.FIRST_COURSE_DAYS,
        "academy.first_course",
        have_begun_to_learn,
    )
)
onboarding.add_step(
    Step(
        "certificate",
        lazy_gettext("Earn the first certificate"),
        lazy_gettext("Leads that need one reach only certified firms."),
        30,
        "academy.courses",
        have_a_certificate,
    )
)


@receives(MemberJoined)
def enrol_who_joins_in_the_first_course(signal: MemberJoined) -> None:
    operations.enrol_newcomer(signal.subject.user)


@receives(MembersJoined)
def enrol_many_who_join_in_the_first_course(signal: MembersJoined) -> None:
    operations.enrol_newcomers(signal.subject)


@receives(CertificateIssued)
def send_the_certificate_to_its_holder(signal: CertificateIssued) -> None:
    emails.issued(signal.subject)


@receives(CertificateRevoked)
def tell_the_holder_that_it_was_taken_back(signal: CertificateRevoked) -> None:
    emails.revoked(signal.subject)


@receives(LearnerEnrolled)
def tell_whoever_was_enrolled(signal: LearnerEnrolled) -> None:
    enrolment, by = signal.subject, signal.by
    if enrolment.enrolled_by_id is not None and isinstance(by, User):
        version = queries.live_version(enrolment.course.code)
        if version is not None:
            emails.enrolled(enrolment, by, version.title_in(enrolment.user.locale))


@receives(WorkAssessed)
def tell_what_the_examiner_found(signal: WorkAssessed) -> None:
    emails.work_assessed(signal.subject)


@receives(SlotBooked)
def invite_both_to_the_talk(signal: SlotBooked) -> None:
    emails.slot_booked(signal.subject)


@receives(SeatBooked)
def send_the_invitation(signal: SeatBooked) -> None:
    emails.seat_booked(signal.subject)


@receives(WebinarChanged)
def send_new_invitations(signal: WebinarChanged) -> None:
    emails.webinar_changed(signal.subject)


@receives(WebinarCancelled)
def take_it_out_of_calendars(signal: WebinarCancelled) -> None:
    emails.webinar_cancelled(signal.subject)


@recurring("academy.end-overdue-attempts", every=timedelta(minutes=5))
def end_attempts_whose_time_is_up(_payload: dict[str, Any]) -> None:
    """Also when nobody looks: what was saved is marked."""
    for attempt in session.scalars(queries.overdue_attempts().limit(500)).all():
        operations.close_overdue(attempt)


@recurring("academy.remind-of-endings", at="07:10")
def remind_of_certificates_that_end(_payload: dict[str, Any]) -> None:
    """One mail a step; who was away for weeks gets the nearest one only."""
    for certificate in session.scalars(queries.expiring_soon(max(REMINDERS))).all():
        days = due_reminder(certificate)
        if days is not None:
            operations.note_reminder(lock(certificate), days)
            emails.expiring(certificate, days)


@receives(CertificateEndAnnounced)
def tell_the_holder_that_a_new_version_will_end_it(signal: CertificateEndAnnounced) -> None:
    emails.end_announced(signal.subject)


@receives(CertificateEnded)
def tell_the_holder_that_a_new_version_has_ended_it(signal: CertificateEnded) -> None:
    emails.ended(signal.subject)


@recurring("academy.end-certificates-of-earlier-versions", every=timedelta(minutes=15))
def end_certificates_of_earlier_versions(_payload: dict[str, Any]) -> None:
    """They count no more from the moment itself; this writes it down, for the signed list and for their holders."""
    for certificate in session.scalars(queries.ended_by_a_version().limit(500)).all():
        operations.write_down_end(lock(certificate))


@recurring("academy.announce-expiries", every=timedelta(hours=1))
def announce_certificates_that_have_ended(_payload: dict[str, Any]) -> None:
    """Each once, however late."""
    ended = session.scalars(
        sa.select(Certificate)
        .options(joinedload(Certificate.user))
        .where(
            Certificate.expires_at <= clock.now(),
            Certificate.revoked_at.is_(None),
            Certificate.superseded_at.is_(None),
            sa.or_(Certificate.reminded_days.is_(None), Certificate.reminded_days > 0),
        )
        .order_by(Certificate.id)
        .limit(500)
    )
    for certificate in ended.all():
        operations.announce_expiry(lock(certificate))


measures_by(
    Measure(
        "certified_people",
        lazy_gettext("Certified people"),
        MeasureUnit.COUNT,
        lazy_gettext("People of the firm who hold a valid certificate today."),
        5,
        facts=measures.certified_people,
        stands=True,
        endpoint="academy.team",
        courses=measures.courses_to_be_certified_in,
        more=lambda missing: ngettext(
            "%(num)s more certified person", "%(num)s more certified people", missing
        ),
    )
)
