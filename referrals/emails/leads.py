"""What is written to a partner about the leads it is asked to take."""

import re
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from accounts.models import User
from accounts.permissions import Permission
from core import clock, mail
from core.i18n import format_money, gettext, ngettext
from core.signing import is_genuine, sign
from partners.models import Partner
from partners.queries import people_who_may
from referrals.models.leads import Lead
from referrals.models.routing import Offer
from referrals.queries.names import Names
from referrals.settings import RETURN_DAYS

_PURPOSE = "answer to an offer"
_UPDATE = "update of a lead"


def answer_path(offer: Offer, user: User) -> str:
    """Where ``user`` can answer the offer without signing in: good until somebody answers or the offer lapses."""
    named = f"{offer.id}-{user.id}"
    return f"/offer-answers/{named}-{sign(_PURPOSE, named)}"


def read_answer(token: str) -> tuple[int, int] | None:
    """The offer and the person of an answer link; None when it was not made here."""
    match = re.fullmatch(r"(\d{1,18})-(\d{1,18})-([0-9a-f]{64})", token)
    if match is None or not is_genuine(_PURPOSE, f"{match[1]}-{match[2]}", match[3]):
        return None
    return int(match[1]), int(match[2])


def update_path(lead: Lead, user: User) -> str:
    """Where ``user`` can say how it goes without signing in: good until something is written down of the lead."""
    named = f"{lead.id}-{user.id}-{state_of(lead)}"
    return f"/lead-updates/{named}-{sign(_UPDATE, named)}"


def read_update(token: str) -> tuple[int, int, int] | None:
    """The lead, the person, and the state of an update link; None when it was not made here."""
    match = re.fullmatch(r"(\d{1,18})-(\d{1,18})-(\d{1,18})-([0-9a-f]{64})", token)
    if match is None or not is_genuine(_UPDATE, f"{match[1]}-{match[2]}-{match[3]}", match[4]):
        return None
    return int(match[1]), int(match[2]), int(match[3])


def state_of(lead: Lead) -> int:
    """A number that is another one as soon as anything happens with the lead."""
    return int(lead.last_activity_at.timestamp() * 1_000_000)


def who_answers(partner: Partner) -> Sequence[User]:
    """The people of the firm who may take a lead and have signed up."""
    return people_who_may(partner, Permission.LEADS_CLAIM)


def _plain(typed: str) -> str:
    """What a stranger typed, without the signs that mail would take for formatting or a link."""
    return " ".join(re.sub(r"[\[\]()<>`*_~#|\\]|https?://|www\.", " ", typed).split())[:120]


def _said(lead: Lead) -> str:
    return _plain(lead.title_without_contact)


def _need(lead: Lead) -> list[str]:
    """What is known of the customer before anybody has the lead, a line each, in the language being spoken."""
    names = Names()
    place = [_plain(lead.city or ""), names("country", lead.country) if lead.country else ""]
    lines = [
        names.several("product", lead.product_codes),
        names.several("service", lead.service_kinds),
        format_money(lead.size_minor, lead.currency) if lead.size_minor and lead.currency else "",
        ", ".join(part for part in place if part),
        ngettext("%(num)s person", "%(num)s people", lead.employees) if lead.employees else "",
        gettext("Wants to be called") if lead.call_at else "",
    ]
    return [line for line in lines if line]


def _write(name: str, offer: Offer, key: str) -> None:
    for user in who_answers(offer.partner):
        mail.send(
            f"referrals/emails/{name}",
            to=user.email,
            locale=user.locale,
            key=f"{key}:{offer.id}:{user.id}",
            name=user.name,
            due_at=offer.due_at,
            company=_said(offer.lead),
            need=partial(_need, offer.lead),
            answer_url=mail.absolute_url(answer_path(offer, user)),
            offer_url=mail.absolute_url(f"/leads/offers/{offer.id}"),
        )


def offered(offer: Offer) -> None:
    """A new lead, with the link that accepts or declines."""
    _write("lead_offered", offer, "lead-offered")


def reminded(offer: Offer) -> None:
    """Half of the time is over."""
    _write("lead_reminder", offer, "lead-reminder")


def lapsed(offer: Offer) -> None:
    """The lead has gone to somebody else."""
    _write("lead_lapsed", offer, "lead-lapsed")


def returned(lead: Lead, partner: Partner) -> None:
    """The portal took the lead back for want of activity."""
    for user in who_answers(partner):
        mail.send(
            "referrals/emails/lead_returned",
            to=user.email,
            locale=user.locale,
            name=user.name,
            company=_said(lead),
            leads_url=mail.absolute_url("/leads"),
        )


def came_to_our_own(lead: Lead, person: User) -> None:
    """A lead of a company that ``person`` of the vendor talks to."""
    mail.send(
        "referrals/emails/lead_of_ours",
        to=person.email,
        locale=person.locale,
        key=f"own:{lead.id}:{person.id}",
        name=person.name,
        company=_said(lead),
        lead_url=mail.absolute_url(f"/staff/leads/{lead.id}"),
    )


def withdrawn_together(partner: Partner, number: int, first: Sequence[Lead], *, import_id: int) -> None:
    """So many offers to the partner, ``first`` among them, were withdrawn since their file was taken back."""
    for user in who_answers(partner):
        mail.send(
            "referrals/emails/lead_offers_withdrawn",
            to=user.email,
            locale=user.locale,
            key=f"offers-withdrawn:{import_id}:{user.id}",
            name=user.name,
            number=number,
            companies=[_said(lead) for lead in first],
            leads_url=mail.absolute_url("/leads"),
        )


def update_due(lead: Lead, why: str) -> None:
    """Where does it stand? ``why``: nothing was written down for long, or it has not moved on."""
    if lead.partner is None or lead.held_since is None:
        return
    since = lead.held_since if why == "progress" else lead.last_activity_at
    goes_back = max(lead.last_activity_at + timedelta(days=RETURN_DAYS.value()), lead.extended_until or since)
    for user in who_answers(lead.partner):
        mail.send(
            "referrals/emails/lead_update_due",
            to=user.email,
            locale=user.locale,
            name=user.name,
            company=_said(lead),
            why=why,
            days=(clock.now() - since).days,
            goes_back=goes_back,
            update_url=mail.absolute_url(update_path(lead, user)),
            lead_url=mail.absolute_url(f"/leads/{lead.id}"),
        )
