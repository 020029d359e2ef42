"""The audit trail in words: which thing, what about it, and the questions people ask of it."""

import re
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from core import settings
from core.activity import SAID, Activity
from core.i18n import current_zone, format_money, gettext, lazy_pgettext

#: Things by the name of their table's class, as the trail keeps it.
THINGS: dict[str, Any] = {
    "agreement": lazy_pgettext("thing", "Agreement"),
    "agreementacceptance": lazy_pgettext("thing", "Acceptance of an agreement"),
    "allocation": lazy_pgettext("thing", "Budget allocation"),
    "apikey": lazy_pgettext("thing", "API key"),
    "application": lazy_pgettext("thing", "Application"),
    "attempt": lazy_pgettext("thing", "Exam attempt"),
    "attemptseries": lazy_pgettext("thing", "Exam attempts"),
    "budget": lazy_pgettext("thing", "Budget"),
    "certificate": lazy_pgettext("thing", "Certificate"),
    "chargeback": lazy_pgettext("thing", "Chargeback"),
    "claimline": lazy_pgettext("thing", "Line of a funding claim"),
    "course": lazy_pgettext("thing", "Course"),
    "courseversion": lazy_pgettext("thing", "Course version"),
    "customer": lazy_pgettext("thing", "Customer"),
    "deal": lazy_pgettext("thing", "Deal"),
    "document": lazy_pgettext("thing", "Document of a firm"),
    "endpoint": lazy_pgettext("thing", "Web hook"),
    "enrolment": lazy_pgettext("thing", "Enrolment"),
    "entry": lazy_pgettext("thing", "Line of earnings"),
    "event": lazy_pgettext("thing", "Event"),
    "exchangerate": lazy_pgettext("thing", "Exchange rate"),
    "fundingclaim": lazy_pgettext("thing", "Funding claim"),
    "fundingrequest": lazy_pgettext("thing", "Funding request"),
    "invitation": lazy_pgettext("thing", "Invitation"),
    "lead": lazy_pgettext("thing", "Lead"),
    "member": lazy_pgettext("thing", "Partner's person"),
    "offer": lazy_pgettext("thing", "Offer of a lead"),
    "partner": lazy_pgettext("thing", "Partner"),
    "payment": lazy_pgettext("thing", "Payment"),
    "payout": lazy_pgettext("thing", "Payout"),
    "payoutprofile": lazy_pgettext("thing", "Payout details"),
    "payoutrun": lazy_pgettext("thing", "Payout run"),
    "planversion": lazy_pgettext("thing", "Plan version"),
    "product": lazy_pgettext("thing", "Product"),
    "proof": lazy_pgettext("thing", "Proof"),
    "question": lazy_pgettext("thing", "Question"),
    "referralcode": lazy_pgettext("thing", "Referral code"),
    "refund": lazy_pgettext("thing", "Refund"),
    "registration": lazy_pgettext("thing", "Registration"),
    "routingpolicy": lazy_pgettext("thing", "Routing policy"),
    "sale": lazy_pgettext("thing", "Sale"),
    "service": lazy_pgettext("thing", "Service"),
    "statement": lazy_pgettext("thing", "Statement"),
    "tier": lazy_pgettext("thing", "Tier"),
    "user": lazy_pgettext("thing", "Person"),
}

#: What a deed's details and a thing's fields are called.
DETAILS: dict[str, Any] = {
    "account": lazy_pgettext("detail", "Account"),
    "added": lazy_pgettext("detail", "Added"),
    "after": lazy_pgettext("detail", "After"),
    "amount_minor": lazy_pgettext("detail", "Amount"),
    "before": lazy_pgettext("detail", "Before"),
    "cause": lazy_pgettext("detail", "Because of"),
    "changed": lazy_pgettext("detail", "Changed"),
    "country": lazy_pgettext("detail", "Country"),
    "currency": lazy_pgettext("detail", "Currency"),
    "digest": lazy_pgettext("detail", "Fingerprint"),
    "eligible": lazy_pgettext("detail", "Partners to choose from"),
    "email": lazy_pgettext("detail", "E-mail"),
    "fields": lazy_pgettext("detail", "What changed"),
    "first": lazy_pgettext("detail", "For the first time"),
    "former_partner_id": lazy_pgettext("detail", "Partner until then"),
    "key": lazy_pgettext("detail", "Setting"),
    "kind": lazy_pgettext("detail", "Kind"),
    "locale": lazy_pgettext("detail", "Language"),
    "mode": lazy_pgettext("detail", "How"),
    "name": lazy_pgettext("detail", "Name"),
    "note": lazy_pgettext("detail", "Note"),
    "number": lazy_pgettext("detail", "Number"),
    "order": lazy_pgettext("detail", "Order"),
    "policy": lazy_pgettext("detail", "Policy"),
    "problems": lazy_pgettext("detail", "What was wrong"),
    "question": lazy_pgettext("detail", "Question"),
    "reason": lazy_pgettext("detail", "Reason"),
    "role": lazy_pgettext("detail", "Role"),
    "rows": lazy_pgettext("detail", "Rows"),
    "sha256": lazy_pgettext("detail", "Fingerprint"),
    "source": lazy_pgettext("detail", "Source"),
    "status": lazy_pgettext("detail", "State"),
    "stopped": lazy_pgettext("detail", "Stopped"),
    "supplier": lazy_pgettext("detail", "Supplier"),
    "theme": lazy_pgettext("detail", "Appearance"),
    "time_zone": lazy_pgettext("detail", "Time zone"),
    "to_partner_id": lazy_pgettext("detail", "Given to the partner"),
    "total_minor": lazy_pgettext("detail", "Total"),
    "transfer": lazy_pgettext("detail", "Transfer"),
    "version": lazy_pgettext("detail", "Version"),
}
_LONGEST = 120
_NOTHING: tuple[Any, ...] = ("", None, [], {})


