"""Routing and the life of a lead in words for people."""

import re
from dataclasses import dataclass
from typing import Any

from core.contacts import display_phone
from core.i18n import format_moment, ngettext
from core.i18n import lazy_gettext as _l
from partners.models import INDUSTRIES
from referrals.models.leads import CallWish, Lead
from referrals.queries.names import Names
from referrals.routing import SCALE, Filter, Row, factor_figure, factor_label

FILTER_LABELS: dict[Filter, Any] = {
    Filter.STANDING: _l("Not active"),
    Filter.AGREEMENT: _l("Agreement not signed"),
    Filter.COUNTRY: _l("Outside their countries"),
    Filter.REGION: _l("Outside their regions"),
    Filter.LANGUAGE: _l("Another language"),
    Filter.CERTIFICATE: _l("No valid certificate"),
    Filter.SERVICE: _l("Service not offered"),
    Filter.TIER: _l("Tier too low for a firm of this size"),
    Filter.OPEN_LEADS: _l("At the cap of open leads"),
    Filter.DAILY: _l("At the cap of leads a day"),
    Filter.PAUSED: _l("Paused by the partner"),
    Filter.DECLINED: _l("Declined this lead before"),
    Filter.LAPSED: _l("Did not answer in time before"),
}

TRIAGE_REASONS: dict[str, Any] = {
    "nobody_eligible": _l("No partner passes the filters"),
    "nobody_with_room": _l("Partners who could take it have no room today"),
    "nobody_answered": _l("Nobody answered in time"),
    "nobody_claimed": _l("Nobody of the pool claimed it"),
    "called_spam": _l("A partner called it spam"),
    "own_opportunity": _l("We talk to this company ourselves"),
}

RETURN_REASONS: dict[str, Any] = {
    "reassigned": _l("Taken back by a manager"),
    "no_activity": _l("No activity for too long"),
    "protection_ran_out": _l("Protection ran out"),
    "import_undone": _l("Its import was taken back"),
    "merged": _l("Merged with another lead"),
    "claimed_by_mistake": _l("Claimed by mistake"),
    "partner_left": _l("Its partner left the programme"),
}

DEEDS: dict[str, Any] = {
    "lead received": _l("Came in"),
    "lead routed": _l("Routed"),
    "lead offered": _l("Offered"),
    "offer reminded": _l("Reminded at half time"),
    "lead accepted": _l("Accepted"),
    "lead declined": _l("Declined"),
    "offer lapsed": _l("Not answered in time"),
    "offer withdrawn": _l("Offer taken back"),
    "lead claimed": _l("Claimed from the pool"),
    "lead contacted": _l("Contact written down"),
    "lead returned": _l("Left its partner"),
    "lead went to triage": _l("Went to triage"),
    "lead sorted": _l("Sorted by hand"),
    "lead assigned": _l("Partner chosen by hand"),
    "lead warmed": _l("Active in the product"),
    "leads merged": _l("Merged with another lead"),
    "lead extended": _l("More time asked for"),
    "update reminded": _l("Asked where it stands"),
    "lead won": _l("Won"),
    "lead lost": _l("Lost"),
    "reward refused": _l("No reward: a lead of one's own"),
}


@dataclass(frozen=True)
class FactorLine:
    """One factor for people: its value from 0 to 1, and the figure behind it."""

    label: str
    value: float
    shown: str

    @property
    def percent(self) -> int:
        return round(self.value * 100)


def factor_lines(row: Row, names: Names) -> list[FactorLine]:
    """The factors of one candidate, in the order of the policy."""
    return [
        FactorLine(factor_label(scored.factor), scored.value / SCALE, factor_figure(scored, names))
        for scored in row.factors
    ]


_EMAIL_IN_TEXT = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+")
_PHONE_IN_TEXT = re.compile(r"\+?\d[\d\s()/.-]{6,}\d")


def without_contact(text: str | None) -> str:
    """The customer's words with addresses and numbers blotted out: what may be read before a lead is accepted."""
    hidden = _EMAIL_IN_TEXT.sub("•••", text or "")
    return _PHONE_IN_TEXT.sub("•••", hidden)


def call_wish(lead: Lead) -> str | None:
    """When the customer wants to be called; before anybody has the lead, without what one could call."""
    wish, moment = lead.call_at, lead.call_moment
    if not wish:
        return None
    if wish in set(CallWish):
        return str(CallWish(wish).label)
    if moment is not None:
        return format_moment(moment)
    return wish if lead.is_held else without_contact(wish)


def people(number: int | None) -> str | None:
    """The size of a company."""
    return None if number is None else ngettext("%(num)s person", "%(num)s people", number)


def industry_name(code: str | None) -> str | None:
    """A branch of business; what is not on the list is its own name."""
    return str(INDUSTRIES.get(code, code)) if code else None


def spoken() -> dict[str, Any]:
    """What the templates about leads call to say things in words."""
    return {
        "names": Names(),
        "people": people,
        "industry_name": industry_name,
        "display_phone": display_phone,
        "call_wish": call_wish,
    }
