"""What a programme may decide about exams and certificates."""

from core.i18n import lazy_gettext
from core.settings import whole_number

_ACADEMY = lazy_gettext("Academy")

PASS_MARK = whole_number(
    "academy.pass_mark", 80, lazy_gettext("Per cent needed to pass an exam"), _ACADEMY, least=50, most=100
)
ATTEMPTS = whole_number(
    "academy.attempts", 3, lazy_gettext("Attempts at an exam"), _ACADEMY, least=1, most=20,
    hint=lazy_gettext("After the last one, only an author can open another series."),
)  # fmt: skip
WAIT_HOURS = whole_number(
    "academy.wait_hours", 24, lazy_gettext("Hours between two attempts"), _ACADEMY, most=720
)
CERTIFICATE_MONTHS = whole_number(
    "academy.certificate_months",
    12,
    lazy_gettext("Months that a certificate lasts"),
    _ACADEMY,
    least=1,
    most=60,
)
RENEWAL_DAYS = whole_number(
    "academy.renewal_days", 90, lazy_gettext("Days before its end that a certificate can be renewed"), _ACADEMY,
    least=1, most=365,
)  # fmt: skip
