"""What the academy does by itself: it writes to holders, ends attempts whose time is up, and reminds of endings.

Adds the first certificate to the first steps of a new firm.
"""

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from academy import emails, operations, queries
from academy.models import Certificate
from academy.operations.certificates import REMINDERS, due_reminder
from academy.signals import CertificateIssued, CertificateRevoked
from core import clock
from core.database import lock, session
from core.i18n import lazy_gettext
from core.jobs import recurring
from core.signals import receives
from partners.queries import onboarding
from partners.queries.onboarding import Step


def have_a_certificate(partner_ids: Collection[int]) -> Iterable[int]:
    """The firms with an active member who holds a valid certificate."""
    return queries.certified_courses_by_partner(partner_ids)


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


@receives(CertificateIssued)
def send_the_certificate_to_its_holder(signal: CertificateIssued) -> None:
    emails.issued(signal.subject)


@receives(CertificateRevoked)
def tell_the_holder_that_it_was_taken_back(signal: CertificateRevoked) -> None:
    emails.revoked(signal.subject)


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
