"""What a programme may decide about joining and belonging."""

from core.i18n import lazy_gettext
from core.places import is_country
from core.settings import line_of_text, one_of, whole_number

_JOINING = lazy_gettext("Joining")
_FIRMS = lazy_gettext("Partner firms")
_TIERS = lazy_gettext("Tiers and the network")


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
DOCUMENT_DAYS = whole_number(
    "partners.document_days",
    30,
    lazy_gettext("Days before a document of a firm ends from which it waits to be renewed"),
    _FIRMS,
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
GRACE_DAYS = whole_number(
    "partners.grace_days",
    60,
    lazy_gettext("Days between the announcement that a tier is no longer met and its loss"),
    _TIERS,
    most=365,
)
REVIEW = one_of(
    "partners.tier_review",
    "at_once",
    lazy_gettext("When partners move up a tier"),
    _TIERS,
    (
        ("at_once", lazy_gettext("The night they earn it")),
        ("month", lazy_gettext("On the first day of a month")),
        ("quarter", lazy_gettext("On the first day of a quarter")),
    ),
)
BRANCHES_COUNT = one_of(
    "partners.branches_count",
    "parent",
    lazy_gettext("What counts for the tier of a firm with branches"),
    _TIERS,
    (
        ("alone", lazy_gettext("Each firm's own figures")),
        (
            "parent",
            lazy_gettext("The parent's figures with those of its branches; a branch stands by itself"),
        ),
        ("group", lazy_gettext("The figures of the whole group, for the parent and each branch alike")),
    ),
)
YEAR_STARTS = whole_number(
    "partners.year_starts",
    1,
    lazy_gettext("Month in which the programme year begins"),
    _TIERS,
    least=1,
    most=12,
)
KEY_PERCENT = whole_number(
    "partners.key_percent",
    10,
    lazy_gettext("Per cent of the network's revenue from which a partner is a key one"),
    _TIERS,
    least=1,
    most=100,
)
RISK_PERCENT = whole_number(
    "partners.risk_percent",
    20,
    lazy_gettext("Per cent of the network's revenue above which a partner is a risk"),
    _TIERS,
    least=1,
    most=100,
)
ANSWER_DAYS = whole_number(
    "partners.answer_days",
    2,
    lazy_gettext("Working days to answer a partner's message"),
    _FIRMS,
    least=1,
    most=30,
)
