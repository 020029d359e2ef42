"""What other systems are told of certificates."""

from typing import Any

from academy.models import Certificate
from academy.signals import CertificateEnded, CertificateExpired, CertificateIssued, CertificateRevoked
from core.i18n import lazy_gettext as _l
from core.webhooks import publishes


def _certificate(signal: Any) -> dict[str, Any]:
    row: Certificate = signal.subject
    return {
        "serial": row.serial,
        "user_id": str(row.user_id),
        "course": row.course.code,
        "status": str(row.status),
        "expires_at": row.holds_until.isoformat(),
    }


publishes("certificate.issued", _l("Somebody was certified"), CertificateIssued, data=_certificate)
publishes(
    "certificate.expired",
    _l("A certificate expired"),
    CertificateExpired,
    CertificateEnded,
    data=_certificate,
)
publishes("certificate.revoked", _l("A certificate was taken back"), CertificateRevoked, data=_certificate)
