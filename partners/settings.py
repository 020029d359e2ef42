"""What a programme may decide about joining and belonging."""

from core.i18n import lazy_gettext
from core.places import is_country
from core.settings import line_of_text, one_of, whole_number

_JOINING = lazy_gettext("Joining")
_FIRMS = lazy_gettext("Partner firms")


def _country_codes(text: str) -> str:
    from core.i18n import gettext as _

    codes = [code.upper() for code in text.replace(",", " ").split()]
    unknown = [code for code in codes if not is_country(code)]
    if unknown:
        raise ValueError(_("%(codes)s is not a country's code, such as DE or KZ.", codes=", ".join(unknown)))
    return " ".join(codes)


REVIEW_DAYS = whole_number(
    "partners.review_days",
    2,
    lazy_gettext("Working days to answer an application"),
    _JOINING,
    least=1,
    most=30,
)
REAPPLY_DAYS = whole_number(
    "partners.reapply_days",
    30,
    lazy_gettext("Days until somebody turned down may apply again"),
    _JOINING,
    most=365,
)
COUNTRIES = line_of_text(
    "partners.countries",
    "",
    lazy_gettext("Countries whose firms may apply"),
    _JOINING,
    most=1000,
    check=_country_codes,
    hint=lazy_gettext("Codes such as DE AT CH. Empty: every country."),
)
FREE_MAIL = one_of(
    "partners.free_mail",
    "flag",
    lazy_gettext("Applications from a free mailbox"),
    _JOINING,
    (
        ("flag", lazy_gettext("Accepted, with a flag for the reviewer")),
        ("refuse", lazy_gettext("Not accepted")),
    ),
)
ACCEPTANCE_DAYS = whole_number(
    "partners.acceptance_days",
    30,
    lazy_gettext("Days to accept a new version of the agreement"),
    _FIRMS,
    least=1,
    most=365,
)
OPEN_LEAD_CAP = whole_number(
    "partners.open_lead_cap",
    20,
    lazy_gettext("Open leads a new partner can hold at once"),
    _FIRMS,
    least=1,
    most=10_000,
)
DAILY_LEAD_CAP = whole_number(
    "partners.daily_lead_cap",
    10,
    lazy_gettext("Leads a new partner can get a day"),
    _FIRMS,
    least=1,
    most=10_000,
)
