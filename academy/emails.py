"""What the academy writes to people."""

from academy.models import Certificate
from core import mail


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
