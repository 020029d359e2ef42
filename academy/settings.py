"""What a programme may decide about exams and certificates."""

from core.i18n import lazy_gettext
from core.settings import line_of_text, whole_number

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
FIRST_COURSE = line_of_text(
    "academy.first_course", "", lazy_gettext("First course of everybody who joins"), _ACADEMY,
    hint=lazy_gettext(
        "The course's code. New colleagues are enrolled, and it is a first step of a new firm. Nothing: none."
    ),
)  # fmt: skip
FILM_HOSTS = line_of_text(
    "academy.film_hosts", "youtube.com, youtu.be, vimeo.com, rutube.ru, vk.com",
    lazy_gettext("Sites whose films lessons may link"), _ACADEMY,
    hint=lazy_gettext("With commas between them. Films are linked, never embedded."),
)  # fmt: skip


def film_hosts() -> frozenset[str]:
    """The sites whose films get a card in lessons."""
    return frozenset(host.strip().lower() for host in FILM_HOSTS.value().split(",") if host.strip())
