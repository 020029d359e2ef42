"""What a programme may decide about co-funding."""

from core.i18n import lazy_gettext
from core.settings import decimal_number, one_of, whole_number

_FUNDING = lazy_gettext("Co-funded events")

RATE = decimal_number(
    "events.rate", "50", lazy_gettext("Share of an event's cost that is reimbursed, in per cent"), _FUNDING, most="100",
    hint=lazy_gettext("A tier's own share goes before it."),
)  # fmt: skip
NOTICE_DAYS = whole_number(
    "events.notice_days",
    14,
    lazy_gettext("Days before an event by which it is requested"),
    _FUNDING,
    most=365,
)
REQUEST_DAYS = whole_number(
    "events.request_days", 5, lazy_gettext("Working days to answer a request"), _FUNDING, least=1, most=60
)
CLAIM_WITHIN_DAYS = whole_number(
    "events.claim_within_days",
    45,
    lazy_gettext("Days after an event to claim its cost"),
    _FUNDING,
    least=1,
    most=365,
)
CLAIM_DAYS = whole_number(
    "events.claim_days", 5, lazy_gettext("Working days to answer a claim"), _FUNDING, least=1, most=60
)
APPEAL_DAYS = whole_number(
    "events.appeal_days",
    10,
    lazy_gettext("Working days to appeal, and to answer an appeal"),
    _FUNDING,
    least=1,
    most=60,
)
TWO_PEOPLE_ABOVE = whole_number(
    "events.two_people_above", 5000, lazy_gettext("Claims above this need two people"), _FUNDING, most=10_000_000,
    hint=lazy_gettext("In whole units of the claim's currency."),
)  # fmt: skip
COST_BASIS = one_of(
    "events.cost_basis", "net", lazy_gettext("What counts as cost"), _FUNDING,
    (
        ("net", lazy_gettext("Without tax: partners get it back from the state")),
        ("gross", lazy_gettext("With tax")),
    ),
)  # fmt: skip
ADVANCE_PERCENT = decimal_number(
    "events.advance_percent", "30", lazy_gettext("Most of the approved amount paid in advance, in per cent"), _FUNDING,
    most="100", hint=lazy_gettext("0: no advances."),
)  # fmt: skip
HOSTS_PER_COUNTRY = whole_number(
    "events.hosts_per_country", 0, lazy_gettext("Partners of a country that may host events in a year"), _FUNDING,
    most=10_000, hint=lazy_gettext("0: as many as want to. Others can join their events."),
)  # fmt: skip
CLASH_DAYS = whole_number(
    "events.clash_days",
    14,
    lazy_gettext("Days between two events of a city, below which they clash"),
    _FUNDING,
    most=365,
)
REMINDER_HOURS = whole_number(
    "events.reminder_hours", 24, lazy_gettext("Hours before an event at which its guests are reminded"), _FUNDING,
    most=336, hint=lazy_gettext("0: they are not."),
)  # fmt: skip
UNUSED_DAYS = whole_number(
    "events.unused_days",
    30,
    lazy_gettext("Days before money set aside lapses, or a cost can no longer be claimed, to remind of it"),
    _FUNDING,
    least=1,
    most=180,
)