def thing_of(row: Activity) -> str:
    """What was acted on: "Deal 17"; empty for the portal as a whole."""
    if not row.subject_type:
        return ""
    word = str(THINGS.get(row.subject_type, row.subject_type.capitalize()))
    return f"{word} {row.subject_id}" if row.subject_id is not None else word


def _word(name: str) -> str:
    known = DETAILS.get(name)
    if known is not None:
        return str(known)
    if not name.isidentifier():  # the number of a paper, which is written as it is
        return name
    return name.removesuffix("_minor").removesuffix("_id").replace("_", " ").capitalize()


#: Codes and digests, which people read by their words and their first signs.
_CODE = re.compile(r"[a-z]+(?:_[a-z]+)+")
_DIGEST = re.compile(r"[0-9a-f]{40,}")
_ENOUGH_OF_A_DIGEST = 12


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list):
        return ", ".join(_said(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{_word(name)}: {_said(one)}" for name, one in value.items() if one not in _NOTHING)
    text = str(value)
    if _CODE.fullmatch(text):
        text = text.replace("_", " ")
    if _DIGEST.fullmatch(text):
        text = f"{text[:_ENOUGH_OF_A_DIGEST]}…"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def details_of(row: Activity) -> list[tuple[str, str]]:
    """What there is to say of a deed: (word, text). What was before and after stands on one line."""
    details = dict(row.details)
    lines: list[tuple[str, str]] = []
    currency = details.get("currency")
    if row.verb == "setting changed" and details.get("key") in settings.DECLARED:
        details["key"] = str(settings.DECLARED[details["key"]].label)
    before, after = details.pop("before", None), details.pop("after", None)
    for name, value in details.items():
        if name == "currency" and any(one.endswith("_minor") for one in details):
            continue
        if name.endswith("_minor") and isinstance(value, int) and isinstance(currency, str):
            lines.append((_word(name), format_money(value, currency)))
        elif value not in _NOTHING:
            lines.append((_word(name), _said(value)))
    return lines + _changes(before, after)


def _changes(before: Any, after: Any) -> list[tuple[str, str]]:
    if isinstance(before, dict) and isinstance(after, dict):
        names = [name for name in after if before.get(name) != after[name]]
        return [
            (_word(name), f"{_said(before.get(name)) or '–'} → {_said(after[name]) or '–'}") for name in names
        ]
    if before is None and after is None:
        return []
    return [(gettext("Change"), f"{_said(before or '') or '–'} → {_said(after or '') or '–'}")]


def find_activities(
    *,
    words: str = "",
    verb: str = "",
    thing: str = "",
    since: date | None = None,
    until: date | None = None,
) -> sa.Select[Activity]:
    """The deeds that ``words`` mean (a deed in the reader's language, or a person), of one kind, thing and time.

    ``until`` counts as a whole day, in the reader's time zone. Latest first.
    """
    query = sa.select(Activity).order_by(Activity.id.desc())
    typed = words.strip()[:100]
    if typed:
        meant = [known for known, said in SAID.items() if typed.casefold() in str(said).casefold()]
        query = query.where(
            sa.or_(
                Activity.verb.in_(meant),
                Activity.verb.icontains(typed, autoescape=True),
                Activity.actor_name.icontains(typed, autoescape=True),
            )
        )
    if verb:
        query = query.where(Activity.verb == verb)
    if thing:
        query = query.where(Activity.subject_type == thing)
    if since is not None:
        query = query.where(Activity.at >= _start_of(since))
    if until is not None:
        query = query.where(Activity.at < _start_of(until + timedelta(days=1)))
    return query


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=ZoneInfo(current_zone()))


def setting_changes(key: str = "") -> sa.Select[Activity]:
    """Who changed which setting, when, from what to what; of one setting, or of all. Latest first."""
    query = sa.select(Activity).where(Activity.verb == "setting changed").order_by(Activity.id.desc())
    return query.where(Activity.details["key"].as_string() == key) if key else query
