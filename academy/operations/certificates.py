"""Certificates: issued on passing, taken back with a reason, reminded of before they end."""

import calendar
from datetime import datetime

from academy import badges, settings
from academy.models import Attempt, Band, Certificate
from academy.queries import standing_certificate
from academy.signals import CertificateExpired, CertificateIssued, CertificateRevoked
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


def issue_certificate(attempt: Attempt, *, is_distinction: bool) -> Certificate:
    """Certifies whoever passed ``attempt``. An earlier certificate of the same course is superseded."""
    holder, course = attempt.user, attempt.version.course
    earlier = standing_certificate(holder, course)
    if earlier is not None:
        lock(earlier).supersede()
        session.flush()
    moment = attempt.ended_at or clock.now()
    certificate = Certificate(
        serial=badges.new_serial(),
        user=holder,
        course=course,
        course_version=attempt.version,
        attempt=attempt,
        holder=holder.name,
        level=course.level,
        band=Band.DISTINCTION if is_distinction else Band.PASSED,
        issued_at=moment,
        expires_at=months_later(moment, settings.CERTIFICATE_MONTHS.value()),
    )
    session.add(certificate)
    session.flush()
    announce(CertificateIssued(certificate, holder))
    return certificate


def revoke_certificate(certificate: Certificate, *, reason: str, by: User) -> None:
    """Takes it back; routing knows at once. Raises InvalidInput at ``reason`` when none is given."""
    if not reason.strip():
        raise InvalidInput({"reason": _("Say why: the holder is told, and it stays on record.")})
    lock(certificate).revoke(reason.strip(), by_id=by.id)
    session.flush()
    announce(CertificateRevoked(certificate, by, reason=reason.strip()))


def due_reminder(certificate: Certificate) -> int | None:
    """The reminder that is due and has not gone out: the nearest of those whose day has come."""
    left = certificate.expires_at - clock.now()
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
