"""Certificates: issued on passing, taken back with a reason, reminded of before they end."""

import calendar
from datetime import datetime
from fractions import Fraction

import sqlalchemy as sa

from academy import badges, grading, settings
from academy.models import Attempt, Band, Certificate
from academy.operations.credentials import signing_key
from academy.queries import end_of_certificates_for, standing_certificate
from academy.queries.practicals import has_passed_practical
from academy.signals import (
    CertificateEndAnnounced,
    CertificateEnded,
    CertificateExpired,
    CertificateIssued,
    CertificateRevoked,
)
from accounts.models import User
from core import clock
from core.database import lock, session
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.signals import announce

#: How many days before the end somebody is reminded.
REMINDERS = (90, 60, 30, 7)


def months_later(moment: datetime, months: int) -> datetime:
    """The same day and time so many calendar months on; a day the month does not have becomes its last."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))


def issue_certificate(attempt: Attempt, *, is_distinction: bool, on: datetime) -> Certificate:
    """Certifies whoever passed ``attempt``, from ``on``. An earlier certificate of the same course is superseded.

    The first certificate of a programme brings the key that its credentials are signed with.
    """
    holder, course = attempt.user, attempt.version.course
    earlier = standing_certificate(holder, course)
    if earlier is not None:
        lock(earlier).supersede()
        session.flush()
    certificate = Certificate(
        serial=badges.new_serial(),
        user=holder,
        course=course,
        course_version=attempt.version,
        attempt=attempt,
        holder=holder.name,
        level=course.level,
        band=Band.DISTINCTION if is_distinction else Band.PASSED,
        issued_at=on,
        expires_at=months_later(on, settings.CERTIFICATE_MONTHS.value()),
    )
    end = end_of_certificates_for(attempt.version)
    if end is not None:
        certificate.end_early(end)
    session.add(certificate)
    session.flush()
    signing_key()
    announce(CertificateIssued(certificate, holder))
    return certificate


def certify_when_complete(attempt: Attempt, *, on: datetime) -> Certificate | None:
    """The certificate for a passed exam, once the course's practical is passed as well; whichever comes last brings it.

    An attempt is certified once. ``None`` while the practical is missing.
    """
    if not has_passed_practical(attempt.course_id, attempt.user_id):
        return None
    known = session.scalar(sa.select(Certificate).where(Certificate.attempt_id == attempt.id))
    if known is not None:
        return known
    score = Fraction(attempt.score or 0, grading.WHOLE)
    return issue_certificate(attempt, is_distinction=score >= grading.DISTINCTION, on=on)


def revoke_certificate(certificate: Certificate, *, reason: str, by: User) -> None:
    """Takes it back; routing knows at once. Raises InvalidInput at ``reason`` when none is given."""
    if not reason.strip():
        raise InvalidInput({"reason": _("Say why: the holder is told, and it stays on record.")})
    lock(certificate).revoke(reason.strip(), by_id=by.id)
    session.flush()
    announce(CertificateRevoked(certificate, by, reason=reason.strip()))


def due_reminder(certificate: Certificate) -> int | None:
    """The reminder that is due and has not gone out: the nearest of those whose day has come."""
    left = certificate.holds_until - clock.now()
    reached = [days for days in REMINDERS if left.total_seconds() <= days * 86_400]
    if not reached or not certificate.is_valid:
        return None
    nearest = min(reached)
    told = certificate.reminded_days
    return nearest if told is None or nearest < told else None


def note_reminder(certificate: Certificate, days: int) -> None:
    """The reminder of so many days has gone out."""
    certificate.reminded_days = days


def announce_expiry(certificate: Certificate) -> None:
    """Says once that a certificate has ended; ``reminded_days`` 0 remembers it."""
    certificate.reminded_days = 0
    announce(CertificateExpired(certificate, None))


def end_early(certificate: Certificate, moment: datetime, *, by: User | None) -> None:
    """A newer version of its course ends it at ``moment``, and its holder hears of it now.

    One that ends before anyway stays as it is.
    """
    if certificate.holds_until <= moment:
        return
    lock(certificate).end_early(moment)
    # The steps of the reminders count from the new end.
    certificate.reminded_days = None
    session.flush()
    announce(CertificateEndAnnounced(certificate, by))


def write_down_end(certificate: Certificate) -> None:
    """The day has come on which a newer version of the course ends it. Says so once."""
    if certificate.superseded_at is None:
        certificate.supersede()
        session.flush()
        announce(CertificateEnded(certificate, None))
