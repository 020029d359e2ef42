"""The clocks, caps and texts of leads that a programme may change."""

import re

from core.i18n import gettext as _
from core.i18n import lazy_gettext as _l
from core.settings import decimal_number, line_of_text, one_of, whole_number

_LEADS = _l("Leads")

ACCEPT_HOURS = whole_number(
    "leads.accept_hours", 8, _l("Working hours to answer an offer"), _LEADS, least=1, most=200,
    hint=_l("Counted in the partner's own working hours and holidays."),
)  # fmt: skip
CONTACT_HOURS = whole_number(
    "leads.contact_hours", 16, _l("Working hours to the first contact"), _LEADS, least=1, most=400
)
CALL_HOURS = whole_number(
    "leads.call_hours", 4, _l("Working hours to call a customer who asked for it"), _LEADS, least=1, most=100,
    hint=_l("Counted from the moment a partner takes the lead, where the customer named no time."),
)  # fmt: skip
UNDO_MINUTES = whole_number(
    "leads.undo_minutes", 15, _l("Minutes in which a partner can undo a claim made by mistake"), _LEADS,
    least=1, most=240,
)  # fmt: skip
UPDATE_DAYS = whole_number("leads.update_days", 14, _l("Days between two updates"), _LEADS, least=1, most=180)
RETURN_DAYS = whole_number(
    "leads.return_days",
    30,
    _l("Days without activity until a lead goes back to the pool"),
    _LEADS,
    least=2,
    most=365,
)
LAPSES_TO_TRIAGE = whole_number(
    "leads.lapses_to_triage", 3, _l("Unanswered offers until a lead goes to triage"), _LEADS, least=1, most=20
)
POOL_DAYS = whole_number(
    "leads.pool_days",
    5,
    _l("Days in the pool until a lead that nobody claims goes to triage"),
    _LEADS,
    least=1,
    most=90,
)
PROGRESS_DAYS = whole_number(
    "leads.progress_days", 21, _l("Days until a lead must have moved on"), _LEADS, least=2, most=180
)
EXTENSION_OF_LEADS = whole_number(
    "leads.extension_days",
    14,
    _l("Days that a partner can add once, with a reason"),
    _LEADS,
    least=1,
    most=90,
)
FORM_MINUTES = whole_number(
    "leads.form_minutes", 120, _l("Minutes that a lead form can be sent"), _LEADS, least=5, most=1440
)
EMBED_ORIGINS = line_of_text(
    "leads.embed_origins", "", _l("Sites that may show the lead form"), _LEADS, most=2000,
    hint=_l("Addresses such as https://www.example.com, with spaces between them."),
)  # fmt: skip
CONSENT_TEXT = line_of_text(
    "leads.consent_text", "", _l("Consent on the lead form"), _LEADS, most=2000, kind="long",
    hint=_l("Empty: the portal's own sentence, in the visitor's language."),
)  # fmt: skip
FORM_ACCENT = line_of_text(
    "leads.form_accent", "", _l("Accent colour of the lead form"), _LEADS, most=7, kind="colour",
    hint=_l("Empty: the programme's own accent."),
)  # fmt: skip

_LINKS = _l("Referral links")


def _site(text: str) -> str:
    if not re.fullmatch(r"https?://[a-z0-9.-]+(:\d{1,5})?(/[\w./~-]*)?", text, re.IGNORECASE):
        raise ValueError(_("Type an address such as https://www.example.com."))
    return text.rstrip("/")


VENDOR_SITE = line_of_text(
    "links.site", "", _l("Your site, where referral links lead"), _LINKS, most=300, check=_site,
    hint=_l("Such as https://www.example.com. Empty: links lead to the portal's own contact form."),
)  # fmt: skip
LINK_DAYS = whole_number(
    "links.days", 90, _l("Days that a click counts"), _LINKS, least=1, most=400,
    hint=_l("So long a first-party cookie remembers it. It holds the link and the moment, nothing of the person."),
)  # fmt: skip
LINK_CREDIT = one_of(
    "links.credit", "last", _l("Which click counts"), _LINKS,
    (("last", _l("The last one")), ("first", _l("The first one"))),
)  # fmt: skip
CREDIT_DAYS = whole_number(
    "links.credit_days", 365, _l("Days from a lead to the sale that its code or link is credited with"), _LINKS,
    least=1, most=1100,
)  # fmt: skip
MISSING_DAYS = whole_number(
    "links.missing_days", 60, _l("Days after an order in which a partner can ask for a missing referral"), _LINKS,
    least=1, most=730,
)  # fmt: skip

_DEALS = _l("Deals")

PROTECTION_DAYS = whole_number(
    "deals.protection_days", 90, _l("Days that an approved deal is protected"), _DEALS, least=1, most=730
)
EXTENSION_DAYS = whole_number(
    "deals.extension_days", 90, _l("Days that one extension adds"), _DEALS, least=1, most=730
)
MOST_OPEN_DEALS = whole_number(
    "deals.most_open",
    25,
    _l("Open registrations that a partner can have at once"),
    _DEALS,
    least=1,
    most=10_000,
)
DECISION_DAYS = whole_number(
    "deals.decision_days", 3, _l("Working days for the vendor to decide"), _DEALS, least=1, most=60
)
LATE_DECISION = one_of(
    "deals.late_decision", "escalate", _l("When the vendor has not decided in time"), _DEALS,
    (("escalate", _l("Tell the managers")), ("approve", _l("Approve the registration"))),
)  # fmt: skip
LICENCE_SHARE = decimal_number(
    "deals.licence_share", "10", _l("Licence share of a project, in per cent"), _DEALS, least="0.1", most="100",
    hint=_l("A reference that every estimate is compared with."),
)  # fmt: skip

RATING_DAYS = whole_number(
    "deals.rating_days",
    30,
    _l("Days after a won deal until its customer is asked how the partner did"),
    _DEALS,
    most=365,
    hint=_l("0: customers are not asked."),
)
LEAST_RATINGS = whole_number(
    "deals.least_ratings",
    3,
    _l("Answers of customers from which a partner has a rating"),
    _DEALS,
    least=1,
    most=100,
    hint=_l("Fewer would tell the partner who said what."),
)
